"""Draws made-up people whose scores spread as those of real faces do; refuses to stand in for a measurement of faces.

Independent random vectors of 512 numbers score 0 +- 0.044 with each other and prove nothing. Here a face is

    x = a * shared + sqrt(1 - a^2) * own

with one direction `shared` for everybody at the door (population, camera, light), a loading `a` a little different
for each person, and `own` of unit length from a covariance whose eigenvalues fall as r^k, so that only some sixty
directions count, as in real embeddings.
"""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from kiosk.vision.arrays import Floats


@dataclass(frozen=True, slots=True)
class Spread:
    """What non-mated scores, not centred, shall look like.

    Attributes:
        mean: of the scores.
        deviation: standard deviation of the scores.
        loading: standard deviation of `a` between people.
    """

    mean: float
    deviation: float
    loading: float


OFFICE: Final = Spread(0.151, 0.130, 0.12)
"""A homogeneous office. Mean: NUAA (recognition.md). Deviation: NUAA's FMR of 2.8e-2, 1.8e-3 and 2.9e-4 at 0.40, 0.50
and 0.55 lie where a normal distribution of that mean has them with a deviation of 0.130, 0.120 and 0.116, and the
widest is taken; LFW's three thresholds give 0.106 to 0.110 at mean 0.008, the film's eight people 0.102 at 0.015
(measured). Loading: with 0.12, galleries of 12 have a centred FPIR of 0.96 %, 0.18 %, 0.02 % and 0 at 0.40 to 0.55,
where NUAA has 0.95 %, 0.11 %, 0 and 0 (docs/recognition-measured.md)."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """How one person's frames lie about their reference.

    Attributes:
        mean: of the mated score of one frame.
        deviation: of that score from one walk-up to the next.
        agreement: mean score of two frames of one walk-up.
    """

    mean: float
    deviation: float
    agreement: float


SAME_DAY: Final = Sitting(0.981, 0.024, 0.974)
"""Measured on 351 frames of the sample film's eight people against their own portraits: photographs that move, and so
kinder than a door."""
ANOTHER_DAY: Final = Sitting(0.733, 0.080, 0.974)
"""NUAA, enrolled on one day and probed on others: FNIR 0.19 % at 0.50 and 1.15 % at 0.55 for one plain frame
(recognition.md) are those of a normal distribution with this mean and deviation. Agreement as on the film."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """People of one door.

    Attributes:
        shared: float32[D], unit length: what their faces have in common.
        own: float32[K, D]: the other directions, each scaled by the root of its eigenvalue.
        spread: what the scores shall look like.
    """

    shared: Floats = field(repr=False)
    own: Floats = field(repr=False)
    spread: Spread

    @classmethod
    def about(cls, real: Floats, spread: Spread, random: np.random.Generator) -> "Population":
        """Make a population to which real people could belong.

        `shared` is their mean, and the directions in which they differ lie where the eigenvalues are middling: so
        made-up people score against the real ones as they do among themselves.

        Args:
            real: R x D float32 of unit length, R >= 2, of one embedding space.
            spread: of the made-up people.
            random: draws the other directions.
        """
        count, dimension = real.shape
        centre = real.mean(axis=0)
        columns = [centre[:, None], (real - centre)[1:].T, random.standard_normal((dimension, dimension - count))]
        basis = np.linalg.qr(np.concatenate(columns, axis=1).astype(np.float32))[0].T
        effective = _effective(spread)
        ratio = (effective - 1) / (effective + 1)
        middling = round(math.log(0.5) / math.log(ratio))
        others, theirs = basis[count:], basis[1:count]
        rows = np.concatenate([others[:middling], theirs, others[middling:]])
        roots = np.sqrt(ratio ** np.arange(len(rows)), dtype=np.float32)
        shared = centre / np.linalg.norm(centre)
        return cls(np.asarray(shared, np.float32), np.asarray(rows * roots[:, None], np.float32), spread)

    def draw(self, count: int, random: np.random.Generator) -> Floats:
        """Draw people: count x D float32 of unit length."""
        loading = random.normal(math.sqrt(self.spread.mean), self.spread.loading, count).clip(-0.9, 0.9)
        a = loading.astype(np.float32)[:, None]
        return np.asarray(a * self.shared + np.sqrt(1 - a * a) * self._directions(count, random), np.float32)

    def frames(self, person: Floats, sitting: Sitting, count: int, random: np.random.Generator) -> Floats:
        """Draw the frames of one walk-up: count x D float32 of unit length.

        A frame differs from the person by what the whole walk-up shares and by what is its own; both lie in the
        directions in which people differ, which is why a bad frame can look like somebody else.

        Args:
            person: float32[D] of unit length.
            sitting: how alike.
            count: of frames.
            random: draws the differences.
        """
        cosine = float(np.clip(random.normal(sitting.mean, sitting.deviation), -0.99, 0.995))
        rest = 1 - cosine * cosine
        common = min(max((sitting.agreement - cosine * cosine) / rest, 0.0), 1.0)
        drawn = self._directions(count + 1, random)
        drawn -= np.outer(drawn @ person, person)
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        away = math.sqrt(common) * drawn[:1] + math.sqrt(1 - common) * drawn[1:]
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        return np.asarray(cosine * person + math.sqrt(rest) * away, np.float32)

    def _directions(self, count: int, random: np.random.Generator) -> Floats:
        drawn = random.standard_normal((count, len(self.own)), np.float32) @ self.own
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def _effective(spread: Spread) -> float:
    """How many directions count: two independent `own` score 0 +- 1/sqrt(that).

    The scores' variance is that of a product of two loadings, `(q^2 - mean^2)` with q = mean + loading^2, plus
    `(1 - q)^2 / effective`; solved for `effective`. Eigenvalues r^k have (1 + r) / (1 - r) effective directions.
    """
    square = spread.mean + spread.loading**2
    left = spread.deviation**2 - (square**2 - spread.mean**2)
    return (1 - square) ** 2 / left
