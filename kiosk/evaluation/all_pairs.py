"""Compares every photograph with every other one, in blocks; refuses to hold all scores at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from kiosk.evaluation.intervals import SEED, Counts, Rate, Reals, clustered, rule_of_three, weights
from kiosk.evaluation.verification import BINS, COARSE, binned
from kiosk.vision.arrays import Floats

Indices: TypeAlias = npt.NDArray[np.intp]
Step: TypeAlias = Callable[[int, int], None]
"""Is told how much of how much is done."""

BLOCK: Final = 256
MOST_PICTURES: Final = 30_000
"""For comparisons of two people; of more pictures so many are drawn: 450 million pairs."""
MOST_MATED: Final = 20_000_000
TAIL: Final = 0.02
"""Of the non-mated scores, the highest are kept one by one: enough for FMR 1e-2 in every resample."""


@dataclass(frozen=True, slots=True, eq=False)
class AllPairs:
    """Scores of all pairs of photographs of P people.

    Attributes:
        mated: float32[M], ascending. mated_person: whose.
        comparisons: how many non-mated ones.
        non_mated: counts in `BINS` bins.
        mated_by_person: P x COARSE counts.
        non_mated_by_person: P x COARSE counts; every comparison counts with both people.
        tail: float32[T], the highest non-mated scores, descending. tail_people: T x 2.
        pictures_of: P, how many pictures of each were compared with other people's.
        above: P x 2: how many of a person's non-mated comparisons reach the asked threshold, and of how many.
        mated_below: P x 2: how many of their mated comparisons do not, and of how many.
    """

    mated: Floats = field(repr=False)
    mated_person: Indices = field(repr=False)
    comparisons: int
    non_mated: Counts = field(repr=False)
    mated_by_person: Counts = field(repr=False)
    non_mated_by_person: Counts = field(repr=False)
    tail: Floats = field(repr=False)
    tail_people: Indices = field(repr=False)
    pictures_of: Counts = field(repr=False)
    above: Counts = field(repr=False)
    mated_below: Counts = field(repr=False)


def compare(vectors: Floats, person: Indices, threshold: float, step: Step = lambda _done, _of: None) -> AllPairs:
    """Compare all pairs.

    Args:
        vectors: M x D float32, unit rows, sorted by person.
        person: M indices, ascending from 0 without gaps.
        threshold: for `above` and `mated_below`.
        step: is told of the progress.
    """
    count = int(person[-1]) + 1
    mated, whose = _mated(vectors, person)
    order = np.argsort(mated, kind="stable")
    chosen = _drawn(len(person), MOST_PICTURES)
    across, label = vectors[chosen], person[chosen]
    blocks = range(0, len(across), BLOCK)
    histogram = np.zeros(BINS + 1, np.int64)
    by_person = np.zeros((count, COARSE), np.int64)
    above = np.zeros((count, 2), np.int64)
    for done, start in enumerate(blocks):
        block, rows = _block(across, label, start)
        bins = binned(block)
        bins[block < -1.5] = BINS  # noqa: PLR2004 - of one person: no cosine
        histogram += np.bincount(bins.ravel(), minlength=BINS + 1)
        wide = BINS // COARSE
        index = bins // wide + (np.arange(len(rows), dtype=np.int32) * (COARSE + 1))[:, None]
        table = np.bincount(index.ravel(), minlength=len(rows) * (COARSE + 1)).reshape(len(rows), COARSE + 1)
        np.add.at(by_person, rows, table[:, :COARSE])
        np.add.at(above[:, 0], rows, (block >= threshold).sum(axis=1))
        step(done + 1, 2 * len(blocks))
    above[:, 1] = by_person.sum(axis=1)
    non_mated = histogram[:BINS] // 2  # every pair was met from both sides
    tail, people = _tail(across, label, non_mated, lambda done, of: step(of + done, 2 * of))
    below = np.stack([np.bincount(whose[mated < threshold], minlength=count), np.bincount(whose, minlength=count)], 1)
    return AllPairs(
        mated=mated[order],
        mated_person=whose[order],
        comparisons=int(non_mated.sum()),
        non_mated=non_mated,
        mated_by_person=_table(mated, whose, count),
        non_mated_by_person=by_person,
        tail=tail,
        tail_people=people,
        pictures_of=np.bincount(label, minlength=count).astype(np.int64),
        above=above,
        mated_below=below.astype(np.int64),
    )


def tar_at(pairs: AllPairs, threshold: float, exponent: int, resamples: int) -> Rate:
    """The share of mated comparisons at or above a threshold, with the bounds of a bootstrap over people.

    In each resample the threshold is set anew at the same FMR: a pair of two people counts as often as both were drawn
    (the subset bootstrap of Bolle, Ratha and Pankanti, 2004, over people instead of fingers).
    """
    hits, trials = int((pairs.mated >= threshold).sum()), len(pairs.mated)
    rate = hits / trials
    with_mated = int((pairs.mated_below[:, 1] > 0).sum())
    # People are never drawn so unevenly that four times the pairs of this FMR would not do.
    tail = pairs.tail[: 4 * pairs.comparisons // 10**exponent + 100]
    a, b = pairs.tail_people[: len(tail)].T
    found = []
    for drawn in weights(len(pairs.pictures_of), resamples):
        pictures = drawn * pairs.pictures_of
        total = (pictures.sum() ** 2 - (pictures**2).sum()) / 2
        matching = np.cumsum(drawn[a] * drawn[b])
        last = int(np.searchsorted(matching, total * 10.0**-exponent, "right"))
        least = tail[min(last, len(tail) - 1)]
        mated = drawn[pairs.mated_person]
        first = int(np.searchsorted(pairs.mated, least, "right"))
        found.append(mated[first:].sum() / mated.sum() if mated.any() else np.nan)
    low, high = clustered(rate, np.array(found), trials)
    if hits in {0, trials}:
        bound = rule_of_three(max(with_mated, 1))
        low, high = (0.0, max(high, bound)) if hits == 0 else (min(low, 1 - bound), 1.0)
    return Rate(rate, low, high, hits, trials)


def resampled(pairs: AllPairs, resamples: int) -> tuple[Reals, Reals]:
    """Coarse histograms of mated and non-mated scores of people drawn with replacement: resamples x COARSE each.

    A non-mated pair of two people has the weight of both to first order (Hoeffding's projection).
    """
    drawn = weights(len(pairs.pictures_of), resamples)
    by_person = pairs.non_mated_by_person.astype(np.float64)
    return drawn @ pairs.mated_by_person, np.maximum(drawn @ by_person - by_person.sum(axis=0) / 2, 0)


def over_pairs_of_people(events: Counts, trials: Counts, resamples: int = 1000) -> Rate:
    """A rate over pairs of people, where each pair counts with both: bootstrap over people, to first order.

    Where nothing happened the rule of three stands in, over as many pairs as share nobody: half the people. Two people
    alone bound nothing.

    Raises:
        ValueError: without a trial.
    """
    took_part = trials > 0
    hits, tries = events[took_part].astype(np.float64), trials[took_part].astype(np.float64)
    k, n = int(hits.sum()) // 2, int(tries.sum()) // 2
    if not n:
        raise ValueError("no trial")
    if k in {0, n}:
        bound = rule_of_three(len(tries) // 2)
        return Rate(k / n, 0.0 if k == 0 else 1 - bound, bound if k == 0 else 1.0, k, n)
    if len(tries) < 3:  # noqa: PLR2004 - one pair of people alone bounds nothing
        return Rate(k / n, 0.0, 1.0, k, n)
    drawn = 2 * weights(len(tries), resamples) - 1
    return Rate(k / n, *clustered(k / n, np.clip((drawn @ hits) / (drawn @ tries), 0, 1), n), k, n)


def _block(vectors: Floats, person: Indices, start: int) -> tuple[Floats, Indices]:
    """Scores of some rows with everybody, -2 for those of one person, and whose rows they are."""
    rows = person[start : start + BLOCK]
    block = vectors[start : start + BLOCK] @ vectors.T
    for each in np.unique(rows):
        first, last = np.searchsorted(person, [each, each + 1])
        block[rows == each, first:last] = -2
    return block, rows


def _tail(vectors: Floats, person: Indices, histogram: Counts, step: Step) -> tuple[Floats, Indices]:
    """The highest non-mated scores, descending, and the people of each."""
    from_above = np.cumsum(histogram[::-1])
    wanted = max(int(TAIL * from_above[-1]), 1)
    lowest = BINS - 1 - int(np.searchsorted(from_above, wanted))
    least = np.float32(lowest / (BINS / 2) - 1)
    scores, people = [], []
    blocks = range(0, len(vectors), BLOCK)
    for done, start in enumerate(blocks):
        block, rows = _block(vectors, person, start)
        i, j = np.nonzero(block >= least)
        later = j > i + start
        i, j = i[later], j[later]
        scores.append(block[i, j])
        people.append(np.stack([rows[i], person[j]], axis=1))
        step(done + 1, len(blocks))
    tail = np.concatenate(scores)
    order = np.argsort(-tail, kind="stable")
    return tail[order], np.concatenate(people)[order]


def _mated(vectors: Floats, person: Indices) -> tuple[Floats, Indices]:
    """Scores of all pairs of one person and whose they are; of very many pictures of a person some are drawn."""
    counts = np.bincount(person)
    most = int(counts.max())
    while most > 2 and int((np.minimum(counts, most) * (np.minimum(counts, most) - 1) // 2).sum()) > MOST_MATED:  # noqa: PLR2004 - a pair
        most = most * 9 // 10
    scores, whose = [np.zeros(0, np.float32)], [np.zeros(0, np.intp)]
    for each, start in enumerate(np.searchsorted(person, np.arange(len(counts)))):
        own = vectors[start : start + counts[each]]
        own = own[_drawn(len(own), most)]
        upper = np.triu_indices(len(own), 1)
        scores.append((own @ own.T)[upper])
        whose.append(np.full(len(upper[0]), each, np.intp))
    return np.concatenate(scores), np.concatenate(whose)


def _drawn(count: int, most: int) -> Indices:
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(SEED).choice(count, most, replace=False))


def _table(scores: Floats, whose: Indices, count: int) -> Counts:
    table = np.bincount(binned(scores, COARSE) + whose * COARSE, minlength=count * COARSE)
    return table.reshape(count, COARSE).astype(np.int64)
