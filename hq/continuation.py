"""What a device that was restored from a backup needs of its ledger, signed by HQ; refuses to tell of anybody else."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from hq.database import devices, events, reading, spine
from hq.office import Office
from hq.refusals import Refused
from wire import checkpoint
from wire.canonical import Json
from wire.errors import FormatError
from wire.event import SALT_SIZE, Notice, NoticeKind, delivered, to_cloudevent

FORMAT: Final = "ambang.continuation.v1"
_AT_ONCE: Final = 4_096
_ERASURES: Final = frozenset({NoticeKind.ERASED, NoticeKind.CONSENT_WITHDRAWN})


def continuation(office: Office, device: str, after: int) -> Iterator[dict[str, Json]]:
    """The spine of one device's entries after `after`, and the erasures among them; one object at a time.

    The first object holds the newest checkpoint of the device with HQ's signature added; each further one an entry.
    Names and attendance are not in it; the employee codes of those who were erased are.

    Raises:
        Refused: there is no such device, it has delivered nothing, or not as much as `after`; an event does not open.
    """
    with reading(office.engine) as view:
        known = view.execute(select(devices.c.size, devices.c.note).where(devices.c.id == device)).one_or_none()
    if known is None:
        raise Refused("There is no device with this id.")
    if known.note is None or not 0 <= after <= known.size:
        raise Refused(f"This device has delivered {known.size} entries.")
    note = checkpoint.cosign(known.note, office.name, office.signing)
    yield {"format": FORMAT, "device": device, "after": after, "size": known.size, "checkpoint": note}
    while after < known.size:
        last = min(known.size, after + _AT_ONCE)
        yield from _rows(office, device, after, last)
        after = last


def _rows(office: Office, device: str, after: int, last: int) -> Iterator[dict[str, Json]]:
    with reading(office.engine) as view:
        rows = view.execute(
            select(spine.c.seq, spine.c.commitment, spine.c.body_digest, events.c.sealed)
            .outerjoin(events, (events.c.device == spine.c.device) & (events.c.seq == spine.c.seq))
            .where(spine.c.device == device, spine.c.seq > after, spine.c.seq <= last)
            .order_by(spine.c.seq)
        ).all()
    for row in rows:
        yield {
            "seq": row.seq,
            "commitment": row.commitment.hex(),
            "body_digest": row.body_digest.hex(),
            "event": None if row.sealed is None else _erasure(office, device, row.seq, row.sealed),
        }


def _erasure(office: Office, device: str, seq: int, sealed: bytes) -> dict[str, Json] | None:
    """The event if it tells of an erasure; its commitment in the spine proves it."""
    try:
        plain = office.seals.open("events", f"{device}/{seq}", sealed)
        found = delivered(plain[SALT_SIZE:], seq, plain[:SALT_SIZE])
    except FormatError as error:
        raise Refused(f"Event {seq} of {device} does not open with seal.key; the database was altered.") from error
    told = isinstance(found.event, Notice) and found.event.kind in _ERASURES
    return to_cloudevent(found) if told else None
