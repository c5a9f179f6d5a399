"""Everybody who may use this door, with a search; refuses a look that is not written down."""

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.admin import acting, person_add, roster
from kiosk.pages.admin.person import opened
from kiosk.pages.admin.roles import ADDS, DECIDES, MANAGES, SEES
from kiosk.pages.admin.status import Overview, Status, mark, of, overview
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Asked, Block, Line, Row, Sheet, Tone
from kiosk.store import LocalKind, Person, roster_held, told
from wire.message import Departure

SHOWN: Final = 60
"""So many rows at once; a search finds the others."""
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Listed:
    """One person in the list."""

    id: str
    name: str = field(repr=False)
    code: str = field(repr=False)
    statuses: tuple[Status, ...]


def first() -> Move:
    """The whole list."""
    return Do(lambda desk: Show(listed(desk)))


def listed(desk: Desk, wanted: str = "") -> "People":
    """Those whose name or code has these letters, by name; that somebody looked stands in the ledger."""
    login = acting.by(desk, SEES)
    seen = overview(desk.store, desk.config)
    there = [each for each in desk.store.people.all() if each.state != "left"]
    found = sorted((each for each in there if fits(each, wanted)), key=lambda each: _folded(each.name))
    shown = tuple(_listed(each, seen, secret=login.role not in DECIDES) for each in found[:SHOWN])
    desk.store.append_local(LocalKind.VIEWED, {"list": "people", "people": len(shown), "by": login.account})
    held = len(roster_held.held(desk.store)) + len(told.every(desk.store, Departure))
    return People(shown, len(there), len(found), wanted, held if login.role in MANAGES else 0)


def _listed(person: Person, seen: Overview, *, secret: bool) -> Listed:
    """Restriction is for those alone who decide about it."""
    statuses = tuple(each for each in of(person, seen) if not (secret and each is Status.RESTRICTED))
    return Listed(person.id, person.name, person.code, statuses)


@dataclass(frozen=True, slots=True)
class People(Page):
    """The list.

    Args:
        shown: at most SHOWN of those who were found.
        everybody: how many there are.
        found: how many fit what was searched for.
        wanted: what that was, or "".
        held: rosters and departures that wait for an administrator.
    """

    shown: tuple[Listed, ...]
    everybody: int
    found: int
    wanted: str = field(default="", repr=False)
    held: int = 0

    def sheet(self, at: At) -> Sheet:
        """A row each: name, code, how they come in, and what is to be done."""
        waiting = (Row("held", at.say("admin.roster.row"), at.say("admin.roster.row_about"), icon="warning"),)
        rows = tuple(self._row(at, each) for each in self.shown)
        more = self.found - len(self.shown)
        rest: tuple[Block, ...] = (Line(at.say("admin.people.more", count=more)),) if more else ()
        acts = [Act("search", at.say("admin.people.search"), "", Tone.PRIMARY)]
        if self.wanted:
            acts.append(Act("all", at.say("admin.people.all")))
        if isinstance(at.visitor, Official) and at.visitor.login.role in ADDS:
            acts.append(Act("add", at.say("admin.people.add"), "person"))
        body = (*(waiting if self.held else ()), *rows, *rest)
        return Sheet("admin.people", at.say("admin.section.people"), self._line(at), body=body, acts=tuple(acts))

    def _line(self, at: At) -> str:
        if self.wanted:
            key = "found" if self.found else "none"
            return at.say(f"admin.people.{key}", count=self.found, wanted=self.wanted)
        return at.say("admin.people.count", count=self.everybody) if self.everybody else at.say("admin.people.empty")

    def _listed(self, desk: Desk) -> Page:
        return listed(desk, self.wanted)

    @staticmethod
    def _row(at: At, each: Listed) -> Row:
        marked = mark(each.statuses)
        ways = [at.say(f"admin.status.{one.value}") for one in each.statuses if one is not marked]
        word = "" if marked is None else at.say(f"admin.status.{marked.value}")
        return Row(each.id, each.name, ", ".join((each.code, *ways)), word, "person")

    def tapped(self, key: str) -> Move:
        """A person, or the search."""
        match key:
            case "search":
                return Show(Search(self.wanted))
            case "all":
                return Do(lambda desk: Instead(listed(desk)))
            case "add":
                return Show(person_add.NewCode(listed))
            case "held":
                return Do(lambda desk: Show(roster.waiting(desk, listed)))
            case _:
                return Do(lambda desk: Show(opened(desk, key, self._listed)))


@dataclass(frozen=True, slots=True)
class Search(Page):
    """Letters of a name or a code."""

    initial: str = field(default="", repr=False)

    def sheet(self, at: At) -> Sheet:
        """The keyboard."""
        asked = Asked(at.say("admin.people.letters"), most=_LONGEST)
        return Sheet("admin.people_search", at.say("admin.people.search"), asked=asked)

    def entered(self, text: str) -> Move:
        """Look."""
        return Do(lambda desk: Back(listed(desk, text.strip())))


def fits(person: Person, wanted: str) -> bool:
    """Whether a name or a code has these letters."""
    folded = _folded(wanted)
    return not folded or folded in _folded(person.name) or folded in _folded(person.code)


def _folded(text: str) -> str:
    """Without accents, in small letters: a keyboard at a door has few of them."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(each for each in apart if not unicodedata.combining(each)).casefold().strip()
