"""Days of a door's own zone and moments in UTC; refuses what is no day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000


def began(day: str, zone: str) -> int:
    """When a day (YYYY-MM-DD) begins at the door, ms UTC. Raises ValueError."""
    return int(datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo(zone)).timestamp() * 1000)


def day_of(moment: int, zone: str) -> str:
    """The day at the door on which a moment (ms UTC) lies, YYYY-MM-DD."""
    return datetime.fromtimestamp(moment / 1000, UTC).astimezone(ZoneInfo(zone)).date().isoformat()


def minute_of(moment: int, zone: str) -> str:
    """The minute at the door in which a moment (ms UTC) lies: "2026-11-16 08:00"."""
    return datetime.fromtimestamp(moment / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def month_later(moment: int) -> int:
    """The same day of the next month, or its last one (ms UTC): the month of GDPR Article 14(3)(a)."""
    then = datetime.fromtimestamp(moment / 1000, UTC)
    year, month = (then.year + 1, 1) if then.month == 12 else (then.year, then.month + 1)  # noqa: PLR2004 - December
    for day in range(then.day, 27, -1):
        try:
            return int(then.replace(year=year, month=month, day=day).timestamp() * 1000)
        except ValueError:
            continue
    return int(then.replace(year=year, month=month).timestamp() * 1000)
