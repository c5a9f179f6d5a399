"""The world goes wrong while a device is at work: what it says then, in which words, and that nothing is lost by it."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from bar_acts import TASKS, do
from bar_desk import Desk
from bar_faults import ACTS, FAULTS
from disk_log import plain_environment

from kiosk import words

HERE = Path(__file__).parent
FULL = "disk_full"
FAILED = "disk_failed"
DONE = "done"
# Erasing and settling have a reserve; a clock that jumps and a process that is stopped forbid nothing.
EXPECTED = {
    "disk full": {"check_in": FULL, "enrol": FULL, "settle": DONE, "erase_face": DONE, "backup": FULL},
    "read-only": dict.fromkeys(ACTS, FAILED),
    "descriptors": dict.fromkeys(ACTS, FAILED),
    "clock forwards": dict.fromkeys(ACTS, DONE),
    "clock backwards": dict.fromkeys(ACTS, DONE),
    "stopped": dict.fromkeys(ACTS, DONE),
}
# The exact sentences, title and hint, in the languages of the kiosk.
SENTENCES = {
    (FULL, "id"): ("Penyimpanan penuh", "Tidak ada catatan yang ditimpa. Teknisi perlu mengosongkan sebagian ruang."),
    (FULL, "en"): ("The storage is full", "No record is overwritten. A technician should make room."),
    (FULL, "nl"): ("De opslag is vol", "Er wordt niets overschreven. Een technicus moet ruimte maken."),
    (FAILED, "id"): ("Penyimpanan gagal menulis", "Kartu memori mungkin rusak. Teknisi perlu menggantinya."),
    (FAILED, "en"): (
        "The storage cannot be written",
        "The memory card may be failing. A technician should replace it.",
    ),
    (FAILED, "nl"): (
        "Naar de opslag kan niet worden geschreven",
        "De geheugenkaart is misschien stuk. Een technicus moet die vervangen.",
    ),
}


@cache
def unshared() -> tuple[str, ...] | None:
    """How this user gets a mount namespace of their own; None: not at all."""
    for command in (("unshare", "-m"), ("unshare", "-rm")):
        try:
            done = subprocess.run([*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False, capture_output=True)
        except OSError:
            return None
        if done.returncode == 0:
            return command
    return None


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("faults")
    (place / "device").mkdir()
    for name in ACTS:
        desk = Desk(place / "base" / name)
        desk.prepare()
        for act in TASKS[name].before:
            do(desk, act)
        desk.leave()
    return place


def told(base: Path, *arguments: str) -> dict[str, dict[str, str]]:
    """What each act said during the fault, and how the device was afterwards."""
    command = unshared()
    if command is None:
        pytest.skip("mounting a small disk needs root, or user namespaces")
    done = subprocess.run(
        [*command, sys.executable, HERE / "bar_faults.py", base, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=plain_environment(),
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_world_is_said_as_what_it_is_and_takes_nothing_with_it(base: Path, fault: str) -> None:
    found = told(base, fault)
    assert {name: act["said"] for name, act in found.items()} == EXPECTED[fault]
    assert {name: act["afterwards"] for name, act in found.items()} == dict.fromkeys(ACTS, "well")
    for code in set(EXPECTED[fault].values()) - {DONE}:
        for language in words.LANGUAGES:
            shown = tuple(words.say(language, f"fault.{code}.{part}") for part in ("title", "hint"))
            assert shown == SENTENCES[code, language]


@pytest.mark.parametrize(
    ("fault", "negligent", "said"),
    [
        *((fault, "SQLite's own errors", "OperationalError") for fault in ("disk full", "read-only", "descriptors")),
        *((fault, "the clock is believed", "ValueError") for fault in ("clock forwards", "clock backwards")),
    ],
)
def test_the_bar_catches_a_store_that_is_not_ready_for_the_fault(
    base: Path, fault: str, negligent: str, said: str
) -> None:
    found = told(base, fault, negligent)
    assert found["check_in"]["said"] == said != EXPECTED[fault]["check_in"]
