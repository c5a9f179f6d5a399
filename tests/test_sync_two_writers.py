"""Kiosk and sync write the exchange at once, and nobody sees a lock."""

import multiprocessing
from pathlib import Path

from sync_ledger import ledger, note

from sync.exchange import Exchange, State, Status
from wire.spine import genesis

ROUNDS = 150


def _kiosk_writes(path: Path, done: Path) -> int:
    exchange = Exchange.open(path)
    head, seq = genesis("door-1"), 0
    while seq < 2 * ROUNDS or exchange.countersigned() == 0:  # until both have written, however slow the start
        entries = ledger(2, first=seq + 1, head=head)
        exchange.append(entries, note(entries))
        exchange.unsettled()
        exchange.status()
        head, seq = entries[-1].row.h, entries[-1].row.seq
    exchange.close()
    done.touch()
    return seq


def _sync_settles(path: Path, done: Path) -> int:
    exchange = Exchange.open(path)
    settled = 0
    while not done.exists():
        taken = exchange.take(500)
        if taken is not None:
            ids = [e.event_id for e in taken.entries if e.event_id]
            settled += exchange.settle(ids, taken.entries[-1].row.seq, "note", 1000)
        exchange.put_status(Status(State.OK, 1, ""))
    exchange.close()
    return settled


def test_two_processes_write_at_once_and_nobody_sees_a_lock(tmp_path: Path) -> None:
    path, done = tmp_path / "exchange.db", tmp_path / "done"
    Exchange.create(path).close()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        kiosk = pool.apply_async(_kiosk_writes, (path, done))
        sync = pool.apply_async(_sync_settles, (path, done))
        written, settled = kiosk.get(120), sync.get(120)
    exchange = Exchange.open(path)
    left = exchange.unsettled().events
    exchange.close()
    assert written >= 2 * ROUNDS
    assert settled > 0  # they really met
    assert settled + left == sum(1 for seq in range(1, written + 1) if seq % 3)
