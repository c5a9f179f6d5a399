"""One person's own entries of the ledger, each with whether headquarters has it; refuses anybody else's.

What an event says is taken from its own bytes, so that a kind of event that is new here is not left out of a copy.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wire import checks
from wire.errors import FormatError
from wire.event import SOURCE, parse
from wire.spine import SALT_SIZE

if TYPE_CHECKING:
    from kiosk.store import Store

_TYPE: Final = "com.ambang."
_PERIODS: Final = "SELECT period FROM keys WHERE kind = 'record' AND person = ? ORDER BY period"
_SIGNED: Final = (
    "SELECT created_at FROM checkpoints WHERE countersigned IS NOT NULL AND size >= ? ORDER BY size LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """One event.

    Attributes:
        seq: its number in the ledger of this device.
        id: UUIDv7.
        kind: "checkin", "claimed", "corrected", "disputed", "notice", ...
        said: what it says beside who, when and where: action, method, refers_to, kind, ...
        occurred_at: as logged, ms UTC.
        zone: IANA time zone of the door.
        clock: "synced", "unsynced", "stepped".
        uncertainty_s: how far the clock may have been off, seconds.
        site: name of the door.
        delivered: whether it has left this device for headquarters, or the HR system in its place.
        delivered_by: when that was known at the latest, ms UTC; None if it waits, or nobody signs for it.
    """

    seq: int
    id: str
    kind: str
    said: Mapping[str, str] = field(repr=False)
    occurred_at: int
    zone: str
    clock: str
    uncertainty_s: int
    site: str
    delivered: bool
    delivered_by: int | None


@dataclass(frozen=True, slots=True)
class OwnEntries:
    """All of them, in the order of the ledger, and how many do not open."""

    entries: tuple[OwnEntry, ...]
    unreadable: int


def own_entries(store: "Store", person: str) -> OwnEntries:
    """Every event of one person that this device still has.

    Raises:
        Fault: what the store raises; an entry that does not open is counted, and noted by the quarantine.
    """
    found: list[OwnEntry] = []
    unreadable = 0
    with store.database.read():
        waiting = {row[0] for row in store.database.rows("SELECT seq FROM undelivered WHERE person = ?", person)}
        for (period,) in store.database.rows(_PERIODS, person):
            try:
                count = store.ledger.count(person, period)
            except FormatError:
                store.quarantine.note("keys", f"record/{person}/{period}", "does not open", person)
                unreadable += 1
                continue
            for number in range(count):
                body = store.ledger.body(person, period, number)
                try:
                    plain = None if body is None else store.ledger.plain(*body, person, period)
                    if body is not None and plain is not None:
                        found.append(_entry(store, body[0], plain[SALT_SIZE:], waits=body[0] in waiting))
                except FormatError:
                    store.quarantine.note("bodies", str(body[0] if body else 0), "does not open", person)
                    unreadable += 1
    store.quarantine.settle()
    return OwnEntries(tuple(sorted(found, key=lambda entry: entry.seq)), unreadable)


def _entry(store: "Store", seq: int, clear: bytes, *, waits: bool) -> OwnEntry:
    event, device = parse(clear)  # refuses what is no event
    envelope: dict[str, Any] = json.loads(clear)
    if envelope["source"] != SOURCE + device:
        raise FormatError("event: source")
    data = dict(envelope["data"])
    clock, site = data.pop("clock"), data.pop("site", "")  # the details of a trip name none
    del data["person"]
    signed = None if waits else store.database.row(_SIGNED, seq)
    return OwnEntry(
        seq=seq,
        id=event.event_id,
        kind=envelope["type"].removeprefix(_TYPE).rsplit(".", 1)[0],
        said={name: str(value) for name, value in data.items()},
        occurred_at=checks.moment_from_text(envelope["time"]),
        zone=clock["zone"],
        clock=clock["state"],
        uncertainty_s=clock["uncertainty_s"],
        site=site,
        delivered=not waits,
        delivered_by=None if signed is None else int(signed[0]),
    )
