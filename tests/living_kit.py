"""Figures of the film that blink, move their mouth and turn their head in depth: made-up people who live."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from vision_kit import everybody, installed

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.film import Pose, placed
from kiosk.vision.film_people import FACE, HEAD, Figure, figure
from kiosk.vision.film_scene import entrance

TOP, BOTTOM = 0, 620  # rows of a figure's canvas that hold its head
LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)


@dataclass(frozen=True, slots=True)
class Face:
    """What a face does: lids 0 open to 1 closed, mouth 0 to 1, degrees turned to the picture's right."""

    lids: float = 0.0
    mouth: float = 0.0
    turn: float = 0.0


@functools.cache
def person(subject: str) -> Figure:
    return figure(subject)


@functools.cache
def points(subject: str) -> Floats:
    """The 68 points on the figure's canvas."""
    image = placed(entrance(), person(subject), Pose(320, 240, 1.0, 0.0))
    found = installed().detect(image)[0].points
    return np.asarray(found + np.array([HEAD[0] - 320, HEAD[1] - 240], np.float32), np.float32)


def moved(subject: str, face: Face) -> Figure:
    """The figure with another face; at 512 steps of each movement at most, so that they can be kept."""
    return _moved(subject, round(face.lids * 8), round(face.mouth * 8), round(face.turn))


@functools.lru_cache(maxsize=96)
def _moved(subject: str, lids: int, mouth: int, turn: int) -> Figure:
    whole = _blinking(subject, lids / 8)
    rows, columns = np.mgrid[TOP:BOTTOM, 0 : whole.shape[1]].astype(np.float32)
    x, y = _turned(subject, columns, rows, turn)
    x, y = _mouthed(subject, x, y, mouth / 8)
    full = whole.copy()
    full[TOP:BOTTOM] = cv2.remap(whole, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    half = cv2.resize(full, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return Figure(full, np.asarray(half, np.uint8))


def _turned(subject: str, columns: Floats, rows: Floats, degrees: int) -> tuple[Floats, Floats]:
    """Turn a relief of the head about the neck's axis; the picture's place of each pixel, by fixed point."""
    angle = math.radians(degrees)
    tip, bridge = points(subject)[30], points(subject)[27]
    fade = np.clip((HEAD[1] + 200 - rows) / 90, 0, 1)

    def depth(x: Floats) -> Floats:
        wide = 1 - ((x - HEAD[0]) / 125) ** 2 - ((rows - HEAD[1]) / 190) ** 2
        head = 105 * np.clip(wide, 0, 1)
        above = np.clip((rows - bridge[1]) / max(float(tip[1] - bridge[1]), 1), 0, 1)
        ridge = np.where(rows > tip[1], np.exp(-(((rows - tip[1]) / 14) ** 2)), above)
        nose = 34 * ridge * np.exp(-(((x - tip[0]) / 17) ** 2))
        return np.asarray(head + nose, np.float32)

    x = columns
    for _ in range(8):
        flat = HEAD[0] + (columns - HEAD[0] - depth(x) * math.sin(angle) * fade) / (1 - (1 - math.cos(angle)) * fade)
        x = np.asarray(flat, np.float32)
    return x, rows


def _mouthed(subject: str, x: Floats, y: Floats, opened: float) -> tuple[Floats, Floats]:
    """Pull chin and lower lip down a little."""
    middle = points(subject)[[48, 54]].mean(axis=0)
    beside = np.exp(-(((x - middle[0]) / 55) ** 2))
    below = np.clip((y - middle[1]) / 10, 0, 1) * np.clip((middle[1] + 110 - y) / 60, 0, 1)
    return x, np.asarray(y - 9 * opened * beside * below, np.float32)


def _blinking(subject: str, closed: float) -> Image:
    """The figure with its lids drawn down: skin from above each eye, and a line of lashes at its edge."""
    whole = person(subject).full
    if closed <= 0:
        return whole
    drawn = whole.copy()
    for eye in (points(subject)[LEFT_EYE], points(subject)[RIGHT_EYE]):
        middle, wide = eye.mean(axis=0), float(np.ptp(eye[:, 0]))
        high = max(float(np.ptp(eye[:, 1])), wide * 0.34)
        x1, y1, side = int(middle[0] - wide), int(middle[1] - wide), int(2 * wide)
        y, x = np.mgrid[y1 : y1 + side, x1 : x1 + side].astype(np.float32)
        across = np.clip(1 - ((x - middle[0]) / (wide * 0.72)) ** 2, 0, 1) ** 0.5
        top, low = middle[1] - high * 0.72 * across, middle[1] + high * 0.55 * across
        fold, lid = top - high * 0.3, top + closed * (low - top)
        stretched = fold + (y - fold) * (top - fold) / np.maximum(lid - fold, 1e-3)
        inside = (y > fold) & (y < lid) & (across > 0)
        source = np.where(inside, stretched, y).astype(np.float32)
        part = cv2.remap(whole, x, source, cv2.INTER_LINEAR)
        lashes = closed * 0.75 * np.exp(-(((y - lid) / (0.07 * wide)) ** 2)) * np.minimum(across * 2, 1) * (across > 0)
        part[:, :, :3] = part[:, :, :3] * (1 - lashes[:, :, None])
        soft = cv2.GaussianBlur(part, (0, 0), 1.5)
        drawn[y1 : y1 + side, x1 : x1 + side] = np.where((across > 0)[:, :, None], soft, part)
    return drawn


def sway(seed: int) -> Callable[[float], Pose]:
    """How somebody stands before the door, another way for each seed."""
    random = np.random.default_rng(seed)
    phase = random.uniform(0, 2 * math.pi, 6)
    size = random.uniform(150, 205)
    gain = random.uniform(0.85, 1.05)
    x, y = random.uniform(290, 350), random.uniform(205, 235)

    def pose(t: float) -> Pose:
        return Pose(
            x + 4 * math.sin(1.9 * t + phase[0]) + 1.5 * math.sin(4.3 * t + phase[1]),
            y + 2 * math.sin(2.6 * t + phase[2]),
            (size + 3 * math.sin(1.1 * t + phase[3])) / FACE,
            1.6 * math.sin(1.3 * t + phase[4]) + 0.8 * math.sin(3.1 * t + phase[5]),
            gain,
        )

    return pose


def live_face(seed: int) -> Callable[[float], Face]:
    """Somebody who waits: blinks now and then, lips and head never quite still."""
    random = np.random.default_rng(seed + 1)
    first, every = random.uniform(0.2, 2.5), random.uniform(2.2, 4.0)
    phase = random.uniform(0, 2 * math.pi, 4)

    def face(t: float) -> Face:
        return Face(
            lid_at((t - first) % every),
            0.25 + 0.25 * math.sin(1.7 * t + phase[0]) * math.sin(0.6 * t + phase[1]),
            3.5 * math.sin(0.9 * t + phase[2]) + 1.5 * math.sin(2.3 * t + phase[3]),
        )

    return face


def lid_at(since: float, lasts: float = 0.3) -> float:
    """How far a lid is closed `since` seconds after a blink began."""
    return math.sin(math.pi * since / lasts) ** 0.7 if 0 <= since <= lasts else 0.0


def live_frame(subject: str, pose: Pose, face: Face, t: float) -> Image:
    """A frame of a living figure before the film's entrance, with the film's light and sensor."""
    film = everybody()
    image = placed(film._scene, moved(subject, face), pose)
    return film._developed(image, pose.gain * (0.97 + 0.03 * math.sin(t * 2.1)), round(t * 30))
