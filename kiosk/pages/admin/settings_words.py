"""Settings and their values in words; refuses to show a key of kiosk.toml to somebody who stands at a door."""

from kiosk.pages.page import At
from kiosk.pages.wording import number
from kiosk.store.overlay import SHARE, Kind, Value, changeable


def label(at: At, key: str) -> str:
    """The name of a setting."""
    return at.say(f"settings.key.{changeable(key).name}")


def spoken(at: At, key: str, value: Value) -> str:
    """A value in words."""
    of = changeable(key)
    match of.kind:
        case Kind.TEXT:
            return value[0] or at.say("settings.empty")
        case Kind.CHOICE:
            return option(at, key, value[0])
        case Kind.SEVERAL:
            return ", ".join(option(at, key, each) for each in value)
        case Kind.FLAG:
            return at.say(f"settings.{value[0]}")
        case Kind.NUMBER:
            return at.say("admin.seconds", count=int(value[0]))
        case Kind.SCORE:
            return number(at, int(value[0]) / SHARE, 2)


def option(at: At, key: str, each: str) -> str:
    """One of the values that can be chosen."""
    of = changeable(key)
    if of.kind is Kind.FLAG:
        return at.say(f"settings.{each}")
    place = {"buttons": "button", "language": "language"}.get(of.name, f"settings.{of.name}")
    return at.say(f"{place}.{each}")
