"""What the layers make of one drawn presentation, frame by frame, as the recogniser would see it."""

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from attacks_kit import STEP_S
from living_kit import Face, lid_at, live_frame, sway
from vision_kit import everybody

from kiosk.vision import challenge, micro_motion, repeats
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.challenge import Act, Answer, Challenge, Seen
from kiosk.vision.film import SUBJECTS
from kiosk.vision.gallery import mean_embedding
from kiosk.vision.liveness import complete
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.presentation import Appearance
from kiosk.vision.recogniser import counted

ACCEPT = 0.50
DECIDING = 3


@dataclass(frozen=True, slots=True)
class Watched:
    """The usable frames of one presentation, its fused scores, and whether the first three match the victim."""

    frames: tuple[Appearance, ...]
    fused: tuple[float, ...]
    matches: bool


def watch(pipeline: Pipeline, frames: Iterable[tuple[float, Image]], victim: str) -> Watched:
    """Look at each frame; embed only the three that would decide."""
    kept: list[Appearance] = []
    fused: list[float] = []
    crops: list[Image] = []
    for t, image in frames:
        faces = pipeline.detect(image)
        if counted(faces) is not None:
            continue
        quality, crop = pipeline.quality(image, faces[0])
        if quality.defect is not None:
            continue
        score = math.nan if pipeline._liveness is None else pipeline._liveness.score(image, faces[0].box)
        whole = complete(image, faces[0].box)
        kept.append(Appearance(t, score, micro_motion.trace(crop), faces[0].points, whole))
        if pipeline._minifas is not None:
            bounded = min(max(score, 1e-6), 1 - 1e-6)
            logit = pipeline._minifas.difference(image, faces[0].box) + 0.5 * math.log(bounded / (1 - bounded))
            fused.append(1 / (1 + math.exp(-logit)))
        crops = [*crops, crop][:DECIDING]
    probes = [pipeline.embed(each) for each in crops]
    matches = len(probes) == DECIDING and float(mean_embedding(probes).vector @ reference(pipeline, victim)) >= ACCEPT
    return Watched(tuple(kept), tuple(fused), matches)


@functools.cache
def reference(pipeline: Pipeline, who: str) -> Floats:
    """The mean of somebody's clean portraits."""
    images = everybody().portrait(who)
    return mean_embedding([pipeline.analyse(each, pipeline.detect(each)[0]).embedding for each in images]).vector


def obeying(seed: int, act: Act) -> Callable[[float], Image]:
    """A made-up person who does what is asked, from half a second on."""
    who, pose = SUBJECTS[seed % len(SUBJECTS)], sway(seed)
    random = np.random.default_rng(seed)
    begins, turn = float(random.uniform(0.5, 1.0)), float(random.uniform(24, 30)) * (1 if act is Act.TURN_LEFT else -1)

    def frame_at(t: float) -> Image:
        lids = lid_at(t - begins, 0.4) + lid_at(t - begins - 0.8, 0.4)
        round_trip = math.sin(math.pi * min(max((t - begins) / 1.6, 0.0), 1.0))
        face = Face(lids=lids) if act is Act.BLINK else Face(turn=turn * round_trip)
        return live_frame(who, pose(t), face, t)

    return frame_at


def answers(
    pipeline: Pipeline, frame_at: Callable[[float], Image], step_s: float = STEP_S
) -> tuple[dict[Act, Answer | None], float | None]:
    """How each act would end, asked at the beginning (None where it cannot be asked), and the period in that time."""
    running: dict[Act, Challenge | Answer | None] = {}
    times, traces = [], []
    for number in range(math.ceil(challenge.LIMIT_S / step_s) + 2):
        t = number * step_s
        image = frame_at(t)
        faces = pipeline.detect(image)
        seen = None
        if counted(faces) is None:
            quality, crop = pipeline.quality(image, faces[0])
            seen = Seen(t, quality.yaw, pipeline.eyes_closed(image, faces[0]), alike=True)
            trace = micro_motion.trace(crop)
            if trace is not None:
                times.append(t)
                traces.append(trace)
        if not running:
            running = {act: None if seen is None else _asked(act, seen) for act in Act}
            continue
        for act, state in running.items():
            if isinstance(state, Challenge):
                running[act] = challenge.step(state, seen, t)
    ended = {act: state if isinstance(state, Answer) else None for act, state in running.items()}
    return ended, repeats.period(times, traces)


def _asked(act: Act, seen: Seen) -> Challenge | None:
    class Chosen:
        def choice(self, seq: tuple[Act, ...], /) -> Act:
            return act if act in seq else seq[0]

    asked = challenge.asked(seen.taken_at, seen.yaw, seen.closed, Chosen())
    return asked if asked.act is act else None
