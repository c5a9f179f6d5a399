"""Badges in the store: each counts for one person, until its end, and until the next; every refusal has its kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from store_kit import HOUR, MORNING, Hands, new_store, reopened
from store_once import copied, opened, shut

from kiosk.faults import Fault, FaultCode
from kiosk.rights.holdings import holdings
from kiosk.store import Store, badges, sweep, told
from kiosk.store.badges import Current, Holder, Refused, Why
from kiosk.store.erasure import erase_person
from kiosk.store.sweep import Swept
from wire import badge
from wire.badge import Badge
from wire.message import Sibling, Trust
from wire.signing import SigningKey, key_id

DAY = 24 * HOUR
CODE, OTHER = "E-0417", "E-2"


def _two(state: Path) -> None:
    store = new_store(state, Hands())
    for code, name in ((CODE, "Budi Santoso"), (OTHER, "Sri Wahyuni")):
        store.people.add(code, name)
    shut(store)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    copied(_two, tmp_path / "state")
    return opened(tmp_path / "state", Hands())


def person(store: Store, code: str = CODE) -> str:
    found = store.people.by_code(code)
    assert found is not None
    return found.id


def acts(store: Store, kind: str) -> list[dict[str, Any]]:
    return [act["detail"] for _, act in store.ledger.local_acts("2026-11") if act["kind"] == kind]


def hands(store: Store) -> Hands:
    assert isinstance(store.clock, Hands)
    return store.clock


def why(store: Store, text: str) -> Why | None:
    found = badges.tried(store, text)
    return found.why if isinstance(found, Refused) else None


def test_a_badge_counts_for_the_person_it_was_given_to_until_its_last_second(store: Store) -> None:
    mine = badges.issue(store, person(store), 30, by="00ff")
    theirs = badges.issue(store, person(store, OTHER), 30, by="00ff")
    assert len(mine.token) == badge.LENGTH
    assert mine.ends_at == MORNING + 30 * DAY
    assert badges.holder(store, mine.token) == Holder(person(store))
    assert badges.holder(store, theirs.token) == Holder(person(store, OTHER))
    assert badges.current(store, person(store)) == Current(MORNING, mine.ends_at)
    store = reopened(store)
    hands(store).move(30 * DAY - 1000)
    assert badges.holder(store, mine.token) == Holder(person(store))
    hands(store).move(1000)
    assert why(store, mine.token) is Why.EXPIRED
    assert [act["days"] for act in acts(store, "badge_issued")] == [30, 30]


def test_another_badge_ends_the_one_before_and_a_revoked_one_never_counts_again(store: Store) -> None:
    lost = badges.issue(store, person(store), by="00ff")
    found = badges.issue(store, person(store), by="00ff")
    assert why(store, lost.token) is Why.REVOKED
    assert badges.holder(store, found.token) == Holder(person(store))
    generation = store.database.row("SELECT generation FROM store")
    assert badges.revoke(store, person(store), by="00ff")
    assert store.database.row("SELECT generation FROM store") != generation, "an older copy would let it count again"
    assert not badges.revoke(store, person(store), by="00ff")
    assert why(store, found.token) is Why.REVOKED
    assert badges.current(store, person(store)) is None
    refused, issued = acts(store, "badge_refused"), acts(store, "badge_issued")
    assert [act["badge"] for act in refused] == [act["badge"] for act in issued]
    assert {act["person"] for act in refused} == {person(store)}


def test_each_refusal_has_its_own_kind_in_the_ledger_and_tells_nothing_of_the_code(store: Store) -> None:
    mine = badges.issue(store, person(store), by="00ff").token
    stranger, sibling = SigningKey.generate(), SigningKey.generate()
    with store.database.write():
        told.put(store, Sibling("d" * 16, sibling.public.hex(), Trust.TRUSTED))
    made = {key: badge.issue(Badge(b"12345678", key_id(key.public), 2_000_000_000), key) for key in (stranger, sibling)}
    letter = "A" if mine[40] != "A" else "B"
    cases = {
        made[stranger]: Why.ISSUER,
        made[sibling]: Why.UNKNOWN,
        mine[:40] + letter + mine[41:]: Why.FORGED,
        mine[:-1]: Why.NO_BADGE,
        "AB1" + "\u00e9" * 112: Why.NO_BADGE,
        "'; DROP TABLE badges; --": Why.NO_BADGE,
        "": Why.NO_BADGE,
    }
    assert {text: why(store, text) for text in cases} == cases
    found = acts(store, "badge_refused")
    assert [act["why"] for act in found] == [each.value for each in cases.values()]
    assert all(set(act) <= {"why", "badge"} for act in found)
    assert not any(text[3:40] in str(found) for text in cases if text)
    assert badges.holder(store, mine) == Holder(person(store))


@pytest.mark.parametrize("state", ["suspended", "left"])
def test_the_badge_of_somebody_who_may_not_use_the_door_is_refused(store: Store, state: str) -> None:
    mine = badges.issue(store, person(store), by="00ff").token
    with store.database.write():
        store.database.run("UPDATE people SET state = ? WHERE id = ?", state, person(store))
    assert why(store, mine) is Why.HOLDER


def test_nobody_who_is_not_there_and_no_other_number_of_days_has_a_badge(store: Store) -> None:
    with pytest.raises(Fault) as raised:
        badges.issue(store, "0" * 16, by="00ff")
    assert raised.value.code is FaultCode.PERSON_UNKNOWN
    for days in (0, 1097, -1):
        with pytest.raises(ValueError, match="days"):
            badges.issue(store, person(store), days, by="00ff")
    assert acts(store, "badge_issued") == []


ALTERED: dict[str, str] = {
    "given to somebody else": "UPDATE badges SET person = (SELECT id FROM people WHERE id <> person)",
    "turned back": "UPDATE badges SET state = 'active' WHERE state = 'revoked'",
    "flipped": "UPDATE badges SET sealed = zeroblob(length(sealed)) WHERE state = 'revoked'",
}


@pytest.mark.parametrize("statement", ALTERED.values(), ids=ALTERED.keys())
def test_a_row_that_somebody_altered_opens_for_nobody(store: Store, statement: str) -> None:
    mine = badges.issue(store, person(store), by="00ff").token
    badges.revoke(store, person(store), by="00ff")
    with store.database.write():
        assert store.database.run(statement) == 1
    with pytest.raises(Fault) as raised:
        badges.tried(store, mine)
    assert raised.value.code is FaultCode.PERSON_DAMAGED
    store.quarantine.settle()
    assert [each.place for each in store.quarantine.all()] == ["badges"]
    again = badges.issue(store, person(store), by="00ff")
    assert badges.holder(store, again.token) == Holder(person(store))


def swept(store: Store) -> Swept:
    found = list[Swept]()

    def walk() -> Iterator[int]:
        found.append((yield from sweep.steps(store, keep=False)))

    assert sum(walk()) > 0
    return found[0]


def test_the_sweep_opens_every_badge(store: Store) -> None:
    badges.issue(store, person(store), by="00ff")
    badges.issue(store, person(store), by="00ff")
    found = swept(store)
    assert (found.opened["badges"], found.damaged, found.otherwise) == (2, 0, ())


def test_a_badge_that_was_put_back_as_it_was_before_is_not_as_the_ledger_last_said(store: Store) -> None:
    badges.issue(store, person(store), by="00ff")
    before = store.database.row("SELECT sealed, row_version FROM badges")
    assert before is not None
    badges.revoke(store, person(store), by="00ff")
    assert swept(store).otherwise == ()
    with store.database.write():
        store.database.run("UPDATE badges SET state = 'active', sealed = ?, row_version = ?", *before)
    (index,) = store.database.row("SELECT lower(hex(badge_index)) FROM badges") or ("",)
    assert swept(store).otherwise == (("badges", index),)


def test_the_copy_of_the_person_says_that_they_have_a_badge_and_until_when(store: Store) -> None:
    assert holdings(store, person(store)).field("badge") == ""
    badges.issue(store, person(store), 30, by="00ff")
    found = holdings(store, person(store))
    assert found.field("badge") == "2026-12-16"
    assert "badge_issued" in {each.kind for each in found.logged}


def test_an_erased_person_s_badge_is_of_nobody(store: Store) -> None:
    mine = badges.issue(store, person(store), by="00ff").token
    erase_person(store, person(store))
    assert why(store, mine) is Why.UNKNOWN
    assert store.database.rows("SELECT * FROM badges") == []
