"""A camera that stalls, goes away, turns black or never delivers: said within three seconds, and mended."""

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
import pytest
from vision_kit import HandCamera, everybody, number_of, numbered

from kiosk.faults import Fault, FaultCode
from kiosk.vision.camera import Camera, Frame
from kiosk.vision.capture import LOST_AFTER_S, Capture, usable
from kiosk.vision.failing_camera import Episode, FailingCamera, Failure
from kiosk.vision.recogniser import CameraBack, CameraLost, Outcome, Recogniser

QUICK_S = 0.3
Said: TypeAlias = queue.Queue[tuple[Outcome, float]]


_NUMBERS = itertools.count()


def _ticking(timeout_s: float) -> Frame:
    time.sleep(min(timeout_s, 0.01))
    return Frame(numbered(next(_NUMBERS)), time.monotonic())


@contextmanager
def capturing(factory: Callable[[], Camera], lost_after_s: float = QUICK_S) -> Iterator[queue.Queue[str]]:
    said: queue.Queue[str] = queue.Queue()
    capture = Capture(factory, lambda _: None, lambda: said.put("lost"), lambda: said.put("back"), lost_after_s)
    capture.start()
    yield said
    assert capture.stop()


@pytest.mark.parametrize("failure", list(Failure))
def test_a_failing_camera_is_said_to_be_lost_and_then_back(failure: Failure) -> None:
    now = time.monotonic()
    plan = [Episode(failure, now + 0.2, now + 1.0)]
    with capturing(lambda: FailingCamera(HandCamera(_ticking), plan)) as said:
        assert said.get(timeout=2) == "lost"
        assert 0.2 < time.monotonic() - now < 0.2 + QUICK_S + 0.3
        assert said.get(timeout=5) == "back"


def test_a_camera_that_never_delivers_is_lost_within_three_seconds() -> None:
    release = threading.Event()

    def silent(timeout_s: float) -> Frame:
        release.wait(min(timeout_s, 0.1))
        raise Fault(FaultCode.CAMERA_LOST)

    began = time.monotonic()
    with capturing(lambda: HandCamera(silent), LOST_AFTER_S) as said:
        assert said.get(timeout=4) == "lost"
        assert time.monotonic() - began < 3.0
        release.set()


def test_a_camera_that_does_not_open_is_lost_and_tried_again() -> None:
    tries: list[float] = []

    def absent() -> Camera:
        tries.append(time.monotonic())
        if len(tries) < 2:
            raise Fault(FaultCode.CAMERA_LOST)
        return HandCamera(_ticking)

    with capturing(absent) as said:
        assert said.get(timeout=2) == "lost"
        assert said.get(timeout=5) == "back"
    assert len(tries) == 2


def test_a_driver_that_hangs_for_ever_does_not_keep_the_door_shut() -> None:
    hang = threading.Event()
    opened: list[int] = []

    def camera() -> Camera:
        opened.append(1)
        return HandCamera(_hanging if len(opened) == 1 else _ticking)

    def _hanging(timeout_s: float) -> Frame:
        del timeout_s
        hang.wait(20)
        raise Fault(FaultCode.CAMERA_LOST)

    with capturing(camera) as said:
        assert said.get(timeout=2) == "lost"
        assert said.get(timeout=5) == "back"
        hang.set()


def test_the_camera_is_closed_whenever_it_is_left() -> None:
    camera = HandCamera(_ticking)
    with capturing(lambda: camera):
        time.sleep(0.1)
    assert camera.closed == 1


def test_every_failure_is_told_within_three_seconds_and_mended_within_three_more() -> None:
    now = time.monotonic()
    episode = (now + 0.5, now + 4.0)
    doors = [_door(failure, episode, looking=looking) for failure in Failure for looking in (True, False)]
    told = [(said.get(timeout=9), said.get(timeout=9)) for _, _, said in doors]
    assert all(door.stop() for door, _, _ in doors)
    for (_, failure, _), ((lost, lost_at), (back, back_at)) in zip(doors, told, strict=True):
        assert (lost, back) == (CameraLost(), CameraBack()), failure
        assert episode[0] < lost_at < episode[0] + 3.0, failure
        assert episode[1] < back_at < episode[1] + 3.0, failure


def _door(failure: Failure, when: tuple[float, float], *, looking: bool) -> tuple[Recogniser, Failure, Said]:
    said: Said = queue.Queue()
    plan = [Episode(failure, *when)]
    recogniser = Recogniser(
        lambda: FailingCamera(HandCamera(_calm), plan),
        None,
        None,
        lambda _: None,
        lambda outcome: said.put((outcome, time.monotonic())),
    )
    recogniser.start()
    if looking:
        recogniser.look(1)
    return recogniser, failure, said


