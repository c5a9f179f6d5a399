"""What the page shows of today: opened for one view and forgotten; refuses to count what does not open as nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from hq.attendance import Line, lines, read
from hq.database import devices, events, reading, roster
from hq.doors import Alarm, Door, doors_and_alarms
from hq.office import Office

LONGEST_DAY_MS = 26 * 3600 * 1000
"""What happened today was received no longer ago than this: a day has at most 25 hours, clocks differ a little."""

__all__ = ["Alarm", "Door", "Line", "Today", "look"]


@dataclass(frozen=True, slots=True)
class Today:
    """Everything on the page; lines and alarms newest first."""

    doors: tuple[Door, ...]
    lines: tuple[Line, ...]
    alarms: tuple[Alarm, ...]
    unreadable: int
    now: datetime


def look(office: Office, now: int) -> Today:
    """Open what arrived since yesterday and keep what happened today by the clock of its own door."""
    with reading(office.engine) as view:
        labels = {row.id: row.label for row in view.execute(select(devices.c.id, devices.c.label))}
        recent = select(events).where(events.c.received > now - LONGEST_DAY_MS).order_by(events.c.device, events.c.seq)
        rows = view.execute(recent).all()
        names = {row.person: row.sealed for row in view.execute(select(roster.c.person, roster.c.sealed))}
    # opened after the view: a long one would keep devices from being stored
    found = [(row.device, happened) for row in rows if (happened := read(office, row)) is not None]

    def is_today(at: datetime) -> bool:
        return at.date() == datetime.fromtimestamp(now / 1000, at.tzinfo).date()

    shown = lines(office, found, labels, names, is_today)
    doors, alarms = doors_and_alarms(office, now)
    moment = datetime.fromtimestamp(now / 1000, shown[0].at.tzinfo if shown else UTC)
    return Today(doors, tuple(shown), alarms, len(rows) - len(found), moment)
