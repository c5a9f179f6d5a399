"""Compares a probe with everybody enrolled; refuses vectors of another model, size or type, and NaN."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

import numpy as np

from kiosk.vision.arrays import Floats
from kiosk.vision.embed import Embedding
from kiosk.vision.lookalikes import ALIKE, ALIKE_UNCENTRED, alike

REFERENCES_A_PERSON: Final = 5
"""At most so many references of a person count, the newest given last."""
SHRINK: Final = 5
"""m = N / (N + 5) * mean: keeps the centre of a tiny gallery safe (recognition.md, site centring)."""
_UNIT: Final = 1e-3


class GalleryRefused(ValueError):  # noqa: N818 - reads as what happened; it is our bug, not the world's
    """A vector that must not be compared: not finite, no unit length, wrong size, type or model."""


class ReferenceLike(Protocol):
    """What the gallery needs of a stored reference."""

    @property
    def person(self) -> str:
        """The person's id."""

    @property
    def vector(self) -> Floats:
        """float32[D], unit length, already rotated where the store rotates."""

    @property
    def model(self) -> str:
        """The embedding space."""


class NoMatchReason(StrEnum):
    """Why nobody was recognised; the screen says the same words for all of them."""

    EMPTY = "empty"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    ATTACK = "attack"


@dataclass(frozen=True, slots=True)
class Match:
    """One person, above the threshold and clear of the second."""

    person: str
    score: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class NearMatch:
    """Not enough for a name: asks for the PIN and names nobody.

    Attributes:
        lookalike: the face was clear, and is that of somebody who is verified beside their PIN and never identified.
    """

    lookalike: bool = False


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Nobody."""

    reason: NoMatchReason


MatchDecision: TypeAlias = Match | NearMatch | NoMatch


@dataclass(frozen=True, slots=True)
class Nearest:
    """The best person of a probe, before any threshold. RAM only.

    Attributes:
        person: the best person's id.
        score: centred cosine, -1..1.
        clear: true when it leads the second person by the margin.
    """

    person: str
    score: float = field(repr=False)
    clear: bool


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Everybody enrolled, one vector a person. Immutable; build another one when somebody comes or goes.

    Attributes:
        persons: N ids.
        model: the embedding space of every vector.
        dimension: D.
        matrix: D x N float32, C-contiguous: centred references of unit length, one a column.
        mean: D float32: the site's centre.
        rotation: D x D float32 or none: the store's rotation, applied to a probe once as `rotation @ vector`.
        threshold: least score of a match. near: least score of a near match. margin: least lead over the second.
        alike: score above which two people are look-alikes.
        lookalikes: ids of everybody who has one: a face alone never names them.
    """

    persons: tuple[str, ...]
    model: str
    dimension: int
    matrix: Floats = field(repr=False)
    mean: Floats = field(repr=False)
    rotation: Floats | None = field(default=None, repr=False)
    threshold: float = 0.50
    near: float = 0.43
    margin: float = 0.05
    alike: float = field(default=ALIKE, repr=False)
    lookalikes: frozenset[str] = frozenset()

    @classmethod
    def build(  # noqa: PLR0913 - a gallery is its parts; all but the first three have one right value
        cls,
        references: Iterable[ReferenceLike],
        model: str,
        dimension: int,
        *,
        rotation: Floats | None = None,
        centred: bool = True,
        threshold: float = 0.50,
        near: float = 0.43,
        margin: float = 0.05,
        only: frozenset[str] | None = None,
    ) -> "Gallery":
        """Build a gallery from stored references.

        Args:
            references: any number; those of a person are averaged and normalised, the last five count.
            model: the embedding space; references of other spaces are left out.
            dimension: D of that space.
            rotation: D x D float32 by which the store turned the references, or none.
            centred: subtract the site's centre (recognition.md, site centring).
            threshold: see Attributes.
            near: see Attributes.
            margin: see Attributes.
            only: ids of the people who are expected; everybody else counts for the centre and as somebody's look-alike,
                and is then left out. None for everybody.

        Raises:
            GalleryRefused: for a vector of this space that must not be compared.
        """
        vectors: dict[str, list[Floats]] = {}
        for reference in references:
            if reference.model == model:
                vectors.setdefault(reference.person, []).append(_checked(reference.vector, dimension))
        if rotation is not None and not _is_square(rotation, dimension):
            raise GalleryRefused("rotation")
        rows = _unit_rows(_person(each) for each in vectors.values())
        rows = rows if rows.size else np.zeros((0, dimension), np.float32)
        count = len(rows)
        centre = rows.mean(axis=0) if centred and count else np.zeros(dimension, np.float32)
        mean = np.asarray(centre * np.float32(count / (count + SHRINK)), np.float32)
        columns = _unit_rows(row - mean for row in rows).T if count else rows.T
        matrix = np.ascontiguousarray(columns, np.float32)
        over = ALIKE if centred else ALIKE_UNCENTRED
        lookalikes = frozenset(person for person, has in zip(vectors, alike(matrix, over), strict=True) if has)
        turned = None if rotation is None else np.ascontiguousarray(rotation)
        everybody = cls(
            tuple(vectors), model, dimension, matrix, mean, turned, threshold, near, margin, over, lookalikes
        )
        return everybody if only is None else everybody.narrowed(only)

    def narrowed(self, only: frozenset[str]) -> "Gallery":
        """Return the gallery of these people alone, about the same centre; an id that it does not hold is ignored."""
        kept = [i for i, person in enumerate(self.persons) if person in only]
        matrix = np.ascontiguousarray(self.matrix[:, kept])
        persons = tuple(self.persons[i] for i in kept)
        return replace(self, persons=persons, matrix=matrix, lookalikes=self.lookalikes & only)

    def claimed(self, person: str) -> "Gallery":
        """Return the gallery that verifies one person, whose code and PIN were given: a look-alike may match there."""
        return replace(self.narrowed(frozenset({person})), lookalikes=frozenset())

    def nearest(self, probe: Embedding) -> Nearest | None:
        """Find the best person for a probe; none in an empty gallery.

        Raises:
            GalleryRefused: for a probe that must not be compared.
        """
        scores = self.scores(probe)
        if not scores.size:
            return None
        best = int(scores.argmax())
        score = float(scores[best])
        scores[best] = -2.0
        clear = len(scores) == 1 or score - float(scores.max()) >= self.margin
        return Nearest(self.persons[best], score, clear)

    def decide(self, probe: Embedding) -> MatchDecision:
        """Decide who a probe is.

        Raises:
            GalleryRefused: for a probe that must not be compared.
        """
        nearest = self.nearest(probe)
        if nearest is None:
            return NoMatch(NoMatchReason.EMPTY)
        if nearest.score < self.near:
            return NoMatch(NoMatchReason.UNKNOWN)
        if not nearest.clear:
            return NoMatch(NoMatchReason.AMBIGUOUS)
        if nearest.score < self.threshold:
            return NearMatch()
        return NearMatch(lookalike=True) if nearest.person in self.lookalikes else Match(nearest.person, nearest.score)

    def scores(self, probe: Embedding) -> Floats:
        """Compare a probe with all N persons: float32[N], centred cosine. RAM only.

        Raises:
            GalleryRefused: for a probe that must not be compared.
        """
        if probe.model != self.model:
            raise GalleryRefused("model")
        vector = _checked(probe.vector, self.dimension)
        if not self.persons:
            return np.zeros(0, np.float32)
        if self.rotation is not None:
            vector = self.rotation @ vector
        vector = vector - self.mean
        # Never zero: the probe is of unit length, and the shrunken mean is shorter.
        result: Floats = (vector / np.sqrt(vector @ vector)) @ self.matrix
        return result


