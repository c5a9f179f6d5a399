"""The page's sentences in the reader's language; refuses a key that is not in words.toml."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "id", "nl")
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


@cache
def _book() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def choose(accepted: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110 section 12.5.4); English if none fits."""
    wishes: list[tuple[float, str]] = []
    for place, part in enumerate(accepted[:256].split(",")):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        quality = weight.strip().removeprefix("q=") if weight else "1"
        if language in LANGUAGES and _is_quality(quality) and float(quality) > 0:
            wishes.append((float(quality) - place / 1e6, language))
    return max(wishes)[1] if wishes else "en"


def say(language: str, key: str, **values: str | int) -> str:
    """One sentence. Raises KeyError if it is not in words.toml."""
    sentence: str = _book()[language][key]
    return sentence.format(**values) if values else sentence


def count(language: str, key: str, number: int) -> str:
    """`<key>_none`, `<key>_one` or `<key>_many`, whichever fits the number (0..)."""
    if number == 0 and f"{key}_none" in _book()[language]:
        return say(language, f"{key}_none")
    return say(language, f"{key}_one") if number == 1 else say(language, f"{key}_many", count=number)


def ago(language: str, since_ms: int) -> str:
    """How long ago something was heard; a negative age is now."""
    for unit, key in ((DAY_MS, "days"), (HOUR_MS, "hours"), (MINUTE_MS, "minutes")):
        if since_ms >= unit:
            return count(language, key, since_ms // unit)
    return say(language, "just_now")


def date(language: str, moment: datetime) -> str:
    """The day in words."""
    book = _book()[language]
    weekday, month = book["weekdays"][moment.weekday()], book["months"][moment.month - 1]
    return say(language, "date", weekday=weekday, day=moment.day, month=month, year=moment.year)


def clock(language: str, moment: datetime) -> str:
    """Hours and minutes, 24-hour clock."""
    return moment.strftime(say(language, "time"))


def number(language: str, value: int) -> str:
    """A whole number with the language's thousands separator."""
    return f"{value:,}" if language == "en" else f"{value:,}".replace(",", ".")


def _is_quality(text: str) -> bool:
    return len(text) <= len("0.000") and text.replace(".", "", 1).isdecimal() and text.isascii()
