"""Presentation attacks drawn into the film's scene from its people: synthetic, so they tell of no real camera."""

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from living_kit import live_face, live_frame, person, sway
from vision_kit import everybody

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.film import SUBJECTS, Pose, placed
from kiosk.vision.film_people import FACE
from kiosk.vision.film_scene import HEIGHT, WIDTH

SPECIES: Final = ("print", "bent", "phone", "loop", "stand", "still", "feigned")
FOCAL: Final = 620.0  # pixels; a common webcam's at 640x480
DEPTH: Final = 600.0  # millimetres from camera to what is held up
STEP_S: Final = 0.15  # between two frames that the recogniser looks at


@dataclass(frozen=True, slots=True)
class Held:
    """Where a held thing's middle is (millimetres from the axis) and how it is turned (degrees)."""

    x: float
    y: float
    z: float
    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Presentation:
    """One attack: what species, of whom, held by whom, drawn from one seed."""

    species: str
    victim: str
    seed: int
    frame_at: Callable[[float], Image]

    def frames(self, lasts_s: float = 1.65, step_s: float = STEP_S) -> Iterator[tuple[float, Image]]:
        """Times and frames, as often as the recogniser looks."""
        for number in range(round(lasts_s / step_s) + 1):
            yield number * step_s, self.frame_at(number * step_s)


def presentation(species: str, seed: int) -> Presentation:
    """The attack number `seed` of a species."""
    random = np.random.default_rng([SPECIES.index(species), seed])
    victim, holder = (str(each) for each in random.choice(SUBJECTS, 2, replace=False))
    makers = {
        "print": _print,
        "bent": _bent,
        "phone": _phone,
        "loop": _loop,
        "stand": _stand,
        "still": _still,
        "feigned": _feigned,
    }
    return Presentation(species, victim, seed, makers[species](victim, holder, random))


def _print(victim: str, holder: str, random: np.random.Generator) -> Callable[[float], Image]:
    sheet = printed(_shot(victim, random), random)
    show = _hand(holder, random)
    return lambda t: show(sheet, t)


def _bent(victim: str, holder: str, random: np.random.Generator) -> Callable[[float], Image]:
    sheet = printed(_shot(victim, random), random)
    radius = random.uniform(0.55, 1.2) * sheet.shape[1]
    show = _hand(holder, random)
    turns = random.uniform(0.05, 0.2), random.uniform(0, 6)
    return lambda t: show(bent(sheet, radius, turns[0] * math.sin(1.5 * t + turns[1])), t)


def _phone(victim: str, holder: str, random: np.random.Generator) -> Callable[[float], Image]:
    screen = shown(_shot(victim, random), _Screen.of(random))
    show = _hand(holder, random)
    return lambda t: show(screen, t)


def _still(victim: str, _holder: str, random: np.random.Generator) -> Callable[[float], Image]:
    """The very same picture each time, as a stuck or a feigned camera gives it."""
    frame = live_frame(victim, sway(int(random.integers(1 << 30)))(0.0), live_face(0)(0.0), 0.0)
    return lambda _t: frame


def _loop(victim: str, holder: str, random: np.random.Generator) -> Callable[[float], Image]:
    """A film of somebody who lives, on a phone in a hand, again and again."""
    page, show = _film(victim, random), _hand(holder, random)
    return lambda t: show(page(t), t)


def _stand(victim: str, _holder: str, random: np.random.Generator) -> Callable[[float], Image]:
    """The same on a phone that stands before the camera."""
    page = _film(victim, random)
    held = Held(0, 0, DEPTH * 0.7, random.uniform(-8, 8), random.uniform(-5, 5), random.uniform(-4, 4))

    def frame(t: float) -> Image:
        image = _over(everybody()._scene, page(t), held, 0.1)
        return everybody()._developed(np.asarray(cv2.GaussianBlur(image, (0, 0), 0.6), np.uint8), 1.0, round(t * 30))

    return frame


def _feigned(victim: str, _holder: str, random: np.random.Generator) -> Callable[[float], Image]:
    """A camera that is none: the very frames of a film of somebody who lives come round again."""
    seed, period = int(random.integers(1 << 30)), round(float(random.uniform(0.9, 1.4)) / STEP_S) * STEP_S
    pose, face = sway(seed), live_face(seed)

    @functools.cache
    def frame(number: int) -> Image:
        t = number / 60
        return live_frame(victim, pose(t), face(t), t)

    return lambda t: frame(round((t % period) * 60) % round(period * 60))


def _film(victim: str, random: np.random.Generator) -> Callable[[float], Image]:
    """What a phone shows that plays 0.9 to 2 s of somebody who lives, 15 frames a second, without end."""
    seed, period = int(random.integers(1 << 30)), float(random.uniform(0.9, 2.0))
    pose, face, screen = sway(seed), live_face(seed), _Screen.of(random)
    begins = float(random.uniform(0, 3))

    @functools.cache
    def page(number: int) -> Image:
        t = begins + number / 15
        return shown(_cut(live_frame(victim, pose(t), face(t), t), pose(t)), screen)

    return lambda t: page(int(t % period * 15))


