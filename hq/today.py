"""What the page shows of today: opened for one view and forgotten; refuses to count what does not open as nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Row, select

from hq.database import alarms, devices, events, reading, roster
from hq.office import Office
from hq.roster import name_of
from wire.errors import FormatError
from wire.event import SALT_SIZE, CheckIn, ClockState, Correction, Dispute, Event, Method, parse

LONGEST_DAY_MS = 26 * 3600 * 1000
"""What happened today was received no longer ago than this: a day has at most 25 hours, clocks differ a little."""


@dataclass(frozen=True, slots=True)
class Door:
    """One device: id, label, last accepted batch (ms since 1970 or None), rows verified, open alarms."""

    id: str
    label: str
    last_contact: int | None
    size: int
    alarms: int


@dataclass(frozen=True, slots=True)
class Line:
    """One check-in of today, in the zone of its door.

    `name` is None where the roster has none; `was` is the action before the person corrected it, else None.
    """

    at: datetime
    code: str
    name: str | None
    action: str
    was: str | None
    method: str
    door: str
    claimed: bool
    disputed: bool
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """One cause to look into: since when (UTC), how often, and the ledger row to blame (0: none)."""

    door: str
    kind: str
    seq: int
    since: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Today:
    """Everything on the page; lines and alarms newest first."""

    doors: tuple[Door, ...]
    lines: tuple[Line, ...]
    alarms: tuple[Alarm, ...]
    unreadable: int
    now: datetime


@dataclass(frozen=True, slots=True)
class _Read:
    """Rows as they lie in the database; read in one go, because a long view would keep devices from being stored."""

    devices: Sequence[Row[Any]]
    alarms: Sequence[Row[Any]]
    events: Sequence[Row[Any]]
    names: Mapping[bytes, bytes]


def look(office: Office, now: int) -> Today:
    """Open what arrived since yesterday and keep what happened today by the clock of its own door."""
    with reading(office.engine) as view:
        read = _read(view, now)
    found, unreadable = _opened(office, read.events)
    labels = {row.id: row.label for row in read.devices}
    disputed = {(device, event.refers_to) for device, event in found if isinstance(event, Dispute)}
    corrected = {(device, event.refers_to): event for device, event in found if isinstance(event, Correction)}
    names: dict[str, str | None] = {}
    lines = []
    for device, event in found:
        at = _today(event, now)
        if at is None or not isinstance(event, CheckIn):
            continue
        if event.person not in names:
            names[event.person] = name_of(office.seals, event.person, read.names)
        correction = corrected.get((device, event.event_id))
        lines.append(
            Line(
                at=at,
                code=event.person,
                name=names[event.person],
                action=(correction or event).action.value,
                was=event.action.value if correction else None,
                method=event.method.value,
                door=labels[device],
                claimed=event.method is Method.CLAIMED,
                disputed=(device, event.event_id) in disputed,
                doubtful=event.clock.state is not ClockState.SYNCED,
            )
        )
    lines.sort(key=lambda line: line.at, reverse=True)
    zone = lines[0].at.tzinfo if lines else UTC
    moment = datetime.fromtimestamp(now / 1000, zone)
    return Today(_doors(read), tuple(lines), _alarms(read, labels), unreadable, moment)


def _read(view: Connection, now: int) -> _Read:
    recent = events.c.received > now - LONGEST_DAY_MS
    return _Read(
        view.execute(select(devices).order_by(devices.c.label, devices.c.id)).all(),
        view.execute(select(alarms).order_by(alarms.c.last_at.desc())).all(),
        view.execute(select(events).where(recent).order_by(events.c.device, events.c.seq)).all(),
        {row.person: row.sealed for row in view.execute(select(roster.c.person, roster.c.sealed))},
    )


def _opened(office: Office, rows: Sequence[Row[Any]]) -> tuple[list[tuple[str, Event]], int]:
    found: list[tuple[str, Event]] = []
    unreadable = 0
    for row in rows:
        try:
            plain = office.seals.open("events", f"{row.device}/{row.seq}", row.sealed)
            found.append((row.device, parse(plain[SALT_SIZE:])[0]))
        except FormatError:
            unreadable += 1
    return found, unreadable


def _today(event: Event, now: int) -> datetime | None:
    try:
        zone = ZoneInfo(event.clock.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    try:
        at = datetime.fromtimestamp(event.occurred_at / 1000, zone)
    except (OverflowError, ValueError):  # the last hours of the year 9999
        return None
    return at if at.date() == datetime.fromtimestamp(now / 1000, zone).date() else None


def _doors(read: _Read) -> tuple[Door, ...]:
    counts = Counter(row.device for row in read.alarms)
    return tuple(Door(row.id, row.label, row.last_contact, row.size, counts[row.id]) for row in read.devices)


def _alarms(read: _Read, labels: Mapping[str, str]) -> tuple[Alarm, ...]:
    return tuple(
        Alarm(labels[row.device], row.kind, row.seq, datetime.fromtimestamp(row.first_at / 1000, UTC), row.times)
        for row in read.alarms
    )
