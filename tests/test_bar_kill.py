"""Kills a writer at any moment, and lets two write at once: what was said to be recorded is there, once."""

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_kit import Hands, check_in, key_of, new_store
from sync_ledger import ledger, note

from kiosk.faults import Fault
from kiosk.store import Store, outbox
from kiosk.store.database import StoreDatabase
from sync.exchange import Exchange, State, Status
from wire.spine import genesis

HERE = Path(__file__).parent
KIOSK, SYNC, GROUP = 61001, 61002, 61000  # two users of no machine, and the group that they share


def printed_until_killed(state: Path, rounds: int, *words: str) -> list[str]:
    """Start a writer so often, kill it each time a few ids later, and return what it has printed."""
    chance = random.Random(417)  # noqa: S311 - when to kill
    environment = {**os.environ, "PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"}
    writer = subprocess.Popen(
        [sys.executable, HERE / "store_writer.py", state, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    printed: list[str] = []
    with writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        for _ in range(rounds):
            writer.stdin.write("go\n")
            writer.stdin.flush()
            enough, seen = chance.randrange(1, 6), 0
            for line in writer.stdout:
                if line.startswith("pid "):
                    pid = int(line.split()[1])
                elif line == "dead\n":
                    break
                else:
                    printed.append(line.strip())
                    seen += 1
                    if seen == enough:
                        threading.Timer(chance.random() * 0.008, os.kill, (pid, signal.SIGKILL)).start()
        writer.stdin.close()
    return printed


@pytest.fixture
def state(tmp_path: Path) -> Path:
    store = new_store(tmp_path / "state")
    store.people.add("E-0417", "Budi Santoso")
    store.close()
    return tmp_path / "state"


def kept(state: Path) -> list[str | None]:
    """The ids in the ledger, which verifies."""
    store = Store.open(state, key_of(state))
    entries = store.ledger.entries_since(0, limit=10_000_000)
    store.ledger.verify()
    store.close()
    return [entry.event_id for entry in entries if entry.for_headquarters]


def test_every_id_printed_before_a_kill_is_in_the_ledger_once(state: Path, rounds: Callable[[int, int], int]) -> None:
    tried = rounds(50, 1_000)
    printed = printed_until_killed(state, tried)
    found = kept(state)
    assert len(printed) >= tried
    assert set(printed) <= set(found)
    assert len(set(found)) == len(found)
    assert len(found) - len(printed) <= tried  # killed between the commit and the print


def test_the_bar_sees_a_writer_that_says_recorded_too_early(state: Path) -> None:
    printed = printed_until_killed(state, 30, "early")
    assert not set(printed) <= set(kept(state))


def _append(state: Path, count: int) -> list[str]:
    store = Store.open(state, key_of(state), clock=Hands())
    person, ids = store.people.all()[0].id, []
    for _ in range(count):
        event = check_in(store)
        store.ledger.append(event, person)
        ids.append(event.event_id)
    store.close()
    return ids


def test_two_processes_write_the_store_at_once_and_neither_sees_a_lock(
    state: Path, rounds: Callable[[int, int], int]
) -> None:
    each = rounds(150, 14_000)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        both = [pool.apply_async(_append, (state, each)) for _ in range(2)]
        ids = [event_id for one in both for event_id in one.get(600)]
    assert sorted(ids) == sorted(event_id or "" for event_id in kept(state))


def _append_deferred(state: Path, count: int) -> int:
    """The same by a store that asks for the write lock only when it writes; returns how often it saw a lock."""
    insist, locks = StoreDatabase._insist, 0

    def deferred(self: StoreDatabase, statement: str) -> sqlite3.Cursor:
        return insist(self, "BEGIN" if statement == "BEGIN IMMEDIATE" else statement)

    StoreDatabase._insist = deferred  # type: ignore[method-assign]
    for _ in range(count):
        try:
            _append(state, 1)
        except Fault:
            locks += 1
    return locks


def test_the_bar_sees_a_store_that_asks_for_the_lock_too_late(state: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        both = [pool.apply_async(_append_deferred, (state, 150)) for _ in range(2)]
        assert sum(one.get(600) for one in both) > 0


@pytest.fixture
def shared() -> Iterator[Path]:
    """Where both users meet: a setgid directory of the common group; the kiosk makes the file in it."""
    if os.geteuid() != 0:
        pytest.skip("becoming two other users needs root")
    with tempfile.TemporaryDirectory(prefix="ambang-exchange-") as place:
        directory = Path(place)
        os.chown(directory, KIOSK, GROUP)
        directory.chmod(0o2770)
        yield directory / "exchange.db"


def _as(user: int) -> None:
    os.setgroups([GROUP])
    os.setgid(user)
    os.setuid(user)
    os.umask(0o077)


def _kiosk_writes(path: Path, least: int) -> int:
    _as(KIOSK)
    exchange = outbox.begin_anew(path)
    head, seq = genesis("door-1"), 0
    while seq < least or exchange.countersigned() == 0:
        entries = ledger(2, first=seq + 1, head=head)
        exchange.append(entries, note(entries))
        head, seq = entries[-1].row.h, entries[-1].row.seq
    exchange.close()
    path.with_name("done").touch()
    return seq


def _sync_settles(path: Path) -> int:
    _as(SYNC)
    while not path.exists() or path.stat().st_size == 0:
        time.sleep(0.01)
    exchange = Exchange.open(path)
    settled = 0
    while not path.with_name("done").exists():
        taken = exchange.take(500)
        if taken is not None:
            ids = [entry.event_id for entry in taken.entries if entry.event_id]
            settled += exchange.settle(ids, taken.entries[-1].row.seq, "note", 1000)
    exchange.close()
    return settled


def _made_and_opened(path: Path) -> None:
    _as(KIOSK)
    outbox.begin_anew(path).close()


def _opened_and_written(path: Path) -> None:
    _as(SYNC)
    exchange = Exchange.open(path)
    exchange.put_status(Status(State.OK, 1, ""))
    exchange.close()


def test_the_other_user_can_write_at_once_what_one_has_just_made(shared: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        pool.apply(_made_and_opened, (shared,))
        pool.apply(_opened_and_written, (shared,))


def test_two_users_write_the_exchange_at_once_and_neither_sees_a_lock(
    shared: Path, rounds: Callable[[int, int], int]
) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        kiosk = pool.apply_async(_kiosk_writes, (shared, rounds(300, 75_000)))
        sync = pool.apply_async(_sync_settles, (shared,))
        written, settled = kiosk.get(600), sync.get(600)
    exchange = Exchange.open(shared)
    left = exchange.unsettled().events
    exchange.close()
    assert settled > 0  # they really met
    assert settled + left == sum(1 for seq in range(1, written + 1) if seq % 3)
