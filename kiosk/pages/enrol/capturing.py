"""The camera takes the person: one instruction at a time, then the trial; refuses to keep what it has not shown."""

from dataclasses import dataclass, replace
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.pages.enrol.case import Case, Face
from kiosk.pages.enrol.deciding import Alike
from kiosk.pages.enrol.finishing import OwnPin
from kiosk.pages.page import (
    At,
    CameraGone,
    Captured,
    Desk,
    Do,
    Instead,
    Measured,
    Move,
    Noticed,
    Page,
    Prompted,
    Stay,
    Use,
)
from kiosk.pages.sheet import Act, Line, Meter, Preview, Sheet
from kiosk.rights import enrolling
from kiosk.store import Consent
from kiosk.vision.enrolment import Pose, Prompt, Refusal, Site, judge
from kiosk.vision.known import in_use
from kiosk.vision.lookalikes import Likeness
from kiosk.vision.quality import LEAST_BRIGHTNESS, LEAST_SHARPNESS, MOST_SHARPNESS, Instruction

_LASTS_S: Final = 50.0
"""Longer than every pose and the trial together: then the camera has stopped without a word."""
_DRAWN: Final = {Pose.FRONTAL: "straight", Pose.LEFT: "turn_left", Pose.RIGHT: "turn_right", Pose.GLASSES: "look_here"}
_BRIGHT: Final = 160.0
_FIRST: Final = Prompt(Pose.FRONTAL)


def capture(case: Case, agreed: Consent) -> Page:
    """The camera's page for one who has agreed."""
    return CaptureGlasses(case, agreed) if case.glasses else Capture(case, agreed)


@dataclass(frozen=True, slots=True)
class Capture(Page):
    """The picture in an oval, what to do, and how light and sharp it is."""

    case: Case
    agreed: Consent
    prompt: Prompt = _FIRST
    measured: Measured | None = None
    uses = Use.CAPTURE
    lasts_s = _LASTS_S

    @property
    def poses(self) -> tuple[Pose, ...]:
        """Those that are asked for."""
        return tuple(each for each in Pose if self.case.glasses or each is not Pose.GLASSES)

    def sheet(self, at: At) -> Sheet:
        """One instruction."""
        prompt = self.prompt
        defect = prompt.instruction if prompt.instruction is not Instruction.NO_FACE else None
        asked = f"pose_{prompt.pose.value}" if prompt.pose else "once_more"
        drawn = _DRAWN[prompt.pose] if prompt.pose else "look_here"
        line = at.say(f"look.{defect.value}") if defect else at.say(f"enrol.{asked}")
        body = (Preview(defect.value if defect else drawn, line, prompt.progress, meters=self._meters(at)),)
        step = len(self.poses) + 1 if prompt.pose is None else self.poses.index(prompt.pose) + 1
        title = at.say("enrolling.capture.title", step=step, steps=len(self.poses) + 1)
        return Sheet("enrol.capture", title, body=body, acts=(Act("no", at.say("tap.no_face"), "pin"),))

    def _meters(self, at: At) -> tuple[Meter, ...]:
        """Both from the first moment on, so that the picture keeps its place."""
        seen = self.measured
        light, sharp = (None, None) if seen is None else (seen.brightness, seen.sharpness)
        return (
            _meter(at, "light", light, LEAST_BRIGHTNESS, _BRIGHT),
            _meter(at, "sharp", sharp, LEAST_SHARPNESS, MOST_SHARPNESS),
        )

    def tapped(self, _key: str) -> Move:
        """Without a face."""
        return Instead(OwnPin(self.case, self.agreed.text_version))

    def noticed(self, seen: Noticed) -> Move:
        """The next instruction, or all that was taken."""
        match seen:
            case Prompted(prompt):
                return Instead(replace(self, prompt=prompt))
            case Measured():
                return Instead(replace(self, measured=seen))
            case Captured():
                return Do(lambda desk: judged(desk, self.case, self.agreed, seen))
            case CameraGone():
                return Instead(NoCamera(self.case, self.agreed))
            case _:
                return Stay()

    def late(self) -> Move:
        """No answer came."""
        return Instead(NoCamera(self.case, self.agreed))


@dataclass(frozen=True, slots=True)
class CaptureGlasses(Capture):
    """The same with one pose more."""

    uses = Use.CAPTURE_GLASSES


def _meter(at: At, name: str, value: float | None, least: float, most: float) -> Meter:
    """A bar from 0 to `most`, good from `least` on; None where there is no face to measure."""
    label = at.say(f"enrolling.capture.{name}")
    if value is None:
        return Meter(label, 0.0, at.say("enrolling.capture.unknown"), good=False)
    good = value >= least
    word = at.say("enrolling.capture.good" if good else f"enrolling.capture.{name}_little")
    return Meter(label, min(value / most, 1.0), word, good)


@dataclass(frozen=True, slots=True)
class NoCamera(Page):
    """The camera does not answer; the person loses nothing by it."""

    case: Case
    agreed: Consent

    def sheet(self, at: At) -> Sheet:
        """Again, or without."""
        body = (Line(at.say("enrolling.no_camera.line")), Line(at.say("enrolling.no_camera.pin")))
        title = at.say("fault.camera_lost.title")
        return Sheet("enrol.no_camera", title, icon="camera_off", body=body, acts=_again(at))

    def tapped(self, key: str) -> Move:
        """One of both."""
        return _tapped(self.case, self.agreed, key)


@dataclass(frozen=True, slots=True)
class Refused(Page):
    """What was taken is no reference; nothing of it is kept."""

    case: Case
    agreed: Consent
    why: Refusal

    def sheet(self, at: At) -> Sheet:
        """What helps, and the other way."""
        body = (Line(at.say(f"enrolling.refused.{self.why.value}")), Line(at.say("enrolling.refused.kept")))
        title = at.say("enrolling.refused.title")
        return Sheet("enrol.refused", title, icon="retry", body=body, acts=_again(at))

    def tapped(self, key: str) -> Move:
        """One of both."""
        return _tapped(self.case, self.agreed, key)


def _again(at: At) -> tuple[Act, ...]:
    return Act("again", at.say("tap.retry"), "retry"), Act("no", at.say("tap.no_face"), "pin")


def _tapped(case: Case, agreed: Consent, key: str) -> Move:
    return Instead(capture(case, agreed) if key == "again" else OwnPin(case, agreed.text_version))


def judged(desk: Desk, case: Case, agreed: Consent, taken: Captured) -> Move:
    """Choose references among the shots and try them; a duplicate is for a human.

    Raises:
        Fault: FACE_NOT_RELEASED, MODEL_MISSING, and what the store raises.
    """
    enrolling.need_release(desk.store, desk.config)
    pack = in_use(desk.config)
    if pack is None:
        raise Fault(FaultCode.MODEL_MISSING)
    references, rotation = desk.store.templates.gallery(pack.embedding_space, pack.dimension)
    site = Site.of(pack, rotation, desk.config.recognition)
    found = judge(case.person, taken.shots, taken.probes, references, site)
    if isinstance(found, Refusal):
        return Instead(Refused(case, agreed, found))
    if found.resemblance.likeness is Likeness.DUPLICATE:
        return Instead(Alike(case, Face(agreed, found)))
    return Instead(OwnPin(case, agreed.text_version, Face(agreed, found)))
