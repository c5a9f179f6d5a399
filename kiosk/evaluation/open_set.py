"""Enrols some people and lets the others come as strangers, many times; refuses a gallery with too few strangers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from kiosk.evaluation.all_pairs import Indices, Step
from kiosk.evaluation.intervals import SEED, Counts, Rate, no_narrower, over_people
from kiosk.evaluation.scoring import scores, templates, unit_rows
from kiosk.vision.arrays import Floats

SIZES: Final = (8, 25, 50, 100, 200, 500)
THRESHOLDS: Final = (0.40, 0.45, 0.50, 0.55)
FRAMES: Final = (1, 3)
MARGIN: Final = 0.05
SPLITS: Final = 100
REFERENCES: Final = 3
PROBES: Final = 6
"""At most so many pictures of an enrolled person are probes in one split, so that nobody outweighs the others."""
STRANGER_PROBES: Final = 3
MOST_STRANGERS: Final = 1_000
"""In one split; others are drawn in the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One row of the result: a size of the gallery, centring, frames and threshold, with its counts by person.

    Attributes:
        size: N. centred: site centring. frames: pictures averaged for one probe. threshold: least score of a match.
        accepted: for each person, strangers' probes that reach the threshold. strange: of how many.
        missed: for each person, own probes that name another, stay below or lack the margin. own: of how many.
    """

    size: int
    centred: bool
    frames: int
    threshold: float
    accepted: Counts = field(repr=False)
    strange: Counts = field(repr=False)
    missed: Counts = field(repr=False)
    own: Counts = field(repr=False)

    @property
    def fpir(self) -> Rate:
        """False positive identification rate at the lowest score that can record without a PIN.

        The margin, which would only lower it, is left out.
        """
        return no_narrower(over_people(self.accepted, self.strange), int((self.strange > 0).sum()))

    @property
    def fnir(self) -> Rate:
        """False negative identification rate."""
        return no_narrower(over_people(self.missed, self.own), int((self.own > 0).sum()))


@dataclass(frozen=True, slots=True, eq=False)
class _Dealt:
    """Everybody's pictures, each person's in a random order."""

    vectors: Floats
    order: Indices

    def rows(self, place: Indices) -> Floats:
        """The vectors at some places of that order."""
        return self.vectors[self.order[place]]


@dataclass(frozen=True, slots=True, eq=False)
class _Draw:
    """One split: who is enrolled with which pictures, and who comes."""

    gallery: Floats
    own: Floats
    own_person: Indices
    own_index: Indices
    strange: Floats
    strange_person: Indices


def sizes(people: int, able: int, wanted: Sequence[int] = SIZES) -> tuple[int, ...]:
    """The sizes of gallery that leave a fifth as many strangers, two at least; half of the people when all are too few.

    Args:
        people: how many there are.
        able: how many of them have the two pictures that an enrolled person needs.
        wanted: which sizes.
    """
    found = tuple(n for n in wanted if n <= able and people - n >= max(2, n / 5))
    half = min(people // 2, able)
    return found or ((half,) if half >= 2 else ())  # noqa: PLR2004 - a second person makes it an identification


def identify(  # noqa: PLR0913 - who is drawn, how often, and what is counted
    vectors: Floats,
    person: Indices,
    wanted: Iterable[int],
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    splits: int = SPLITS,
    step: Step = lambda _done, _of: None,
) -> tuple[Cell, ...]:
    """Measure identification in an open set.

    In each split N people are drawn and enrolled with half of their pictures, at most three; their other pictures are
    probes; strangers are everybody else. People with six pictures are preferred for a gallery, if there are N of them,
    then those with five, and so on.

    Args:
        vectors: M x D float32, unit rows, sorted by person.
        person: M indices, ascending from 0 without gaps.
        wanted: sizes of gallery, from `sizes`.
        thresholds: scores at which it is counted.
        splits: how many for each size.
        step: is told of the progress.
    """
    counts = np.bincount(person)
    found: list[Cell] = []
    all_sizes = list(wanted)
    for at, size in enumerate(all_sizes):
        able = next(able for least in (6, 5, 4, 3, 2) if len(able := np.flatnonzero(counts >= least)) >= size)
        tables = np.zeros((len(FRAMES), 2, 4, len(thresholds), len(counts)), np.int64)
        for split in range(splits):
            dice = np.random.default_rng((SEED, size, split))
            enrolled = np.sort(dice.choice(able, size, replace=False))
            order = np.lexsort((dice.random(len(person)), person))
            strangers = np.setdiff1d(np.arange(len(counts)), enrolled)
            if len(strangers) > MOST_STRANGERS:
                strangers = np.sort(dice.choice(strangers, MOST_STRANGERS, replace=False))
            for i, frames in enumerate(FRAMES):
                draw = _draw(_Dealt(vectors, order), counts, enrolled, strangers, frames)
                for centred in (False, True):
                    _count(tables[i, int(centred)], draw, thresholds, centred=centred)
            step(at * splits + split + 1, len(all_sizes) * splits)
        found += _cells(size, tables, thresholds)
    return tuple(found)


def _cells(size: int, tables: Counts, thresholds: Sequence[float]) -> list[Cell]:
    return [
        Cell(size, centred, frames, threshold, *tables[i, int(centred), :, k])
        for i, frames in enumerate(FRAMES)
        for centred in (False, True)
        for k, threshold in enumerate(thresholds)
        if tables[i, int(centred), 1, k].any() and tables[i, int(centred), 3, k].any()
    ]


def _draw(dealt: _Dealt, counts: Counts, enrolled: Indices, strangers: Indices, frames: int) -> _Draw:
    """Deal each person's pictures, which lie in a random order: references first, then probes."""
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    references = np.minimum(counts // 2, REFERENCES)
    place, index = _places(starts[enrolled], references[enrolled])
    gallery = templates(dealt.rows(place), index, len(enrolled))
    left = np.minimum(counts - references, PROBES)
    own, own_index = _probes(dealt, (starts + references)[enrolled], left[enrolled], frames)
    strange, who = _probes(dealt, starts[strangers], np.minimum(counts, STRANGER_PROBES)[strangers], frames)
    return _Draw(gallery, own, enrolled[own_index], own_index, strange, strangers[who])


def _probes(dealt: _Dealt, starts: Indices, many: Counts, frames: int) -> tuple[Floats, Indices]:
    """Take `many` pictures of each person from where they start, `frames` averaged into one probe."""
    whole = many // frames * frames
    place, index = _places(starts, whole)
    rows = dealt.rows(place)
    if frames == 1:
        return rows, index
    return unit_rows(rows.reshape(-1, frames, rows.shape[1]).mean(axis=1)), index[::frames]


def _places(starts: Indices, many: Counts) -> tuple[Indices, Indices]:
    """Rows start, start + 1, ... of each person, and the person's place in the list for each row."""
    index = np.repeat(np.arange(len(starts)), many)
    within = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    return np.repeat(starts, many) + within, index


def _count(tables: Counts, draw: _Draw, thresholds: Sequence[float], *, centred: bool) -> None:
    """Add one split to accepted, strange, missed, own (each thresholds x people)."""
    accepted, strange, missed, own = tables
    people = accepted.shape[1]
    if len(draw.strange):
        best = scores(draw.gallery, draw.strange, centred=centred).max(axis=1)
        for k, threshold in enumerate(thresholds):
            accepted[k] += np.bincount(draw.strange_person[best >= threshold], minlength=people)
        strange += np.bincount(draw.strange_person, minlength=people)
    if len(draw.own):
        table = scores(draw.gallery, draw.own, centred=centred)
        rows = np.arange(len(table))
        mine = table[rows, draw.own_index].copy()
        table[rows, draw.own_index] = -2
        unclear = mine - table.max(axis=1) < MARGIN
        for k, threshold in enumerate(thresholds):
            missed[k] += np.bincount(draw.own_person[unclear | (mine < threshold)], minlength=people)
        own += np.bincount(draw.own_person, minlength=people)
