"""Runs an evaluation from photographs to a report; refuses one without a face, or of one person."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from kiosk.evaluation import by_group, measure, open_set
from kiosk.evaluation.all_pairs import MOST_PICTURES, Step, compare
from kiosk.evaluation.by_group import GroupRate
from kiosk.evaluation.embedding import Seen
from kiosk.evaluation.measure import Verification
from kiosk.evaluation.naming import People, refused, spelled
from kiosk.evaluation.open_set import Cell
from kiosk.evaluation.pairs import Pair
from kiosk.evaluation.report import Photographs
from kiosk.evaluation.verification import MISSING
from kiosk.vision.arrays import Floats

Progress: TypeAlias = Callable[[str], Step]
"""From what takes a while to a function that is told how much of how much is done."""


KINDS: Final = 5
"""Suffixes that are named."""
FEW: Final = 30
"""A bootstrap over fewer people than this draws too much alike: a rule of thumb."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out, without pack and timing."""

    photographs: Photographs
    verification: Verification
    open_set: tuple[Cell, ...]
    groups: tuple[GroupRate, ...]
    notes: tuple[str, ...]


def of_pairs(
    pairs: Sequence[Pair], seen: Mapping[Path, Seen], groups: Mapping[str, str] | None, threshold: float
) -> Measured:
    """Measure a list of pairs; a pair that lacks a face counts as a non-match.

    Args:
        pairs: from `pairs.read`.
        seen: every photograph that they name.
        groups: by the name of a picture's folder, or none: then by the label of the pair itself.
        threshold: of the pack.

    Raises:
        Fault: EVALUATION_REFUSED when no pair of either kind could be compared.
    """
    scores = np.array([_score(seen[pair.a].vector, seen[pair.b].vector) for pair in pairs], np.float32)
    mated = np.array([pair.mated for pair in pairs], np.bool_)
    compared = scores > MISSING
    if not compared[mated].any() or not compared[~mated].any():
        raise refused("No face was found in the pictures of the pairs.")
    folds = [pair.fold or "" for pair in pairs]
    notes = []
    usable = len(set(folds)) > 1 and "" not in folds and _both_kinds(folds, mated)
    if not usable:
        notes.append("There are no folds, so there is no cross-validated accuracy.")
    label = [_pair_group(pair, groups) for pair in pairs]
    return Measured(
        photographs=_photographs(seen, pairs=len(pairs), pairs_without=int((~compared).sum())),
        verification=measure.of_pairs(scores, mated, folds if usable else None, threshold),
        open_set=(),
        groups=tuple(by_group.pairs(scores, mated, label, threshold)),
        notes=tuple(notes),
    )


