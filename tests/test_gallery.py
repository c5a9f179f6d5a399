"""Who is recognised, who is not, and what must never be compared."""

from typing import Any

import numpy as np
import pytest
from vision_kit import DIMENSION, SPACE, Kept, gallery_of, near_to, person_vectors, probe

from kiosk.vision import lookalikes
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


def pair_among(people: int, cosine: float) -> Floats:
    """People of whom the first two are this alike."""
    vectors = person_vectors(people)
    vectors[1] = near_to(vectors[0], cosine)
    return vectors


@pytest.mark.parametrize("centred", [True, False])
def test_a_look_alike_is_asked_for_the_pin_and_named_to_nobody(centred: bool) -> None:  # noqa: FBT001 - a switch
    people = pair_among(30, 0.6)
    gallery = gallery_of(people, centred=centred)
    assert gallery.lookalikes == {"p0", "p1"}
    for twin in (0, 1):
        assert decided(gallery, near_to(people[twin], 0.95)) == NearMatch(lookalike=True)
    assert isinstance(decided(gallery, near_to(people[2], 0.9)), Match)
    assert decided(gallery, near_to(people[0], 0.47, seed=8)) in (NearMatch(), NoMatch(NoMatchReason.UNKNOWN))


def test_a_look_alike_is_matched_where_the_pin_has_said_who_it_is() -> None:
    people = pair_among(30, 0.6)
    gallery = gallery_of(people, centred=True)
    for twin in ("p0", "p1"):
        one = gallery.claimed(twin)
        assert (one.persons, one.lookalikes) == ((twin,), frozenset())
        decision = decided(one, near_to(people[int(twin[1])], 0.9))
        assert isinstance(decision, Match)
        assert decision.person == twin


def test_a_claimed_person_is_compared_with_nobody_else_and_by_the_same_score() -> None:
    people = person_vectors(30)
    gallery = gallery_of(people, centred=True)
    own, other = probe(near_to(people[4], 0.8)), probe(people[5])
    one = gallery.claimed("p4")
    assert np.allclose(one.scores(own), gallery.scores(own)[4], atol=1e-6)
    assert isinstance(one.decide(own), Match)
    assert one.decide(other) == NoMatch(NoMatchReason.UNKNOWN)
    assert gallery.claimed("nobody").decide(own) == NoMatch(NoMatchReason.EMPTY)


def test_look_alikes_change_when_the_gallery_does() -> None:
    people = pair_among(30, 0.6)
    assert gallery_of(people, centred=True).lookalikes == {"p0", "p1"}
    assert gallery_of(people[1:], centred=True).lookalikes == frozenset()
    assert gallery_of(pair_among(30, 0.3), centred=True).lookalikes == frozenset()


def test_only_those_who_are_expected_are_matched_and_the_centre_stays() -> None:
    people = pair_among(30, 0.6)
    references = [Kept(f"p{i}", vector) for i, vector in enumerate(people)]
    everybody = Gallery.build(references, SPACE, DIMENSION)
    roster = Gallery.build(references, SPACE, DIMENSION, only=frozenset({"p1", "p4", "p7", "a stranger"}))
    assert roster.persons == ("p1", "p4", "p7")
    assert np.array_equal(roster.mean, everybody.mean)
    assert np.array_equal(roster.matrix, everybody.matrix[:, [1, 4, 7]])
    assert roster.matrix.flags.c_contiguous
    assert isinstance(decided(roster, near_to(people[4], 0.9)), Match)
    assert not isinstance(decided(roster, near_to(people[5], 0.9)), Match)
    assert roster.lookalikes == {"p1"}, "the one they are like may walk up, expected or not"
    assert Gallery.build(references, SPACE, DIMENSION, only=frozenset()).decide(probe(people[0])) == NoMatch(
        NoMatchReason.EMPTY
    )


@pytest.mark.parametrize("people", [1, 2, 511, 512, 513, 1_100])
def test_look_alikes_are_those_of_a_full_comparison(people: int) -> None:
    columns = person_vectors(people, seed=people).T.copy()
    everything = columns.T @ columns
    np.fill_diagonal(everything, -1)
    for over in (0.2, 0.45):
        assert np.array_equal(lookalikes.alike(columns, over), (everything > over).any(axis=0))


def test_an_empty_gallery_recognises_nobody() -> None:
    gallery = Gallery.build([], SPACE, DIMENSION)
    assert decided(gallery, person_vectors(1)[0]) == NoMatch(NoMatchReason.EMPTY)


class Obliging(np.ndarray):
    """An array that says it is as long as a unit vector ought to be."""

    def __matmul__(self, other: Any) -> Any:  # noqa: ANN401 - numpy's own
        del other
        return np.float32(1)


