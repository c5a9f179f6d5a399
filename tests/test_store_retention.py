"""Old months go, body by body and key by key, when headquarters has signed for them; the chain still proves them."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_kit import HQ, HQ_NAME, countersign
from store_kit import HOUR, Hands, check_in, new_store, reopened

from kiosk.cli import store as store_command
from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, Store, erasure, outbox, retention
from kiosk.store.audit import audit
from kiosk.store.bodies import open_all
from kiosk.store.intents import IntentKind
from kiosk.store.keys import KeyKind
from kiosk.store.ledger import month
from kiosk.store.promises import Signer
from kiosk.store.residue import residue
from kiosk.store.retention import Dropped, drop_before, due, steps
from kiosk.store.vault import tag

DAY = 24 * HOUR
YEARS_AGO = 1_727_740_800_000  # 2024-10-01 00:00 UTC
LAST = "2026-11"
PERIODS = [f"{2024 + (9 + number) // 12}-{(9 + number) % 12 + 1:02d}" for number in range(26)]


@pytest.fixture
def hands() -> Hands:
    return Hands(wall_ms=YEARS_AGO)


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    return new_store(tmp_path / "state", hands)


@pytest.fixture
def people(store: Store) -> list[str]:
    return [store.people.add(f"E-{number}", "Budi Santoso") for number in range(3)]


def two_years(store: Store, hands: Hands, people: list[str], *, a_month: int = 3) -> None:
    """From October 2024 to November 2026, each month some check-ins of each person and one local act."""
    for period in PERIODS:
        year, number = map(int, period.split("-"))
        now = int(datetime(year, number, 5, tzinfo=UTC).timestamp() * 1000)
        hands.move(now - hands.wall_ms)
        with store.database.write():
            for _ in range(a_month):
                for index, person in enumerate(people):
                    store.ledger.append(check_in(store, code=f"E-{index}"), person)
            store.append_local(LocalKind.STARTED, {})


def counts(store: Store) -> dict[str, int]:
    return dict(store.database.rows("SELECT period, count(*) FROM bodies GROUP BY period"))


def key_months(store: Store) -> set[str]:
    return {row[0] for row in store.database.rows("SELECT period FROM keys WHERE kind IN ('record', 'device')")}


def verified(store: Store) -> int:
    """Entries of a ledger that is whole, with every body that is left."""
    audited = audit(store.database, Signer(store.device_id, store.device_public, {HQ_NAME: HQ.public}))
    opened = open_all(store)
    assert (opened.missing, opened.stranded, opened.without_key) == (0, 0, 0)
    assert opened.opened == audited.walked.bodies
    return audited.walked.entries


def test_two_years_of_bodies_and_keys_go_and_the_chain_still_proves_every_entry(
    store: Store, hands: Hands, people: list[str]
) -> None:
    two_years(store, hands, people)
    countersign(store)
    size, before = store.ledger.size(), counts(store)
    assert list(before) == PERIODS
    keys = {store.keys.get(KeyKind.RECORD, person=people[0], period=period) for period in PERIODS}
    done = drop_before(store, LAST)
    assert done == Dropped(size - before[LAST], 25 * 4, 0, 0)
    assert counts(store) == {LAST: before[LAST] + 1}  # and the act itself
    assert key_months(store) == {LAST}
    assert verified(store) == size + 1
    assert store.ledger.local_acts(LAST)[-1][1]["detail"] == {
        "before": LAST,
        "bodies": done.bodies,
        "keys": done.keys,
        "kept": 0,
        "unsearched": 0,
    }
    tags = {row[0] for row in store.database.rows("SELECT tag FROM bodies")}
    assert len({tag(key, 0) for key in keys if key} & tags) == 1  # of the month that is left
    assert len(store.history.events(people[0], YEARS_AGO, hands.wall_ms + DAY)) == 3
    assert verified(reopened(store)) == size + 1


def test_nothing_of_what_went_is_left_in_any_file(store: Store, hands: Hands, people: list[str]) -> None:
    two_years(store, hands, people)
    countersign(store)
    gone = [row[0] for row in store.database.rows("SELECT sealed FROM bodies WHERE period < ?", LAST)]
    gone += [row[0] for row in store.database.rows("SELECT wrapped FROM keys WHERE period <> '' AND period < ?", LAST)]
    assert len(gone) == 354
    assert residue(store.database.directory, gone) == ("records.db",)
    drop_before(store, LAST)
    assert residue(store.database.directory, gone) == ()


def test_bytes_that_a_careless_deletion_leaves_are_found_and_written_over(
    store: Store, hands: Hands, people: list[str]
) -> None:
    two_years(store, hands, people)
    countersign(store)
    gone = [row[0] for row in store.database.rows("SELECT sealed FROM bodies WHERE period < ?", LAST)]
    store.database._connection.execute("PRAGMA main.secure_delete = 0")
    drop_before(store, LAST)
    assert residue(store.database.directory, gone) == ()


def test_bytes_that_stay_whatever_is_done_are_said(
    store: Store, hands: Hands, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    two_years(store, hands, people)
    countersign(store)
    store.database._connection.execute("PRAGMA main.secure_delete = 0")
    monkeypatch.setattr(store.database, "rewrite", lambda: None)
    with pytest.raises(Fault) as raised:
        drop_before(store, LAST)
    assert (raised.value.code, raised.value.detail) == (FaultCode.ERASURE_INCOMPLETE, "records.db")
    assert store.intents.find(IntentKind.APPLY_RETENTION) is not None


def test_what_headquarters_has_not_signed_for_stays_and_is_told(store: Store, hands: Hands, people: list[str]) -> None:
    two_years(store, hands, people)
    size = store.ledger.size()
    assert drop_before(store, LAST) == Dropped(0, 0, 100, 0)
    assert store.ledger.size() == size
    countersign(store, size // 2)
    waiting = outbox.undelivered(store)
    first = store.database.row("SELECT min(period) FROM undelivered")
    done = drop_before(store, LAST)
    assert first is not None
    whole = PERIODS.index(first[0]) * 4  # keys of months that are signed for to their end
    assert whole <= done.keys < whole + 4
    assert done.kept == 100 - done.keys
    assert outbox.undelivered(store) == waiting
    assert verified(store) == size + 1
    countersign(store)
    assert drop_before(store, LAST).kept == 0
    assert set(counts(store)) == {LAST}
    assert verified(store) == size + 2


def test_the_device_keeps_its_own_entries_as_long(store: Store, hands: Hands) -> None:
    hands.move(40 * DAY)
    store.append_local(LocalKind.STARTED, {})
    assert drop_before(store, LAST).kept == 2
    countersign(store)
    assert drop_before(store, month(hands.wall_ms)).kept == 0
    assert set(counts(store)) == {month(hands.wall_ms)}


def test_of_whom_nothing_may_go_nothing_goes(store: Store, hands: Hands, people: list[str]) -> None:
    two_years(store, hands, people)
    countersign(store)
    done = drop_before(store, LAST, held={people[1]})
    assert done.kept == 25
    assert [len(store.history.events(person, YEARS_AGO, hands.wall_ms + DAY)) for person in people] == [3, 78, 3]
    assert drop_before(store, LAST).keys == 25
    verified(store)


def test_an_entry_of_an_old_month_that_comes_in_between_is_kept(
    store: Store, hands: Hands, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    two_years(store, hands, people)
    countersign(store)
    monkeypatch.setattr(retention, "_DROPPED", 50)
    run = steps(store, LAST)
    for _ in range(27):  # the keys are gone, and two pieces of the bodies
        next(run)
    old = check_in(store, at=YEARS_AGO + 10 * DAY, code="E-0")
    store.ledger.append(old, people[0])
    assert sum(run) > 0
    assert [event.event_id for event in store.history.events(people[0], YEARS_AGO, YEARS_AGO + 20 * DAY)] == [
        old.event_id
    ]
    assert outbox.undelivered(store) == 1
    verified(store)


@pytest.mark.parametrize("stop", [0, 1, 5, 26, 27, 29])
def test_a_run_that_was_broken_off_is_gone_on_with(
    store: Store, hands: Hands, people: list[str], stop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_DROPPED", 50)
    two_years(store, hands, people)
    countersign(store)
    bodies = sum(counts(store).values()) - counts(store)[LAST]
    run = steps(store, LAST)
    for _ in range(stop):
        next(run)
    run.close()
    again = reopened(store)
    done = drop_before(again, LAST)
    assert (done.bodies, done.keys, done.kept) == (bodies, 100, 0)
    assert (done.unsearched > 0) is (stop > 0)
    acts = [act["detail"] for _, act in again.ledger.local_acts(LAST) if act["kind"] == LocalKind.RETENTION_APPLIED]
    assert [act["bodies"] for act in acts] == [bodies]
    assert again.intents.all_open() == []
    verified(again)


def test_what_is_remembered_is_searched_for_in_pieces(
    store: Store, hands: Hands, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_SEARCHED", 40)
    two_years(store, hands, people)
    countersign(store)
    gone = [row[0] for row in store.database.rows("SELECT sealed FROM bodies WHERE period < ?", LAST)]
    store.database._connection.execute("PRAGMA main.secure_delete = 0")
    assert drop_before(store, LAST).unsearched == 0
    assert residue(store.database.directory, gone) == ()


def test_another_run_with_nothing_to_do_writes_nothing(store: Store, hands: Hands, people: list[str]) -> None:
    two_years(store, hands, people)
    countersign(store)
    drop_before(store, LAST)
    size = store.ledger.size()
    assert drop_before(store, LAST) == Dropped(0, 0, 0, 0)
    assert store.ledger.size() == size
    assert store.database.row("SELECT count(*) FROM intents") == (1,)


@pytest.mark.parametrize("period", ["", "2026", "2026-13", "2026-00", "26-01", "2026-01-01"])
def test_a_word_that_is_no_month_drops_nothing(store: Store, period: str) -> None:
    with pytest.raises(ValueError, match="month"):
        drop_before(store, period)


@given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_everybody_goes_or_stays_and_only_for_a_reason(slots: set[str], waiting: set[str], held: set[str]) -> None:
    found = due(slots, waiting, held)
    assert set(found.drop) | set(found.keep) == slots
    assert not set(found.drop) & (set(found.keep) | waiting | held)
    assert set(found.keep) <= waiting | held


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    (tmp_path / "kiosk.toml").write_text(f'[headquarters]\nname = "{HQ_NAME}"\npublic = "{HQ.public.hex()}"\n')
    return tmp_path


def test_after_an_erasure_and_after_retention_the_command_finds_the_ledger_whole_and_the_person_nowhere(
    store: Store, hands: Hands, people: list[str], configured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_years(store, hands, people)
    countersign(store)
    periods = (*PERIODS,)
    keys = [store.keys.get(KeyKind.RECORD, person=people[0], period=period) for period in periods]
    erasure.erase_person(store, people[0])
    countersign(store)
    drop_before(store, LAST)
    with closing(store):
        tags = {row[0] for row in store.database.rows("SELECT tag FROM bodies")}
        assert not tags & {tag(key, number) for key in keys if key for number in range(50)}
        assert [store.ledger.count(people[0], period) for period in periods] == [0] * len(periods)
        assert store.history.events(people[0], YEARS_AGO, hands.wall_ms + DAY) == []
        assert people[0] not in str(store.database.rows("SELECT * FROM bodies")) + str(
            store.database.rows("SELECT * FROM keys")
        )
        size = store.ledger.size()
    assert store_command.main(["verify-ledger", "--data", str(configured), "--bodies", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["entries"], found["without_key"], found["missing"], found["stranded"]) == (size, 0, 0, 0)
    assert found["bodies"] == found["opened"] < 20 < size
