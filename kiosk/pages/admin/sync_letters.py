"""What sync has set aside, and what may be asked about it; refuses to discard for one person."""

from dataclasses import dataclass
from typing import Final

from kiosk.pages.admin import acting
from kiosk.pages.admin.second import SecondPerson
from kiosk.pages.common import Question, Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Fact, Line, Row, Sheet, Tone
from kiosk.pages.wording import known
from kiosk.store import sending
from kiosk.store.approval import Approved, Role
from kiosk.store.sending import SetAside
from wire.asked import Asked, Reason, Wanted

MAY: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
TWO: Final = frozenset({Role.ADMIN, Role.DPO})
ALONE: Final = frozenset({Role.ADMIN})
REASONS: Final = (Reason.HANDLED_ELSEWHERE, Reason.TWICE, Reason.MISTAKE)


@dataclass(frozen=True, slots=True)
class Letters(Page):
    """One row for each event that is set aside."""

    dead: tuple[SetAside, ...]

    def sheet(self, at: At) -> Sheet:
        """When it was made, and why it lies there."""
        rows = tuple(
            Row(
                each.event_id,
                at.spell.when(each.made_at),
                known(at, "sending.reason", each.reason),
                at.say("sending.asked_mark") if each.asked else "",
                "unsent",
            )
            for each in self.dead
        )
        line = at.say("sending.letters_line" if rows else "sending.letters_none")
        return Sheet("sync.letters", at.say("sending.letters_title"), line, "" if rows else "yes", rows)

    def tapped(self, key: str) -> Move:
        """One of them."""
        return Show(Letter(next(each for each in self.dead if each.event_id == key)))


@dataclass(frozen=True, slots=True)
class Letter(Page):
    """One event that is set aside; whose it is, is not shown here."""

    of: SetAside

    def sheet(self, at: At) -> Sheet:
        """What may be asked, by role."""
        admin = isinstance(at.visitor, Official) and at.visitor.login.role is Role.ADMIN
        body = (
            Fact(at.say("sending.made"), at.spell.when(self.of.made_at)),
            Fact(at.say("sending.why"), known(at, "sending.reason", self.of.reason)),
            Fact(at.say("sending.id"), self.of.event_id),
            Line(at.say("sending.hint_admin" if admin else "sending.hint")),
        )
        if self.of.asked:
            return Sheet("sync.letter", at.say("sending.letter"), at.say("sending.asked_already"), "unsent", body)
        acts = (
            Act("retry", at.say("sending.act.retry"), "retry", Tone.PRIMARY),
            *((Act("hand", at.say("sending.act.hand"), "paper"),) if admin else ()),
            *((Act("discard", at.say("sending.act.discard"), "", Tone.DANGER),) if admin else ()),
        )
        return Sheet("sync.letter", at.say("sending.letter"), "", "unsent", body, acts)

    def tapped(self, key: str) -> Move:
        """Each is asked before it is done; to discard takes a reason and two people."""
        match Wanted(key):
            case Wanted.RETRY:
                return Do(lambda desk: _ask(desk, self.of, Wanted.RETRY, Reason.REPAIRED))
            case Wanted.HAND:
                work = Do(lambda desk: _ask(desk, self.of, Wanted.HAND, None, instead=True))
                return Show(Question("sending.act.hand", "sending.hand_line", "tap.yes", work))
            case _:
                return Show(Why(self.of))


@dataclass(frozen=True, slots=True)
class Why(Page):
    """Why nobody shall ever send it: one of a list, so that no person is described here."""

    of: SetAside

    def sheet(self, at: At) -> Sheet:
        """The reasons."""
        rows = tuple(Row(each.value, at.say(f"sending.because.{each.value}")) for each in REASONS)
        return Sheet("sync.why", at.say("sending.discard_title"), at.say("sending.discard_line"), "warning", rows)

    def tapped(self, key: str) -> Move:
        """Then the second person."""
        reason = Reason(key)

        def agreed(desk: Desk, two: Approved) -> Move:
            return _ask(desk, self.of, Wanted.DISCARD, reason, second=two.second, deep=3, instead=True)

        return Show(SecondPerson("sending.discard_title", TWO, agreed))


def _ask(  # noqa: PLR0913 - by keyword
    desk: Desk,
    of: SetAside,
    act: Wanted,
    reason: Reason | None,
    *,
    second: str = "",
    deep: int = 2,
    instead: bool = False,
) -> Move:
    """Leave it for sync; "Done" then leads to the list, which is `deep` pages beneath."""
    login = acting.by(desk, MAY if act is Wanted.RETRY else ALONE)
    sending.ask(desk.store, desk.config.exchange, Asked(act, of.event_id, login.account, second, reason))

    def back(again: Desk) -> Move:
        return Back(Letters(sending.look(again.store, again.config.exchange).dead), by=deep)

    told = Told(f"sending.act.{act.value}", f"sending.asked_{act.value}", icon="sent", then=Do(back))
    return Instead(told) if instead else Show(told)
