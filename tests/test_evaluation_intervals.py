"""The bounds of a rate: against values that were computed another way."""

import math

import numpy as np
import pytest

from kiosk.evaluation.intervals import bootstrap, independent, over_people, rule_of_three, wilson

# Roots p of (k/n - p)^2 = z^2 p (1 - p) / n, z = 1.959963984540054: a quadratic that is solved below.
Z = 1.959963984540054


@pytest.mark.parametrize(("k", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (3, 1000), (2964, 3000), (1, 3812)])
def test_wilson_s_bounds_are_where_the_score_test_turns(k: int, n: int) -> None:
    roots = np.roots([1 + Z * Z / n, -(2 * k / n + Z * Z / n), (k / n) ** 2])
    assert wilson(k, n) == pytest.approx(tuple(sorted(roots.real)), abs=1e-12)


def test_wilson_s_bounds_of_a_published_example() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_the_rule_of_three_bounds_what_never_happened() -> None:
    for n in (10, 100, 3812):
        # The exact bound is where (1 - p)^n = 0.05.
        exact = 1 - 0.05 ** (1 / n)
        assert exact <= rule_of_three(n) <= exact * 1.16
    assert rule_of_three(1) == 1


def test_a_rate_without_a_trial_is_refused() -> None:
    for refused in (
        lambda: wilson(0, 0),
        lambda: wilson(3, 2),
        lambda: rule_of_three(0),
        lambda: over_people(np.zeros(3, np.int64), np.zeros(3, np.int64)),
    ):
        with pytest.raises(ValueError, match=r"no trial|of"):
            refused()


def test_a_rate_that_is_zero_or_one_still_has_two_bounds() -> None:
    assert independent(0, 100).interval == (0, 0.03)
    assert independent(100, 100).interval == (0.97, 1)
    none = over_people(np.zeros(20, np.int64), np.full(20, 500))
    assert (none.value, none.low, none.high, none.trials) == (0, 0, 3 / 20, 10_000)
    every = over_people(np.full(20, 500), np.full(20, 500))
    assert every.interval == (1 - 3 / 20, 1)
    assert over_people(np.array([3]), np.array([10])).interval == (0, 1)


def test_people_who_differ_make_the_interval_wider_than_their_pictures_say() -> None:
    # Ten of a hundred people always fail: a hundred pictures each are no hundred independent trials.
    events = np.where(np.arange(100) < 10, 100, 0)
    rate = over_people(events, np.full(100, 100))
    low, high = wilson(1000, 10_000)
    assert rate.value == 0.1
    assert rate.high - rate.low > 5 * (high - low)
    assert rate.interval == pytest.approx(wilson(10, 100), abs=0.02)


def test_the_bootstrap_of_a_mean_has_the_width_that_theory_gives() -> None:
    values = np.random.default_rng(8).normal(3, 2, 400)
    low, high = bootstrap(lambda drawn: float(drawn @ values / drawn.sum()), len(values))
    half = Z * values.std() / math.sqrt(len(values))
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)
    assert low < values.mean() < high
    assert bootstrap(lambda drawn: float(drawn @ values), len(values)) == bootstrap(
        lambda drawn: float(drawn @ values), len(values)
    )
