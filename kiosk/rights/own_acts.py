"""A person's own acts and how they stand; refuses an entry of somebody else's."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.ledger import month
from kiosk.store.standing import Standing, standings
from wire.event import Amendment, Correction

if TYPE_CHECKING:
    from kiosk.store import Store

_PERIODS: Final = "SELECT period FROM keys WHERE kind = 'record' AND person = ? ORDER BY period"
_LATER: Final = timedelta(days=1)
"""What was said at the door about an act was said within seconds, perhaps in the next month."""


def lately(store: "Store", person: str, since: int) -> tuple[Standing, ...]:
    """The acts since a moment (ms UTC), and those that a clock which was never set has logged under another year.

    Raises:
        Fault: as for any reading of the store.
    """
    found: list[Standing] = []
    made = store.database.row("SELECT created_at FROM store")
    first, created = month(since), month(0 if made is None else int(made[0]))
    for (period,) in store.database.rows(_PERIODS, person):
        if first <= period or period < created:
            found += in_month(store, person, period)
    return tuple(found)


def in_month(store: "Store", person: str, period: str) -> tuple[Standing, ...]:
    """The acts that lie in the ledger under a month ("2026-11"). Raises Fault as for any reading of the store."""
    start, end = _span(period)
    events = store.history.events(person, _ms(start), _ms(end + _LATER))
    return tuple(each for each in standings(events) if month(each.event.occurred_at) == period)


def one(store: "Store", person: str, event_id: str) -> Standing:
    """How one act stands, by the id of its entry, or of a correction or amendment of it.

    Raises:
        Fault: REQUEST_REFUSED: this person has no such entry.
    """
    row = store.database.row("SELECT period FROM bodies WHERE event_id = ?", event_id)
    if row is not None:
        start, end = _span(row[0])
        events = store.history.events(person, _ms(start - _LATER), _ms(end + _LATER))
        about = {each.event_id: each.refers_to for each in events if isinstance(each, Correction | Amendment)}
        root = event_id
        while about.get(root):
            root = about[root]
        for each in standings(events):
            if each.event.event_id == root:
                return each
    raise Fault(FaultCode.REQUEST_REFUSED, "this person has no such entry")


def _span(period: str) -> tuple[datetime, datetime]:
    start = datetime.strptime(period, "%Y-%m").replace(tzinfo=UTC)
    return start, (start + timedelta(days=32)).replace(day=1)


def _ms(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000))