def of_people(  # noqa: PLR0913 - what is shown, what was seen, and what is asked
    people: People,
    seen: Mapping[Path, Seen],
    groups: Mapping[str, str] | None,
    threshold: float,
    *,
    sizes: Sequence[int] = open_set.SIZES,
    splits: int = open_set.SPLITS,
    progress: Progress = lambda what: lambda _done, _of: None,  # noqa: ARG005 - silent
) -> Measured:
    """Measure a folder of people: all pairs of their photographs, and identification in an open set.

    Args:
        people: from `naming.people`.
        seen: every photograph of them; those without a face are left out and counted.
        groups: by the name of a person, or none.
        threshold: of the pack.
        sizes: galleries to try.
        splits: how often each is drawn.
        progress: shows it.

    Raises:
        Fault: EVALUATION_REFUSED when fewer than two people have a face, or nobody has two pictures.
    """
    rows = [i for i, path in enumerate(people.pictures) if seen[path].vector is not None]
    known, person = np.unique([people.person[i] for i in rows], return_inverse=True)
    if len(known) < 2:  # noqa: PLR2004 - somebody, and somebody else
        raise refused(f"A face was found in the pictures of {len(known)} people; two are needed.")
    counts = np.bincount(person)
    if counts.max() < 2:  # noqa: PLR2004 - a pair
        raise refused("Nobody has two pictures with a face, so there is nothing to compare within a person.")
    vectors = np.stack([_vector(seen[people.pictures[i]]) for i in rows])
    names = [people.names[i] for i in known]
    label = by_group.labels_of(names, groups) if groups else ("",) * len(names)
    pairs = compare(vectors, person, threshold, progress("comparing"))
    able, notes = int((counts >= 2).sum()), list[str]()  # noqa: PLR2004 - reference and probe
    chosen = open_set.sizes(len(names), able, sizes)
    thresholds = sorted({*open_set.THRESHOLDS, round(threshold, 4)})
    cells = open_set.identify(
        vectors, person, chosen, thresholds=thresholds, splits=splits, step=progress("identifying")
    )
    left = [size for size in sizes if size not in chosen]
    if left:
        notes.append(
            f"No gallery of {', '.join(str(size) for size in left)}: {len(names)} people have a face, {able} of them "
            "two pictures, and a fifth as many strangers as enrolled must be left."
        )
    if people.passed_over:
        kinds = ", ".join(f"{count:,} {suffix}" for suffix, count in people.suffixes[:KINDS])
        notes.append(
            f"{people.passed_over:,} files are not named like pictures of a person and were passed over"
            f"{f' (in the folders: {kinds})' if kinds else ''}."
        )
    if people.unreadable:
        notes.append(f"{len(people.unreadable):,} folders could not be looked into: who is in them is not counted.")
    if len(rows) > MOST_PICTURES:
        notes.append(f"Comparisons of two people: among {MOST_PICTURES:,} pictures drawn at random, always the same.")
    if len(names) < FEW:
        notes.append(
            f"With {len(names)} people the bounds of what did happen are rough: a bootstrap needs {FEW} or more."
        )
    if cells and not any(cell.frames > 1 for cell in cells):
        notes.append("Nobody has pictures enough for the mean of three frames beside their references.")
    found = by_group.comparisons(vectors, person, label, threshold) if groups else []
    if groups and cells:
        largest = max(cell.size for cell in cells)
        at = [cell for cell in cells if cell.size == largest and cell.threshold == round(threshold, 4)]
        found += by_group.searches(at, label)
    return Measured(
        _photographs(seen, people.unreadable, people=len(people.names)),
        measure.of_people(pairs, threshold),
        cells,
        tuple(found),
        tuple(notes),
    )


def _score(a: Floats | None, b: Floats | None) -> float:
    return MISSING if a is None or b is None else float(a @ b)


def _vector(seen: Seen) -> Floats:
    if seen.vector is None:
        raise ValueError("a picture without a face")
    return seen.vector


def _both_kinds(folds: Sequence[str], mated: measure.Flags) -> bool:
    """Whether every fold has pairs, and what is left without any one of them has both kinds."""
    label = np.asarray(folds)
    return all(len(set(mated[label != fold])) > 1 for fold in set(folds))


def _pair_group(pair: Pair, groups: Mapping[str, str] | None) -> str:
    if groups is None:
        return pair.group or ""
    a, b = groups.get(pair.a.parent.name, ""), groups.get(pair.b.parent.name, "")
    return a if a == b else ""


def _photographs(
    seen: Mapping[Path, Seen],
    shut: Sequence[tuple[Path, str]] = (),
    *,
    people: int = 0,
    pairs: int = 0,
    pairs_without: int = 0,
) -> Photographs:
    refusals = [*shut, *((path, each.refused) for path, each in seen.items() if each.refused)]
    digests = Counter(each.digest for each in seen.values() if each.digest)
    return Photographs(
        images=len(seen),
        faces_found=sum(each.vector is not None for each in seen.values()),
        unreadable=tuple((spelled(path), reason) for path, reason in sorted(refusals)),
        without_face=tuple(
            sorted(spelled(path) for path, each in seen.items() if each.vector is None and not each.refused)
        ),
        alike=sum(digests.values()) - len(digests),
        people=people,
        pairs=pairs,
        pairs_without=pairs_without,
    )
