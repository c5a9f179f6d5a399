"""Error rates by group and the gaps between groups; refuses to compare a group without a trial."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np

from kiosk.evaluation.all_pairs import Indices, compare, over_pairs_of_people
from kiosk.evaluation.intervals import Counts, Rate, independent, over_people
from kiosk.evaluation.measure import Flags
from kiosk.evaluation.open_set import Cell
from kiosk.vision.arrays import Floats


@dataclass(frozen=True, slots=True)
class GroupRate:
    """One error rate of one group.

    Attributes:
        group: its label.
        measure: `fmr`, `fnmr`, `fpir` or `fnir`.
        setting: of an identification, such as `N=50, centred, 3 frames, 0.50`; else the threshold.
        rate: with its bounds.
    """

    group: str
    measure: str
    setting: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the worst group is from the best.

    Attributes:
        measure: see GroupRate. setting: see GroupRate.
        best: group with the lowest error rate. worst: with the highest.
        value: worst less best. low: bound of that. high: bound; below zero at `low` says that it may be chance.
    """

    measure: str
    setting: str
    best: str
    worst: str
    value: float
    low: float
    high: float


def comparisons(vectors: Floats, person: Indices, label: Sequence[str], threshold: float) -> list[GroupRate]:
    """FMR and FNMR of comparisons within each group.

    Args:
        vectors: M x D float32, unit rows, sorted by person.
        person: M indices, ascending.
        label: the group of each person, "" for none.
        threshold: of the pack.
    """
    found = []
    labels = np.asarray(label)
    for group in sorted(set(label) - {""}):
        rows = labels[person] == group
        members, index = np.unique(person[rows], return_inverse=True)
        if not len(members):
            continue
        within = compare(vectors[rows], index, threshold)
        setting = f"threshold {threshold:.2f}"
        if len(members) > 1:
            rate = over_pairs_of_people(within.above[:, 0], within.above[:, 1])
            found.append(GroupRate(group, "fmr", setting, rate))
        if within.mated_below[:, 1].any():
            rate = over_people(within.mated_below[:, 0], within.mated_below[:, 1])
            found.append(GroupRate(group, "fnmr", setting, rate))
    return found


def searches(cells: Iterable[Cell], label: Sequence[str]) -> list[GroupRate]:
    """FPIR and FNIR of the people of each group, in galleries of everybody.

    Args:
        cells: of one threshold.
        label: the group of each person, "" for none.
    """
    found = []
    labels = np.asarray(label)
    for cell in cells:
        setting = f"N={cell.size}, {'centred' if cell.centred else 'plain'}, frames {cell.frames}, {cell.threshold:.2f}"
        for group in sorted(set(label) - {""}):
            members = labels == group
            sides: tuple[tuple[str, Counts, Counts], ...] = (
                ("fpir", cell.accepted, cell.strange),
                ("fnir", cell.missed, cell.own),
            )
            for measure, events, trials in sides:
                if trials[members].any():
                    found.append(GroupRate(group, measure, setting, over_people(events[members], trials[members])))
    return found


def pairs(scores: Floats, mated: Flags, label: Sequence[str], threshold: float) -> list[GroupRate]:
    """FMR and FNMR of the pairs of each group, each pair taken as an independent trial; "" is no group."""
    found = []
    labels = np.asarray(label)
    for group in sorted(set(label) - {""}):
        own, other = scores[mated & (labels == group)], scores[~mated & (labels == group)]
        setting = f"threshold {threshold:.2f}"
        if len(other):
            found.append(GroupRate(group, "fmr", setting, independent(int((other >= threshold).sum()), len(other))))
        if len(own):
            found.append(GroupRate(group, "fnmr", setting, independent(int((own < threshold).sum()), len(own))))
    return found


def gaps(found: Iterable[GroupRate]) -> list[Gap]:
    """The gap between the best and the worst group of each measure and setting, where there are two groups.

    The interval is Newcombe's for a difference of two rates with intervals of their own (Statistics in Medicine 17,
    1998, method 10); it also holds where a rate is zero. That best and worst were chosen by looking is not counted.
    """
    sorted_by: dict[tuple[str, str], list[GroupRate]] = {}
    for each in found:
        sorted_by.setdefault((each.measure, each.setting), []).append(each)
    return [_gap(rates) for rates in sorted_by.values() if len(rates) > 1]


def _gap(found: Sequence[GroupRate]) -> Gap:
    best, worst = min(found, key=lambda each: each.rate.value), max(found, key=lambda each: each.rate.value)
    if best is worst:
        worst = next(each for each in found if each is not best)
    a, b = worst.rate, best.rate
    value = a.value - b.value
    low, high = value - hypot(a.value - a.low, b.high - b.value), value + hypot(a.high - a.value, b.value - b.low)
    return Gap(best.measure, best.setting, best.group, worst.group, value, max(low, -1.0), min(high, 1.0))


def labels_of(names: Sequence[str], groups: Mapping[str, str]) -> tuple[str, ...]:
    """The group of each name, "" where the list has none."""
    return tuple(groups.get(name, "") for name in names)
