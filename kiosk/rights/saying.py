"""Days, periods and lists of words as the registers print them; refuses to print a moment that nobody can read."""

from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version

from kiosk import words
from kiosk.rights import dates


def day(language: str, moment: int | None) -> str:
    """The day of a moment (ms UTC) as YYYY-MM-DD, or "never" in that language."""
    if moment is None:
        return words.say(language, "registers.never")
    return dates.day(moment)


def day_of(language: str, ordinal: int) -> str:
    """The day with this proleptic Gregorian ordinal, or "never" for 0."""
    if ordinal <= 0:
        return words.say(language, "registers.never")
    return datetime.fromordinal(ordinal).date().isoformat()


def either(language: str, text: str) -> str:
    """A text, or that it is not filled in."""
    return text or words.say(language, "registers.missing")


def known(language: str, family: str, word: str) -> str:
    """The word for a value of a closed list; a value that came later stands as it is."""
    return words.table(language).get(f"{family}.{word}", word)


def listed(language: str, family: str, keys: Iterable[str]) -> str:
    """Words of one family ("registers.purpose"), with commas between, or "none"."""
    return ", ".join(known(language, family, key) for key in keys) or words.say(language, "registers.none")


def footer(language: str, device: str) -> str:
    """The line at the foot of each page."""
    return words.say(language, "registers.footer", device=device, version=version("ambang"))
