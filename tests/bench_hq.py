"""How much HQ takes in: many devices, real TLS and certificates, signed batches made beforehand; then row by row.

`python tests/bench_hq.py [--database sqlite] [--processes 2] [--devices 50] [--events 100000] [--batch 100]`
Every tenth batch is sent a second time, by another line, to another process of HQ, at the same time.
"""

import argparse
import http.client
import logging
import multiprocessing
import os
import ssl
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hq_site import Door, Site, check_in, found, running
from pg_server import serving
from sqlalchemy import select

from hq.database import devices, events, reading, spine
from hq.office import open_office
from wire import batch as batches
from wire import receipt
from wire.event import SALT_SIZE, parse

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PATH = "/v1/events:batch"


@dataclass
class Load:
    """What one device will send: encoded batches with their ids; and again, as copies, some of them."""

    door: Door
    batches: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass
class Sent:
    """What came of it: seconds and reply of each batch of one device."""

    seconds: list[float] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)
    busy: int = 0


@dataclass(frozen=True)
class Measured:
    """Figures of one run."""

    events: int
    batches: int
    again: int
    seconds: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    memory_mib: float
    busy: int

    @property
    def rate(self) -> float:
        return self.events / self.seconds


def prepare(door: Door, count: int, size: int) -> Load:
    """`count` events of a device in batches of `size`, each with a note signed for it."""
    for number in range(count):
        door.append(check_in(f"E-{number % 500:04}"))
    load = Load(door)
    for first in range(1, count + 1, size):
        batch = door.batch(first, min(count, first + size - 1))
        load.batches.append((batch.batch, batches.encode(batch)))
    return load


def send(urls: list[str], context: ssl.SSLContext, load: Load, gate: threading.Barrier, every: int) -> Sent:
    """Send one device's batches in their order; each `every`-th goes twice at once, the second time to another HQ."""
    lines = [http.client.HTTPSConnection(urlsplit(url).netloc, context=context, timeout=120) for url in urls]
    for line in lines:
        line.connect()
    gate.wait(120)
    gate.wait(120)
    sent = Sent()
    for number, (key, body) in enumerate(load.batches):
        used = lines if number % every == every - 1 else lines[:1]
        started = time.perf_counter()
        for line in used:
            _post(line, key, body)
        for line in used:
            answer = line.getresponse()
            reply = answer.read()
            while answer.status == 503:  # what a device does then
                sent.busy += 1
                time.sleep(float(answer.headers["Retry-After"]))
                _post(line, key, body)
                answer = line.getresponse()
                reply = answer.read()
            assert answer.status == 200, reply
            sent.replies.append(reply)
        sent.seconds.append(time.perf_counter() - started)
    for line in lines:
        line.close()
    return sent


def _post(line: http.client.HTTPSConnection, key: str, body: bytes) -> None:
    line.request("POST", PATH, body, {"Content-Type": "application/json", "Idempotency-Key": f'"{key}"'})


def drive(site: Site, urls: list[str], loads: list[Load], senders: int, every: int) -> tuple[float, list[Sent]]:
    """Let `senders` processes send for all devices at once, a thread for each; returns the seconds it took in all."""
    fork = multiprocessing.get_context("fork")
    lines = []
    for mine in range(senders):
        ours, theirs = fork.Pipe()
        share = loads[mine::senders]
        process = fork.Process(target=_sender, args=(site, urls, share, every, theirs))
        process.start()
        lines.append((process, ours, share))
    for _, line, _ in lines:
        line.recv()  # connected
    started = time.perf_counter()
    for _, line, _ in lines:
        line.send("go")
    all_sent: dict[str, Sent] = {}
    for _, line, share in lines:
        all_sent |= zip([load.door.id for load in share], line.recv(), strict=True)
    seconds = time.perf_counter() - started
    for process, _, _ in lines:
        process.join(60)
    return seconds, [all_sent[load.door.id] for load in loads]


def _sender(site: Site, urls: list[str], loads: list[Load], every: int, line: "Connection[Any, Any]") -> None:
    gate = threading.Barrier(len(loads) + 1)
    results: list[Sent] = [Sent()] * len(loads)

    def one(place: int, load: Load) -> None:
        turned = urls[place % len(urls) :] + urls[: place % len(urls)]
        results[place] = send(turned, site.context(load.door), load, gate, every)

    threads = [threading.Thread(target=one, args=(place, load)) for place, load in enumerate(loads)]
    for thread in threads:
        thread.start()
    gate.wait(120)
    line.send("connected")
    line.recv()
    gate.wait(120)
    for thread in threads:
        thread.join()
    line.send(results)


