"""Turned references: as good as new inside one store, strangers to every other store, and that is all they are."""

import functools
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from store_kit import CONSENT, DIM, MODEL, new_store
from vision_kit import everybody, installed

from kiosk.store import Reference, Store
from kiosk.store.renew import renew
from kiosk.store.rotation import orthonormal, turned_each
from kiosk.vision.film import SUBJECTS

Floats = npt.NDArray[np.float32]
Faces = dict[str, Floats]
SIX = 6.0


@functools.cache
def real_faces() -> Faces:
    """Four portraits of each of eight people, as the installed model sees them: float32[4, 512] each."""
    pipeline, film = installed(), everybody()
    found = {}
    for subject in SUBJECTS:
        portraits = film.portrait(subject)
        crops = [pipeline.quality(image, pipeline.detect(image)[0])[1] for image in portraits]
        found[subject] = np.stack([pipeline.embed(crop).vector for crop in crops])
    return found


def made_up_faces() -> Faces:
    """Twelve people of four references that are as close as a model finds them, around a common middle."""
    random = np.random.default_rng(24745)
    middle = random.normal(size=DIM)
    faces = {}
    for number in range(12):
        own = random.normal(size=DIM) + 0.4 * middle
        rows = own + 0.45 * random.normal(size=(4, DIM))
        faces[f"made-up {number}"] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return faces


def kept(place: Path, faces: Faces) -> tuple[Store, Floats]:
    """A new store with these people, and all their references as the store keeps them, in the order of `faces`."""
    store = new_store(place)
    for number, (name, vectors) in enumerate(faces.items()):
        person = store.people.add(f"E-{number:04}", name)
        store.basis.enrol(person, CONSENT, [Reference(person, vector, MODEL, 0.9, 1) for vector in vectors])
    return store, stored(store)


def stored(store: Store) -> Floats:
    found = store.templates.references()
    return np.stack([one.vector for person in store.people.all() for one in found if one.person == person.id])


def mated(faces: Faces) -> npt.NDArray[np.bool_]:
    """Which pairs of rows are of one person."""
    whose = np.repeat(np.arange(len(faces)), [len(vectors) for vectors in faces.values()])
    same: npt.NDArray[np.bool_] = whose[:, None] == whose[None, :]
    return same


def linked(stores: Sequence[Floats], faces: Faces) -> str:
    """Why somebody who compares references could tell that the stores hold the same people; empty if nothing tells.

    Unrelated directions in D dimensions score 0 on average with a spread of 1/sqrt(D). References of one person differ
    little, so a person and a pair of stores give one independent score, and six spreads are one in a billion.
    """
    pairs = list(combinations(stores, 2))
    scores = np.stack([one @ other.T for one, other in pairs])
    ours, theirs = scores[:, mated(faces)], scores[:, ~mated(faces)]
    spread = 1 / np.sqrt(stores[0].shape[1])
    of_the_mean = spread / np.sqrt(len(pairs) * len(faces))
    if abs(ours.mean()) > SIX * of_the_mean:
        return f"the same face scores {ours.mean():.3f} on average"
    if abs(ours.mean() - theirs.mean()) > SIX * of_the_mean:
        return f"the same face scores {ours.mean():.3f}, another {theirs.mean():.3f}"
    if np.abs(ours).max() > SIX * spread:
        return f"a face scores {np.abs(ours).max():.3f} against itself"
    if not 0.5 < ours.std() / spread < 1.8:
        return f"scores of the same face spread by {ours.std():.3f}, those of strangers by {spread:.3f}"
    return ""


SETS: dict[str, Callable[[], Faces]] = {"real faces": real_faces, "made-up faces": made_up_faces}


@pytest.fixture(params=SETS)
def faces(request: pytest.FixtureRequest) -> Faces:
    return SETS[request.param]()


