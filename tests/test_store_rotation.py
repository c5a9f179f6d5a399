"""The secret turn of references: pinned by golden numbers, changes no comparison, says nothing on another device."""

import hmac
import math
import struct
from pathlib import Path

import numpy as np
from store_kit import DIM, MODEL, enrolled, face, new_store, reopened

from kiosk.store.keys import KeyKind
from kiosk.store.rotation import orthonormal, turned
from kiosk.store.vault import keystream

KEY = bytes(range(32))
GOLDEN = [
    [0.4540668388603111, -0.1888775846774944, 0.8707172697574111],
    [-0.5572408343903593, 0.7023399251072664, 0.4429461390375307],
    [-0.6952020989146541, -0.6863263710558667, 0.21365896671552134],
]


def independent(key: bytes, model: str, epoch: int, dim: int) -> list[list[float]]:
    """The written recipe with plain floats and Gram-Schmidt, which is the QR with a positive diagonal."""
    extracted = hmac.digest(model.encode(), key, "sha256")
    stream_key = hmac.digest(extracted, f"ambang/rotation/v1/{epoch}/{dim}".encode() + b"\x01", "sha256")
    count = dim * dim + dim * dim % 2
    words = [word >> 11 for word in struct.unpack(f"<{count}Q", keystream(stream_key, 8 * count))]
    normal: list[float] = []
    for first, second in zip(words[::2], words[1::2], strict=True):
        radius, angle = math.sqrt(-2.0 * math.log((first + 1) / 2**53)), 2.0 * math.pi * second / 2**53
        normal += [radius * math.cos(angle), radius * math.sin(angle)]
    done: list[list[float]] = []
    for column in range(dim):
        rest = [normal[row * dim + column] for row in range(dim)]
        for unit in (*done, *done):
            along = sum(a * b for a, b in zip(rest, unit, strict=True))
            rest = [a - along * b for a, b in zip(rest, unit, strict=True)]
        length = math.sqrt(sum(a * a for a in rest))
        done.append([a / length for a in rest])
    return [[done[column][row] for column in range(dim)] for row in range(dim)]


def test_the_matrix_is_the_golden_one() -> None:
    assert np.allclose(orthonormal(KEY, model="golden/1", epoch=1, dim=3), GOLDEN, rtol=0, atol=1e-12)
    large = orthonormal(KEY, model="golden/1", epoch=1, dim=512)
    found = [large[0, 0], large[0, 2], large[511, 511], large[255, 255]]
    assert np.allclose(found, [0.00211094, 0.01383861, 0.06378775, 0.10430415], rtol=0, atol=1e-7)


def test_the_matrix_is_what_the_recipe_says() -> None:
    for dim in (2, 5, 16):
        found = orthonormal(KEY, model="golden/1", epoch=2, dim=dim)
        assert np.allclose(found, independent(KEY, "golden/1", 2, dim), rtol=0, atol=1e-12)


def test_the_matrix_is_orthonormal_and_another_for_each_key_model_and_epoch() -> None:
    first = orthonormal(KEY, model="a", epoch=1, dim=64)
    assert np.allclose(first @ first.T, np.eye(64), rtol=0, atol=1e-13)
    others = [
        orthonormal(KEY[::-1], model="a", epoch=1, dim=64),
        orthonormal(KEY, model="b", epoch=1, dim=64),
        orthonormal(KEY, model="a", epoch=2, dim=64),
    ]
    assert all(np.abs(first - other).max() > 0.1 for other in others)


def test_turning_changes_no_cosine() -> None:
    matrix = orthonormal(KEY, model="a", epoch=1, dim=512)
    plain = np.stack([face("p", seed, 512).vector for seed in range(40)])
    moved = np.stack([turned(matrix, vector) for vector in plain])
    assert moved.dtype == np.float32
    assert np.abs(moved @ moved.T - plain @ plain.T).max() < 1e-6


def test_references_come_out_turned_and_a_probe_turned_once_compares_with_them(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    person = enrolled(store, seeds=(1, 2))
    matrix = store.templates.rotation(MODEL, DIM)
    found = store.templates.references()
    assert [(r.person, r.model, r.vector.dtype, r.vector.shape) for r in found] == [
        (person, MODEL, np.dtype(np.float32), (DIM,))
    ] * 2
    for reference, seed in zip(found, (1, 2), strict=True):
        original = face(person, seed).vector
        assert abs(float(reference.vector @ original)) < 0.5
        assert float(reference.vector @ (matrix @ original)) > 0.99999
        assert abs(reference.quality - 0.9) < 1e-6
        assert reference.taken_at == face(person, seed).taken_at
    again = reopened(store)
    assert np.array_equal(again.templates.rotation(MODEL, DIM), matrix)
    again.close()


def test_the_same_face_on_two_devices_scores_like_strangers(tmp_path: Path) -> None:
    found = []
    for name in ("one", "other"):
        store = new_store(tmp_path / name)
        enrolled(store, seeds=(7,))
        found.append(store.templates.references()[0].vector)
        store.close()
    assert abs(float(found[0] @ found[1])) < 0.5


def test_a_reference_of_an_older_epoch_still_compares(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    person = enrolled(store, seeds=(1,))
    with store.database.write():
        store.keys.make(KeyKind.ROTATION, period=MODEL, epoch=2)
    (reference,) = store.templates.references()
    probe = store.templates.rotation(MODEL, DIM) @ face(person, 1).vector
    assert float(reference.vector @ probe) > 0.99999
    store.close()
