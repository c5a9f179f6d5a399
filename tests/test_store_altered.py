"""One altered row, as a failing card or a thief leaves it: a fault with a name, or quarantine; never a crash."""

from collections.abc import Callable
from pathlib import Path

import pytest
from store_kit import DIM, MODEL, MORNING, check_in, enrolled, here, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, Store, outbox

ALTERED = "CAST(substr(wrapped, 1, 40) || x'00000000' || substr(wrapped, 45) AS BLOB)"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def sql(store: Store, statement: str) -> None:
    with store.database.write():
        assert store.database.run(statement) > 0


def altered_key(store: Store, kind: str) -> Store:
    sql(store, f"UPDATE keys SET wrapped = {ALTERED} WHERE kind = '{kind}'")  # noqa: S608 - two constants
    return reopened(store)


def test_a_rotation_key_that_was_altered_is_a_fault_of_the_store(store: Store) -> None:
    enrolled(store)
    again = altered_key(store, "rotation")
    with pytest.raises(Fault) as raised:
        again.templates.rotation(MODEL, DIM)
    assert raised.value.code is FaultCode.STORE_TAMPERED


APPENDS: dict[str, Callable[[Store, str], object]] = {
    "device": lambda store, _: store.append_local(LocalKind.STARTED, {}),
    "record": lambda store, person: store.ledger.append(check_in(store), person),
}


@pytest.mark.parametrize("kind", APPENDS)
def test_a_key_of_a_month_that_was_altered_is_set_aside_and_appending_goes_on(store: Store, kind: str) -> None:
    person = enrolled(store)
    store.ledger.append(check_in(store), person)
    again = altered_key(store, kind)
    before = again.ledger.size()
    APPENDS[kind](again, person)
    assert again.ledger.size() == before + 2  # what was done, and what was found
    assert [found.place for found in again.quarantine.all()] == ["keys"]
    assert again.ledger.verify() == before + 2


def test_a_month_whose_key_was_altered_is_passed_over_and_reported(store: Store) -> None:
    person = enrolled(store)
    store.ledger.append(check_in(store), person)
    again = altered_key(store, "record")
    assert again.history.last_action(person, MORNING) is None
    assert again.history.worked_today(person, MORNING - 1, MORNING + 1) == 0
    assert [(found.place, found.person) for found in again.quarantine.all()] == [("keys", person)]


@pytest.mark.parametrize("altered", ["the key", "the body"])
def test_an_entry_that_does_not_open_is_reported_and_does_not_hold_up_the_others(
    store: Store, tmp_path: Path, altered: str
) -> None:
    spoilt, whole = enrolled(store), enrolled(store, "E-2", "Sri", seeds=(2,))
    store.ledger.append(check_in(store), spoilt)
    if altered == "the key":
        key = f"UPDATE keys SET wrapped = {ALTERED} WHERE kind = 'record' AND person = '{spoilt}'"  # noqa: S608
        sql(store, key)
    else:
        sql(store, "UPDATE bodies SET sealed = zeroblob(200) WHERE audience = 1")
    again = reopened(store)
    again.ledger.append(check_in(again, code="E-2"), whole)
    exchange = outbox.begin_anew(tmp_path / "exchange.db")
    outbox.forward(here(again), exchange)
    assert exchange.unsettled().events == 1
    assert exchange.last_seq() == again.ledger.size()
    assert [(found.place, found.person) for found in again.quarantine.all()] == [("bodies", spoilt)]
    exchange.close()


def test_text_that_is_no_text_is_a_damaged_store(store: Store) -> None:
    person = enrolled(store)
    store.ledger.append(check_in(store), person)
    sql(store, "UPDATE undelivered SET person = CAST(x'ff' AS TEXT)")
    with pytest.raises(Fault) as raised:
        store.database.rows("SELECT person FROM undelivered")
    assert raised.value.code is FaultCode.STORE_DAMAGED
