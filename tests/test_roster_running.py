"""At a running door what headquarters tells counts within seconds, and nobody waits for it."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from desk import Desk, acts, at_work, opened, person_of, save, until
from roster_kit import HQ, changes, entry, people, whole
from running_kiosk import CODE, NAME, furnished

from kiosk import upkeep
from kiosk.config import Config, Headquarters, Recognition
from kiosk.faults import FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Method
from kiosk.store import Consent, Reference
from sync.exchange import Exchange
from wire import message
from wire.message import Content, Entry, Message, Policy, Shift, Standing

BUDI = Entry("HR-EMP-1001", CODE, NAME, Standing.ACTIVE)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr(upkeep, "RESUME_EVERY_S", 0.3)
    made = replace(furnished(tmp_path), headquarters=Headquarters("ambang-hq/main", HQ.public.hex()))
    store = opened(made)
    (person,) = store.people.all()
    vector = np.zeros(64, np.float32)
    vector[0] = 1.0
    reference = Reference(person.id, vector, "faceplugin/fr_feature/1", 0.9, store.now_ms())
    store.basis.enrol(person.id, Consent("1", "id", store.now_ms(), "self"), [reference])
    store.close()
    return made


def tell(config: Config, *contents: Content, first: int = 1) -> None:
    store = opened(config)
    device, now = store.device_id, store.now_ms()
    store.database.close()
    exchange = Exchange.open(config.exchange)
    for number, content in enumerate(contents, first):
        exchange.inbox_add("message", message.encode(message.sign(Message(device, number, now, content), HQ)))
    exchange.close()


def gallery(desk: Desk, size: int) -> None:
    while desk.galleries.get(timeout=10) != size:
        pass


def test_a_leaver_is_out_of_the_gallery_and_turned_away_and_new_people_come_in(config: Config) -> None:
    person = person_of(config)
    with at_work(config) as desk:
        save(desk, person)
        desk.until_unsent(1)
        gallery(desk, 1)
        tell(config, whole(1, BUDI, *people(*range(2, 40))))
        until(lambda: "roster_applied" in [act["kind"] for act in acts(config)])
        assert desk.galleries.empty(), "nobody's face has changed"
        tell(config, changes(2, replace(BUDI, standing=Standing.LEFT)), first=2)
        gallery(desk, 0)
        desk.clerk.look_up(1, person, Method.FACE)
        assert desk.answer(ev.SaveFailed).fault is FaultCode.PERSON_UNKNOWN
        desk.clerk.check_pin(2, CODE, "271904")
        desk.answer(ev.PinRefused)
        until(lambda: [act["kind"] for act in acts(config)].count("roster_applied") == 2)
    store = opened(config)
    states = [each.state for each in store.people.all()]
    store.close()
    assert (states.count("active"), states.count("left")) == (38, 1)


def test_the_door_answers_while_a_roster_is_written(config: Config) -> None:
    person = person_of(config)
    with at_work(config) as desk:
        save(desk, person)
        desk.until_unsent(1)
        tell(config, whole(1, BUDI, *people(*range(2, 600))))
        until(lambda: "roster_taken" in [act["kind"] for act in acts(config)])
        waits = []
        for _ in range(6):
            begun = time.monotonic()
            save(desk, person)
            waits.append(time.monotonic() - begun)
            time.sleep(0.1)
        assert max(waits) < 5.0, "the door itself gives up after five seconds"


def test_in_the_mode_roster_only_the_expected_are_handed_to_the_camera(config: Config) -> None:
    config = replace(config, recognition=Recognition(mode="roster"))
    person = person_of(config)
    with at_work(config) as desk:
        save(desk, person)
        desk.until_unsent(1)
        gallery(desk, 1)
        assert desk.clerk.expected is None
        # twelve hours away from now there is nobody of that shift at the door
        minute = time.localtime(time.time()).tm_min
        hour = (time.gmtime(time.time()).tm_hour + 7 + 12) % 24
        shift = Shift("other", "Malam", hour * 60 + minute, (hour * 60 + minute + 60) % 1_440)
        tell(config, whole(1, replace(BUDI, shift="other"), entry(2)), Policy(1, (shift,)))
        until(lambda: len(desk.clerk.expected or ()) == 1 and person not in (desk.clerk.expected or ()))
        gallery(desk, 1)
