"""How long a renewal takes: `python tests/bench_renew.py [PEOPLE] [DIM]`; a benchmark, no test.

Three references a person. Beside it, another process appends a check-in every 50 ms and tells how long it waited.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from store_kit import CONSENT, MODEL, Hands, check_in, face, key_of

from kiosk.store import Store
from kiosk.store.renew import renew

REFERENCES = 3


def filled(state: Path, people: int, dim: int) -> Store:
    store = Store.create(state, provider=key_of(state), clock=Hands())
    for first in range(0, people, 500):
        with store.database.write():
            for number in range(first, min(first + 500, people)):
                person = store.people.add(f"E-{number}", f"Person {number}")
                seeds = range(number * REFERENCES, (number + 1) * REFERENCES)
                store.basis.enrol(person, CONSENT, [face(person, seed, dim) for seed in seeds])
    return store


def door(state: Path) -> None:
    """A door that goes on: prints how many check-ins it wrote and how long they took, in ms."""
    store = Store.open(state, key_of(state), clock=Hands())
    person, took = store.people.by_code("E-0"), []
    assert person is not None
    sys.stdout.write("open\n")
    sys.stdout.flush()
    while not (state / "enough").exists():
        began = time.perf_counter()
        store.ledger.append(check_in(store, code="E-0"), person.id)
        took.append(1000 * (time.perf_counter() - began))
        time.sleep(0.05)
    store.close()
    sys.stdout.write(f"{len(took)} check-ins meanwhile: p50 {np.median(took):.0f} ms, worst {max(took):.0f} ms\n")


def main(people: int, dim: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        state = Path(place) / "state"
        began = time.perf_counter()
        store = filled(state, people, dim)
        sys.stdout.write(f"{people} people enrolled in {time.perf_counter() - began:.1f} s\n")
        for alone in (True, False):
            command = [sys.executable, __file__, "door", str(state)]
            beside = None if alone else subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            if beside is not None and beside.stdout is not None:
                beside.stdout.readline()
            chunks: list[float] = [time.perf_counter()]
            done = renew(store, step=lambda _done, _all, at=chunks: at.append(time.perf_counter()))  # type: ignore[misc]
            took = time.perf_counter() - chunks[0]
            steps = np.diff(chunks)
            sys.stdout.write(
                f"{done}: {took:.1f} s in {len(steps)} transactions of p50 {np.median(steps):.2f} s (rest included),"
                f" worst {steps.max():.2f} s; search and end {time.perf_counter() - chunks[-1]:.1f} s\n"
            )
            if beside is not None:
                (state / "enough").touch()
                sys.stdout.write(beside.communicate()[0])
        began = time.perf_counter()
        store.templates.gallery(MODEL, dim)
        sys.stdout.write(f"gallery: {time.perf_counter() - began:.1f} s\n")
        sizes = {path.name: path.stat().st_size >> 20 for path in state.iterdir()}
        sys.stdout.write(f"files, MiB: {sizes}\n")
        store.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["door"]:
        door(Path(sys.argv[2]))
    else:
        numbers = [int(given) for given in sys.argv[1:]]
        main(*(numbers + [10_000, 512][len(numbers) :]))
