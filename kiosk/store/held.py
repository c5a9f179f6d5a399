"""Check-ins of somebody whose attendance is restricted: recorded and held here, sealed; refuses to hand them on.

A held event is no entry for headquarters: it lies in a paper under the person's own key, and the ledger commits to it
(`event_held`). When the restriction is lifted, each becomes an entry as it was recorded, oldest first, with its own id
and time; from there it goes the way of every check-in (policy E16, GDPR Article 18).
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import papers
from kiosk.store.acts import LocalKind
from kiosk.store.papers import PaperKind
from wire.errors import FormatError
from wire.event import Event, Notice, clear, parse
from wire.spine import SALT_SIZE, commitment

if TYPE_CHECKING:
    from kiosk.store import Store
    from kiosk.store.database import StoreDatabase

_HELD: Final = "SELECT count(*) FROM papers WHERE kind = 'held' AND closed_at IS NULL AND ?1 IN ('', person)"
HELD, RELEASED = "held", "released"


@dataclass(frozen=True, slots=True)
class Held:
    """One held event: the paper it lies in, and what happened."""

    paper: papers.Paper
    event: Event


def instead(store: "Store", event: Event, person_id: str) -> int | None:
    """Hold an event that may not go on; None for one that may. Raises as `hold`."""
    return hold(store, event, person_id) if applies(store.database, event, person_id) else None


def applies(database: "StoreDatabase", event: Event, person_id: str) -> bool:
    """Whether this event is held: everything but notices, while attendance is restricted."""
    if isinstance(event, Notice):
        return False
    found = database.row("SELECT 1 FROM people WHERE id = ? AND attendance_restricted = 1", person_id)
    return found is not None


def hold(store: "Store", event: Event, person_id: str) -> int:
    """Keep an event here; durable on return. The same event again is harmless.

    Returns:
        The seq of the entry that commits to it.

    Raises:
        Fault: DISK_FULL, DISK_FAILED, STORE_BUSY, PERSON_UNKNOWN, PERSON_DAMAGED.
        FormatError: the event has no spelling.
    """
    body, salt = clear(event, store.device_id), os.urandom(SALT_SIZE)
    with store.database.write():
        if any(each.event.event_id == event.event_id for each in of_person(store, person_id)):
            return store.ledger.size()
        content = {"event": body.decode(), "salt": salt.hex()}
        paper = papers.put(store, PaperKind.HELD, content, state=HELD, person=person_id)
        detail: dict[str, str | int] = {"paper": paper, "commitment": commitment(salt, body).hex()}
        return store.append_local(LocalKind.EVENT_HELD, detail).seq


def of_person(store: "Store", person_id: str) -> tuple[Held, ...]:
    """What is held of one person, oldest first; what does not open is in quarantine."""
    found = papers.find(store, PaperKind.HELD, person=person_id, open_only=True)
    return tuple(Held(paper, _event(paper)) for paper in found if paper.content is not None)


def events(store: "Store", person_id: str) -> tuple[Event, ...]:
    """What happened and is held, oldest first, for the person's own history."""
    return tuple(each.event for each in of_person(store, person_id)) if count(store.database, person_id) else ()


def release(store: "Store", person_id: str) -> int:
    """Make entries of what was held, inside the transaction that ends the restriction; returns how many.

    Raises:
        Fault: as `Ledger.append`; STORE_TAMPERED: one of them does not open: nothing is released then.
    """
    with store.database.write():
        there = store.database.row("SELECT count(*) FROM papers WHERE kind = 'held' AND person = ?", person_id)
        if there != (len(papers.find(store, PaperKind.HELD, person=person_id)),):
            raise Fault(FaultCode.STORE_TAMPERED, "a held check-in does not open")
        every = of_person(store, person_id)
        for each in every:
            entry = store.ledger.append(each.event, person_id)
            store.append_local(LocalKind.EVENT_RELEASED, {"paper": each.paper.id, "entry": entry.seq})
            papers.revise(store, each.paper, {}, state=RELEASED, closed=True)
        return len(every)


def count(database: "StoreDatabase", person_id: str = "") -> int:
    """How many events of a person ("": of all) are held; needs no key."""
    row = database.row(_HELD, person_id)
    return 0 if row is None else int(row[0])


def people(database: "StoreDatabase") -> tuple[str, ...]:
    """Ids of those of whom something is held."""
    rows = database.rows("SELECT DISTINCT person FROM papers WHERE kind = 'held' AND closed_at IS NULL ORDER BY person")
    return tuple(row[0] for row in rows)


def _event(paper: papers.Paper) -> Event:
    content = paper.content or {}
    text = content.get("event")
    if not isinstance(text, str):
        raise FormatError("no event is held here")
    return parse(text.encode())[0]
