"""How fast a large store is: `python tests/bench_store.py --people 10000 --events 1000000`; a benchmark, no test.

The store is built by the shipped code: people are added and enrolled, check-ins appended, in transactions of 10,000,
and headquarters signs for each of these. `--store DIR` keeps it, or uses the one that is there.
"""

import argparse
import gc
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger_kit import HQ, HQ_NAME, countersign
from store_kit import CONSENT, MODEL, MORNING, Hands, check_in, face, key_of
from tqdm import tqdm

from kiosk.store import Store, outbox, retention
from kiosk.store.audit import audit
from kiosk.store.bodies import open_all
from kiosk.store.export import export
from kiosk.store.promises import Signer
from kiosk.store.stats import stats

DIM = 512
IN_ONE_GO = 10_000
MONTHS = 24
MONTH_MS = 30 * 86_400_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--check-ins", type=int, default=2_000, help="how many durable ones are timed in each store")
    parser.add_argument("--memory", type=int, default=10_000, help="how many check-ins the memory is watched for")
    parser.add_argument("--store", type=Path, help="where the store is built and stays, or was built before")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.store.parent if given.store else None) as temporary:
        beside = Path(temporary)
        state = given.store or beside / "large"
        if not state.exists():
            timed("build it", lambda: build(state, given.people, given.events))
        opening(state)
        large, empty = opened(state), without_events(beside / "empty", given.people)
        try:
            check_ins(large, empty, given.check_ins)
            commits(large, given.check_ins // 4)
            reading(large, beside)
            memory(large, given.memory)
        finally:
            large.database.close()
            empty.database.close()
        forgetting(state, beside)


def opening(state: Path) -> None:
    say("records.db", f"{(state / 'records.db').stat().st_size / 2**20:.0f} MiB")
    say("templates.db", f"{(state / 'templates.db').stat().st_size / 2**20:.0f} MiB")
    spread("open the store", [seconds(lambda: look(state)) for _ in range(10)], "at most 1 s")
    with closed(opened(state)) as store:
        timed("open every reference", lambda: store.templates.gallery(MODEL, DIM))
        timed("open every name", store.people.all)
        timed("kiosk store stats", lambda: stats(store))


def check_ins(large: Store, empty: Store, count: int) -> None:
    """One by one in turn, so that whatever else this machine does meets both."""
    doors = [Door(empty), Door(large)]
    took: tuple[list[float], list[float]] = ([], [])
    for number in bar(range(2 * count), "check-ins"):
        took[number % 2].append(seconds(doors[number % 2].check_in))
    for store, times in zip(("empty", "large"), took, strict=True):
        spread(f"check-in, {store} store", times)
    p50, p95 = (quantile(took[1], share) / quantile(took[0], share) for share in (50, 95))
    say("large by empty", f"p50 x {p50:.2f}, p95 x {p95:.2f}", "p95 at most x 1.2")


def commits(store: Store, count: int) -> None:
    """Append, sign the head, write the anchor: what a hand-over costs at most."""
    door = Door(store)

    def commit() -> None:
        door.check_in()
        store.ledger.checkpoint()

    spread(
        "check-in, checkpoint and anchor", [seconds(commit) for _ in bar(range(count), "commits")], "p95 at most 50 ms"
    )
    spread("what the messenger asks each second", [seconds(lambda: outbox.undelivered(store)) for _ in range(100)])
    countersign(store)
    times = []
    for _ in bar(range(count // 4), "counter-signatures"):
        door.check_in()
        times.append(seconds(lambda: countersign(store)))
    spread("take a counter-signature", times)


def reading(store: Store, beside: Path) -> None:
    signer = Signer(store.device_id, store.device_public, {HQ_NAME: HQ.public})
    size = store.ledger.size()
    spread(
        f"verify {size} entries",
        [seconds(lambda: audit(store.database, signer)) for _ in range(5)],
        "at most 10 s for 1,000,000",
    )
    timed("and open all bodies", lambda: open_all(store))
    before = resident()
    with Path("/proc/self/clear_refs").open("w", encoding="ascii") as refs:
        refs.write("5")  # the peak is counted from here on: proc(5)
    timed(f"export {size} entries", lambda: export(store, beside / "ledger"), "at most 60 s")
    say("memory for it", f"{(peak() - before) / 1024:.1f} MiB more", "at most 64 MiB")
    say("size of it", f"{(beside / 'ledger').stat().st_size / 2**20:.0f} MiB")


def memory(store: Store, count: int) -> None:
    """Everybody comes once, so that every key of the month was used; then the memory is looked at."""
    door = Door(store)
    with store.database.write():
        for _ in bar(range(len(door.people)), "everybody once"):
            door.check_in()
    marks = []
    for number in bar(range(count), "memory"):
        door.check_in()
        if number % (count // 100) == 0:
            gc.collect()
            marks.append(float(resident()))
    slope = statistics.linear_regression(range(len(marks)), marks).slope * len(marks) / 1024
    say(f"memory over {count} check-ins", f"{slope:+.2f} MiB, now {marks[-1] / 1024:.0f} MiB", "1 MiB an hour")


def forgetting(state: Path, beside: Path) -> None:
    copy = beside / "copy"
    shutil.copytree(state, copy)
    with closed(opened(copy)) as store:
        periods = [
            row[0] for row in store.database.rows("SELECT DISTINCT period FROM keys WHERE period <> '' ORDER BY 1")
        ]
        countersign(store)
        steps: list[float] = []
        run = retention.steps(store, next(period for period in periods if period > periods[0]))
        began = time.perf_counter()
        while True:
            before = time.perf_counter()
            try:
                next(run)
            except StopIteration as done:
                dropped = done.value
                search = time.perf_counter() - before
                break
            steps.append(time.perf_counter() - before)
        say(
            "drop the oldest month",
            f"{dropped.bodies} bodies, {dropped.keys} keys, {time.perf_counter() - began:.1f} s",
        )
        spread("one step of it", steps)
        say("the search for what went", f"{search:.1f} s")


class Door:
    """Checks people in, one after the other."""

    def __init__(self, store: Store) -> None:
        self.people = [row[0] for row in store.database.rows("SELECT id FROM people ORDER BY rowid")]
        self._store = store
        self._next = 0

    def check_in(self) -> None:
        number = self._next % len(self.people)
        self._next += 1
        with self._store.database.write():
            self._store.people.admit(self.people[number], by_face=False)
            self._store.ledger.append(check_in(self._store, code=f"E-{number:05}"), self.people[number])


def without_events(state: Path, people: int) -> Store:
    """As many people, so that as many keys of this month have to be made."""
    store = Store.create(state, provider=key_of(state), clock=Hands())
    add_people(store, people)
    return store


def add_people(store: Store, people: int, references: int = 0) -> list[str]:
    ids: list[str] = []
    for first in bar(range(0, people, 100), "people"):
        with store.database.write():
            for number in range(first, min(people, first + 100)):
                ids.append(store.people.add(f"E-{number:05}", f"Person {number}"))
                if references:
                    faces = [face(ids[-1], references * number + seed, DIM) for seed in range(references)]
                    store.basis.enrol(ids[-1], CONSENT, faces)
    return ids


def build(state: Path, people: int, events: int) -> None:
    hands = Hands(MORNING - MONTHS * MONTH_MS)
    with closed(Store.create(state, provider=key_of(state), clock=hands)) as store:
        ids = add_people(store, people, references=3)
        step = (MORNING - hands.wall_ms) // events
        for first in bar(range(0, events, IN_ONE_GO), "events"):
            with store.database.write():
                for number in range(first, min(events, first + IN_ONE_GO)):
                    hands.move(step)
                    who = number % people
                    store.ledger.append(check_in(store, code=f"E-{who:05}"), ids[who])
            countersign(store)


def look(state: Path) -> None:
    opened(state).database.close()


def opened(state: Path) -> Store:
    return Store.open(state, key_of(state), clock=Hands())


@contextmanager
def closed(store: Store) -> Iterator[Store]:
    try:
        yield store
    finally:
        store.close()


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def timed(what: str, act: Callable[[], object], bound: str = "") -> None:
    say(what, f"{seconds(act):.2f} s", bound)


def quantile(times: list[float], percent: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]


def spread(what: str, times: list[float], bound: str = "") -> None:
    unit, scale = ("s", 1) if quantile(times, 50) > 1 else ("ms", 1000)
    p50, p95 = (quantile(times, percent) * scale for percent in (50, 95))
    say(what, f"p50 {p50:.2f} {unit}, p95 {p95:.2f} {unit}, most {max(times) * scale:.1f} {unit}", bound)


def say(what: str, found: str, bound: str = "") -> None:
    sys.stdout.write(f"| {what:<38} | {found:<48} | {bound:<28} |\n")
    sys.stdout.flush()


def resident() -> int:
    """KiB of this process in memory."""
    return _status("VmRSS")


def peak() -> int:
    """KiB of this process in memory, at most."""
    return _status("VmHWM")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def bar(numbers: range, what: str) -> "Iterator[int]":
    return iter(tqdm(numbers, desc=what, leave=False, disable=None, file=sys.stderr))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