def mean_embedding(probes: Sequence[Embedding]) -> Embedding:
    """Average probes of one space and scale the result to unit length.

    Raises:
        GalleryRefused: when they are of several spaces, or cancel each other out.
    """
    if len({probe.model for probe in probes}) != 1:
        raise GalleryRefused("model")
    return Embedding(_unit_rows([np.mean([probe.vector for probe in probes], axis=0)])[0], probes[0].model)


def _is_square(rotation: Floats, dimension: int) -> bool:
    return type(rotation) is np.ndarray and rotation.dtype == np.float32 and rotation.shape == (dimension, dimension)


def _checked(vector: Floats, dimension: int) -> Floats:
    # A subclass may compare, multiply or print as it likes; a stride may be anything.
    if type(vector) is not np.ndarray or vector.dtype != np.float32 or vector.shape != (dimension,):
        raise GalleryRefused("size or type")
    if not vector.flags.c_contiguous:
        raise GalleryRefused("not contiguous")
    with np.errstate(over="ignore", invalid="ignore"):
        length = float(vector @ vector)
    # One comparison also refuses NaN and Inf: neither is within the bounds.
    if not abs(length - 1.0) <= _UNIT:
        raise GalleryRefused("not a unit vector")
    return vector


def _person(vectors: Sequence[Floats]) -> Floats:
    return np.asarray(np.mean(vectors[-REFERENCES_A_PERSON:], axis=0), np.float32)


def _unit_rows(rows: Iterable[Floats]) -> Floats:
    table = np.array(list(rows), np.float32)
    if not table.size:
        return table
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    if not (lengths > _UNIT).all():
        raise GalleryRefused("vectors that cancel each other out")
    return np.asarray(table / lengths, np.float32)
