"""Each layer against attacks on made-up pictures and points, and that together they only ever take away."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vision_kit import gallery_of, person_vectors, probe

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import Box
from kiosk.vision.evidence import Evidence, Finding, Look
from kiosk.vision.gallery import Match, NoMatch, NoMatchReason
from kiosk.vision.liveness import Bounds, Layer, Liveness, Opinion, Policy, Verdict, allows, complete
from kiosk.vision.micro_motion import STILL, identical, stillness, trace
from kiosk.vision.planarity import turn, widest
from kiosk.vision.presentation import Appearance, judge
from kiosk.vision.repeats import period

VERDICTS = st.sampled_from(list(Verdict))


def crop(seed: int, noise: float = 0.0, frame: int = 0) -> Image:
    """A made-up aligned face: a coarse pattern, and a sensor's noise of its own on each frame."""
    coarse = np.random.default_rng(seed).uniform(60, 200, (8, 8))
    image = np.kron(coarse, np.ones((14, 14)))[..., None].repeat(3, axis=2)
    image += np.random.default_rng(1000 * seed + frame).normal(0, max(noise, 1e-9), image.shape)
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def traced(image: Image) -> Floats:
    found = trace(image)
    assert found is not None
    return found


@given(st.lists(VERDICTS, min_size=1, max_size=5), VERDICTS)
def test_one_more_layer_never_lets_more_pass(verdicts: list[Verdict], other: Verdict) -> None:
    opinions = [Opinion(Layer.SCORE, each) for each in verdicts]
    before = Liveness.of(0.5, opinions).verdict
    after = Liveness.of(0.5, [*opinions, Opinion(Layer.MOTION, other)]).verdict
    for policy in Policy:
        assert allows(policy, before) or not allows(policy, after)


def test_any_attack_is_an_attack_and_nothing_makes_up_for_it() -> None:
    for others in product(Verdict, repeat=3):
        opinions = [Opinion(Layer.SCORE, each) for each in (*others, Verdict.ATTACK)]
        assert Liveness.of(1.0, opinions).verdict is Verdict.ATTACK
    assert Liveness.of(math.nan, []).verdict is Verdict.UNDECIDED


def test_the_layer_that_decided_is_named() -> None:
    opinions = [Opinion(Layer.SCORE, Verdict.BONA_FIDE), Opinion(Layer.LOOP, Verdict.ATTACK)]
    assert Liveness.of(0.9, opinions).why is Layer.LOOP
    assert Liveness(0.9, Verdict.BONA_FIDE).why is None


def test_other_bounds_change_the_score_s_opinion_and_no_other() -> None:
    found = Liveness.of(0.5, [Opinion(Layer.SCORE, Verdict.ATTACK), Opinion(Layer.MOTION, Verdict.UNDECIDED)])
    assert Bounds(0.1, 0.4).again(found) is Verdict.UNDECIDED
    assert Bounds(0.6, 0.8).again(found) is Verdict.ATTACK


def test_the_same_frame_again_is_no_sensor_s() -> None:
    same = [traced(crop(1, noise=3.0))] * 4
    noisy = [traced(crop(1, noise=3.0, frame=number)) for number in range(4)]
    assert identical(same)
    assert not identical(noisy)
    assert not identical(same[:2])
    assert stillness(noisy) > STILL


def test_an_even_surface_is_not_compared() -> None:
    assert trace(np.full((112, 112, 3), 90, np.uint8)) is None


def seen(images: list[Image], score: float = 0.9, step_s: float = 0.1, *, whole: bool = True) -> list[Appearance]:
    return [
        Appearance(number * step_s, score, trace(image), None, complete=whole) for number, image in enumerate(images)
    ]


def verdicts(frames: list[Appearance]) -> dict[Layer, Verdict]:
    return {each.layer: each.verdict for each in judge(frames, frames, Bounds()).opinions}


def test_a_face_that_stands_as_still_as_a_picture_is_undecided_and_a_repeated_frame_an_attack() -> None:
    still = [crop(1, noise=3.0, frame=number) for number in range(8)]
    moving = [*still[:4], *(crop(2, noise=3.0, frame=number) for number in range(4))]
    assert verdicts(seen(still))[Layer.MOTION] is Verdict.UNDECIDED
    assert verdicts(seen(moving))[Layer.MOTION] is Verdict.BONA_FIDE
    assert verdicts(seen([crop(1)] * 8))[Layer.MOTION] is Verdict.ATTACK
    assert Layer.MOTION not in verdicts(seen(still[:2]))


