"""The whole way from the exchange to the real HQ, as processes, through kills and outages: once and only once."""

import json
import re
import signal
import socket
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sync_house import Door
from sync_real import Killer, Programs, RealHq, run

from sync.__main__ import main as kiosk_sync
from sync.exchange import Exchange


@dataclass
class Site:
    """One registered door, its HQ, and the programs that a test starts."""

    door: Door
    hq: RealHq
    config: Path
    programs: Programs
    log: Path

    def run(self) -> subprocess.Popen[bytes]:
        level = ("--log-level", "DEBUG")
        return self.programs.start("sync", "run", "--config", str(self.config), *level, log=self.log)

    def once(self) -> tuple[int, str, str]:
        return run(kiosk_sync, "once", "--config", str(self.config))

    def status(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(run(kiosk_sync, "status", "--config", str(self.config))[1])
        return found

    def at_hq(self) -> list[str]:
        return [event["id"] for event in self.hq.export()["events"] if event["device"] == self.door.device]

    def arrived_once(self) -> bool:
        size = self.hq.export()["spine"].get(self.door.device)
        return Counter(self.at_hq()) == Counter(self.door.ids) and size == self.door.seq

    def delivered(self) -> bool:
        return self.door.unsettled() == 0


@pytest.fixture(scope="module")
def hq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHq]:
    programs = Programs()
    try:
        yield RealHq(tmp_path_factory.mktemp("hq"), programs)
    finally:
        programs.close()


@pytest.fixture
def site(tmp_path: Path, hq: RealHq) -> Iterator[Site]:
    door = Door(tmp_path / "door", device=f"door-{uuid.uuid4().hex[:8]}")
    programs = Programs()
    hq.start()
    try:
        yield Site(door, hq, hq.register(door), programs, tmp_path / "sync.log")
    finally:
        programs.close()


def end(daemon: subprocess.Popen[bytes]) -> None:
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(20) == 0


def wait_for(what: Callable[[], bool], seconds: float) -> float:
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "it did not come"
        time.sleep(0.05)
    return time.monotonic() - begun


def test_a_check_in_reaches_hq_within_two_seconds(site: Site) -> None:
    daemon = site.run()
    site.door.check_in(1)
    wait_for(site.delivered, 30)
    waits = []
    for _ in range(5):
        time.sleep(0.3)
        site.door.check_in(1, local_every=1000)
        waits.append(wait_for(site.delivered, 30))
    assert sorted(waits)[2] < 2, waits
    assert site.arrived_once()
    end(daemon)


def test_a_daemon_killed_after_hq_stored_and_before_it_settled_delivers_once(site: Site) -> None:
    killer = Killer(site.hq.port)
    before = site.hq.export()["duplicates"]
    site.hq.config(site.door, killer.port)
    try:
        for kills in range(1, 4):
            site.door.check_in(20)
            killer.victim = site.run()
            wait_for(lambda kills=kills: killer.kills == kills, 60)  # type: ignore[misc]
            assert sorted(site.at_hq()) == sorted(site.door.ids), "HQ has it"
            assert site.door.unsettled() == 16, "and the device does not know"
            daemon = site.run()
            wait_for(site.delivered, 60)
            end(daemon)
    finally:
        killer.close()
    assert site.arrived_once()
    assert site.hq.export()["duplicates"] - before == 48


def test_an_hq_that_was_down_gets_everything_afterwards(site: Site) -> None:
    site.hq.stop()
    daemon = site.run()
    for _ in range(5):
        site.door.check_in(30)
        time.sleep(0.3)
    wait_for(lambda: site.status()["state"] == "offline", 30)
    said = site.status()
    assert (said["detail"], said["waiting"], said["last_ack_ms"]) == ("unreachable", 120, None)
    site.hq.start()
    wait_for(site.delivered, 120)
    assert site.arrived_once()
    end(daemon)
    said = site.status()
    assert (said["state"], said["waiting"], said["countersigned"]) == ("ok", 0, site.door.seq)


def test_a_second_daemon_is_refused(site: Site) -> None:
    site.run()
    site.door.check_in(1)
    wait_for(site.delivered, 30)
    assert site.once() == (
        3,
        "",
        "another kiosk-sync is already running here, and does this by itself; stop it first, or wait\n",
    )


def test_once_delivers_what_waits_and_says_whether_it_could(site: Site) -> None:
    site.door.check_in(300)
    assert site.once()[:2] == (0, "waiting 0, ok\n")
    assert site.arrived_once()
    site.door.check_in(2)
    site.hq.stop()
    assert site.once()[:2] == (1, "waiting 2, offline unreachable\n")


def test_a_daemon_waits_for_an_exchange_and_changes_to_a_new_one(site: Site) -> None:
    door = site.door
    later = door.path.rename(door.path.with_suffix(".later"))
    daemon = site.run()
    time.sleep(1.5)
    assert daemon.poll() is None
    later.rename(door.path)
    door.check_in(10)
    wait_for(site.delivered, 30)
    door.path.rename(door.path.with_suffix(".lost"))
    Exchange.create(door.path).close()
    head = door.head
    entries = [door.entry("E-1", local=False) for _ in range(3)]
    with closing(Exchange.open(door.path)) as exchange:
        exchange.append(entries, door.note(), h_prev=head)
    wait_for(site.delivered, 30)
    assert site.arrived_once()


def test_systemd_is_told_that_the_loop_turns(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(site.door.folder / "notify"))
        supervisor.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(site.door.folder / "notify"))
        daemon = site.run()
        heard = [supervisor.recv(100) for _ in range(4)]
        assert heard == [b"READY=1", *[b"WATCHDOG=1"] * 3]
        daemon.send_signal(signal.SIGTERM)
        while (last := supervisor.recv(100)) == b"WATCHDOG=1":
            pass
        assert last == b"STOPPING=1"
        assert daemon.wait(20) == 0


def test_the_log_of_a_day_holds_no_code_and_no_key(site: Site) -> None:
    daemon = site.run()
    site.door.check_in(30, code="EMPLOYEE-4711")
    wait_for(site.delivered, 30)
    site.hq.stop()
    site.door.check_in(3, code="EMPLOYEE-4711")
    wait_for(lambda: "outcome=unreachable" in site.log.read_text(), 30)
    end(daemon)
    text = site.log.read_text()
    assert "outcome=receipted" in text
    for secret in ("EMPLOYEE", site.door.exchange_key.hex(), "127.0.0.1", site.door.key.public.hex()):
        assert secret not in text
    shape = re.compile(r"(INFO|WARNING|ERROR) ambang\.sync [a-z0-9_=,. -]+\Z")
    assert [line for line in text.splitlines() if not shape.match(line)] == []


def test_a_long_queue_drains_quickly(site: Site) -> None:
    count = 3000
    site.door.check_in(count, local_every=10**6)
    begun = time.monotonic()
    assert site.once()[:2] == (0, "waiting 0, ok\n")
    rate = count / (time.monotonic() - begun)
    assert site.arrived_once()
    assert rate > 100  # a floor for a busy machine; docs/sync.md has the measured figure
