"""Makes figures for the sample film out of pictures that our dependencies install; refuses to hold a picture itself."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.film_outlines import outline

FACE: Final = 220
"""Size in pixels of the detector's box on a figure at scale 1."""
WIDTH, HEIGHT = 720, 1120
"""Pixels of a figure's canvas."""
HEAD: Final = (360.0, 250.0)
"""Where the middle of the face's box lies on the canvas."""
T1: Final = ("insightface", "data/images/t1.jpg")
TOM: Final = ("insightface", "data/images/Tom_Hanks_54745.png")
ASTRONAUT: Final = ("skimage", "data/astronaut.png")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure comes from.

    Attributes:
        picture: package and file.
        box: middle x, middle y and size of the face's box, pixels of the picture.
        roll: degrees that the head leans to the right of the picture's viewer; taken out.
        shirt: BGR of the torso that is drawn, or none when the outline has one.
        neck: pixels of the canvas by which neck and shoulders lie to the right of the face's middle.
        hair: BGR of the hair that is drawn behind the head, where the picture has too little of it.
    """

    picture: tuple[str, str]
    box: tuple[float, float, float]
    roll: float
    shirt: tuple[int, int, int] | None
    neck: int = 0
    hair: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A person without surroundings: premultiplied BGRA uint8, whole size and half size."""

    full: Image = field(repr=False)
    half: Image = field(repr=False)


SOURCES: Final[dict[str, Source]] = {
    "t1-0": Source(T1, (112, 329, 127), -25, (60, 58, 52)),
    "t1-1": Source(T1, (318, 214, 129), -24, (95, 60, 90), neck=22),
    "t1-2": Source(T1, (520, 339, 147), 13, (95, 92, 88)),
    "t1-3": Source(T1, (794, 408, 134), 4, (45, 35, 150)),
    "t1-4": Source(T1, (954, 128, 149), 6, (120, 130, 125), neck=62),
    "t1-5": Source(T1, (1178, 333, 129), -2, (140, 95, 60)),
    "astronaut": Source(ASTRONAUT, (224, 118, 110), 4, None),
    "tom": Source(TOM, (46, 59, 110), -2, (75, 80, 70), neck=-4, hair=(38, 38, 40)),
}


def figure(subject: str) -> Figure:
    """Cut `subject` out of its picture and stand it on a torso.

    Args:
        subject: a key of `SOURCES`.

    Raises:
        Fault: CAMERA_LOST when the package that has the picture is not installed.
    """
    source = SOURCES[subject]
    picture = _picture(*source.picture)
    move = _to_canvas(source)
    size = (WIDTH, HEIGHT)
    turned = cv2.warpAffine(picture, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    head = np.asarray(turned, np.uint8)
    alpha = _feathered([outline(subject) @ move[:, :2].T + move[:, 2]], 12.0 if source.hair else 5.0)
    body = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    cover = alpha
    if source.shirt is not None:
        body, torso = _torso(source, _skin(head))
        cover = np.maximum(alpha, torso)
    colour = body * (1 - alpha) + head.astype(np.float32) * alpha
    full = np.clip(np.concatenate([colour, cover * 255], axis=2), 0, 255).astype(np.uint8)
    half = cv2.resize(full, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return Figure(full, np.asarray(half, np.uint8))


def _picture(package: str, name: str) -> Image:
    # The package is found, not imported: insightface costs two seconds and 177 MB.
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Fault(FaultCode.CAMERA_LOST, package)
    data = (Path(spec.submodule_search_locations[0]) / name).read_bytes()
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _skin(head: Image) -> Floats:
    """The colour of the chin and cheeks: 3 float32 BGR."""
    x, y = int(HEAD[0]), int(HEAD[1])
    return np.asarray(np.median(head[y + 10 : y + 90, x - 40 : x + 40].reshape(-1, 3), axis=0), np.float32)


def _to_canvas(source: Source) -> Floats:
    x, y, size = source.box
    move = np.asarray(cv2.getRotationMatrix2D((x, y), source.roll, FACE / size), np.float32)
    move[:, 2] += np.array([HEAD[0] - x, HEAD[1] - y], np.float32)
    return move


def _feathered(shapes: list[Floats], softness: float) -> Floats:
    """Fill polygons with 1 and soften their edges inwards: H x W x 1 float32, 0..1."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(mask, [np.round(_rounded(shape)).astype(np.int32) for shape in shapes], 255)
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=int(softness / 2), borderValue=255)
    soft = cv2.GaussianBlur(inner, (0, 0), softness / 1.6, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft[:, :, None], np.float32) / np.float32(255)


def _rounded(corners: Floats) -> Floats:
    """Cut every corner of a polygon twice (Chaikin, 1974)."""
    for _ in range(2):
        after = np.roll(corners, -1, axis=0)
        corners = np.stack([0.75 * corners + 0.25 * after, 0.25 * corners + 0.75 * after], axis=1).reshape(-1, 2)
    return np.asarray(corners, np.float32)


def _torso(source: Source, skin: Floats) -> tuple[Floats, Floats]:
    """Draw neck, shoulders and the hair behind: premultiplied BGR float32 and cover 0..1."""
    x, y = HEAD[0] + source.neck, HEAD[1]
    chin = y + 0.42 * FACE
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None, None]
    aside = (np.arange(WIDTH, dtype=np.float32)[None, :, None] - np.float32(x)) / 300
    grain = np.random.default_rng(7).normal(0, 2.5, (HEIGHT, WIDTH, 1)).astype(np.float32)
    folds = 0.03 * np.sin(aside * 17 + rows / 55)
    light = 1.12 - np.clip((rows - chin) / 2200, 0, 0.25) - 0.30 * aside * aside - 0.10 * aside + folds
    right = [(54, 18), (64, 40), (110, 66), (185, 92), (238, 130), (262, 200), (276, 330), (284, 600), (284, HEIGHT)]
    shoulders = [(x + a, chin + b) for a, b in right] + [(x - a, chin + b) for a, b in reversed(right)]
    collar = [(x - 50, chin + 34), (x - 20, chin + 62), (x, chin + 68), (x + 20, chin + 62), (x + 50, chin + 34)]
    neck = [(-58, -70), (-55, -10), (-60, 28), (-40, 70), (0, 100), (40, 70), (60, 28), (55, -10), (58, -70)]
    bare = _feathered([np.array([(x + a, chin + b) for a, b in neck], np.float32)], 6.0)
    cloth = _feathered([np.array(shoulders + collar, np.float32)], 4.0)
    # The jaw throws its shadow on the neck; the sides of a neck turn away from the light.
    shade = 0.66 + 0.26 * np.clip((rows - chin) / 70, 0, 1) - 2.2 * aside * aside
    colour, cover = skin * shade * bare, bare
    if source.hair is not None:
        cap = np.array(cv2.ellipse2Poly((int(HEAD[0]) + 4, int(y) - 38), (100, 128), 0, 0, 360, 8), np.float32)
        hair = _feathered([cap], 8.0)
        sheen = 1 + 0.25 * np.sin(aside * 90) * np.cos(rows / 50)
        colour, cover = colour * (1 - hair) + np.array(source.hair, np.float32) * sheen * hair, np.maximum(cover, hair)
    dressed = colour * (1 - cloth) + (np.array(source.shirt, np.float32) * light + grain) * cloth
    return np.asarray(dressed, np.float32), np.maximum(cover, cloth)
