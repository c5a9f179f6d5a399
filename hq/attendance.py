"""Check-ins of a period as a person reads them, opened for one view and forgotten; refuses to pass over damage."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Row, select

from hq.database import devices, events, reading, roster
from hq.office import Office
from hq.roster import name_of
from wire.errors import FormatError
from wire.event import SALT_SIZE, CheckIn, ClockState, Correction, Dispute, Event, Method, parse

LONGEST: Final = timedelta(days=366)
_AT_ONCE: Final = 2048
_SLACK: Final = timedelta(days=2)
"""A check-in arrives after it was made; a zone is up to 14 hours off, and a clock may be a little."""


@dataclass(frozen=True, slots=True)
class Line:
    """One check-in, in the zone of its door.

    `name` is None where the roster has none; `was` is the action before the person corrected it, else None.
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

    def within(at: datetime) -> bool:
        return wanted.first <= at.date() <= wanted.last

    shown = lines(office, found, labels, names, within)
    folded = wanted.person.casefold()
    kept = [each for each in shown if not folded or _is(each, folded)]
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
    """Check-ins whose moment at their own door is `within`, newest first, with what corrects and disputes them."""
    disputed = {(device, event.refers_to) for device, event in found if isinstance(event, Dispute)}
    corrected = {(device, event.refers_to): event for device, event in found if isinstance(event, Correction)}
    known: dict[str, str | None] = {}
    made = []
    for device, event in found:
        if not isinstance(event, CheckIn):
            continue
        at = moment(event)
        if at is None or not within(at):
            continue
        if event.person not in known:
            known[event.person] = name_of(office.seals, event.person, names)
        correction = corrected.get((device, event.event_id))
        made.append(
            Line(
                at=at,
                code=event.person,
                name=known[event.person],
                action=(correction or event).action.value,
                was=event.action.value if correction else None,
                method=event.method.value,
                door=labels[device],
                claimed=event.method is Method.CLAIMED,
                disputed=(device, event.event_id) in disputed,
                doubtful=event.clock.state is not ClockState.SYNCED,
                device=device,
                event_id=event.event_id,
            )
        )
    made.sort(key=lambda line: line.at, reverse=True)
    return made


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
