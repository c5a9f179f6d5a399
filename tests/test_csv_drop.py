"""Files for a folder: how they look, what no spreadsheet may run, and that a killed writer writes each event once."""

import csv
import hashlib
import io
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from process_kit import ending
from sync_house import Door

from sync.__main__ import main
from sync.backends.csv_drop import COLUMNS, CsvBackend, harmless
from sync.config import Csv
from sync.contract import BackendDown, Punch, Rejected, Stored
from sync.exchange import Exchange
from wire.event import Action, CheckIn, Clock, ClockState, Correction, Dispute, Event, Method, Notice, NoticeKind

NOW = 1_800_000_000_000
CLOCK = Clock("Asia/Jakarta", 1, "00000000-0000-4000-8000-000000000001", ClockState.UNSYNCED, 7)


def event_id(number: int) -> str:
    return f"018f0000-0000-7000-8000-{number:012x}"


def check_in(number: int, person: str = "E-17", action: Action = Action.IN, method: Method = Method.FACE) -> Punch:
    at = 1_790_000_000_123 + number
    return Punch(number, CheckIn(event_id(number), person, action, at, CLOCK, method, "HQ"))


def about(number: int, event: Event) -> Punch:
    return Punch(number, event)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def test_a_push_is_one_file_with_its_checksum(tmp_path: Path) -> None:
    backend = CsvBackend(Csv(tmp_path), "door-1")
    results = backend.push([check_in(5), check_in(6, action=Action.OVERTIME_END)], NOW)
    assert results == tuple(Stored(event_id(n), "attendance_door-1_5.csv") for n in (5, 6))
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "attendance_door-1_5.csv",
        "attendance_door-1_5.csv.sha256",
    ]
    data = (tmp_path / "attendance_door-1_5.csv").read_bytes()
    said = (tmp_path / "attendance_door-1_5.csv.sha256").read_text()
    assert said == f"{hashlib.sha256(data).hexdigest()}  attendance_door-1_5.csv\n"
    assert data.startswith(",".join(COLUMNS).encode() + b"\r\n")
    first, second = rows(tmp_path / "attendance_door-1_5.csv")
    assert first == {
        "event_id": event_id(5),
        "employee_code": "E-17",
        "action": "in",
        "overtime": "",
        "local_time": "2026-09-21 21:13:20.128",
        "zone": "Asia/Jakarta",
        "utc_time": "2026-09-21T14:13:20.128Z",
        "method": "face",
        "kind": "check_in",
        "refers_to": "",
        "clock_state": "unsynced",
        "uncertainty_s": "7",
        "device": "door-1",
        "seq": "5",
        **dict.fromkeys(("destination", "reason", "note", "reference", "cost_centre"), ""),
    }
    assert (second["action"], second["overtime"]) == ("out", "yes")


def test_every_kind_of_event_has_its_row(tmp_path: Path) -> None:
    common = (NOW, CLOCK)
    punches = [
        check_in(1, method=Method.CLAIMED),
        about(2, Correction(event_id(2), "E", event_id(1), Action.OUT, *common, Method.PIN, "HQ")),
        about(3, Dispute(event_id(3), "E", event_id(1), *common, "HQ")),
        about(4, Notice(event_id(4), NoticeKind.ERASED, "E", *common, "HQ")),
        check_in(5, action=Action.TRIP_LEAVE),
    ]
    CsvBackend(Csv(tmp_path), "door-1").push(punches, NOW)
    found = rows(tmp_path / "attendance_door-1_1.csv")
    assert [(one["kind"], one["action"], one["refers_to"]) for one in found] == [
        ("claimed", "in", ""),
        ("corrected", "out", event_id(1)),
        ("disputed", "", event_id(1)),
        ("notice_erased", "", ""),
        ("check_in", "trip_leave", ""),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"
    if start.isspace():  # no employee code begins so
        return
    code = f'{start}cmd|"/c calc",1'
    CsvBackend(Csv(tmp_path), "door-1").push([check_in(1, person=code)], NOW)
    assert rows(tmp_path / "attendance_door-1_1.csv")[0]["employee_code"] == f"'{code}"


def test_what_a_file_holds_is_not_written_again(tmp_path: Path) -> None:
    backend = CsvBackend(Csv(tmp_path), "door-1")
    backend.push([check_in(1), check_in(2)], NOW)
    again = CsvBackend(Csv(tmp_path), "door-1").push([check_in(1), check_in(2), check_in(3)], NOW)
    assert [isinstance(one, Stored) and one.duplicate for one in again] == [True, True, False]
    assert [len(rows(file)) for file in sorted(tmp_path.glob("*.csv"))] == [2, 1]
    assert backend.reconcile([check_in(3), check_in(4)], NOW) == {
        event_id(3): "attendance_door-1_3.csv",
        event_id(4): None,
    }


def test_a_name_that_other_events_have_is_left_alone(tmp_path: Path) -> None:
    backend = CsvBackend(Csv(tmp_path), "door-1")
    backend.push([check_in(1)], NOW)
    other = Punch(1, check_in(77).event)  # after a backup was restored, another event has this number
    assert backend.push([other], NOW) == (Stored(event_id(77), "attendance_door-1_1-2.csv"),)


def test_a_link_that_lies_in_the_way_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("kept")
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "attendance_door-1_1.csv.part").symlink_to(outside)
    CsvBackend(Csv(folder), "door-1").push([check_in(1)], NOW)
    assert outside.read_text() == "kept"


