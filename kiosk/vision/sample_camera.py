"""Plays the walk-up film as a camera; refuses to pretend that it is one: its name is `sample`."""

import time

from kiosk.vision.camera import Frame, wait_until
from kiosk.vision.film import SampleFilm


class SampleCamera:
    """The film, by the clock: what it shows depends on the time alone, so a slow reader misses frames.

    Args:
        film: what to play; it begins again at its end.
        t0: `time.monotonic()` of the film's beginning; now, unless given.
        fps: frames a second.
    """

    def __init__(self, film: SampleFilm, t0: float | None = None, fps: float = 30.0) -> None:
        self.film = film
        self.t0 = time.monotonic() if t0 is None else t0
        self._period = 1 / fps
        self._due = self.t0

    def read(self, timeout_s: float) -> Frame:
        """Wait for the next frame's time and return it, drawn for that time."""
        now = wait_until(self._due, timeout_s)
        self._due = max(self._due + self._period, now)
        return Frame(self.film.frame_at((now - self.t0) % self.film.duration_s), now)

    def close(self) -> None:
        """Nothing to let go."""
