"""Finds the one face that a photograph is about; refuses to guess where the detector sees none."""

from collections.abc import Iterator
from typing import Final, TypeAlias

import cv2
import numpy as np

from kiosk.vision.arrays import Image
from kiosk.vision.detect import DetectedFace
from kiosk.vision.embed import Embedding
from kiosk.vision.pipeline import Pipeline

LONGEST: Final = 1024
"""Pixels of the longer side at which a photograph is looked at; larger ones are shrunk first."""
BORDER: Final = 0.5
"""Of each side's length, added where a crop is so tight that no face is found in it."""
FULL: Final = 0.7
"""Of the shorter side: a face that fills more is looked for again with a border, because a box that ends at the edge
puts the landmarks of the default pack's detector wrong (a crop as tight as the box: 0.34 against 0.97 of its own view
with surroundings)."""
SMALL: Final = 160
"""Pixels of the shorter side below which one look is not trusted: so small a picture is enlarged for the detector, and
its box may come out half as large again as the face, at a score of 1.0."""
EDGE: Final = 0.03
"""Of the shorter side: a box nearer to the edge may be one that was cut off there."""
HIGH: Final = 0.8
"""Least score at which one look is trusted. On pictures of 250 pixels the default pack's detector gave 0.996 at least,
YuNet 0.838 (40 pictures of 8 people)."""
DOUBT: Final = 0.05
"""By so much must a look without a border that is not trusted score above one with a border to count instead."""
LARGER: Final = 2.0
SMALLER: Final = 0.5

Sight: TypeAlias = tuple[Image, DetectedFace]


def probe(pipeline: Pipeline, photograph: Image) -> Embedding | None:
    """Embed the face that a photograph is about, or return none: a failure to acquire.

    Tried in this order until a look can be trusted: as it is, with a border, with a border at twice and at half the
    size. Then of all looks the surest counts: one with surroundings first, then the higher score.

    Args:
        pipeline: the pack.
        photograph: H x W x 3 uint8 BGR.
    """
    seen: list[tuple[tuple[bool, float], Sight]] = []
    for number, image in enumerate(_views(photograph)):
        faces = pipeline.detect(image)
        if not faces:
            continue
        face = central(faces, image)
        surrounded = face.box.size <= FULL * min(image.shape[:2])
        seen.append(((surrounded, face.box.score - (0.0 if number else DOUBT)), (image, face)))
        if surrounded and face.box.score >= HIGH and (number or _clear(face, image)):
            break
    return _embedded(pipeline, *max(seen, key=lambda each: each[0])[1]) if seen else None


def _clear(face: DetectedFace, image: Image) -> bool:
    """Whether a picture is large enough, and a face in it far enough from its edges, for one look to do."""
    height, width = image.shape[:2]
    box, side = face.box, min(height, width)
    return bool(side >= SMALL and min(box.x1, box.y1, width - 1 - box.x2, height - 1 - box.y2) >= EDGE * side)


def _embedded(pipeline: Pipeline, image: Image, face: DetectedFace) -> Embedding:
    return pipeline.embed(pipeline.quality(image, face)[1])


def central(faces: tuple[DetectedFace, ...], image: Image) -> DetectedFace:
    """The largest face, weighted by nearness to the centre: its area less twice its squared distance from the middle.

    In the photographs of Labeled Faces in the Wild the person named is the one in the middle; this weighing is the one
    that FaceNet's and InsightFace's own evaluations use.
    """
    height, width = image.shape[:2]

    def weight(face: DetectedFace) -> float:
        x, y = face.box.centre
        size = face.box.size
        across, down = x - width / 2, y - height / 2
        return float(size * size - 2 * (across * across + down * down))

    return max(faces, key=weight)


def _views(photograph: Image) -> Iterator[Image]:
    longer = max(photograph.shape[:2])
    image = photograph if longer <= LONGEST else scaled(photograph, LONGEST / longer)
    yield image
    bordered = with_border(image)
    yield bordered
    if longer * LARGER <= LONGEST:
        yield scaled(bordered, LARGER)
    yield scaled(bordered, SMALLER)


def with_border(image: Image, share: float = BORDER) -> Image:
    """Add a border that repeats the edge, `share` of each side's length."""
    across, down = round(image.shape[1] * share), round(image.shape[0] * share)
    return np.asarray(cv2.copyMakeBorder(image, down, down, across, across, cv2.BORDER_REPLICATE), np.uint8)


def scaled(image: Image, factor: float) -> Image:
    """Shrink by averaging, enlarge by interpolating; at least one pixel stays."""
    size = (max(round(image.shape[1] * factor), 1), max(round(image.shape[0] * factor), 1))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)