def verify(site: Site, loads: list[Load], answers: list[Sent]) -> None:
    """Every receipt is HQ's; every row of the spine and every event is there, once, and nothing else."""
    for load, sent in zip(loads, answers, strict=True):
        acked: set[str] = set()
        for reply in sent.replies:
            signed, _ = receipt.read_reply(reply, site.name, site.public, load.door.key.public)
            acked |= set(signed.acked)
        ids = [parse(clear)[0].event_id for clear, _ in load.door.events.values()]
        assert acked == set(ids)
    with closing(open_office(site.root)) as office, reading(office.engine) as view:
        sizes = {row.id: (row.size, row.head) for row in view.execute(select(devices))}
        for load in loads:
            door = load.door
            rows = view.execute(select(spine).where(spine.c.device == door.id).order_by(spine.c.seq)).all()
            stored = [(row.seq, row.commitment, row.body_digest, row.h) for row in rows]
            assert stored == [(row.seq, row.commitment, row.body_digest, row.h) for row in door.rows]
            assert sizes[door.id] == (len(door.rows), door.rows[-1].h)
            kept = view.execute(select(events).where(events.c.device == door.id).order_by(events.c.seq)).all()
            opened = {row.seq: office.seals.open("events", f"{door.id}/{row.seq}", row.sealed) for row in kept}
            assert len(kept) == len(door.events)
            assert {seq: (plain[SALT_SIZE:], plain[:SALT_SIZE]) for seq, plain in opened.items()} == door.events


def measure(folder: Path, url: str | None, options: argparse.Namespace) -> Measured:
    """One run from an empty HQ to the last row looked at."""
    site = found(folder, url)
    logging.getLogger("ambang.hq").setLevel(logging.WARNING)
    each = options.events // options.devices
    with redirect_stdout(StringIO()):
        doors = [site.door(f"door-{number}") for number in range(options.devices)]
    loads = [prepare(door, each, options.batch) for door in doors]
    with ExitStack() as ends:
        processes, urls = [], []
        for _ in range(options.processes):
            processes.append(ends.enter_context(running(site, options=("--log-level", "WARNING"))))
            urls.append(site.url)
        idle = sum(_cpu(process.pid) for process in processes)
        seconds, answers = drive(site, urls, loads, options.senders, options.again)
        cpu = sum(_cpu(process.pid) for process in processes) - idle
        memory = max(_memory(process.pid) for process in processes)
    verify(site, loads, answers)
    again = sum(len(sent.replies) for sent in answers) - sum(len(load.batches) for load in loads)
    assert site.export()["duplicates"] == again * options.batch
    took = sorted(1000 * one for sent in answers for one in sent.seconds)
    total = each * options.devices
    p95 = took[int(0.95 * len(took))]
    count = sum(len(load.batches) for load in loads)
    busy = sum(sent.busy for sent in answers)
    return Measured(total, count, again, seconds, statistics.median(took), p95, 1000 * cpu / total, memory, busy)


def _cpu(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--processes", type=int, default=2, help="of HQ")
    parser.add_argument("--senders", type=int, default=2, help="processes that play the devices")
    parser.add_argument("--devices", type=int, default=50)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--again", type=int, default=10, help="each how-manieth batch goes twice")
    parser.add_argument("--place", type=Path, default=Path(tempfile.gettempdir()), help="where the database lies")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    options = read_options(arguments)
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(dir=options.place)))
        url = ends.enter_context(serving(options.place)).database() if options.database == "postgresql" else None
        load = os.getloadavg()[0]
        found = measure(folder, url, options)
    lines = (
        f"{options.database}: {options.processes} of HQ, {options.devices} devices, batches of {options.batch}",
        f"{found.events} events in {found.seconds:.1f} s: {found.rate:.0f} events/s, each stored once",
        f"{found.batches} batches, {found.again} of them twice: p50 {found.p50_ms:.0f} ms, p95 {found.p95_ms:.0f} ms",
        f"told to come later (503): {found.busy}",
        f"HQ: {found.cpu_ms:.3f} ms of processor an event, at most {found.memory_mib:.0f} MiB a process",
        f"{os.cpu_count()} cores, load {load:.1f} before and {os.getloadavg()[0]:.1f} after",
    )
    sys.stdout.write("\n".join(lines) + "\n")


SHORT = ["--events", "800", "--devices", "8", "--batch", "20", "--again", "3"]

if __name__ == "__main__":
    main(sys.argv[1:])
