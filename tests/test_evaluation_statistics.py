"""Error rates against answers that are known: counted by hand, by brute force, or by the door's own gallery."""

import numpy as np
import pytest
from vision_kit import Kept, person_vectors, probe

from kiosk.evaluation import all_pairs, by_group, measure, open_set, verification
from kiosk.evaluation.all_pairs import Indices, compare
from kiosk.evaluation.intervals import Rate, weights, wilson
from kiosk.evaluation.scoring import scores, templates, unit_rows
from kiosk.vision.arrays import Floats
from kiosk.vision.gallery import Gallery

SPREAD = 0.75


def crowd(people: int, pictures: int, seed: int = 3, shared: float = 0.0) -> tuple[Floats, Indices]:
    """Pictures of made-up people: a direction of their own, one that all share, and noise."""
    dice = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), pictures)
    noise = dice.standard_normal((len(person), 64)).astype(np.float32) / 8
    vectors = person_vectors(people, seed)[person] + np.float32(SPREAD) * noise + np.float32(shared) * noise[0] * 2
    return unit_rows(np.asarray(vectors, np.float32)), person


def brute(vectors: Floats, person: Indices) -> tuple[Floats, Floats]:
    """Scores of mated and of non-mated pairs, one by one."""
    i, j = np.triu_indices(len(person), 1)
    found = np.einsum("nd,nd->n", vectors[i], vectors[j])
    same = person[i] == person[j]
    return found[same], found[~same]


def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order() -> None:
    dice = np.random.default_rng(1)
    own, other = (
        np.clip(np.round(dice.normal(mean, 0.3, count), 1), -0.9, 0.9).astype(np.float32)  # many ties
        for mean, count in ((0.5, 150), (0.2, 170))
    )
    wins = sum(float(a > b) + 0.5 * float(a == b) for a in own for b in other)
    assert verification.auc(own, other) == pytest.approx(wins / (150 * 170), abs=1e-12)
    histograms = verification.histogram(own), verification.histogram(other)
    assert float(verification.auc_of_histograms(*histograms)) == pytest.approx(wins / (150 * 170), abs=1e-12)


def test_the_equal_error_rate_is_where_both_errors_meet() -> None:
    # At 0.5 one of four mated lies below and one of four non-mated above.
    own, other = np.array([0.4, 0.7, 0.8, 0.9], np.float32), np.array([0.6, 0.3, 0.2, 0.1], np.float32)
    rate = verification.eer_of_histograms(verification.histogram(own), verification.histogram(other))
    assert float(rate) == pytest.approx(0.25, abs=1e-9)
    perfect = verification.eer_of_histograms(verification.histogram(own), verification.histogram(other - 0.5))
    assert float(perfect) == 0


def test_a_threshold_lets_through_no_more_than_the_false_match_rate_allows() -> None:
    dice = np.random.default_rng(2)
    other = dice.normal(0, 0.1, 3000).astype(np.float32)
    other[:5] = other.max()  # a tie across the limit
    highest = np.sort(other)[::-1]
    for exponent, most in ((2, 30), (3, 3)):
        least = verification.threshold_at(highest, exponent, 3000)
        assert least is not None
        assert (other >= least).sum() <= most
    assert (other >= np.nextafter(np.float32(least), np.float32(-2))).sum() > most
    assert verification.threshold_at(highest, 4, 3000) is None
    # LFW's 3,000 non-mated pairs are just enough for 1e-3; with one less there is no such figure.
    assert verification.threshold_at(highest[1:], 3, 2999) is None


