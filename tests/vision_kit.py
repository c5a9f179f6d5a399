"""Made-up vectors, faces and networks for the tests of vision, and the installed pack for those that need it."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from kiosk.faults import Fault
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.camera import Frame
from kiosk.vision.detect import Box, DetectedFace
from kiosk.vision.embed import Embedding
from kiosk.vision.film import SUBJECTS, SampleFilm, script
from kiosk.vision.gallery import Gallery
from kiosk.vision.packs import load
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.quality import Quality

SPACE = "made-up-space"
DIMENSION = 64


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A reference as the store gives it."""

    person: str
    vector: Floats
    model: str = SPACE


@functools.cache
def installed() -> Pipeline:
    """The default pack, loaded once; the test is skipped where it is not installed."""
    try:
        return Pipeline(load())
    except Fault as fault:
        pytest.skip(f"the default model pack is not installed ({fault}): run `kiosk models fetch`")


@functools.cache
def everybody() -> SampleFilm:
    """A film in which each of the eight people walks up."""
    return SampleFilm(script(SUBJECTS, ()))


def person_vectors(count: int, seed: int = 1) -> Floats:
    """`count` directions, count x 64 float32, that have little to do with each other."""
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def near_to(vector: Floats, cosine: float, seed: int = 5) -> Floats:
    """A unit vector at this cosine from `vector`."""
    other = np.random.default_rng(seed).standard_normal(len(vector)).astype(np.float32)
    other -= vector * np.float32(other @ vector)
    other /= np.linalg.norm(other)
    mixed = vector * np.float32(cosine) + other * np.float32(math.sqrt(1 - cosine * cosine))
    return np.asarray(mixed / np.linalg.norm(mixed), np.float32)


def gallery_of(vectors: Floats, *, centred: bool = False) -> Gallery:
    """A gallery of p0, p1, ..."""
    references = [Kept(f"p{i}", vector) for i, vector in enumerate(vectors)]
    return Gallery.build(references, SPACE, DIMENSION, centred=centred)


def probe(vector: Floats) -> Embedding:
    """A probe of the made-up space."""
    return Embedding(vector, SPACE)


def face(size: float = 180.0, x: float = 320.0, y: float = 220.0) -> DetectedFace:
    """A face in the middle of a 640x480 frame."""
    half = size / 2
    eye, mouth = size * 0.2, size * 0.16
    landmarks = np.array(
        [[x - eye, y - eye], [x + eye, y - eye], [x, y], [x - mouth, y + eye], [x + mouth, y + eye]], np.float32
    )
    return DetectedFace(Box(x - half, y - half, x + half, y + half, 0.9), landmarks, np.zeros((68, 2), np.float32))


GOOD = Quality(180.0, 0.4, 0.5, 120.0, 0.6, 0.0, 0.0)


def numbered(number: int) -> Image:
    """A frame that carries its number."""
    return np.full((480, 640, 3), 20 + number % 200, np.uint8)


def number_of(image: Image) -> int:
    """The number that a frame carries."""
    return int(image[0, 0, 0]) - 20


class MadeUpNetworks:
    """Networks whose answers a test chooses; they implement `recogniser.Networks` and compute nothing."""

    def __init__(self, vector: Floats, live: float = 0.9) -> None:
        self.vector = vector
        self.live = live
        self.closed = 0.0
        self.faces: tuple[DetectedFace, ...] = (face(),)
        self.measured = GOOD
        self.seen: list[int] = []
        self.before: Callable[[], None] = lambda: None

    def detect(self, image: Image) -> tuple[DetectedFace, ...]:
        self.before()
        self.seen.append(number_of(image))
        return self.faces

    def place(self, image: Image, box: Box) -> DetectedFace:
        del image
        return next((each for each in self.faces if each.box == box), face())

    def quality(self, image: Image, face: DetectedFace) -> tuple[Quality, Image]:
        del face
        return self.measured, image

    def embed(self, crop: Image) -> Embedding:
        del crop
        return probe(self.vector)

    def liveness(self, image: Image, face: DetectedFace) -> float:
        del image, face
        return self.live

    def eyes_closed(self, image: Image, face: DetectedFace) -> float:
        del image, face
        return self.closed


class HandCamera:
    """A camera whose frames a test hands over one by one."""

    def __init__(self, take: Callable[[float], Frame]) -> None:
        self._take = take
        self.closed = 0

    def read(self, timeout_s: float) -> Frame:
        return self._take(timeout_s)

    def close(self) -> None:
        self.closed += 1
