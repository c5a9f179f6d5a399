"""A store that its anchors refuse is accepted by two administrators, or not at all where a key protects it."""

import io
import json
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, WRONG, acts, another, first_admin
from hypothesis import given
from hypothesis import strategies as st
from store_kit import Hands, check_in, enrolled, key_of, new_store

from kiosk.__main__ import main
from kiosk.faults import Fault, FaultCode
from kiosk.store import FileRootKey, LocalKind, SecurityLevel, Store
from kiosk.store.acceptance import accept, administrators, logins_needed
from kiosk.store.account_acts import add, reset
from kiosk.store.admins import LOCK_AFTER
from kiosk.store.anchor import FILE
from kiosk.store.approval import Role

BOTH = [(RATNA, GOOD), (BUDI, ALSO_GOOD)]
WHY = FaultCode.STORE_ROLLED_BACK


class OffTheCard(FileRootKey):
    """A key that is not on the card, as far as anybody can tell."""

    @property
    def security_level(self) -> SecurityLevel:
        return SecurityLevel.HARDWARE


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def rolled_back(state: Path, hands: Hands, people: int) -> None:
    """A store with so many administrators, put back after it had gone on."""
    store = new_store(state, hands)
    if people:
        ratna = first_admin(store)
        if people > 1:
            another(store, ratna)
    store.close()
    old = {name: (state / name).read_bytes() for name in ("records.db", "templates.db")}
    newer = Store.open(state, key_of(state), clock=hands)
    newer.ledger.append(check_in(newer), enrolled(newer))
    newer.close()
    for name, content in old.items():
        (state / name).write_bytes(content)


def refused(state: Path, hands: Hands, *, level: SecurityLevel = SecurityLevel.WEAK) -> Store:
    provider = key_of(state) if level is SecurityLevel.WEAK else OffTheCard(state / "root.key")
    with pytest.raises(Fault) as raised:
        Store.open(state, provider, clock=hands)
    assert raised.value.code in {FaultCode.STORE_ROLLED_BACK, FaultCode.ANCHOR_LOST}
    return Store.open(state, provider, clock=hands, anchored=False)


def still_refused(state: Path, hands: Hands) -> bool:
    refused(state, hands).database.close()
    return True


def fault_of(store: Store, logins: list[tuple[str, str]], *, alone: bool = False) -> FaultCode:
    with pytest.raises(Fault) as raised:
        accept(store, logins, why=WHY, alone=alone)
    return raised.value.code


def test_two_administrators_accept_and_the_ledger_names_both(state: Path, hands: Hands) -> None:
    rolled_back(state, hands, 2)
    store = refused(state, hands)
    assert accept(store, BOTH, why=WHY) == 2
    store.database.close()
    again = Store.open(state, key_of(state), clock=hands)
    kinds = dict(acts(again))
    ids = {account.record.name: account.id for account in again.admins.all()}
    assert kinds[LocalKind.ROLLBACK_ACCEPTED] == {
        "first": ids[RATNA],
        "second": ids[BUDI],
        "why": "store_rolled_back",
        "people": 2,
    }
    again.ledger.verify()
    again.close()


def test_a_lost_anchor_is_accepted_the_same_way(state: Path, hands: Hands) -> None:
    store = new_store(state, hands)
    another(store, first_admin(store))
    store.close()
    (state / FILE).unlink()
    found = refused(state, hands)
    assert accept(found, BOTH, why=FaultCode.ANCHOR_LOST) == 2
    found.database.close()
    Store.open(state, key_of(state), clock=hands).close()


def test_one_of_them_one_twice_a_wrong_password_or_another_role_accept_nothing(state: Path, hands: Hands) -> None:
    store = new_store(state, hands)
    ratna = first_admin(store)
    another(store, ratna)
    another(store, ratna, "Data Protection", "nasi Uduk 8 malam", Role.DPO)
    store.close()
    (state / FILE).unlink()
    found = refused(state, hands)
    for logins, code in (
        ([(RATNA, GOOD)], FaultCode.APPROVAL_MISSING),
        ([], FaultCode.APPROVAL_MISSING),
        ([(RATNA, GOOD), (RATNA, GOOD)], FaultCode.APPROVAL_MISSING),
        ([(RATNA, GOOD), ("Data Protection", "nasi Uduk 8 malam")], FaultCode.APPROVAL_MISSING),
        ([(RATNA, GOOD), (BUDI, WRONG)], FaultCode.LOGIN_REFUSED),
    ):
        for alone in (False, True):
            assert fault_of(found, logins, alone=alone) is code, logins
            hands.move(1_000_000)
    assert still_refused(state, hands)
    assert LocalKind.ROLLBACK_ACCEPTED not in dict(acts(found))
    found.database.close()


@pytest.mark.parametrize("people", [0, 1])
def test_fewer_than_two_are_too_few_where_a_key_protects_the_store(state: Path, hands: Hands, people: int) -> None:
    rolled_back(state, hands, people)
    found = refused(state, hands, level=SecurityLevel.HARDWARE)
    for alone in (False, True):
        assert fault_of(found, BOTH[:people], alone=alone) is FaultCode.APPROVAL_MISSING
    found.database.close()
    assert still_refused(state, hands)


