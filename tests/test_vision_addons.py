"""The optional add-ons: a second detector and a second attack detector, where their files are at hand."""

import math
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from vision_kit import everybody, installed

from kiosk.vision.detect import Box
from kiosk.vision.manifest import find
from kiosk.vision.packs import default_directory, load, path_of
from kiosk.vision.pipeline import Pipeline

SHARED = Path(__file__).resolve().parents[2] / "shared" / "models"


@pytest.fixture(scope="module")
def with_addons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the default pack and both add-ons."""
    installed()
    models = tmp_path_factory.mktemp("models")
    shutil.copytree(default_directory() / "faceplugin", models / "faceplugin")
    for name in ("yunet", "minifas"):
        pack = find(name)
        source = SHARED / pack.files[0].name
        if not source.exists():
            pytest.skip(f"{source.name} is not at hand")
        target = path_of(models, pack, pack.files[0])
        target.parent.mkdir()
        shutil.copy(source, target)
    return models


def test_yunet_finds_what_opencv_s_own_class_finds(with_addons: Path) -> None:
    pipeline, film = Pipeline(load(with_addons)), everybody()
    image = np.ascontiguousarray(film.frame_at(3.0)[:470, :630])
    found = [face.box for face in pipeline.detect(image)]
    reference = cv2.FaceDetectorYN.create(str(SHARED / find("yunet").files[0].name), "", (630, 470), 0.6, 0.3)
    boxes = reference.detect(image)[1]
    assert len(found) == len(boxes) == 1
    x, y, width, height = (float(each) for each in boxes[0][:4])
    assert found[0].centre == pytest.approx((x + width / 2, y + height / 2), abs=0.01)
    assert found[0].size == pytest.approx(height, abs=0.01)


def test_the_fused_score_is_used_only_when_asked_for(with_addons: Path) -> None:
    loaded, film = load(with_addons), everybody()
    plain, fused = Pipeline(loaded), Pipeline(loaded, fused=True)
    image = film.frame_at(3.0)
    face = plain.detect(image)[0]
    one, two = plain.liveness(image, face), fused.liveness(image, face)
    assert 0 <= one <= 1
    assert 0 <= two <= 1
    assert one != two
    edge = Box(0.0, 0.0, 60.0, 60.0, 1.0)
    assert fused._minifas is not None
    assert math.isfinite(fused._minifas.difference(image, edge))
