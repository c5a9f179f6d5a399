"""What was disputed, or what a person wants a human to look at; refuses to decide for anybody, and shows no picture."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.admin import acting
from kiosk.pages.admin.reasons import Reason
from kiosk.pages.admin.roles import READS, REVIEWS
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Row, Sheet, Tone
from kiosk.rights import company, human_review
from kiosk.rights.human_review import Annul, Confirm, Pending, Verdict, Why
from kiosk.rights.rectification import Desk as Deciding
from kiosk.store import LocalKind
from wire.event import CheckIn

DAYS: Final = 7
"""So many days a screen looks back, so that the door does not wait for it."""
FURTHER: Final = human_review.DAYS
"""So many if somebody asks for more."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One record that waits, and whose it is."""

    of: Pending
    who: str = field(repr=False)

    @property
    def id(self) -> str:
        """Of the entry."""
        return self.of.standing.event.event_id

    @property
    def how(self) -> str:
        """How they were known."""
        event = self.of.standing.event
        return event.method.value if isinstance(event, CheckIn) else "human"


def waiting(desk: Desk, days: int) -> "Review":
    """What waits of so many days, oldest first; claims have a page of their own."""
    login, people = acting.by(desk, READS), desk.store.people
    pending = [each for each in human_review.since(desk.store, days) if each.why is not Why.CLAIMED]
    known = {each.id: f"{each.name}, {each.code}" for each in people.all()} if pending else {}
    found = tuple(Shown(each, known.get(each.person, "")) for each in pending)
    desk.store.append_local(LocalKind.VIEWED, {"list": "reviews", "records": len(found), "by": login.account})
    return Review(found, days)


@dataclass(frozen=True, slots=True)
class Review(Page):
    """The records that wait."""

    found: tuple[Shown, ...]
    days: int

    def sheet(self, at: At) -> Sheet:
        """When, what, who, and why it waits."""
        rows = tuple(
            Row(
                each.id,
                f"{at.spell.when(each.of.standing.at)}  {at.say(f'action.{each.of.standing.action}')}",
                each.who,
                at.say(f"admin.state.{each.of.why}"),
            )
            for each in self.found
        )
        line = at.say("admin.review.days" if self.found else "admin.review.none", count=self.days)
        acts = (Act("further", at.say("admin.review.further")),) if self.days < FURTHER else ()
        return Sheet("admin.reviews", at.say("admin.today.review"), line, "not_me", rows, acts)

    def tapped(self, key: str) -> Move:
        """One of them, or further back."""
        if key == "further":
            return Do(lambda desk: Instead(waiting(desk, FURTHER)))
        return Show(OneReview(next(each for each in self.found if each.id == key), self.days))


@dataclass(frozen=True, slots=True)
class OneReview(Page):
    """One record, and the two answers."""

    of: Shown
    days: int

    def sheet(self, at: At) -> Sheet:
        """Who, what, when and how; how long it counts as it is."""
        standing = self.of.of.standing
        facts = (
            ("what", f"{at.say(f'action.{standing.action}')}, {at.spell.when(standing.at)}"),
            ("how", at.say(f"admin.how.{self.of.how}")),
            ("because", at.say(f"admin.review.{self.of.of.why}")),
        )
        body: tuple[Block, ...] = (
            *(Fact(at.say(f"admin.claimed.{name}"), value) for name, value in facts),
            Line(at.say("admin.review.counts")),
        )
        may = isinstance(at.visitor, Official) and at.visitor.login.role in REVIEWS
        acts = (
            Act("confirm", at.say("admin.review.confirm"), "yes", Tone.PRIMARY),
            Act("annul", at.say("admin.review.annul"), "", Tone.DANGER),
        )
        return Sheet("admin.review", at.say("admin.review.title"), self.of.who, "not_me", body, acts if may else ())

    def tapped(self, key: str) -> Move:
        """Each with its reason."""
        verdict = Confirm() if key == "confirm" else Annul()
        return Show(Reason(f"admin.review.{key}_title", lambda desk, why: self._decided(desk, verdict, why)))

    def _decided(self, desk: Desk, verdict: Verdict, why: str) -> Move:
        loaded = company.load(desk.config.data / company.FILE)
        deciding = Deciding(loaded, acting.by(desk, REVIEWS), desk.config.device.site)
        human_review.decide(desk.store, self.of.id, verdict, why, deciding)
        return Instead(Told("admin.review.done", "admin.review.told", then=Back(waiting(desk, self.days), by=2)))
