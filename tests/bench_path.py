"""From a frame to a decision, with and without following, in one run: `python tests/bench_path.py`; no test.

Prints one JSON object: wall and processor time of a frame (ms), the share outside ONNX Runtime, the live recogniser and
its preview's rate, the load of a door with nobody there (percent of a core), and memory over many decisions (MiB).
"""

import argparse
import functools
import gc
import json
import os
import queue
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from sight_kit import Counting, Table, standing, template
from vision_kit import Kept, everybody

from kiosk.vision import recogniser as module
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.camera import Camera, Frame, wait_until
from kiosk.vision.detect import DetectedFace
from kiosk.vision.film import SUBJECTS
from kiosk.vision.gallery import Gallery
from kiosk.vision.packs import load
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.recogniser import Decision, Outcome, Recogniser
from kiosk.vision.sample_camera import SampleCamera
from kiosk.vision.session import Session
from kiosk.vision.track import Finder, Sight

PEOPLE: Final = 500
STAFF: Final = ("astronaut", "t1-1", "t1-2", "t1-5")
WAYS: Final = ("detected", "followed")


class Detecting(Sight):
    """The former way: the detector sees every frame."""

    def faces(self, finder: Finder, frame: Frame, *, detect: bool = False) -> tuple[DetectedFace, ...]:
        del detect
        return finder.detect(frame.image)


class Encoded:
    """A USB camera's part that costs this process time: every frame is a JPEG that has to be decoded."""

    def __init__(self) -> None:
        self._data = encoded()
        self._due = time.monotonic()

    def read(self, timeout_s: float) -> Frame:
        now = wait_until(self._due, timeout_s)
        self._due = max(self._due + 1 / 30, now)
        image = np.asarray(cv2.imdecode(self._data[int(now * 30) % 30], cv2.IMREAD_COLOR), np.uint8)
        return Frame(image, now)

    def close(self) -> None:
        """Nothing to let go."""


@functools.cache
def encoded() -> tuple[Image, ...]:
    """A second of the film's empty door as JPEGs."""
    start = everybody().segments[-1].start_s
    images = [everybody().frame_at(start + i / 30) for i in range(30)]
    return tuple(np.asarray(cv2.imencode(".jpg", image)[1], np.uint8) for image in images)