def test_a_folder_that_is_gone_or_full_takes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    backend = CsvBackend(Csv(tmp_path / "stick"), "door-1")
    for ask in (lambda: backend.preflight(NOW), lambda: backend.push([check_in(1)], NOW)):
        with pytest.raises(BackendDown):
            ask()

    def full(step: str) -> None:
        if step.startswith("sync"):
            raise OSError(28, "No space left on device")

    (tmp_path / "stick").mkdir()
    with pytest.raises(BackendDown):
        CsvBackend(Csv(tmp_path / "stick"), "door-1", full).push([check_in(1)], NOW)
    assert backend.preflight(NOW).usable
    assert isinstance(backend.push([check_in(1)], NOW)[0], Stored)


def test_a_zone_that_this_machine_does_not_know_is_for_a_person(tmp_path: Path) -> None:
    clock = Clock("Mars/Olympus", 1, CLOCK.boot_id, ClockState.SYNCED, 0)
    event = CheckIn(event_id(1), "E", Action.IN, NOW, clock, Method.FACE, "HQ")
    result = CsvBackend(Csv(tmp_path), "door-1").push([about(1, event), check_in(2)], NOW)
    assert isinstance(result[0], Rejected)
    assert isinstance(result[1], Stored)


DRIVER = """
import os, signal, sys
from pathlib import Path
from sync import assembly
from sync.__main__ import main
from sync.backends import csv_drop
left = int(sys.argv[2])
class Dying(csv_drop.CsvBackend):
    def __init__(self, settings, device):
        super().__init__(settings, device, self.count)
    def count(self, step):
        global left
        left -= 1
        if left < 0:
            print(step, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
assembly.CsvBackend = Dying
sys.exit(main(["once", "--config", sys.argv[1], "--log-level", "WARNING"]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    drop = tmp_path / "drop"
    drop.mkdir()
    return drop


def write_config(door: Door, drop: Path) -> Path:
    config = door.folder / "sync.toml"
    fields = "".join(
        f'{name} = "x"\n' for name in ("name", "category", "purpose", "country", "ground", "evidence", "date")
    )
    config.write_text(
        f'device = "door-1"\ndevice_public = "{door.key.public.hex()}"\nexchange = "exchange.db"\n'
        f'exchange_key = "exchange.key"\njournal = "sync.db"\n[csv]\nfolder = "{drop}"\n[recipient]\n{fields}'
    )
    return config


def test_a_writer_that_is_killed_at_each_step_writes_each_event_once(tmp_path: Path, folder: Path) -> None:
    door = Door(tmp_path / "door")
    config = write_config(door, folder)
    seen: list[str] = []
    for steps in range(9):
        door.check_in(3, local_every=100)
        command = [sys.executable, "-c", DRIVER, str(config), str(steps)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        seen.append(done.stdout.split("_")[0])
        assert done.returncode == (-signal.SIGKILL if steps < 8 else 0), done.stderr
    assert [one.split()[0] for one in seen[:8]] == [
        "write", "sync", "write", "sync", "rename", "renamed", "rename", "renamed",
    ]  # fmt: skip
    assert main(["once", "--config", str(config)]) == 0
    written = [row["event_id"] for file in folder.glob("*.csv") for row in rows(file)]
    assert sorted(written) == sorted(door.ids)
    for file in folder.glob("*.csv"):
        said = file.with_name(f"{file.name}.sha256").read_text().split()
        assert said == [hashlib.sha256(file.read_bytes()).hexdigest(), file.name]
    assert not list(folder.glob("*.part"))
    with closing(Exchange.open(door.path)) as exchange:
        assert exchange.unsettled().events == 0


def test_the_daemon_delivers_into_a_folder_until_it_is_told_to_stop(tmp_path: Path, folder: Path) -> None:
    door = Door(tmp_path / "door")
    command = [sys.executable, "-m", "sync", "run", "--config", str(write_config(door, folder))]
    with ending(subprocess.Popen(command, stderr=subprocess.PIPE)) as daemon:
        try:
            for count in (1, 2):
                door.check_in(1)
                patience = time.monotonic() + 60
                while len(list(folder.glob("*.csv"))) < count and time.monotonic() < patience:
                    time.sleep(0.05)
        finally:
            daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(30) == 0
    assert [row["event_id"] for file in sorted(folder.glob("*.csv")) for row in rows(file)] == door.ids
    assert door.unsettled() == 0


def test_a_file_that_is_no_csv_any_more_keeps_everything_waiting(tmp_path: Path) -> None:
    (tmp_path / "attendance_door-1_1.csv").write_bytes(b'"' + b"x" * 200_000)
    with pytest.raises(BackendDown) as down:
        CsvBackend(Csv(tmp_path), "door-1").push([check_in(2)], NOW)
    assert down.value.detail == "folder_unreadable"
