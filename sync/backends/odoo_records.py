"""Reads and writes single records of Odoo; refuses a reply that has not exactly the form it should have."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sync.backends.odoo_acts import Row
from sync.backends.odoo_line import Line, Lost

ATTENDANCE: Final = "hr.attendance"
EMPLOYEE: Final = "hr.employee"
FEW: Final = 16
CACHE_SIZE: Final = 1_024
CACHE_MS: Final = 60_000
_STAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\Z")
_ID_LIMIT: Final = 2**53


@dataclass(frozen=True, slots=True)
class Employee:
    """Who has a code."""

    id: int
    active: bool


class Records:
    """Employees by their code, remembered for a minute, and rows of attendance.

    Each method raises Lost, Refused, BackendDown or BackendMisconfigured, as `Line.call`.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._known: dict[str, tuple[Employee, int]] = {}

    def employee(self, code: str, now_ms: int, *, fresh: bool = False) -> Employee | None:
        """The one employee whose barcode is this code, archived or not; None if there is none.

        Args:
            code: the event's employee code.
            now_ms: ms since 1970.
            fresh: ask, even if it was asked in the last minute.
        """
        if not fresh and (known := self._known.get(code)) and 0 <= now_ms - known[1] < CACHE_MS:
            return known[0]
        self._known.pop(code, None)
        value = self._line.call(
            EMPLOYEE,
            "search_read",
            {
                "domain": [["barcode", "=", code]],
                "fields": ["barcode", "active"],
                "limit": 2,
                "context": {"active_test": False},
            },
            now_ms,
        )
        found = records(value)
        if len(found) > 1 or any(one.get("barcode") != code for one in found):
            raise Lost("reply_invalid")  # Odoo keeps barcodes unique, and finds what was asked for
        if not found:
            return None
        active = found[0].get("active")
        if type(active) is not bool:
            raise Lost("reply_invalid")
        employee = Employee(identity(found[0]), active)
        if active:  # whoever is not may be made active in the next moment, and nothing hurries
            if len(self._known) >= CACHE_SIZE:
                del self._known[next(iter(self._known))]
            self._known[code] = (employee, now_ms)
        return employee

    def forget(self, code: str) -> None:
        """Ask anew who has this code."""
        self._known.pop(code, None)

    def rows(self, employee: int, at: str, now_ms: int) -> tuple[Row, ...]:
        """The open row of a person, those that begin or end at `at` (`odoo_acts.stamp`), and the one it lies in."""
        about = ["|", ["check_in", "=", at], "|", ["check_out", "=", at]]
        inside = ["&", ["check_in", "<", at], ["check_out", ">", at]]
        domain: list[object] = [["employee_id", "=", employee], "|", ["check_out", "=", False], *about, *inside]
        return self._rows(domain, now_ms)

    def between(self, employee: int, begins: str, ends: str, now_ms: int) -> tuple[Row, ...]:
        """Rows that begin after one time and before another."""
        domain: list[object] = [["employee_id", "=", employee], ["check_in", ">", begins], ["check_in", "<", ends]]
        return self._rows(domain, now_ms)

    def row(self, row: int, now_ms: int) -> Row | None:
        """The row with this id, if it is there to be seen."""
        return next((one for one in self._rows([["id", "=", row]], now_ms) if one.id == row), None)

    def create(self, employee: int, begins: str, ends: str, now_ms: int) -> int:
        """Make a row, open if `ends` is "", and return its id."""
        values = {"employee_id": employee, "check_in": begins} | ({"check_out": ends} if ends else {})
        made = self._line.call(ATTENDANCE, "create", {"vals_list": [values]}, now_ms, writes=True)
        if not isinstance(made, list) or len(made) != 1:
            raise Lost("reply_invalid")
        return identity({"id": made[0]})

    def close(self, row: int, ends: str, now_ms: int) -> None:
        """Write the check-out of a row."""
        arguments = {"ids": [row], "vals": {"check_out": ends}}
        if self._line.call(ATTENDANCE, "write", arguments, now_ms, writes=True) is not True:
            raise Lost("reply_invalid")

    def _rows(self, domain: list[object], now_ms: int) -> tuple[Row, ...]:
        arguments = {"domain": domain, "fields": ["check_in", "check_out"], "limit": FEW, "order": "check_in desc"}
        value = self._line.call(ATTENDANCE, "search_read", arguments, now_ms)
        return tuple(_row(one) for one in records(value))


def records(value: object) -> list[dict[str, object]]:
    """A reply of `search_read`. Raises Lost."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Lost("reply_invalid")
    return value


def identity(record: dict[str, object]) -> int:
    """The id of a record. Raises Lost."""
    found = record.get("id")
    if type(found) is not int or not 0 < found < _ID_LIMIT:
        raise Lost("reply_invalid")
    return found


def moment(value: object) -> str:
    """A time of Odoo, "" for none. Raises Lost."""
    if value is False:
        return ""
    if not isinstance(value, str) or not _STAMP.match(value):
        raise Lost("reply_invalid")
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise Lost("reply_invalid") from None
    return value


def _row(record: dict[str, object]) -> Row:
    begins = moment(record.get("check_in"))
    if not begins:
        raise Lost("reply_invalid")
    return Row(identity(record), begins, moment(record.get("check_out")))