def test_the_same_people_in_several_stores_score_like_strangers(tmp_path: Path, faces: Faces) -> None:
    plain, same = np.concatenate(list(faces.values())), mated(faces)
    inside = plain @ plain.T
    assert inside[same].min() > 0.6, "inside one store everybody is found"
    assert np.abs(inside[~same].mean()) < 0.2
    stores = [kept(tmp_path / name, faces)[1] for name in ("one", "two", "three", "four")]
    for rows in stores:
        assert np.abs(rows @ rows.T - inside).max() < 1e-6
    assert linked(stores, faces) == ""


def test_a_renewed_store_and_itself_from_before_score_like_strangers(tmp_path: Path, faces: Faces) -> None:
    store, rows = kept(tmp_path / "state", faces)
    before = [rows]
    for _ in range(3):
        renew(store, rest_s=0)
        before.append(stored(store))
        assert np.abs(before[-1] @ before[-1].T - rows @ rows.T).max() < 1e-6
    assert linked(before, faces) == ""


def test_stores_that_turn_by_one_matrix_or_by_none_are_found_out(faces: Faces) -> None:
    plain = np.concatenate(list(faces.values()))
    dim = plain.shape[1]
    shared = np.stack(list(turned_each(orthonormal(bytes(32), model=MODEL, epoch=1, dim=dim), list(plain))))
    assert linked([shared] * 4, faces).startswith("the same face scores")
    assert linked([plain] * 4, faces).startswith("the same face scores")
    # One number in eight left as it is: the rest alone would do.
    half = [shared.copy() for _ in range(4)]
    for number, rows in enumerate(half):
        matrix = orthonormal(bytes([number]) * 32, model=MODEL, epoch=1, dim=dim - dim // 8)
        rows[:, dim // 8 :] = rows[:, dim // 8 :] @ matrix.astype(np.float32).T
    assert linked(half, faces).startswith("the same face scores")


def test_whoever_can_open_two_stores_finds_the_same_angles_in_both(tmp_path: Path, faces: Faces) -> None:
    """The limit that docs/limitations.md names: a turn hides directions, not what lies between several people."""
    one, other = (kept(tmp_path / name, faces)[1] for name in ("one", "other"))
    assert np.abs(one @ one.T - other @ other.T).max() < 1e-6
    u, _, v = np.linalg.svd(other.T.astype(np.float64) @ one)  # the best turn of one onto the other (Schoenemann, 1966)
    assert np.sum(one @ (u @ v).T * other, axis=1).min() > 0.999


@pytest.mark.parametrize(("dim", "renewals"), [(512, 5), (128, 50)])
def test_fifty_renewals_move_no_comparison(dim: int, renewals: int) -> None:
    """Each rounding to float32 moves a vector by 2^-24 at most: k renewals move a cosine by (k + 1) 2^-23 at most."""
    random = np.random.default_rng(417)
    plain = random.normal(size=(200, dim))
    plain[100:] = plain[:100] + 0.3 * plain[100:]  # somebody else's second reference: cosines near 1, too
    rows = list((plain / np.linalg.norm(plain, axis=1, keepdims=True)).astype(np.float32))
    first = np.stack(rows)
    exact = first.astype(np.float64) @ first.T.astype(np.float64)
    turn = np.eye(dim)
    for number in range(renewals + 1):
        matrix = orthonormal(bytes([number]) * 32, model=MODEL, epoch=number + 1, dim=dim)
        rows = list(turned_each(matrix @ turn.T, rows))
        turn = matrix
    last = np.stack(rows)
    moved = np.abs(last.astype(np.float64) @ last.T.astype(np.float64) - exact).max()
    assert 0 < moved < min((renewals + 2) * 2.0**-23, 2e-7)
    assert np.abs(last @ last.T - first @ first.T).max() < 1e-6, "as the gallery compares: in float32"
    assert np.abs(last @ (turn.astype(np.float32) @ first.T) - first @ first.T).max() < 1e-6, "and with a probe"
