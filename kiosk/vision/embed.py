"""Turns an aligned face into a probe of unit length; refuses to print it."""

from dataclasses import dataclass, field

import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.session import Session

_LEAST_LENGTH = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """A probe. RAM only; never stored, never printed.

    Attributes:
        vector: float32[D], unit length.
        model: the embedding space that it belongs to; only vectors of one space compare.
    """

    vector: Floats = field(repr=False)
    model: str


class Embedder:
    """The embedding network of a pack. RGB instead of BGR costs it TAR 0.976 -> 0.909 (recognition.md, traps).

    Args:
        session: a network from 1x3x112x112 float32 to 1xD float32.
        space: the pack's embedding space.
    """

    def __init__(self, session: Session, space: str) -> None:
        self._session = session
        self._space = space

    def embed(self, aligned: Image) -> Embedding:
        """Embed an aligned face.

        Args:
            aligned: 112 x 112 x 3 uint8 BGR, from `align.aligned`.

        Raises:
            Fault: MODEL_ALTERED when the network answers with something that has no direction.
        """
        return unit(self._session.infer(aligned)[0].ravel(), self._space)


def unit(vector: Floats, space: str) -> Embedding:
    """Scale a float32[D] vector to unit length.

    Raises:
        Fault: MODEL_ALTERED when it is not finite or has no direction.
    """
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length < _LEAST_LENGTH:
        raise Fault(FaultCode.MODEL_ALTERED, space)
    return Embedding(np.ascontiguousarray(vector / np.float32(length), np.float32), space)
