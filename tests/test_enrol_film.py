"""The real camera path of an enrolment without a window: the kiosk's own eye, the networks, the pages, the door."""

import queue
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from enrol_kit import PIN, TURNS, Counted, door, nothing_is_kept, siti, to_the_camera, types_a_pin
from stand_in import Hasty
from vision_kit import GOOD, MadeUpNetworks, face, installed, numbered, person_vectors

from kiosk.eye import Eye
from kiosk.faults import Fault, FaultCode
from kiosk.flow import events as ev
from kiosk.pages import visit as vi
from kiosk.pages.enrol.capturing import Capture, NoCamera
from kiosk.pages.enrol.done import Done
from kiosk.pages.enrol.finishing import OwnPin
from kiosk.pages.page import CameraGone, Captured, Measured, Noticed, Prompted, Use
from kiosk.screens import watching
from kiosk.screens.watching import Measuring, Taking
from kiosk.vision import enroller
from kiosk.vision.arrays import Image
from kiosk.vision.camera import Frame
from kiosk.vision.embed import Embedding
from kiosk.vision.enroller import Face
from kiosk.vision.enrolment import Pose, Seen, Shot
from kiosk.vision.quality import Instruction, Quality
from kiosk.vision.recogniser import Networks

STEP_S = 0.5
PEOPLE = person_vectors(2)


class Patient:
    """The film, a step at a time: the next frame comes once the last was looked at, so that nothing is waited for."""

    def __init__(self, who: str, step_s: float = STEP_S, frames: int = 10_000) -> None:
        self._film = Hasty(who, step_s, lasts_s=1e9)
        self._left = frames
        self.eye: Eye | None = None

    def shows(self, who: str) -> None:
        self._film.who = who

    def read(self, timeout_s: float) -> Frame:
        until = time.monotonic() + timeout_s
        while self.eye is not None and self.eye._recogniser._newest is not None and time.monotonic() < until:
            time.sleep(0.001)
        self._left -= 1
        if self._left < 0:
            time.sleep(0.02)
            raise Fault(FaultCode.CAMERA_LOST)
        return self._film.read(timeout_s)

    def close(self) -> None:
        return


class Room:
    """The eye of a door, and a guest whose uses of the camera it serves."""

    def __init__(self, guest: Counted, camera: Patient) -> None:
        self.guest, self.camera = guest, camera
        self.said: queue.Queue[vi.Event] = queue.Queue()
        self.told: queue.Queue[ev.Event] = queue.Queue()
        self.eye = Eye(guest.config, post=self.told.put, show=lambda _: None, camera=lambda: camera)
        camera.eye = self.eye

    def watch(self) -> None:
        assert self.guest.watching is not None
        watching.watch(self.eye, self.said.put, self.guest.watching)

    def until(self, enough: Callable[[], bool]) -> list[Noticed]:
        """Hand the eye's answers to the page."""
        seen: list[Noticed] = []
        while not enough():
            event = self.said.get(timeout=20)
            assert isinstance(event, vi.Saw)
            seen.append(event.seen)
            self.guest._on(event)
        if self.guest.watching is None:
            self.eye.rest()
        return seen

    def door_says(self, attempt: int) -> ev.Event:
        """The decision of one look of the door."""
        decided: queue.Queue[ev.Event] = queue.Queue()
        self.eye.look(attempt, None, decided.put)
        while not isinstance(event := decided.get(timeout=20), ev.FaceDecided):
            pass
        return event


@pytest.fixture
def guest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counted:
    monkeypatch.setattr("kiosk.store.templates.orthonormal", TURNS)
    return door(tmp_path)


@pytest.fixture
def room(guest: Counted) -> Iterator[Room]:
    installed()
    made = Room(guest, Patient("astronaut"))
    made.eye._recogniser._capture._lost_after_s = 60.0  # a machine that is busy with other tests loses no camera
    made.eye.start()
    yield made
    made.eye.stop()


def test_a_person_of_the_film_is_enrolled_through_the_pages_and_the_door_then_knows_them(
    guest: Counted, room: Room
) -> None:
    to_the_camera(guest)
    room.watch()
    seen = room.until(lambda: not isinstance(guest.page, Capture))
    asked = [each.prompt.pose for each in seen if isinstance(each, Prompted)]
    assert list(dict.fromkeys(asked)) == [Pose.FRONTAL, Pose.LEFT, Pose.RIGHT, None]
    measured = [each for each in seen if isinstance(each, Measured)]
    assert any(each.sharpness is not None and each.sharpness > 0.4 for each in measured)
    assert isinstance(guest.page, OwnPin)
    assert guest.page.face is not None
    assert 3 <= len(guest.page.face.found.shots) <= 5
    started = time.monotonic()
    types_a_pin(guest)
    stored_s = time.monotonic() - started
    assert isinstance(guest.page, Done)

    store, eye = guest.store, room.eye
    assert eye.space is not None
    eye.enrol(*store.templates.gallery(*eye.space))
    assert room.door_says(98) == ev.FaceDecided(98, ev.Matched(siti(store)))
    room.camera.shows("tom")
    assert room.door_says(99) == ev.FaceDecided(99, ev.NotMatched(nobody=False)), "a stranger stays one"
    # By the film's clock, with two seconds for each touch and half a second for each digit; reading is on top.
    poses_s = 6.0 * 2 + 8 * STEP_S + 3 * STEP_S
    assert poses_s + 2.0 * guest.touches + 0.5 * 2 * len(PIN) + stored_s < 60


