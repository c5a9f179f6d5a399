"""A person's own entries, a month at a time, each with where it is and how it stands; refuses to change one."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from kiosk.pages.mydata import wrong
from kiosk.pages.mydata.asking import capital, person_of
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Row, Sheet
from kiosk.rights import own_days
from kiosk.rights.own_days import Own
from wire.event import Amendment, CheckIn


@dataclass(frozen=True, slots=True)
class Entries(Page):
    """One month, newest first.

    Args:
        period: "2026-11".
        periods: every month in which there is something, oldest first.
        acts: of this month.
        home: where an act on one leads in the end.
    """

    period: str
    periods: tuple[str, ...]
    acts: tuple[Own, ...] = field(repr=False)
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """One row an entry; the months before and after as buttons."""
        rows = tuple(
            Row(str(number), what(at, each), more(at, each), state(at, each)) for number, each in enumerate(self.acts)
        )
        acts = (
            *((Act("earlier", at.say("mydata.entries.earlier"), "left"),) if self._beside(-1) else ()),
            *((Act("later", at.say("mydata.entries.later"), "right"),) if self._beside(1) else ()),
        )
        line = at.say("mydata.entries.line" if rows else "mydata.entries.none")
        title = _month(at, self.period) if self.period else at.say("mydata.entries.title")
        return Sheet("mydata.entries", title, line, "paper", rows, acts)

    def tapped(self, key: str) -> Move:
        """One entry, or another month."""
        match key:
            case "earlier":
                return _turned(self._beside(-1), self.home)
            case "later":
                return _turned(self._beside(1), self.home)
            case _:
                return Show(Entry(self.acts[int(key)], self.home))

    def _beside(self, step: int) -> str:
        number = self.periods.index(self.period) + step if self.period in self.periods else -1
        return self.periods[number] if 0 <= number < len(self.periods) else ""


@dataclass(frozen=True, slots=True)
class Entry(Page):
    """One entry, whole."""

    own: Own = field(repr=False)
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """What it says, where it is, and what is wrong with it."""
        own, standing = self.own, self.own.standing
        body: list[Block] = [Fact(at.say("mydata.entry.when"), at.spell.when(standing.at)), _known(at, own)]
        if standing.event.site:
            body.append(Fact(at.say("mydata.entry.site"), standing.event.site))
        body.append(Fact(at.say("mydata.entry.where"), at.say(f"mydata.where.{own.where}")))
        if said := _said(at, own):
            body.append(Line(said, icon="change"))
        if own.asked:
            body.append(Line(at.say("mydata.entry.asked"), icon="phone"))
        acts = () if standing.annulled else _acts(at)
        title = at.say(f"action.{standing.action.value}")
        return Sheet("mydata.entry", title, at.say("mydata.entry.line") if acts else "", "paper", tuple(body), acts)

    def tapped(self, key: str) -> Move:
        """Say what is wrong."""
        return wrong.entry(key, self.own.standing, self.home)


def opened(home: Do) -> Do:
    """The newest month."""
    return Do(lambda desk: Show(_read(desk, "", home)))


def what(at: At, own: Own) -> str:
    """The action and its time."""
    return f"{at.say(f'action.{own.standing.action.value}')}, {at.spell.time(own.standing.at)}"


def more(at: At, own: Own) -> str:
    """Day, how the person was known, and where it is."""
    return ", ".join((at.spell.day(own.standing.at), _method(at, own), at.say(f"mydata.where.{own.where}")))


def state(at: At, own: Own) -> str:
    """One word, where something was said about it."""
    standing = own.standing
    if standing.annulled:
        return at.say("mydata.mark.annulled")
    if own.asked:
        return at.say("mydata.mark.asked")
    if standing.disputed is not None:
        return at.say("mydata.mark.disputed")
    changed = standing.decided is not None or standing.action is not standing.event.action
    return at.say("mydata.mark.corrected") if changed else ""


def _acts(at: At) -> tuple[Act, ...]:
    return tuple(Act(key, at.say(f"mydata.act.{key}"), icon) for key, icon in _WRONG)


_WRONG = (("action", "change"), ("time", "overtime"), ("doubt", "not_me"))


def _known(at: At, own: Own) -> Fact:
    return Fact(at.say("mydata.entry.how"), _method(at, own))


def _method(at: At, own: Own) -> str:
    match own.standing.event:
        case CheckIn(method=method):
            return at.say(f"mydata.method.{method.value}")
        case Amendment():
            return at.say("mydata.method.human")


def _said(at: At, own: Own) -> str:
    standing = own.standing
    if standing.annulled:
        return at.say("mydata.entry.annulled")
    if standing.disputed is not None:
        return at.say("mydata.entry.disputed")
    if standing.decided is not None:
        return at.say("mydata.entry.decided")
    if standing.action is not standing.event.action:
        first = at.say(f"action.{standing.event.action.value}")
        return at.say("mydata.entry.changed", first=first)
    return ""


def _month(at: At, period: str) -> str:
    """A month in words: "November 2026"; the day that the language writes before it is left out."""
    middle = datetime.strptime(f"{period}-15", "%Y-%m-%d").replace(tzinfo=UTC)
    return capital(at.spell.day(int(middle.timestamp() * 1000)).split(" ", 1)[1])


def _turned(period: str, home: Do) -> Do:
    return Do(lambda desk: Instead(_read(desk, period, home)))


def _read(desk: Desk, period: str, home: Do) -> Entries:
    person = person_of(desk)
    periods = own_days.periods(desk.store, person)
    if not period:  # the newest month in which the person did something; notices alone make a month, too
        for each in reversed(periods):
            if found := own_days.in_month(desk.store, person, each):
                return Entries(each, periods, found, home)
        return Entries("", (), (), home)
    return Entries(period, periods, own_days.in_month(desk.store, person, period), home)
