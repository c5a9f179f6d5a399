"""The secret turn of all references of one device, model and epoch; refuses numpy's generators, which may change."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from kiosk.store.vault import derive, keystream

_WORD: Final = 8  # bytes of key stream per uniform number
_UNIT: Final = 2.0**-53
_AT_ONCE: Final = 1024  # vectors in one product: 4 MiB in float64 for 512 numbers each


def orthonormal(key: bytes, *, model: str, epoch: int, dim: int) -> npt.NDArray[np.float64]:
    """The matrix Q, float64[dim, dim], Q @ Q.T = 1; `Q @ vector` turns a vector and changes no cosine.

    HKDF-SHA256(key, salt = model, info = "ambang/rotation/v1/<epoch>/<dim>") keys a ChaCha20 stream; each 8 bytes,
    little-endian, give 53 bits u; Box-Muller (Ann. Math. Stat. 29, 1958) turns pairs (u1 in (0, 1], u2 in [0, 1)) into
    normal numbers, row by row, cosine before sine; Q is the Q of its QR decomposition with the signs of R's diagonal
    made positive, and so uniform over the orthogonal group (Mezzadri, Notices AMS 54, 2007).
    """
    count = dim * dim + (dim * dim) % 2
    stream = keystream(derive(key, salt=model.encode(), info=f"ambang/rotation/v1/{epoch}/{dim}"), count * _WORD)
    words = (np.frombuffer(stream, dtype="<u8") >> np.uint64(11)).astype(np.float64).reshape(-1, 2)
    radius = np.sqrt(-2.0 * np.log((words[:, 0] + 1.0) * _UNIT))
    angle = 2.0 * math.pi * (words[:, 1] * _UNIT)
    normal = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)[: dim * dim]
    q, r = np.linalg.qr(normal.reshape(dim, dim))
    turned: npt.NDArray[np.float64] = q * np.where(np.diagonal(r) < 0.0, -1.0, 1.0)
    return turned


def turned(matrix: npt.NDArray[np.float64], vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """`matrix @ vector` in float64, made unit length again, as float32."""
    result = matrix @ vector.astype(np.float64)
    unit: npt.NDArray[np.float32] = (result / np.linalg.norm(result)).astype(np.float32)
    return unit


def turned_each(
    matrix: npt.NDArray[np.float64], vectors: Sequence[npt.NDArray[np.float32]]
) -> Iterator[npt.NDArray[np.float32]]:
    """`turned` for many vectors of one size, many times faster."""
    for first in range(0, len(vectors), _AT_ONCE):
        rows = np.stack(vectors[first : first + _AT_ONCE]).astype(np.float64) @ matrix.T
        yield from (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
