"""Exactly once in Frappe HR although the sender is killed at each point of the exchange."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from frappe_desk import Reply
from frappe_kit import Place, check_in, place
from frappe_stand_in import Handler

from sync.backends.frappe_words import KEY_FIELD
from wire.event import clear

DRIVER = Path(__file__).with_name("frappe_driver.py")
POINTS = ("before_send", "server_has_it", "server_commits_later", "after_answer")


def _run(site: Place, folder: Path, mode: str, point: str) -> int:
    settings = site.settings
    command = [sys.executable, str(DRIVER), str(folder), settings.url, str(settings.ca), str(settings.credential), mode]
    process = subprocess.Popen([*command, point])

    def kill_after(handler: Handler, act: Callable[[], Reply]) -> None:
        act()
        process.kill()
        handler.close_connection = True

    def kill_before(handler: Handler, act: Callable[[], Reply]) -> None:
        process.kill()
        process.wait()
        act()
        handler.close_connection = True

    fault = {"server_has_it": kill_after, "server_commits_later": kill_before}.get(point)
    if fault is not None:
        site.server.faults.append(("POST", "heckin", fault))
    status = process.wait(60)
    if point == "server_commits_later":
        _until_rows(site, 2)  # the contract waits 180 s before it asks
    return status


def _until_rows(site: Place, count: int) -> None:
    until = time.monotonic() + 20
    while len(site.rows("Employee Checkin", ("name",))) < count:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("mode", ["keyed", "query"])
def test_whoever_is_killed_at_any_point_has_sent_each_event_once(tmp_path: Path, mode: str) -> None:
    with place(tmp_path) as site:
        name = site.employ("E-17")
        start = int(time.time()) * 1000 - 3_600_000
        events = [check_in("E-17", start + 60_000 * number) for number in range(5)]
        with closing(sqlite3.connect(tmp_path / "driver.db")) as base:
            base.execute("CREATE TABLE event (row INTEGER PRIMARY KEY, clear BLOB, state TEXT, remote TEXT)")
            rows = [(number, clear(event.event, "door-1"), "pending") for number, event in enumerate(events)]
            base.executemany("INSERT INTO event (row, clear, state) VALUES (?, ?, ?)", rows)
            base.commit()
        for point in POINTS:
            assert _run(site, tmp_path, mode, point) == -9
        assert _run(site, tmp_path, mode, "") == 0
        with closing(sqlite3.connect(tmp_path / "driver.db")) as base:
            settled = base.execute("SELECT state, remote FROM event ORDER BY row").fetchall()
        stored = sorted(site.check_ins(name, KEY_FIELD), key=lambda row: str(row["time"]))
        assert settled == [("settled", row["name"]) for row in stored]
        assert len(stored) == len(events)
        if mode == "keyed":
            assert [row[KEY_FIELD] for row in stored] == [event.event_id for event in events]
