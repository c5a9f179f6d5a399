"""The hierarchy of keys: one store key opens everything, under whichever root key it was put."""

from pathlib import Path

import pytest
from store_kit import MORNING, OPENED, Hands, adopted, check_in, enrolled, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import FileRootKey, LocalKind, Store
from kiosk.store.keys import KeyKind

DAY = 86_400_000
MONTHS = ("2026-11", "2026-12")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def test_a_store_key_is_adopted_under_another_root_key_and_the_old_root_key_opens_nothing(
    store: Store, tmp_path: Path
) -> None:
    person = enrolled(store)
    store.ledger.append(check_in(store), person)
    (key, epoch), state = store.keys.store_key(), store.database.directory
    assert (len(key), epoch) == (32, 1)
    store.close()
    other = FileRootKey(tmp_path / "other.key")
    adopted(state, store.store_id, key, epoch, other.obtain())
    with pytest.raises(Fault) as raised:
        Store.open(state, FileRootKey(state / "root.key"))
    assert raised.value.code is FaultCode.KEY_WRONG
    again = Store.open(state, other, clock=Hands())
    OPENED.append(again)
    assert again.people.get(person).code == "E-0417"
    assert len(again.templates.references()) == 3
    assert again.anchor.state().kek_epoch == 2
    assert again.database.rows("SELECT count(*) FROM keys WHERE kind = 'store'") == [(1,)]


@pytest.mark.parametrize("wrong", ["epoch", "size"])
def test_a_store_key_of_another_epoch_or_size_is_not_adopted(store: Store, wrong: str) -> None:
    (key, epoch), state = store.keys.store_key(), store.database.directory
    store.close()
    with pytest.raises(Fault) as raised:
        adopted(state, store.store_id, key[: 31 if wrong == "size" else 32], epoch + (wrong == "epoch"), bytes(32))
    assert raised.value.code is FaultCode.STORE_TAMPERED
    OPENED.append(Store.open(state, FileRootKey(state / "root.key")))


def months(store: Store, person: str, *, code: str = "E-0417") -> None:
    """A check-in in November and one in December."""
    for at in (MORNING, MORNING + 30 * DAY):
        store.ledger.append(check_in(store, at=at, code=code), person)


def entries(store: Store, person: str, period: str) -> int:
    return len([number for number in range(9) if store.ledger.body(person, period, number) is not None])


def test_each_month_of_a_person_has_its_key_and_dies_alone(store: Store) -> None:
    budi, sri = enrolled(store), enrolled(store, "E-2", "Sri", seeds=(2,))
    months(store, budi)
    months(store, sri, code="E-2")
    keys = {store.keys.get(KeyKind.RECORD, person=who, period=month) for who in (budi, sri) for month in MONTHS}
    assert len(keys) == 4
    assert None not in keys
    with store.database.write():
        store.database.run("DELETE FROM keys WHERE kind = 'record' AND person = ? AND period = '2026-11'", budi)
    again = reopened(store)
    found = {(who, month): entries(again, who, month) for who in (budi, sri) for month in MONTHS}
    assert found == {(budi, "2026-11"): 0, (budi, "2026-12"): 1, (sri, "2026-11"): 1, (sri, "2026-12"): 1}
    assert again.history.last_action(budi, MORNING + 30 * DAY + 1) is not None
    assert again.ledger.verify() == again.ledger.size()  # the chain holds without the body's key


def test_the_device_has_a_key_for_each_month(store: Store) -> None:
    store.append_local(LocalKind.STARTED, {})
    clock = store.clock
    assert isinstance(clock, Hands)
    clock.move(30 * DAY)
    store.append_local(LocalKind.STARTED, {})
    assert len({store.keys.get(KeyKind.DEVICE, period=month) for month in MONTHS} - {None}) == 2
    with store.database.write():
        store.database.run("DELETE FROM keys WHERE kind = 'device' AND period = '2026-11'")
    again = reopened(store)
    assert again.ledger.local_acts("2026-11") == []
    assert [act["kind"] for _, act in again.ledger.local_acts("2026-12")] == ["started"]


def test_a_person_whose_record_keys_are_gone_takes_nobody_along(store: Store) -> None:
    budi, sri = enrolled(store), enrolled(store, "E-2", "Sri", seeds=(2,))
    months(store, budi)
    months(store, sri, code="E-2")
    with store.database.write():
        assert len(store.keys.drop(KeyKind.RECORD, person=budi)) == 2
    assert [entries(store, budi, month) for month in MONTHS] == [0, 0]
    assert [entries(store, sri, month) for month in MONTHS] == [1, 1]
    assert len(store.templates.references()) == 4


def test_the_biometric_key_opens_only_beside_the_consent_it_was_wrapped_for(store: Store) -> None:
    budi, sri = enrolled(store), enrolled(store, "E-2", "Sri", seeds=(2,))
    with store.database.write():
        store.database.run("UPDATE bases SET digest = zeroblob(32) WHERE person = ?", budi)
    again = reopened(store)
    assert {reference.person for reference in again.templates.references()} == {sri}
    assert {found.person for found in again.quarantine.all()} == {budi}


def test_the_consents_of_two_people_cannot_be_exchanged(store: Store) -> None:
    budi, sri = enrolled(store), enrolled(store, "E-2", "Sri", seeds=(2,))
    digests = dict(store.database.rows("SELECT person, digest FROM bases"))
    with store.database.write():
        for person, other in ((budi, sri), (sri, budi)):
            store.database.run("UPDATE bases SET digest = ? WHERE person = ?", digests[other], person)
    assert reopened(store).templates.references() == []
