"""Headquarters' counter-signatures tell an older copy or a fork; nothing that less than both have signed tells it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from desk import at_work, person_of, save
from running_kiosk import furnished, key
from store_kit import Hands, check_in, contents, enrolled, here, key_of, new_store

from kiosk.config import Config, Headquarters
from kiosk.faults import Fault, FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Method
from kiosk.store import Store, outbox
from sync.exchange import Exchange
from wire import checkpoint
from wire.signing import SigningKey

HQ = SigningKey.from_bytes(bytes(range(32)))
NAME = "ambang-hq/main"
TRUSTED = {NAME: HQ.public}
FILES = ("records.db", "templates.db", "anchor")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    store = new_store(tmp_path / "state")
    enrolled(store)
    grow(store, 5)
    store.close()
    return tmp_path / "state"


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    opened = outbox.begin_anew(tmp_path / "exchange" / "exchange.db")
    yield opened
    opened.close()


def grow(store: Store, count: int) -> None:
    person = store.people.all()[0].id
    for _ in range(count):
        store.ledger.append(check_in(store), person)


def opened(state: Path, *, anchored: bool = True) -> Store:
    return Store.open(state, key_of(state), clock=Hands(), anchored=anchored)


def copied(state: Path) -> dict[str, bytes]:
    return {name: content for name, content in contents(state).items() if name in FILES}


def put_back(state: Path, copy: dict[str, bytes]) -> None:
    for name, content in copy.items():
        (state / name).write_bytes(content)


def countersigned(store: Store, size: int | None = None) -> bytes:
    return checkpoint.cosign(store.ledger.note(size), NAME, HQ).encode()


def collect(store: Store, exchange: Exchange) -> None:
    outbox.collect(here(store), exchange, TRUSTED)


def code_of(state: Path) -> FaultCode | None:
    try:
        opened(state).database.close()
    except Fault as fault:
        return fault.code
    return None


def refuses(state: Path) -> bool:
    code = code_of(state)
    assert code in {None, FaultCode.STORE_ROLLED_BACK}
    return code is not None


def grown_and_put_back(state: Path, *, beside: int) -> tuple[bytes, Store]:
    """What both have signed for 10 more entries, and the copy from before them, `beside` entries further."""
    copy = copied(state)
    store = opened(state)
    grow(store, 10)
    note = countersigned(store)
    store.close()
    put_back(state, copy)
    older = opened(state)
    grow(older, beside)
    return note, older


@pytest.mark.parametrize(("beside", "what"), [(0, "older"), (3, "older"), (10, "another"), (30, "another")])
def test_a_counter_signature_that_the_ledger_does_not_continue_ends_the_service_until_it_is_accepted(
    state: Path, exchange: Exchange, beside: int, what: str
) -> None:
    note, store = grown_and_put_back(state, beside=beside)
    assert (store.ledger.size() < checkpoint.unverified(note.decode()).size) == (what == "older")
    exchange.inbox_add("receipt", note)
    with pytest.raises(Fault) as raised:
        collect(store, exchange)
    assert raised.value.code is FaultCode.STORE_ROLLED_BACK
    store.close()
    assert refuses(state)
    assert refuses(state), "it is written down, not remembered"
    store = opened(state, anchored=False)
    store.anchor.accept()
    store.close()
    store = opened(state)
    collect(store, exchange)  # the same note once more
    assert outbox.countersigned(store) == 0
    grow(store, 40)
    exchange.inbox_add("receipt", countersigned(store))
    collect(store, exchange)
    assert outbox.countersigned(store) == store.ledger.size()
    store.close()
    assert not refuses(state)


def test_after_an_acceptance_a_later_counter_signature_tells_the_next_copy(state: Path, exchange: Exchange) -> None:
    note, store = grown_and_put_back(state, beside=0)
    exchange.inbox_add("receipt", note)
    with pytest.raises(Fault):
        collect(store, exchange)
    store.anchor.accept()
    copy = copied(state)
    grow(store, 40)
    later = countersigned(store)
    store.close()
    put_back(state, copy)
    store = opened(state)
    exchange.inbox_add("receipt", later)
    with pytest.raises(Fault):
        collect(store, exchange)
    store.close()
    assert refuses(state)


def forgeries(note: bytes, store: Store) -> dict[str, bytes]:
    """What a hostile sync or a thief of one of the two keys can make of a larger or another ledger."""
    text = note.decode()
    body, gap, tail = text.partition("\n\n")
    ours, hqs = tail.splitlines(keepends=True)
    size = store.ledger.size()
    stranger = SigningKey.generate()
    larger = checkpoint.Checkpoint(store.device_id, size + 9, bytes(32))
    of_another = checkpoint.sign(checkpoint.Checkpoint("f" * 16, size + 9, bytes(32)), stranger)
    return {
        "signed by the device alone": (body + gap + ours).encode(),
        "signed by headquarters alone": (body + gap + hqs).encode(),
        "counter-signed by a stranger": checkpoint.cosign(body + gap + ours, NAME, stranger).encode(),
        "counter-signed under another name": checkpoint.cosign(body + gap + ours, "ambang-hq/other", HQ).encode(),
        "signed by a stranger as the device": checkpoint.cosign(checkpoint.sign(larger, stranger), NAME, HQ).encode(),
        "of another device": checkpoint.cosign(of_another, NAME, HQ).encode(),
        "with another size": text.replace(f"\n{size + 10}\n", f"\n{size + 11}\n").encode(),
        "cut": note[:-5],
        "doubled": note + note,
    }


def test_a_note_that_not_both_have_signed_changes_nothing(state: Path, exchange: Exchange) -> None:
    note, store = grown_and_put_back(state, beside=0)
    for forged in forgeries(note, store).values():
        assert forged != note
        exchange.inbox_add("receipt", forged)
    collect(store, exchange)
    store.close()
    assert not refuses(state)


def test_a_note_with_any_one_bit_flipped_changes_nothing(state: Path, exchange: Exchange) -> None:
    note, store = grown_and_put_back(state, beside=0)
    for position in range(len(note)):
        flipped = bytearray(note)
        flipped[position] ^= 1 << (position % 8)
        exchange.inbox_add("receipt", bytes(flipped))
    read_to = 0
    for _ in range(len(note) // 60 + 1):  # so many messages are read in one go
        read_to = outbox.collect(here(store), exchange, TRUSTED, read_to)
    assert read_to == len(note)
    store.close()
    assert not refuses(state)


def test_genuine_notes_from_earlier_may_be_replayed_in_any_order(state: Path, exchange: Exchange) -> None:
    store = opened(state)
    grow(store, 10)
    notes = [countersigned(store, size) for size in range(1, store.ledger.size() + 1)]
    grow(store, 10)
    for note in (*reversed(notes), *notes, notes[3], notes[3]):
        exchange.inbox_add("receipt", note)
    collect(store, exchange)
    assert outbox.countersigned(store) == len(notes)
    store.close()
    assert not refuses(state)


def test_the_door_stops_on_a_copy_whose_exchange_was_not_put_back_and_says_so_after_a_restart(tmp_path: Path) -> None:
    config = replace(furnished(tmp_path), headquarters=Headquarters(NAME, HQ.public.hex()))
    person = person_of(config)
    copy = copied(config.state)
    with at_work(config) as desk:
        for _ in range(3):
            save(desk, person)
        desk.until_unsent(3)
    receipt_everything(config)
    put_back(config.state, copy)
    for _ in range(2):
        with at_work(config) as desk:
            assert desk.answer(ev.FaultRaised) == ev.FaultRaised(FaultCode.STORE_ROLLED_BACK)
            desk.clerk.save(9, person, Action.IN, Method.PIN)
            assert desk.answer(ev.SaveFailed) == ev.SaveFailed(9, FaultCode.STORE_ROLLED_BACK)
    assert len(list(config.exchange.parent.glob("*aside*"))) == 0, "the proof was not thrown away"


def receipt_everything(config: Config) -> None:
    """What sync does when headquarters has signed for all there is."""
    store = Store.open(config.state, key(config))
    exchange = Exchange.open(config.exchange)
    found = exchange.take(500)
    assert found is not None
    ids = [entry.event_id for entry in found.entries if entry.event_id]
    size = found.entries[-1].row.seq
    exchange.settle(ids, size, countersigned(store, size).decode(), 1)
    exchange.close()
    store.database.close()
