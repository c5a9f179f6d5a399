"""What a screen shows, as plain words and numbers computed from the state; names nobody the state does not name."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from datetime import date as Day  # noqa: N812 - `date` is a field of View
from math import ceil
from typing import Final, assert_never

from kiosk import words
from kiosk.faults import FaultCode
from kiosk.flow import states
from kiosk.flow.actions import Action, Button, Method, button_for
from kiosk.flow.events import READ_AT_ONCE, Instruction
from kiosk.flow.states import BadgeRule, PadReason, State
from kiosk.screens import spoken
from kiosk.screens.announcing import PIECE_S, pieces
from kiosk.screens.entry import Entry

DIGITS: Final = "1234567890"
"""The order in which the keys of the PIN pad stand, from left to right and from top to bottom."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is true at this door besides the check-in.

    Args:
        site: the office's name.
        contact: whom to call, as it is to be read aloud ("Ani, 4102"); empty when nobody is named.
        notice: version of the privacy notice.
        unsent: check-ins HQ has not acknowledged.
        sync: starting, ok, offline or config.
        liveness_tested: the day on which this camera's self-test against attacks was made; None without one.
        weak_key: the device key lies on the same card as the data.
        buttons: the actions this site offers, in their order on screen.
        announcement: language and sentence, for each language it is told in; empty without one.
    """

    site: str = ""
    contact: str = ""
    notice: str = ""
    unsent: int = 0
    sync: str = "starting"
    liveness_tested: Day | None = None
    weak_key: bool = True
    buttons: tuple[Button, ...] = tuple(Button)
    announcement: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """One screen's content; every field is a word, a number or a flag that QML shows as it is."""

    page: str
    language: str
    clock: str
    date: str
    site: str
    notice: str
    sync: str
    sync_state: str
    buttons: tuple[str, ...] = ()
    banner: str = ""
    icon: str = ""
    title: str = ""
    line: str = ""
    detail: str = ""
    name: str = field(default="", repr=False)
    small: str = ""
    time: str = ""
    instruction: str = ""
    progress: float = 0.0
    remaining: float = 0.0
    fill: bool = False
    pin_forward: bool = False
    retry: bool = False
    verifying: bool = False
    choose: bool = False
    suggested: str = ""
    unsent: str = ""
    held: str = ""
    told: str = ""
    digits: str = DIGITS
    code: str = field(default="", repr=False)
    dots: int = 0
    on_pin: bool = False
    letters: bool = False
    ready: bool = False
    busy: bool = False
    locked: bool = False
    warn: bool = False
    qr: bool = False
    trip: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """All a screen depends on besides its state: entry, surroundings, language, monotonic seconds, local time."""

    entry: Entry
    around: Around
    language: str
    now: float
    wall: datetime
    digits: str = DIGITS

    def say(self, key: str, **values: str | int) -> str:
        """Return a sentence in this moment's language."""
        return words.say(self.language, key, **values)

    def left(self, until: float, whole: float) -> float:
        """Return how much of a deadline is left, 1 to 0."""
        return min(1.0, max(0.0, (until - self.now) / whole))

    def local(self, ms: int) -> datetime:
        """Return ms since the epoch in the zone that the clock shows."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self.wall.tzinfo)


_IN_HAND: Final = {Method.FACE: "person", Method.PIN: "pin", Method.BADGE: "qr"}
_REASONS: Final = {
    (PadReason.BADGE, True): "badge.pin",
    (PadReason.BADGE, False): "badge.pin",
    (PadReason.PAUSED, False): "badge.paused",
}
_BANNERS: Final = {FaultCode.CAMERA_LOST: "banner.camera", FaultCode.FACE_NOT_RELEASED: "banner.release"}


def describe(state: State, at: Moment) -> View:
    """Return what to show for a state at a moment."""
    around = at.around
    blank = View(
        page="",
        language=at.language,
        clock=spoken.time(at.language, at.wall),
        date=spoken.date(at.language, at.wall),
        site=around.site,
        notice=at.say("idle.notice", version=around.notice) if around.notice else at.say("door.notice"),
        sync=_sync(at),
        sync_state="waiting" if around.sync == "ok" and around.unsent else around.sync,
        buttons=tuple(button.value for button in around.buttons),
        banner=_banner(state, at),
        qr=state.standing.badge is not BadgeRule.OFF,
    )
    return _page(state, blank, at)


def _idle_note(at: Moment) -> tuple[str, str]:
    """A drawing and a sentence: what is announced, piece by piece, and between two rounds how the key is protected."""
    key = at.say("small.key") if at.around.weak_key else ""
    told = dict(at.around.announcement)
    text = told.get(at.language) or next(iter(told.values()), "")
    shown = (*pieces(text), *([key] if key else []))
    if not text:
        return "key", key
    piece = shown[int(at.now / PIECE_S) % len(shown)]
    return "key" if piece == key else "paper", piece


def _sync(at: Moment) -> str:
    if at.around.unsent and at.around.sync != "config":
        return at.say("sync.unsent", count=at.around.unsent)
    return at.say(f"sync.{at.around.sync}")


def _banner(state: State, at: Moment) -> str:
    blind = state.standing.blind
    if blind is None or isinstance(state, states.OutOfService):
        return ""
    return at.say(_BANNERS.get(blind, "banner.model"))


def _page(state: State, blank: View, at: Moment) -> View:  # noqa: C901, PLR0911, PLR0912 - one return a page
    match state:
        case states.Idle():
            icon, small = _idle_note(at)
            return replace(blank, page="idle", icon=icon, small=small)
        case states.Looking():
            return _looking(state, blank, at)
        case states.PinPad():
            return _pad(state, blank, at)
        case states.Badge():
            return _badge(state, blank, at)
        case states.Resolving():
            icon = _IN_HAND[state.method] if state.button is None else state.button.value
            return replace(blank, page="saving", icon=icon, title=at.say("pad.checking"))
        case states.Confirming():
            return _confirming(state, blank, at)
        case states.Already():
            return _already(state, blank, at)
        case states.Saving():
            icon, line = button_for(state.action).value, at.say(f"action.{state.action.value}")
            return replace(blank, page="saving", icon=icon, title=at.say("saving.title"), line=line)
        case states.Recorded():
            return _recorded(state, blank, at)
        case states.Disputed():
            title, line = at.say("disputed.title"), at.say("disputed.text")
            left = at.left(state.until, states.RECORDED_S)
            return replace(blank, page="disputed", title=title, line=line, remaining=left)
        case states.NotRecognised():
            return _refused(state, blank, at)
        case states.OutOfService():
            return _out(state, blank, at)
        case _:
            assert_never(state)


def _looking(state: states.Looking, blank: View, at: Moment) -> View:
    return replace(
        blank,
        page="looking",
        icon=state.button.value,
        title=at.say(f"button.{state.button.value}"),
        line=at.say(f"look.{state.instruction.value}"),
        instruction=state.instruction.value,
        progress=state.progress,
        remaining=at.left(state.until, states.VERIFY_S if state.claimed else states.LOOK_S),
        fill=state.instruction is Instruction.MORE_LIGHT,
        pin_forward=state.pin_forward(at.now) and not state.claimed,
        verifying=bool(state.claimed),
        small=_liveness(at),
    )


def _liveness(at: Moment) -> str:
    tested = at.around.liveness_tested
    return at.say("small.liveness") if tested is None else at.say("small.tested", day=spoken.day(at.language, tested))


def _pad_line(state: states.PinPad, at: Moment) -> str:
    wait = ceil(state.locked_until - at.now)
    if state.checking:
        return at.say("pad.checking")
    if wait > 0:
        return at.say("pad.wait", seconds=wait)
    if state.refused:
        return at.say("badge.wrong" if state.holder else "pad.refused")
    if state.reason in {PadReason.ASKED, PadReason.BLIND}:
        return ""  # the banner says why the camera does not help
    return at.say(_REASONS.get((state.reason, state.standing.face), f"pad.{state.reason.value}"))


def _pad(state: states.PinPad, blank: View, at: Moment) -> View:
    entry = at.entry
    return replace(
        blank,
        page="pin",
        icon="pin" if state.button is None else state.button.value,
        title=at.say("pad.pin") if state.button is None else at.say(f"button.{state.button.value}"),
        line=_pad_line(state, at),
        code=at.say("badge.known") if state.holder else entry.code,
        dots=len(entry.pin),
        digits=at.digits,
        on_pin=entry.on_pin,
        letters=entry.letters,
        ready=entry.ready if entry.on_pin else bool(entry.code),
        busy=state.checking,
        locked=state.locked_until > at.now,
        warn=state.refused or state.locked_until > at.now,
    )


def _badge(state: states.Badge, blank: View, at: Moment) -> View:
    line = "pad.checking" if state.checking else "badge.refused" if state.refused else "badge.hold"
    return replace(
        blank,
        page="badge",
        icon="qr" if state.button is None else state.button.value,
        title=at.say("badge.title") if state.button is None else at.say(f"button.{state.button.value}"),
        line=at.say(line),
        busy=state.checking,
        warn=state.refused,
        remaining=at.left(state.until, states.BADGE_S),
    )


def _confirming(state: states.Confirming, blank: View, at: Moment) -> View:
    if state.last is None:
        detail = at.say("confirm.nothing")
    else:
        when = spoken.when(at.language, at.local(state.last.occurred_at), at.wall)
        detail = at.say("confirm.last", action=at.say(f"action.{state.last.action.value}"), when=when)
    question = at.say("confirm.question", action=at.say(f"action.{state.action.value}"))
    return replace(
        blank,
        page="confirming",
        icon=button_for(state.action).value,
        name=state.name,
        title=at.say("confirm.choose") if state.choose else question,
        detail=detail,
        choose=state.choose,
        suggested=button_for(state.action).value,
        remaining=at.left(state.until, states.CONFIRM_S),
    )


def _already(state: states.Already, blank: View, at: Moment) -> View:
    return replace(
        blank,
        page="already",
        icon=button_for(state.last.action).value,
        title=at.say("door.already"),
        name=state.name,
        line=at.say(f"action.{state.last.action.value}"),
        time=spoken.time(at.language, at.local(state.last.occurred_at)),
        detail=at.say("door.already_text"),
        remaining=at.left(state.until, states.RECORDED_S),
    )


def _recorded(state: states.Recorded, blank: View, at: Moment) -> View:
    beside = state.beside
    whole = states.CHANGING_S if state.changing else states.RECORDED_S * beside.screens
    unsent = at.around.unsent
    worked = [] if state.worked_s is None else [spoken.hours(at.language, state.worked_s)]
    shift = [] if beside.shift is None else [spoken.shift(at.language, beside.shift)]
    return replace(
        blank,
        page="recorded",
        icon=button_for(state.action).value,
        title=at.say("recorded.change" if state.changing else "recorded.title"),
        name=state.name,
        line=at.say(f"action.{state.action.value}"),
        time=spoken.time(at.language, at.local(state.occurred_at)),
        detail="\n".join(worked + shift),
        unsent="" if beside.held or not unsent else at.say("recorded.unsent", count=unsent),
        held=at.say("door.held") if beside.held else "",
        told=_told(state, at),
        choose=state.changing,
        suggested=button_for(state.action).value,
        remaining=at.left(state.until, whole),
        trip=state.action in {Action.TRIP_LEAVE, Action.TRIP_RETURN},
    )


def _refused(state: states.NotRecognised, blank: View, at: Moment) -> View:
    title = "fault.person_damaged.title" if state.damaged else "refused.title"
    line = "refused.offer" if state.pin_forward else "refused.text"
    if not state.retry:
        line = "door.by_pin"
    if state.damaged:
        line = "fault.person_damaged.hint"
    return replace(
        blank,
        page="refused",
        title=at.say(title),
        line=at.say(line),
        remaining=at.left(state.until, states.REFUSED_S),
        pin_forward=state.pin_forward,
        retry=state.retry,
    )


def _told(state: states.Recorded, at: Moment) -> str:
    """What is announced to this person, one piece after the other while the screen stays."""
    told = dict(state.beside.told)
    shown = pieces(told.get(at.language) or next(iter(told.values()), ""), READ_AT_ONCE)
    gone = 1.0 - at.left(state.until, states.RECORDED_S * state.beside.screens)
    return shown[min(len(shown) - 1, int(gone * len(shown)))] if shown else ""


def _out(state: states.OutOfService, blank: View, at: Moment) -> View:
    contact = at.around.contact
    return replace(
        blank,
        page="out",
        title=at.say(f"fault.{state.fault.value}.title"),
        line=words.hint(at.language, state.fault.value),
        detail=at.say("out.call", contact=contact) if contact else at.say("out.call_nobody"),
    )
