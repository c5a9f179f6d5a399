"""The bounds of a rate: against values that were computed another way."""

import math

import numpy as np
import pytest

from kiosk.evaluation.intervals import (
    bootstrap,
    clustered,
    independent,
    no_narrower,
    over_people,
    rule_of_three,
    wilson,
)
from kiosk.evaluation.open_set import Cell

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


def test_one_person_with_all_the_errors_does_not_make_the_bounds_narrow() -> None:
    # Ten of 2,400 probes, all of one of eight people: percentiles alone would end at 10 of 800.
    events = np.zeros(8, np.int64)
    events[3] = 10
    rate = over_people(events, np.full(8, 300))
    assert rate.low < 0.001
    assert rate.high > 0.015
    # A rate of one whose resamples differ, as where each sets its own threshold.
    assert clustered(1.0, np.array([0.9, 0.95, 1.0]), 50) == pytest.approx((0.9, 1.0), abs=0.01)
    # As many of 2,400 spread over everybody: no wider than independent trials.
    spread = over_people(np.array([1, 1, 1, 1, 1, 1, 2, 2]), np.full(8, 300))
    assert spread.interval == pytest.approx(wilson(10, 2400), abs=5e-4)


def test_the_bootstrap_of_a_mean_has_the_width_that_theory_gives() -> None:
    values = np.random.default_rng(8).normal(3, 2, 400)
    low, high = bootstrap(lambda drawn: float(drawn @ values / drawn.sum()), len(values))
    half = Z * values.std() / math.sqrt(len(values))
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)
    assert low < values.mean() < high
    assert bootstrap(lambda drawn: float(drawn @ values), len(values)) == bootstrap(
        lambda drawn: float(drawn @ values), len(values)
    )


def test_what_happened_is_bounded_no_tighter_than_what_never_happened() -> None:
    trials = np.full(8, 600)
    highest = [no_narrower(over_people(np.array([each, *[0] * 7]), trials), 8).high for each in (0, 1, 6, 60, 300, 600)]
    assert highest == sorted(highest)
    lowest = [
        no_narrower(over_people(600 - np.array([each, *[0] * 7]), trials), 8).low for each in (0, 1, 6, 60, 300, 600)
    ]
    assert lowest == sorted(lowest, reverse=True)


def test_a_cell_of_the_open_set_with_an_event_is_bounded_by_its_people() -> None:
    many, none = np.full(8, 600), np.zeros(8, np.int64)
    one = np.array([6, *[0] * 7])
    happened, never = (Cell(4, True, 1, 0.5, events, many, events, many) for events in (one, none))  # noqa: FBT003
    assert happened.fpir.high >= never.fpir.high
    assert happened.fnir.high >= never.fnir.high
