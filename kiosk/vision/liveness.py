"""Says how much a face looks like a picture of a face; refuses to be the only control against attacks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import Box
from kiosk.vision.session import Session

SURROUNDINGS: Final = 2.7
"""The crop is the box scaled by this about its centre (recognition.md, exact processing)."""

LEAST_SURROUNDINGS: Final = 1.8
"""Below, bezel, border and hands of an attack lie outside the frame: a face over 266 of 480 lines (our choice)."""
WHOLE: Final = 0.85
"""A box is square until the frame's edge cuts it: shorter side over the longer."""


class Verdict(StrEnum):
    """Words of ISO/IEC 30107: a bona fide presentation, an attack, neither with any certainty, or nothing to judge."""

    BONA_FIDE = "bona_fide"
    ATTACK = "attack"
    UNDECIDED = "undecided"
    INPUT_REJECTED = "input_rejected"
    """The picture does not show what a judgement needs: never an attack, and never a match."""


_WORST_FIRST: Final = (Verdict.ATTACK, Verdict.INPUT_REJECTED, Verdict.UNDECIDED, Verdict.BONA_FIDE)


class Policy(StrEnum):
    """What a verdict may do at this door."""

    SIGNAL = "signal"
    """Recorded only: a device whose self-test was not done."""
    CLEAR_ATTACK = "clear_attack"
    """Refuses an attack, lets the undecided pass: the default before the self-test."""
    ENFORCE = "enforce"
    """Refuses everything but a bona fide presentation: after the self-test set this camera's threshold."""


class Layer(StrEnum):
    """What judged (docs/presentation-attacks.md)."""

    INPUT = "input"
    SCORE = "score"
    MOTION = "motion"
    LOOP = "loop"
    GEOMETRY = "geometry"
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one layer makes of a presentation; a layer that has nothing to judge by has no opinion."""

    layer: Layer
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Liveness:
    """RAM only.

    Attributes:
        score: probability of a live face by the pack's own network, 0..1; the median where there are several frames.
        verdict: what all layers make of it together.
        opinions: what each of them made of it.
    """

    score: float = field(repr=False)
    verdict: Verdict
    opinions: tuple[Opinion, ...] = ()

    @classmethod
    def of(cls, score: float, opinions: Sequence[Opinion]) -> "Liveness":
        """Join layers: the worst opinion is the verdict, so a layer can only take away; undecided without any."""
        worst = min((each.verdict for each in opinions), key=_WORST_FIRST.index, default=Verdict.UNDECIDED)
        return cls(score, worst, tuple(opinions))

    @property
    def why(self) -> Layer | None:
        """The first layer that made the verdict what it is."""
        return next((each.layer for each in self.opinions if each.verdict is self.verdict), None)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where scores become verdicts: below `attack`, from `bona_fide` on. This camera's own after a self-test."""

    attack: float = 0.001
    bona_fide: float = 0.60

    def verdict(self, score: float) -> Verdict:
        """Judge a score; one that is not a number is undecided."""
        if score >= self.bona_fide:
            return Verdict.BONA_FIDE
        return Verdict.ATTACK if score < self.attack else Verdict.UNDECIDED

    def judge(self, scores: Sequence[float]) -> Liveness:
        """Judge the median of several frames' scores; undecided without any."""
        middle = median(scores) if scores else math.nan
        return Liveness.of(middle, [Opinion(Layer.SCORE, self.verdict(middle))])

    def again(self, liveness: Liveness) -> Verdict:
        """Judge once more what was judged with other bounds: the score anew, every other layer as it was."""
        score = Opinion(Layer.SCORE, self.verdict(liveness.score))
        opinions = [score if each.layer is Layer.SCORE else each for each in liveness.opinions]
        return Liveness.of(liveness.score, opinions).verdict


def allows(policy: Policy, verdict: Verdict) -> bool:
    """Whether a match with this verdict may stand. Always AND-ed with the match, never instead of it."""
    if policy is Policy.ENFORCE:
        return verdict is Verdict.BONA_FIDE
    return policy is Policy.SIGNAL or verdict in (Verdict.BONA_FIDE, Verdict.UNDECIDED)


class LivenessNet:
    """fr_liveness: a network from the face with its surroundings to three logits, the first of them live.

    RGB instead of BGR costs it AUC 0.91 -> 0.67 (recognition.md, traps).

    Args:
        session: from 1x3x128x128, 0..255, to 1x3 float32.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def score(self, image: Image, box: Box) -> float:
        """Return the probability, 0..1, that the face in `box` of an H x W x 3 BGR picture is live."""
        logits = self._session.infer(surroundings(image, box))[0].ravel()
        return float(softmax(logits)[0])


def complete(image: Image, box: Box) -> bool:
    """Whether the frame shows enough of what is about a face to judge by: it is not cut off, nor too near."""
    height, width = image.shape[:2]
    w, h = box.x2 - box.x1, box.y2 - box.y1
    cut = min(w, h) < WHOLE * max(w, h)
    return not cut and min(width, height) >= LEAST_SURROUNDINGS * max(w, h)


def surroundings(image: Image, box: Box) -> Image:
    """Cut the box scaled by 2.7 about its centre, shifted into the frame, shrunk where the frame is too small."""
    height, width = image.shape[:2]
    x, y = int(box.x1), int(box.y1)
    w, h = int(box.x2) - x, int(box.y2) - y
    scale = min((height - 1) / h, (width - 1) / w, SURROUNDINGS)
    half_w, half_h = w * scale / 2, h * scale / 2
    left = min(max(x + w / 2 - half_w, 0.0), width - 1 - 2 * half_w)
    top = min(max(y + h / 2 - half_h, 0.0), height - 1 - 2 * half_h)
    left, top = max(int(left), 0), max(int(top), 0)
    return image[top : top + int(2 * half_h), left : left + int(2 * half_w)]


def softmax(logits: Floats) -> Floats:
    """Turn logits into probabilities."""
    raised = np.exp(logits - logits.max())
    return np.asarray(raised / raised.sum(), np.float32)


class MiniFas:
    """The optional add-on minifas: real against spoof, from a padded square about the face.

    Args:
        session: from 1x3x128x128 RGB 0..1 to two logits, real and spoof.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def difference(self, image: Image, box: Box) -> float:
        """Return real minus spoof, in logits, for the face in `box` of an H x W x 3 BGR picture."""
        side = max(int(box.size * 1.5), 2)
        x, y = (round(v - side / 2) for v in box.centre)
        height, width = image.shape[:2]
        inside = image[max(y, 0) : min(y + side, height), max(x, 0) : min(x + side, width)]
        pad = (max(-y, 0), max(y + side - height, 0), max(-x, 0), max(x + side - width, 0))
        square = np.asarray(cv2.copyMakeBorder(inside, *pad, cv2.BORDER_REFLECT_101), np.uint8)
        real, spoof = self._session.infer(square)[0].ravel()[:2]
        return float(real - spoof)
