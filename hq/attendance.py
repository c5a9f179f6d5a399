"""Check-ins of a period as a person reads them, opened for one view and forgotten; refuses to pass over damage."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Row, select

from hq import doors
from hq.database import devices, events, reading, roster
from hq.office import Office
from hq.roster import name_of
from wire.errors import FormatError
from wire.event import (
    SALT_SIZE,
    Action,
    Amendment,
    CheckIn,
    ClockState,
    Correction,
    Decision,
    Dispute,
    Event,
    Method,
    TripDetails,
    parse,
)

LONGEST: Final = timedelta(days=366)
_AT_ONCE: Final = 2048
TRAVELS: Final = frozenset({Action.TRIP_LEAVE, Action.TRIP_RETURN})
_SLACK: Final = timedelta(days=2)
"""A check-in arrives after it was made; a zone is up to 14 hours off, and a clock may be a little."""


@dataclass(frozen=True, slots=True)
class Line:
    """One check-in, in the zone of its door, as it counts now.

    `name` is None where the roster has none; `was` is the action before it was corrected, else None. What a human has
    decided about it stands in `decision` (`wire.event.Decision`, else ""), and no longer counts as claimed or disputed;
    `was_at` is the time before that, None where it is the same. `trip` is what was last said of the trip that begins or
    ends here. `position` is the surveyed place of the door as it was last reported, "" where it is not known: of the
    door, for no event has a place of its own.
    """

    at: datetime
    code: str = field(repr=False)
    name: str | None = field(repr=False)
    action: str
    was: str | None
    method: str
    door: str
    claimed: bool
    disputed: bool
    doubtful: bool
    device: str = ""
    event_id: str = ""
    decision: str = ""
    was_at: datetime | None = None
    trip: TripDetails | None = field(default=None, repr=False)
    position: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is one of the acts that happened: not what was annulled."""
        return self.decision != Decision.ANNULLED


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the attendance is asked for.

    Args:
        first: the first day, by the clock of each door.
        last: the last day, not before the first, at most a year later.
        person: an employee code, or a part of a name or code in any case; "" for everybody.
        device: a device id; "" for every door.
    """

    first: date
    last: date
    person: str = field(default="", repr=False)
    device: str = ""


EVERYTHING: Final = Wanted(date(1970, 1, 5), date(9999, 12, 1))


@dataclass(frozen=True, slots=True)
class Period:
    """Lines, newest first, and how many entries did not open."""

    lines: tuple[Line, ...]
    unreadable: int


def attendance(office: Office, wanted: Wanted) -> Period:
    """Open what may belong to a period and keep what does."""
    since = datetime.combine(wanted.first, datetime.min.time(), UTC) - _SLACK
    found: list[tuple[str, Event]] = []
    unreadable = 0
    for device, _seq, _received, happened in opened(office, since=int(since.timestamp() * 1000), device=wanted.device):
        if happened is None:
            unreadable += 1
        else:
            found.append((device, happened))
    with reading(office.engine) as view:
        labels = {row.id: row.label for row in view.execute(select(devices.c.id, devices.c.label))}
        names = {row.person: row.sealed for row in view.execute(select(roster.c.person, roster.c.sealed))}
        places = doors.places(view)

    def within(at: datetime) -> bool:
        return wanted.first <= at.date() <= wanted.last

    shown = lines(office, found, labels, names, within)
    folded = wanted.person.casefold()
    kept = [replace(each, position=places.get(each.device, "")) for each in shown if not folded or _is(each, folded)]
    return Period(tuple(kept), unreadable)


def opened(office: Office, *, since: int = 0, device: str = "") -> Iterator[tuple[str, int, int, Event | None]]:
    """Every event received at or after `since` (ms), in the order of each ledger; None for what does not open.

    Each view is short, because a long one would keep devices from being stored.
    """
    for row in sealed(office, since=since, device=device):
        yield row.device, row.seq, row.received, read(office, row)


def sealed(office: Office, *, since: int = 0, device: str = "") -> Iterator[Row[Any]]:
    """The rows of `events`, some at a time, while others write."""
    with reading(office.engine) as view:
        known = view.execute(select(devices.c.id).order_by(devices.c.id)).scalars().all()
    for one in known:
        if device not in ("", one):
            continue
        last = 0
        while True:
            wanted = select(events).where(events.c.device == one, events.c.seq > last)
            if since:
                wanted = wanted.where(events.c.received >= since)
            with reading(office.engine) as view:
                rows = view.execute(wanted.order_by(events.c.seq).limit(_AT_ONCE)).all()
            if not rows:
                break
            last = rows[-1].seq
            yield from rows


def read(office: Office, row: Row[Any]) -> Event | None:
    """What a row of `events` says; None if it does not open or is no event."""
    try:
        plain = office.seals.open("events", f"{row.device}/{row.seq}", row.sealed)
        return parse(plain[SALT_SIZE:])[0]
    except FormatError:
        return None


def lines(
    office: Office,
    found: Sequence[tuple[str, Event]],
    labels: Mapping[str, str],
    names: Mapping[bytes, bytes],
    within: Callable[[datetime], bool],
) -> list[Line]:
    """Check-ins whose moment at their own door is `within`, newest first, with what corrects, disputes and decides."""
    told = _told(found)
    known: dict[str, str | None] = {}
    made = []
    for device, event in found:
        if not isinstance(event, CheckIn | Amendment) or (isinstance(event, Amendment) and event.refers_to):
            continue
        at = moment(told.decided.get((device, event.event_id), event))
        if at is None or not within(at):
            continue
        if event.person not in known:
            known[event.person] = name_of(office.seals, event.person, names)
        made.append(_line(device, event, told, at, labels[device], known[event.person]))
    made.sort(key=lambda line: line.at, reverse=True)
    return made


@dataclass(frozen=True, slots=True)
class _Told:
    """What was said later about a check-in, by device and event id."""

    disputed: set[tuple[str, str]]
    corrected: dict[tuple[str, str], Correction]
    decided: dict[tuple[str, str], Amendment]
    trips: dict[tuple[str, str], TripDetails]


def _told(found: Sequence[tuple[str, Event]]) -> _Told:
    """Gather it in the order of the ledger: a decision answers the disputes before it."""
    told = _Told(set(), {}, {}, {})
    roots: dict[tuple[str, str], str] = {}  # the check-in that a correction ends at, perhaps through another one
    for device, event in found:
        match event:
            case Dispute():
                told.disputed.add((device, roots.get((device, event.refers_to), event.refers_to)))
            case Correction():
                root = roots[device, event.event_id] = roots.get((device, event.refers_to), event.refers_to)
                told.corrected[device, root] = event
            case Amendment() if event.refers_to:
                told.decided[device, event.refers_to] = event
                told.disputed.discard((device, event.refers_to))
            case TripDetails():
                told.trips[device, roots.get((device, event.refers_to), event.refers_to)] = event
            case _:
                pass
    return told


def _line(  # noqa: PLR0913, PLR0917 - what a line is made of
    device: str, event: CheckIn | Amendment, told: _Told, at: datetime, door: str, name: str | None
) -> Line:
    key = (device, event.event_id)
    last = told.decided.get(key, event)
    action = told.corrected[key].action if last is event and key in told.corrected else last.action
    decision = last.decision if isinstance(last, Amendment) else ""
    vouched = decision in (Decision.ADDED, Decision.TIME) or isinstance(event, Amendment)
    method = event.method if isinstance(event, CheckIn) else None
    return Line(
        at=at,
        code=event.person,
        name=name,
        action=action.value,
        was=event.action.value if action is not event.action else None,
        method="decided" if method is None else method.value,
        door=door,
        claimed=method is Method.CLAIMED and not decision,
        disputed=key in told.disputed,
        doubtful=event.clock.state is not ClockState.SYNCED and not vouched,
        device=device,
        event_id=event.event_id,
        decision=decision,
        was_at=moment(event) if last.occurred_at != event.occurred_at else None,
        trip=told.trips.get(key) if action in TRAVELS else None,
    )


def moment(event: Event) -> datetime | None:
    """When it happened by the clock of its door; None for the last hours of the year 9999."""
    try:
        return datetime.fromtimestamp(event.occurred_at / 1000, zone_of(event.clock.zone))
    except (OverflowError, ValueError):
        return None


def house_zone(office: Office) -> ZoneInfo:
    """The zone in which HQ tells its own acts: that of the door it has known longest; UTC before one spoke."""
    newest = select(events).join(devices, devices.c.id == events.c.device).limit(1)
    with reading(office.engine) as view:
        row = view.execute(newest.order_by(devices.c.added, devices.c.id, events.c.seq.desc())).one_or_none()
    happened = None if row is None else read(office, row)
    return ZoneInfo("UTC") if happened is None else zone_of(happened.clock.zone)


def zone_of(name: str) -> ZoneInfo:
    """A zone of the IANA data base; UTC where it has none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _is(line: Line, folded: str) -> bool:
    return folded in line.code.casefold() or folded in (line.name or "").casefold()
