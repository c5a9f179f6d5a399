"""What a gallery's own scores say about strangers: left out one by one, fitted, bounded, never too good to be true."""

import functools
from dataclasses import dataclass

import numpy as np
import pytest

from kiosk.evaluation.budget import WORST, Advice, Use, budget
from kiosk.evaluation.calibration import HIGHEST, Outcome, calibrate
from kiosk.evaluation.made_up import OFFICE, SAME_DAY, Population, Spread
from kiosk.evaluation.tail import COUNTED, FEWEST, Tail, fpir, non_mated, student
from kiosk.vision.arrays import Floats
from kiosk.vision.embed import Embedding
from kiosk.vision.gallery import Gallery
from kiosk.vision.manifest import Thresholds

MIXED = Spread(0.010, 0.106, 0.02)
"""People of everywhere: LFW's spread."""
DEFAULT = Thresholds(0.50, 0.43, 0.05, "", "")


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A reference as the store gives it."""

    person: str
    vector: Floats
    model: str = "made-up"


@functools.cache
def of_spread(spread: Spread) -> Population:
    random = np.random.default_rng(1)
    rows = random.standard_normal((8, 512)).astype(np.float32)
    rows = np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
    return Population.about(rows, spread, random)


def population(spread: Spread = OFFICE, seed: int = 3) -> tuple[Population, np.random.Generator]:
    return of_spread(spread), np.random.default_rng(seed)


def people(count: int, spread: Spread = OFFICE, seed: int = 3) -> Floats:
    made, random = population(spread, seed)
    return made.draw(count, random)


def true_fpir(persons: Floats, strangers: Floats, threshold: float) -> float:
    """What happens to many strangers before this very gallery."""
    centre = persons.sum(axis=0) / np.float32(len(persons) + 5)
    columns, probes = persons - centre, strangers - centre
    columns /= np.linalg.norm(columns, axis=1, keepdims=True)
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    return float(((probes @ columns.T) >= threshold).any(axis=1).mean())


def test_a_person_left_out_is_scored_as_the_door_would_score_them() -> None:
    persons = people(12)
    scores = non_mated(persons)
    for left_out in (0, 5, 11):
        others = [Kept(str(i), row) for i, row in enumerate(persons) if i != left_out]
        at_the_door = Gallery.build(others, "made-up", 512).scores(Embedding(persons[left_out], "made-up"))
        assert np.allclose(np.delete(scores[left_out], left_out), at_the_door, atol=1e-5)
        assert np.isnan(scores[left_out, left_out])


def test_leaving_out_keeps_the_scores_from_coming_out_too_low() -> None:
    persons = people(10)
    centre = persons.sum(axis=0) / np.float32(15)
    rows = persons - centre
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with_their_own_pull = (rows @ rows.T)[~np.eye(10, dtype=bool)].mean()
    assert np.nanmean(non_mated(persons)) > with_their_own_pull + 0.02


def test_the_store_s_rotation_changes_no_figure() -> None:
    persons = people(30)
    turn = np.linalg.qr(np.random.default_rng(4).standard_normal((512, 512)))[0].astype(np.float32)
    plain, turned = budget(persons, 0.5, Use(100)), budget(persons @ turn.T, 0.5, Use(100))
    assert plain.fpir == pytest.approx(turned.fpir, rel=0.01)
    assert plain.fpir_bound == pytest.approx(turned.fpir_bound, rel=0.02)


@pytest.mark.parametrize("count", [10, 30, 120])
@pytest.mark.parametrize("spread", [OFFICE, MIXED], ids=["office", "mixed"])
def test_the_bound_holds_for_strangers_who_were_never_enrolled(count: int, spread: Spread) -> None:
    made, random = population(spread, seed=count)
    strangers = made.draw(1000, random)
    held = 0
    for _ in range(20):
        persons = made.draw(count, random)
        found = budget(persons, 0.45, Use(100))
        assert found.fpir is not None
        assert found.fpir <= found.fpir_bound
        held += true_fpir(persons, strangers, 0.45) <= found.fpir_bound
    # At 95 % each, fewer than 16 of 20 would happen once in 400 times.
    assert held >= 16


def test_the_estimate_is_right_within_a_factor_where_there_are_people_enough() -> None:
    made, random = population()
    persons, strangers = made.draw(300, random), made.draw(4000, random)
    found = budget(persons, 0.45, Use(100))
    truth = true_fpir(persons, strangers, 0.45)
    assert found.fpir is not None
    assert truth / 2 < found.fpir < truth * 3


def test_scores_that_were_counted_are_believed_before_the_fit() -> None:
    persons = people(60)
    scattered = Tail.of(persons)
    for threshold in (0.0, 0.1, 0.2, 0.3):
        assert scattered.reached(threshold) >= COUNTED
        assert scattered.fmr(threshold) == scattered.reached(threshold) / scattered.comparisons
    persons[1:6] = persons[0] * 0.9 + persons[1:6] * 0.4
    persons /= np.linalg.norm(persons, axis=1, keepdims=True)
    tail = Tail.of(persons)
    assert tail.reached(0.5) >= COUNTED
    assert tail.fmr(0.5) == tail.reached(0.5) / (60 * 59)
    assert tail.fmr_bound(0.5) > tail.fmr(0.5)
    assert budget(persons, 0.5, Use(100)).advice is Advice.VERIFICATION


@pytest.mark.parametrize("count", range(FEWEST))
def test_few_people_promise_nothing(count: int) -> None:
    found = budget(people(max(count, 1))[:count], 0.5, Use(40))
    assert (found.people, found.fpir, found.a_year, found.every_punch) == (count, None, None, None)
    assert found.fpir_bound >= 3 / FEWEST
    assert found.advice is Advice.UNKNOWN
    with pytest.raises(ValueError, match=f"{count} people"):
        Tail.of(people(FEWEST)[:count])


def test_the_year_is_attempts_times_rate_and_advice_follows_one_in_five_years() -> None:
    persons = people(100, MIXED)
    for punches in (0.5, 5.0, 5000.0):
        found = budget(persons, 0.55, Use(punches, 0.1, 200))
        assert found.fpir is not None
        assert found.a_year == pytest.approx(found.fpir * punches * 20)
        assert found.a_year_bound == pytest.approx(found.fpir_bound * punches * 20)
        assert found.every_punch == pytest.approx(found.fpir * punches * 200)
    tail = Tail.of(persons)
    bound, rate = fpir(tail.fmr_bound(0.55), 100), fpir(tail.fmr(0.55), 100)
    for use, advice in (
        (Use(0.9 * WORST / bound, 1, 1), Advice.IDENTIFICATION),
        (Use(0.9 * WORST / rate, 1, 1), Advice.UNPROVED),
        (Use(1.1 * WORST / rate, 1, 1), Advice.VERIFICATION),
    ):
        assert budget(persons, 0.55, use).advice is advice


def test_student_s_quantile_is_the_published_one() -> None:
    # Any table: one-sided 95 %.
    for freedom, quantile in ((7, 1.8946), (10, 1.8125), (30, 1.6973), (120, 1.6577)):
        assert student(freedom) == pytest.approx(quantile, rel=0.003)


def references(persons: Floats, spread: Spread, each: int = 3) -> dict[str, list[Floats]]:
    made, random = population(spread)
    return {str(i): list(made.frames(person, SAME_DAY, each, random)) for i, person in enumerate(persons)}


def test_a_mixed_site_keeps_the_pack_s_threshold() -> None:
    found = calibrate(references(people(60, MIXED), MIXED), DEFAULT, target=0.01)
    assert found.outcome is Outcome.DEFAULT_HOLDS
    assert (found.threshold, found.near, found.margin) == (0.50, 0.43, 0.05)
    assert found.own is not None
    assert found.own.trials == 180
    assert found.own.value < 0.05 < 1 - found.own.low


def test_a_homogeneous_site_raises_it_and_near_follows() -> None:
    persons = people(150)
    found = calibrate({str(i): [row] for i, row in enumerate(persons)}, DEFAULT, target=0.01)
    assert found.outcome is Outcome.RAISED
    assert DEFAULT.accept < found.threshold <= HIGHEST
    assert found.threshold - found.near == pytest.approx(0.07)
    assert found.threshold == found.assured
    assert found.own is None
    strangers = people(4000, seed=9)
    made, random = population()
    assert true_fpir(made.draw(150, random), strangers, found.threshold) <= 0.01


@pytest.mark.parametrize("count", [0, 1, 4, 8, 15])
def test_too_few_people_change_nothing(count: int) -> None:
    found = calibrate({str(i): [row] for i, row in enumerate(people(max(count, 1))[:count])}, DEFAULT)
    assert found.outcome is Outcome.TOO_FEW
    assert (found.people, found.threshold, found.near) == (count, 0.50, 0.43)


def test_a_target_beyond_every_usable_threshold_is_said_to_be_so() -> None:
    found = calibrate({str(i): [row] for i, row in enumerate(people(300))}, DEFAULT, target=1e-7)
    assert found.outcome is Outcome.OUT_OF_REACH
    assert found.threshold == 0.50


def test_the_threshold_never_falls_below_the_pack_s() -> None:
    strict = Thresholds(0.58, 0.51, 0.05, "", "")
    found = calibrate({str(i): [row] for i, row in enumerate(people(80, MIXED))}, strict, target=0.2)
    assert (found.outcome, found.threshold) == (Outcome.DEFAULT_HOLDS, 0.58)
    assert (found.estimated, found.assured) == (0.58, 0.58)