def _calm(timeout_s: float) -> Frame:
    time.sleep(min(timeout_s, 0.04))
    return Frame(numbered(next(_NUMBERS)), time.monotonic())


def test_one_frame_a_second_is_a_lost_camera_although_frames_come() -> None:
    plan = [Episode(Failure.SLOW, 0.0, time.monotonic() + 60)]
    with capturing(lambda: FailingCamera(HandCamera(_ticking), plan), 1.5) as said:
        assert said.get(timeout=3) == "lost"
        with pytest.raises(queue.Empty):
            said.get(timeout=2)


def test_a_frame_that_came_before_is_not_handed_on_again() -> None:
    shown: list[int] = []
    images = [numbered(n) for n in (1, 1, 2, 2, 2, 3, 1)]
    frames = iter(images)

    def read(timeout_s: float) -> Frame:
        del timeout_s
        image = next(frames, None)
        if image is None:
            raise Fault(FaultCode.CAMERA_LOST)
        return Frame(image, time.monotonic())

    capture = Capture(
        lambda: HandCamera(read), lambda frame: shown.append(number_of(frame.image)), lambda: None, lambda: None, 30.0
    )
    capture.start()
    for _ in range(500):
        if len(shown) == 4:
            break
        time.sleep(0.01)
    assert capture.stop()
    assert shown == [1, 2, 3, 1]


def test_an_idle_camera_is_read_seldom_and_at_once_when_somebody_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.vision.capture.IDLE_PERIOD_S", 60.0)
    seen: queue.Queue[Frame] = queue.Queue()
    capture = Capture(lambda: HandCamera(_ticking), seen.put, lambda: None, lambda: None, 30.0)
    capture.idle()
    capture.start()
    seen.get(timeout=5)
    with pytest.raises(queue.Empty):
        seen.get(timeout=0.2)
    capture.hurry()
    for _ in range(10):
        seen.get(timeout=5)
    capture.idle()
    began = time.monotonic()
    assert capture.stop()
    assert time.monotonic() - began < 30


def test_the_camera_rests_whenever_nobody_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.vision.capture.IDLE_PERIOD_S", 60.0)
    seen: queue.Queue[Frame] = queue.Queue()
    recogniser = Recogniser(lambda: HandCamera(_ticking), None, None, seen.put, lambda _: None, lost_after_s=30.0)
    recogniser.start()
    seen.get(timeout=5)
    for attempt in (1, 2):
        with pytest.raises(queue.Empty):
            seen.get(timeout=0.2)
        recogniser.look(attempt)
        for _ in range(10):
            seen.get(timeout=5)
        recogniser.rest()
        time.sleep(0.1)  # a frame may be on its way
        while not seen.empty():
            seen.get()
    assert recogniser.stop()


def test_what_is_no_whole_picture_is_not_used() -> None:
    random = np.random.default_rng(1)
    for image in (
        np.zeros((480, 640, 3), np.uint8),
        np.full((240, 640, 3), 90, np.uint8),
        np.full((960, 320, 3), 90, np.uint8),
        np.full((480, 640), 90, np.uint8),
        np.full((480, 640, 1), 90, np.uint8),
        np.full((480, 640, 4), 90, np.uint8),
        np.full((480, 640, 3), 90, np.float32),
        np.full((480, 640, 3), 90, np.uint16),
        np.full((20, 20, 3), 90, np.uint8),
        np.full((120, 160, 3), 90, np.uint8),
        np.full((0, 0, 3), 90, np.uint8),
        np.broadcast_to(np.uint8(90), (9000, 12000, 3)),
        random.integers(0, 256, (480, 640, 3), np.uint8),
        np.array(90, np.uint8),
    ):
        assert not usable(Frame(np.asarray(image), 0.0))
    for height, width in ((640, 480), (240, 320), (480, 640), (720, 1280), (1080, 1920)):
        assert usable(Frame(np.full((height, width, 3), 30, np.uint8), 0.0))


def test_a_dark_room_s_noise_and_the_film_are_used() -> None:
    dark = np.clip(np.random.default_rng(1).normal(12, 8, (480, 640, 3)), 0, 255).astype(np.uint8)
    assert usable(Frame(dark, 0.0))
    film = everybody()
    for i in range(0, int(film.duration_s * 30), 25):
        assert usable(Frame(film.frame_at(i / 30), 0.0))
