"""Takes a new person's shots with a camera, or from a folder of their pictures; refuses to keep a picture."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.vision import enrolment
from kiosk.vision.arrays import Image
from kiosk.vision.camera import Camera, Frame
from kiosk.vision.capture import usable
from kiosk.vision.embed import Embedding
from kiosk.vision.enrolment import PROBES, Prompt, Seen, Shot, Trying, step_trial
from kiosk.vision.file_camera import FileCamera
from kiosk.vision.quality import Instruction, Quality
from kiosk.vision.recogniser import Networks, counted

READ_S: Final = 1.0
SAME: Final = 0.999
"""Cosine above which two pictures are one: the same file, or the same pixels in another."""
_FOURTH: Final = 4


class Enroller:
    """A guided capture, frame by frame on the thread that calls.

    Args:
        camera: open; who gave it closes it.
        networks: the pipeline.
        say: takes each prompt that differs from the one before.
    """

    def __init__(self, camera: Camera, networks: Networks, say: Callable[[Prompt], None]) -> None:
        self._camera = camera
        self._networks = networks
        self._say = say
        self._said: Prompt | None = None

    def capture(self, *, glasses: bool = False) -> enrolment.Capturing:
        """Ask for one pose after the other; returns the capture when its plan is done.

        Raises:
            Fault: CAMERA_LOST.
        """
        frame = self._camera.read(READ_S)
        state = enrolment.begin(frame.taken_at, glasses=glasses)
        while state.plan:
            state, prompt = enrolment.step(state, looked(self._networks, frame), frame.taken_at)
            self._tell(prompt)
            frame = self._camera.read(READ_S)
        return state

    def probes(self) -> tuple[Embedding, ...]:
        """Look once more, three good frames for the trial; fewer when they do not come within 6 s.

        Raises:
            Fault: CAMERA_LOST.
        """
        frame = self._camera.read(READ_S)
        state, prompt = step_trial(Trying(frame.taken_at), looked(self._networks, frame), frame.taken_at)
        while prompt is not None:
            self._tell(prompt)
            frame = self._camera.read(READ_S)
            state, prompt = step_trial(state, looked(self._networks, frame), frame.taken_at)
        return state.found if len(state.found) == PROBES else ()

    def _tell(self, prompt: Prompt | None) -> None:
        if prompt is not None and prompt != self._said:
            self._said = prompt
            self._say(prompt)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """The one face of a frame: what was measured of it, and its aligned picture. RAM only."""

    quality: Quality
    crop: Image


def face_of(networks: Networks, frame: Frame) -> Face | Instruction:
    """Find the one face of a frame, or name what is wrong; two faces are an instruction, as at the door."""
    if not usable(frame):
        return Instruction.MORE_LIGHT
    faces = networks.detect(frame.image)
    instruction = counted(faces)
    if instruction is not None:
        return instruction
    return Face(*networks.quality(frame.image, faces[0]))


def shot_of(networks: Networks, face: Face) -> Seen:
    """Make a shot of a face, or name its worst defect."""
    return face.quality.defect or Shot(networks.embed(face.crop), face.quality)


def looked(networks: Networks, frame: Frame) -> Seen:
    """Make a shot of a frame, or name what is wrong with it."""
    found = face_of(networks, frame)
    return found if isinstance(found, Instruction) else shot_of(networks, found)


def from_pictures(
    folder: Path, networks: Networks, defect: Callable[[Instruction], None] = lambda _: None
) -> tuple[tuple[Shot, ...], tuple[Embedding, ...]]:
    """Make shots of a folder of one person's pictures; every fourth good one is kept back for the trial.

    Copies of one picture count once: they would make a mean of one look, and a trial against itself.

    Args:
        folder: with the pictures.
        networks: the pipeline.
        defect: is told of each picture that is of no use what is wrong with it.

    Raises:
        Fault: CAMERA_LOST when the folder has no pictures.
    """
    good: list[Shot] = []
    for frame in _pictures(folder):
        seen = looked(networks, frame)
        if isinstance(seen, Instruction):
            defect(seen)
        elif not any(float(seen.embedding.vector @ shot.embedding.vector) > SAME for shot in good):
            good.append(seen)
    held = good[_FOURTH - 1 :: _FOURTH]
    return tuple(shot for shot in good if shot not in held), tuple(shot.embedding for shot in held)


def _pictures(folder: Path) -> Iterator[Frame]:
    if not folder.is_dir():
        raise Fault(FaultCode.CAMERA_LOST, "a folder of pictures")
    with closing(FileCamera(folder, fps=1000.0, loop=False)) as camera:
        while True:
            try:
                frame = camera.read(READ_S)
            except Fault:
                return
            yield frame
