"""The door counts hours from the times that are known by now, not from those that a wrong clock once showed."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from store_kit import HOUR, MORNING, OPENED, Hands, check_in, key_of

from kiosk.clock import Reading
from kiosk.store import Store
from wire.event import Action, ClockState

MONTH_END = 1_796_083_200_000 - 2 * HOUR  # 2026-11-30 22:00 UTC


@dataclass
class Unset(Hands):
    """Clocks that run, and show a wrong time until a server sets it."""

    wrong_by: int = 0
    state: ClockState = ClockState.SYNCED

    def __call__(self) -> Reading:
        reading = super().__call__()
        uncertainty = 1 if self.state is ClockState.SYNCED else 86_400
        clock = replace(reading.clock, state=self.state, uncertainty_s=uncertainty)
        return replace(reading, wall_ms=reading.wall_ms + self.wrong_by, clock=clock)

    def set_by_server(self) -> None:
        self.wrong_by, self.state = 0, ClockState.SYNCED


def made(tmp_path: Path, clock: Unset) -> tuple[Store, str]:
    store = Store.create(tmp_path / "state", provider=key_of(tmp_path / "state"), clock=clock)
    OPENED.append(store)
    return store, store.people.add("E-0417", "Budi Santoso")


def act(store: Store, person: str, action: Action) -> None:
    store.ledger.append(check_in(store, action), person)


@pytest.mark.parametrize("wrong_by", [-20 * HOUR, -HOUR, HOUR, 20 * HOUR])
@pytest.mark.parametrize("state", [ClockState.UNSYNCED, ClockState.STEPPED])
def test_hours_are_right_once_a_server_has_set_the_clock(tmp_path: Path, wrong_by: int, state: ClockState) -> None:
    clock = Unset(wrong_by=wrong_by, state=state)
    store, person = made(tmp_path, clock)
    act(store, person, Action.IN)
    clock.move(3 * HOUR)
    clock.set_by_server()
    last = store.history.last_action(person, clock.wall_ms)
    assert last is not None
    assert (last[0], abs(last[1] - MORNING) < 1000) == (Action.IN, True)
    act(store, person, Action.OUT)
    assert store.history.worked_today(person, MORNING - HOUR, clock.wall_ms + 1) == 3 * 3600


def test_a_time_that_stands_under_the_month_before_is_found(tmp_path: Path) -> None:
    clock = Unset(wall_ms=MONTH_END + 3 * HOUR, wrong_by=-20 * HOUR, state=ClockState.UNSYNCED)
    store, person = made(tmp_path, clock)
    act(store, person, Action.IN)
    assert [row[0] for row in store.database.rows("SELECT period FROM undelivered")] == ["2026-11"]
    clock.move(15 * HOUR)
    clock.set_by_server()
    last = store.history.last_action(person, clock.wall_ms)
    assert last is not None
    assert abs(last[1] - (MONTH_END + 3 * HOUR)) < 1000


def test_another_boot_or_a_clock_that_is_still_wrong_corrects_nothing(tmp_path: Path) -> None:
    clock = Unset(wrong_by=-HOUR, state=ClockState.UNSYNCED)
    store, person = made(tmp_path, clock)
    act(store, person, Action.IN)
    clock.move(HOUR)
    last = store.history.last_action(person, clock().wall_ms)
    assert last is not None
    assert last[1] == MORNING - HOUR
    clock.restart()
    clock.set_by_server()
    last = store.history.last_action(person, clock.wall_ms)
    assert last is not None
    assert last[1] == MORNING - HOUR


def test_what_was_logged_stays_as_it_was_logged(tmp_path: Path) -> None:
    clock = Unset(wrong_by=-HOUR, state=ClockState.UNSYNCED)
    store, person = made(tmp_path, clock)
    act(store, person, Action.IN)
    clock.move(HOUR)
    clock.set_by_server()
    (event,) = store.history.events(person, MORNING - 2 * HOUR, MORNING + 2 * HOUR)
    assert (event.occurred_at, event.clock.state) == (MORNING - HOUR, ClockState.UNSYNCED)
    assert store.ledger.verify() > 0
