"""Which pictures become references: guided poses, the best of each, none that is not like the others, and a trial."""

from dataclasses import replace

import numpy as np
import pytest
from vision_kit import DIMENSION, GOOD, SPACE, Kept, near_to, person_vectors, probe

from kiosk.vision.arrays import Floats
from kiosk.vision.enrolment import (
    BEST,
    GLASSES_S,
    LOOKED,
    POSE_S,
    Capturing,
    Enrolled,
    Pose,
    Refusal,
    Seen,
    Shot,
    Site,
    alike_among_themselves,
    begin,
    diverse,
    judge,
    recognised,
    step,
)
from kiosk.vision.gallery import Gallery, mean_embedding
from kiosk.vision.lookalikes import Likeness
from kiosk.vision.quality import Instruction

FACE, OTHER = person_vectors(2, seed=40)
SITE = Site(SPACE, DIMENSION)


def shot(vector: Floats = FACE, yaw: float = 0.0, sharpness: float = 0.6) -> Shot:
    return Shot(probe(vector), replace(GOOD, yaw=yaw, sharpness=sharpness))


def views(count: int, cosine: float = 0.9, of: Floats = FACE) -> list[Shot]:
    return [shot(near_to(of, cosine, seed=100 + i), sharpness=0.55 + i / 100) for i in range(count)]


def captured(state: Capturing, frames: list[tuple[Seen, float]]) -> Capturing:
    for seen, now in frames:
        state, prompt = step(state, seen, now)
        assert (prompt is None) == (not state.plan)
    return state


def test_a_capture_asks_for_one_pose_after_the_other_and_keeps_the_best_of_each() -> None:
    state = begin(0.0)
    assert state.plan == (Pose.FRONTAL, Pose.LEFT, Pose.RIGHT)
    for yaw, pose in ((0.05, Pose.FRONTAL), (0.5, Pose.LEFT), (-0.5, Pose.RIGHT)):
        assert state.plan[0] is pose
        for i in range(LOOKED):
            state, prompt = step(state, shot(yaw=yaw, sharpness=0.5 + i / 50), 0.1)
    assert prompt is None
    assert state.missed == ()
    assert [round(each.quality.sharpness, 2) for each in state.shots] == [0.64, 0.62, 0.6] * 3
    assert len(state.shots) == 3 * BEST


def test_a_pose_that_does_not_come_is_left_out() -> None:
    frames: list[tuple[Seen, float]] = [(shot(), i / 10) for i in range(LOOKED)]
    state = captured(begin(0.0), frames)
    state = captured(state, [(shot(), 2.0), (Instruction.CLOSER, 4.0), (shot(), 0.7 + POSE_S), (shot(), 20.0)])
    assert (state.plan, state.missed) == ((), (Pose.LEFT, Pose.RIGHT))
    assert len(state.shots) == BEST
    nothing = captured(begin(0.0), [(Instruction.NO_FACE, t) for t in (0.0, 6.0, 12.0, 18.0)])
    assert (nothing.plan, nothing.shots) == ((), ())


def test_a_head_counts_as_turned_from_its_own_straight_look() -> None:
    state = captured(begin(0.0), [(shot(yaw=0.3), 0.1)] * LOOKED)
    assert state.plan[0] is Pose.LEFT
    assert captured(state, [(shot(yaw=0.4), 0.2)]).seen == 0
    assert captured(state, [(shot(yaw=0.6), 0.2)]).seen == 1
    assert Pose.RIGHT.fits(-0.1, straight=0.3)
    assert not Pose.RIGHT.fits(0.3, straight=0.3)
    assert not Pose.LEFT.fits(1.0, straight=0.0)
    missed = captured(begin(0.0), [(Instruction.CLOSER, POSE_S)])
    assert captured(missed, [(shot(yaw=0.5), 7.0)]).straight == 0.0


def test_the_prompt_names_the_pose_one_defect_and_how_far_it_is() -> None:
    state, prompt = step(begin(0.0), Instruction.MORE_LIGHT, 0.1)
    assert prompt is not None
    assert (prompt.pose, prompt.instruction, prompt.progress) == (Pose.FRONTAL, Instruction.MORE_LIGHT, 0.0)
    _, prompt = step(state, shot(), 0.2)
    assert prompt is not None
    assert (prompt.instruction, prompt.progress) == (None, 1 / LOOKED)


def test_glasses_get_time_before_a_picture_is_taken() -> None:
    assert begin(0.0, glasses=True).plan[-1] is Pose.GLASSES
    state = Capturing((Pose.GLASSES,), 10.0)
    assert captured(state, [(shot(), 10.0 + GLASSES_S - 0.1)]).seen == 0
    assert captured(state, [(shot(), 10.0 + GLASSES_S)]).seen == 1
    assert captured(state, [(shot(), 10.0 + GLASSES_S + POSE_S)]).plan == ()


def test_a_shot_that_is_not_like_the_others_is_set_aside() -> None:
    good, bad = views(5), [shot(near_to(FACE, 0.2)), shot(OTHER), shot(-FACE)]
    kept = alike_among_themselves([bad[0], *good[:3], bad[1], *good[3:], bad[2]])
    assert set(map(id, kept)) == set(map(id, good))
    assert len(alike_among_themselves([shot(FACE), shot(OTHER)])) == 1
    assert alike_among_themselves([]) == ()


