"""The benchmark: contenders do the same work, take turns, and nothing is downloaded; no time is asserted."""

import json
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from vision_kit import face, installed

from kiosk.__main__ import main as kiosk_main
from kiosk.cli.models import main
from kiosk.vision import bench as bench_module
from kiosk.vision import peer_networks
from kiosk.vision.align import aligned
from kiosk.vision.bench import LEAST, in_turn
from kiosk.vision.embed import Embedding
from kiosk.vision.gallery import Gallery, Match
from kiosk.vision.manifest import Colour, Layout, ModelFile
from kiosk.vision.onnx_file import check
from kiosk.vision.peer import peers, plain_search
from kiosk.vision.peer_networks import detector, gender_and_age, landmarks_2d, recogniser
from kiosk.vision.scrfd import Scrfd
from kiosk.vision.session import Session


def noise(height: int = 480, width: int = 640) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def test_our_code_and_insightface_give_the_same_embedding_of_the_same_networks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    # The fifth network has 138 MB: another's likeness stands in, the usual five are timed by hand.
    monkeypatch.setattr(peer_networks, "landmarks_3d", landmarks_2d)
    severity = logging.root.level
    shown = face()
    with peers(shown) as rivals:
        for image in (noise(), 255 - noise()):
            ours, theirs, stock = rivals.ours(image).vector, rivals.theirs(image), rivals.stock(image)
            for other in (theirs, stock):
                assert float(ours @ other) / float(np.linalg.norm(other)) > 0.9999
    different = rivals.ours(noise()).vector @ rivals.ours(255 - noise()).vector
    assert different < 0.9999, "the embedding depends on the picture"
    assert not list(tmp_path.rglob("*.onnx")), "nothing was fetched"
    assert logging.root.level == severity


def test_an_scrfd_network_s_face_is_found_where_it_says_in_a_frame_of_any_size() -> None:
    shown = face(180, 300, 200)
    box = np.array([shown.box.x1, shown.box.y1, shown.box.x2, shown.box.y2], np.float32)
    file = ModelFile("det.onnx", "detect", 0, "", Layout(640, 480, Colour.RGB, 127.5, 1 / 128))
    found = Scrfd(Session(detector(box, shown.landmarks), file)).detect(noise())
    assert len(found) == 1
    assert found[0].box.centre == pytest.approx((300, 200), abs=0.01)
    assert found[0].box.score == pytest.approx(0.9)
    assert np.allclose(found[0].landmarks, shown.landmarks, atol=0.01)
    assert aligned(noise(), found[0].landmarks).shape == (112, 112, 3)
    (twice,) = Scrfd(Session(detector(box, shown.landmarks), file)).detect(noise(960, 1280))
    assert twice.box.centre == pytest.approx((600, 400), abs=0.01)
    assert np.allclose(twice.landmarks, 2 * shown.landmarks, atol=0.02)


def test_a_detector_that_finds_nobody_gives_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    file = ModelFile("det.onnx", "detect", 0, "", Layout(640, 480, Colour.RGB, 127.5, 1 / 128))
    session = Session(detector(np.array([9, 9, 99, 99], np.float32), face().landmarks), file)
    nobody = [np.zeros_like(each) for each in session.infer(noise())]
    monkeypatch.setattr(session, "infer", lambda _: nobody)
    assert Scrfd(session).detect(noise()) == ()


def test_the_networks_have_the_signature_and_about_the_size_of_insightface_s_own() -> None:
    # recognition.md and insightface's model zoo: 2,524,817 / 13,616,099 / 5,030,888 / 1,322,532 bytes.
    shown = face()
    made = {
        "det_500m": (detector(np.zeros(4, np.float32), shown.landmarks), 2_524_817),
        "w600k_mbf": (recogniser(), 13_616_099),
        "2d106det": (landmarks_2d(), 5_030_888),
        "genderage": (gender_and_age(), 1_322_532),
    }
    for name, (data, size) in made.items():
        check(data)
        assert 0.8 * size < len(data) < 1.2 * size, name


def test_contenders_take_turns_and_are_called_equally_often() -> None:
    calls: list[tuple[str, int]] = []

    def contender(name: str) -> Callable[[int], object]:
        return lambda number: calls.append((name, number))

    took = in_turn({name: contender(name) for name in "abc"}, 0.0)
    assert {len(each) for each in took.values()} == {LEAST}
    rounds = [calls[i : i + 3] for i in range(0, len(calls), 3)]
    assert all(len({number for _, number in each}) == 1 for each in rounds)
    assert {"".join(name for name, _ in each) for each in rounds} == {"abc", "cba"}


def test_the_plain_matcher_finds_whom_the_gallery_finds() -> None:
    random = np.random.default_rng(5)
    rows = random.standard_normal((200, 64), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    class Kept:
        def __init__(self, number: int) -> None:
            self.person, self.vector, self.model = str(number), rows[number], "made-up"

    gallery = Gallery.build([Kept(i) for i in range(200)], "made-up", 64)
    plain = plain_search(rows)
    for number in (0, 77, 199):
        decision = gallery.decide(Embedding(rows[number], "made-up"))
        assert isinstance(decision, Match)
        assert decision.person == str(plain(rows[number])) == str(number)


def test_the_command_prints_stages_and_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    installed()
    assert main(["bench", "--people", "20", "--seconds", "0", "--no-peer", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    names = [each["name"] for each in found["stages"]]
    assert names[-2:] == ["match", "whole"]
    assert {"detect", "landmarks", "align and measure", "embed", "liveness"} <= set(names)
    assert found["people"] == 20
    assert found["memory_mib"] > 10
    assert found["overhead"] < 1
    assert found["frames_per_s"] > 0
    assert found["cpu_ms"] > 0
    assert (found["peers"], found["ratios"]) == ([], [])
    assert all(0 < each["p50_ms"] <= each["p95_ms"] for each in found["stages"])


def test_the_command_compares_with_insightface_and_with_plain_numpy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed()
    monkeypatch.setattr(peer_networks, "landmarks_3d", landmarks_2d)
    monkeypatch.setattr(bench_module, "MANY", 60)
    monkeypatch.setattr(bench_module, "LEAST", 2)
    assert main(["bench", "--people", "20", "--seconds", "0"]) == 0
    text = capsys.readouterr().out
    assert "ours, detect + embed / FaceAnalysis, the same two:" in text
    assert "target 0.95:" in text
    assert "our match, 60 / numpy float64, 60:" in text
    assert "random weights" in text
    assert ("faiss is not installed." in text) != ("faiss IndexFlatIP, 60" in text)


def test_a_bench_of_no_people_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (("--people", "0"), ("--people", "1000000"), ("--seconds", "-1")):
        assert main(["bench", *wrong]) == 2
    assert "must lie in" in capsys.readouterr().err


def test_a_command_takes_one_thread_for_a_product_of_matrices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert kiosk_main(["models", "list"]) == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert kiosk_main(["models", "list"]) == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"
