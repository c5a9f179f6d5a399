"""Two devices with one identity, a cloned card, a withdrawn certificate, an HQ from an older copy: the real programs.

Whatever happens, no device gives up an entry of its own, and HQ has no entry twice.
"""

import copy
import json
import shutil
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from chaos_programs import wait_for
from hostile_world import CODE
from sync_house import Door
from sync_real import Programs, RealHq, run

from hq.__main__ import main as kiosk_hq
from sync.__main__ import main as kiosk_sync
from sync.exchange import Exchange


@pytest.fixture(scope="module")
def hq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHq]:
    with closing(Programs()) as programs:
        yield RealHq(tmp_path_factory.mktemp("hq"), programs)


@pytest.fixture
def programs() -> Iterator[Programs]:
    with closing(Programs()) as started:
        yield started


def new_door(place: Path) -> Door:
    return Door(place / "door", device=f"door-{uuid.uuid4().hex[:8]}")


def once(config: Path) -> str:
    return run(kiosk_sync, "once", "--config", str(config))[1].strip()


def said(config: Path) -> tuple[str, str]:
    found = json.loads(run(kiosk_sync, "status", "--config", str(config))[1])
    return found["state"], found["detail"]


def at_hq(hq: RealHq, door: Door) -> Counter[str]:
    return Counter(event["id"] for event in hq.export()["events"] if event["device"] == door.device)


def alarms(hq: RealHq, door: Door) -> list[str]:
    with closing(sqlite3.connect(hq.data / "hq.db")) as view:
        return [row[0] for row in view.execute("SELECT kind FROM alarms WHERE device = ?", (door.device,))]


def cloned(door: Door, config: Path) -> tuple[Door, Path]:
    """A copy of the whole card, at another place."""
    folder = door.folder.with_name("clone")
    shutil.copytree(door.folder, folder)
    clone = copy.copy(door)
    clone.folder, clone.ids = folder, list(door.ids)
    return clone, folder / config.name


def test_of_two_devices_with_one_identity_the_second_is_a_fork_and_keeps_its_own(hq: RealHq, tmp_path: Path) -> None:
    first = new_door(tmp_path)
    config = hq.register(first)
    second, second_config = cloned(first, config)  # before either of them has recorded anything
    first.check_in(5, code=CODE, local_every=99)
    second.check_in(7, code=CODE, local_every=99)
    own = [one for one in second.ids if one not in first.ids]
    assert once(config) == "waiting 0, ok"
    assert once(second_config) == "waiting 7, config hq_fork"
    first.check_in(3, code=CODE, local_every=99)
    assert once(config) == "waiting 0, ok", "the first goes on"
    assert once(second_config) == "waiting 7, config hq_fork"
    assert at_hq(hq, first) == Counter(first.ids)
    with closing(Exchange.open(second.path)) as exchange:
        assert exchange.unsettled().events == len(own) == 7
        assert exchange.unsettled().parked == 0
        assert exchange.last_seq() == 7
    assert "fork" in alarms(hq, first)


def test_a_cloned_card_that_runs_twice_is_stored_once_until_the_two_differ(
    hq: RealHq, tmp_path: Path, programs: Programs
) -> None:
    door = new_door(tmp_path)
    config = hq.register(door)
    door.check_in(20, code=CODE)
    assert once(config) == "waiting 0, ok"
    door.check_in(200, code=CODE)
    clone, clone_config = cloned(door, config)
    both = [programs.start("sync", "run", "--config", str(one), log=tmp_path / "log") for one in (config, clone_config)]
    wait_for(lambda: door.unsettled() == clone.unsettled() == 0)
    assert at_hq(hq, door) == Counter(door.ids), "what both have is there once"
    assert said(config) == said(clone_config) == ("ok", "")
    door.check_in(3, code=CODE, local_every=999)
    wait_for(lambda: door.unsettled() == 0)
    clone.check_in(2, code=CODE, local_every=999)
    wait_for(lambda: said(clone_config) == ("config", "hq_fork"))
    assert clone.unsettled() == 2, "it keeps what only it has recorded"
    assert "fork" in alarms(hq, door)
    door.check_in(1, code=CODE, local_every=999)
    wait_for(lambda: door.unsettled() == 0)
    assert at_hq(hq, door) == Counter(door.ids)
    assert [one.poll() for one in both] == [None, None], "and both keep running"


