"""A roster that would remove many people waits here for a yes of two persons; refuses to apply a part of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.pages.admin import acting
from kiosk.pages.admin.roles import DECIDES, MANAGES
from kiosk.pages.admin.second import SecondPerson
from kiosk.pages.common import Question, Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Sheet, Tone
from kiosk.store import roster_held, told
from kiosk.store.approval import Approved
from kiosk.store.intents import IntentKind
from kiosk.store.roster import loss_of
from kiosk.store.roster_apply import resume
from wire.message import Departure

Listed = Callable[[Desk], Page]


@dataclass(frozen=True, slots=True)
class Held:
    """One roster: its version, why it is held, how many it removes, and of how many."""

    version: int
    why: str
    removes: int
    known: int


def waiting(desk: Desk, listed: Listed) -> "Waiting":
    """What is held now; `listed` makes the list to come back to. Raises Fault DESK_REFUSED."""
    acting.by(desk, MANAGES)
    found = []
    for each in roster_held.held(desk.store):
        loss = loss_of(desk.store, each.version)
        found.append(Held(each.version, each.reason, loss.removed, loss.known))
    return Waiting(tuple(found), listed, len(told.every(desk.store, Departure)))


@dataclass(frozen=True, slots=True)
class Waiting(Page):
    """Everything that is held; it is accepted or refused as a whole, as its command does."""

    rosters: tuple[Held, ...]
    listed: Listed = field(repr=False)
    departures: int = 0

    def sheet(self, at: At) -> Sheet:
        """How many would go, and why somebody is asked."""
        acts = (
            Act("refuse", at.say("admin.roster.refuse"), "", Tone.PRIMARY),
            Act("accept", at.say("admin.roster.accept"), "", Tone.DANGER),
        )
        return Sheet(
            "admin.roster", at.say("admin.roster.title"), at.say("admin.roster.line"), "", self._body(at), acts
        )

    def _body(self, at: At) -> tuple[Block, ...]:
        rosters = tuple(
            Fact(
                at.say("admin.roster.version", version=each.version),
                at.say(f"admin.roster.{each.why}", count=each.removes, known=each.known),
            )
            for each in self.rosters
        )
        departed = (Line(at.say("admin.roster.departures", count=self.departures)),) if self.departures else ()
        return (*rosters, *departed, Line(at.say("admin.roster.after")))

    def tapped(self, key: str) -> Move:
        """Two persons for a yes, a question for a no."""
        if key == "accept":
            return Show(SecondPerson("admin.roster.accept_title", DECIDES, self._accept))
        ask = ("admin.roster.refuse_title", "admin.roster.refuse_line", "admin.roster.refuse")
        return Show(Question(*ask, Do(self._refuse)))

    def _accept(self, desk: Desk, _approved: Approved) -> Move:
        removed, parted = roster_held.accept(desk.store, acting.by(desk, MANAGES))
        if (intent := desk.store.intents.find(IntentKind.APPLY_ROSTER)) is not None:
            resume(desk.store, intent)
        values = (("count", removed + parted),)
        then = Back(self.listed(desk), by=2)
        return Instead(Told("admin.roster.accepted", "admin.roster.accepted_line", values, then=then))

    def _refuse(self, desk: Desk) -> Move:
        roster_held.refuse(desk.store, acting.by(desk, MANAGES))
        then = Back(self.listed(desk), by=2)
        return Instead(Told("admin.roster.refused", "admin.roster.refused_line", then=then))