def _shot(victim: str, random: np.random.Generator) -> Image:
    """A photograph of the victim as somebody could take it."""
    pose = Pose(320, 235, random.uniform(0.8, 0.95), random.uniform(-4, 4))
    image = placed(everybody()._scene, person(victim), pose)
    return _cut(image, pose)


def _cut(image: Image, pose: Pose) -> Image:
    size = pose.scale * FACE
    half_w, up, down = 0.95 * size, 1.15 * size, 1.25 * size
    x1, y1 = max(int(pose.x - half_w), 0), max(int(pose.y - up), 0)
    part = image[y1 : int(pose.y + down), x1 : int(pose.x + half_w)]
    return np.asarray(cv2.resize(part, (456, 576), interpolation=cv2.INTER_CUBIC), np.uint8)


def printed(shot: Image, random: np.random.Generator) -> Image:
    """A sheet from an office printer: BGRA, with a white border, few colours, dots and banding."""
    high, wide = shot.shape[:2]
    ink = shot.astype(np.float32) / 255
    ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), random.uniform(0.6, 1.4)), np.float32)
    ink = 0.10 + 0.82 * ink  # paper reflects at most so much, ink swallows at most so much
    ink *= np.array([random.uniform(0.9, 1.03), random.uniform(0.95, 1.0), random.uniform(0.96, 1.06)], np.float32)
    rows, columns = np.mgrid[0:high, 0:wide].astype(np.float32)
    pitch = random.uniform(2.6, 4.0)
    dots = np.sin(2 * math.pi * (columns * 0.87 + rows * 0.5) / pitch) * np.sin(
        2 * math.pi * (rows * 0.87 - columns * 0.5) / pitch
    )
    ink += (0.05 * dots + 0.012 * np.sin(rows / random.uniform(9, 30)))[:, :, None].astype(np.float32)
    border = int(random.uniform(14, 34))
    paper = np.full((high + 2 * border, wide + 2 * border, 4), 255, np.uint8)
    paper[:, :, :3] = (232, 236, 238)
    paper[border:-border, border:-border, :3] = np.clip(ink * 255, 0, 255)
    return paper


@dataclass(frozen=True, slots=True)
class _Screen:
    bezel: int
    light: float
    cast: tuple[float, float, float]
    pitch: float
    tilt: float
    black: float
    glare: tuple[float, float, float]

    @classmethod
    def of(cls, random: np.random.Generator) -> "_Screen":
        cast = random.uniform(1.0, 1.1), 1.0, random.uniform(0.9, 1.0)
        glare = random.uniform(0.1, 0.9), random.uniform(0.0, 0.4), random.uniform(10, 70)
        return cls(
            int(random.uniform(10, 26)),
            random.uniform(0.95, 1.3),
            cast,
            random.uniform(1.93, 2.12),
            random.uniform(-0.04, 0.04),
            random.uniform(10, 28),
            glare,
        )


def shown(shot: Image, screen: _Screen) -> Image:
    """A phone that shows the picture: BGRA, dark rim, cold light, the beat of its pixels with the camera's, glare."""
    high, wide = shot.shape[:2]
    rows, columns = np.mgrid[0:high, 0:wide].astype(np.float32)
    light = shot.astype(np.float32) * np.array(screen.cast, np.float32) * screen.light
    along, across = columns + screen.tilt * rows, rows - screen.tilt * columns
    beat = np.sin(2 * math.pi * along / screen.pitch) + np.sin(2 * math.pi * across / screen.pitch)
    light = light * (1 + 0.045 * beat)[:, :, None] + screen.black
    place, strength, width = screen.glare
    streak = np.exp(-(((columns - place * wide + 0.4 * (rows - high / 2)) / width) ** 2))
    light += (110 * strength * streak)[:, :, None]
    rim = screen.bezel
    body = np.zeros((high + 2 * rim + 60, wide + 2 * rim, 4), np.uint8)
    corner = 44
    for shrink, bgr in ((0, (58, 56, 54)), (4, (22, 21, 20))):
        x1, y1, x2, y2 = shrink, shrink, body.shape[1] - 1 - shrink, body.shape[0] - 1 - shrink
        cv2.rectangle(body, (x1 + corner, y1), (x2 - corner, y2), (*bgr, 255), -1)
        cv2.rectangle(body, (x1, y1 + corner), (x2, y2 - corner), (*bgr, 255), -1)
        for x, y in ((x1, y1), (x2, y1), (x1, y2), (x2, y2)):
            middle = (x + corner if x == x1 else x - corner, y + corner if y == y1 else y - corner)
            cv2.circle(body, middle, corner, (*bgr, 255), -1, cv2.LINE_AA)
    body[30 + rim : 30 + rim + high, rim : rim + wide, :3] = np.clip(light, 0, 255)
    return body


