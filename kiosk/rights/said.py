"""Actions, methods and moments as a document says them; refuses a time without its zone."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk.words import say
from wire.event import Action


def act(language: str, action: Action, at: int, zone: str) -> str:
    """What somebody did, and when (ms UTC) on the clock of the door: "In, 2026-11-16 08:00 WIB"."""
    return say(language, "correction.act", action=say(language, f"correction.action.{action}"), at=minute(at, zone))


def minute(ms: int, zone: str) -> str:
    """A minute with its zone, `2026-11-16 08:00 WIB`; in UTC where this machine does not know the zone."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone(_zone(zone)):%Y-%m-%d %H:%M %Z}"


def _zone(zone: str) -> tzinfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
