"""Badges and slips on the whole path: a picture of a code, the real threads, the real store, the real screen."""

import queue
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from code_kit import Holding, held
from desk import opened
from running_kiosk import CODE, PIN, Running, furnished, recorded, running

from kiosk import words
from kiosk.config import Camera, Config, Door, Recognition, check
from kiosk.faults import Fault, FaultCode
from kiosk.flow import states
from kiosk.flow.states import Badge, Idle, PinPad
from kiosk.rights import trips
from kiosk.screens import watching
from kiosk.store import badges
from kiosk.store.keys import KeyKind
from kiosk.vision.recogniser import Recogniser
from wire import badge
from wire.event import Action, Method
from wire.signing import SigningKey, key_id


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A PIN clock with a camera: no network is there that could look at a face."""
    made = furnished(tmp_path)
    return replace(made, recognition=Recognition(mode="off"), camera=Camera("v4l:/dev/video-of-the-door"))


@pytest.fixture
def camera() -> Holding:
    return Holding()


def given(config: Config) -> str:
    with closing(opened(config)) as store:
        person = store.people.by_code(CODE)
        assert person is not None
        return badges.issue(store, person.id, by="").token


def ended(config: Config) -> str:
    """A genuine badge of this device whose time is over."""
    with closing(opened(config)) as store:
        signing = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
    return badge.issue(badge.Badge(b"12345678", key_id(signing.public), 1_700_000_000), signing)


def scan(scene: Running) -> None:
    scene.wait_for("idle")
    scene.kiosk.door.tap("qr")
    scene.wait_for("badge")


def type_pin(scene: Running) -> None:
    for key in (*PIN, "enter"):
        scene.touch(f"key.{key}")


def test_a_badge_and_its_pin_record_at_a_pin_clock_that_has_no_networks(config: Config, camera: Holding) -> None:
    token = given(config)
    with running(config, lambda: camera) as scene:
        eye = scene.kiosk.eye
        assert eye is not None
        scan(scene)
        scene.until_shown(words.say("id", "badge.hold"))
        camera.hold(held(token))
        scene.wait_for("pin")
        scene.until_shown(words.say("id", "badge.known"))
        assert not any("Ayu" in text for text in scene.texts()), "a badge alone tells no name"
        camera.hold()
        type_pin(scene)
        scene.wait_for("confirming")
        scene.touch("action.trip")
        scene.wait_for("recorded")
        assert eye.space is None
        scene.touch("tap.trip")
        scene.until(lambda: scene.kiosk.desk.visit is not None)
        assert scene.kiosk.desk.sheet.name == "trip.destination"
        assert isinstance(scene.kiosk.door.state, Idle)
        scene.kiosk.desk.stop()
    (event,) = recorded(config)
    assert (event.method, event.action) == (Method.BADGE, Action.TRIP_LEAVE)


@pytest.mark.parametrize(
    ("mode", "source", "badge", "reads"),
    [
        ("off", "sample", "with_pin", False),
        ("off", "v4l:/dev/video0", "with_pin", True),
        ("off", "v4l:/dev/video0", "off", False),
        ("identification", "sample", "alone", True),
        ("identification", "sample", "off", False),
    ],
)
def test_a_pin_clock_reads_badges_with_a_camera_of_its_own(
    tmp_path: Path, mode: str, source: str, badge: str, *, reads: bool
) -> None:
    made = Config(tmp_path, recognition=Recognition(mode=mode), camera=Camera(source), door=Door(badge=badge))
    check(made)
    assert made.reads_badges is reads


def test_another_word_for_what_a_badge_does_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        check(Config(tmp_path, door=Door(badge="maybe")))
    assert raised.value.code is FaultCode.CONFIG_INVALID


class Untouched:
    """Networks that nobody may ask anything."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> object:
        self.asked.append(name)
        raise AttributeError(name)


