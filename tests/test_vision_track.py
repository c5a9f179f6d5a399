"""Following a face: only the same one, only for a moment, and never into a decision that the detector did not see."""

import dataclasses
import itertools
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from sight_kit import STEP_S, Counting, Table, empty, enrolled, scene, standing
from vision_kit import everybody, gallery_of, installed, person_vectors, probe

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.camera import Frame
from kiosk.vision.detect import DetectedFace
from kiosk.vision.evidence import Evidence, Look
from kiosk.vision.film import SUBJECTS
from kiosk.vision.film_scene import entrance
from kiosk.vision.gallery import Match, NoMatch, NoMatchReason
from kiosk.vision.liveness import Bounds, Policy
from kiosk.vision.quality import Instruction
from kiosk.vision.recogniser import Guidance
from kiosk.vision.track import DETECT_EVERY_S, LOOK_EVERY_S, Sight, Track, begun, followed


def track_of(image: Image) -> Track:
    track = begun(image, installed().detect(image)[0], 100.0)
    assert track is not None
    return track


@pytest.mark.parametrize("who", SUBJECTS)
def test_a_standing_face_is_followed_and_is_worth_as_much_as_a_detected_one(who: str) -> None:
    pipeline, sight = installed(), Sight()
    networks = Counting()
    for frame in standing(who, 12):
        (face,) = sight.faces(networks, frame)
        (plain,) = pipeline.detect(frame.image)[:1]
        one, other = (pipeline.embed(pipeline.quality(frame.image, each)[1]).vector for each in (face, plain))
        assert float(one @ other) > 0.95
    assert networks.detected == 3
    assert networks.followed == 9


@pytest.mark.parametrize(("who", "other"), list(itertools.pairwise((*SUBJECTS, SUBJECTS[0]))))
def test_another_person_at_the_same_place_is_not_followed(who: str, other: str) -> None:
    before = scene((who, 320, 190))
    track = track_of(before)
    assert followed(track, before, installed().place(before, track.face.box)) is not None
    after = scene((other, 320, 190))
    assert followed(track, after, installed().place(after, track.face.box)) is None


def test_a_frame_of_another_size_is_looked_at_anew() -> None:
    networks, sight = Counting(), Sight()
    image = scene(("astronaut", 460, 330))
    assert sight.faces(networks, Frame(image, 100.0))
    smaller = np.ascontiguousarray(image[:240, :320])
    assert sight.faces(networks, Frame(smaller, 100.05)) == ()
    assert networks.detected == 2


def test_nobody_is_not_followed_although_the_landmarks_network_always_answers() -> None:
    track = track_of(scene(("astronaut", 320, 190)))
    for after in (entrance(), np.full((480, 640, 3), 128, np.uint8), np.zeros((480, 640, 3), np.uint8)):
        assert followed(track, after, installed().place(after, track.face.box)) is None


def test_points_that_jump_stretch_leave_the_box_or_are_no_numbers_are_not_followed() -> None:
    image = scene(("astronaut", 320, 190))
    track = track_of(image)
    good = installed().place(image, track.face.box)
    assert followed(track, image, good) is not None
    middle = good.points.mean(axis=0)
    marks = good.landmarks.copy()
    marks[2] = (5, 5)
    for bad in (
        _moved(good, lambda p: p + np.float32(0.2 * track.face.box.size)),
        _moved(good, lambda p: (p - middle) * np.float32(1.2) + middle),
        _moved(good, lambda p: (p - middle) * np.float32(0.02) + middle),
        _moved(good, lambda p: p + np.float32(2000)),
        _moved(good, lambda p: p * np.float32(np.nan)),
        _moved(good, lambda p: p * np.float32(np.inf)),
        DetectedFace(good.box, marks, good.points),
        DetectedFace(good.box, good.landmarks, good.points * 0),
    ):
        assert followed(track, image, bad) is None


def test_a_face_that_jumps_or_grows_at_once_is_not_followed_however_alike() -> None:
    image = scene(("astronaut", 320, 190))
    track = track_of(image)
    good = installed().place(image, track.face.box)
    x, y = (float(v) for v in good.points.mean(axis=0))
    for scale, shift, same in ((1.0, 10.0, True), (1.05, 0.0, True), (1.0, 40.0, False), (1.2, 0.0, False)):
        to = np.array([[scale, 0, x - scale * x + shift], [0, scale, y - scale * y]], np.float32)
        after = np.asarray(cv2.warpAffine(image, to, (640, 480)), np.uint8)
        found = _moved(good, lambda points, to=to: points @ to[:, :2].T + to[:, 2])  # type: ignore[misc] # bound now
        assert (followed(track, after, found) is not None) == same, (scale, shift)


def _moved(face: DetectedFace, change: Callable[[Floats], Floats]) -> DetectedFace:
    return DetectedFace(face.box, change(face.landmarks), change(face.points))


def test_a_flat_picture_and_flat_points_begin_no_track() -> None:
    image = scene(("astronaut", 320, 190))
    face = installed().detect(image)[0]
    assert begun(np.full_like(image, 80), face, 0.0) is None
    assert begun(image, dataclasses.replace(face, points=face.points * 0), 0.0) is None
    assert begun(image, dataclasses.replace(face, points=face.points[:0]), 0.0) is None


def test_a_second_face_is_seen_within_three_tenths_of_a_second() -> None:
    alone, both = scene(("astronaut", 200, 170)), scene(("astronaut", 200, 170), ("t1-2", 470, 165))
    for lone in range(5):
        networks, sight = Counting(), Sight()
        for i in range(lone + 1):
            assert len(sight.faces(networks, Frame(alone, 50 + i * STEP_S))) == 1
        entered = 50 + (lone + 1) * STEP_S
        seen = [len(sight.faces(networks, Frame(both, entered + i * STEP_S))) for i in range(10)]
        assert seen.index(2) * STEP_S + STEP_S <= 0.3
        assert seen[seen.index(2) :] == [2] * (10 - seen.index(2))


