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
LARGER: Final = 2.0
SMALLER: Final = 0.5

Sight: TypeAlias = tuple[Image, DetectedFace]


def probe(pipeline: Pipeline, photograph: Image) -> Embedding | None:
    """Embed the face that a photograph is about, or return none: a failure to acquire.

    Tried in this order until a face with surroundings is found: as it is, with a border, with a border at twice and
    at half the size; else the first face without surroundings counts.

    Args:
        pipeline: the pack.
        photograph: H x W x 3 uint8 BGR.
    """
    tight: Sight | None = None
    for image in _views(photograph):
        faces = pipeline.detect(image)
        if not faces:
            continue
        face = central(faces, image)
        seen = image, face
        if face.box.size <= FULL * min(image.shape[:2]):
            return _embedded(pipeline, *seen)
        tight = tight or seen
    return None if tight is None else _embedded(pipeline, *tight)


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
