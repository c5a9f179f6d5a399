"""Which of several looks at a photograph counts, with the default pack's own detector as on a fresh machine."""

import shutil

import cv2
import numpy as np
import pytest
from album_kit import photographs
from vision_kit import installed

from kiosk.vision import photograph
from kiosk.vision.arrays import Image
from kiosk.vision.detect import Box
from kiosk.vision.film import SUBJECTS
from kiosk.vision.packs import default_directory, load
from kiosk.vision.pipeline import Pipeline

PICTURES = 5


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The default pack without any add-on."""
    installed()
    models = tmp_path_factory.mktemp("models")
    shutil.copytree(default_directory() / "faceplugin", models / "faceplugin")
    return Pipeline(load(models))


def cut(image: Image, box: Box, share: float, side: int) -> Image:
    """A square of `side` pixels of which the face's box takes `share`."""
    (x, y), wide = box.centre, (box.y2 - box.y1) / share
    scale = side / wide
    turn = np.array([[scale, 0, side / 2 - x * scale], [0, scale, side / 2 - y * scale]], np.float32)
    soft = image if scale > 0.8 else cv2.GaussianBlur(image, (0, 0), 0.4 / scale)
    return np.asarray(cv2.warpAffine(soft, turn, (side, side), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def likeness(own: Pipeline, image: Image, share: float, side: int) -> float:
    """Cosine of a face in its surroundings and of the same one cut out."""
    wide = photograph.with_border(image)
    face = photograph.central(own.detect(wide), wide)
    close = photograph.probe(own, cut(wide, face.box, share, side))
    return -1.0 if close is None else float(close.vector @ own.embed(own.quality(wide, face)[1]).vector)


def test_a_wrong_box_in_a_crop_as_tight_as_the_face_gives_way_to_the_right_one(own: Pipeline) -> None:
    assert min(likeness(own, image, 1.0, 112) for image in photographs("astronaut", PICTURES)) > 0.8


def test_a_box_too_large_in_a_tiny_picture_gives_way_to_the_right_one(own: Pipeline) -> None:
    assert min(likeness(own, image, 0.5, 64) for image in photographs("t1-0", PICTURES)) > 0.4


def test_one_look_at_an_ordinary_photograph_does(own: Pipeline) -> None:
    ordinary = 0
    for who in SUBJECTS:
        for image in photographs(who, 3):
            face = photograph.central(own.detect(image), image)
            if face.box.size > 0.6 * len(image):
                continue
            probe = photograph.probe(own, image)
            assert probe is not None
            assert np.array_equal(probe.vector, own.embed(own.quality(image, face)[1]).vector)
            ordinary += 1
    assert ordinary >= len(SUBJECTS)
