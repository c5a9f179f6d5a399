"""The hierarchy of keys: one store key opens everything, under whichever root key it was put."""

from pathlib import Path

import pytest
from store_kit import OPENED, Hands, adopted, check_in, enrolled, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store import FileRootKey, Store


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
