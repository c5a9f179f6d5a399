"""Who looked at a person's data here; refuses to name them: the role is told, the account stands in the ledger."""

from dataclasses import dataclass
from typing import Final

from kiosk.pages.mydata.asking import person_of
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Fact, Line, Sheet
from kiosk.rights import looked, saying
from kiosk.rights.looked import LISTS, MOST, OWN, Look


@dataclass(frozen=True, slots=True)
class Looked(Page):
    """The newest first."""

    looks: tuple[Look, ...]

    def sheet(self, at: At) -> Sheet:
        """When, who, what."""
        facts = tuple(Fact(at.spell.when(each.at), _said(at, each)) for each in self.looks)
        more = (Line(at.say("mydata.looked.more", count=MOST)),) if len(self.looks) == MOST else ()
        line = at.say("mydata.looked.line" if facts else "mydata.looked.nobody")
        return Sheet("mydata.looked", at.say("mydata.looked.title"), line, "person", (*facts, *more))


def _open(desk: Desk) -> Move:
    return Show(Looked(looked.looks(desk.store, person_of(desk))))


OPENED: Final = Do(_open)


def _said(at: At, look: Look) -> str:
    role = "mydata.role" if look.role in {"", "gone", OWN} else "pages.role"
    who = saying.known(at.language, role, look.role or "nobody")
    what = at.say(f"mydata.list.{look.what if look.what in LISTS else 'list'}")
    return at.say("mydata.looked.said", who=who, what=what)