def test_ten_folds_choose_on_nine_and_count_on_the_tenth() -> None:
    # Fold a separates at 0.5, fold b at 0.3: each is judged by the other's threshold.
    table = [
        ("a", 0.8, True),
        ("a", 0.6, True),
        ("a", 0.4, False),
        ("a", 0.0, False),
        ("b", 0.6, True),
        ("b", 0.4, True),
        ("b", 0.2, False),
        ("b", 0.0, False),
    ]
    marks = np.array([score for _, score, _ in table], np.float32)
    mated = np.array([same for _, _, same in table])
    found = verification.accuracy(marks, mated, [fold for fold, _, _ in table])
    assert verification.best_threshold(marks[:4], mated[:4]) == pytest.approx(0.5)
    assert verification.best_threshold(marks[4:], mated[4:]) == pytest.approx(0.3)
    # a at 0.3: 0.4 is accepted wrongly, 3 of 4 right; b at 0.5: 0.4 is refused wrongly, 3 of 4 right.
    assert (found.mean, found.error, found.folds) == (0.75, 0.0, 2)
    assert found.threshold == pytest.approx(0.4)


def test_the_mean_over_folds_comes_with_its_standard_error() -> None:
    dice = np.random.default_rng(4)
    mated = np.arange(600) % 2 == 0
    marks = np.where(mated, dice.normal(0.6, 0.15, 600), dice.normal(0.1, 0.15, 600)).astype(np.float32)
    folds = [str(i // 60) for i in range(600)]
    found = verification.accuracy(marks, mated, folds)
    each = []
    for fold in range(10):
        held = np.arange(600) // 60 == fold
        # The slow way: every score of the nine as a threshold.
        right = [((marks[~held] >= t) == mated[~held]).mean() for t in np.sort(marks[~held])]
        best = verification.best_threshold(marks[~held], mated[~held])
        assert ((marks[~held] >= best) == mated[~held]).mean() == max(right)
        each.append(((marks[held] >= best) == mated[held]).mean())
    assert found.mean == pytest.approx(np.mean(each))
    assert found.error == pytest.approx(np.std(each, ddof=1) / 10**0.5)


def test_a_face_that_was_not_found_never_matches() -> None:
    marks = np.array([0.9, verification.MISSING, 0.1, verification.MISSING], np.float32)
    found = measure.of_pairs(marks, np.array([True, True, False, False]), None, 0.5)
    assert found.fnmr.events == 1
    assert found.fmr.events == 0
    assert found.auc.value == pytest.approx((2 + 0.5 * 1) / 4)


def test_blocks_find_what_a_comparison_of_every_pair_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_pairs, "BLOCK", 7)  # people lie across the borders of blocks
    vectors, person = crowd(30, 4)
    own, other = brute(vectors, person)
    threshold = 0.4
    found = compare(vectors, person, threshold)
    assert np.allclose(found.mated, np.sort(own), atol=1e-6)
    assert found.comparisons == len(other)
    assert found.above[:, 0].sum() == 2 * (other >= threshold).sum()
    assert found.above[:, 1].sum() == 2 * len(other)
    assert found.mated_below[:, 0].sum() == (own < threshold).sum()
    assert np.allclose(found.tail, np.sort(other)[::-1][: len(found.tail)], atol=1e-6)
    assert (found.tail_people[:, 0] != found.tail_people[:, 1]).all()
    exact = verification.auc(own, other)
    of = measure.of_people(found, threshold)
    assert of.auc.value == pytest.approx(exact, abs=1e-4)
    assert of.auc.low < exact < of.auc.high
    for point in of.operating:
        least = verification.threshold_at(np.sort(other)[::-1], point.exponent, len(other))
        assert least is not None
        assert point.threshold == pytest.approx(least, abs=1e-6)
        assert point.tar.value == pytest.approx((own >= least).mean(), abs=1e-9)
        assert point.tar.low < point.tar.value < point.tar.high


def test_of_very_many_pictures_some_are_drawn_and_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, person = crowd(20, 10)
    monkeypatch.setattr(all_pairs, "MOST_PICTURES", 100)
    monkeypatch.setattr(all_pairs, "MOST_MATED", 300)
    one, two = compare(vectors, person, 0.4), compare(vectors, person, 0.4)
    assert len(one.mated) <= 300
    assert one.pictures_of.sum() == 100
    assert one.comparisons < 20 * 19 // 2 * 100
    assert np.array_equal(one.mated, two.mated)
    assert np.array_equal(one.non_mated, two.non_mated)


def test_bounds_over_people_are_wider_where_few_people_have_all_the_errors() -> None:
    vectors, person = crowd(40, 6)
    spoilt = vectors.copy()
    spoilt[: 4 * 6] = unit_rows(np.random.default_rng(9).standard_normal((24, 64)).astype(np.float32))
    found = measure.of_people(compare(spoilt, person, 0.4), 0.4)
    low, high = wilson(found.fnmr.events, found.fnmr.trials)
    assert found.fnmr.high - found.fnmr.low > 2 * (high - low)
    point = found.operating[0].tar
    assert point.high - point.low > 2 * (high - low)


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("people", [1, 2, 8, 60])
def test_the_centred_scores_are_those_of_the_door_s_gallery(people: int, centred: bool) -> None:  # noqa: FBT001
    vectors, person = crowd(people, 5, shared=0.5)
    kept = [Kept(f"p{i}", vector) for i, vector in zip(person, vectors, strict=True)]
    gallery = Gallery.build(kept, "made-up-space", 64, centred=centred)
    probes, _ = crowd(9, 1, seed=11, shared=0.5)
    ours = scores(templates(vectors, person, people), probes, centred=centred)
    for i, vector in enumerate(probes):
        assert ours[i] == pytest.approx(gallery.scores(probe(vector)), abs=1e-6)


def test_a_search_counts_strangers_accepted_and_own_people_not_named() -> None:
    # Everybody has one vector but for two who share one: of those whoever is enrolled accepts the other as a stranger,
    # and when both are enrolled neither leads the second by the margin.
    base = person_vectors(20, 8)
    base[1] = base[0]
    person = np.repeat(np.arange(20), 6)
    cells = open_set.identify(base[person], person, (8,), thresholds=(0.9,), splits=60)
    assert {(cell.size, cell.centred, cell.frames) for cell in cells} == {
        (8, centred, frames) for centred in (False, True) for frames in (1, 3)
    }
    for cell in cells:
        assert set(np.flatnonzero(cell.accepted)) == {0, 1}
        assert set(np.flatnonzero(cell.missed)) == {0, 1}
        both = cell.missed[0] // (3 // cell.frames)  # splits in which both were enrolled; each has 3 pictures to show
        assert cell.missed[1] == cell.missed[0]
        assert 0 < both < 60
        alone = cell.own[0] // (3 // cell.frames) - both
        assert cell.accepted[1] == alone * (3 // cell.frames)
        assert cell.fpir.low < cell.fpir.value < cell.fpir.high


def test_no_picture_is_reference_and_probe_at_once_and_no_stranger_is_enrolled() -> None:
    # Every picture is a direction of its own: a probe that were also a reference would score high.
    vectors = np.eye(64, dtype=np.float32)[:60]
    person = np.repeat(np.arange(10), 6)
    for cell in open_set.identify(vectors, person, (5,), thresholds=(0.2,), splits=40):
        if not cell.centred:
            assert cell.missed.sum() == cell.own.sum() > 0
            assert cell.accepted.sum() == 0 < cell.strange.sum()


def test_the_same_photographs_give_the_same_figures_again() -> None:
    vectors, person = crowd(30, 6, shared=0.6)
    one, two = (open_set.identify(vectors, person, (8,), splits=10) for _ in range(2))
    assert [(cell.fpir, cell.fnir) for cell in one] == [(cell.fpir, cell.fnir) for cell in two]
    assert measure.of_people(compare(vectors, person, 0.5), 0.5).auc == (
        measure.of_people(compare(vectors, person, 0.5), 0.5).auc
    )


def test_a_shared_direction_lets_strangers_in_and_centring_takes_it_out() -> None:
    vectors, person = crowd(40, 6, shared=0.6)
    cells = {
        (cell.centred, cell.threshold): cell
        for cell in open_set.identify(vectors, person, (25,), splits=20)
        if cell.frames == 1
    }
    assert cells[False, 0.55].fpir.low > 5 * cells[True, 0.55].fpir.high


def test_one_pair_of_people_bounds_no_false_match_rate() -> None:
    rate = all_pairs.over_pairs_of_people(np.array([40, 40]), np.array([400, 400]))
    assert (rate.value, rate.interval, rate.events, rate.trials) == (0.1, (0, 1), 40, 400)


def test_a_bootstrap_of_pairs_of_people_is_as_wide_as_one_that_draws_every_pair() -> None:
    vectors, person = crowd(40, 4)
    found = compare(vectors, person, 0.3)
    rate = all_pairs.over_pairs_of_people(found.above[:, 0], found.above[:, 1])
    starts = np.arange(0, 160, 4)
    hits = np.add.reduceat(np.add.reduceat((vectors @ vectors.T) >= 0.3, starts, 0, int), starts, 1)
    np.fill_diagonal(hits, 0)
    pairs = np.full((40, 40), 16) - 16 * np.eye(40)
    drawn = weights(40)
    exact = np.einsum("bi,ij,bj->b", drawn, hits, drawn) / np.einsum("bi,ij,bj->b", drawn, pairs, drawn)
    low, high = np.quantile(exact, [0.025, 0.975])
    assert rate.value == pytest.approx(hits.sum() / pairs.sum())
    assert rate.high - rate.low == pytest.approx(high - low, rel=0.2)


def test_galleries_leave_enough_strangers() -> None:
    assert open_set.sizes(5749, 1680) == (8, 25, 50, 100, 200, 500)
    assert open_set.sizes(40, 40) == (8, 25)
    assert open_set.sizes(28, 28) == (8,)
    assert open_set.sizes(8, 8) == (4,)
    assert open_set.sizes(3, 3) == ()
    assert open_set.sizes(600, 3) == (3,)


def test_groups_have_rates_of_their_own_and_a_gap_with_a_bound() -> None:
    vectors, person = crowd(40, 6)
    spoilt = vectors.copy()
    dice = np.random.default_rng(9)
    spoilt[120:] = unit_rows(spoilt[120:] + dice.standard_normal((120, 64)).astype(np.float32) * np.float32(0.2))
    label = ["calm"] * 20 + ["blurred"] * 19 + [""]
    found = by_group.comparisons(spoilt, person, label, 0.5)
    assert {(each.group, each.measure) for each in found} == {
        (group, kind) for group in ("calm", "blurred") for kind in ("fmr", "fnmr")
    }
    gap = next(each for each in by_group.gaps(found) if each.measure == "fnmr")
    assert (gap.best, gap.worst) == ("calm", "blurred")
    rate = {each.group: each.rate for each in found if each.measure == "fnmr"}
    own = np.einsum("nd,nd->n", spoilt[0:120:6], spoilt[1:120:6])
    assert rate["calm"].trials == 20 * 15
    assert rate["calm"].events >= (own < 0.5).sum()
    assert gap.value == rate["blurred"].value - rate["calm"].value
    assert 0 < gap.low < gap.value < gap.high


def test_the_gap_of_two_rates_has_newcombe_s_bounds() -> None:
    # Newcombe, Statistics in Medicine 17 (1998) p. 873, method 10, example a: 56/70 - 48/80 is 0.0524 to 0.3339.
    found = [
        by_group.GroupRate(name, "fnmr", "", Rate(k / n, *wilson(k, n), k, n))
        for name, k, n in (("x", 56, 70), ("y", 48, 80))
    ]
    gap = by_group.gaps(found)[0]
    assert (gap.best, gap.worst) == ("y", "x")
    assert (gap.low, gap.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_groups_that_are_alike_have_a_gap_that_may_be_chance() -> None:
    marks = np.linspace(-0.5, 0.9, 400).astype(np.float32)
    mated = np.arange(400) >= 200
    found = by_group.pairs(marks, mated, ["a", "b"] * 200, 0.5)
    assert all(gap.low < 0 < gap.high for gap in by_group.gaps(found))
