"""Everything HQ holds, opened and in order, for whoever has the key file; refuses to pass over what does not open."""

from collections import Counter
from typing import TypeAlias

from sqlalchemy import select

from hq.database import counters, devices, events, reading
from hq.office import Office
from hq.refusals import Refused
from wire.errors import FormatError
from wire.event import (
    AMENDED,
    CHECK_IN,
    CLAIMED,
    CORRECTED,
    DISPUTED,
    NOTICE,
    SALT_SIZE,
    TRIP,
    TRIP_FIELDS,
    Amendment,
    CheckIn,
    Correction,
    Dispute,
    Event,
    Method,
    Notice,
    TripDetails,
    parse,
)

Row: TypeAlias = dict[str, str | int | None]


def everything(office: Office) -> dict[str, object]:
    """Devices, events in the order of each ledger, counters, and spine sizes; times are ms since 1970.

    Raises:
        Refused: an event does not open or is not one.
    """
    with reading(office.engine) as view:  # read first, open after: a long view would keep devices from being stored
        known = view.execute(select(devices).order_by(devices.c.id)).all()
        count = Counter[str]()
        for row in view.execute(select(counters)):
            count[row.name] += row.value
        stored = view.execute(select(events).order_by(events.c.device, events.c.seq)).all()
    return {
        "devices": [
            {
                "id": row.id,
                "name": row.label,
                "public": row.public.hex(),
                "added": row.added,
                "last_contact": row.last_contact,
            }
            for row in known
        ],
        "events": [_row(office, row.device, row.seq, row.sealed, row.received) for row in stored],
        "refused": count["refused"],
        "duplicates": count["duplicates"],
        "spine": {row.id: row.size for row in known},
    }


def _row(office: Office, device: str, seq: int, sealed: bytes, received: int) -> Row:
    try:
        event, source = parse(office.seals.open("events", f"{device}/{seq}", sealed)[SALT_SIZE:])
    except FormatError as error:
        raise Refused(f"Event {seq} of {device} does not open with seal.key; the database was altered.") from error
    row: Row = {
        "device": source,
        "id": event.event_id,
        "seq": seq,
        "type": _type(event),
        "person": event.person,
        "action": None,
        "method": None,
        "time": event.occurred_at,
        "received": received,
    }
    match event:
        case CheckIn():
            return row | {"action": event.action.value, "method": event.method.value}
        case Correction():
            changed = {"action": event.action.value, "method": event.method.value}
            return row | changed | {"refers_to": event.refers_to}
        case Dispute():
            return row | {"refers_to": event.refers_to}
        case Notice():
            return row | {"kind": event.kind.value}
        case Amendment():
            decided = {"decision": event.decision.value, "decided_at": event.decided_at}
            return row | {"action": event.action.value, "refers_to": event.refers_to} | decided
        case TripDetails():
            said = {name: str(getattr(event, name)) for name in TRIP_FIELDS}
            return row | {"refers_to": event.refers_to} | said


def _type(event: Event) -> str:
    match event:
        case CheckIn():
            return CLAIMED if event.method is Method.CLAIMED else CHECK_IN
        case Correction():
            return CORRECTED
        case Dispute():
            return DISPUTED
        case Notice():
            return NOTICE
        case Amendment():
            return AMENDED
        case TripDetails():
            return TRIP
