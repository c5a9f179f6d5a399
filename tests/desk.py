"""A clerk at work, what it says by kind, what it logs, and a hand on its clock."""

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from running_kiosk import CODE, key

from kiosk.clerk import Clerk
from kiosk.clock import Look, look_now
from kiosk.config import Config
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Method
from kiosk.messenger import Queue
from kiosk.store import Store

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

    def until(self, holds: Callable[[Queue], bool]) -> None:
        while not holds(self.queues.get(timeout=10)):
            pass

    def until_unsent(self, count: int) -> None:
        self.until(lambda queue: queue.unsent == count)


@contextmanager
def at_work(config: Config) -> Iterator[Desk]:
    desk = Desk(config)
    desk.clerk.start()
    try:
        yield desk
    finally:
        desk.clerk.stop()


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


def opened(config: Config) -> Store:
    return Store.open(config.state, key(config))


def acts(config: Config) -> list[dict[str, Any]]:
    """Every local act of this month and the last, in order."""
    store = opened(config)
    months = sorted({row[0] for row in store.database.rows("SELECT period FROM keys WHERE kind = 'device'")})
    found = [act for month in months for act in store.ledger.local_acts(month)]
    store.database.close()
    return [act for _, act in sorted(found, key=lambda each: each[0])]


def kinds(config: Config) -> list[str]:
    return [act["kind"] for act in acts(config)]


def until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@dataclass
class Hand:
    """The real clocks, and a hand that sets the wall clock."""

    by_ms: int = 0
    at: datetime | None = None

    def __call__(self) -> Look:
        now = look_now()
        wall = now.wall_ms if self.at is None else int(self.at.timestamp() * 1000)
        return replace(now, wall_ms=wall + self.by_ms, set_at_ms=None)


def with_hand(desk: Desk, hand: Hand) -> Hand:
    desk.clerk._clock._look = hand
    return hand
