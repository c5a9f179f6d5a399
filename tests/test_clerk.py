"""What the clerk answers, and what it keeps on doing whatever else goes wrong."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from desk import Desk, acts, at_work, person_of, save
from running_kiosk import CODE, NAME, PIN, furnished, key, recorded
from store_kit import CONSENT, face

from kiosk import clerk, upkeep
from kiosk.config import Config, Door, Storage
from kiosk.faults import FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Method
from kiosk.store import Store
from kiosk.store.erasure import erase_face
from sync.exchange import Exchange


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return furnished(tmp_path)


def test_what_is_committed_is_in_the_ledger_and_handed_on(config: Config) -> None:
    with at_work(config) as desk:
        committed = save(desk, person_of(config))
        assert committed.attempt == 7
        desk.until_unsent(1)
    assert [event.event_id for event in recorded(config)] == [committed.event_id]


def test_a_right_pin_names_the_person_and_the_look_up_gives_name_and_last_action(config: Config) -> None:
    person = person_of(config)
    with at_work(config) as desk:
        desk.clerk.check_pin(1, CODE, PIN)
        assert desk.answer(ev.PinAccepted) == ev.PinAccepted(1, person)
        desk.clerk.check_pin(2, CODE, "000000")
        assert desk.answer(ev.PinRefused).attempt == 2
        save(desk, person)
        desk.clerk.look_up(3, person, Method.PIN)
        resolved = desk.answer(ev.Resolved)
        assert (resolved.name, resolved.language) == (NAME, "en")
        assert resolved.last is not None
        assert resolved.last.action is Action.IN


def test_a_changed_configuration_stands_in_the_ledger_by_its_sections_alone(config: Config) -> None:
    for changed in (config, config, replace(config, door=Door(language="nl"), storage=Storage(keep=3))):
        with at_work(changed) as desk:
            save(desk, person_of(changed))
    assert [act["detail"] for act in acts(config) if act["kind"] == "configured"] == [{"sections": "door,storage"}]


def test_a_correction_and_a_dispute_are_entries_of_their_own(config: Config) -> None:
    person = person_of(config)
    with at_work(config) as desk:
        first = save(desk, person)
        desk.clerk.save_correction(8, first.event_id, person, Action.OUT, Method.PIN)
        corrected = desk.answer(ev.Committed)
        desk.clerk.save_dispute(9, first.event_id, person)
        disputed = desk.answer(ev.Committed)
        assert len({first.event_id, corrected.event_id, disputed.event_id}) == 3
        desk.until_unsent(3)


def test_somebody_unknown_is_refused_and_the_store_stays_open(config: Config) -> None:
    with at_work(config) as desk:
        desk.clerk.save(1, "0" * 16, Action.IN, Method.PIN)
        assert desk.answer(ev.SaveFailed) == ev.SaveFailed(1, FaultCode.PERSON_UNKNOWN)
        save(desk, person_of(config))
        assert desk.said.empty()


GONE: dict[str, Callable[[Store, str], object]] = {
    "withdrawn": erase_face,
    "restricted": lambda store, person: change(store, "UPDATE people SET face_restricted = 1 WHERE id = ?", person),
    "key gone": lambda store, person: change(store, "DELETE FROM keys WHERE kind = 'biometric' AND person = ?", person),
}


def change(store: Store, sql: str, person: str) -> None:
    with store.database.write():
        store.database.run(sql, person)


@pytest.mark.parametrize("gone", GONE)
def test_a_face_whose_consent_ended_since_the_camera_looked_is_neither_named_nor_recorded(
    config: Config, gone: str
) -> None:
    person = person_of(config)
    store = Store.open(config.state, key(config))
    store.basis.enrol(person, CONSENT, [face(person, 1)])
    with at_work(config) as desk:
        desk.clerk.look_up(1, person, Method.FACE)
        assert desk.answer(ev.Resolved).attempt == 1
        GONE[gone](store, person)
        desk.clerk.look_up(2, person, Method.FACE)
        assert desk.answer(ev.SaveFailed) == ev.SaveFailed(2, FaultCode.CONSENT_MISSING)
        desk.clerk.save(3, person, Action.IN, Method.FACE)
        assert desk.answer(ev.SaveFailed) == ev.SaveFailed(3, FaultCode.CONSENT_MISSING)
        save(desk, person)
        assert desk.said.empty()
    store.close()
    assert [event.method.value for event in recorded(config)] == ["pin"]


def test_an_accepted_pin_says_whether_the_camera_may_look_for_them(config: Config) -> None:
    person = person_of(config)
    store = Store.open(config.state, key(config))

    def looked_for(desk: Desk) -> bool:
        desk.clerk.check_pin(1, CODE, PIN)
        accepted = desk.answer(ev.PinAccepted)
        assert accepted.person == person
        return accepted.face

    with at_work(config) as desk:
        assert not looked_for(desk), "nobody has enrolled them"
        for gone in GONE.values():
            change(store, "UPDATE people SET face_restricted = 0 WHERE id = ?", person)
            store.basis.enrol(person, CONSENT, [face(person, 1)])
            assert looked_for(desk)
            gone(store, person)
            assert not looked_for(desk)
    store.close()


def test_somebody_who_was_suspended_meanwhile_is_not_recorded(config: Config) -> None:
    person = person_of(config)
    store = Store.open(config.state, key(config))
    with at_work(config) as desk:
        change(store, "UPDATE people SET state = 'suspended' WHERE id = ?", person)
        desk.clerk.save(3, person, Action.IN, Method.PIN)
        assert desk.answer(ev.SaveFailed) == ev.SaveFailed(3, FaultCode.PERSON_UNKNOWN)
    store.close()
    assert recorded(config) == []


def test_a_face_that_another_process_enrols_is_matched_within_seconds(config: Config) -> None:
    with at_work(config) as desk:
        assert desk.galleries.get(timeout=10) == 0
        store = Store.open(config.state, key(config))
        person = person_of(config)
        store.basis.enrol(person, CONSENT, [face(person, 1), face(person, 2)])
        assert desk.galleries.get(timeout=5) == 2
        erase_face(store, person)
        assert desk.galleries.get(timeout=5) == 0
        store.close()


def test_a_store_that_cannot_be_opened_answers_too(config: Config) -> None:
    key(config).path.rename(config.state / "elsewhere")
    with at_work(config) as desk:
        desk.clerk.save(4, "0" * 16, Action.IN, Method.PIN)
        assert desk.answer(ev.SaveFailed) == ev.SaveFailed(4, FaultCode.KEY_MISSING)
        assert desk.answer(ev.FaultRaised) == ev.FaultRaised(FaultCode.KEY_MISSING)


def test_a_disk_that_hangs_is_not_asked_again_before_it_has_answered(config: Config) -> None:
    with at_work(config) as desk:
        go_on = threading.Event()
        desk.clerk._submit(go_on.wait, 20)
        for _ in range(50):
            desk.clerk.check_health()
        assert desk.clerk._thread._work_queue.qsize() <= 3
        go_on.set()
        desk.answer(ev.Repaired)
        desk.clerk.check_health()
        desk.answer(ev.Repaired)


def test_the_head_of_the_ledger_is_signed_and_kept_every_minute(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr(clerk, "LOOK_EVERY_S", 0.05)
    with at_work(config) as desk:
        save(desk, person_of(config))
        reader = Store.open(config.state, key(config))
        for _ in range(100):
            if reader.database.row("SELECT 1 FROM checkpoints WHERE size = (SELECT max(seq) FROM spine)"):
                break
            time.sleep(0.05)
        else:
            raise AssertionError("no checkpoint was kept")
        reader.database.close()


def test_stopping_hands_on_what_is_left(config: Config) -> None:
    person = person_of(config)
    with at_work(config) as desk:
        save(desk, person)
    exchange = Exchange.open(config.exchange)
    assert exchange.unsettled().events == 1
    exchange.close()
