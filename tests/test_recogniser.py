"""Attempts at the door: the newest frame, three that agree, one person at a time, and a camera that may go away."""

import gc
import queue
import threading
import time
from collections.abc import Callable

import pytest
from vision_kit import HandCamera, Kept, MadeUpNetworks, face, gallery_of, installed, near_to, numbered, person_vectors

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Floats
from kiosk.vision.camera import Frame
from kiosk.vision.evidence import Look
from kiosk.vision.film import SampleFilm, script
from kiosk.vision.gallery import Gallery, Match, NearMatch, NoMatch, NoMatchReason, mean_embedding
from kiosk.vision.liveness import Policy
from kiosk.vision.quality import Instruction, Quality
from kiosk.vision.recogniser import CameraBack, CameraLost, Decision, Guidance, Networks, Outcome, Recogniser
from kiosk.vision.sample_camera import SampleCamera

PEOPLE = person_vectors(6)


class Door:
    """A recogniser with a camera that a test moves by hand."""

    def __init__(
        self, networks: Networks | None, gallery: Gallery | None = None, policy: Policy = Policy.CLEAR_ATTACK
    ) -> None:
        self.frames: queue.Queue[Frame] = queue.Queue()
        self.shown: list[Frame] = []
        self.outcomes: queue.Queue[Outcome] = queue.Queue()
        self.recogniser = Recogniser(
            lambda: HandCamera(self._take),
            networks,
            gallery_of(PEOPLE) if gallery is None else gallery,
            self.shown.append,
            self.outcomes.put,
            policy=policy,
            lost_after_s=30.0,
        )
        self.recogniser.start()

    def _take(self, timeout_s: float) -> Frame:
        while True:
            try:
                return self.frames.get(timeout=min(timeout_s, 0.05))
            except queue.Empty:
                if self.recogniser._stopping:
                    raise Fault(FaultCode.CAMERA_LOST) from None

    def give(self, number: int, taken_at: float | None = None) -> None:
        self.frames.put(Frame(numbered(number), time.monotonic() if taken_at is None else taken_at))

    def decide(self, attempt: int, step_s: float = 0.1) -> tuple[Decision, list[Instruction]]:
        """Feed frames until the attempt ends."""
        said: list[Instruction] = []
        start = time.monotonic()
        for number in range(200):
            self.give(number, start + number * step_s)
            try:
                while True:
                    outcome = self.outcomes.get(timeout=0.02)
                    if isinstance(outcome, Decision):
                        assert outcome.attempt == attempt
                        return outcome, said
                    if isinstance(outcome, Guidance):
                        said.append(outcome.instruction)
            except queue.Empty:
                continue
        raise AssertionError("no decision")

    def stop(self) -> None:
        assert self.recogniser.stop()


def own_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("ambang-")]


def test_a_person_is_matched_after_three_frames_that_agree() -> None:
    networks = MadeUpNetworks(near_to(PEOPLE[2], 0.8))
    door = Door(networks)
    door.recogniser.look(7)
    decision, _ = door.decide(7)
    door.stop()
    assert isinstance(decision.decision, Match)
    assert decision.decision.person == "p2"
    assert len(networks.seen) >= 3


@pytest.mark.parametrize(
    ("cosine", "expected"), [(0.47, NearMatch()), (0.3, NoMatch(NoMatchReason.UNKNOWN))], ids=["near", "unknown"]
)
def test_a_refusal_waits_for_a_better_frame(cosine: float, expected: NearMatch | NoMatch) -> None:
    networks = MadeUpNetworks(near_to(PEOPLE[2], cosine))
    door = Door(networks)
    door.recogniser.look(1)
    decision, said = door.decide(1)
    door.stop()
    assert decision.decision == expected
    assert len(networks.seen) >= 10
    assert said == [Instruction.HOLD_STILL]


def test_a_clear_attack_is_refused_although_the_face_matches() -> None:
    door = Door(MadeUpNetworks(PEOPLE[0], live=0.0))
    door.recogniser.look(1)
    decision, _ = door.decide(1)
    door.stop()
    assert decision.decision == NoMatch(NoMatchReason.ATTACK)


def test_only_a_bona_fide_presentation_passes_where_liveness_is_enforced() -> None:
    for live, kind in ((0.3, NearMatch), (0.9, Match)):
        door = Door(MadeUpNetworks(PEOPLE[0], live=live), policy=Policy.ENFORCE)
        door.recogniser.look(1)
        decision, _ = door.decide(1)
        door.stop()
        assert isinstance(decision.decision, kind)


def test_a_signal_is_recorded_and_refuses_nobody() -> None:
    door = Door(MadeUpNetworks(PEOPLE[0], live=0.0), policy=Policy.SIGNAL)
    door.recogniser.look(1)
    decision, _ = door.decide(1)
    door.stop()
    assert isinstance(decision.decision, Match)
    assert decision.liveness.verdict.value == "attack"


def test_two_faces_are_an_instruction_and_never_a_decision() -> None:
    networks = MadeUpNetworks(PEOPLE[0])
    networks.faces = (face(180, 200), face(150, 460))
    door = Door(networks)
    door.recogniser.look(1)
    with pytest.raises(AssertionError, match="no decision"):
        door.decide(1)
    networks.faces = (face(180, 200), face(40, 460))
    decision, _ = door.decide(1)
    door.stop()
    assert isinstance(decision.decision, Match)


