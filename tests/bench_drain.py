"""Three months offline: one real kiosk-sync hands 100,000 events to one real HQ over TLS; then row by row.

`python tests/bench_drain.py [--events 100000] [--database sqlite] [--kills 0]`
What is compared afterwards: the exchange's ledger with HQ's spine, and each event's id and clear body with HQ's own.
"""

import argparse
import itertools
import os
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from pg_server import serving
from sqlalchemy import select
from sync_house import Door
from sync_real import Programs, RealHq

from hq import office
from hq.database import events, reading, spine
from sync.exchange import Exchange
from wire.event import SALT_SIZE, parse
from wire.sealed import Context, unseal


@dataclass(frozen=True)
class Drained:
    """Figures of one drain."""

    events: int
    seconds: float
    batches: int
    p50_ms: float
    p95_ms: float
    sync_cpu_ms: float
    hq_cpu_ms: float
    sync_mib: float
    hq_mib: float

    @property
    def rate(self) -> float:
        return self.events / self.seconds


def drain(folder: Path, programs: Programs, count: int, *, url: str | None = None, kills: int = 0) -> Drained:
    """Fill an exchange without HQ hearing of it, start the daemon, and wait until nothing is unsettled.

    Args:
        folder: empty.
        programs: starts and ends the processes.
        count: events; every fifth row besides is one that HQ sees only the spine of.
        url: of an empty PostgreSQL database, None for SQLite.
        kills: how often the daemon is killed on the way and started again.
    """
    hq = RealHq(folder / "hq", programs, url)
    door = Door(folder / "door", device="door-1")
    config = hq.register(door)
    door.check_in(count + count // 4, step=100)
    assert len(door.ids) == count
    before = _ledger(door)
    hq_cpu = _cpu(hq.pid)
    log = folder / "sync.log"
    started = time.perf_counter()
    daemon = programs.start("sync", "run", "--config", str(config), "--log-level", "INFO", log=log)
    killed, spent = 0, 0.0
    for left in _unsettled(door):
        if killed < kills and left < count * (kills - killed) // (kills + 1):
            spent += _cpu(daemon.pid)
            daemon.kill()
            daemon.wait(20)
            killed += 1
            daemon = programs.start("sync", "run", "--config", str(config), "--log-level", "INFO", log=log)
    seconds = time.perf_counter() - started
    assert killed == kills, "too few events for so many kills"
    took = _milliseconds(door.folder)
    found = Drained(
        count,
        seconds,
        len(took),
        statistics.median(took),
        took[int(0.95 * len(took))],
        1000 * (spent + _cpu(daemon.pid)) / count,
        1000 * (_cpu(hq.pid) - hq_cpu) / count,
        _memory(daemon.pid),
        _memory(hq.pid),
    )
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(30) == 0
    compare(door, before, hq)
    return found


Rows = list[tuple[int, bytes, bytes, bytes]]


def _ledger(door: Door) -> tuple[Rows, dict[int, bytes]]:
    """Every row of the exchange, and salt and clear event of those that travel, by seq; read without our own code."""
    with closing(sqlite3.connect(f"{door.path.as_uri()}?mode=ro", uri=True)) as view:
        found = view.execute(
            "SELECT seq, commitment, body_digest, h, event_id, sealed FROM outbox ORDER BY seq"
        ).fetchall()
    opened = {}
    for seq, _, _, _, event_id, sealed in found:
        if event_id is not None:
            context = Context(store=door.device, table="outbox", column="event", row=str(seq))
            opened[seq] = unseal(door.exchange_key, sealed, context)
            assert parse(opened[seq][SALT_SIZE:])[0].event_id == event_id
    return [row[:4] for row in found], opened


def compare(door: Door, before: tuple[Rows, dict[int, bytes]], hq: RealHq) -> None:
    """Each row and each event of the device is at HQ, once, in its place and with the same bytes; and nothing else."""
    rows, sent = before
    with closing(office.open_office(hq.data)) as opened, reading(opened.engine) as view:
        stored = view.execute(select(spine).where(spine.c.device == door.device).order_by(spine.c.seq))
        ours = itertools.zip_longest(rows, ((row.seq, row.commitment, row.body_digest, row.h) for row in stored))
        assert [(mine, theirs) for mine, theirs in ours if mine != theirs] == []
        kept = view.execute(select(events).where(events.c.device == door.device)).all()
        plain = {row.seq: opened.seals.open("events", f"{door.device}/{row.seq}", row.sealed) for row in kept}
        index = {row.seq: row.event for row in kept}
        assert len(kept) == len(sent)
        assert plain == sent
        told = [parse(body[SALT_SIZE:])[0].event_id for _, body in sorted(plain.items())]
        assert told == door.ids
        assert [index[seq] for seq in sorted(index)] == [opened.seals.index("event", event_id) for event_id in told]


def _unsettled(door: Door) -> Iterator[int]:
    """How many events are left, now and then, until there are none."""
    left = len(door.ids)
    with closing(Exchange.open(door.path)) as exchange:
        while left:
            time.sleep(0.1 if left < 2_000 else 0.5)
            left = exchange.unsettled().events
            yield left


def _milliseconds(folder: Path) -> list[int]:
    """What each exchange with HQ took, shortest first, as the daemon wrote it down."""
    with closing(sqlite3.connect(f"{(folder / 'sync.db').as_uri()}?mode=ro", uri=True)) as view:
        return [
            took for (took,) in view.execute("SELECT ended_at - sent_at FROM attempts WHERE ended_at > 0 ORDER BY 1")
        ]


def _cpu(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=int, default=0, help="of kiosk-sync on the way")
    options = parser.parse_args(arguments)
    place = Path(tempfile.gettempdir())
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(dir=place)))
        url = ends.enter_context(serving(place)).database() if options.database == "postgresql" else None
        programs = Programs()
        ends.callback(programs.close)
        load = os.getloadavg()[0]
        found = drain(folder, programs, options.events, url=url, kills=options.kills)
    lines = (
        f"{options.database}: {found.events} events in {found.seconds:.1f} s: {found.rate:.0f} events/s",
        f"{found.batches} batches: p50 {found.p50_ms:.0f} ms, p95 {found.p95_ms:.0f} ms each; {options.kills} kills",
        f"kiosk-sync: {found.sync_cpu_ms:.3f} ms of processor an event, {found.sync_mib:.0f} MiB",
        f"HQ: {found.hq_cpu_ms:.3f} ms of processor an event, {found.hq_mib:.0f} MiB",
        f"{os.cpu_count()} cores, load {load:.1f} before and {os.getloadavg()[0]:.1f} after; all compared",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