def masked(vector: Floats) -> Floats:
    hidden: Floats = np.ma.masked_invalid(vector)
    return hidden


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
        ("float16", person_vectors(1)[0].astype(np.float16)),
        ("the other byte order", person_vectors(1)[0].astype(np.dtype(np.float32).newbyteorder())),
        ("huge", np.full(DIMENSION, 3e38, np.float32)),
        ("huge and of both signs", np.where(np.arange(DIMENSION) % 2, 3e38, -3e38).astype(np.float32)),
        ("one infinity among zeros", np.where(np.arange(DIMENSION) == 3, -np.inf, 0).astype(np.float32)),
        ("too short to have a direction", person_vectors(1)[0] * np.float32(1e-30)),
        ("not contiguous", np.repeat(person_vectors(1)[0], 2)[::2]),
        ("backwards", person_vectors(1)[0][::-1]),
        ("a subclass", person_vectors(1)[0].view(Obliging)),
        ("a lying subclass", np.full(DIMENSION, np.nan, np.float32).view(Obliging)),
        ("masked", masked(person_vectors(1)[0])),
        ("a list", person_vectors(1)[0].tolist()),
        ("nothing", None),
    ],
)
def test_what_is_no_unit_vector_of_float32_is_refused(what: str, vector: Floats) -> None:
    del what
    gallery = gallery_of(person_vectors(3))
    for ask in (gallery.scores, gallery.nearest):
        with pytest.raises(GalleryRefused):
            ask(probe(vector))
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
    wrongs: list[Any] = [turn.astype(np.float64), turn[:, :-1], turn.view(Obliging)]
    for wrong in wrongs:
        with pytest.raises(GalleryRefused):
            Gallery.build(turned_references, SPACE, DIMENSION, rotation=wrong)


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


NAMES = tuple(f"p{i}" for i in range(100))


def scored(**scores: float) -> Floats:
    found = np.zeros(100, np.float32)
    for name, score in scores.items():
        found[int(name[1:])] = score
    return found


def test_a_template_that_is_like_somebody_else_s_is_for_a_human() -> None:
    clear, duplicate = lookalikes.Resemblance(lookalikes.Likeness.CLEAR), lookalikes.Likeness.DUPLICATE
    assert lookalikes.resemblance(NAMES, scored(p3=0.44), "new", 0.45) == clear
    found = lookalikes.resemblance(NAMES, scored(p3=0.46, p5=0.5), "new", 0.45)
    assert found == lookalikes.Resemblance(duplicate, "p5")
    assert lookalikes.resemblance(NAMES, scored(p5=0.9), "p5", 0.45) == clear, "their own earlier template"
    assert lookalikes.resemblance((), np.zeros(0, np.float32), "new", 0.45) == clear
    assert lookalikes.resemblance(("new",), np.ones(1, np.float32), "new", 0.45) == clear


def test_a_template_near_many_people_is_a_wolf() -> None:
    wolf = lookalikes.Resemblance(lookalikes.Likeness.WOLF)
    near = {f"p{i}": 0.31 for i in range(11)}
    assert lookalikes.resemblance(NAMES, scored(**near), "new", 0.45) == wolf
    assert lookalikes.resemblance(NAMES, scored(**near, p99=0.7), "new", 0.45) == wolf, "whoever they are also like"
    assert lookalikes.resemblance(NAMES, scored(p0=0.31, p1=0.31, p2=0.31), "new", 0.45).likeness == "clear"
    assert lookalikes.resemblance(NAMES[:4], scored(p0=0.31, p1=0.31)[:4], "new", 0.45).likeness == "clear"
    assert lookalikes.resemblance(NAMES[:4], scored(p0=0.31, p1=0.31, p2=0.31)[:4], "new", 0.45) == wolf


def office(count: int, mean: float, spread: float, seed: int) -> Floats:
    """Made-up people of one door: other people's scores have this mean and, about it, this standard deviation."""
    inside = round(((1 - mean) / spread) ** 2)  # cosines of random directions in so many dimensions spread so far
    random = np.random.default_rng(seed)
    own = random.standard_normal((count, inside))
    own *= np.sqrt(1 - mean) / np.linalg.norm(own, axis=1, keepdims=True)
    rows = np.concatenate([np.full((count, 1), np.sqrt(mean)), own], axis=1)
    return np.asarray(rows, np.float32)


@pytest.mark.parametrize("people", [20, 100, 500])
def test_no_ordinary_newcomer_is_a_wolf_and_who_is_made_of_many_is_let_in_by_nobody(people: int) -> None:
    everybody = office(people + 400, 0.151, 0.10, seed=people)
    dimension = everybody.shape[1]
    kept = [Kept(f"p{i}", vector) for i, vector in enumerate(everybody[:people])]
    gallery = Gallery.build(kept, SPACE, dimension)
    found = [
        lookalikes.resemblance(gallery.persons, gallery.scores(probe(new)), "new", gallery.alike).likeness
        for new in everybody[people:]
    ]
    assert found.count(lookalikes.Likeness.WOLF) == 0
    assert found.count(lookalikes.Likeness.CLEAR) > 0.95 * len(found)
    blend = everybody[:3].sum(axis=0)
    blend /= np.linalg.norm(blend)
    made = lookalikes.resemblance(gallery.persons, gallery.scores(probe(blend)), "new", gallery.alike)
    assert made.likeness is not lookalikes.Likeness.CLEAR


def test_ten_thousand_people_are_searched_exactly() -> None:
    rows = np.random.default_rng(2).standard_normal((10_000, 512)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    gallery = Gallery.build([Kept(str(i), row) for i, row in enumerate(rows)], SPACE, 512)
    for person in (0, 77, 9_999):
        decision = gallery.decide(probe(rows[person]))
        assert isinstance(decision, Match)
        assert decision.person == str(person)