def test_a_face_that_cannot_be_used_is_told_what_to_do_once() -> None:
    networks = MadeUpNetworks(PEOPLE[0])
    networks.measured = Quality(50.0, 0.1, 0.5, 120.0, 0.6, 0.0, 0.0)
    door = Door(networks)
    door.recogniser.look(1)
    for number in range(5):
        door.give(number)
        time.sleep(0.02)
    assert door.outcomes.get(timeout=2) == Guidance(1, Instruction.CLOSER)
    assert door.outcomes.empty()
    networks.faces = ()
    time.sleep(0.45)
    door.give(9)
    assert door.outcomes.get(timeout=2) == Guidance(1, Instruction.NO_FACE)
    door.stop()


def test_only_the_newest_frame_is_looked_at() -> None:
    networks = MadeUpNetworks(near_to(PEOPLE[2], 0.3))
    busy, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        busy.set()
        assert go_on.wait(5)

    networks.before = wait
    door = Door(networks)
    door.recogniser.look(1)
    door.give(0)
    assert busy.wait(5)
    for number in range(1, 50):
        door.give(number)
    _until(lambda: len(door.shown) == 50)
    networks.before = lambda: None
    go_on.set()
    _until(lambda: len(networks.seen) == 2)
    time.sleep(0.1)
    door.stop()
    assert networks.seen == [0, 49]


def test_nobody_is_looked_at_while_the_door_rests() -> None:
    networks = MadeUpNetworks(PEOPLE[0])
    door = Door(networks)
    door.give(1)
    _until(lambda: len(door.shown) == 1)
    door.recogniser.look(1)
    door.recogniser.rest()
    door.give(2)
    _until(lambda: len(door.shown) == 2)
    time.sleep(0.05)
    door.stop()
    assert networks.seen == []
    assert door.outcomes.empty()


@pytest.mark.parametrize("ends", ["decided", "rested"])
def test_nothing_that_was_seen_outlives_its_attempt(ends: str) -> None:
    gc.collect()  # what tests before this one left behind
    networks = MadeUpNetworks(PEOPLE[0])
    door = Door(networks)
    door.recogniser.look(1)
    if ends == "decided":
        door.decide(1)
    else:
        door.give(1)
        _until(lambda: len(networks.seen) == 1)
        door.recogniser.rest()
    _until(lambda: not [each for each in gc.get_objects() if isinstance(each, Look)])
    assert door.recogniser._newest is None
    door.stop()


def test_a_new_attempt_starts_without_the_frames_of_the_last() -> None:
    networks = MadeUpNetworks(PEOPLE[0])
    door = Door(networks)
    door.recogniser.look(1)
    for number in range(2):
        door.give(number)
        _until(lambda number=number: len(networks.seen) == number + 1)  # type: ignore[misc] # bound now
    networks.vector = PEOPLE[1]
    door.recogniser.look(2)
    decision, _ = door.decide(2)
    door.stop()
    assert isinstance(decision.decision, Match)
    assert decision.decision.person == "p1"


def test_an_erased_person_is_not_matched_by_an_attempt_under_way() -> None:
    networks = MadeUpNetworks(PEOPLE[0])
    door = Door(networks)
    door.recogniser.look(1)
    for number in range(2):
        door.give(number)
        _until(lambda number=number: len(networks.seen) == number + 1)  # type: ignore[misc] # bound now
    door.recogniser.set_gallery(gallery_of(PEOPLE[1:]))
    decision, _ = door.decide(1)
    door.stop()
    assert decision.decision == NoMatch(NoMatchReason.UNKNOWN)


def test_without_a_model_there_is_a_preview_and_no_decision() -> None:
    door = Door(None)
    door.recogniser.look(1)
    door.give(1)
    _until(lambda: len(door.shown) == 1)
    door.stop()
    assert door.outcomes.empty()


def test_a_frame_that_the_network_cannot_answer_is_left_out() -> None:
    networks = MadeUpNetworks(PEOPLE[0])
    failures = iter([True, True])

    def fail() -> None:
        if next(failures, False):
            raise Fault(FaultCode.MODEL_ALTERED)

    networks.before = fail
    door = Door(networks)
    door.recogniser.look(1)
    decision, _ = door.decide(1)
    door.stop()
    assert isinstance(decision.decision, Match)


def test_no_thread_is_left_behind() -> None:
    before = own_threads()
    door = Door(MadeUpNetworks(PEOPLE[0]))
    assert len(own_threads()) == len(before) + 3
    door.stop()
    assert own_threads() == before


@pytest.mark.parametrize(("who", "enrolled"), [("astronaut", True), ("t1-2", True), ("tom", False)])
def test_the_film_s_people_are_recognised_and_its_strangers_are_not(who: str, enrolled: bool) -> None:  # noqa: FBT001
    pipeline = installed()
    film = SampleFilm(script([who], ()))
    references = [Kept(each, _enrolled(film, each), pipeline.pack.embedding_space) for each in ("astronaut", "t1-2")]
    outcomes: queue.Queue[Outcome] = queue.Queue()
    recogniser = Recogniser(
        lambda: SampleCamera(film, t0=time.monotonic() - film.segments[1].best_from_s),
        pipeline,
        Gallery.build(references, pipeline.pack.embedding_space, pipeline.pack.dimension),
        lambda _: None,
        outcomes.put,
    )
    recogniser.start()
    recogniser.look(3)
    while not isinstance(outcome := outcomes.get(timeout=20), Decision):
        assert not isinstance(outcome, CameraLost | CameraBack)
    assert recogniser.stop()
    if enrolled:
        assert isinstance(outcome.decision, Match)
        assert outcome.decision.person == who
    else:
        assert outcome.decision == NoMatch(NoMatchReason.UNKNOWN)
    assert outcome.frame_to_decision_s < 1.0


def _enrolled(film: SampleFilm, who: str) -> Floats:
    pipeline = installed()
    images = film.portrait(who)
    return mean_embedding([pipeline.analyse(each, pipeline.detect(each)[0]).embedding for each in images]).vector


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")
