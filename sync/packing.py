"""Turns what the exchange holds into one encoded batch; refuses an event that does not fit its own commitment."""

import uuid

from sync.database import ExchangeForeign
from sync.entries import Taken
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
            events.append(open_event(device, key, entry.row.seq, entry.row.commitment, entry.event_id, entry.sealed))
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


def open_event(  # noqa: PLR0913, PLR0917 - a row
    device: str, key: bytes, seq: int, promise: bytes, event_id: str, sealed: bytes | None
) -> Delivered:
    """Open one sealed event.

    Args:
        device: whose ledger it is.
        key: the exchange key, 32 bytes.
        seq: its place in the ledger.
        promise: the commitment that it must fit, 32 bytes.
        event_id: what the row says.
        sealed: what the kiosk handed over; None: nothing any more.

    Raises:
        FormatError: it does not open, is not what was committed to, or is another event or another device's.
    """
    if sealed is None or header(sealed).kid != KEY_ID:
        raise FormatError("sealed with another key")
    context = Context(store=device, table="outbox", column="event", row=str(seq))
    opened = unseal(key, sealed, context)
    salt, clear = opened[:SALT_SIZE], opened[SALT_SIZE:]
    if commitment(salt, clear) != promise:
        raise FormatError("not what was committed to")
    one = delivered(clear, seq, salt)
    if one.device != device or one.event.event_id != event_id:
        raise FormatError("another device or another event")
    return one
