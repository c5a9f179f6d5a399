"""From a picture to a probe: alignment, boxes, quality, liveness and evidence, each on its own."""

import math
from dataclasses import replace

import numpy as np
import pytest
from vision_kit import GOOD, face, gallery_of, installed, near_to, person_vectors, probe

from kiosk.faults import Fault
from kiosk.vision.align import TEMPLATE, aligned, similarity
from kiosk.vision.detect import Box, squares
from kiosk.vision.embed import unit
from kiosk.vision.evidence import Evidence, Look
from kiosk.vision.gallery import Match, NoMatch, NoMatchReason
from kiosk.vision.landmarks import five
from kiosk.vision.liveness import Bounds, Policy, Verdict, allows, surroundings
from kiosk.vision.quality import Instruction, measure

PEOPLE = person_vectors(5)


def test_alignment_undoes_a_turn_a_scale_and_a_move() -> None:
    angle, scale = math.radians(23), 2.3
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], np.float32)
    landmarks = (TEMPLATE @ turn.T * scale + np.array([200, 90])).astype(np.float32)
    move = similarity(landmarks)
    assert move.dtype == np.float32
    assert np.allclose(landmarks @ move[:, :2].T + move[:, 2], TEMPLATE, atol=1e-3)
    assert np.allclose(np.linalg.det(move[:, :2]), 1 / scale**2, atol=1e-4)


def test_alignment_never_mirrors_a_face() -> None:
    mirrored = TEMPLATE * np.array([-1, 1], np.float32)
    assert np.linalg.det(similarity(mirrored)[:, :2]) >= 0


def test_what_lies_outside_the_picture_is_black() -> None:
    image = np.full((40, 40, 3), 200, np.uint8)
    assert aligned(image, TEMPLATE).shape == (112, 112, 3)
    assert int(aligned(image, TEMPLATE)[100, 100].max()) == 0


def test_five_points_come_from_sixty_eight() -> None:
    points = np.zeros((68, 2), np.float32)
    points[[37, 38, 40, 41]] = (10, 10)
    points[[43, 44, 46, 47]] = (20, 10)
    points[30], points[[48, 60]], points[[54, 64]] = (15, 15), (12, 20), (18, 20)
    assert five(points).tolist() == [[10, 10], [20, 10], [15, 15], [12, 20], [18, 20]]


def test_boxes_are_suppressed_squared_clamped_and_sorted() -> None:
    boxes = np.array(
        [[100, 100, 180, 200], [104, 102, 182, 204], [400, 300, 560, 470], [5, 5, 45, 65], [np.nan, 0, 9, 9]],
        np.float32,
    )
    scores = np.array([0.9, 0.8, 0.95, 0.7, 0.99], np.float32)
    found = squares(boxes, scores, 640, 480, 0.4)
    assert [round(each.score, 2) for each in found] == [0.95, 0.9, 0.7]
    assert (found[1].x1, found[1].x2, found[1].size) == (90, 190, 100)
    assert found[2] == Box(0.0, 5.0, 55.0, 65.0, found[2].score)
    assert found[1].centre == (140, 150)
    assert squares(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 640, 480, 0.4) == ()
    flat = np.array([[10, 10, 50, 10]], np.float32)
    assert squares(flat, np.ones(1, np.float32), 640, 480, 0.4) == ()


@pytest.mark.parametrize(
    ("change", "instruction"),
    [
        ({}, None),
        ({"size_px": 70.0}, Instruction.CLOSER),
        ({"filled": 0.9}, Instruction.BACK),
        ({"across": 0.1}, Instruction.LEFT),
        ({"across": 0.9}, Instruction.RIGHT),
        ({"brightness": 20.0}, Instruction.MORE_LIGHT),
        ({"yaw": -1.4}, Instruction.LOOK_HERE),
        ({"roll": 40.0}, Instruction.LOOK_HERE),
        ({"sharpness": 0.3}, Instruction.HOLD_STILL),
        ({"size_px": 70.0, "sharpness": 0.1, "brightness": 5.0}, Instruction.CLOSER),
    ],
)
def test_one_defect_is_named_and_it_is_the_worst(change: dict[str, float], instruction: Instruction | None) -> None:
    assert replace(GOOD, **change).defect is instruction


def test_quality_measures_what_it_says() -> None:
    rng = np.random.default_rng(1)
    sharp = rng.integers(0, 255, (112, 112, 3), np.uint8)
    flat = np.full((112, 112, 3), 90, np.uint8)
    image = np.zeros((480, 640, 3), np.uint8)
    quality = measure(image, face(200, 160, 240), sharp)
    assert quality.size_px == pytest.approx(200)
    assert quality.filled == pytest.approx(200 / 480)
    assert quality.across == pytest.approx(0.25)
    assert quality.yaw == pytest.approx(0)
    assert quality.roll == pytest.approx(0)
    assert quality.sharpness > 0.6
    assert measure(image, face(), flat).sharpness < 0.1
    assert measure(image, face(), flat).brightness == pytest.approx(90)


def test_a_vector_without_direction_is_a_fault() -> None:
    for vector in (np.zeros(8), np.full(8, np.nan), np.full(8, np.inf)):
        with pytest.raises(Fault):
            unit(vector.astype(np.float32), "space")
    assert np.linalg.norm(unit(np.ones(8, np.float32), "space").vector) == pytest.approx(1)


