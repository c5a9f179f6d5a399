"""Every pack, through the one way in: what it finds and embeds is what its makers' own classes find and embed."""

import importlib
import math
import shutil
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest
from pack_kit import GRANT, buffalo, directory, zoo
from tiny_networks import CELL, FIVE, REACH, recogniser, scene, scrfd, sface
from vision_kit import everybody, installed

from kiosk.cli.models import main
from kiosk.faults import Fault, FaultCode
from kiosk.vision.align import aligned
from kiosk.vision.insight import Scrfd
from kiosk.vision.known import find
from kiosk.vision.manifest import Colour, Decoder, Layout, ModelFile
from kiosk.vision.packs import load
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.quality import measure
from kiosk.vision.ready import ready
from kiosk.vision.session import Session
from kiosk.vision.yunet import YuNet

SHARED = Path(__file__).resolve().parents[2] / "shared" / "models"


@pytest.fixture(scope="module")
def opencv_zoo(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    models, manifest = zoo(tmp_path_factory.mktemp("zoo"))
    return ready(models, "opencv-zoo", manifest=manifest)


@pytest.fixture(scope="module")
def insight_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("insight")
    folder = directory(place / "buffalo", buffalo())
    assert main(["import", str(folder), "insightface", "--grant", GRANT, "--models", str(place / "models")]) == 0
    return place / "models"


@pytest.fixture(scope="module")
def insightface(insight_models: Path) -> Pipeline:
    return ready(insight_models, "insightface")


def expected(column: int, row: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The landmarks that the small detectors give for a white cell."""
    return np.asarray((FIVE + np.array([column, row])) * CELL, np.float32)


@pytest.mark.parametrize("pack", ["opencv_zoo", "insightface"])
def test_a_detector_s_own_five_landmarks_are_used_where_there_are_no_68_points(
    pack: str, request: pytest.FixtureRequest
) -> None:
    pipeline: Pipeline = request.getfixturevalue(pack)
    found = pipeline.detect(scene((5, 6), (12, 7)))
    assert [face.points.shape for face in found] == [(0, 2), (0, 2)]
    for face in found:
        column, row = (round(value / CELL) for value in face.box.centre)
        assert np.allclose(face.landmarks, expected(column, row), atol=0.01)
        assert face.landmarks.dtype == np.float32
        assert face.box.size == pytest.approx(2 * REACH * CELL, abs=0.01)
    assert {tuple(round(value / CELL) for value in face.box.centre) for face in found} == {(5, 6), (12, 7)}
    assert pipeline.detect(scene()) == ()


@pytest.mark.parametrize("pack", ["opencv_zoo", "insightface"])
def test_a_pack_without_68_points_does_all_that_a_decision_needs(pack: str, request: pytest.FixtureRequest) -> None:
    pipeline: Pipeline = request.getfixturevalue(pack)
    image = scene((9, 6))
    (face,) = pipeline.detect(image)
    quality, crop = pipeline.quality(image, face)
    assert quality == measure(image, face, crop)
    analysis = pipeline.analyse(image, face)
    assert analysis.embedding.vector.shape == (pipeline.pack.dimension,)
    assert analysis.embedding.vector.dtype == np.float32
    assert float(np.linalg.norm(analysis.embedding.vector)) == pytest.approx(1.0, abs=1e-6)
    assert analysis.embedding.model == pipeline.pack.embedding_space
    assert math.isnan(analysis.liveness)
    assert math.isnan(pipeline.liveness(image, face))


def test_sface_embeds_what_opencv_s_own_class_embeds(opencv_zoo: Pipeline, tmp_path: Path) -> None:
    path = tmp_path / "sface.onnx"
    path.write_bytes(sface())
    theirs = cv2.FaceRecognizerSF.create(str(path), "")
    film = everybody()
    for time_s in (2.0, 9.0):
        image = film.frame_at(time_s)
        points = np.array([[290, 180], [350, 184], [318, 220], [296, 250], [340, 252]], np.float32)
        row = np.concatenate([np.zeros(4, np.float32), points.ravel(), np.ones(1, np.float32)])[None]
        crop, ours = np.asarray(theirs.alignCrop(image, row), np.uint8), aligned(image, points)
        assert np.abs(crop.astype(int) - ours.astype(int)).max() <= 2
        feature = theirs.feature(crop).ravel()
        probe = opencv_zoo.embed(crop).vector
        assert probe.shape == (128,)
        assert np.allclose(probe, feature / np.linalg.norm(feature), atol=1e-5)
        other = opencv_zoo.embed(np.ascontiguousarray(crop[..., ::-1])).vector
        assert float(other @ probe) < 0.999, "the order of colours must matter"


def test_yunet_s_landmarks_are_those_of_opencv_s_own_class() -> None:
    source = SHARED / find(Path(), "yunet").files[0].name
    if not source.exists():
        pytest.skip(f"{source.name} is not at hand")
    layout = Layout(640, 480, Colour.BGR, 0.0, 1.0)
    ours = YuNet(Session(source.read_bytes(), ModelFile(source.name, "detect", 0, "", layout, Decoder.YUNET)))
    theirs = cv2.FaceDetectorYN.create(str(source), "", (640, 480), 0.6, 0.3)
    film, seen = everybody(), 0
    for time_s in (2.0, 4.0, 9.0):
        image = film.frame_at(time_s)
        _, rows = theirs.detect(image)
        found = ours.faces(image)
        assert len(found) == len(rows)
        for face, row in zip(found, sorted(rows, key=lambda each: -each[3]), strict=True):
            assert np.allclose(face.landmarks.ravel(), row[4:14], atol=0.01)
            seen += 1
    assert seen >= 3


def test_insightface_models_give_what_face_analysis_gives(insightface: Pipeline, tmp_path: Path) -> None:
    folder = directory(tmp_path / "models", {name: data for name, data in buffalo().items() if "gender" not in name})
    for name in ("1k3d68.onnx", "2d106det.onnx"):
        (folder / name).unlink()
    image = scene((5, 6), (13, 8))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # their class asks libraries for what those have deprecated
        analysis = importlib.import_module("insightface.app").FaceAnalysis(
            str(folder), providers=["CPUExecutionProvider"]
        )
        analysis.prepare(ctx_id=0, det_size=(640, 480))
        theirs = {tuple(np.round(face.kps[2] / CELL).astype(int)): face for face in analysis.get(image)}
    ours = insightface.detect(image)
    assert len(ours) == len(theirs) == 2
    for face in ours:
        same = theirs[tuple(np.round(face.landmarks[2] / CELL).astype(int))]
        assert np.allclose(face.landmarks, same.kps, atol=1e-3)
        assert face.box.score == pytest.approx(float(same.det_score), abs=1e-6)
        probe = insightface.embed(aligned(image, face.landmarks)).vector
        assert float(probe @ same.normed_embedding) > 0.9999


def test_insightface_s_recogniser_is_given_red_green_blue(insightface: Pipeline) -> None:
    crop = np.random.default_rng(2).integers(0, 256, (112, 112, 3), np.uint8)
    session = onnxruntime.InferenceSession(buffalo()["w600k_mbf.onnx"], providers=["CPUExecutionProvider"])

    def embedded(picture: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.float32]]:
        blob = ((picture.astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
        answer: np.ndarray[Any, np.dtype[np.float32]] = session.run(None, {"x": blob})[0].ravel()
        return np.asarray(answer / np.linalg.norm(answer), np.float32)

    probe = insightface.embed(crop).vector
    assert np.allclose(probe, embedded(crop[..., ::-1]), atol=1e-5)
    assert not np.allclose(probe, embedded(crop), atol=1e-2)


@pytest.mark.parametrize("kind", ["batched", "square"])
def test_the_other_forms_of_insightface_s_detectors_work_as_well(kind: str, tmp_path: Path) -> None:
    detector = scrfd(batched=True) if kind == "batched" else scrfd(size=(640, 640))
    folder = directory(tmp_path / "models", {"det.onnx": detector, "rec.onnx": recogniser(256)})
    words = ["import", str(folder), "--pack", "insightface", "--grant", GRANT, "--models", str(tmp_path / "here")]
    assert main(words) == 0
    pipeline = ready(tmp_path / "here", "insightface")
    (face,) = pipeline.detect(scene((5, 6)))
    assert np.allclose(face.landmarks, expected(5, 6), atol=0.01)
    assert pipeline.pack.dimension == 256


def test_insightface_runs_on_our_session_and_opens_no_file(insight_models: Path, tmp_path: Path) -> None:
    models = Path(shutil.copytree(insight_models, tmp_path / "models"))
    loaded = load(models, "insightface")
    for role, theirs in loaded.insight.items():
        assert theirs.session is loaded.sessions[role].runtime
        assert theirs.session.get_providers() == ["CPUExecutionProvider"]
        assert theirs.session.get_session_options().intra_op_num_threads == 1
    assert loaded.insight["detect"].model_file is None
    shutil.rmtree(models)
    pipeline = Pipeline(loaded)
    assert len(pipeline.detect(scene((5, 6)))) == 1
    assert len(pipeline.detect(scene((5, 6), width=320, height=320))) == 1, "another size of picture, the same session"


def test_a_detector_that_finds_nothing_finite_finds_nobody() -> None:
    class Broken:
        def detect(self, image: object) -> tuple[Any, Any]:
            del image
            return np.array([[0, 0, np.nan, 50, 0.9], [10, 10, 90, 90, 0.9]], np.float32), np.full((2, 5, 2), np.inf)

    assert Scrfd(Broken()).faces(scene()) == ()


def test_yunet_stays_the_default_pack_s_detector_and_serves_no_other(tmp_path: Path) -> None:
    assert find(tmp_path, "yunet").serves == ("faceplugin",)
    assert find(tmp_path, "minifas").serves == ()
    models, manifest = zoo(tmp_path)
    (models / "yunet").mkdir()
    yunet = find(tmp_path, "yunet").files[0].name
    (models / "yunet" / yunet).write_bytes(b"altered")
    assert "detect-yunet" not in load(models, "opencv-zoo", manifest).sessions
    for name in ("faceplugin", "insightface"):
        with pytest.raises(Fault) as caught:
            ready(models, name, manifest=manifest)
        assert caught.value.code in {FaultCode.MODEL_MISSING, FaultCode.MODEL_UNKNOWN}


def test_the_default_pack_is_ready_as_before() -> None:
    pipeline, image = installed(), everybody().frame_at(3.0)
    again = ready()
    first, second = pipeline.detect(image)[0], again.detect(image)[0]
    assert first.points.shape == (68, 2)
    assert np.array_equal(first.points, second.points)
    assert np.array_equal(
        pipeline.embed(pipeline.quality(image, first)[1]).vector, again.embed(again.quality(image, second)[1]).vector
    )


def test_minifas_alone_judges_a_pack_without_a_liveness_network(tmp_path: Path) -> None:
    source = SHARED / find(tmp_path, "minifas").files[0].name
    if not source.exists():
        pytest.skip(f"{source.name} is not at hand")
    models, manifest = zoo(tmp_path)
    directory(models / "minifas", {source.name: source.read_bytes()})
    image = everybody().frame_at(3.0)
    plain = ready(models, "opencv-zoo", manifest=manifest)
    fused = ready(models, "opencv-zoo", fused=True, manifest=manifest)
    face = fused.detect(scene((9, 6)))[0]
    assert math.isnan(plain.liveness(image, face))
    assert 0 <= fused.liveness(image, face) <= 1
