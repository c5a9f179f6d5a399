"""A person's badge: until when it counts, a new one shown once, an end to it; refuses to show one again."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.admin import acting
from kiosk.pages.common import Question
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Code, Line, Sheet, Tone
from kiosk.store import badges
from kiosk.store.approval import Role
from kiosk.store.badges import Current, Issued

GIVES: Final = frozenset({Role.ADMIN})
"""Who gives out badges, as `kiosk people badge` has it."""


def of(desk: Desk, person: str) -> "Badge":
    """How somebody's badge stands now. Raises Fault DESK_REFUSED, ACCOUNT_UNKNOWN, PERSON_DAMAGED."""
    acting.by(desk, GIVES)
    return Badge(person, badges.current(desk.store, person))


@dataclass(frozen=True, slots=True)
class Badge(Page):
    """The badge that counts, or that there is none."""

    person: str
    current: Current | None

    def sheet(self, at: At) -> Sheet:
        """Since when and until when; never its code, which is kept nowhere."""
        if self.current is None:
            line = at.say("badge.desk.none")
        else:
            since, until = at.spell.day(self.current.since), at.spell.day(self.current.ends_at - 1)
            line = at.say("badge.desk.current", since=since, until=until)
        acts = [Act("new", at.say("badge.desk.new"), "key", Tone.PRIMARY)]
        if self.current is not None:
            acts.append(Act("end", at.say("badge.desk.end"), "cancel", Tone.DANGER))
        body = (Line(at.say("badge.desk.about")), Line(at.say("badge.desk.print")))
        return Sheet("admin.badge", at.say("badge.title"), line, "qr", body, tuple(acts))

    def tapped(self, key: str) -> Move:
        """A new one at once where there is none; else after a question, since the old one ends."""
        if key == "new" and self.current is None:
            return Do(self._made)
        if key == "new":
            return Show(Question("badge.desk.new", "badge.desk.replaces", "badge.desk.new", Do(self._made), icon="key"))
        yes = Do(self._ended)
        return Show(Question("badge.desk.end", "badge.desk.ends", "badge.desk.end", yes, tone=Tone.DANGER))

    def _made(self, desk: Desk) -> Move:
        login = acting.by(desk, GIVES)
        made = badges.issue(desk.store, self.person, by=login.account)
        return Instead(NewBadge(made, of(desk, self.person), steps=1 if self.current is None else 2))

    def _ended(self, desk: Desk) -> Move:
        badges.revoke(desk.store, self.person, by=acting.by(desk, GIVES).account)
        return Back(of(desk, self.person))


@dataclass(frozen=True, slots=True)
class NewBadge(Page):
    """The code of a badge, this once."""

    made: Issued = field(repr=False)
    after: Badge
    steps: int = 1

    def sheet(self, at: At) -> Sheet:
        """The code alone."""
        scan = at.say("enrolling.done.badge_scan", day=at.spell.day(self.made.ends_at - 1))
        done = Act("done", at.say("tap.done"), "done", Tone.PRIMARY)
        return Sheet(
            "admin.badge.new", at.say("badge.title"), "", "qr", (Code(self.made.token, scan),), (done,), back=False
        )

    def tapped(self, _key: str) -> Move:
        """To how the badge stands now."""
        return Instead(self.after) if self.steps == 1 else Back(self.after)