def test_a_camera_that_is_lost_midway_is_said_and_the_pin_goes_on(guest: Counted) -> None:
    installed()
    room = Room(guest, Patient("astronaut", frames=4))
    room.eye._recogniser._capture._lost_after_s = 0.2
    to_the_camera(guest)
    room.eye.start()
    try:
        room.watch()
        room.until(lambda: not isinstance(guest.page, Capture))
        assert isinstance(guest.page, NoCamera)
        assert not room.eye.sees
        guest.tap("again")
        room.watch()
        room.until(lambda: not isinstance(guest.page, Capture))
        assert isinstance(guest.page, NoCamera), "said at once while it is gone"
    finally:
        room.eye.stop()
    types_a_pin(guest.tap("no"))
    assert isinstance(guest.page, Done)
    assert not guest.store.people.get(siti(guest.store)).has_face


def test_whoever_walks_away_from_the_camera_is_kept_nowhere(
    guest: Counted, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[weakref.ref[Any]] = []  # each vector that is made, without holding it

    def shot_of(networks: Networks, found: Face) -> Seen:
        shot = enroller.shot_of(networks, found)
        if isinstance(shot, Shot):
            seen.append(weakref.ref(shot.embedding.vector))
        return shot

    monkeypatch.setattr(watching, "shot_of", shot_of)
    to_the_camera(guest)
    room.watch()
    room.until(lambda: isinstance(guest.page, Capture) and guest.page.prompt.progress > 0.3)
    assert any(each() is not None for each in seen)
    guest.wait(61)
    assert guest.over
    room.eye.rest()
    for _ in range(200):
        while not room.said.empty():
            room.said.get()
        if not any(each() is not None for each in seen):
            break
        time.sleep(0.02)
    assert not any(each() is not None for each in seen), "without a collection of garbage: nothing holds them"
    assert room.eye._recogniser._newest is None
    assert nothing_is_kept(guest.store)


def frame(number: int, at_s: float) -> Frame:
    return Frame(numbered(number), at_s)


def test_what_is_said_can_be_read_and_another_pose_is_said_at_once() -> None:
    said: list[Noticed] = []
    networks = MadeUpNetworks(PEOPLE[0])
    taking = Taking(said.append, glasses=False)
    for number in range(8):
        assert not taking(networks, frame(number, 10 + number * 0.1))
    prompts = [each.prompt for each in said if isinstance(each, Prompted)]
    assert [(each.pose, each.progress) for each in prompts] == [
        (Pose.FRONTAL, 0.125),
        (Pose.FRONTAL, 0.625),
        (Pose.LEFT, 0.0),
    ]
    assert [type(each) for each in said[:2]] == [Measured, Prompted]


def test_the_end_has_the_shots_and_three_fresh_looks() -> None:
    said: list[Noticed] = []
    networks = MadeUpNetworks(PEOPLE[0])
    taking = Taking(said.append, glasses=True)
    number = 0
    while not taking(networks, frame(number, number * 0.5)):
        number += 1
    end = said[-1]
    assert isinstance(end, Captured)
    assert (len(end.shots), len(end.probes)) == (6, 3), "straight, and once more with glasses; no head was turned"
    poses = [each.prompt.pose for each in said if isinstance(each, Prompted)]
    assert list(dict.fromkeys(poses)) == [Pose.FRONTAL, Pose.LEFT, Pose.RIGHT, Pose.GLASSES, None]


def test_nobody_before_the_camera_ends_it_without_a_trial() -> None:
    said: list[Noticed] = []
    networks = MadeUpNetworks(PEOPLE[0])
    networks.faces = ()
    taking = Taking(said.append, glasses=False)
    number = 0
    while not taking(networks, frame(number, number * 1.0)):
        number += 1
    end = said[-1]
    assert isinstance(end, Captured)
    assert (end.shots, end.probes) == ((), ())
    assert number <= 19


def test_a_defect_is_named_and_measured() -> None:
    said: list[Noticed] = []
    networks = MadeUpNetworks(PEOPLE[0])
    networks.measured = Quality(180.0, 0.4, 0.5, 20.0, 0.6, 0.0, 0.0)
    Taking(said.append, glasses=False)(networks, frame(1, 1.0))
    assert said[0] == Measured(20.0, 0.6, ev.Instruction.MORE_LIGHT)
    assert isinstance(said[1], Prompted)
    assert said[1].prompt.instruction is Instruction.MORE_LIGHT


def test_without_a_model_no_shot_is_taken_and_the_light_is_measured_all_the_same() -> None:
    said: list[Noticed] = []
    assert Taking(said.append, glasses=False)(None, frame(1, 1.0))
    assert said == [CameraGone()]
    said.clear()
    assert not Measuring(said.append)(None, frame(100, 1.0))
    assert said == [Measured(120.0, None, ev.Instruction.LOOK_HERE)]


def test_a_camera_test_measures_four_times_a_second_and_never_embeds() -> None:
    said: list[Noticed] = []

    class Counting(MadeUpNetworks):
        def embed(self, crop: Image) -> Embedding:
            raise AssertionError(f"embedded {crop.shape}")

    networks = Counting(PEOPLE[0])
    measuring = Measuring(said.append)
    for number in range(40):
        assert not measuring(networks, frame(number, 5 + number * 0.05))
    assert 8 <= len(said) <= 9
    assert said[0] == Measured(GOOD.brightness, GOOD.sharpness, None)
    networks.faces = (face(180, 200), face(150, 460))
    measuring(networks, frame(7, 99.0))
    assert said[-1] == Measured(27.0, None, ev.Instruction.ONE_PERSON)


def test_every_use_of_a_camera_that_is_not_there_is_answered_at_once() -> None:
    for use in (Use.CAPTURE, Use.CAPTURE_GLASSES, Use.PREVIEW, Use.CODE, Use.FACE):
        said: list[vi.Event] = []
        watching.watch(None, said.append, vi.Watch(3, use))
        assert said == [vi.Saw(3, CameraGone())]
