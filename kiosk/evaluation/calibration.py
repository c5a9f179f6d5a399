"""Finds a site's own threshold from the scores of its own people; refuses to go below the pack's, or to guess from few.

The threshold is the least at which a search by a stranger is accepted no more often than the target, with 95 %
confidence. Where that lies further above the estimate than the margin between two people is wide, too few people are
enrolled to say: the pack's threshold stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from kiosk.evaluation.intervals import Rate, over_people
from kiosk.evaluation.tail import FEWEST, Tail, fpir
from kiosk.vision.arrays import Floats
from kiosk.vision.gallery import SHRINK
from kiosk.vision.manifest import Thresholds

TARGET: Final = 0.001
"""Share of strangers' searches that may be accepted; centred 0.50 gave 0 to 0.1 % on all sets (recognition.md)."""
HIGHEST: Final = 0.60
"""No threshold above: at 0.55 one frame in twelve of people's own faces was refused (NUAA, recognition.md)."""
_STEP: Final = 0.01


class Outcome(StrEnum):
    """What was found."""

    TOO_FEW = "too_few"
    """The bound is too wide; the pack's threshold stays."""
    DEFAULT_HOLDS = "default_holds"
    """The pack's threshold meets the target here."""
    RAISED = "raised"
    """This site needs a higher one."""
    OUT_OF_REACH = "out_of_reach"
    """No usable threshold meets the target: the pack's stays, and verification is advised."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A site's thresholds.

    Attributes:
        people: enrolled in this embedding space. comparisons: non-mated scores that were looked at.
        target: FPIR that was asked for.
        outcome: what was found.
        estimated: threshold at which the target is expected to be met; none where nothing can be fitted.
        assured: threshold at which it is met with 95 % confidence; likewise.
        threshold: least score of a match to use. near: of a near match. margin: least lead over the second person.
        own: share of people's own references that would score below `threshold` against their other ones; none
            without any person who has two.
    """

    people: int
    comparisons: int
    target: float
    outcome: Outcome
    estimated: float | None
    assured: float | None
    threshold: float
    near: float
    margin: float
    own: Rate | None


def calibrate(references: Mapping[str, Sequence[Floats]], default: Thresholds, target: float = TARGET) -> Calibration:
    """Calibrate a site.

    Args:
        references: for each person their references, float32[D] of unit length each, at least one.
        default: the pack's thresholds.
        target: FPIR.
    """
    persons = _persons(references)
    if len(persons) < FEWEST:
        outcome, estimated, assured, comparisons = Outcome.TOO_FEW, None, None, len(persons) * max(len(persons) - 1, 0)
    else:
        tail, people = Tail.of(persons), len(persons)
        comparisons = tail.comparisons
        grid = np.round(np.arange(default.accept, 1.0, _STEP), 2)
        estimated = next((float(each) for each in grid if fpir(tail.fmr(each), people) <= target), 1.0)
        assured = next((float(each) for each in grid if fpir(tail.fmr_bound(each), people) <= target), 1.0)
        outcome = _outcome(estimated, assured, default)
    threshold = assured if outcome is Outcome.RAISED and assured is not None else default.accept
    near = round(threshold - (default.accept - default.near), 4)
    own = _own(references, persons, threshold)
    return Calibration(
        len(persons), comparisons, target, outcome, estimated, assured, threshold, near, default.margin, own
    )


def _outcome(estimated: float, assured: float, default: Thresholds) -> Outcome:
    if estimated > HIGHEST:
        return Outcome.OUT_OF_REACH
    if assured - estimated > default.margin:
        return Outcome.TOO_FEW
    if assured > HIGHEST:
        return Outcome.OUT_OF_REACH
    return Outcome.DEFAULT_HOLDS if assured <= default.accept else Outcome.RAISED


def _persons(references: Mapping[str, Sequence[Floats]]) -> Floats:
    table = np.array([np.mean(each, axis=0) for each in references.values()], np.float32)
    return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True), np.float32) if references else table


def _own(references: Mapping[str, Sequence[Floats]], persons: Floats, threshold: float) -> Rate | None:
    """Compare each reference with the mean of its person's others, centred as at the door."""
    if not len(persons):
        return None
    centre = persons.sum(axis=0) / np.float32(len(persons) + SHRINK)
    below, tries = [], []
    for each in references.values():
        table = np.array(each, np.float32)
        count = len(table) if len(table) > 1 else 0
        others = (table.sum(axis=0) - table) / np.float32(max(count - 1, 1))
        probes, rest = table - centre, others - centre
        lengths = np.linalg.norm(probes, axis=1) * np.linalg.norm(rest, axis=1)
        scores = (probes * rest).sum(axis=1) / np.maximum(lengths, 1e-6)
        below.append(int((scores < threshold).sum()) if count else 0)
        tries.append(count)
    if not any(tries):
        return None
    return over_people(np.array(below, np.int64), np.array(tries, np.int64))