def test_at_most_five_references_are_chosen_and_they_are_diverse() -> None:
    same, left, right = views(6, 0.999), shot(near_to(FACE, 0.8, seed=1)), shot(near_to(FACE, 0.8, seed=2))
    chosen = diverse([*same, left, right], 5)
    assert len(chosen) == 5
    assert left in chosen[:3]
    assert right in chosen[:3]
    assert chosen[0].quality.sharpness == max(each.quality.sharpness for each in (*same, left, right))
    assert len({id(each) for each in diverse(same[:2], 5)}) == 2
    assert len({id(each) for each in diverse([shot() for _ in range(5)], 5)}) == 5, "also where all are the same"


def kept(people: Floats) -> list[Kept]:
    return [Kept(f"p{i}", vector) for i, vector in enumerate(people)]


def test_a_new_person_is_chosen_tried_and_clear() -> None:
    found = judge("new", [*views(4), shot(OTHER)], [probe(near_to(FACE, 0.85))], kept(person_vectors(20)), SITE)
    assert isinstance(found, Enrolled)
    assert (len(found.shots), found.set_aside) == (4, 1)
    assert found.resemblance.likeness is Likeness.CLEAR


@pytest.mark.parametrize("good", [0, 2])
def test_too_few_pictures_of_one_face_are_refused(good: int) -> None:
    assert judge("new", [*views(good), shot(OTHER)], [probe(FACE)], [], SITE) is Refusal.TOO_FEW
    assert judge("new", views(3), [], [], SITE) is Refusal.TOO_FEW
    assert isinstance(judge("new", views(3), [probe(FACE)], [], SITE), Enrolled)


def test_a_trial_that_does_not_recognise_them_is_refused() -> None:
    known = kept(person_vectors(20))
    for probes in ([OTHER], [near_to(FACE, 0.3)], [FACE, FACE, known[3].vector]):
        assert judge("new", views(4), [probe(each) for each in probes], known, SITE) is Refusal.TRIAL
    strict = replace(SITE, threshold=0.95)
    assert judge("new", views(4), [probe(near_to(FACE, 0.8))], known, strict) is Refusal.TRIAL


def test_somebody_like_a_person_who_is_enrolled_is_for_a_human_and_then_verified_only() -> None:
    people = person_vectors(20)
    people[7] = near_to(FACE, 0.7)
    found = judge("new", views(4), [probe(near_to(FACE, 0.9))], kept(people), SITE)
    assert isinstance(found, Enrolled)
    assert (found.resemblance.likeness, found.resemblance.person) == (Likeness.DUPLICATE, "p7")
    gallery = Gallery.build(
        [*kept(people), Kept("new", mean_embedding([s.embedding for s in found.shots]).vector)], SPACE, DIMENSION
    )
    assert gallery.lookalikes == {"p7", "new"}
    assert recognised(gallery, "new", [probe(FACE)])
    assert not recognised(gallery, "new", [probe(person_vectors(1, seed=77)[0])])


def test_a_wolf_is_refused() -> None:
    people = np.stack([near_to(FACE, 0.6, seed=i) for i in range(12)] + list(person_vectors(8)))
    assert judge("new", views(4), [probe(FACE)], kept(people), SITE) is Refusal.WOLF


def test_somebody_who_is_enrolled_anew_is_not_like_themselves() -> None:
    known = [*kept(person_vectors(20)), *[Kept("new", each.embedding.vector) for each in views(3)]]
    found = judge("new", views(4), [probe(near_to(FACE, 0.9))], known, SITE)
    assert isinstance(found, Enrolled)
    assert found.resemblance.likeness is Likeness.CLEAR


def test_what_was_enrolled_before_is_not_tried() -> None:
    known = [*kept(person_vectors(20)), *[Kept("new", OTHER)] * 5]
    strict = replace(SITE, threshold=0.8)
    assert isinstance(judge("new", views(3, 0.97), [probe(FACE)], known, strict), Enrolled)


def test_a_store_that_turns_its_references_is_tried_turned() -> None:
    turn = np.linalg.qr(np.random.default_rng(4).standard_normal((DIMENSION, DIMENSION)))[0].astype(np.float32)
    people = person_vectors(20)
    people[7] = near_to(FACE, 0.7)
    turned = [Kept(each.person, np.ascontiguousarray(turn @ each.vector)) for each in kept(people)]
    found = judge("new", views(4), [probe(near_to(FACE, 0.9))], turned, replace(SITE, rotation=turn))
    assert isinstance(found, Enrolled)
    assert found.resemblance.person == "p7"
    assert np.array_equal(found.shots[0].embedding.vector, views(4)[3].embedding.vector), "as the model gives them"


def test_a_vector_is_never_printed() -> None:
    found = judge("new", views(4), [probe(FACE)], kept(person_vectors(3)), SITE)
    assert "array" not in repr((found, begin(0.0), SITE, shot()))


def test_the_goodness_of_a_picture_is_its_worst_measure() -> None:
    assert replace(GOOD, sharpness=0.9, size_px=300.0, brightness=128.0).goodness == 1.0
    assert replace(GOOD, sharpness=0.40).goodness == 0.0
    dim = replace(GOOD, sharpness=0.9, size_px=300.0, brightness=64.0)
    assert dim.goodness == pytest.approx(0.5)
    assert replace(dim, yaw=0.8).goodness == dim.goodness
    assert replace(dim, size_px=92.0).goodness == pytest.approx(0.1)
