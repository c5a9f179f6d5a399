"""The walk-up film: deterministic, quick to draw, and made of people whom the networks can tell apart."""

import itertools
import time

import numpy as np
import pytest
from vision_kit import Kept, everybody, installed

from kiosk.faults import Fault, FaultCode
from kiosk.vision.camera import open_camera
from kiosk.vision.film import ENROLLED, STRANGERS, SUBJECTS, SampleFilm, script
from kiosk.vision.film_people import figure
from kiosk.vision.gallery import Gallery, mean_embedding
from kiosk.vision.sample_camera import SampleCamera


def test_the_same_time_gives_the_same_frame() -> None:
    cut = script(ENROLLED[:1], ())
    first, second = SampleFilm(cut), SampleFilm(cut)
    for t in (0.2, 1.0, 2.5, first.duration_s - 0.1):
        image = first.frame_at(t)
        assert image.shape == (480, 640, 3)
        assert image.dtype == np.uint8
        assert np.array_equal(image, second.frame_at(t))
    assert not np.array_equal(first.frame_at(2.5), first.frame_at(2.6))


def test_the_script_brings_the_enrolled_then_strangers_then_nobody() -> None:
    cut = script()
    assert [each.subject for each in cut if each.kind == "walk_up"] == [*ENROLLED, *STRANGERS]
    assert cut[-1].kind == "empty"
    for before, after in itertools.pairwise(cut):
        assert before.end_s == after.start_s
    walk = next(each for each in cut if each.kind == "walk_up")
    assert walk.start_s < walk.best_from_s < walk.best_to_s < walk.end_s
    assert walk.end_s - walk.start_s == pytest.approx(5.0)


def test_a_script_with_somebody_unknown_is_refused() -> None:
    with pytest.raises(KeyError):
        script(["nobody"])
    with pytest.raises(KeyError):
        figure("nobody")


def test_a_frame_is_drawn_faster_than_it_is_shown() -> None:
    film = everybody()
    began = time.process_time()
    for i in range(60):
        film.frame_at(2.0 + i / 30)
    assert time.process_time() - began < 60 / 60


def test_the_sample_camera_plays_by_the_clock() -> None:
    film = SampleFilm(script(ENROLLED[:1], ()))
    camera = SampleCamera(film, t0=time.monotonic() - film.duration_s - 2.0)
    first, second = camera.read(0.5), camera.read(0.5)
    assert second.taken_at > first.taken_at
    assert np.array_equal(first.image, film.frame_at((first.taken_at - camera.t0) % film.duration_s))
    assert second.taken_at - first.taken_at < 0.2
    camera.close()


def test_a_camera_that_nobody_knows_is_refused() -> None:
    for spec in ("", "sample:x", "file:", "webcam", "http://camera"):
        with pytest.raises(Fault) as caught:
            open_camera(spec)
        assert caught.value.code is FaultCode.CONFIG_INVALID


def test_every_usable_frame_is_the_person_that_the_film_shows() -> None:
    pipeline, film = installed(), everybody()
    for segment in film.segments:
        if segment.subject is None:
            continue
        own = _portrait(segment.subject)
        usable = 0
        for t in np.arange(segment.start_s + 0.05, segment.end_s, 0.21):
            image = film.frame_at(float(t))
            faces = pipeline.detect(image)
            assert len(faces) <= 1
            if faces:
                quality, crop = pipeline.quality(image, faces[0])
                if quality.defect is None:
                    usable += 1
                    assert float(pipeline.embed(crop).vector @ own) >= 0.80, (segment.subject, t)
        assert usable >= 15, segment.subject


def test_different_people_are_far_apart() -> None:
    scores = {(a, b): float(_portrait(a) @ _portrait(b)) for a, b in itertools.combinations(SUBJECTS, 2)}
    assert len(scores) == 28
    assert max(scores.values()) < 0.40, max(scores, key=lambda pair: scores[pair])


def test_strangers_stay_far_below_the_threshold_at_this_door() -> None:
    pipeline, film = installed(), everybody()
    space = pipeline.pack.embedding_space
    gallery = Gallery.build([Kept(who, _portrait(who), space) for who in ENROLLED], space, 512)
    for segment in film.segments:
        if segment.subject not in STRANGERS:
            continue
        for t in np.arange(segment.best_from_s, segment.best_to_s, 0.3):
            image = film.frame_at(float(t))
            analysis = pipeline.analyse(image, pipeline.detect(image)[0])
            assert float(gallery.scores(analysis.embedding).max()) < 0.40


def test_an_empty_door_shows_no_face() -> None:
    pipeline, film = installed(), everybody()
    for segment in film.segments:
        if segment.kind == "empty":
            assert pipeline.detect(film.frame_at((segment.start_s + segment.end_s) / 2)) == ()


def _portrait(subject: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    pipeline = installed()
    if subject not in _PORTRAITS:
        images = everybody().portrait(subject)
        probes = [pipeline.analyse(image, pipeline.detect(image)[0]).embedding for image in images]
        _PORTRAITS[subject] = mean_embedding(probes).vector
    return _PORTRAITS[subject]


_PORTRAITS: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = {}
