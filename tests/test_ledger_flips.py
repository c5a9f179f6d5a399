"""One flipped bit at every offset of the chain, of a sealed body and of every signature: the entry is named, always."""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_kit import CODE, HQ, HQ_NAME, copied, countersign, fill, furnish, opened, tampering
from store_kit import Hands, key_of, new_store
from wire_strategies import flips

from kiosk.store import Store
from kiosk.store.audit import audit
from kiosk.store.bodies import open_all
from kiosk.store.promises import Signer
from wire.errors import BrokenChain

SIZE, MIDDLE, SIGNED = 8, 5, 7
CHAIN = {column: ("spine", column, "seq", MIDDLE) for column in ("commitment", "body_digest", "h")}
SEALED = {"body": ("bodies", "sealed", "seq", MIDDLE), "body that waits": ("bodies", "sealed", "seq", SIZE)}
SIGNATURES = {
    "checkpoint": ("checkpoints", "note", "size", SIZE),
    "checkpoint that is counter-signed": ("checkpoints", "note", "size", SIGNED),
    "counter-signature": ("checkpoints", "countersigned", "size", SIGNED),
}
PLACES = {**CHAIN, **SEALED, **SIGNATURES}


class _UndoneError(Exception):
    """Ends a transaction that shall leave nothing."""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight entries, counter-signed at seven, a checkpoint of eight."""
    place = tmp_path_factory.mktemp("flips") / "state"
    with closing(new_store(place)) as store:
        person = store.people.add(CODE, "Budi Santoso")
        fill(store, person, SIGNED)
        countersign(store)
        fill(store, person, SIZE)
    return place


@pytest.fixture
def store(state: Path) -> Iterator[Store]:
    """Every test undoes what it did."""
    store = Store.open(state, key_of(state), clock=Hands())
    yield store
    store.database.close()


@pytest.fixture
def signer(store: Store) -> Signer:
    return Signer(store.device_id, store.device_public, {HQ_NAME: HQ.public})


def named(store: Store, signer: Signer) -> int | None:
    """The entry that the verifier names."""
    try:
        audit(store.database, signer)
    except BrokenChain as broken:
        return broken.seq
    return None


@pytest.mark.parametrize("place", PLACES)
def test_no_flipped_bit_is_accepted(store: Store, signer: Signer, place: str) -> None:
    table, column, key, seq = PLACES[place]
    ((whole,),) = store.database.rows(f"SELECT CAST({column} AS BLOB) FROM {table} WHERE {key} = ?", seq)  # noqa: S608
    value = "CAST(? AS TEXT)" if table == "checkpoints" else "?"
    assert named(store, signer) is None
    tried = 0
    with suppress(_UndoneError), store.database.write():
        for altered in flips(whole):
            store.database.run(f"UPDATE {table} SET {column} = {value} WHERE {key} = ?", altered, seq)  # noqa: S608
            assert named(store, signer) == seq, f"bit {tried}"
            tried += 1
        raise _UndoneError
    assert tried == 8 * len(whole)
    assert named(store, signer) is None


def test_of_a_counter_signature_of_unknown_headquarters_the_part_of_the_device_is_checked(
    store: Store, signer: Signer
) -> None:
    known = replace(signer, headquarters={})
    ((whole,),) = store.database.rows("SELECT CAST(countersigned AS BLOB) FROM checkpoints WHERE size = ?", SIGNED)
    devices = whole[: whole.index(HQ_NAME.encode()) - len("\n\u2014 ".encode())]
    with suppress(_UndoneError), store.database.write():
        for altered in flips(whole):
            store.database.run("UPDATE checkpoints SET countersigned = CAST(? AS TEXT) WHERE size = ?", altered, SIGNED)
            if not altered.startswith(devices):
                assert named(store, known) == SIGNED
        raise _UndoneError


def test_a_flipped_bit_of_a_number_is_named(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = tmp_path_factory.mktemp("numbers")
    furnish(whole)
    for bit in range(63):
        data = copied(whole, tmp_path / str(bit))
        with tampering(data) as database:
            seq = 70 ^ 1 << bit
            database.execute("DELETE FROM spine WHERE seq = ?", (seq,))  # it takes the place of another, or of none
            database.execute("UPDATE spine SET seq = ? WHERE seq = 70", (seq,))
        with closing(opened(data)) as store:
            broken = named(store, Signer(store.device_id, store.device_public, {HQ_NAME: HQ.public}))
            assert broken == min(70, seq)


def test_what_stands_beside_a_body_is_held_against_it(store: Store) -> None:
    open_all(store)
    for column in ("event_id", "period"):
        ((whole,),) = store.database.rows(f"SELECT CAST({column} AS BLOB) FROM bodies WHERE seq = ?", MIDDLE)  # noqa: S608
        with suppress(_UndoneError), store.database.write():
            for altered in flips(whole):
                if max(altered) < 128:  # else the file as a whole is refused: it is no text
                    store.database.run(
                        f"UPDATE bodies SET {column} = CAST(? AS TEXT) WHERE seq = ?",  # noqa: S608
                        altered,
                        MIDDLE,
                    )
                    with pytest.raises(BrokenChain) as raised:
                        open_all(store)
                    assert raised.value.seq == MIDDLE
            raise _UndoneError
    with suppress(_UndoneError), store.database.write():
        store.database.run("UPDATE bodies SET audience = 0 WHERE seq = ?", MIDDLE)
        with pytest.raises(BrokenChain, match="another month or audience"):
            open_all(store)
        raise _UndoneError


def test_a_body_that_was_taken_out_and_an_event_that_nobody_will_send_are_missed(store: Store) -> None:
    found = open_all(store)
    assert (found.opened, found.without_key, found.missing, found.stranded) == (SIZE, 0, 0, 0)
    with suppress(_UndoneError), store.database.write():
        store.database.run("DELETE FROM undelivered WHERE seq = ?", SIZE)
        assert open_all(store).stranded == 1
        store.database.run("DELETE FROM bodies WHERE seq IN (?, ?)", MIDDLE, MIDDLE + 1)
        found = open_all(store)
        assert (found.opened, found.missing) == (SIZE - 2, 1)
        raise _UndoneError
