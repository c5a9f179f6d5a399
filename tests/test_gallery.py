"""Who is recognised, who is not, and what must never be compared."""

import numpy as np
import pytest
from vision_kit import DIMENSION, SPACE, Kept, gallery_of, near_to, person_vectors, probe

from kiosk.vision.arrays import Floats
from kiosk.vision.embed import Embedding
from kiosk.vision.gallery import (
    Gallery,
    GalleryRefused,
    Match,
    NearMatch,
    NoMatch,
    NoMatchReason,
    mean_embedding,
)


def decided(gallery: Gallery, vector: Floats) -> object:
    return gallery.decide(probe(vector))


def test_a_person_is_matched_by_their_own_face() -> None:
    people = person_vectors(20)
    gallery = gallery_of(people)
    for i, vector in enumerate(people):
        decision = decided(gallery, near_to(vector, 0.8))
        assert isinstance(decision, Match)
        assert decision.person == f"p{i}"


def test_a_stranger_is_not_recognised() -> None:
    gallery = gallery_of(person_vectors(20))
    assert decided(gallery, person_vectors(1, seed=99)[0]) == NoMatch(NoMatchReason.UNKNOWN)


def test_between_the_two_thresholds_nobody_is_named() -> None:
    people = person_vectors(3)
    gallery = gallery_of(people)
    assert isinstance(decided(gallery, near_to(people[0], 0.505)), Match)
    assert decided(gallery, near_to(people[0], 0.47)) == NearMatch()
    assert decided(gallery, near_to(people[0], 0.40)) == NoMatch(NoMatchReason.UNKNOWN)


def test_two_people_who_are_too_alike_are_ambiguous() -> None:
    first = person_vectors(1)[0]
    gallery = gallery_of(np.stack([first, near_to(first, 0.99)]))
    assert decided(gallery, first) == NoMatch(NoMatchReason.AMBIGUOUS)


def test_an_empty_gallery_recognises_nobody() -> None:
    gallery = Gallery.build([], SPACE, DIMENSION)
    assert decided(gallery, person_vectors(1)[0]) == NoMatch(NoMatchReason.EMPTY)


@pytest.mark.parametrize(
    ("what", "vector"),
    [
        ("not a number", np.full(DIMENSION, np.nan, np.float32)),
        ("one NaN", np.where(np.arange(DIMENSION) == 3, np.nan, person_vectors(1)[0]).astype(np.float32)),
        ("infinite", np.full(DIMENSION, np.inf, np.float32)),
        ("zero", np.zeros(DIMENSION, np.float32)),
        ("too short", person_vectors(1)[0][:-1]),
        ("two rows", person_vectors(2)),
        ("too long a vector", person_vectors(1)[0] * np.float32(3)),
        ("float64", person_vectors(1)[0].astype(np.float64)),
    ],
)
def test_what_is_no_unit_vector_of_float32_is_refused(what: str, vector: Floats) -> None:
    del what
    gallery = gallery_of(person_vectors(3))
    with pytest.raises(GalleryRefused):
        gallery.decide(probe(vector))
    with pytest.raises(GalleryRefused):
        Gallery.build([Kept("p", vector)], SPACE, DIMENSION)


def test_a_probe_of_another_model_is_refused() -> None:
    with pytest.raises(GalleryRefused):
        gallery_of(person_vectors(3)).decide(Embedding(person_vectors(1)[0], "another"))


def test_references_of_another_model_are_left_out() -> None:
    people = person_vectors(2)
    gallery = Gallery.build([Kept("a", people[0]), Kept("b", people[1], "another")], SPACE, DIMENSION)
    assert gallery.persons == ("a",)


def test_references_that_cancel_each_other_out_are_refused() -> None:
    vector = person_vectors(1)[0]
    with pytest.raises(GalleryRefused):
        Gallery.build([Kept("a", vector), Kept("a", -vector)], SPACE, DIMENSION)


