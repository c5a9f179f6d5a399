"""How the sending to headquarters stands: what waits, what is set aside and why; refuses to show whose it is."""

from dataclasses import dataclass
from typing import Final

from kiosk.pages.admin import acting, sync_letters
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Sheet, Tone
from kiosk.pages.wording import known
from kiosk.store import sending
from kiosk.store.approval import Role
from kiosk.store.sending import Delivery
from wire.asked import Asked, Wanted
from wire.sending import Answer, Preflight, Sending

MAY: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
DAY_MS: Final = 86_400_000
SOON_DAYS: Final = 14


def first() -> Move:
    """How it stands, once the exchange was read."""
    return Do(lambda desk: Show(standing(desk)))


def standing(desk: Desk) -> "Standing":
    """As it is now."""
    acting.by(desk, MAY)
    return Standing(sending.look(desk.store, desk.config.exchange), desk.store.now_ms())


@dataclass(frozen=True, slots=True)
class Standing(Page):
    """Everything about the sending on one page."""

    delivery: Delivery
    now_ms: int

    def sheet(self, at: At) -> Sheet:
        """State, what waits, certificate, preflight, and what became of the last acts."""
        found, told = self.delivery, self.delivery.told
        body: tuple[Block, ...] = (
            Fact(at.say("sending.state"), _state(at, found)),
            Fact(at.say("sending.waiting"), _waiting(at, found)),
            Fact(at.say("sending.last"), _moment(at, found.status.last_ack_ms)),
            *self._certificate(at, told),
            Fact(at.say("sending.preflight"), _preflight(at, None if told is None else told.preflight)),
            *_answers(at, () if told is None else told.answers),
        )
        dead = len(found.dead)
        letters = at.say("sending.letters", count=dead)
        acts = (
            Act("letters", letters, "warning" if dead else "", Tone.PRIMARY if dead else Tone.PLAIN),
            *((Act("preflight", at.say("sending.check")),) if found.usable else ()),
            Act("again", at.say("sending.again"), "retry"),
        )
        line = at.say("sending.asked", count=found.asked) if found.asked else ""
        return Sheet("sync", at.say("admin.section.sync"), line, "sent" if not dead else "unsent", body, acts)

    def tapped(self, key: str) -> Move:
        """The dead letters, a preflight, or another look."""
        match key:
            case "letters":
                return Show(sync_letters.Letters(self.delivery.dead))
            case "preflight":
                return Do(_preflight_asked)
            case _:
                return Do(lambda desk: Instead(standing(desk)))

    def _certificate(self, at: At, told: Sending | None) -> tuple[Block, ...]:
        if told is None or told.certificate_ends is None:
            return ()
        left = (told.certificate_ends - self.now_ms) // DAY_MS
        if left < 0:
            return (Line(at.say("sending.certificate_over"), warn=True, icon="warning"),)
        key = "sending.certificate_soon" if left < SOON_DAYS else "sending.certificate_left"
        return (Fact(at.say("sending.certificate"), at.say(key, days=left, on=at.spell.day(told.certificate_ends))),)


def _preflight_asked(desk: Desk) -> Move:
    login = acting.by(desk, MAY)
    sending.ask(desk.store, desk.config.exchange, Asked(Wanted.PREFLIGHT, "", login.account))
    done = Do(lambda again: Back(standing(again), by=1))
    return Show(Told("sending.check", "sending.check_asked", icon="retry", then=done))


def _state(at: At, found: Delivery) -> str:
    state = at.say(f"sending.state_{found.status.state.value}")
    detail = found.status.detail
    return f"{state} ({known(at, 'sending.detail', detail)})" if detail else state


def _waiting(at: At, found: Delivery) -> str:
    if not found.waiting:
        return at.say("sending.nothing")
    if found.oldest is None:
        return at.say("sending.count", count=found.waiting)
    return at.say("sending.count_since", count=found.waiting, when=at.spell.when(found.oldest))


def _preflight(at: At, found: Preflight | None) -> str:
    if found is None:
        return at.say("sending.never")
    said = at.say("sending.can" if found.usable else "sending.cannot", when=at.spell.when(found.at))
    codes = ", ".join(known(at, "sending.detail", code) for code in found.codes)
    return f"{said} ({codes})" if codes else said


def _answers(at: At, found: tuple[Answer, ...]) -> tuple[Block, ...]:
    """What became of the last acts about a letter."""
    letters = [each for each in found if each.act is not Wanted.PREFLIGHT][-3:]
    return tuple(
        Fact(
            at.say(f"sending.act.{each.act.value}"),
            at.say(f"sending.outcome.{each.outcome.value}", when=at.spell.when(each.at)),
        )
        for each in reversed(letters)
    )


def _moment(at: At, ms: int | None) -> str:
    return at.say("sending.never") if ms is None else at.spell.when(ms)