def test_frames_without_their_surroundings_are_rejected_and_never_an_attack() -> None:
    rejected = seen([crop(number) for number in range(4)], score=0.0, whole=False)
    assert judge(rejected, rejected, Bounds()).verdict is Verdict.INPUT_REJECTED
    mostly = [*rejected[:1], *seen([crop(number) for number in range(4)], score=0.9)]
    assert judge(mostly, mostly, Bounds()).verdict is Verdict.BONA_FIDE


def test_a_face_cut_off_or_too_near_lacks_its_surroundings() -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    assert complete(image, Box(200, 100, 400, 300, 1))
    assert not complete(image, Box(150, 60, 450, 360, 1))
    assert not complete(image, Box(0, 100, 150, 300, 1))


def film(times: Floats, length_s: float, noise: float) -> list[Floats]:
    """A film of `length_s` seconds that comes round: patterns that change slowly into one another."""
    patterns = [crop(seed).astype(np.float32) for seed in range(7)]
    traces = []
    for number, at in enumerate(times):
        place = float(at) % length_s / 0.25
        first, rest = int(place), place - int(place)
        image = patterns[first % 7] * (1 - rest) + patterns[(first + 1) % 7] * rest
        image += np.random.default_rng(number).normal(0, max(noise, 1e-9), image.shape)
        traces.append(traced(np.clip(image, 0, 255).astype(np.uint8)))
    return traces


@pytest.mark.parametrize("noise", [0.0, 2.0], ids=["exact", "through a sensor"])
def test_a_film_that_comes_round_is_found_with_its_length(noise: float) -> None:
    times = np.arange(0, 3.6, 1 / 15, dtype=np.float32)
    found = period(times.tolist(), film(times, 1.4, noise))
    assert found == pytest.approx(1.4, abs=0.1)


def test_a_film_that_plays_once_and_a_face_that_stands_still_do_not_come_round() -> None:
    times = np.arange(0, 1.5, 1 / 15, dtype=np.float32)
    assert period(times.tolist(), film(times, 60.0, 2.0)) is None
    still = [traced(crop(1, noise=3.0, frame=number)) for number in range(60)]
    assert period([number / 15 for number in range(60)], still) is None
    assert period([0.0, 0.1], still[:2]) is None


def test_a_film_that_comes_round_is_an_attack() -> None:
    times = np.arange(0, 3.6, 1 / 15, dtype=np.float32)
    frames = [Appearance(float(at), 0.9, each) for at, each in zip(times, film(times, 1.4, 0.0), strict=True)]
    assert judge(frames[-4:], frames, Bounds()).why is Layer.LOOP
    assert judge(frames[-4:], frames[-4:], Bounds()).verdict is Verdict.BONA_FIDE


def head() -> Floats:
    """68 points in space, millimetres: a face on an ellipsoid, with a nose that stands out."""
    random = np.random.default_rng(3)
    flat = random.uniform(-1, 1, (68, 2)) * (60, 80)
    flat[36:42] = random.uniform(-8, 8, (6, 2)) + np.array((-32, -30))
    flat[42:48] = random.uniform(-8, 8, (6, 2)) + np.array((32, -30))
    flat[48:68] = random.uniform(-1, 1, (20, 2)) * (24, 8) + np.array((0, 45))
    flat[27:36] = np.stack([np.zeros(9), np.linspace(-30, 15, 9)], axis=1)
    depth = 55 * np.sqrt(np.clip(1 - (flat[:, 0] / 75) ** 2 - (flat[:, 1] / 110) ** 2, 0, 1))
    depth[27:36] += np.linspace(4, 24, 9)
    return np.asarray(np.column_stack([flat, depth]), np.float32)


