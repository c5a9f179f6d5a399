"""The walk-up film: people come to a door, look into the camera and leave; refuses to show two of them at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np

from kiosk.vision.arrays import Image
from kiosk.vision.film_people import FACE, HEAD, SOURCES, Figure, figure
from kiosk.vision.film_scene import HEIGHT, WIDTH, entrance

SUBJECTS: Final = tuple(SOURCES)
"""Everybody who can walk in; eight different people."""
ENROLLED: Final = ("astronaut", "t1-2", "t1-3", "t1-5")
STRANGERS: Final = ("t1-0", "tom")
FAR, NEAR = 85.0, 200.0
"""Size of the face in pixels when a person appears, and when they stand before the door."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the film; times in seconds from its beginning.

    Attributes:
        kind: `walk_up` or `empty`.
        subject: who walks up.
        start_s: first frame. end_s: after the last frame.
        best_from_s: from when the person stands and looks. best_to_s: until when; an empty door has its start twice.
    """

    kind: Literal["walk_up", "empty"]
    subject: str | None
    start_s: float
    end_s: float
    best_from_s: float
    best_to_s: float


def script(  # noqa: PLR0913 - a film's cut is its times
    subjects: Sequence[str] = ENROLLED,
    strangers: Sequence[str] = STRANGERS,
    *,
    approach_s: float = 1.4,
    stand_s: float = 3.0,
    leave_s: float = 0.6,
    gap_s: float = 0.5,
    empty_s: float = 3.0,
) -> tuple[Segment, ...]:
    """Cut a film: each subject walks up, then each stranger, then nobody; an empty door of `gap_s` between them.

    Raises:
        KeyError: for a subject that is not one of `SUBJECTS`.
    """
    cut: list[Segment] = []
    now = 0.0
    for subject in (*subjects, *strangers):
        if subject not in SOURCES:
            raise KeyError(subject)
        cut.append(Segment("empty", None, now, now + gap_s, now, now))
        start = now + gap_s
        stand = start + approach_s
        now = stand + stand_s + leave_s
        cut.append(Segment("walk_up", subject, start, now, stand, stand + stand_s))
    cut.append(Segment("empty", None, now, now + empty_s, now, now))
    return tuple(cut)


class SampleFilm:
    """Frames of 640x480 for any time; the same time gives the same frame.

    Args:
        segments: from `script`.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)
        self.duration_s = self.segments[-1].end_s
        self._scene = entrance()
        self._figures = {each.subject: figure(each.subject) for each in self.segments if each.subject is not None}
        noise = np.random.default_rng(3).normal(0, 3.0, (HEIGHT + 64, WIDTH + 64, 3))
        self._brighter = np.clip(noise, 0, 255).astype(np.uint8)
        self._darker = np.clip(-noise, 0, 255).astype(np.uint8)

    def segment_at(self, t: float) -> Segment:
        """Return the segment that plays `t` seconds into the film; the last one after its end."""
        return next((each for each in self.segments if each.start_s <= t < each.end_s), self.segments[-1])

    def frame_at(self, t: float) -> Image:
        """Draw the frame `t` seconds into the film: 480 x 640 x 3 uint8 BGR, its own memory."""
        segment = self.segment_at(t)
        image: Image = self._scene
        gain = 0.97 + 0.03 * math.sin(t * 2.1)
        blur = 0.0
        if segment.subject is not None:
            pose = _pose(segment, t)
            image = placed(self._scene, self._figures[segment.subject], pose)
            gain *= pose.gain
            blur = pose.blur
        if blur > 0.3:  # noqa: PLR2004 - below, nobody sees it
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), blur), np.uint8)
        return self._developed(image, gain, round(t * 30))

    def portrait(self, subject: str) -> tuple[Image, ...]:
        """Draw clean pictures for an enrolment: facing the camera in plain, dim, bright and one-sided light."""
        person = self._figures.get(subject) or figure(subject)
        plain = placed(self._scene, person, Pose(WIDTH / 2, 235.0, 170 / FACE, 0.0))
        side = np.linspace(1.12, 0.75, WIDTH, dtype=np.float32)[None, :, None]
        sided = np.clip(plain * side, 0, 255).astype(np.uint8)
        nearer = placed(self._scene, person, Pose(WIDTH / 2 + 12, 240.0, 200 / FACE, 4.0))
        return plain, _scaled(nearer, 0.75), _scaled(nearer, 1.12), sided

    def _developed(self, image: Image, gain: float, number: int) -> Image:
        """Apply the light and the sensor's noise, another patch of it on every frame."""
        x, y = number * 29 % 64, number * 17 % 64
        lit = _scaled(image, gain)
        brighter = cv2.add(lit, self._brighter[y : y + HEIGHT, x : x + WIDTH])
        return np.asarray(cv2.subtract(brighter, self._darker[y : y + HEIGHT, x : x + WIDTH]), np.uint8)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a figure stands: the middle of its face in pixels, its scale, degrees of lean, light and focus."""

    x: float
    y: float
    scale: float
    lean: float
    gain: float = 1.0
    blur: float = 0.0


def placed(scene: Image, person: Figure, pose: Pose) -> Image:
    """Put a figure into a copy of the scene."""
    half = pose.scale < 0.5  # noqa: PLR2004 - below, the half-size figure has what can be seen
    sprite, scale = (person.half, pose.scale * 2) if half else (person.full, pose.scale)
    middle = (HEAD[0] / 2, HEAD[1] / 2) if half else HEAD
    move = cv2.getRotationMatrix2D(middle, pose.lean, scale)
    move[:, 2] += np.array([pose.x - middle[0], pose.y - middle[1]])
    warped = cv2.warpAffine(sprite, move, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    through = cv2.bitwise_not(warped[:, :, 3])
    behind = cv2.multiply(scene, cv2.cvtColor(through, cv2.COLOR_GRAY2BGR), scale=1 / 255)
    return np.asarray(cv2.add(behind, cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR)), np.uint8)


def _pose(segment: Segment, t: float) -> Pose:
    """Where the person is: approaching, standing with a small sway, or leaving."""
    lane = math.sin(1.7 * segment.start_s)
    sway_x = 3.0 * math.sin(1.9 * t) + 1.5 * math.sin(4.3 * t + 1)
    sway_y = 2.0 * math.sin(2.6 * t + 2)
    lean = 1.6 * math.sin(1.3 * t) + 0.8 * math.sin(3.1 * t)
    if t < segment.best_from_s:
        u = (t - segment.start_s) / max(segment.best_from_s - segment.start_s, 1e-6)
        ease = u * u * (3 - 2 * u)
        # Perspective: size goes with one over the distance.
        size = 1 / ((1 - ease) / FAR + ease / NEAR)
        step = abs(math.sin(math.pi * 3 * u)) * 6 * (1 - ease)
        x = WIDTH / 2 + (1 - ease) * 90 * lane + sway_x
        y = 175 + 45 * ease - step + sway_y
        return Pose(x, y, size / FACE, lean + 12 * math.sin(2 * math.pi * u) * (1 - u), 0.72 + 0.28 * u, 0.6 * (1 - u))
    if t < segment.best_to_s:
        return Pose(WIDTH / 2 + sway_x, 220 + sway_y, (NEAR + 3 * math.sin(1.1 * t)) / FACE, lean)
    u = (t - segment.best_to_s) / max(segment.end_s - segment.best_to_s, 1e-6)
    aside = WIDTH * 0.95 * u * u * (1 if lane >= 0 else -1)
    return Pose(WIDTH / 2 + sway_x + aside, 220 + sway_y, NEAR / FACE, lean - 8 * u, 1 - 0.2 * u, 2.0 * u)


def _scaled(image: Image, gain: float) -> Image:
    return np.asarray(cv2.convertScaleAbs(image, alpha=gain), np.uint8)
