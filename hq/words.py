"""The page's sentences in the reader's language; refuses a key that is not in hq/sentences."""

import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hq.facts import Fact, Form

LANGUAGES = ("en", "id", "nl")
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


@cache
def _book() -> dict[str, dict[str, Any]]:
    where = Path(__file__).with_name("sentences")
    return {language: tomllib.loads((where / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES}


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
    """One sentence. Raises KeyError if it is not there."""
    sentence: str = _book()[language][key]
    return sentence.format(**values) if values else sentence


def translated(language: str, sentence: str) -> str:
    """An English sentence of ours in another language; as it is where hq/sentences does not have it."""
    key = next((key for key, text in _book()["en"].items() if text == sentence), "")
    return say(language, key) if key else sentence


def maybe(language: str, key: str, otherwise: str) -> str:
    """One sentence, or that of the key `otherwise` where hq/sentences has none of this key."""
    return say(language, key if key in _book()[language] else otherwise)


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


def age(language: str, since_ms: int) -> str:
    """How long ago, without saying what: "3 hours ago"; a negative age is now."""
    for unit, key in ((DAY_MS, "days"), (HOUR_MS, "hours"), (MINUTE_MS, "minutes")):
        if since_ms >= unit:
            return say(language, "age", span=count(language, f"span_{key}", since_ms // unit))
    return say(language, "now")


def span(language: str, length_ms: int) -> str:
    """How long something lasts, in its largest unit."""
    for unit, key in ((DAY_MS, "days"), (HOUR_MS, "hours")):
        if length_ms >= unit:
            return count(language, f"span_{key}", length_ms // unit)
    return count(language, "span_minutes", max(length_ms, 0) // MINUTE_MS)


def moment(language: str, value: datetime) -> str:
    """Day and time, short: for lists."""
    return value.strftime(say(language, "moment"))


def moment_of(language: str, at_ms: int, zone: ZoneInfo) -> str:
    """The same of ms since 1970."""
    return moment(language, datetime.fromtimestamp(at_ms / 1000, zone))


def iso(at_ms: int) -> str:
    """Ms since 1970 for a machine to read."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")


def role_list(language: str, roles: str) -> str:
    """Roles with blanks between, in words."""
    return ", ".join(say(language, f"role_{role}") for role in roles.split())


def fact(language: str, told: Fact, now: int) -> str:
    """The value of a fact that a device has reported."""
    value = told.value
    if value is None:
        return say(language, "not_ever")
    if isinstance(value, str):
        return maybe(language, f"word_{value}", "word_other") if told.form is Form.WORD else value
    match told.form:
        case Form.PAST:
            return age(language, now - value)
        case Form.SPAN:
            return span(language, value)
        case Form.UNTIL:
            return datetime.fromtimestamp(value / 1000, UTC).strftime(say(language, "day"))
        case _:
            return number(language, value)


def number(language: str, value: int) -> str:
    """A whole number with the language's thousands separator."""
    return f"{value:,}" if language == "en" else f"{value:,}".replace(",", ".")


def _is_quality(text: str) -> bool:
    return len(text) <= len("0.000") and text.replace(".", "", 1).isdecimal() and text.isascii()
