"""How somebody says what is wrong or missing: day, action, time, their own words; refuses to write an entry over.

A human decides (docs/corrections.md); here it is only asked, and stands in the register with its clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from kiosk.faults import Fault
from kiosk.pages.mydata.asking import Written, capital, company_of, person_of
from kiosk.pages.mydata.receipt import after
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import AskedKind, Row, Sheet
from kiosk.rights import own_requests
from kiosk.rights.correction import Doubted, Field, Missing, ProfileWrong, Subject, Wrong
from kiosk.rights.dates import at_time, begins, moment
from kiosk.rights.rectification import right_of
from kiosk.store.people import check_name
from kiosk.store.standing import Standing
from wire.event import Action

_DAYS: Final = 7
_MINUTE_MS: Final = 60_000
_NAME_MOST: Final = 64
_TIME: Final = 4
_DAY: Final = 8
_ICONS: Final = {
    Action.IN: "in",
    Action.OUT: "out",
    Action.BREAK_START: "break",
    Action.BREAK_END: "break",
    Action.OVERTIME_START: "overtime",
    Action.OVERTIME_END: "overtime",
    Action.TRIP_LEAVE: "trip",
    Action.TRIP_RETURN: "trip",
}


@dataclass(frozen=True, slots=True)
class _Day(Page):
    """The day of what is missing."""

    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """The last week, or any other."""
        days = [(at.wall - timedelta(days=back)).replace(hour=12) for back in range(_DAYS)]
        rows = tuple(
            Row(f"{day:%Y-%m-%d}", _named(at, back, day), at.spell.day(int(day.timestamp() * 1000)))
            for back, day in enumerate(days)
        )
        other = Row("other", at.say("mydata.day.other"), icon="pin")
        return Sheet("mydata.day", at.say("mydata.correct.missing"), at.say("mydata.day.line"), body=(*rows, other))

    def tapped(self, key: str) -> Move:
        """Then which action."""
        if key == "other":
            return Show(Written("mydata.day.other", "mydata.day.label", self._typed, "", AskedKind.DIGITS, _DAY, _DAY))
        return Show(_Action(self.home, key))

    def _typed(self, text: str) -> Move | str:
        day = f"{text[4:]}-{text[2:4]}-{text[:2]}"
        try:
            begins(day)
        except ValueError:
            return "mydata.day.wrong"
        return Show(_Action(self.home, day))


@dataclass(frozen=True, slots=True)
class _Action(Page):
    """Which action it should be: of an entry (then `standing`), or of what is missing on a day."""

    home: Do = field(repr=False)
    day: str = ""
    standing: Standing | None = field(default=None, repr=False)

    def sheet(self, at: At) -> Sheet:
        """All of them but the one that stands there."""
        rows = tuple(
            Row(action.value, at.say(f"action.{action.value}"), icon=_ICONS[action])
            for action in Action
            if self.standing is None or action is not self.standing.action
        )
        return Sheet("mydata.action", at.say("mydata.action.title"), at.say("mydata.action.line"), body=rows)

    def tapped(self, key: str) -> Move:
        """Then when, or why."""
        action = Action(key)
        if self.standing is not None:
            return Show(_why(Wrong(self.standing.event.event_id, action), self.home))
        return Show(_time(self.day, lambda ms: Missing(action, ms), self.home))


def entry(key: str, standing: Standing, home: Do) -> Move:
    """What somebody says is wrong with an entry: "action", "time", or "doubt"."""
    event_id = standing.event.event_id
    match key:
        case "action":
            return Show(_Action(home, standing=standing))
        case "time":
            at = standing.at
            return Do(lambda desk: Show(_time(_day(desk, at), lambda ms: Wrong(event_id, at=ms), home, at)))
        case _:
            return Show(_why(Doubted(event_id), home, least=1))


def missing(home: Do) -> Move:
    """What happened, and no entry says so: the day first."""
    return Show(_Day(home))


def name(now: str, home: Do) -> Move:
    """How a name is really written."""
    return Show(_name(now, home))


def _time(day: str, subject: Callable[[int], Subject], home: Do, stands: int = -1) -> Written:
    """Hours and minutes on a day; a time that is still to come, or that stands there already, is said so at once."""

    def typed(text: str) -> Move | str:
        hours, minutes = int(text[:2]), int(text[2:])
        if hours > 23 or minutes > 59:  # noqa: PLR2004 - a day
            return "mydata.time.wrong"

        def work(desk: Desk) -> Move:
            at = at_time(day, hours, minutes, desk.config.device.zone)
            if at > desk.store.now_ms():
                return Instead(asked("mydata.time.future", text))
            if at // _MINUTE_MS == stands // _MINUTE_MS:
                return Instead(asked("mydata.time.same", text))
            return Show(_why(subject(at), home))

        return Do(work)

    def asked(wrong: str = "", initial: str = "") -> Written:
        line = "mydata.time.line"
        return Written(
            "mydata.time.title", "mydata.time.label", typed, line, AskedKind.DIGITS, _TIME, _TIME, wrong, initial
        )

    return asked()


def _why(subject: Subject, home: Do, least: int = 0) -> Written:
    label = "mydata.why.look" if isinstance(subject, Doubted) else "mydata.why.maybe"
    return Written("mydata.why.title", label, lambda text: _file(subject, text, home), least=least)


def _name(now: str, home: Do) -> Written:
    def typed(text: str) -> Move | str:
        try:
            check_name(text)
        except Fault:
            return "mydata.name.wrong"
        if text == now:
            return "mydata.name.same"
        return Show(_why(ProfileWrong(Field.NAME, text), home))

    return Written("mydata.correct.name", "mydata.name.label", typed, most=_NAME_MOST, initial=now)


def _file(subject: Subject, text: str, home: Do) -> Do:
    def work(desk: Desk) -> Move:
        filed = own_requests.ask_correction(desk.store, person_of(desk), subject, text, company_of(desk))
        number = filed.id if filed.matter is None else filed.matter.request
        notes = ("mydata.correct.stays", "mydata.correct.human")
        return Instead(after(desk, home, number, right_of(subject), filed.due_at, *notes))

    return Do(work)


def _day(desk: Desk, ms: int) -> str:
    return f"{moment(ms, desk.config.device.zone):%Y-%m-%d}"


def _named(at: At, back: int, day: datetime) -> str:
    """Today, yesterday, or the weekday."""
    if back < len(_NEAR):
        return at.say(_NEAR[back])
    return capital(at.spell.when(int(day.timestamp() * 1000)).rsplit(" ", 1)[0])


_NEAR: Final = ("mydata.day.today", "mydata.day.yesterday")
