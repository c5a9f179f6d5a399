"""Says how far the scores of different people reach at one site, and bounds what lies beyond; refuses to name anybody.

Scores of different people are close to normally distributed, also far out: on LFW (29.6 million comparisons,
recognition.md) the thresholds at FMR 1e-3, 1e-4 and 1e-5 are those of normal distributions whose deviations are 0.106,
0.109 and 0.110. A site has few people and many punches, so the tail must be fitted; what makes the fit uncertain is
the number of people, not that of comparisons.
"""

from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Final

import numpy as np

from kiosk.evaluation.intervals import CONFIDENCE, Counts, Reals, independent, over_people
from kiosk.vision.arrays import Floats
from kiosk.vision.gallery import SHRINK

FEWEST: Final = 8
"""People below whom nothing is fitted: the deviation of so few is not known within a factor of two."""
MOST: Final = 1500
"""People who are compared with each other at most, evenly taken: two million comparisons fix a tail well enough."""
HEAVIER: Final = 1.05
"""By so much the bound lets the tail be wider than the bulk; on LFW it is 1.035 (0.110 over 0.106, see above)."""
COUNTED: Final = 10
"""Scores beyond a threshold from which their count alone is the estimate, and the fit is not asked."""
_NORMAL: Final = NormalDist()


def non_mated(persons: Floats) -> Floats:
    """Compare everybody with everybody else as the door would compare a stranger who looks like them.

    Each person in turn is left out of the gallery and of its centre, and then compared with the others: with their own
    vector in the mean they would pull it towards themselves, and every score would come out too low.
    `m_i = (sum - x_i) / (N - 1 + 5)`, `score_ij = cos(x_i - m_i, x_j - m_i)` (recognition.md, site centring).

    Args:
        persons: N x D float32 of unit length, one a person; turned by the store's rotation or not, which changes
            nothing.

    Returns:
        N x N float32: row i holds the scores of i as a stranger, NaN at i itself.
    """
    count = len(persons)
    total = persons.sum(axis=0)
    scores = np.full((count, count), np.nan, np.float32)
    for i, own in enumerate(persons):
        centre = (total - own) / np.float32(max(count - 1, 0) + SHRINK)
        probe = own - centre
        others = persons - centre
        scores[i] = others @ probe / (np.linalg.norm(others, axis=1) * np.linalg.norm(probe))
        scores[i, i] = np.nan
    return scores


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """The scores of different people at one site, and the normal distribution that fits them.

    Attributes:
        scores: from `non_mated`.
        people: how many were compared.
        mean: of the scores. deviation: standard deviation of the scores.
        means: the same without person i, float64[N]. deviations: likewise.
    """

    scores: Floats = field(repr=False)
    people: int
    mean: float
    deviation: float
    means: Reals = field(repr=False)
    deviations: Reals = field(repr=False)

    @classmethod
    def of(cls, persons: Floats) -> "Tail":
        """Compare N x D float32 persons of unit length and fit.

        Raises:
            ValueError: for fewer than `FEWEST` people.
        """
        if len(persons) < FEWEST:
            raise ValueError(f"{len(persons)} people")
        if len(persons) > MOST:
            persons = persons[np.linspace(0, len(persons) - 1, MOST).astype(np.intp)]
        scores, n = non_mated(persons), len(persons)
        known = np.nan_to_num(scores.astype(np.float64))
        sums = known.sum() - known.sum(axis=0) - known.sum(axis=1)
        squares = known * known
        square_sums = squares.sum() - squares.sum(axis=0) - squares.sum(axis=1)
        rest = (n - 1) * (n - 2)
        means = sums / rest
        deviations = np.sqrt(np.maximum(square_sums / rest - means**2, 1e-12))
        every = known.sum() / (n * (n - 1))
        deviation = float(np.sqrt(squares.sum() / (n * (n - 1)) - every**2))
        return cls(scores, n, float(every), max(deviation, 1e-6), means, deviations)

    @property
    def comparisons(self) -> int:
        """How many scores there are."""
        return self.people * (self.people - 1)

    def reached(self, threshold: float) -> int:
        """How many of the scores reach a threshold."""
        return int((self.scores >= threshold).sum())

    def strangers_accepted(self, threshold: float) -> int:
        """How many people, left out of the gallery, would have been taken for one of the others."""
        return int((self.scores >= threshold).any(axis=1).sum())

    def strangers_bound(self, threshold: float) -> float:
        """Bound that share of people with 95 % confidence and without any fit."""
        return independent(self.strangers_accepted(threshold), self.people).high

    def fmr(self, threshold: float) -> float:
        """Estimate the false match rate of one comparison.

        From ten scores beyond the threshold on what was counted; with fewer, what is fitted or counted, the larger.
        """
        counted = self.reached(threshold) / self.comparisons
        if self.reached(threshold) >= COUNTED:
            return counted
        return max(1 - _NORMAL.cdf((threshold - self.mean) / self.deviation), counted)

    def fmr_bound(self, threshold: float) -> float:
        """Bound that rate from above with 95 % confidence.

        How many deviations the threshold lies above the mean is uncertain: its standard error comes from leaving out
        one person at a time (jackknife, Efron and Stein, Annals of Statistics 9(3), 1981, which errs upwards), its
        lower bound from Student's t with as many degrees of freedom as people less one. The tail beyond may be 1.05
        times as wide as the bulk. Scores that were counted beyond the threshold are bounded over people as well, and
        from ten on by that alone.
        """
        counted = self._counted_bound(threshold)
        if self.reached(threshold) >= COUNTED:
            return counted
        z = (threshold - self.mean) / self.deviation
        each = (threshold - self.means) / self.deviations
        error = float(np.sqrt((self.people - 1) * np.mean((each - each.mean()) ** 2)))
        least = (z - student(self.people - 1) * error) / HEAVIER
        return max(1 - _NORMAL.cdf(least), counted, self.fmr(threshold))

    def _counted_bound(self, threshold: float) -> float:
        hits: Counts = (self.scores >= threshold).sum(axis=1).astype(np.int64)
        tries: Counts = np.full(self.people, self.people - 1, np.int64)
        return over_people(hits, tries).high if hits.any() else 0.0


def fpir(fmr: float, people: int) -> float:
    """Rate at which a search among `people` finds somebody: at most the sum over them, whatever hangs together."""
    return min(fmr * people, 1.0)


def student(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided quantile of Student's t (Abramowitz and Stegun 26.7.5; within 1 % from 5 degrees on)."""
    z = _NORMAL.inv_cdf(confidence)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
