"""Keeps a camera open and hands on its newest frame; refuses to queue frames and to stay silent about a lost camera."""

import logging
import threading
import time
import zlib
from collections.abc import Callable
from typing import Final

import numpy as np

from kiosk.faults import Fault
from kiosk.vision.arrays import Image
from kiosk.vision.camera import Camera, Frame

LOG: Final = logging.getLogger("ambang.camera")
LOST_AFTER_S: Final = 2.5
"""Seconds without a usable frame until the camera counts as lost: within platform.md's 3 s, with time to say so."""
REOPEN_EVERY_S: Final = 1.0
BLACK: Final = 10
"""No sample of the picture is brighter than this: a closed shutter or a dead sensor, never a dark room's noise."""
LEAST_SIDE: Final = 240
MOST_SIDE: Final = 4096
"""Pixels: below, a face that fills its part of the frame has too few of its own; above, no such camera is fitted."""
WIDEST: Final = 2.4
"""Width over height, or height over width; a frame that lost half its lines is wider than any camera's picture."""
NOISE: Final = 0.9
"""A pixel differs from its neighbour by more than this part of the picture's whole spread: nothing is depicted. White
noise has 1.13, the sample film below 0.1 (mean over standard deviation, measured)."""
LOUD: Final = 30.0
"""Grey levels of spread above which noise is garbage; below, it may be a dark room's."""
SLOWEST_S: Final = 0.5
"""A camera that takes longer for a frame gives fewer than the three in 1.5 s that a decision needs (evidence.py)."""
IDLE_PERIOD_S: Final = 0.2
"""Seconds between two frames while nobody is looked at: enough to know that the camera lives."""
STUCK_MOST: Final = 3
"""Threads that may hang inside a camera's driver before no other is started."""


class Capture:
    """Reads a camera in a thread of its own and opens it again when it is lost.

    Args:
        factory: opens the camera; raises Fault when it does not open.
        on_frame: gets every usable frame, on the capture thread; must return at once. A frame is usable when it is a
            whole picture, not black, no noise, another than the one before, and came within half a second.
        on_lost: called once when no usable frame came for 2.5 s, also when none ever came; on some thread.
        on_back: called once when frames come again after that; on the capture thread.
        lost_after_s: tests wait less.
    """

    def __init__(
        self,
        factory: Callable[[], Camera],
        on_frame: Callable[[Frame], None],
        on_lost: Callable[[], None],
        on_back: Callable[[], None],
        lost_after_s: float = LOST_AFTER_S,
    ) -> None:
        self._factory = factory
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._on_back = on_back
        self._lost_after_s = lost_after_s
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._hurry.set()
        self._threads: list[threading.Thread] = []
        self._generation = 0
        self._lost = False
        self._seen_at = time.monotonic()
        self._pulse = self._seen_at

    def start(self) -> None:
        """Start reading."""
        self._seen_at = time.monotonic()
        self._watch = threading.Thread(target=self._watch_over, name="ambang-camera-watch", daemon=True)
        self._begin()
        self._watch.start()

    def hurry(self) -> None:
        """Read every frame from now on, the first at once; so it begins."""
        self._hurry.set()

    def idle(self) -> None:
        """Read five frames a second until `hurry`: nobody is looked at."""
        if not self._stopping.is_set():
            self._hurry.clear()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Stop reading and close the camera; false when a driver hangs and its thread had to be left behind."""
        self._stopping.set()
        self._hurry.set()
        self._watch.join(timeout_s)
        for thread in self._threads:
            thread.join(timeout_s)
        return not any(thread.is_alive() for thread in self._threads)

    def _begin(self) -> None:
        self._generation += 1
        self._pulse = time.monotonic()
        name = f"ambang-camera-{self._generation}"
        thread = threading.Thread(target=self._run, args=(self._generation,), name=name, daemon=True)
        self._threads = [*(each for each in self._threads if each.is_alive()), thread]
        thread.start()

    def _run(self, generation: int) -> None:
        while not self._done(generation):
            self._pulse = time.monotonic()
            try:
                camera = self._factory()
            except Fault:
                self._stopping.wait(REOPEN_EVERY_S)
                continue
            try:
                self._read(camera, generation)
            except Fault:
                LOG.warning("camera stopped; it will be opened again")
            finally:
                camera.close()
            self._stopping.wait(REOPEN_EVERY_S)

    def _read(self, camera: Camera, generation: int) -> None:
        opened_at = time.monotonic()
        before = 0
        while not self._done(generation):
            self._pulse = asked_at = time.monotonic()
            frame = camera.read(0.5)
            if self._done(generation):
                return
            came_at = time.monotonic()
            whole = usable(frame)
            # A number that tells two frames apart; the frame itself is not kept.
            mark = _mark(frame.image) if whole else 0
            if whole and mark != before and came_at - asked_at <= SLOWEST_S:
                self._seen(frame)
            elif came_at - max(self._seen_at, opened_at) > self._lost_after_s:
                return
            before = mark
            del frame
            self._hurry.wait(max(asked_at + IDLE_PERIOD_S - time.monotonic(), 0.0))

    def _done(self, generation: int) -> bool:
        return self._stopping.is_set() or generation != self._generation

    def _seen(self, frame: Frame) -> None:
        with self._lock:
            self._seen_at = time.monotonic()
            back, self._lost = self._lost, False
        if back:
            LOG.info("camera is back")
            self._on_back()
        self._on_frame(frame)

    def _watch_over(self) -> None:
        while not self._stopping.wait(min(0.1, self._lost_after_s / 4)):
            now = time.monotonic()
            with self._lock:
                silent = now - self._seen_at
                newly = silent > self._lost_after_s and not self._lost
                self._lost = self._lost or newly
            if newly:
                LOG.warning("camera lost")
                self._on_lost()
            # A driver that never returns cannot be interrupted: leave its thread behind and open the camera anew.
            hung = now - self._pulse > 2 * self._lost_after_s
            if hung and sum(thread.is_alive() for thread in self._threads) < STUCK_MOST:
                LOG.warning("camera hangs; opening it in a new thread")
                self._begin()


def usable(frame: Frame) -> bool:
    """Whether a frame is a whole colour picture of a size that can be used, not black and not noise."""
    image = frame.image
    colour = image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3  # noqa: PLR2004 - H x W x channels
    if not colour:
        return False
    short, long = sorted(image.shape[:2])
    if short < LEAST_SIDE or long > min(MOST_SIDE, WIDEST * short):
        return False
    return int(image[::16, ::16].max()) > BLACK and not _noise(image)


def _noise(image: Image) -> bool:
    """Whether neighbours have nothing to do with each other: what a broken cable or a torn stream gives."""
    rows = image[::16, :, 1].astype(np.float32)
    spread = float(rows.std())
    return spread > LOUD and float(np.abs(np.diff(rows)).mean()) > NOISE * spread


def _mark(image: Image) -> int:
    """A checksum of every eighth pixel and line: a live sensor's noise never gives the same one twice in a row."""
    return zlib.crc32(image[::8, ::8].tobytes())
