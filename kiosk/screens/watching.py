"""What the pages ask of the camera, and its answers as `Saw`; without a camera or a model it says so at once."""

from collections.abc import Callable
from typing import assert_never

from kiosk.eye import Eye
from kiosk.flow import events as ev
from kiosk.pages import visit as vi
from kiosk.pages.page import CameraGone, CodeSeen, FaceSeen, Guided, Noticed, Use
from kiosk.vision import qr
from kiosk.vision.camera import Frame


def watch(eye: Eye | None, post: Callable[[vi.Event], None], wanted: vi.Watch) -> None:
    """Begin to look; returns at once, the answers are posted with the number that was asked."""

    def saw(seen: Noticed) -> None:
        post(vi.Saw(wanted.attempt, seen))

    if eye is None or not eye.sees:
        saw(CameraGone())
        return
    match wanted.use:
        case Use.FACE:
            eye.look(wanted.attempt, wanted.claimed or None, lambda event: _face(event, saw))
        case Use.CODE:
            scan(eye, wanted.attempt, lambda text: saw(CodeSeen(text)))
        case Use.CAPTURE | Use.PREVIEW:
            saw(CameraGone())
        case Use.NOTHING:
            return
        case _:
            assert_never(wanted.use)


def scan(eye: Eye, attempt: int, found: Callable[[str], object]) -> None:
    """Read QR codes until the eye rests, and look at nobody; a text is told once, until another one comes."""
    last: str | None = None

    def read(_networks: object, frame: Frame) -> bool:
        nonlocal last
        text = qr.read(frame.image)
        if text is not None and text != last:
            last = text
            found(text)
        return False

    eye.attend(attempt, read)


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
