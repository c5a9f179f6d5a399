"""Turns what the exchange holds into one encoded batch; refuses an event that does not fit its own commitment."""

import uuid

from sync.database import ExchangeForeign
from sync.entries import OutboxEntry, Taken
from sync.journal import KEY_ID, Outgoing
from wire.batch import Batch, encode
from wire.errors import FormatError
from wire.event import SALT_SIZE, Delivered, delivered
from wire.sealed import Context, header, unseal
from wire.spine import commitment, genesis


class Unreadable(Exception):  # noqa: N818 - reads as the condition it names
    """Events of this batch do not open or are not what was committed to; the others can go on without them."""

    def __init__(self, event_ids: tuple[str, ...]) -> None:
        super().__init__(f"{len(event_ids)} events")
        self.event_ids = event_ids


def pack(device: str, key: bytes, taken: Taken) -> Outgoing:
    """Open the sealed events and encode the batch under a new UUID.

    Args:
        device: whose ledger it is.
        key: the exchange key, 32 bytes.
        taken: rows with at least one entry.

    Raises:
        Unreadable: names the events that have to be set aside.
        ExchangeForeign: the rows or the checkpoint are not of this device or do not fit.
    """
    events: list[Delivered] = []
    bad: list[str] = []
    for entry in taken.entries:
        if entry.event_id is None:
            continue
        try:
            events.append(_open(device, key, entry))
        except FormatError:
            bad.append(entry.event_id)
    if bad:
        raise Unreadable(tuple(bad))
    last = taken.entries[-1].row
    batch = str(uuid.uuid4())
    try:
        encoded = encode(
            Batch(
                device=device,
                batch=batch,
                h_prev=genesis(device) if taken.h_prev is None else taken.h_prev,
                rows=tuple(entry.row for entry in taken.entries),
                checkpoint=taken.note,
                events=tuple(events),
            )
        )
    except FormatError as error:
        raise ExchangeForeign(f"no batch can be made of it: {error}") from error
    ids = tuple(one.event.event_id for one in events)
    return Outgoing(batch, encoded, last.seq, last.h, len(taken.entries), ids, taken.waiting)


def _open(device: str, key: bytes, entry: OutboxEntry) -> Delivered:
    if entry.sealed is None or header(entry.sealed).kid != KEY_ID:
        raise FormatError("sealed with another key")
    context = Context(store=device, table="outbox", column="event", row=str(entry.row.seq))
    opened = unseal(key, entry.sealed, context)
    salt, clear = opened[:SALT_SIZE], opened[SALT_SIZE:]
    if commitment(salt, clear) != entry.row.commitment:
        raise FormatError("not what was committed to")
    one = delivered(clear, entry.row.seq, salt)
    if one.device != device or one.event.event_id != entry.event_id:
        raise FormatError("another device or another event")
    return one