@pytest.mark.parametrize("people", [0, 1])
def test_where_the_key_lies_on_the_card_fewer_accept_if_they_say_so(state: Path, hands: Hands, people: int) -> None:
    rolled_back(state, hands, people)
    found = refused(state, hands)
    assert fault_of(found, BOTH[:people]) is FaultCode.APPROVAL_MISSING
    if people:
        assert fault_of(found, [], alone=True) is FaultCode.APPROVAL_MISSING, "the one that is there has to log in"
        assert fault_of(found, [(RATNA, WRONG)], alone=True) is FaultCode.LOGIN_REFUSED
        hands.move(10_000)
    assert accept(found, BOTH[:people], why=WHY, alone=True) == people
    assert dict(acts(found))[LocalKind.ROLLBACK_ACCEPTED]["people"] == people
    found.database.close()
    Store.open(state, key_of(state), clock=hands).close()


@given(st.integers(0, 9), st.sampled_from(list(SecurityLevel)), st.booleans())
def test_how_many_have_to_log_in(there: int, level: SecurityLevel, alone: bool) -> None:  # noqa: FBT001
    needed = logins_needed(there, level, alone=alone)
    if there >= 2:
        assert needed == 2
    elif level is not SecurityLevel.WEAK or not alone:
        assert needed is None
    else:
        assert needed == there


def test_an_account_that_waits_for_its_code_is_not_counted(state: Path, hands: Hands) -> None:
    store = new_store(state, hands)
    ratna = first_admin(store)
    budi = another(store, ratna)
    assert administrators(store) == 2
    add(store, "Third", Role.ADMIN, ratna)
    another(store, ratna, "Fourth", "nasi Uduk 8 malam", Role.AUDITOR)
    assert administrators(store) == 2
    reset(store, budi.account, None)
    assert administrators(store) == 1
    store.close()


def test_passwords_that_are_too_old_still_accept_for_nobody_can_change_them_here(state: Path, hands: Hands) -> None:
    rolled_back(state, hands, 2)
    hands.move(200 * 86_400_000)
    found = refused(state, hands)
    assert accept(found, BOTH, why=WHY) == 2
    found.database.close()


def test_guessing_at_a_refused_store_locks_and_does_not_open_it(state: Path, hands: Hands) -> None:
    rolled_back(state, hands, 2)
    found = refused(state, hands)
    for _ in range(LOCK_AFTER):
        fault_of(found, [(RATNA, WRONG), (BUDI, WRONG)])
        hands.move(1_000_000)
    assert fault_of(found, BOTH) is FaultCode.ACCOUNT_LOCKED
    found.database.close()
    assert still_refused(state, hands)


def test_the_newer_store_is_refused_after_the_older_one_was_accepted(state: Path, hands: Hands) -> None:
    store = new_store(state, hands)
    another(store, first_admin(store))
    store.close()
    old = {name: (state / name).read_bytes() for name in ("records.db", "templates.db")}
    newer = Store.open(state, key_of(state), clock=hands)
    newer.ledger.append(check_in(newer), enrolled(newer))
    newer.close()
    new = {name: (state / name).read_bytes() for name in old}
    for name, content in old.items():
        (state / name).write_bytes(content)
    found = refused(state, hands)
    accept(found, BOTH, why=WHY)
    found.database.close()
    for name, content in new.items():
        (state / name).write_bytes(content)
    assert still_refused(state, hands)


def typing(monkeypatch: pytest.MonkeyPatch, lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))


def test_the_command_asks_for_both_passwords_and_says_what_was_accepted(
    state: Path, hands: Hands, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rolled_back(state, hands, 2)
    data = str(state.parent)
    called = ["store", "accept", "--data", data, "--first", RATNA, "--second", BUDI, "--json"]
    typing(monkeypatch, f"{GOOD}\n{WRONG}\n")
    assert main(called) == 2
    assert "Name and password do not fit" in capsys.readouterr().err
    typing(monkeypatch, f"{GOOD}\n{ALSO_GOOD}\n")
    hands.move(10_000)
    waited = Store.open(state, key_of(state), clock=hands, anchored=False)
    with waited.database.write():
        waited.database.run("DELETE FROM attempts")  # the command reads the real clock
    waited.database.close()
    assert main(called) == 0
    assert json.loads(capsys.readouterr().out) == {"accepted": True, "people": 2, "why": "store_rolled_back"}
    assert main(called) == 0
    assert json.loads(capsys.readouterr().out) == {"accepted": False}


def test_the_command_lets_nobody_accept_a_demonstration_by_mistake(
    state: Path, hands: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    rolled_back(state, hands, 0)
    assert main(["store", "accept", "--data", str(state.parent)]) == 2
    assert "This account may not do that (nobody can accept this store)" in capsys.readouterr().err
    assert main(["store", "accept", "--data", str(state.parent), "--alone"]) == 0
    assert capsys.readouterr().out.startswith("This store is the newest there is from now on")
