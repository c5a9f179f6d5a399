"""Times, dates and durations as each language writes them; refuses to guess a zone: datetimes come with theirs."""

from datetime import date as Day  # noqa: N812 - `date` is a function here
from datetime import datetime, timedelta

from PySide6.QtCore import QDate, QLocale, QTime

from kiosk import words
from kiosk.flow.events import Shift

_LOCALES = {
    "id": QLocale(QLocale.Language.Indonesian, QLocale.Country.Indonesia),
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
    "nl": QLocale(QLocale.Language.Dutch, QLocale.Country.Netherlands),
}


def time(language: str, at: datetime) -> str:
    """Return hours and minutes: 07.58 in Indonesian, 07:58 in English and Dutch."""
    return _LOCALES[language].toString(QTime(at.hour, at.minute), QLocale.FormatType.ShortFormat)


def date(language: str, at: datetime) -> str:
    """Return weekday, day and month: Senin, 3 Agustus; Monday 3 August; maandag 3 augustus."""
    form = "dddd, d MMMM" if language == "id" else "dddd d MMMM"
    return _LOCALES[language].toString(QDate(at.year, at.month, at.day), form)


def day(language: str, at: Day) -> str:
    """Return day, month and year: 3 Agustus 2026; 3 August 2026; 3 augustus 2026."""
    return _LOCALES[language].toString(QDate(at.year, at.month, at.day), "d MMMM yyyy")


def when(language: str, at: datetime, now: datetime) -> str:
    """Return the time, with the weekday before it when it was not today."""
    if at.date() == now.date():
        return time(language, at)
    return f"{_LOCALES[language].toString(QDate(at.year, at.month, at.day), 'dddd')} {time(language, at)}"


def hours(language: str, worked_s: int) -> str:
    """Return hours and minutes worked today; seconds are dropped, not rounded up."""
    minutes = timedelta(seconds=max(0, worked_s)) // timedelta(minutes=1)
    return words.say(language, "recorded.hours", hours=minutes // 60, minutes=minutes % 60)


def shift(language: str, theirs: Shift) -> str:
    """Return the name of a shift and when it begins and ends, by the clock of the door."""
    begins, ends = (
        _LOCALES[language].toString(QTime(minute // 60, minute % 60), QLocale.FormatType.ShortFormat)
        for minute in (theirs.begins, theirs.ends)
    )
    return words.say(language, "door.shift", name=theirs.name, begins=begins, ends=ends)