def test_the_detector_looks_again_after_a_gap_and_when_time_goes_backwards() -> None:
    image = scene(("astronaut", 320, 190))
    for later in (100 + DETECT_EVERY_S, 101.0, 99.0):
        networks, sight = Counting(), Sight()
        sight.faces(networks, Frame(image, 100.0))
        sight.faces(networks, Frame(image, later))
        assert (networks.detected, networks.followed) == (2, 0)


def test_an_empty_door_is_looked_at_twice_a_second_and_a_walk_up_at_once() -> None:
    networks, sight = Counting(), Sight()
    for frame in empty(31, 10.0):
        assert sight.faces(networks, frame) == ()
    assert networks.detected == 1 + 1.5 / LOOK_EVERY_S
    assert len(sight.faces(networks, standing("t1-3", 1, at_s=11.55)[0])) == 1


@pytest.mark.parametrize("before", [1, 2, 4])
@pytest.mark.parametrize(("who", "other"), [("astronaut", "t1-2"), ("t1-2", "t1-5"), ("t1-5", "astronaut")])
def test_a_person_who_takes_another_s_place_inherits_no_frame(before: int, who: str, other: str) -> None:
    came = standing(other, 5, at_s=100 + before * STEP_S)
    table = Table(Counting(), enrolled("t1-3", other))
    assert table.show(standing(who, before)) is None
    inherited = table.networks.embedded
    decision = table.show(came)
    assert decision is not None
    assert isinstance(decision.decision, Match)
    assert decision.decision.person == other
    assert table.networks.embedded - inherited == 3


@pytest.mark.parametrize("before", [1, 2])
def test_a_person_who_takes_an_enrolled_one_s_place_is_not_matched(before: int) -> None:
    table = Table(Counting(), enrolled("astronaut", "t1-3"))
    assert table.show(standing("astronaut", before)) is None
    decision = table.show(standing("t1-2", 34, at_s=100 + before * STEP_S))
    assert decision is not None
    assert decision.decision == NoMatch(NoMatchReason.UNKNOWN)


@pytest.mark.parametrize("before", [("astronaut", "astronaut"), ("tom", "astronaut", "astronaut")])
def test_no_decision_is_said_about_a_frame_in_which_somebody_else_came_in(before: tuple[str, ...]) -> None:
    both = scene(("astronaut", 200, 170), ("t1-2", 470, 165))
    table = Table(Counting(), enrolled("astronaut", "t1-3"))
    # A sensor's noise is on each frame: the very same one again would be an attack.
    frames = [
        Frame(everybody()._developed(scene((who, 200, 170)), 1.0, i), 100 + i * STEP_S) for i, who in enumerate(before)
    ]
    assert table.show(frames) is None
    detected, followed_before = table.networks.detected, table.networks.followed
    assert table.show([Frame(both, 100 + len(before) * STEP_S)]) is None
    assert table.networks.detected == detected + 1
    # The third frame was expected to decide, the fourth was not: it was followed first, and then seen once more.
    assert table.networks.followed == followed_before + (len(before) == 3)
    alone = scene(("astronaut", 200, 170))
    assert table.show([Frame(alone, 100 + (len(before) + 1) * STEP_S)]) is None
    assert table.show([Frame(both, 100.6)]) is None
    assert table.outcomes[-1] == Guidance(1, Instruction.ONE_PERSON)
    again = table.show(Frame(everybody()._developed(alone, 1.0, i), 100.65 + i * STEP_S) for i in range(3))
    assert again is not None
    assert isinstance(again.decision, Match)


def test_a_frame_is_expected_to_decide_when_it_is_the_third_or_the_wait_is_over() -> None:
    people = person_vectors(3)
    evidence = Evidence(gallery_of(people[:2]), Policy.SIGNAL, Bounds())
    assert not evidence.ripe(50.0)
    for at, ripe in ((50.0, False), (50.1, False), (50.2, True), (50.3, False), (51.4, False), (51.5, True)):
        assert evidence.ripe(at) == ripe, at
        evidence.add(Look(at, probe(people[2]), 0.9))
    evidence.clear()
    assert not evidence.ripe(52.0)


def test_an_attempt_of_three_frames_costs_two_detections() -> None:
    table = Table(Counting(), enrolled("astronaut", "t1-3"))
    assert table.show(standing("astronaut", 3)) is not None
    assert (table.networks.detected, table.networks.followed) == (2, 1)


@pytest.mark.parametrize("who", SUBJECTS)
def test_the_film_s_decisions_are_the_same_with_and_without_following(who: str) -> None:
    walk = next(each for each in everybody().segments if each.subject == who)
    count = int((walk.best_to_s - walk.start_s) / STEP_S)
    frames = [Frame(everybody().frame_at(walk.start_s + i * STEP_S), 100 + i * STEP_S) for i in range(count)]
    staff = ("astronaut", "t1-1", "t1-2", "t1-5")
    told = []
    for following in (True, False):
        table = Table(Counting(following=following), enrolled(*staff))
        decision = table.show(frames)
        assert decision is not None
        kind = decision.decision
        assert isinstance(kind, Match) == (who in staff)
        # A refusal stands as it is said, also about a followed frame: its liveness decides nothing.
        verdict = Bounds().verdict(decision.liveness.score) if isinstance(kind, Match) else None
        told.append((type(kind), kind.person if isinstance(kind, Match) else None, verdict))
    assert told[0] == told[1]