def test_a_withdrawn_certificate_stops_the_sending_until_there_is_another(
    hq: RealHq, tmp_path: Path, programs: Programs
) -> None:
    door = new_door(tmp_path)
    config = hq.register(door)
    door.check_in(3, code=CODE)
    daemon = programs.start("sync", "run", "--config", str(config), log=tmp_path / "log")
    wait_for(lambda: door.unsettled() == 0)
    assert run(kiosk_hq, "device", "revoke", "--data", str(hq.data), "--id", door.device)[0] == 0
    before = at_hq(hq, door)
    door.check_in(4, code=CODE, local_every=999)
    wait_for(lambda: said(config) == ("config", "hq_certificate_withdrawn"))
    door.check_in(4, code=CODE, local_every=999)
    asked, told, waiting = refused(config, door)
    assert asked <= 1, "and not again and again"
    assert told == waiting == 8
    assert at_hq(hq, door) == before
    daemon.terminate()
    assert daemon.wait(20) == 0
    assert once(config) == "waiting 8, config hq_certificate_withdrawn"
    hq.register(door)  # the same key, another certificate
    programs.start("sync", "run", "--config", str(config), log=tmp_path / "log")
    wait_for(lambda: door.unsettled() == 0)
    assert at_hq(hq, door) == Counter(door.ids)
    assert said(config) == ("ok", "")


def refused(config: Path, door: Door) -> tuple[int, int, int]:
    """How often the running daemon has asked since it was refused; how much waits, by its own word and in truth."""
    found = json.loads(run(kiosk_sync, "status", "--config", str(config))[1])
    refused = [one for one in found["attempts"] if one["outcome"] != "receipted"]
    return len(refused), found["waiting"], door.unsettled()


def test_an_hq_from_an_older_copy_is_shown_and_gets_everything_again_from_the_ledger(
    tmp_path: Path, programs: Programs
) -> None:
    hq = RealHq(tmp_path / "hq", programs)
    door = new_door(tmp_path)
    config = hq.register(door)
    head, entries = door.head, []

    def record(count: int) -> None:
        made = [door.entry(CODE, local=False) for _ in range(count)]
        entries.extend(made)
        with closing(Exchange.open(door.path)) as exchange:
            exchange.append(made, door.note())

    record(4)
    assert once(config) == "waiting 0, ok"
    hq.stop()
    shutil.copytree(hq.data, tmp_path / "yesterday")
    hq.start()
    for _ in range(3):
        record(2)
        assert once(config) == "waiting 0, ok"
    hq.stop()
    shutil.rmtree(hq.data)
    shutil.copytree(tmp_path / "yesterday", hq.data)
    hq.start()
    record(2)
    assert once(config) == "waiting 2, config hq_gap", "HQ lacks what it has signed for"
    assert at_hq(hq, door) == Counter(door.ids[:4])
    assert "gap" in alarms(hq, door)
    assert door.unsettled() == 2
    door.path.rename(door.path.with_suffix(".aside"))  # as the kiosk does it: a new exchange, filled from the ledger
    with closing(Exchange.create(door.path)) as exchange:
        exchange.append(entries, door.note())
    assert door.head != head
    assert once(config) == "waiting 0, ok hq_went_back"
    assert at_hq(hq, door) == Counter(door.ids)
    record(1)
    assert once(config) == "waiting 0, ok hq_went_back", "until HQ is where it was, a person can see it"
    for _ in range(2):
        record(1)
        said_last = once(config)
    assert said_last == "waiting 0, ok"
    assert at_hq(hq, door) == Counter(door.ids)