def test_whoever_holds_up_a_badge_is_looked_at_by_no_network(camera: Holding) -> None:
    networks, found = Untouched(), queue.SimpleQueue[str]()
    recogniser = Recogniser(lambda: camera, networks, None, lambda _: None, lambda _: None)  # type: ignore[arg-type]
    recogniser.start()
    try:
        watching.scan(recogniser, 1, found.put)  # type: ignore[arg-type]
        for text in ("AB1first", "AB1second"):
            camera.hold(held(text, 200))
            assert found.get(timeout=10) == text
            assert found.empty(), "a code that is held up is told once"
    finally:
        recogniser.stop()
    assert networks.asked == []


def test_a_badge_alone_records_where_the_site_says_so(config: Config, camera: Holding) -> None:
    token = given(config)
    with running(replace(config, door=Door(badge="alone")), lambda: camera) as scene:
        scan(scene)
        camera.hold(held(token, 180, angle=20))
        scene.wait_for("confirming")
        scene.touch("action.in")
        scene.wait_for("recorded")
    assert [event.method for event in recorded(config)] == [Method.BADGE]


def test_no_hostile_code_does_anything_but_a_sentence(
    config: Config, camera: Holding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "PAUSE_REFUSALS", 99)  # all of them one after the other
    revoked, mine = given(config), given(config)
    forged = mine[:30] + ("A" if mine[30] != "A" else "B") + mine[31:]
    stranger = SigningKey.generate()
    foreign = badge.issue(badge.Badge(b"12345678", key_id(stranger.public), 1_900_000_000), stranger)
    cases = {
        "SQL": held("'; DROP TABLE badges; DELETE FROM people; --", 300),
        "4,000": held("A" * 4_000, 900, size=(1280, 960), level="l"),
        "NUL": held(mine[:20] + "\0" + mine[21:]),
        "markup": held("<img src=x onerror=alert(1)>", 300),
        "forged": held(forged),
        "foreign": held(foreign),
        "old": held(ended(config)),
        "revoked": held(revoked),
    }
    with running(config, lambda: camera) as scene:
        for name, picture in cases.items():
            camera.hold()
            scan(scene)
            camera.hold(picture)
            scene.until_shown(words.say("id", "badge.refused"))
            assert isinstance(scene.kiosk.door.state, Badge), name
            scene.touch("tap.cancel")
        camera.hold()
        scan(scene)
        camera.hold(held(mine))
        scene.wait_for("pin")
        assert isinstance(scene.kiosk.door.state, PinPad)
    assert recorded(config) == []
    with closing(opened(config)) as store:
        (period,) = {row[0] for row in store.database.rows("SELECT period FROM keys WHERE kind = 'device'")}
        found = [act["detail"]["why"] for _, act in store.ledger.local_acts(period) if act["kind"] == "badge_refused"]
        assert found == ["no_badge", "no_badge", "forged", "unknown_issuer", "expired", "revoked"]
        assert len(store.people.all()) == 1


def test_a_slip_before_the_same_frame_is_checked_and_a_page_reads_codes_too(config: Config, camera: Holding) -> None:
    with running(config, lambda: camera) as scene:
        scene.touch("action.trip")
        scene.type_pin()
        scene.wait_for("recorded")
        with closing(opened(config)) as store:
            (person,) = store.people.all()
            token = trips.slip_of(store, trips.latest(store, person.id))
        scene.kiosk.door.tap("cancel")
        scan(scene)
        camera.hold(held(token, 300))
        scene.until_shown(words.say("id", "travel.check.good"))
        camera.hold(held("AS1" + "A" * 120, 300))
        scene.touch("act.again")
        scene.until_shown(words.say("id", "travel.check.issuer"))
        camera.hold(held("hello", 200))
        scene.touch("act.again")
        scene.until_shown(words.say("id", "travel.check.no_slip"))
        scene.touch("act.done")
        scene.wait_for("idle")
    assert len(recorded(config)) == 1
