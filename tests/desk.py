"""A clerk at work, and what it says, by kind."""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from running_kiosk import CODE, key

from kiosk.clerk import Clerk
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
