"""What a backup costs, and how long the door waits: `python tests/bench_backup.py --people 10000 --events 1000000`.

A benchmark, no test. A second process appends a check-in every 50 ms meanwhile and says how long each took; every lock
that the backup takes on the store is timed. `--store DIR` keeps the store that is built, or uses the one that is there;
check-ins are added to it.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from backup_kit import RECIPIENT, identity_file
from bench_store import build, say, seconds, spread
from store_kit import Hands, check_in, key_of

from kiosk.config import Config, Storage
from kiosk.store import FileRootKey, Store
from kiosk.store.backup import Made, backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.restore import restore
from kiosk.store.restore_check import check

EVERY_S = 0.05
# `StoreDatabase.read` or `write`.
Lock = Callable[[], AbstractContextManager[None]]


@dataclass
class Locks:
    """How long each lock on the live store was held, in seconds."""

    read: list[float] = field(default_factory=list)
    write: list[float] = field(default_factory=list)

    def watch(self, store: Store) -> None:
        database = store.database
        database.read = self._timed(database.read, self.read)  # type: ignore[method-assign, assignment]
        database.write = self._timed(database.write, self.write)  # type: ignore[method-assign, assignment]

    @staticmethod
    def _timed(real: Lock, held: list[float]) -> Lock:
        depth = 0

        @contextmanager
        def timed() -> Iterator[None]:
            nonlocal depth
            with real():
                began = time.perf_counter()
                depth += 1
                try:
                    yield
                finally:
                    depth -= 1
                    if depth == 0:
                        held.append(time.perf_counter() - began)

        return timed


@contextmanager
def somebody_at_the_door(state: Path) -> Iterator[list[float]]:
    """Another process that checks in every 50 ms; the list holds how long each took, once the block has ended."""
    took: list[float] = []
    stop_reading, stop = os.pipe()
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(stop)
        _door(state, stop_reading, tell)
    os.close(stop_reading)
    os.close(tell)
    with os.fdopen(told) as lines:
        lines.readline()  # it is open
        try:
            yield took
        finally:
            os.close(stop)
            took += [float(line) for line in lines]
            os.waitpid(child, 0)


def _door(state: Path, stop: int, tell: int) -> None:
    os.set_blocking(stop, False)
    store = Store.open(state, key_of(state), clock=Hands())
    person = store.people.all()[0]
    os.write(tell, b"open\n")
    while not _closed(stop):
        began = time.perf_counter()
        store.ledger.append(check_in(store, code=person.code), person.id)
        os.write(tell, f"{time.perf_counter() - began}\n".encode())
        time.sleep(EVERY_S)
    os._exit(0)


def _closed(pipe: int) -> bool:
    try:
        return os.read(pipe, 1) == b""
    except BlockingIOError:
        return False


def forget(state: Path) -> None:
    """Let the system drop what it has in memory of the files: as after a night, or where memory is short."""
    os.sync()
    for name in ("records.db", "templates.db"):
        with (state / name).open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(state: Path, beside: Path, kind: Kind, *, cold: bool) -> Made:
    """One backup with somebody at the door."""
    if cold:
        forget(state)
    store = Store.open(state, key_of(state), clock=Hands())
    locks = Locks()
    locks.watch(store)
    storage = Storage(recipient=RECIPIENT, onsite=str(beside / "on-site"), onsite_templates=True)
    config = Config(data=beside, storage=storage)
    try:
        with somebody_at_the_door(state) as took:
            began = time.perf_counter()
            made = backup(store, config, kind)
            lasted = time.perf_counter() - began
    finally:
        store.database.close()
    how = "disk" if cold else "memory"
    say(f"{kind.value}, {made.manifest.size} entries, from {how}", f"{lasted:.1f} s, {made.size / 2**20:.0f} MiB")
    say("read locks", f"{len(locks.read)}, the longest {max(locks.read) * 1000:.0f} ms", "about 1 s")
    say("write locks", f"{len(locks.write)}, the longest {max(locks.write) * 1000:.0f} ms", "about 1 s")
    spread(f"check-in meanwhile ({len(took)})", took)
    say("the slowest", f"{max(took) * 1000:.0f} ms")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--store", type=Path, help="where the store is built and stays, or was built before")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.store.parent if given.store else None) as temporary:
        beside = Path(temporary)
        state = given.store or beside / "state"
        if not state.exists():
            say("build it", f"{seconds(lambda: build(state, given.people, given.events)):.0f} s")
        with somebody_at_the_door(state) as took:
            time.sleep(10)
        spread(f"check-in before ({len(took)})", took)
        for kind, cold in ((Kind.ONSITE, False), (Kind.ONSITE, True), (Kind.OFFSITE, False), (Kind.OFFSITE, True)):
            made = measure(state, beside, kind, cold=cold)
        identity = identity_file(beside)
        say("the drill", f"{seconds(lambda: check(made.path, identity)):.1f} s")
        place = beside / "new"
        root = FileRootKey(place / "root.key")
        say("restore", f"{seconds(lambda: restore(made.path, identity, place, root, clock=Hands())):.1f} s")


if __name__ == "__main__":
    main()
