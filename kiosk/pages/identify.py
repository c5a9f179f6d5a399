"""Who stands there: face, badge or code, each with the PIN; refuses one alone, and to say which of two was wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kiosk import words
from kiosk.flow.actions import short_name
from kiosk.flow.events import Instruction
from kiosk.pages.page import (
    At,
    Back,
    Begin,
    CameraGone,
    CodeSeen,
    Desk,
    Do,
    Employee,
    FaceSeen,
    Guided,
    Instead,
    Move,
    Noticed,
    Page,
    Show,
    Speak,
    Stay,
    Use,
)
from kiosk.pages.sheet import Asked, AskedKind, Line, Preview, Row, Sheet
from kiosk.store import PinAccepted, badges
from kiosk.store.accounts import PIN_LENGTH

First = Callable[[Desk, str], Page]
"""The first page of somebody who is known now, by random id."""
_CODE_MOST = 64
_LOOKS_S = 10.0


@dataclass(frozen=True, slots=True)
class Ways(Page):
    """The ways to say who one is; what is chosen first decides nothing, the PIN is asked in each.

    Args:
        title: key of what this is for.
        first: where somebody begins who is known.
        face: whether this door finds a face among all.
        badge: whether it reads badges.
        refused: key of why the last way led nowhere, or "".
    """

    title: str
    first: First = field(repr=False)
    face: bool = True
    badge: bool = True
    refused: str = ""

    def sheet(self, at: At) -> Sheet:
        """One row for each way."""
        code = Row("code", at.say("identify.code"), at.say("identify.code_how"), icon="pin")
        face = Row("face", at.say("identify.face"), at.say("identify.face_how"), icon="look_here")
        badge = Row("badge", at.say("identify.badge"), at.say("identify.badge_how"), icon="qr")
        line = at.say(self.refused or "identify.line")
        found = (*((face,) if self.face else ()), *((badge,) if self.badge else ()), code)
        body = (*found, Line(at.say("identify.why"), icon="shield"))
        return Sheet("identify", at.say(self.title), line, "person", body, warn=bool(self.refused))

    def tapped(self, key: str) -> Move:
        """Look, read, or type."""
        match key:
            case "face":
                return Show(_Look(self))
            case "badge":
                return Show(_Badge(self))
            case _:
                return Show(_Code(self))


@dataclass(frozen=True, slots=True)
class _Look(Page):
    """The camera looks; whoever it knows is asked for their PIN, and is not named before."""

    ways: Ways
    instruction: Instruction = Instruction.LOOK_HERE
    progress: float = 0.0
    uses = Use.FACE
    lasts_s = _LOOKS_S

    def sheet(self, at: At) -> Sheet:
        """The picture and one instruction."""
        name = self.instruction.value
        return Sheet(
            "identify.face", at.say(self.ways.title), body=(Preview(name, at.say(f"look.{name}"), self.progress),)
        )

    def noticed(self, seen: Noticed) -> Move:
        """Known, or back with the same sentence whatever the cause."""
        match seen:
            case Guided(instruction, progress):
                return Instead(replace(self, instruction=instruction, progress=progress))
            case FaceSeen(person) if person:
                return Instead(_Pin(self.ways, person=person))
            case FaceSeen():
                return Back(replace(self.ways, refused="identify.unknown"))
            case CameraGone():
                return Back(replace(self.ways, face=False, refused="identify.no_camera"))
            case _:
                return Stay()

    def late(self) -> Move:
        """It has looked long enough."""
        return Back(replace(self.ways, refused="identify.unknown"))


@dataclass(frozen=True, slots=True)
class _Badge(Page):
    """A badge is held up; whoever holds one that counts is asked for its PIN, and is not named before."""

    ways: Ways
    uses = Use.CODE
    lasts_s = _LOOKS_S

    def sheet(self, at: At) -> Sheet:
        """The picture in its frame."""
        return Sheet(
            "identify.badge", at.say(self.ways.title), body=(Preview("qr", at.say("badge.hold"), square=True),)
        )

    def noticed(self, seen: Noticed) -> Move:
        """Known, or back with the same sentence whatever the cause; the ledger has the cause."""
        match seen:
            case CodeSeen(text):
                return Do(lambda desk: self._read(desk, text))
            case CameraGone():
                return Back(replace(self.ways, face=False, badge=False, refused="identify.no_camera"))
            case _:
                return Stay()

    def _read(self, desk: Desk, text: str) -> Move:
        found = badges.tried(desk.store, text)
        if isinstance(found, badges.Holder):
            return Instead(_Pin(self.ways, person=found.person))
        return Back(replace(self.ways, refused="identify.unknown"))

    def late(self) -> Move:
        """It has been looked for long enough."""
        return Back(replace(self.ways, refused="identify.unknown"))


@dataclass(frozen=True, slots=True)
class _Code(Page):
    """The employee code."""

    ways: Ways

    def sheet(self, at: At) -> Sheet:
        """As it is typed at the door."""
        return Sheet(
            "identify.code", at.say(self.ways.title), asked=Asked(at.say("pad.code"), AskedKind.CODE, 1, _CODE_MOST)
        )

    def entered(self, text: str) -> Move:
        """Then the PIN, also for a code that nobody has."""
        return Show(_Pin(self.ways, code=text))


@dataclass(frozen=True, slots=True)
class _Pin(Page):
    """The PIN of a code that was typed, or of the person whom the camera knows; exactly one of both is given.

    `wait_s` is how long the next try must wait, None before the first.
    """

    ways: Ways
    code: str = field(default="", repr=False)
    person: str = ""
    wait_s: int | None = None

    def sheet(self, at: At) -> Sheet:
        """Dots; the last refusal stands above them."""
        return Sheet(
            "identify.pin", at.say("pad.pin"), refusal(at, self.wait_s), asked=pin(at), warn=self.wait_s is not None
        )

    def entered(self, text: str) -> Move:
        """Ask the store; a pause between two tries is the store's, the same as at the door."""

        def work(desk: Desk) -> Move:
            code = desk.store.people.get(self.person).code if self.person else self.code
            now = desk.store.clock()
            found = desk.store.accounts.check_pin(code, text, now.wall_ms, now.clock.boottime_ms)
            if isinstance(found, PinAccepted) and self.person in {"", found.person_id}:
                return let_in(desk, found.person_id, self.ways.first)
            return Instead(replace(self, wait_s=0 if isinstance(found, PinAccepted) else found.wait_s))

        return Do(work)


def let_in(desk: Desk, person: str, first: First) -> Move:
    """Begin with somebody who is known, in their own language."""
    known = desk.store.people.get(person)
    begun = Begin(Employee(person, short_name(known.name)), first(desk, person))
    return Speak(known.language, begun) if known.language in words.LANGUAGES else begun


def refusal(at: At, wait_s: int | None) -> str:
    """What is said after a PIN was refused: a wrong one, a code that nobody has, and one typed too early alike."""
    if wait_s is None:
        return ""
    return at.say("pad.wait", seconds=wait_s) if wait_s else at.say("pad.refused")


def pin(at: At, label: str = "pad.pin") -> Asked:
    """A PIN, as dots."""
    return Asked(at.say(label), AskedKind.PIN, PIN_LENGTH.start, PIN_LENGTH.stop - 1)
