"""Moments as a document shows them: year first, on the clock of the door; refuses to leave out the zone."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def day(ms: int, zone: str) -> str:
    """A day, `2026-11-16`, in an IANA time zone; in UTC where this machine does not know the zone."""
    return f"{_at(ms, zone):%Y-%m-%d}"


def minute(ms: int, zone: str) -> str:
    """A minute with its zone, `2026-11-16 08:00 WIB`."""
    return f"{_at(ms, zone):%Y-%m-%d %H:%M %Z}"


def offset(ms: int, zone: str) -> str:
    """A second as programs read it, `2026-11-16T08:00:00+07:00`."""
    return _at(ms, zone).isoformat(timespec="seconds")


def midnight(of: date, zone: str) -> int:
    """When a day begins on the clock of the door, ms UTC; 0 for a day before 1970."""
    begins = datetime(of.year, of.month, of.day, tzinfo=_zone(zone))
    return max(0, round(begins.timestamp() * 1000))


def _at(ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(_zone(zone))


def _zone(zone: str) -> tzinfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
