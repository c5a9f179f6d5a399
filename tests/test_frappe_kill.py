"""Exactly once in Frappe HR although the courier is killed at each step of the exchange, or while the server works."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from frappe_desk import Reply
from frappe_kit import Place, place
from frappe_stand_in import Handler
from frappe_victim import DAY, NINE, deliver
from odoo_victim import MINUTE, Steps

from sync.backends.frappe_words import site_time
from sync.config import Frappe

ROOT = Path(__file__).parents[1]
ROWS = [(site_time(NINE + minutes * MINUTE, ZoneInfo("Asia/Jakarta")), action.value.upper()) for action, minutes in DAY]


def victim(site: Place, folder: Path, codes: list[str], mode: str, stride: int) -> subprocess.Popen[str]:
    """With a stride of 0 it dies of nothing but others."""
    folder.mkdir()
    settings = site.settings
    order = {
        "url": settings.url, "ca": str(settings.ca), "credential": str(settings.credential), "mode": mode,
        "folder": str(folder), "codes": codes, "stay": not stride, "stride": stride,
    }  # fmt: skip
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [sys.executable, str(ROOT / "tests" / "frappe_victim.py"), json.dumps(order)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def stored(site: Place, name: str) -> list[tuple[object, object]]:
    return sorted(((row["time"], row["log_type"]) for row in site.check_ins(name)), key=str)


@pytest.mark.parametrize("mode", ["keyed", "query"])
def test_a_power_cut_at_any_step_stores_every_event_once(
    tmp_path: Path, mode: str, rounds: Callable[[int, int], int]
) -> None:
    stride = 4 - rounds(1, 3)  # each change tries every third step
    with place(tmp_path) as site:
        names = {f"E-{number}": site.employ(f"E-{number}") for number in range(40)}
        with victim(site, tmp_path / "doors", list(names), mode, stride) as process:
            said, _ = process.communicate(timeout=240)
        runs = [json.loads(line) for line in said.splitlines()]
        assert [run["died"] for run in runs] == [True] * (len(runs) - 1) + [False]
        assert len(runs) * stride >= 9  # a question or two, three rows, and what comes of them
        assert {run["left"] for run in runs} == {0}
        for run in runs:
            assert stored(site, names[run["code"]]) == ROWS


@pytest.mark.parametrize(("mode", "committed"), [("keyed", "before"), ("query", "after")])
def test_whoever_dies_while_the_server_works_finds_the_row(tmp_path: Path, mode: str, committed: str) -> None:
    with place(tmp_path) as site:
        name = site.employ("E-17")
        processes: list[subprocess.Popen[str]] = []

        def kill(handler: Handler, act: Callable[[], Reply]) -> None:
            if committed == "before":
                act()
            processes[0].kill()
            processes[0].wait()
            if committed == "after":
                act()
            handler.close_connection = True

        site.server.faults.append(("POST", "heckin", kill))
        with victim(site, tmp_path / "door", ["E-17"], mode, 0) as process:
            processes.append(process)
            process.wait(60)
        until = time.monotonic() + 20
        while not site.check_ins(name) and time.monotonic() < until:
            time.sleep(0.02)  # the courier waits 180 s before it asks
        settings = Frappe(site.settings.url, site.settings.ca, site.settings.credential, mode)
        assert deliver(tmp_path / "door", settings, Steps(0), 8) == 0
        assert stored(site, name) == ROWS
