"""Where an enrolment begins: search, who has no face yet, who is due again; refuses whoever may not enrol."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.admin import acting
from kiosk.pages.admin.people import SHOWN, fits
from kiosk.pages.enrol.case import Need
from kiosk.pages.enrol.person import begun
from kiosk.pages.enrol.standing import needs
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Asked, Block, Line, Row, Sheet, Tone
from kiosk.rights import training
from kiosk.store import LocalKind, Person

_LONGEST: Final = 40
_DUE: Final = frozenset({Need.AGAIN, Need.RENEWAL})


def first(person_id: str = "") -> Page:
    """The first page, for an official who may enrol; with an id, of that person."""
    return Start(person_id)


def opened(desk: Desk, person_id: str) -> Page:
    """The page of one person to be enrolled. Raises as `begun`."""
    return begun(desk, person_id, Start())


@dataclass(frozen=True, slots=True)
class Start(Page):
    """What is going to happen, and how to find the person."""

    person: str = ""

    def sheet(self, at: At) -> Sheet:
        """The steps in a few words."""
        body = tuple(Line(at.say(f"enrolling.start.{each}"), icon=icon) for each, icon in _STEPS)
        if self.person:
            acts: tuple[Act, ...] = (Act("begin", at.say("enrolling.start.begin"), "person", Tone.PRIMARY),)
        else:
            acts = (
                Act("search", at.say("enrolling.start.search"), "person", Tone.PRIMARY),
                Act("list", at.say("enrolling.start.list")),
                Act("due", at.say("enrolling.start.due")),
            )
        return Sheet("enrol.start", at.say("enrolling.start.title"), body=body, acts=acts)

    def tapped(self, key: str) -> Move:
        """Find somebody."""
        match key:
            case "begin":
                return Do(lambda desk: Show(opened(desk, self.person)))
            case "search":
                return Show(Search())
            case "list":
                return Do(lambda desk: Show(listed(desk, frozenset({Need.FIRST}), "first")))
            case _:
                return Do(lambda desk: Show(listed(desk, _DUE, "due")))


_STEPS: Final = (("reads", "paper"), ("looks", "look_here"), ("chooses", "pin"), ("refuses", "yes"))


@dataclass(frozen=True, slots=True)
class Listed:
    """One person in a list."""

    id: str
    name: str = field(repr=False)
    code: str = field(repr=False)
    need: Need
    has_pin: bool


@dataclass(frozen=True, slots=True)
class People(Page):
    """Those who were looked for.

    Args:
        kind: "first", "due" or "found": what list this is.
        shown: at most SHOWN of them.
        found: how many there are.
    """

    kind: str
    shown: tuple[Listed, ...]
    found: int

    def sheet(self, at: At) -> Sheet:
        """A row each."""
        rows = tuple(self._row(at, each) for each in self.shown)
        more = self.found - len(self.shown)
        rest: tuple[Block, ...] = (Line(at.say("enrolling.people.more", count=more)),) if more else ()
        line = "" if self.found else at.say(f"enrolling.people.none_{self.kind}")
        acts = (Act("search", at.say("enrolling.start.search"), "person"),)
        title = at.say(f"enrolling.people.{self.kind}")
        return Sheet("enrol.people", title, line, body=(*rows, *rest), acts=acts)

    @staticmethod
    def _row(at: At, each: Listed) -> Row:
        pin = at.say("pad.pin") if each.has_pin else ""
        detail = ", ".join(filter(None, (each.code, pin)))
        return Row(each.id, each.name, detail, at.say(f"enrolling.need.{each.need.value}"), "person")

    def tapped(self, key: str) -> Move:
        """One of them, or another search."""
        if key == "search":
            return Show(Search())
        return Do(lambda desk: Show(opened(desk, key)))


@dataclass(frozen=True, slots=True)
class Search(Page):
    """Letters of a name or a code."""

    def sheet(self, at: At) -> Sheet:
        """The keyboard."""
        asked = Asked(at.say("enrolling.people.letters"), most=_LONGEST)
        return Sheet("enrol.search", at.say("enrolling.start.search"), asked=asked)

    def entered(self, text: str) -> Move:
        """Look among everybody; those without a face come first."""
        return Do(lambda desk: Instead(listed(desk, frozenset(Need), "found", text.strip())))


def listed(desk: Desk, wanted: frozenset[Need], kind: str, letters: str = "") -> People:
    """Who needs one of these, by name, those without a face first; that somebody looked stands in the ledger.

    Raises:
        Fault: DESK_REFUSED.
    """
    login = acting.by(desk, training.ENROLS)
    need = needs(desk)
    there = [each for each in desk.store.people.all() if each.state != "left" and need(each) in wanted]
    found = sorted((each for each in there if fits(each, letters)), key=lambda each: _order(each, need(each)))
    shown = tuple(Listed(each.id, each.name, each.code, need(each), each.has_pin) for each in found[:SHOWN])
    desk.store.append_local(LocalKind.VIEWED, {"list": "people", "people": len(shown), "by": login.account})
    return People(kind, shown, len(found))


def _order(person: Person, need: Need) -> tuple[bool, str]:
    return need is not Need.FIRST, person.name.casefold()
