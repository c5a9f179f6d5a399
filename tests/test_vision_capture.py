"""A camera that stalls, goes away, turns black or never delivers: said within three seconds, and mended."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from vision_kit import HandCamera, numbered

from kiosk.faults import Fault, FaultCode
from kiosk.vision.camera import Camera, Frame
from kiosk.vision.capture import LOST_AFTER_S, Capture, usable
from kiosk.vision.failing_camera import Episode, FailingCamera, Failure

QUICK_S = 0.3


def _ticking(timeout_s: float) -> Frame:
    time.sleep(min(timeout_s, 0.01))
    return Frame(numbered(1), time.monotonic())


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


def test_what_is_no_whole_picture_is_not_used() -> None:
    for image in (
        np.zeros((480, 640, 3), np.uint8),
        np.full((240, 640, 3), 90, np.uint8),
        np.full((480, 640), 90, np.uint8),
        np.full((20, 20, 3), 90, np.uint8),
    ):
        assert not usable(Frame(image, 0.0))
    assert usable(Frame(np.full((640, 480, 3), 30, np.uint8), 0.0))