def bent(sheet: Image, radius: float, turn: float) -> Image:
    """Bend a sheet round an upright cylinder of `radius` pixels, turned by `turn` radians; light falls off aside."""
    high, wide = sheet.shape[:2]
    rows, columns = np.mgrid[0:high, 0:wide].astype(np.float32)
    sine = np.clip((columns - wide / 2) / radius, -0.999, 0.999)
    angle = np.arcsin(sine)
    back = radius * (1 - np.cos(angle))
    nearer = 1 + back / (FOCAL * 1.6)  # what lies behind is drawn smaller
    x = radius * (angle - turn) + wide / 2
    y = (rows - high / 2) * nearer + high / 2
    curled = cv2.remap(sheet, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    shade = (0.55 + 0.45 * np.cos(angle + 0.35))[:, :, None]
    curled[:, :, :3] = np.clip(curled[:, :, :3] * np.minimum(shade, 1.0), 0, 255)
    return np.asarray(curled, np.uint8)


def _hand(holder: str, random: np.random.Generator) -> Callable[[Image, float], Image]:
    """How one attacker holds things up: shaking, drifting and turning, one way for each presentation."""
    phase, turns = random.uniform(0, 2 * math.pi, 8), random.uniform(2, 22)
    middle = Held(random.uniform(-25, 25), random.uniform(-15, 25), DEPTH * random.uniform(0.6, 1.05), 0, 0, 0)
    lean, behind = random.uniform(-6, 6), random.uniform(0.68, 0.8)
    shine, gain, focus = random.uniform(0, 0.35), random.uniform(0.85, 1.05), random.uniform(0.3, 0.9)
    blur = random.uniform(0, 3.0)
    person(holder)

    def show(thing: Image, t: float) -> Image:
        shake = math.sin(23 * t + phase[0]), math.sin(19 * t + phase[1])
        held = Held(
            middle.x + 6 * math.sin(2.1 * t + phase[2]) + 0.7 * shake[0],
            middle.y + 5 * math.sin(1.7 * t + phase[3]) + 0.7 * shake[1],
            middle.z + 12 * math.sin(1.1 * t + phase[4]),
            turns * math.sin(1.6 * t + phase[5]),
            0.5 * turns * math.sin(1.2 * t + phase[6]),
            lean + 1.5 * math.sin(2.3 * t + phase[7]) + 0.3 * shake[0],
        )
        stand = Pose(320 + 6 * math.sin(1.3 * t + phase[1]), 225, behind, 0.0)
        image = placed(everybody()._scene, person(holder), stand)
        image = _over(image, thing, held, shine)
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), focus), np.uint8)
        speed = blur * abs(math.cos(2.1 * t + phase[2]))
        if speed > 1:
            image = np.asarray(cv2.blur(image, (1 + int(speed), 1)), np.uint8)
        return everybody()._developed(image, gain * (0.97 + 0.03 * math.sin(t * 2.1)), round(t * 30))

    return show


def _over(scene: Image, thing: Image, held: Held, shine: float) -> Image:
    """Draw a flat BGRA thing, 260 mm high, with its perspective, its shine and the fingers that hold it."""
    high, wide = thing.shape[:2]
    corners = _projected(held, wide / high)
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    move = cv2.getPerspectiveTransform(flat, corners)
    lit = thing.copy()
    glow = np.exp(-(((np.arange(wide) / wide - 0.5 - held.yaw / 30) / 0.18) ** 2)).astype(np.float32) * 120 * shine
    lit[:, :, :3] = np.clip(lit[:, :, :3] + glow[None, :, None], 0, 255)
    warped = cv2.warpPerspective(lit, move, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderValue=(0, 0, 0, 0))
    cover = cv2.GaussianBlur(warped[:, :, 3], (0, 0), 0.6).astype(np.float32)[:, :, None] / 255
    image = scene * (1 - cover) + warped[:, :, :3] * cover
    drawn = np.clip(image, 0, 255).astype(np.uint8)
    for corner, side in ((corners[3], 1), (corners[2], -1)):
        _fingers(drawn, corner, side)
    return drawn


def _projected(held: Held, shape: float, height: float = 260.0) -> Floats:
    yaw, pitch, roll = (math.radians(each) for each in (held.yaw, held.pitch, held.roll))
    about_y = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    x, y = height * shape / 2, height / 2
    corners = np.array([[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0]]) @ (about_y @ about_x @ about_z).T
    corners += np.array([held.x, held.y, held.z])
    return np.asarray(corners[:, :2] / corners[:, 2:] * FOCAL + np.array([WIDTH / 2, HEIGHT / 2]), np.float32)


def _fingers(image: Image, corner: Floats, side: int) -> None:
    """A thumb before the lower corner, out of the film's drawn skin."""
    x, y = float(corner[0]), float(corner[1]) - 30
    for number, (dx, dy, long, thick) in enumerate(((4, 30, 34, 15), (-10, 62, 26, 30))):
        colour = (118 - 8 * number, 146 - 8 * number, 186 - 8 * number)
        place = (int(x + side * dx), int(y + dy))
        cv2.ellipse(image, place, (long, thick), 25 * side, 0, 360, colour, -1, cv2.LINE_AA)
        cv2.ellipse(image, place, (long, thick), 25 * side, 0, 360, (96, 120, 158), 1, cv2.LINE_AA)
