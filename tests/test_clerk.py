import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from running_kiosk import CODE, NAME, PIN, furnished, key, recorded
from store_kit import CONSENT, face

from kiosk.clerk import Clerk, Queue
from kiosk.config import Config
from kiosk.faults import FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Method
from kiosk.store import Store
from sync.exchange import Exchange

Answer = TypeVar("Answer", bound=ev.Event)


class Desk:
    """A clerk and what it says, by kind."""

    def __init__(self, config: Config) -> None:
        self.said: queue.SimpleQueue[ev.Event] = queue.SimpleQueue()
        self.galleries: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.queues: queue.SimpleQueue[Queue] = queue.SimpleQueue()
        self.clerk = Clerk(
            config,
            key(config),
            post=self.said.put,
            on_store=lambda store: self.galleries.put(len(store.templates.references())),
            on_queue=self.queues.put,
        )

    def answer(self, kind: type[Answer]) -> Answer:
        while not isinstance(said := self.said.get(timeout=10), kind):
            pass
        return said

    def until_unsent(self, count: int) -> None:
        while self.queues.get(timeout=10).unsent != count:
            pass


@contextmanager
def at_work(config: Config) -> Iterator[Desk]:
    desk = Desk(config)
    desk.clerk.start()
    try:
        yield desk
    finally:
        desk.clerk.stop()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return furnished(tmp_path)


def person_of(config: Config) -> str:
    store = Store.open(config.state, key(config))
    try:
        found = store.people.by_code(CODE)
    finally:
        store.close()
    assert found is not None
    return found.id


def save(desk: Desk, person: str, action: Action = Action.IN) -> ev.Committed:
    desk.clerk.save(7, person, action, Method.PIN)
    return desk.answer(ev.Committed)


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
        desk.clerk.look_up(3, person)
        resolved = desk.answer(ev.Resolved)
        assert (resolved.name, resolved.language) == (NAME, "en")
        assert resolved.last is not None
        assert resolved.last.action is Action.IN


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


def test_a_face_that_another_process_enrols_is_matched_within_seconds(config: Config) -> None:
    with at_work(config) as desk:
        assert desk.galleries.get(timeout=10) == 0
        store = Store.open(config.state, key(config))
        person = person_of(config)
        store.basis.enrol(person, CONSENT, [face(person, 1), face(person, 2)])
        assert desk.galleries.get(timeout=5) == 2
        store.basis.withdraw(person)
        assert desk.galleries.get(timeout=5) == 0
        store.close()


def test_an_exchange_that_lies_is_set_aside_and_filled_again(config: Config, tmp_path: Path) -> None:
    other = furnished(tmp_path / "other")
    with at_work(other) as desk:
        save(desk, person_of(other))
        save(desk, person_of(other))
        desk.until_unsent(2)
    config.exchange.parent.mkdir(exist_ok=True)
    other.exchange.rename(config.exchange)  # rows of another ledger, and more of them
    with at_work(config) as desk:
        save(desk, person_of(config))
        desk.until_unsent(1)
    assert [path.name for path in config.exchange.parent.glob("*aside*")] == ["exchange.db.aside-1"]
    exchange = Exchange.open(config.exchange)
    assert exchange.unsettled().events == 1
    exchange.close()


def test_an_exchange_that_cannot_be_opened_keeps_nobody_from_checking_in(config: Config) -> None:
    config.exchange.mkdir(parents=True)
    with at_work(config) as desk:
        save(desk, person_of(config))
    assert len(recorded(config)) == 1


def test_stopping_hands_on_what_is_left(config: Config) -> None:
    person = person_of(config)
    with at_work(config) as desk:
        save(desk, person)
    exchange = Exchange.open(config.exchange)
    assert exchange.unsettled().events == 1
    exchange.close()
