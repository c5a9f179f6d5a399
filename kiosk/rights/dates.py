"""Days as people write them, and moments as documents show them; refuses a day that no calendar has."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
YEAR_MS: Final = 365 * DAY_MS


def begins(day: str, zone: str = "UTC") -> int:
    """When a day begins at a place.

    Args:
        day: YYYY-MM-DD.
        zone: of the IANA list.

    Returns:
        Milliseconds UTC.

    Raises:
        ValueError: no such day, another spelling, or a year before 1970.
    """
    found = date.fromisoformat(day)
    if found.isoformat() != day or found.year < 1970:  # noqa: PLR2004 - moments count from there
        raise ValueError(f"{day} is no day: YYYY-MM-DD")
    return round(datetime.combine(found, time(), ZoneInfo(zone)).timestamp() * 1000)


def at_time(day: str, hours: int, minutes: int, zone: str = "UTC") -> int:
    """A time on a day (YYYY-MM-DD) at a place, ms UTC; one that the clocks jumped over counts as if they had not.

    Raises:
        ValueError: as `begins`, or no such time.
    """
    begins(day, zone)
    found = datetime.combine(date.fromisoformat(day), time(hours, minutes), ZoneInfo(zone))
    return round(found.timestamp() * 1000)


def ends(day: str, zone: str = "UTC") -> int:
    """When a day is over: the first moment of the next, ms UTC. Raises as `begins`, OverflowError on the last day."""
    return begins((date.fromisoformat(day) + timedelta(days=1)).isoformat(), zone)


def moment(ms: int, zone: str = "UTC") -> datetime:
    """A moment (ms UTC) on the clock of a place; in UTC where this machine does not know the zone of an entry."""
    try:
        place: tzinfo = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        place = UTC
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(place)


def day(ms: int, zone: str = "UTC") -> str:
    """The day of a moment, `2026-11-16`."""
    return f"{moment(ms, zone):%Y-%m-%d}"


def minute(ms: int, zone: str = "UTC") -> str:
    """A minute with its zone, `2026-11-16 08:00 WIB`."""
    return f"{moment(ms, zone):%Y-%m-%d %H:%M %Z}"


def month_later(ms: int) -> int:
    """The same day of the next month, or its last one, ms UTC: the month of GDPR Article 14(3)(a)."""
    then = moment(ms)
    year, month = then.year + then.month // 12, then.month % 12 + 1
    return round(then.replace(year=year, month=month, day=min(then.day, monthrange(year, month)[1])).timestamp() * 1000)
