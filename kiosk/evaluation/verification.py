"""Turns comparison scores into error rates; refuses a rate at an FMR that the number of comparisons cannot show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from kiosk.evaluation.intervals import Counts, Rate, Reals
from kiosk.vision.arrays import Floats

MISSING: Final = -2.0
"""The score of a comparison in which a face was not found: below every cosine, so it never matches."""
BINS: Final = 65_536
"""Of the histograms over -1..1: 3e-5 wide."""
COARSE: Final = 512
"""Bins of the histograms that are resampled: 0.004 wide."""
EXPONENTS: Final = (2, 3, 4, 5)
"""FMR 1e-2 to 1e-5."""


@dataclass(frozen=True, slots=True)
class Operating:
    """The share of mated comparisons that match where the false match rate is 10**-exponent.

    Attributes:
        exponent: 2 for FMR 1e-2.
        threshold: the least score at which no more than that share of the non-mated comparisons match.
        tar: true accept rate (1 - FNMR) there, with its bounds.
    """

    exponent: int
    threshold: float = field(repr=False)
    tar: Rate

    @property
    def name(self) -> str:
        """`1e-3`."""
        return f"1e-{self.exponent}"


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Cross-validated accuracy.

    Attributes:
        mean: over the folds. error: its standard error. folds: how many. threshold: mean of the chosen ones.
    """

    mean: float
    error: float
    folds: int
    threshold: float = field(repr=False)


def histogram(scores: Floats, bins: int = BINS) -> Counts:
    """Count scores of -1..1 in equal bins; what lies outside counts at the end."""
    return np.bincount(binned(scores, bins), minlength=bins).astype(np.int64)


def binned(scores: Floats, bins: int = BINS) -> "np.ndarray[tuple[int, ...], np.dtype[np.int32]]":
    """The bin of each score, int32."""
    return np.asarray(np.clip((scores + np.float32(1)) * np.float32(bins / 2), 0, bins - 1), np.int32)


def auc(mated: Floats, non_mated: Floats) -> float:
    """The probability that a mated score is above a non-mated one, ties counted half (Hanley and McNeil, 1982)."""
    ranked = np.sort(non_mated)
    below = np.searchsorted(ranked, mated, "left").astype(np.float64).sum()
    not_above = np.searchsorted(ranked, mated, "right").astype(np.float64).sum()
    return float((below + not_above) / 2 / (len(mated) * len(non_mated)))


def auc_of_histograms(mated: Reals | Counts, non_mated: Reals | Counts) -> Reals:
    """The same from histograms over the last axis, one bin being a tie."""
    below = np.cumsum(non_mated, axis=-1) - non_mated
    wins = (mated * (below + non_mated / 2)).sum(axis=-1)
    return np.asarray(wins / (mated.sum(axis=-1) * non_mated.sum(axis=-1)), np.float64)


def eer_of_histograms(mated: Reals | Counts, non_mated: Reals | Counts) -> Reals:
    """The error rate at which FMR and FNMR meet, interpolated, from histograms over the last axis."""
    fmr, fnmr = rates(mated, non_mated)
    after = np.argmax(fnmr >= fmr, axis=-1)  # the first bin edge from which more is rejected than accepted wrongly
    before = np.maximum(after - 1, 0)

    def at(table: Reals, index: "np.ndarray[tuple[int, ...], np.dtype[np.intp]]") -> Reals:
        return np.take_along_axis(table, np.expand_dims(index, -1), -1)[..., 0]

    gap, step = at(fmr, before) - at(fnmr, before), at(fnmr, after) - at(fmr, after)
    share = np.where(gap + step > 0, gap / np.where(gap + step > 0, gap + step, 1), 0.5)
    return np.asarray(at(fmr, before) + share * (at(fmr, after) - at(fmr, before)), np.float64)


def rates(mated: Reals | Counts, non_mated: Reals | Counts) -> tuple[Reals, Reals]:
    """FMR and FNMR at the lower edge of every bin and above the last: `score >= threshold` matches."""
    zero = np.zeros((*mated.shape[:-1], 1))
    fnmr = np.concatenate([zero, np.cumsum(mated, axis=-1)], axis=-1) / mated.sum(axis=-1, keepdims=True)
    fmr = 1 - np.concatenate([zero, np.cumsum(non_mated, axis=-1)], axis=-1) / non_mated.sum(axis=-1, keepdims=True)
    return fmr, fnmr


def allowed(exponent: int, comparisons: int) -> int | None:
    """How many of the non-mated comparisons may match at FMR 10**-exponent; none if there are too few to tell.

    By the rule of three an FMR of f needs at least 3/f comparisons: with fewer even none matching would not show it.
    """
    return comparisons // 10**exponent if comparisons >= 3 * 10**exponent else None


def threshold_at(highest: Floats, exponent: int, comparisons: int) -> float | None:
    """The least score at which at most 10**-exponent of the non-mated comparisons match, or none.

    Args:
        highest: the highest non-mated scores, descending, one more than may match at least.
        exponent: of the FMR.
        comparisons: how many non-mated comparisons there were.
    """
    count = allowed(exponent, comparisons)
    if count is None or count >= len(highest):
        return None
    return float(np.nextafter(np.float32(highest[count]), np.float32(2)))


def accuracy(scores: Floats, mated: "np.ndarray[tuple[int], np.dtype[np.bool_]]", folds: Sequence[str]) -> Accuracy:
    """Choose the threshold on all folds but one, count right answers on that one; mean and standard error over folds.

    This is the protocol of Labeled Faces in the Wild (Huang et al., 2007: view 2). Of thresholds that are
    equally good on the other folds the middle one is taken.

    Args:
        scores: float32, one a pair.
        mated: whether the pair shows one person.
        folds: the fold of each pair, at least two different ones.
    """
    label = np.asarray(folds)
    right, chosen = [], []
    for fold in sorted(set(folds)):
        held = label == fold
        threshold = best_threshold(scores[~held], mated[~held])
        right.append(float(((scores[held] >= threshold) == mated[held]).mean()))
        chosen.append(threshold)
    error = float(np.std(right, ddof=1) / np.sqrt(len(right)))
    return Accuracy(float(np.mean(right)), error, len(right), float(np.mean(chosen)))


def best_threshold(scores: Floats, mated: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> float:
    """The threshold with the most right answers: midway between two scores, the middle one of equally good ones."""
    order = np.argsort(scores, kind="stable")
    ranked, same = scores[order].astype(np.float64), mated[order]
    # Right answers with the threshold below the first score, then above each score in turn.
    right = np.concatenate([[0], np.cumsum(np.where(same, -1, 1))]) + int(same.sum())
    edges = np.concatenate([[ranked[0] - 1e-3], (ranked[:-1] + ranked[1:]) / 2, [ranked[-1] + 1e-3]])
    apart = np.concatenate([[True], ranked[:-1] < ranked[1:], [True]])
    good = np.flatnonzero(apart & (right == right[apart].max()))
    return float(edges[good[len(good) // 2]])
