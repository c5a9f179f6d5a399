"""A new case, question by question: what, since when, in which words, drill or not; refuses a time that is to come."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.pages.page import Desk, Do, Instead, Move, Page
from kiosk.pages.privacy.leaf import Ask, Leaf, picks, word
from kiosk.pages.privacy.who import of_company, staff
from kiosk.rights import breach_acts
from kiosk.rights.breach import Happening
from kiosk.rights.breach_acts import Report
from kiosk.rights.dates import DAY_MS

_MINUTE: Final = "%Y-%m-%d %H:%M"
_DAY: Final = "%Y-%m-%d"
WHEN: Final = ("now", "today", "yesterday", "typed")


@dataclass(frozen=True, slots=True)
class Begun:
    """What was answered so far.

    Args:
        show: makes the page of the case that comes of it.
        happening: what.
        key_too: whether what opens the data is in the same hands.
        drill: whether nothing has happened.
        first: since when, ms UTC; None: now.
        last: the last moment that is meant.
        words: in their words.
    """

    show: Callable[[Desk, str], Page] = field(repr=False)
    happening: Happening
    key_too: bool = False
    drill: bool = False
    first: int | None = None
    last: int = 0
    words: str = field(default="", repr=False)


def happening(show: Callable[[Desk, str], Page]) -> Leaf:
    """What has happened."""
    options = tuple((each.value, word(f"breach.happening.{each}")) for each in Happening)
    return picks(
        "officer.breach.what", "officer.breach.what", options, lambda key: Instead(_when(Begun(show, Happening(key))))
    )


def _when(begun: Begun) -> Leaf:
    options = tuple((each, word(f"officer.breach.when_{each}")) for each in WHEN)

    def then(key: str) -> Move:
        return Instead(_typed(begun)) if key == "typed" else Do(lambda desk: Instead(_key(_since(desk, begun, key))))

    return picks("officer.breach.when", "officer.breach.when", options, then)


def _since(desk: Desk, begun: Begun, key: str) -> Begun:
    """The whole of a day counts: whoever came on it is counted in."""
    now = desk.store.now_ms()
    if key == "now":
        return replace(begun, first=now, last=now)
    place = ZoneInfo(desk.config.device.zone)
    at = datetime.fromtimestamp(now / 1000, place) - timedelta(days=int(key == "yesterday"))
    return _of_day(begun, at, now)


def _of_day(begun: Begun, at: datetime, now: int) -> Begun:
    first = int(at.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
    return replace(begun, first=first, last=max(first, min(first + DAY_MS - 1, now)))


def _typed(begun: Begun, wrong: str = "") -> Ask:
    def then(text: str) -> Move:
        def work(desk: Desk) -> Move:
            found = _read(desk, begun, text)
            return Instead(_typed(begun, "officer.breach.no_time")) if found is None else Instead(_key(found))

        return Do(work)

    label, line = "officer.breach.time", "officer.breach.time_line"
    return Ask("officer.breach.when", label, then, least=len("2026-11-26"), most=16, line=line, wrong=wrong)


def _read(desk: Desk, begun: Begun, text: str) -> Begun | None:
    """A day or a minute at the door; None for what is neither, or is to come."""
    place, now = ZoneInfo(desk.config.device.zone), desk.store.now_ms()
    whole = len(text) == len("2026-11-26")
    try:
        at = datetime.strptime(text, _DAY if whole else _MINUTE).replace(tzinfo=place)
        first = int(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    if not 0 <= first <= now:
        return None
    return _of_day(begun, at, now) if whole else replace(begun, first=first, last=min(first + 59_999, now))


def _key(begun: Begun) -> Leaf:
    options = (("no", word("officer.breach.key_no")), ("yes", word("officer.breach.key_yes")))
    line = "officer.breach.key_line"
    return picks(
        "officer.breach.key",
        "officer.breach.key",
        options,
        lambda key: Instead(_drill(replace(begun, key_too=key == "yes"))),
        line=line,
    )


def _drill(begun: Begun) -> Leaf:
    options = (("real", word("officer.breach.real")), ("drill", word("officer.breach.is_drill")))
    return picks(
        "officer.breach.drill",
        "officer.breach.real_or_drill",
        options,
        lambda key: Instead(_words(replace(begun, drill=key == "drill"))),
    )


def _words(begun: Begun) -> Ask:
    def then(text: str) -> Move:
        return Do(lambda desk: _open(desk, replace(begun, words=text)))

    line = "officer.breach.words_line"
    return Ask("officer.breach.new", "officer.breach.words", then, least=0, most=1000, line=line)


def _open(desk: Desk, begun: Begun) -> Move:
    login, now = staff(desk), desk.store.now_ms()
    first = now if begun.first is None else begun.first
    report = Report(
        begun.happening, first, now, begun.words, begun.key_too, until=max(first, begun.last), drill=begun.drill
    )
    kept = breach_acts.open_case(desk.store, desk.config, of_company(desk), report, by=login.account)
    return Instead(begun.show(desk, kept.paper.id))