def test_surroundings_are_shifted_into_the_frame() -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    assert surroundings(image, Box(300, 200, 400, 300, 1)).shape == (270, 270, 3)
    assert surroundings(image, Box(0, 0, 100, 100, 1)).shape == (270, 270, 3)
    height, width = surroundings(image, Box(200, 100, 500, 400, 1)).shape[:2]
    assert height == width == 479


def test_verdicts_follow_the_bounds_of_this_camera() -> None:
    bounds = Bounds(attack=0.1, bona_fide=0.6)
    assert [bounds.verdict(each) for each in (0.05, 0.3, 0.6, math.nan)] == [
        Verdict.ATTACK,
        Verdict.UNDECIDED,
        Verdict.BONA_FIDE,
        Verdict.UNDECIDED,
    ]
    assert bounds.judge([0.0, 0.9, 0.9]).verdict is Verdict.BONA_FIDE
    assert bounds.judge([]).verdict is Verdict.UNDECIDED


def test_a_policy_allows_what_it_says() -> None:
    allowed = {policy: [verdict.value for verdict in Verdict if allows(policy, verdict)] for policy in Policy}
    assert allowed == {
        Policy.SIGNAL: ["bona_fide", "attack", "undecided", "input_rejected"],
        Policy.CLEAR_ATTACK: ["bona_fide", "undecided"],
        Policy.ENFORCE: ["bona_fide"],
    }


def evidence(count: int = 5, **bounds: float) -> Evidence:
    return Evidence(gallery_of(PEOPLE[:count]), Policy.CLEAR_ATTACK, Bounds(**bounds))


def test_three_frames_must_agree_within_a_second_and_a_half() -> None:
    apart = evidence()
    assert all(apart.add(Look(t, probe(PEOPLE[0]), 0.9)) is None for t in (0.0, 1.0))
    finding = apart.add(Look(2.0, probe(PEOPLE[0]), 0.9))
    assert finding is None or isinstance(finding.decision, NoMatch)
    mixed = evidence()
    looks = [Look(i / 10, probe(PEOPLE[i % 2]), 0.9) for i in range(14)]
    assert all(mixed.add(look) is None for look in looks)
    ended = mixed.add(Look(1.5, probe(PEOPLE[1]), 0.9))
    assert ended is not None
    assert ended.decision == NoMatch(NoMatchReason.UNKNOWN)


def test_frames_are_forgotten_when_the_person_may_have_changed() -> None:
    one = evidence()
    one.add(Look(0.0, probe(PEOPLE[0]), 0.9))
    one.add(Look(0.1, probe(PEOPLE[0]), 0.9))
    one.clear()
    assert one.add(Look(0.2, probe(PEOPLE[0]), 0.9)) is None


def test_the_mean_of_three_is_judged_and_not_the_best_of_them() -> None:
    one = evidence(2)
    today = near_to(PEOPLE[0], 0.54)
    probes = [probe(near_to(today, 0.86, seed=seed)) for seed in (12, 15, 21)]
    assert max(float(each.vector @ PEOPLE[0]) for each in probes) < 0.5
    found = [one.add(Look(number / 10, each, 0.9)) for number, each in enumerate(probes)]
    assert found[:2] == [None, None]
    last = found[2]
    assert last is not None
    assert isinstance(last.decision, Match)


def test_one_frame_that_looks_like_an_attack_does_not_refuse_a_person() -> None:
    one = evidence(attack=0.1)
    scores = (0.9, 0.0, 0.8)
    finding = [one.add(Look(i / 10, probe(PEOPLE[0]), score)) for i, score in enumerate(scores)][-1]
    assert finding is not None
    assert isinstance(finding.decision, Match)


def test_the_liveness_of_the_one_before_does_not_vouch_for_a_picture_of_another() -> None:
    one = Evidence(gallery_of(PEOPLE[:2]), Policy.ENFORCE, Bounds())
    accomplice = [one.add(Look(number / 10, probe(PEOPLE[3]), 0.95)) for number in range(4)]
    held_up = [one.add(Look(0.5 + number / 10, probe(PEOPLE[1]), 0.0)) for number in range(3)]
    assert [*accomplice, *held_up] == [None] * 7


def test_frames_that_do_not_look_alike_are_not_one_person_whoever_is_nearest() -> None:
    one = evidence(1)  # everybody is nearest to the only person enrolled
    passer_by = near_to(PEOPLE[0], 0.1)
    findings = [one.add(Look(0.0, probe(passer_by), 0.9))]
    findings += [one.add(Look(number / 10, probe(PEOPLE[0]), 0.9)) for number in (1, 2)]
    findings.append(one.add(Look(0.3, probe(passer_by), 0.9)))
    assert findings == [None, None, None, None]


def test_two_alike_people_end_as_ambiguous() -> None:
    alike = np.stack([PEOPLE[0], near_to(PEOPLE[0], 0.99)])
    one = Evidence(gallery_of(alike), Policy.SIGNAL, Bounds())
    found = [one.add(Look(i / 10, probe(PEOPLE[0]), 0.9)) for i in range(16)]
    assert found[-1] is not None
    assert found[-1].decision == NoMatch(NoMatchReason.AMBIGUOUS)


def test_an_empty_gallery_ends_an_attempt_at_once() -> None:
    finding = Evidence(gallery_of(PEOPLE[:0]), Policy.SIGNAL, Bounds()).add(Look(0.0, probe(PEOPLE[0]), 0.9))
    assert finding is not None
    assert finding.decision == NoMatch(NoMatchReason.EMPTY)


def test_the_pack_finds_nobody_in_an_empty_picture() -> None:
    assert installed().detect(np.full((480, 640, 3), 127, np.uint8)) == ()
