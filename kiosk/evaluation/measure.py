"""Joins scores, curves and bounds into what is printed of a verification; refuses a figure without its bound."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from kiosk.evaluation.all_pairs import AllPairs, over_pairs_of_people, resampled, tar_at
from kiosk.evaluation.intervals import SEED, Counts, Rate, Reals, independent, over_people, percentiles
from kiosk.evaluation.verification import (
    BINS,
    COARSE,
    EXPONENTS,
    MISSING,
    Accuracy,
    Operating,
    accuracy,
    allowed,
    auc,
    auc_of_histograms,
    eer_of_histograms,
    histogram,
    rates,
    threshold_at,
)
from kiosk.vision.arrays import Floats

Flags: TypeAlias = npt.NDArray[np.bool_]

POINTS: Final = 400
"""Of a curve."""
RESAMPLED_SCORES: Final = 200_000_000
"""Work of a bootstrap: resamples times scores."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and its 95 % bounds."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """FMR and FNMR over thresholds, float64 of one length, FMR falling."""

    threshold: Reals = field(repr=False)
    fmr: Reals = field(repr=False)
    fnmr: Reals = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """What is known of 1:1 comparisons.

    Attributes:
        mated: comparisons of one person. non_mated: of two.
        auc: area under the ROC. eer: equal error rate.
        accuracy: of the cross-validation, where there are folds.
        operating: TAR at each FMR that the number of comparisons can show.
        untold: the FMRs that it cannot, as sentences.
        threshold: of fmr and fnmr, the pack's own.
        fmr: false match rate there. fnmr: false non-match rate there.
        curve: for the DET plot.
    """

    mated: int
    non_mated: int
    auc: Figure
    eer: Figure
    accuracy: Accuracy | None
    operating: tuple[Operating, ...]
    untold: tuple[str, ...]
    threshold: float
    fmr: Rate
    fnmr: Rate
    curve: Curve


def of_pairs(scores: Floats, mated: Flags, folds: Sequence[str] | None, threshold: float) -> Verification:
    """Measure a list of pairs, each taken as an independent trial.

    Args:
        scores: float32, one a pair; `verification.MISSING` where a face was not found.
        mated: whether the pair shows one person; both kinds occur.
        folds: the fold of each pair, or none.
        threshold: of the pack.
    """
    own, other = scores[mated], scores[~mated]
    highest = np.sort(other[other > MISSING])[::-1]  # a threshold comes of scores, not of faces that were not found
    operating = []
    for exponent in EXPONENTS:
        least = threshold_at(highest, exponent, len(highest))
        if least is not None:
            operating.append(Operating(exponent, least, independent(int((own >= least).sum()), len(own))))
    fine = histogram(own), histogram(other)
    dice = np.random.default_rng(SEED)
    drawn = [dice.multinomial(len(part), histogram(part, COARSE) / len(part), size=1000) for part in (own, other)]
    return Verification(
        mated=len(own),
        non_mated=len(other),
        auc=_figure(auc(own, other), auc_of_histograms(*drawn), len(own)),
        eer=_figure(float(eer_of_histograms(*fine)), eer_of_histograms(*drawn), len(own)),
        accuracy=None if folds is None else accuracy(scores, mated, folds),
        operating=tuple(operating),
        untold=_untold(len(highest)),
        threshold=threshold,
        fmr=independent(int((other >= threshold).sum()), len(other)),
        fnmr=independent(int((own < threshold).sum()), len(own)),
        curve=_curve(*fine),
    )


def of_people(pairs: AllPairs, threshold: float) -> Verification:
    """Measure all pairs of photographs of people; every interval is a bootstrap over people.

    Args:
        pairs: compared with the same threshold.
        threshold: of the pack.
    """
    count = RESAMPLED_SCORES // max(len(pairs.mated) + len(pairs.tail), 1)
    resamples = min(max(count, 100), 1000)
    operating = []
    for exponent in EXPONENTS:
        least = threshold_at(pairs.tail, exponent, pairs.comparisons)
        if least is not None:
            operating.append(Operating(exponent, least, tar_at(pairs, least, exponent, resamples)))
    fine = histogram(pairs.mated), pairs.non_mated
    drawn = resampled(pairs, 1000)
    with_mated = int((pairs.mated_below[:, 1] > 0).sum())
    return Verification(
        mated=len(pairs.mated),
        non_mated=pairs.comparisons,
        auc=_figure(float(auc_of_histograms(*fine)), auc_of_histograms(*drawn), with_mated),
        eer=_figure(float(eer_of_histograms(*fine)), eer_of_histograms(*drawn), with_mated),
        accuracy=None,
        operating=tuple(operating),
        untold=_untold(pairs.comparisons),
        threshold=threshold,
        fmr=over_pairs_of_people(pairs.above[:, 0], pairs.above[:, 1]),
        fnmr=over_people(pairs.mated_below[:, 0], pairs.mated_below[:, 1]),
        curve=_curve(*fine),
    )


def _figure(value: float, drawn: Reals, trials: int) -> Figure:
    """A figure with percentile bounds; where resampling cannot widen a perfect one, the rule of three does."""
    low, high = percentiles(drawn)
    bound = min(3 / max(trials, 1), 1.0)
    if low == high == 1:
        low = 1 - bound
    if low == high == 0:
        high = bound
    return Figure(value, min(low, value), max(high, value))


def _untold(non_mated: int) -> tuple[str, ...]:
    return tuple(
        f"FMR 1e-{exponent} needs {3 * 10**exponent:,} non-mated comparisons; there are {non_mated:,}."
        for exponent in EXPONENTS
        if allowed(exponent, non_mated) is None
    )


def _curve(mated: Counts, non_mated: Counts) -> Curve:
    """Points of the DET curve, evenly spread over both error rates and no two alike."""
    fmr, fnmr = rates(mated, non_mated)
    edges = np.arange(BINS + 1) / (BINS / 2) - 1
    steps = np.flatnonzero((np.diff(fmr, prepend=2) != 0) | (np.diff(fnmr, prepend=-1) != 0))
    if len(steps) > POINTS:
        # Where a curve on probit axes moves: the logarithms of both rates, each with a floor of one comparison.
        way = np.abs(np.diff(np.log(fmr[steps] + 1 / non_mated.sum()))) + np.abs(
            np.diff(np.log(fnmr[steps] + 1 / mated.sum()))
        )
        along = np.concatenate([[0], np.cumsum(way)])
        steps = steps[np.unique(np.searchsorted(along, np.linspace(0, along[-1], POINTS)))]
    return Curve(edges[steps], fmr[steps], fnmr[steps])
