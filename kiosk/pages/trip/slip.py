"""A slip that somebody holds up: whether it is genuine, and what it says; refuses to guess whose it is."""

import functools
from dataclasses import dataclass, field

from kiosk.pages.page import At, CameraGone, CodeSeen, Desk, Do, Instead, Leave, Move, Noticed, Page, Stay, Use
from kiosk.pages.sheet import Act, Fact, Line, Preview, Sheet, Tone
from kiosk.rights import trips
from kiosk.rights.trips import Checked, Doubt
from wire import slip
from wire.slip import Direction


@dataclass(frozen=True, slots=True)
class Scan(Page):
    """The frame to hold a slip in."""

    uses = Use.CODE
    lasts_s = 30.0

    def sheet(self, at: At) -> Sheet:
        """The camera's picture."""
        preview = Preview("qr", at.say("travel.check.hold"), square=True)
        return Sheet("slip.scan", at.say("travel.check.title"), icon="qr", body=(preview,))

    def noticed(self, seen: Noticed) -> Move:
        """A code, whatever it says, or no camera."""
        match seen:
            case CodeSeen(text):
                return Do(functools.partial(_checked, text))
            case CameraGone():
                return Instead(NoCamera())
            case _:
                return Stay()


@dataclass(frozen=True, slots=True)
class Held(Page):
    """A slip that was held before the door's camera: it is checked at once."""

    text: str = field(repr=False)
    lasts_s = 0.1

    def sheet(self, at: At) -> Sheet:
        """A moment's sentence."""
        return Sheet("slip.held", at.say("travel.check.title"), at.say("travel.check.wait"), "qr")

    def late(self) -> Move:
        """Check it."""
        return Do(functools.partial(_checked, self.text))


@dataclass(frozen=True, slots=True)
class Genuine(Page):
    """What a good slip says, and what was decided as far as is known here."""

    checked: Checked = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Its facts."""
        read, decided = self.checked.slip, self.checked.decided
        decision = "unknown" if decided is None else "approved" if decided.approved else "refused"
        body = (
            Line(at.say(f"travel.check.{'left' if read.direction is Direction.LEAVE else 'back'}"), strong=True),
            _fact(at, "where", read.destination or at.say("travel.check.nowhere")),
            _fact(at, "when", f"{at.spell.day(read.issued_at * 1000)}, {at.spell.time(read.issued_at * 1000)}"),
            _fact(at, "decision", at.say(f"travel.check.{decision}")),
            _fact(at, "until", at.spell.day((read.issued_at + slip.VALID_S) * 1000)),
            _fact(at, "device", self.checked.device),
        )
        return Sheet("slip.genuine", at.say("travel.check.good"), icon="done", body=body, acts=_acts(at), back=False)

    def tapped(self, key: str) -> Move:
        """Done, or another one."""
        return _tapped(key)


@dataclass(frozen=True, slots=True)
class Refused(Page):
    """Why a slip is not accepted: not a slip, not signed here, or too old."""

    why: Doubt

    def sheet(self, at: At) -> Sheet:
        """One sentence."""
        body = (Line(at.say(f"travel.check.{self.why}"), warn=True),)
        return Sheet("slip.refused", at.say("travel.check.bad"), icon="warning", body=body, acts=_acts(at), back=False)

    def tapped(self, key: str) -> Move:
        """Done, or another one."""
        return _tapped(key)


@dataclass(frozen=True, slots=True)
class NoCamera(Page):
    """Nothing can be read now."""

    def sheet(self, at: At) -> Sheet:
        """One sentence."""
        body = (Line(at.say("travel.check.no_camera")),)
        return Sheet("slip.camera", at.say("travel.check.camera"), icon="camera_off", body=body)


def _fact(at: At, name: str, value: str) -> Fact:
    return Fact(at.say(f"travel.check.{name}"), value)


def _acts(at: At) -> tuple[Act, ...]:
    return Act("done", at.say("tap.done"), "done", Tone.PRIMARY), Act("again", at.say("travel.check.again"), "qr")


def _tapped(key: str) -> Move:
    return Instead(Scan()) if key == "again" else Leave()


def _checked(text: str, desk: Desk) -> Move:
    found = trips.examined(desk.store, text)
    return Instead(Refused(found) if isinstance(found, Doubt) else Genuine(found))
