"""Gives every rate its bounds; refuses a rate without a trial."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Counts: TypeAlias = npt.NDArray[np.int64]
"""How often, int64."""
Reals: TypeAlias = npt.NDArray[np.float64]
"""Rates and weights of the statistics; vectors and scores are float32."""

CONFIDENCE: Final = 0.95
RESAMPLES: Final = 1000
"""Bootstrap samples: enough for the second digit of a 95 % bound (Efron and Tibshirani, 1993, chapter 13)."""
SEED: Final = 19795
"""Of everything that is drawn at random here, so that a second run prints the same figures (ISO/IEC 19795)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A proportion with its 95 % interval.

    Attributes:
        value: 0..1.
        low: lower bound. high: upper bound.
        events: how often it happened. trials: of how many.
    """

    value: float
    low: float
    high: float
    events: int
    trials: int

    @property
    def interval(self) -> tuple[float, float]:
        """Both bounds."""
        return self.low, self.high


def wilson(k: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the two-sided Wilson score interval of `k` of `n` independent trials (JASA 22(158), 1927).

    Raises:
        ValueError: without a trial, or when `k` is not within 0..`n`.
    """
    if n < 1 or not 0 <= k <= n:
        raise ValueError(f"{k} of {n}")
    low, high = _score_interval(k / n, n, confidence)
    return (0.0 if k == 0 else low), (1.0 if k == n else high)


def _score_interval(p: float, n: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return middle - half, middle + half


def rule_of_three(n: int) -> float:
    """Return the 95 % upper bound of a rate that was zero in `n` independent trials: 3/n, at most 1.

    Source: Hanley and Lippman-Hand, JAMA 249(13), 1983.

    Raises:
        ValueError: without a trial.
    """
    if n < 1:
        raise ValueError("no trial")
    return min(3 / n, 1.0)


def independent(events: int, trials: int) -> Rate:
    """A rate over independent trials: Wilson's interval, the rule of three where nothing or everything happened."""
    low, high = wilson(events, trials)
    if events == 0:
        high = rule_of_three(trials)
    if events == trials:
        low = 1 - rule_of_three(trials)
    return Rate(events / trials, low, high, events, trials)


@lru_cache(maxsize=4)
def weights(people: int, resamples: int = RESAMPLES, seed: int = SEED) -> Reals:
    """Draw `people` people with replacement, `resamples` times: resamples x people, how often each was drawn.

    The same numbers give the same table, which is kept for the next rate and may not be written to.
    """
    dice = np.random.default_rng(seed)
    even = np.full(people, 1 / max(people, 1))
    drawn = dice.multinomial(people, even, size=resamples).astype(np.float64)
    drawn.flags.writeable = False
    return drawn


def over_people(events: Counts, trials: Counts) -> Rate:
    """A rate whose trials hang together by person: bootstrap over people, percentile method.

    Where nothing (or everything) happened the bootstrap cannot widen; then the rule of three over the people who had a
    trial stands in, which is the honest count of what is independent. One person alone bounds nothing: 0 to 1.

    Args:
        events: for each person, how often it happened.
        trials: for each person, of how many.

    Raises:
        ValueError: without a trial.
    """
    took_part = trials > 0
    hits, tries = events[took_part], trials[took_part]
    if not tries.size:
        raise ValueError("no trial")
    k, n = int(hits.sum()), int(tries.sum())
    if k in {0, n}:
        bound = rule_of_three(tries.size)
        return Rate(k / n, 0.0 if k == 0 else 1 - bound, bound if k == 0 else 1.0, k, n)
    if tries.size == 1:
        return Rate(k / n, 0.0, 1.0, k, n)
    drawn = weights(tries.size)
    return Rate(k / n, *clustered(k / n, (drawn @ hits) / (drawn @ tries), n), k, n)


def no_narrower(rate: Rate, people: int) -> Rate:
    """Widen a rate over people so that what did happen is bounded no tighter than what never happened would be.

    A bootstrap over few people, one of whom has all the events, says 0 to 0.6 % where none at all says 0 to 3/people.
    """
    bound = rule_of_three(people)
    low = min(rate.low, 1 - bound) if rate.events else rate.low
    high = max(rate.high, bound) if rate.events < rate.trials else rate.high
    return Rate(rate.value, low, high, rate.events, rate.trials)


def clustered(value: float, resampled: Reals, trials: int) -> tuple[float, float]:
    """The bounds of a rate whose resamples over people are known.

    With few people, or few who have any event, percentiles are too narrow. So they are joined with Wilson's interval
    for as many independent trials as would spread like the resamples (effective sample size: Korn and Graubard, Survey
    Methodology 24(2), 1998), at most `trials`.
    """
    known = resampled[np.isfinite(resampled)]
    low, high = percentiles(known)
    spread = float(known.var()) if known.size else 0.0
    if spread > 0 and 0 < value < 1:
        wide = _score_interval(value, min(value * (1 - value) / spread, trials))
        low, high = min(low, wide[0]), max(high, wide[1])
    return max(min(low, value), 0.0), min(max(high, value), 1.0)


def percentiles(values: Reals, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the bounds that leave out half of the rest on either side; NaN counts as not drawn."""
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0, 1.0
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def bootstrap(statistic: Callable[[Reals], float], people: int, resamples: int = RESAMPLES) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic over people.

    Args:
        statistic: from how often each person was drawn (float64[people]) to a number.
        people: how many there are.
        resamples: how often they are drawn.
    """
    return percentiles(np.array([statistic(drawn) for drawn in weights(people, resamples)]))
