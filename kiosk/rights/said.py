"""Actions as a document says them, with their moment; refuses a time without its zone."""

from kiosk.rights.local_time import minute
from kiosk.words import say
from wire.event import Action


def act(language: str, action: Action, at: int, zone: str) -> str:
    """What somebody did, and when (ms UTC) on the clock of the door: "In, 2026-11-16 08:00 WIB"."""
    return say(language, "correction.act", action=say(language, f"correction.action.{action}"), at=minute(at, zone))
