"""A recogniser that is moved by hand, frame by frame, before the film and a drawn scene, for tests and benchmarks."""

import functools
from collections.abc import Iterable

import numpy as np
from vision_kit import HandCamera, Kept, everybody, installed

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.camera import Frame
from kiosk.vision.detect import Box, DetectedFace
from kiosk.vision.embed import Embedding
from kiosk.vision.film import Pose, placed
from kiosk.vision.film_people import FACE, figure
from kiosk.vision.film_scene import entrance
from kiosk.vision.gallery import Gallery, mean_embedding
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.quality import Quality
from kiosk.vision.recogniser import Decision, Outcome, Recogniser

STEP_S = 1 / 20


class Counting:
    """The installed networks, counted; without `following` a placed face has no points and is never followed."""

    def __init__(self, *, following: bool = True, pipeline: Pipeline | None = None) -> None:
        self._inner = installed() if pipeline is None else pipeline
        self._following = following
        self.detected = 0
        self.followed = 0
        self.embedded = 0

    def detect(self, image: Image) -> tuple[DetectedFace, ...]:
        self.detected += 1
        return self._inner.detect(image)

    def place(self, image: Image, box: Box) -> DetectedFace:
        self.followed += 1
        face = self._inner.place(image, box)
        return face if self._following else DetectedFace(box, face.landmarks, np.zeros((68, 2), np.float32))

    def quality(self, image: Image, face: DetectedFace) -> tuple[Quality, Image]:
        return self._inner.quality(image, face)

    def embed(self, crop: Image) -> Embedding:
        self.embedded += 1
        return self._inner.embed(crop)

    def liveness(self, image: Image, face: DetectedFace) -> float:
        return self._inner.liveness(image, face)

    def eyes_closed(self, image: Image, face: DetectedFace) -> float:
        return self._inner.eyes_closed(image, face)


class Table:
    """A recogniser without its threads: each frame is looked at before the next is given."""

    def __init__(self, networks: Counting, gallery: Gallery) -> None:
        self.networks = networks
        self.outcomes: list[Outcome] = []
        self.recogniser = Recogniser(
            lambda: HandCamera(_never), networks, gallery, lambda _: None, self.outcomes.append
        )
        self.look()

    def look(self) -> None:
        """Begin an attempt."""
        self.outcomes.clear()
        self.recogniser.look(1)

    def show(self, frames: Iterable[Frame]) -> Decision | None:
        """Show frames until one decides."""
        for frame in frames:
            self.recogniser._frame(frame)
            assert self.recogniser._looked()
            if self.outcomes and isinstance(decision := self.outcomes[-1], Decision):
                return decision
        return None


def _never(timeout_s: float) -> Frame:
    raise Fault(FaultCode.CAMERA_LOST, str(timeout_s))


@functools.cache
def enrolled(*people: str) -> Gallery:
    """A gallery of people of the film."""
    pipeline = installed()
    kept = [Kept(who, template(who), pipeline.pack.embedding_space) for who in people]
    return Gallery.build(kept, pipeline.pack.embedding_space, pipeline.pack.dimension)


@functools.cache
def template(who: str) -> Floats:
    """The mean of somebody's portraits."""
    pipeline = installed()
    views = everybody().portrait(who)
    return mean_embedding([pipeline.embed(pipeline.quality(v, pipeline.detect(v)[0])[1]) for v in views]).vector


def standing(who: str, count: int, from_s: float = 0.2, at_s: float = 100.0) -> list[Frame]:
    """Frames of somebody who stands before the door, 20 a second."""
    walk = next(each for each in everybody().segments if each.subject == who)
    return [
        Frame(everybody().frame_at(walk.best_from_s + from_s + i * STEP_S), at_s + i * STEP_S) for i in range(count)
    ]


def empty(count: int, at_s: float) -> list[Frame]:
    """Frames of a door with nobody before it."""
    start = everybody().segments[-1].start_s
    return [Frame(everybody().frame_at(start + i * STEP_S), at_s + i * STEP_S) for i in range(count)]


def scene(*people: tuple[str, float, float]) -> Image:
    """People at x pixels with a face of so many pixels."""
    image = entrance()
    for who, x, size in people:
        image = placed(image, figure(who), Pose(x, 220.0, size / FACE, 0.0))
    return image
