"""Days as people write them, and moments as the store keeps them; refuses a day that no calendar has."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY_MS: Final = 86_400_000
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


def ends(day: str, zone: str = "UTC") -> int:
    """When a day is over: the first moment of the next, ms UTC. Raises as `begins`."""
    return begins((date.fromisoformat(day) + timedelta(days=1)).isoformat(), zone)


def of(at_ms: int, zone: str = "UTC") -> str:
    """The day of a moment, YYYY-MM-DD."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def minute(at_ms: int, zone: str = "UTC") -> str:
    """Day and minute of a moment."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def month_later(at_ms: int) -> int:
    """The same day of the next month, or its last one, ms UTC: the month of GDPR Article 14(3)(a)."""
    then = datetime.fromtimestamp(at_ms / 1000, UTC)
    year, month = then.year + then.month // 12, then.month % 12 + 1
    return round(then.replace(year=year, month=month, day=min(then.day, monthrange(year, month)[1])).timestamp() * 1000)
