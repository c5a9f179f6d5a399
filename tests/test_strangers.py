"""Four ways to be a stranger at a running door, and what each site mode does with a face; all parts are real."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from running_kiosk import CODE, NAME, PIN, Running, furnished, key, recorded, running
from stand_in import StandIn
from store_kit import CONSENT
from vision_kit import everybody, installed, near_to

from kiosk import words
from kiosk.config import Config, Recognition
from kiosk.flow.states import PadReason, PinPad
from kiosk.store import Reference, Store, erasure, face_mode
from kiosk.store.face_mode import FaceMode
from kiosk.vision.arrays import Floats
from kiosk.vision.gallery import mean_embedding
from wire.event import Method

OTHER_CODE, OTHER_NAME, OTHER_PIN = "1002", "Bima Prasetyo", "830562"


def template(who: str) -> Floats:
    pipeline = installed()
    images = everybody().portrait(who)
    return mean_embedding([pipeline.analyse(each, pipeline.detect(each)[0]).embedding for each in images]).vector


def office(data: Path, second: Floats | None, mode: str = "identification") -> Config:
    """Ayu is the astronaut; Bima has the second face, or none."""
    config = replace(furnished(data), recognition=Recognition(mode=mode))
    with opened(config) as store:
        first = store.people.by_code(CODE)
        assert first is not None
        keep(store, first.id, template("astronaut"))
        other = store.people.add(OTHER_CODE, OTHER_NAME, language="en", pin=OTHER_PIN)
        if second is not None:
            keep(store, other, second)
    return config


def keep(store: Store, person: str, vector: Floats) -> None:
    store.basis.enrol(person, CONSENT, [Reference(person, vector, installed().pack.embedding_space, 0.9, 1)])


@contextmanager
def opened(config: Config) -> Iterator[Store]:
    store = Store.open(config.state, key(config))
    try:
        yield store
    finally:
        store.close()


def enrolled(scene: Running, people: int) -> None:
    """Wait until the door knows this many faces."""
    assert scene.kiosk.eye is not None
    eye = scene.kiosk.eye._recogniser
    scene.until(lambda: eye._gallery is not None and len(eye._gallery.persons) == people, f"never {people} faces")


def refused(scene: Running) -> None:
    """Tap an action: nobody is recognised, nobody is named."""
    scene.touch("action.in")
    scene.wait_for("refused", "recorded", "pin", "confirming")
    assert scene.page == "refused"
    scene.until_shown(words.say("id", "refused.title"))
    assert not [text for text in scene.texts() if set(text.split()) & {*NAME.split(), *OTHER_NAME.split()}]
    scene.touch("tap.cancel")
    scene.wait_for("idle")


def by_face(scene: Running, button: str) -> None:
    scene.touch(f"action.{button}")
    scene.wait_for("recorded")
    scene.touch("tap.done")
    scene.wait_for("idle")


def methods(config: Config) -> list[tuple[str, Method]]:
    return [(event.person, event.method) for event in sorted(recorded(config), key=lambda event: event.event_id)]


def sql(config: Config, statement: str) -> None:
    with opened(config) as store, store.database.write():
        store.database.run(statement, id_of(store))


def id_of(store: Store) -> str:
    found = store.people.by_code(CODE)
    assert found is not None
    return found.id


def test_who_is_not_enrolled_restricted_or_has_withdrawn_is_a_stranger(tmp_path: Path) -> None:
    config = office(tmp_path, template("t1-2"))
    camera = StandIn("tom")
    with running(config, lambda: camera) as scene:
        enrolled(scene, 2)
        refused(scene)  # not enrolled
        camera.who = "astronaut"
        by_face(scene, "in")
        sql(config, "UPDATE people SET face_restricted = 1 WHERE id = ?")
        enrolled(scene, 1)
        refused(scene)  # restricted
        sql(config, "UPDATE people SET face_restricted = 0 WHERE id = ?")
        enrolled(scene, 2)
        by_face(scene, "out")
        with opened(config) as store:
            assert erasure.erase_face(store, id_of(store)) is not None
        enrolled(scene, 1)
        refused(scene)  # consent withdrawn
        scene.touch("action.in")
        scene.until_shown(words.say("id", "pad.paused"))  # three in half a minute
        scene.type_pin()
        scene.wait_for("recorded")
    assert methods(config) == [(CODE, Method.FACE), (CODE, Method.FACE), (CODE, Method.PIN)]


@pytest.mark.parametrize("twin", [True, False], ids=["their own PIN", "another PIN"])
def test_a_look_alike_is_named_by_nothing_but_their_pin(tmp_path: Path, twin: bool) -> None:  # noqa: FBT001
    config = office(tmp_path, near_to(template("astronaut"), 0.69))
    with running(config, lambda: StandIn("astronaut")) as scene:
        enrolled(scene, 2)
        assert scene.kiosk.eye is not None
        gallery = scene.kiosk.eye._recogniser._gallery
        assert gallery is not None
        assert len(gallery.lookalikes) == 2
        scene.touch("action.in")
        scene.wait_for("pin", "recorded", "refused", "confirming")
        state = scene.kiosk.door.state
        assert isinstance(state, PinPad)
        assert (state.reason, state.verify) == (PadReason.NEAR, True)
        scene.until_shown(words.say("id", "pad.near"))
        assert not [text for text in scene.texts() if set(text.split()) & {*NAME.split(), *OTHER_NAME.split()}]
        scene.type_pin(*((CODE, PIN) if twin else (OTHER_CODE, OTHER_PIN)))
        scene.wait_for("recorded")
    assert methods(config) == [(CODE, Method.FACE) if twin else (OTHER_CODE, Method.PIN)]


def verified(config: Config, who: str, code: str, pin: str) -> list[tuple[str, Method]]:
    with running(config, lambda: StandIn(who)) as scene:
        enrolled(scene, 1)
        scene.touch("action.in")
        scene.type_pin(code, pin)
        scene.wait_for("recorded")
        assert scene.kiosk.eye is not None
        assert bool(scene.kiosk.eye.decided_after_s) == (code == CODE), "who has no face enrolled is not looked at"
    return methods(config)


@pytest.mark.parametrize(
    ("who", "code", "pin", "method"),
    [
        ("astronaut", CODE, PIN, Method.FACE),
        ("tom", CODE, PIN, Method.PIN),
        ("astronaut", OTHER_CODE, OTHER_PIN, Method.PIN),
    ],
    ids=["their face", "another face", "no face enrolled"],
)
def test_a_site_that_verifies_records_by_pin_and_by_the_face_that_is_theirs(
    tmp_path: Path, who: str, code: str, pin: str, method: Method
) -> None:
    assert verified(office(tmp_path, None, "verification"), who, code, pin) == [(code, method)]


def test_a_site_with_a_roster_matches_those_who_are_expected(tmp_path: Path) -> None:
    config = office(tmp_path, template("t1-2"), "roster")
    with opened(config) as store:
        expected = frozenset({id_of(store)})
    camera = StandIn("t1-2")
    with running(config, lambda: camera, expected=lambda: expected) as scene:
        enrolled(scene, 1)
        refused(scene)
        camera.who = "astronaut"
        by_face(scene, "in")
    assert methods(config) == [(CODE, Method.FACE)]


def test_a_site_without_faces_has_no_eye(tmp_path: Path) -> None:
    config = office(tmp_path, None, "off")
    with running(config, lambda: StandIn("astronaut")) as scene:
        assert scene.kiosk.eye is None
        scene.check_in_by_pin()
    assert methods(config) == [(CODE, Method.PIN)]


def test_who_wants_their_face_beside_the_pin_alone_is_a_stranger_to_the_camera_until_then(tmp_path: Path) -> None:
    config = office(tmp_path, template("t1-2"))
    with opened(config) as store:
        face_mode.set_mode(store, id_of(store), FaceMode.VERIFICATION)
    with running(config, lambda: StandIn("astronaut")) as scene:
        enrolled(scene, 1)
        assert scene.kiosk.eye is not None
        eye = scene.kiosk.eye._recogniser
        assert eye._gallery is not None
        with opened(config) as store:
            assert id_of(store) not in eye._gallery.persons, "never among those who are looked for"
        scene.touch("action.in")
        scene.wait_for("refused", "recorded", "pin")
        assert scene.page == "refused"
        scene.touch("tap.pin")
        scene.type_pin()
        scene.wait_for("recorded")  # their own face, beside their PIN
        scene.touch("tap.done")
        scene.wait_for("idle")
        with opened(config) as store:
            face_mode.set_mode(store, id_of(store), FaceMode.OFF)
        scene.until(lambda: eye._claimable is eye._gallery, "a face that is off is still compared beside the PIN")
    assert methods(config) == [(CODE, Method.FACE)]
