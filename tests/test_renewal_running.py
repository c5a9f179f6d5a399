"""While a shell renews all references, the door goes on recognising everybody and recording."""

import queue
from pathlib import Path

import pytest
from running_kiosk import furnished, key
from store_kit import CONSENT, DIM, MODEL, OPENED, face

from kiosk import clerk
from kiosk.clerk import Clerk
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Method
from kiosk.store import Store
from kiosk.store.renew import renew

PEOPLE = 60


def test_the_door_recognises_everybody_at_every_moment_of_a_renewal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerk, "LOOK_EVERY_S", 0.02)
    config = furnished(tmp_path / "data")
    shell = Store.open(config.state, key(config))
    OPENED.append(shell)
    seeds = {}
    with shell.database.write():
        for number in range(PEOPLE):
            person = shell.people.add(f"P-{number}", f"Person {number}")
            shell.basis.enrol(person, CONSENT, [face(person, number)])
            seeds[person] = number
    said: queue.SimpleQueue[ev.Event] = queue.SimpleQueue()
    seen: list[tuple[int, float]] = []

    def matched(store: Store) -> None:
        """What the recogniser would make of everybody's own probe, with the gallery it is handed."""
        references, matrix = store.templates.gallery(MODEL, DIM)
        mine = [each for each in references if each.person in seeds]
        scores = [float(each.vector @ (matrix @ face("", seeds[each.person]).vector)) for each in mine]
        seen.append((len(mine), min(scores)))

    def step(done: int, _all: int) -> None:
        """In the middle of it, somebody checks in by their face."""
        if done == PEOPLE // 2:
            door.save(1, next(iter(seeds)), Action.IN, Method.FACE)
            while not isinstance(answer := said.get(timeout=10), ev.Committed):
                assert not isinstance(answer, ev.SaveFailed | ev.FaultRaised), answer

    door = Clerk(config, key(config), post=said.put, on_store=matched, on_queue=lambda _: None)
    door.start()
    try:
        for _ in range(2):
            assert renew(shell, step=step, at_once=10, rest_s=0.05).people == PEOPLE
    finally:
        door.stop()
    assert len(seen) >= 2
    assert {count for count, _ in seen} == {PEOPLE}
    assert min(score for _, score in seen) > 0.99999
