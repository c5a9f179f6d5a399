"""Finds people whose templates are too alike for a face alone to tell them apart; refuses to say how alike they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from kiosk.vision.arrays import Floats

ALIKE: Final = 0.45
"""Centred score from which two people are too alike (recognition.md, site centring: enrolment)."""
ALIKE_UNCENTRED: Final = 0.50
"""The same without site centring (same source)."""
WOLF_NEAR: Final = 0.30
"""Score from which a new template counts as near somebody; three standard deviations of other people's scores on real
faces (FMR 1e-3 at 0.336, recognition.md), and well below every score that decides anything."""
WOLF_SHARE: Final = 0.10
"""A wolf is near more than this share of the gallery. Measured: docs/recognition.md, enrolment."""
WOLF_LEAST: Final = 3
"""... and near at least so many people: in a small office one cousin is no wolf."""
_BLOCK: Final = 512
"""Columns compared at a time: 10,000 people then need 20 MB beside the gallery."""

Flags: TypeAlias = npt.NDArray[np.bool_]


class Likeness(StrEnum):
    """What a new template is to the people enrolled already."""

    CLEAR = "clear"
    DUPLICATE = "duplicate"
    WOLF = "wolf"


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How a new template stands to everybody else.

    Attributes:
        likeness: a duplicate is for a human to judge; a wolf is refused.
        person: the id of the most similar person, for an administrator, when it is a duplicate; else empty.
    """

    likeness: Likeness
    person: str = ""


def alike(columns: Floats, over: float) -> Flags:
    """Tell of each person whether anybody else scores more than `over` against them.

    Args:
        columns: D x N float32, C-contiguous, unit columns: a gallery's matrix.
        over: cosine.

    Returns:
        bool[N]. Needs N * 512 floats of memory, and half of N * N * D multiplications.
    """
    count = columns.shape[1]
    found = np.zeros(count, np.bool_)
    for start in range(0, count, _BLOCK):
        rest = columns[:, start:]
        scores = rest[:, :_BLOCK].T @ rest
        np.fill_diagonal(scores, -1.0)  # everybody is like themselves
        high = scores > over
        found[start : start + _BLOCK] |= high.any(axis=1)
        found[start:] |= high.any(axis=0)
    return found


def resemblance(persons: Sequence[str], scores: Floats, own: str, least: float) -> Resemblance:
    """Judge a new template by its scores against a gallery.

    Args:
        persons: N ids.
        scores: float32[N], what the template scores against each.
        own: the id of the person who is being enrolled; their earlier template does not count.
        least: score from which two people are too alike.

    Returns:
        Wolf before duplicate: whoever is near many is not let in because a human knows one of them.
    """
    others = np.array([person != own for person in persons], np.bool_)
    if not others.any():
        return Resemblance(Likeness.CLEAR)
    near = int((scores[others] >= WOLF_NEAR).sum())
    if near >= WOLF_LEAST and near > WOLF_SHARE * int(others.sum()):
        return Resemblance(Likeness.WOLF)
    best = int(np.where(others, scores, np.float32(-2)).argmax())
    return Resemblance(Likeness.DUPLICATE, persons[best]) if scores[best] >= least else Resemblance(Likeness.CLEAR)
