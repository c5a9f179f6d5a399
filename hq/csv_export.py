"""Attendance as CSV (RFC 4180, UTF-8) for a spreadsheet; refuses to hand it a cell that it would run as a formula."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Final

from hq.attendance import Line
from hq.holds import Held

MARK: Final = "CONFIDENTIAL"
HELD: Final = "attendance_held"
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r")
COLUMNS: Final = (
    *("date", "time", "zone", "code", "name", "action", "corrected_from", "method"),
    *(
        "door",
        "device",
        "claimed",
        "disputed",
        "clock_doubtful",
        "decision",
        "time_before",
        "event",
        "destination",
        "reason",
    ),
    *("position", "marking"),
)


def table(lines: Iterable[Line], holds: Iterable[Held] = ()) -> str:
    """The header and a row for each line, oldest first; each row is marked confidential, as the policy wants (E22).

    Before them stands a row `attendance_held` for each person whose check-ins their door holds (policy E16).
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for each in holds:
        writer.writerow([safe(cell) for cell in _held(each)])
    for line in sorted(lines, key=lambda each: each.at):
        writer.writerow([safe(cell) for cell in _cells(line)])
    return file.getvalue()


def safe(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(_RUNS) else cell


def file_name(site: str, first: date, last: date, what: str = "attendance") -> str:
    """What the file is called: its mark, what it holds, which HQ, which days."""
    plain = site.rpartition("/")[2]
    return f"{MARK}-{what}-{plain}-{first.isoformat()}-{last.isoformat()}.csv"


def _held(each: Held) -> tuple[str, ...]:
    known = {
        "date": each.at.date().isoformat(),
        "time": each.at.strftime("%H:%M:%S"),
        "zone": f"UTC{each.at.isoformat()[-6:]}",
        "code": each.code,
        "name": each.name or "",
        "action": HELD,
        "door": each.door,
        "device": each.device,
        "marking": MARK,
    }
    return tuple(known.get(column, "") for column in COLUMNS)


def _cells(line: Line) -> tuple[str, ...]:
    return (
        line.at.date().isoformat(),
        line.at.strftime("%H:%M:%S"),
        f"UTC{line.at.isoformat()[-6:]}",
        line.code,
        line.name or "",
        line.action,
        line.was or "",
        line.method,
        line.door,
        line.device,
        *("yes" if flag else "" for flag in (line.claimed, line.disputed, line.doubtful)),
        line.decision,
        "" if line.was_at is None else line.was_at.isoformat(sep=" ", timespec="seconds"),
        line.event_id,
        "" if line.trip is None else line.trip.destination,
        "" if line.trip is None else line.trip.reason.value,
        line.position,
        MARK,
    )