def test_the_matrix_is_float32_transposed_and_contiguous() -> None:
    gallery = gallery_of(person_vectors(7), centred=True)
    assert gallery.matrix.dtype == np.float32
    assert gallery.matrix.shape == (DIMENSION, 7)
    assert gallery.matrix.flags.c_contiguous
    assert gallery.mean.dtype == np.float32
    assert gallery.scores(probe(person_vectors(1)[0])).dtype == np.float32


def test_a_person_is_the_mean_of_their_last_five_references() -> None:
    views = [near_to(person_vectors(1)[0], 0.9, seed=s) for s in range(7)]
    gallery = Gallery.build([Kept("a", view) for view in views], SPACE, DIMENSION, centred=False)
    mean = np.mean(views[-5:], axis=0)
    assert np.allclose(gallery.matrix[:, 0], mean / np.linalg.norm(mean), atol=1e-6)
    assert gallery.persons == ("a",)


def test_centring_subtracts_the_shrunken_mean_of_the_site() -> None:
    people = person_vectors(12)
    gallery = gallery_of(people, centred=True)
    mean = people.mean(axis=0) * 12 / 17
    assert np.allclose(gallery.mean, mean, atol=1e-6)
    q = near_to(people[4], 0.7)
    expected = [float((q - mean) @ (g - mean) / np.linalg.norm(q - mean) / np.linalg.norm(g - mean)) for g in people]
    assert np.allclose(gallery.scores(probe(q)), expected, atol=1e-5)


def test_centring_tells_apart_people_who_share_a_direction() -> None:
    shared = person_vectors(1, seed=3)[0]
    people = np.stack([near_to(shared, 0.75, seed=s) for s in range(12)])
    stranger = near_to(shared, 0.75, seed=99)
    assert float(np.max(people @ stranger)) > 0.5
    assert isinstance(decided(gallery_of(people), stranger), Match | NearMatch | NoMatch)
    centred = gallery_of(people, centred=True)
    assert decided(centred, stranger) == NoMatch(NoMatchReason.UNKNOWN)
    assert isinstance(decided(centred, near_to(people[5], 0.9)), Match)


def test_a_rotated_store_gives_the_same_scores() -> None:
    people = person_vectors(10)
    turn = np.linalg.qr(np.random.default_rng(4).standard_normal((DIMENSION, DIMENSION)))[0].astype(np.float32)
    plain = gallery_of(people, centred=True)
    turned_references = [Kept(f"p{i}", (turn @ vector).astype(np.float32)) for i, vector in enumerate(people)]
    turned = Gallery.build(turned_references, SPACE, DIMENSION, rotation=turn)
    q = probe(near_to(people[2], 0.7))
    assert np.allclose(plain.scores(q), turned.scores(q), atol=1e-5)
    with pytest.raises(GalleryRefused):
        Gallery.build(turned_references, SPACE, DIMENSION, rotation=turn.astype(np.float64))


def test_no_vector_and_no_score_is_ever_printed() -> None:
    people = person_vectors(2)
    gallery = gallery_of(people)
    q = probe(people[0])
    text = " ".join(repr(each) for each in (gallery, q, gallery.decide(q), gallery.nearest(q)))
    assert "array" not in text
    assert "score" not in text
    assert "0." not in text.replace("threshold=0.5, near=0.43, margin=0.05", "")


def test_the_mean_of_probes_is_of_unit_length_and_of_one_space() -> None:
    people = person_vectors(3)
    mean = mean_embedding([probe(each) for each in people])
    assert float(np.linalg.norm(mean.vector)) == pytest.approx(1, abs=1e-5)
    assert mean.vector.dtype == np.float32
    with pytest.raises(GalleryRefused):
        mean_embedding([probe(people[0]), Embedding(people[1], "another")])


def test_ten_thousand_people_are_searched_exactly() -> None:
    rows = np.random.default_rng(2).standard_normal((10_000, 512)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    gallery = Gallery.build([Kept(str(i), row) for i, row in enumerate(rows)], SPACE, 512)
    for person in (0, 77, 9_999):
        decision = gallery.decide(probe(rows[person]))
        assert isinstance(decision, Match)
        assert decision.person == str(person)