@dataclass(slots=True)
class Spent:
    """Times of the frames of one way, ms: wall, processor, and processor inside ONNX Runtime."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)

    def told(self) -> dict[str, float]:
        outside = 1 - sum(self.inside) / sum(self.processor)
        return {
            "frames": len(self.wall),
            "wall_p50": _part(self.wall, 50),
            "wall_p95": _part(self.wall, 95),
            "processor_p50": _part(self.processor, 50),
            "processor_p95": _part(self.processor, 95),
            "outside_onnx_runtime_percent": round(100 * outside, 1),
        }


@contextmanager
def way(name: str) -> Iterator[None]:
    """Let attempts that begin meanwhile go one way or the other."""
    module.Sight = Detecting if name == "detected" else Sight  # type: ignore[attr-defined]
    try:
        yield
    finally:
        module.Sight = Sight  # type: ignore[attr-defined]


def gallery(pipeline: Pipeline) -> Gallery:
    """500 people: four of the film and made-up ones."""
    rows = np.random.default_rng(2).standard_normal((PEOPLE - len(STAFF), pipeline.pack.dimension)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    space = pipeline.pack.embedding_space
    kept = [Kept(who, template(who), space) for who in STAFF]
    return Gallery.build(
        [*kept, *(Kept(str(i), row, space) for i, row in enumerate(rows))], space, pipeline.pack.dimension
    )


def path(pipeline: Pipeline, people: Gallery, rounds: int) -> dict[str, object]:
    """Walk-ups frame by frame, the two ways in turn; the last frame of an attempt is the one that decides."""
    spent = {name: Spent() for name in WAYS}
    deciding = {name: Spent() for name in WAYS}
    networks = {name: Counting(pipeline=pipeline) for name in WAYS}
    inside = [0.0]
    with _timed_sessions(inside):
        for turn in range(rounds + 1):
            for who in SUBJECTS:
                frames = standing(who, 34, from_s=0.1 * turn)
                for name in WAYS if turn % 2 else WAYS[::-1]:
                    with way(name):
                        table = Table(networks[name], people)
                        for frame in frames:
                            took = _one(table, frame, inside)
                            ended = isinstance(table.outcomes[-1] if table.outcomes else None, Decision)
                            if turn:  # the first round warms up
                                _note(spent[name], took)
                                _note(deciding[name], took if ended else None)
                            if ended:
                                break
    counts = {name: {"detected": each.detected, "followed": each.followed} for name, each in networks.items()}
    ratio = np.sum(spent["followed"].processor) / np.sum(spent["detected"].processor)
    ratio *= len(spent["detected"].processor) / len(spent["followed"].processor)
    return {
        "frames": {name: each.told() for name, each in spent.items()},
        "deciding_frame": {name: each.told() for name, each in deciding.items()},
        "networks_asked": counts,
        "processor_ratio": round(float(ratio), 3),
    }


def _one(table: Table, frame: Frame, inside: list[float]) -> tuple[float, float, float]:
    inside[0] = 0.0
    wall, processor = time.perf_counter(), time.thread_time()
    table.show([frame])
    return 1000 * (time.perf_counter() - wall), 1000 * (time.thread_time() - processor), 1000 * inside[0]


def _note(spent: Spent, took: tuple[float, float, float] | None) -> None:
    if took is not None:
        for times, value in zip((spent.wall, spent.processor, spent.inside), took, strict=True):
            times.append(value)


@contextmanager
def _timed_sessions(inside: list[float]) -> Iterator[None]:
    plain = Session.run

    def run(self: Session, blob: Floats) -> list[Floats]:
        began = time.thread_time()
        answers = plain(self, blob)
        inside[0] += time.thread_time() - began
        return answers

    Session.run = run  # type: ignore[method-assign]
    try:
        yield
    finally:
        Session.run = plain  # type: ignore[method-assign]


@dataclass(slots=True)
class Visits:
    """What visits of one way took: ms, ms, frames a second, percent of a core."""

    passed: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    fps: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)

    def told(self) -> dict[str, float]:
        return {
            "decisions": len(self.passed),
            "frame_to_decision_p50": _part(self.passed, 50),
            "frame_to_decision_p95": _part(self.passed, 95),
            "first_frame_after_look_p50": _part(self.first, 50),
            "first_frame_after_look_most": _part(self.first, 100),
            "preview_fps_p50": _part(self.fps, 50),
            "preview_fps_least": _part(self.fps, 0),
            "load_percent_p50": _part(self.load, 50),
        }


def live(pipeline: Pipeline, people: Gallery, rounds: int) -> dict[str, object]:
    """The threads as they run at the door, the film at 30 frames a second: an attempt for each who walks up."""
    visits = {name: Visits() for name in WAYS}
    for turn in range(rounds):
        for segment in everybody().segments[1::2]:
            for name in WAYS if turn % 2 else WAYS[::-1]:
                with way(name):
                    _visit(pipeline, people, segment.best_from_s, visits[name])
    return {name: each.told() for name, each in visits.items()}


def _visit(pipeline: Pipeline, people: Gallery, from_s: float, visits: Visits) -> None:
    """Let the door rest for half a second, then let it look at whoever stands there, to the decision."""
    outcomes: queue.Queue[Outcome] = queue.Queue()
    shown: list[float] = []
    t0 = time.monotonic() + 0.5 - from_s
    door = Recogniser(
        lambda: SampleCamera(everybody(), t0), pipeline, people, lambda _: shown.append(time.monotonic()), outcomes.put
    )
    door.start()
    time.sleep(0.5)
    began, processor = time.monotonic(), time.process_time()
    door.look(1)
    while not isinstance(outcome := outcomes.get(timeout=20), Decision):
        pass
    wall = time.monotonic() - began
    visits.load.append(100 * (time.process_time() - processor) / wall)
    door.stop()
    seen = [each - began for each in shown if began < each <= began + wall]
    visits.fps.append(len(seen) / wall)
    visits.first.append(1000 * seen[0])
    visits.passed.append(1000 * outcome.frame_to_decision_s)


def idle(pipeline: Pipeline, people: Gallery, seconds: float) -> dict[str, float]:
    """Percent of a core with nobody there: at rest, at rest as it was (every frame), and while an attempt waits."""
    film = everybody()
    empty = film.segments[-1].start_s

    def film_camera() -> Camera:
        return SampleCamera(film, time.monotonic() - empty)

    told: dict[str, float] = {}
    encoded()
    for name, camera in (("film", film_camera), ("jpeg", Encoded)):
        for state in ("rest", "rest_every_frame", "look", "look_every_frame"):
            with way("detected" if state == "look_every_frame" else "followed"):
                door = Recogniser(camera, pipeline, people, lambda _: None, lambda _: None)
                door.start()
                if state.startswith("look"):
                    door.look(1)
                elif state == "rest_every_frame":
                    door._capture.hurry()
                time.sleep(0.5)
                processor = time.process_time()
                time.sleep(min(seconds, 2.4))
                told[f"{name}_{state}"] = round(100 * (time.process_time() - processor) / min(seconds, 2.4), 1)
                door.stop()
    return told


def memory(pipeline: Pipeline, people: Gallery, decisions: int) -> dict[str, object]:
    """Memory before, during and after many decisions."""
    table = Table(Counting(pipeline=pipeline), people)
    frames = standing("astronaut", 3)
    seen: list[dict[str, float]] = []
    for done in range(decisions + 1):
        if done % max(decisions // 10, 1) == 0:
            gc.collect()
            seen.append({"decisions": done, **_resident()})
            sys.stderr.write(f"{seen[-1]}\n")
        table.look()
        if table.show(frames) is None:
            raise SystemExit("no decision")
    return {"at": seen, "growth_mib": round(seen[-1]["anonymous"] - seen[1]["anonymous"], 2)}


def _resident() -> dict[str, float]:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.endswith("kB")}
    return {
        "anonymous": round(sizes["RssAnon"], 2),
        "resident": round(sizes["VmRSS"], 1),
        "peak": round(sizes["VmHWM"], 1),
    }


def _part(values: list[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.4, help="of each idle state; the film's empty door has 2.4")
    parser.add_argument("--decisions", type=int, default=200)
    parser.add_argument("--models", type=Path, help="a folder of models with add-ons; the installed one unless given")
    parser.add_argument("--only", choices=("path", "live", "idle", "memory"))
    options = parser.parse_args()
    pipeline = Pipeline(load(options.models))
    people = gallery(pipeline)
    parts: dict[str, Callable[[], object]] = {
        "path": lambda: path(pipeline, people, options.rounds),
        "live": lambda: live(pipeline, people, options.rounds),
        "idle": lambda: idle(pipeline, people, options.seconds),
        "memory": lambda: memory(pipeline, people, options.decisions),
    }
    told: dict[str, object] = {"cores": os.cpu_count(), "load_average": os.getloadavg()[0]}
    for name, part in parts.items():
        if options.only in {None, name}:
            told[name] = part()
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
