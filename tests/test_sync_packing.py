"""What the exchange holds becomes a batch only if every event is what its row committed to."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sync_house import Door

from sync.entries import OutboxEntry, Taken
from sync.exchange import Exchange, ExchangeForeign
from sync.packing import Unreadable, pack
from wire import batch as batches
from wire import event
from wire.sealed import Context, seal, unseal


@pytest.fixture
def door(tmp_path: Path) -> Door:
    made = Door(tmp_path / "door")
    made.check_in(5)
    return made


def taken(door: Door, events: int | None = None) -> Taken:
    with closing(Exchange.open(door.path)) as exchange:
        found = exchange.take(500, events)
    assert found is not None
    return found


def test_a_batch_holds_every_row_and_the_events_that_wait(door: Door) -> None:
    outgoing = pack(door.device, door.exchange_key, taken(door))
    batch = batches.decode(outgoing.encoded)
    assert (batch.device, batch.batch) == ("door-1", outgoing.batch)
    assert [row.seq for row in batch.rows] == [1, 2, 3, 4, 5]
    assert tuple(one.event.event_id for one in batch.events) == outgoing.events == tuple(door.ids)
    assert (outgoing.size, outgoing.head, outgoing.rows, outgoing.waiting) == (5, door.head, 5, 4)
    bare = pack(door.device, door.exchange_key, taken(door, 0))
    assert (bare.events, bare.waiting) == ((), 4)


def test_each_batch_has_a_name_of_its_own_and_its_repr_shows_no_event(door: Door) -> None:
    one, other = (pack(door.device, door.exchange_key, taken(door)) for _ in range(2))
    assert one.batch != other.batch
    assert "E-17" not in repr(one)
    assert "encoded" not in repr(one)


def test_each_event_is_read_once_on_its_way(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    honest = event._read

    def counted(value: object) -> tuple[event.Event, str]:
        read.append(b"")
        return honest(value)

    monkeypatch.setattr(event, "_read", counted)
    assert len(pack(door.device, door.exchange_key, taken(door)).events) == len(read) == 4


def _context(seq: int) -> Context:
    return Context(store="door-1", table="outbox", column="event", row=str(seq))


def _reseal(door: Door, entry: OutboxEntry, change: Callable[[bytes], bytes], kid: bytes = b"EXCH") -> OutboxEntry:
    assert entry.sealed is not None
    opened = unseal(door.exchange_key, entry.sealed, _context(entry.row.seq))
    return replace(entry, sealed=seal(door.exchange_key, change(opened), _context(entry.row.seq), kid=kid))


SPOILED: dict[str, Callable[[Door, OutboxEntry], OutboxEntry]] = {
    "another key id": lambda door, entry: _reseal(door, entry, lambda opened: opened, kid=b"XXXX"),
    "another event": lambda door, entry: _reseal(door, entry, lambda opened: opened.replace(b"E-17", b"E-18")),
    "another salt": lambda door, entry: _reseal(door, entry, lambda opened: bytes(16) + opened[16:]),
    "another id": lambda _, entry: replace(entry, event_id="018f0000-0000-7000-8000-000000000009"),
    "a flipped bit": lambda _, entry: replace(entry, sealed=(entry.sealed or b"")[:-1] + b"\0"),
    "nothing": lambda _, entry: replace(entry, sealed=b""),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_an_event_that_is_not_what_was_committed_to_is_named(
    door: Door, spoil: Callable[[Door, OutboxEntry], OutboxEntry]
) -> None:
    found = taken(door)
    bad = spoil(door, found.entries[2])
    with pytest.raises(Unreadable) as caught:
        pack(door.device, door.exchange_key, replace(found, entries=(*found.entries[:2], bad, *found.entries[3:])))
    assert caught.value.event_ids == (bad.event_id,)


def test_rows_of_another_device_make_no_batch(door: Door) -> None:
    bare = taken(door, 0)
    with pytest.raises(ExchangeForeign):
        pack("door-2", door.exchange_key, bare)
    with pytest.raises(ExchangeForeign):
        pack(door.device, door.exchange_key, replace(bare, note=bare.note.replace("\n5\n", "\n4\n")))
