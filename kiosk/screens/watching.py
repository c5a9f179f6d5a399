"""What the pages ask of the camera, and its answers as `Saw`; without a camera or a model it says so at once."""

from collections.abc import Callable
from typing import Final, assert_never

from kiosk.eye import INSTRUCTIONS, Eye
from kiosk.flow import events as ev
from kiosk.pages import visit as vi
from kiosk.pages.page import CameraGone, Captured, CodeSeen, FaceSeen, Guided, Measured, Noticed, Prompted, Use
from kiosk.vision import qr, sitting
from kiosk.vision.camera import Frame
from kiosk.vision.enroller import Face, face_of, shot_of
from kiosk.vision.enrolment import Prompt
from kiosk.vision.quality import Instruction
from kiosk.vision.recogniser import GUIDE_EVERY_S, Networks, Watcher

MEASURE_EVERY_S: Final = 0.25


def watch(eye: Eye | None, post: Callable[[vi.Event], None], wanted: vi.Watch) -> None:
    """Begin to look; returns at once, the answers are posted with the number that was asked."""

    def saw(seen: Noticed) -> None:
        post(vi.Saw(wanted.attempt, seen))

    def lost() -> None:
        saw(CameraGone())

    if eye is None or not eye.sees:
        lost()
        return
    match wanted.use:
        case Use.FACE:
            eye.look(wanted.attempt, wanted.claimed or None, lambda event: _face(event, saw))
        case Use.CODE:
            eye.attend(wanted.attempt, _reading(lambda text: saw(CodeSeen(text))), lost)
        case Use.CAPTURE | Use.CAPTURE_GLASSES:
            eye.attend(wanted.attempt, Taking(saw, glasses=wanted.use is Use.CAPTURE_GLASSES), lost)
        case Use.PREVIEW:
            eye.attend(wanted.attempt, Measuring(saw), lost)
        case Use.NOTHING:
            return
        case _:
            assert_never(wanted.use)


class Taking:
    """Takes the shots of an enrolment, one frame at a time; lives as long as the recogniser holds it.

    Args:
        saw: takes Prompted and Measured, so that they can be read, and at the end Captured.
        glasses: whether a pose with glasses the other way is asked for.
    """

    def __init__(self, saw: Callable[[Noticed], None], *, glasses: bool) -> None:
        self._saw = saw
        self._glasses = glasses
        self._state: sitting.Sitting | None = None
        self._said: Prompt | None = None
        self._said_at = 0.0

    def __call__(self, networks: Networks | None, frame: Frame) -> bool:
        """Look at one frame; true when it was the last."""
        if networks is None:
            self._saw(CameraGone())
            return True
        found = face_of(networks, frame)
        seen = found if isinstance(found, Instruction) else shot_of(networks, found)
        state = self._state or sitting.begin(frame.taken_at, glasses=self._glasses)
        after = sitting.step(state, seen, frame.taken_at)
        if isinstance(after, sitting.Sat):
            self._saw(Captured(after.shots, after.probes))
            return True
        self._state, prompt = after
        if self._says(prompt, frame.taken_at):
            self._saw(_measured(found, frame))
            self._saw(Prompted(prompt))
        return False

    def _says(self, prompt: Prompt, now: float) -> bool:
        """Whether this is said now: another pose at once, anything else once the last could be read."""
        said = self._said
        turns = said is None or said.pose is not prompt.pose
        if not turns and (prompt == said or now - self._said_at < GUIDE_EVERY_S):
            return False
        self._said, self._said_at = prompt, now
        return True


class Measuring:
    """Measures the picture a few times a second; `saw` takes Measured."""

    def __init__(self, saw: Callable[[Noticed], None]) -> None:
        self._saw = saw
        self._next = 0.0

    def __call__(self, networks: Networks | None, frame: Frame) -> bool:
        """Look at one frame, if it is time; never over by itself."""
        if frame.taken_at >= self._next:
            self._next = frame.taken_at + MEASURE_EVERY_S
            found = Instruction.NO_FACE if networks is None else face_of(networks, frame)
            self._saw(_measured(found, frame))
        return False


def _measured(found: Face | Instruction, frame: Frame) -> Measured:
    """Of the face, or of the whole picture where there is none to measure."""
    if isinstance(found, Instruction):
        return Measured(float(frame.image.mean()), None, INSTRUCTIONS[found])
    quality, defect = found.quality, found.quality.defect
    return Measured(quality.brightness, quality.sharpness, None if defect is None else INSTRUCTIONS[defect])


def scan(eye: Eye, attempt: int, found: Callable[[str], object]) -> None:
    """Read QR codes until the eye rests, and look at nobody; a text is told once, until another one comes."""
    eye.attend(attempt, _reading(found))


def _reading(found: Callable[[str], object]) -> Watcher:
    last: str | None = None

    def read(_networks: object, frame: Frame) -> bool:
        nonlocal last
        text = qr.read(frame.image)
        if text is not None and text != last:
            last = text
            found(text)
        return False

    return read


def _face(event: ev.Event, saw: Callable[[Noticed], None]) -> None:
    match event:
        case ev.FaceDecided(_, ev.Matched(person)):
            saw(FaceSeen(person))
        case ev.FaceDecided():
            saw(FaceSeen(""))
        case ev.Guided(_, instruction, progress):
            saw(Guided(instruction, progress))
        case _:
            return