def viewed(points: Floats, yaw: float, noise: float = 0.0) -> Floats:
    """A camera's view of points that turned by `yaw` degrees, 500 mm away."""
    angle = math.radians(yaw)
    x = points[:, 0] * math.cos(angle) + points[:, 2] * math.sin(angle)
    z = 500 - points[:, 2] * math.cos(angle) + points[:, 0] * math.sin(angle)
    image = np.column_stack([x, points[:, 1]]) / z[:, None] * 600 + 300
    return np.asarray(image + np.random.default_rng(int(yaw)).normal(0, max(noise, 1e-9), image.shape), np.float32)


def flattened(points: Floats) -> Floats:
    return np.asarray(points * (1, 1, 0), np.float32)


def curled(points: Floats, radius: float) -> Floats:
    """The same picture on paper bent round an upright cylinder of `radius` millimetres."""
    angle = points[:, 0] / radius
    return np.asarray(np.column_stack([radius * np.sin(angle), points[:, 1], radius * np.cos(angle)]), np.float32)


def test_a_head_that_turns_does_not_change_as_a_plane_does() -> None:
    found = widest([viewed(head(), yaw, 0.4) for yaw in (0, 10, 25)])
    assert found is not None
    assert found.verdict is Verdict.BONA_FIDE


def test_a_picture_that_turns_changes_as_a_plane_does() -> None:
    found = widest([viewed(flattened(head()), yaw, 0.4) for yaw in (0, 10, 35)])
    assert found is not None
    assert found.verdict is Verdict.ATTACK
    frames = [Appearance(yaw / 30, 0.9, None, viewed(flattened(head()), yaw)) for yaw in (0, 10, 35)]
    assert judge(frames, frames, Bounds()).why is Layer.GEOMETRY


def test_a_pose_that_hardly_changed_says_nothing() -> None:
    for shape in (head(), flattened(head())):
        assert widest([viewed(shape, yaw, 0.4) for yaw in (0, 3, 6)]) is None


def test_a_picture_that_turns_does_not_turn_its_nose() -> None:
    flat, real = (turn(viewed(shape, 0), viewed(shape, 25)) for shape in (flattened(head()), head()))
    assert flat is not None
    assert real is not None
    assert flat.yaw < 0.1
    assert real.yaw > 0.3


def test_paper_bent_round_a_cylinder_is_no_plane_so_geometry_alone_does_not_find_it() -> None:
    found = widest([viewed(curled(head(), 90.0), yaw, 0.4) for yaw in (0, 10, 30)])
    assert found is not None
    assert found.verdict is not Verdict.ATTACK


def test_points_that_are_no_face_are_not_compared() -> None:
    nowhere = np.zeros((68, 2), np.float32)
    assert turn(nowhere, viewed(head(), 0)) is None
    assert turn(viewed(head(), 0), np.full((68, 2), np.nan, np.float32)) is None


# -- an attack that was seen in an attempt


def frame_scored(number: int, live: float) -> Look:
    vector = person_vectors(2)[0]
    return Look(100 + number / 10, probe(vector), live)


def evidence(policy: Policy = Policy.CLEAR_ATTACK) -> Evidence:
    return Evidence(gallery_of(person_vectors(2)), policy, Bounds(attack=0.1, bona_fide=0.6))


@pytest.mark.parametrize("policy", [Policy.CLEAR_ATTACK, Policy.ENFORCE])
def test_an_attack_that_was_seen_is_not_taken_back_by_later_frames(policy: Policy) -> None:
    weighed = evidence(policy)
    found = [weighed.add(frame_scored(number, 0.01 if number < 3 else 0.9)) for number in range(17)]
    ended = [each for each in found if each is not None]
    assert ended[0].decision == NoMatch(NoMatchReason.ATTACK)
    assert found.index(ended[0]) >= 15, "it is said when any other refusal would be"


def test_where_verdicts_are_only_recorded_a_match_stands() -> None:
    weighed = evidence(Policy.SIGNAL)
    found = [weighed.add(frame_scored(number, 0.01)) for number in range(3)]
    assert isinstance(found[-1], Finding)
    assert isinstance(found[-1].decision, Match)


def test_an_attack_is_remembered_when_the_face_goes_away() -> None:
    weighed = evidence()
    for number in range(3):
        weighed.add(frame_scored(number, 0.01))
    weighed.clear()
    assert weighed.attacked is not None
    assert [weighed.add(frame_scored(number, 0.9)) for number in range(5, 8)] == [None, None, None]
