"""Says whether a face that turned changed as a flat picture does; refuses to judge one that hardly turned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats
from kiosk.vision.liveness import Verdict

YAW: Final = 0.30
"""Change of yaw (as `Quality.yaw`) between two frames from which they show a turn."""
STRETCH: Final = 1.10
"""Ratio of the two scales of the best affine map between two frames from which they show a turn: acos(1/1.1) = 25
degrees of a plane."""
FLAT: Final = 0.030
HARDLY_DEEP: Final = 0.045
"""Residuals, in eye distances, below which a turn was one of a plane, and below which nobody can tell. Measured on
what the tests draw (docs/presentation-attacks.md): the points of fr_landmark are as uncertain as a nose is long."""
_LEFT_EYE, _RIGHT_EYE, _MOUTH, _NOSE = slice(36, 42), slice(42, 48), slice(48, 68), 30


@dataclass(frozen=True, slots=True)
class Turn:
    """How one face differs between two frames.

    Attributes:
        yaw: change of how far the nose is from the middle of the eyes, over half their distance.
        stretch: larger over smaller scale of the affine map that fits best, at least 1.
        residual: what the best homography leaves, root mean square over 68 points, in eye distances.
    """

    yaw: float
    stretch: float
    residual: float

    @property
    def enough(self) -> bool:
        """Whether the pose changed enough to tell a head from a plane."""
        return self.yaw >= YAW or self.stretch >= STRETCH

    @property
    def verdict(self) -> Verdict:
        """What a turn that was enough says: an attack where a plane explains it."""
        if self.residual < FLAT:
            return Verdict.ATTACK
        return Verdict.UNDECIDED if self.residual < HARDLY_DEEP else Verdict.BONA_FIDE


def turn(before: Floats, after: Floats) -> Turn | None:
    """Compare two frames of one face; None where the points allow no comparison.

    Two views of a plane differ by a homography (Hartley and Zisserman, Multiple View Geometry, 2004, chapter 13).

    Args:
        before: 68 x 2 float32 pixels.
        after: the same of the other frame.
    """
    one, other = _scaled(before), _scaled(after)
    if one is None or other is None:
        return None
    plane, _ = cv2.findHomography(one, other, 0)
    if plane is None:
        return None
    carried = cv2.perspectiveTransform(one[None], plane)[0]
    residual = float(np.sqrt(((carried - other) ** 2).sum(axis=1).mean()))
    first, second = yaws(np.stack([before, after]))
    return Turn(abs(float(second - first)), _stretch(one, other), residual)


def widest(views: Sequence[Floats]) -> Turn | None:
    """Return the turn between the two most different of several views; the flatter of two where both are enough."""
    stacked = np.stack(views)
    turns = []
    for values in (yaws(stacked), narrowness(stacked)):
        found = turn(views[int(np.argmin(values))], views[int(np.argmax(values))])
        if found is not None and found.enough:
            turns.append(found)
    return min(turns, key=lambda each: each.residual, default=None)


def yaws(views: Floats) -> Floats:
    """How far each nose lies from the middle of the eyes along their line, over half their distance: N float32."""
    left, right = views[:, _LEFT_EYE].mean(axis=1), views[:, _RIGHT_EYE].mean(axis=1)
    across = right - left
    aside = ((views[:, _NOSE] - (left + right) / 2) * across).sum(axis=1)
    return np.asarray(2 * aside / np.maximum((across * across).sum(axis=1), 1e-6), np.float32)


def narrowness(views: Floats) -> Floats:
    """Distance of the eyes over that from them to the mouth, N: it shrinks when a plane turns sideways."""
    left, right = views[:, _LEFT_EYE].mean(axis=1), views[:, _RIGHT_EYE].mean(axis=1)
    across, down = right - left, views[:, _MOUTH].mean(axis=1) - (left + right) / 2
    ratio = np.hypot(across[:, 0], across[:, 1]) / np.maximum(np.hypot(down[:, 0], down[:, 1]), 1e-3)
    return np.asarray(ratio, np.float32)


def _scaled(points: Floats) -> Floats | None:
    """Centre the points and measure them in eye distances."""
    eyes = float(np.hypot(*(points[_RIGHT_EYE].mean(axis=0) - points[_LEFT_EYE].mean(axis=0))))
    if not np.isfinite(points).all() or eyes < 1:
        return None
    return np.asarray((points - points.mean(axis=0)) / eyes, np.float32)


def _stretch(one: Floats, other: Floats) -> float:
    """Ratio of the singular values of the affine map that carries centred points onto centred points."""
    linear = np.linalg.lstsq(one, other, rcond=None)[0]
    large, small = np.linalg.svd(linear, compute_uv=False)
    return float(large / max(float(small), 1e-6))
