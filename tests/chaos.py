"""Chaos: a door at work, half of HQ's connections hostile, and the real kiosk-sync killed -9 all the time."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import hostile_acts as acts
from chaos_programs import Crew, Ear, memory_kib
from hostile_cases import CASES, Again, Banner, Partly, Quarantined
from hostile_hq import Act
from hostile_world import CODE, World
from sync_house import Door

LIFE_S: Final = 0.2
MOST_AT_ONCE: Final = 40
PATIENCE_S: Final = 1800.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a run."""

    events: int
    seconds: float
    lives: int
    connections: int
    hostile: int
    kinds: int
    heard: int
    grown_kib: int

    def __str__(self) -> str:
        return (
            f"{self.events} events in {self.seconds:.0f} s: {self.lives} kills, {self.hostile} of {self.connections} "
            f"connections hostile ({self.kinds} kinds), {self.heard} events heard, memory grew by {self.grown_kib} KiB"
        )


class Lives:
    """One kiosk-sync after the other, each killed about 200 ms after it was ready, some before.

    Args:
        config: its sync.toml.
        log: where it writes.
        seed: when it dies.
    """

    def __init__(self, config: Path, log: Path, seed: int) -> None:
        self.count = 0
        self.grown_kib = 0
        self._config = config
        self._log = log
        self._random = random.Random(seed)  # noqa: S311 - a script that can be repeated, no secret
        self._crew = Crew()
        self._ear = Ear(log.parent)

    def close(self) -> None:
        self._crew.close()
        self._ear.close()

    def live(self, meanwhile: Callable[[], None], longer: float) -> None:
        """Start, let the door work `meanwhile`, kill; a machine that is busy gets lives that are so much longer."""
        self._ear.forget()
        command = ("-m", "sync", "run", "--config", str(self._config), "--log-level", "DEBUG")
        one = self._crew.script(*command, log=self._log, NOTIFY_SOCKET=str(self._ear.path))
        self.count += 1
        if self._random.random() < 0.05:
            time.sleep(self._random.random() * 0.5)
        else:
            assert self._ear.ready(), self._log.read_text()[-2000:]
            before, _ = memory_kib(one.pid)
            meanwhile()
            time.sleep(self._random.random() * 2 * LIFE_S * longer)
            assert one.poll() is None, self._log.read_text()[-2000:]
            self.grown_kib = max(self.grown_kib, memory_kib(one.pid)[1] - before)
        one.kill()
        one.wait(20)


class Mood:
    """Chooses what a new connection meets: half of them something hostile, by the seed."""

    def __init__(self, world: World, seed: int, most_in_a_row: int) -> None:
        self.hostile = 0
        self._random = random.Random(seed)  # noqa: S311 - a script that can be repeated, no secret
        self._most_in_a_row = most_in_a_row
        self._in_a_row = 0
        self._acts = list(_hostile(world))

    def __call__(self) -> Act | None:
        if self._in_a_row >= self._most_in_a_row or self._random.random() < 0.5:
            self._in_a_row = 0
            return None
        self._in_a_row += 1
        self.hostile += 1
        return self._random.choice(self._acts)


def _hostile(world: World) -> Iterator[Act]:
    """Every case that passes by itself within seconds; one that sets events aside for a person does not."""
    for name, case in CASES.items():
        match case.outcome:
            case Again() if case.outcome.most_s <= acts.ENOUGH_S:
                pass
            case Banner() | Partly():
                pass
            case Again() | Quarantined() | _:
                continue
        match case.act:
            case Act():
                yield Act(name, entrance=case.act.entrance)
            case str() as fault:
                if fault != name:
                    yield Act(name, entrance=acts.over(world.faulty_tls(fault)).entrance)
            case reply:
                yield Act(name, reply=reply)


@contextmanager
def lives(config: Path, log: Path, seed: int) -> Iterator[Lives]:
    with closing(Lives(config, log, seed)) as made:
        yield made


def drained(door: Door, lived: Lives, events: int, seed: int, each_life: Callable[[], None] = lambda: None) -> float:
    """Feed `events` to a door over many lives of its daemon until HQ has receipted all; returns the seconds."""
    chance = random.Random(seed)  # noqa: S311 - a script that can be repeated, no secret
    begun = time.monotonic()

    def work() -> None:
        for _ in range(chance.randrange(1, 4)):
            count = min(events - len(door.ids), chance.randrange(1, MOST_AT_ONCE))
            if count > 0:
                door.check_in(count, code=CODE, step=chance.choice((1, 5, 20, 64)), local_every=10)
                time.sleep(0.02)

    in_vain = 0  # lives in a row that settled nothing
    while len(door.ids) < events or door.unsettled():
        before = len(door.ids) - door.unsettled()
        assert time.monotonic() - begun < PATIENCE_S, f"{door.unsettled()} still wait"
        each_life()
        lived.live(work, 1 + in_vain / 4)
        in_vain = in_vain + 1 if len(door.ids) - door.unsettled() == before else 0
    return time.monotonic() - begun


def chaos(world: World, *, events: int, seed: int, most_in_a_row: int) -> Figures:
    """Run it until everything is delivered."""
    mood = Mood(world, seed, most_in_a_row)
    world.hq.choose = mood
    with lives(world.config, world.place / "sync.log", seed) as lived:
        seconds = drained(world.door, lived, events, seed)
        kinds = len(world.hq.served.keys() - {"honest"})
        heard = world.hq.ledger.ask("SELECT count(*) FROM events")[0][0]
        return Figures(
            len(world.door.ids), seconds, lived.count, world.hq.connections, mood.hostile, kinds, heard, lived.grown_kib
        )
