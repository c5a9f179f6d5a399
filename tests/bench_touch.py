"""From a touch to the first changed frame, with camera and recogniser at work: `python tests/bench_touch.py`; no test.

Prints one JSON object: milliseconds from a touch that Qt is given to the first frame that shows what came of it, on the
offscreen platform with software rendering, p50 and p95; how many frames were as before; and what the eye did.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import stage
from office import Office
from PySide6.QtQuick import QQuickView
from touch_kit import Frames, middle, tap
from vision_kit import Kept

from kiosk.config import Config
from kiosk.eye import Eye
from kiosk.flow import events as ev
from kiosk.screens import app, pose
from kiosk.screens.door import Door
from kiosk.screens.preview import PreviewSource

PEOPLE = 500
# What is touched, one after another; each leads to where the next one is.
WAY = ("tap.pin", "key.7", "key.4", "key.letters", "key.K", "key.letters", "key.cancel", "language.en", "language.id")


@dataclass
class Busy:
    """Looks without end at the sample film."""

    source: PreviewSource
    looks: int = 0
    decisions: int = 0
    pictures: int = 0
    eye: Eye = field(init=False)

    def begin(self, data: Path) -> None:
        self.eye = Eye(Config(data), post=lambda _event: None, show=self.show)
        if self.eye.space is None:
            raise SystemExit("no model pack is installed")
        space, dimension = self.eye.space
        vectors = np.random.default_rng(7).standard_normal((PEOPLE, dimension)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        self.eye.start()
        self.eye.enrol([Kept(f"p{n}", vector, space) for n, vector in enumerate(vectors)], None)
        self.again()

    def show(self, image: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> None:
        self.pictures += 1
        self.source.show(image)

    def again(self) -> None:
        self.looks += 1
        self.eye.look(self.looks, None, self.answered)

    def answered(self, event: ev.Event) -> None:
        if isinstance(event, ev.FaceDecided):
            self.decisions += 1
            self.again()


@dataclass
class Told:
    """What was measured."""

    times: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in dict.fromkeys(WAY)})
    unchanged: int = 0

    def summary(self) -> dict[str, object]:
        whole = [each for times in self.times.values() for each in times]
        return {
            "touches": len(whole),
            "unchanged": self.unchanged,
            "all": _percentiles(whole),
            **{name: _percentiles(times) for name, times in self.times.items()},
        }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    found = np.percentile(np.array(seconds) * 1000, (50, 95, 100))
    return {name: round(float(value), 1) for name, value in zip(("p50", "p95", "most"), found, strict=True)}


@contextmanager
def door(layout: str, source: PreviewSource) -> Iterator[tuple[QQuickView, Door]]:
    """A window on a door that answers at once and records nothing."""
    app.application()
    shown = Door(Office({}).ports(), pose.still_door()._around)
    window = app.build(shown, pose.still_pages(), source, size=pose.LAYOUTS[layout])
    window.show()
    pose.settle(200)
    try:
        yield window, shown
    finally:
        app.dismantle(window)
        pose.settle(20)


def measure(touches: int, layout: str = "landscape", *, watching: bool = True) -> dict[str, object]:
    """Touch so often; `watching` keeps the eye at work meanwhile."""
    source, told = PreviewSource(), Told()
    busy = Busy(source)
    with tempfile.TemporaryDirectory() as data, door(layout, source) as (window, shown):
        if watching:
            busy.begin(Path(data))
            pose.settle(1500)
        frames = Frames(window, shown.viewChanged)
        try:
            for turn in range(touches):
                name = WAY[turn % len(WAY)]
                place, before = middle(window, name), window.grabWindow()
                pose.settle(3 + turn % 17)  # a finger comes at any time of a frame
                told.times[name].append(frames.after(partial(tap, window, place)))
                told.unchanged += window.grabWindow() == before
                pose.settle(220 if watching and turn % 40 else 5)  # the page has come, or not yet
        finally:
            if watching:
                busy.eye.stop()
    return {"layout": layout, "decisions": busy.decisions, "pictures": busy.pictures, **told.summary()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("touches", type=int, nargs="?", default=520)
    parser.add_argument("--layout", choices=tuple(pose.LAYOUTS), default="landscape")
    parser.add_argument("--resting", action="store_true", help="without camera and recogniser")
    chosen = parser.parse_args()
    with stage.watched():
        found = measure(chosen.touches, chosen.layout, watching=not chosen.resting)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
