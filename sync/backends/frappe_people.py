"""Finds employees by code and reads the roster; refuses every field of a person that is not on its short list."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sync.backends.frappe_line import PAGE, Filter, Line, Row, portions
from sync.backends.frappe_words import misconfigured
from sync.contract import BackendDown
from sync.strict_json import NotStrict, text
from wire.errors import FormatError
from wire.message import PARTS_LIMIT, PEOPLE_LIMIT, Entry, Roster, Standing

EMPLOYEE: Final = "Employee"
ROSTER_FIELDS: Final = (
    "name", "employee_name", "attendance_device_id", "status", "relieving_date", "default_shift", "modified",
)  # fmt: skip
OVERLAP_S: Final = 600  # a row that was written before another may be committed after it
_STANDING: Final = {
    "Active": Standing.ACTIVE,
    "Inactive": Standing.SUSPENDED,  # restricted, never erased: only Left means that somebody has left
    "Suspended": Standing.SUSPENDED,
    "Left": Standing.LEFT,
}
_CURSOR: Final = re.compile(r"(\d{1,16}) (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) ([0-9a-f]{16})\Z", re.ASCII)
_MODIFIED: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody whom a code leads to; `last_day` is the last working day, if it is known."""

    name: str
    field: str
    standing: Standing
    last_day: date | None

    def may_work(self, day: date) -> bool:
        """Whether a check-in of that day is sent: Frappe accepts those of leavers, so we have to look."""
        return self.standing is Standing.ACTIVE and (self.last_day is None or day <= self.last_day)


def find(line: Line, codes: Sequence[str], now_ms: int) -> dict[str, Employee]:
    """The employees of these codes; who is not found is not in the answer.

    A code is an `attendance_device_id`, spelled exactly so, or else the name (id) of an Employee. Nothing is kept from
    one push to the next: who left a minute ago has left.

    Raises:
        BackendDown, BackendMisconfigured
    """
    found: dict[str, Employee] = {}
    for field in ("attendance_device_id", "name"):
        for portion in portions([code for code in dict.fromkeys(codes) if code not in found]):
            fields = ("name", "attendance_device_id", "status", "relieving_date")
            for row in line.rows(EMPLOYEE, fields, [(field, "in", portion)], now_ms):
                try:
                    if text(row, field) in portion:
                        found[text(row, field)] = _employee(row, field)
                except NotStrict:
                    raise BackendDown("reply_invalid") from None
    return found


def _employee(row: Row, field: str) -> Employee:
    left = text(row, "relieving_date")
    try:
        last_day = date.fromisoformat(left) if left else None
    except ValueError:
        raise NotStrict("not a day") from None
    name = text(row, "name")
    if not name:
        raise NotStrict("an employee without a name")
    return Employee(name, field, _STANDING.get(text(row, "status"), Standing.SUSPENDED), last_day)


def pull(line: Line, cursor: str, now_ms: int) -> tuple[tuple[Roster, ...], str]:
    """The roster since `cursor`; its parts, and the cursor of the next pull.

    A cursor is the version, the latest `modified`, and a digest of the rows within the overlap before it: as long as
    the same rows come again, nothing has changed.

    A site that shows nobody at all gives no roster: a lost permission must not look as if everybody had left.

    Raises:
        BackendDown, BackendMisconfigured
    """
    before = _CURSOR.match(cursor)
    try:
        filters: list[Filter] = [("modified", ">=", _earlier(before[2]))] if before else []
        rows = _everybody(line, filters, now_ms)
        if not rows:
            return (), cursor
        latest = max(_modified(row) for row in rows)
        recent = sorted(f"{_modified(row)} {text(row, 'name')}" for row in rows if _modified(row) >= _earlier(latest))
        digest = hashlib.sha256("\n".join(recent).encode(errors="replace")).hexdigest()[:16]
        if before and (before[2], before[3]) == (latest, digest):
            return (), cursor
        entries, whole = _entries(rows, datetime.fromtimestamp(now_ms // 1000, UTC).date() - timedelta(days=1))
    except NotStrict:
        raise BackendDown("reply_invalid") from None
    version = max(now_ms, int(before[1]) + 1) if before else now_ms
    slices = [entries[start : start + PEOPLE_LIMIT] for start in range(0, len(entries), PEOPLE_LIMIT)]
    full = before is None and whole
    parts = tuple(Roster(version, full, number, len(slices), one) for number, one in enumerate(slices, 1))
    return parts, f"{version} {latest} {digest}"


def _everybody(line: Line, filters: Sequence[Filter], now_ms: int) -> list[Row]:
    """All rows, page by page behind the last name, so that a row that goes away hides no other."""
    rows: list[Row] = []
    seen: set[str] = set()
    last: list[Filter] = []
    while True:
        page = line.rows(EMPLOYEE, ROSTER_FIELDS, [*filters, *last], now_ms)
        names = [row.get("name") for row in page]
        if not all(type(name) is str and name for name in names) or len({*names}) != len(names) or seen & {*names}:
            raise BackendDown("reply_invalid")  # a server that turns in circles, or knows one id twice
        seen |= {str(name) for name in names}
        rows += page
        if len(rows) > PARTS_LIMIT * PEOPLE_LIMIT:
            raise misconfigured("roster_too_large")
        if len(page) < PAGE:
            return rows
        last = [("name", ">", str(names[-1]))]


def _entries(rows: Sequence[Row], yesterday: date) -> tuple[tuple[Entry, ...], bool]:
    """What a roster can say of these rows, and whether that is everybody in them.

    Whose last day is before `yesterday` (UTC: over everywhere) is suspended until the status says more.
    """
    codes = {text(row, "attendance_device_id") for row in rows}
    entries: list[Entry] = []
    for row in rows:
        name, device_code = text(row, "name"), text(row, "attendance_device_id")
        if not device_code and name in codes:
            continue  # somebody else carries this id as a code
        known = _employee(row, "name")
        over = known.standing is Standing.ACTIVE and not known.may_work(yesterday)
        try:
            entries.append(
                Entry(
                    ref=name,
                    code=device_code or name,
                    name=_fitting(text(row, "employee_name")) or name,
                    standing=Standing.SUSPENDED if over else known.standing,
                    shift=_fitting(text(row, "default_shift")),
                )
            )
        except FormatError:
            continue
    once = {entry.code: entry for entry in entries}
    return tuple(once.values()), len(once) == len(rows)


def _fitting(said: str) -> str:
    """At most 64 characters and 128 bytes of a name, without what a screen could be misled by."""
    plain = "".join(letter for letter in said if letter.isprintable()).strip(" ")[:64]
    return plain.encode(errors="ignore")[:128].decode(errors="ignore").strip(" ")


def _modified(row: Row) -> str:
    said = text(row, "modified")
    if not _MODIFIED.match(said):
        raise NotStrict("not a moment")
    return said


def _earlier(modified: str) -> str:
    """The moment `OVERLAP_S` before another, both in the spelling of Frappe."""
    try:
        return str(datetime.fromisoformat(modified) - timedelta(seconds=OVERLAP_S))
    except (ValueError, OverflowError):
        raise NotStrict("not a moment") from None
