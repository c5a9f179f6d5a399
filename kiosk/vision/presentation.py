"""Lets every layer judge the frames of one face and joins what they say; refuses to let one make up for another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from kiosk.vision import micro_motion, planarity, repeats
from kiosk.vision.arrays import Floats
from kiosk.vision.liveness import Bounds, Layer, Liveness, Opinion, Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """What of one frame is compared with others. RAM only.

    Attributes:
        taken_at: seconds.
        score: probability of a live face, 0..1; NaN without.
        trace: from `micro_motion.trace`.
        points: 68 x 2 float32 pixels.
        complete: whether the frame shows the surroundings that a score needs.
    """

    taken_at: float
    score: float = field(repr=False)
    trace: Floats | None = field(default=None, repr=False)
    points: Floats | None = field(default=None, repr=False)
    complete: bool = True


def judge(frames: Sequence[Appearance], whole: Sequence[Appearance], bounds: Bounds) -> Liveness:
    """Join the layers' opinions (docs/presentation-attacks.md).

    Args:
        frames: those that decide, oldest first.
        whole: all frames of this face since it came, oldest first.
        bounds: where scores become verdicts.
    """
    middle, opinion = _score(frames, bounds)
    opinions = [opinion, _motion(frames), _loop(whole), _geometry(frames)]
    return Liveness.of(middle, [each for each in opinions if each is not None])


def _score(frames: Sequence[Appearance], bounds: Bounds) -> tuple[float, Opinion]:
    """Judge the middle score of the frames that show enough; most of them must."""
    shown = [each for each in frames if each.complete]
    scores = [each.score for each in shown if not math.isnan(each.score)]
    middle = median(scores) if scores else math.nan
    if 2 * len(shown) < len(frames):
        return middle, Opinion(Layer.INPUT, Verdict.INPUT_REJECTED)
    return middle, Opinion(Layer.SCORE, bounds.verdict(middle))


def _motion(frames: Sequence[Appearance]) -> Opinion | None:
    """Refuse the same frame again; without movement nobody can tell."""
    traces = [each.trace for each in frames if each.trace is not None]
    if len(traces) < micro_motion.LEAST_FRAMES:
        return None
    if micro_motion.identical(traces):
        return Opinion(Layer.MOTION, Verdict.ATTACK)
    still = micro_motion.stillness(traces) >= micro_motion.STILL
    return Opinion(Layer.MOTION, Verdict.UNDECIDED if still else Verdict.BONA_FIDE)


def _loop(whole: Sequence[Appearance]) -> Opinion | None:
    seen = [(each.taken_at, each.trace) for each in whole if each.trace is not None]
    if not seen or repeats.period([at for at, _ in seen], [trace for _, trace in seen]) is None:
        return None
    return Opinion(Layer.LOOP, Verdict.ATTACK)


def _geometry(frames: Sequence[Appearance]) -> Opinion | None:
    views = [each.points for each in frames if each.points is not None]
    turn = planarity.widest(views) if len(views) > 1 else None
    return None if turn is None else Opinion(Layer.GEOMETRY, turn.verdict)
