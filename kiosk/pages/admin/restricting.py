"""Restriction of a face or of attendance: begun in the person's words, lifted once they know; refuses a short cut."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.admin import acting
from kiosk.pages.admin.roles import DECIDES, LIFTS
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Asked, Fact, Line, Row, Sheet, Tone
from kiosk.rights import restriction
from kiosk.rights.dates import DAY_MS
from kiosk.rights.restriction import Restricted, Restriction, hindrance

DAYS: Final = 3
"""So long before it is lifted a person is told."""
_WORDS_MOST: Final = 200
Person = Callable[[Desk], Page]
"""Makes the page of the person, as it is now."""


@dataclass(frozen=True, slots=True)
class Purposes(Page):
    """What is to be restricted."""

    person: str
    back: Person = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Face, or attendance, and what follows."""
        rows = tuple(
            Row(each.value, at.say(f"admin.restrict.{each.value}"), at.say(f"admin.restrict.{each.value}_about"))
            for each in Restricted
        )
        return Sheet("admin.restrict", at.say("admin.restrict.title"), at.say("admin.restrict.at_once"), body=rows)

    def tapped(self, key: str) -> Move:
        """Then why."""
        return Show(_Why(self.person, Restricted(key), self.back))


@dataclass(frozen=True, slots=True)
class _Why(Page):
    """What the person says."""

    person: str
    purpose: Restricted
    back: Person = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        asked = Asked(at.say("admin.restrict.why"), most=_WORDS_MOST)
        line = at.say("admin.restrict.words")
        return Sheet("admin.restrict_why", at.say(f"admin.restrict.{self.purpose.value}"), line, asked=asked)

    def entered(self, text: str) -> Move:
        def work(desk: Desk) -> Move:
            login = acting.by(desk, DECIDES)
            site = desk.config.device.site
            restriction.begin(desk.store, self.person, self.purpose, text, by=login.account, site=site)
            done = f"admin.restrict.{self.purpose.value}_done"
            return Instead(Told("admin.restrict.done", done, then=Back(self.back(desk), by=2)))

        return Do(work)


@dataclass(frozen=True, slots=True)
class InForce(Page):
    """One restriction that is in force, and the steps to its end."""

    paper: str
    one: Restriction = field(repr=False)
    back: Person = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Since when, why, and what comes next."""
        body = (
            Fact(at.say("admin.restrict.since_when"), at.spell.day(self.one.received_at)),
            Fact(at.say("admin.restrict.why"), self.one.why),
            Line(self._next(at)),
        )
        acts = self._acts(at) if isinstance(at.visitor, Official) and at.visitor.login.role in LIFTS else ()
        return Sheet("admin.restricted", at.say(f"admin.restrict.{self.one.purpose.value}_on"), body=body, acts=acts)

    def _next(self, at: At) -> str:
        if not (isinstance(at.visitor, Official) and at.visitor.login.role in LIFTS):
            return at.say("admin.restrict.officer")
        if not self.one.told_at:
            return at.say("admin.restrict.tell_first", days=DAYS)
        key = "due" if self._due(at) else "not_yet"
        return at.say(f"admin.restrict.{key}", day=at.spell.when(self.one.lift_at))

    def _acts(self, at: At) -> tuple[Act, ...]:
        if self.one.told_at:
            return (Act("lift", at.say("admin.restrict.lift"), "", Tone.PRIMARY),) if self._due(at) else ()
        return (
            Act("agreed", at.say("admin.restrict.agreed"), "", Tone.PRIMARY),
            Act("tell", at.say("admin.restrict.tell")),
        )

    def _due(self, at: At) -> bool:
        return hindrance(self.one, round(at.wall.timestamp() * 1000)) is None

    def tapped(self, key: str) -> Move:
        """Tell the person, or lift it."""

        def work(desk: Desk) -> Move:
            login, store = acting.by(desk, LIFTS), desk.store
            if key in {"tell", "agreed"}:
                at = None if key == "agreed" else store.now_ms() + DAYS * DAY_MS
                one = restriction.tell(store, self.paper, at, by=login.account)
                if key == "tell":
                    return Instead(InForce(self.paper, one, self.back))
            freed = restriction.lift(store, self.paper, by=login.account, site=desk.config.device.site)
            values = (("count", freed),)
            return Instead(Told("admin.restrict.lifted", "admin.restrict.freed", values, then=Back(self.back(desk))))

        return Do(work)
