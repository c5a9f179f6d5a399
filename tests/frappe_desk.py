"""The rules of the stand-in for Frappe HR: who may do what, what a row becomes, which errors have which name."""

import json
import re
import sqlite3
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

BY_FIELD = "hrms.hr.doctype.employee_checkin.employee_checkin.add_log_based_on_employee_field"
STAMPS = (
    "name TEXT PRIMARY KEY, owner TEXT, creation TEXT, modified TEXT, modified_by TEXT, docstatus INTEGER DEFAULT 0"
)
TABLES = {
    "Employee": "employee_name TEXT, attendance_device_id TEXT UNIQUE, status TEXT, relieving_date TEXT,"
    " default_shift TEXT, branch TEXT, company TEXT, religion TEXT, health_details TEXT, marital_status TEXT",
    "Employee Checkin": "employee TEXT, employee_name TEXT, log_type TEXT, time TEXT, device_id TEXT, latitude REAL,"
    " longitude REAL, shift TEXT, attendance TEXT, skip_auto_attendance INTEGER DEFAULT 0",
    "Attendance Request": "employee TEXT, company TEXT, from_date TEXT, to_date TEXT, half_day INTEGER, reason TEXT,"
    " explanation TEXT",
    "Shift Type": "start_time TEXT, end_time TEXT",
    "Shift Assignment": "employee TEXT, shift_type TEXT, shift_location TEXT, status TEXT, start_date TEXT",
    "Shift Location": "location_name TEXT, checkin_radius INTEGER, latitude REAL, longitude REAL",
    "Company": "country TEXT",
    "Gender": "gender TEXT",
    "Custom Field": 'dt TEXT, fieldname TEXT, "unique" INTEGER',
}
SERIES = {"Employee Checkin": "EMP-CKIN", "Employee": "HR-EMP", "Attendance Request": "HR-ARQ"}
OPERATORS = {"=", "!=", ">", "<", ">=", "<=", "in", "like", "is"}
CODES = {"AuthenticationError": 401, "PermissionError": 403, "DoesNotExistError": 404, "TypeError": 500}


class Settings(Protocol):
    """What a request asks of the site."""

    zone: str
    geolocation: int
    describes: bool
    window: threading.Barrier | None
    write_lock: threading.Lock
    counters: dict[str, int]

    def now(self) -> str: ...


class Refusal(Exception):  # noqa: N818 - reads as what it is
    """One of Frappe's own errors."""

    def __init__(self, exc_type: str) -> None:
        super().__init__(exc_type)
        self.status = CODES.get(exc_type, 417)
        self.exc_type = exc_type


@dataclass
class Reply:
    status: int
    body: bytes
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def said(value: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode())


def html(status: int, text: str = "<html><h1>Not Found</h1></html>") -> Reply:
    return Reply(status, text.encode(), "text/html; charset=utf-8")


@dataclass
class User:
    """Who calls: HR User writes at level 1; Employee only reads there; a bare role does neither."""

    name: str
    levels: set[int] = field(default_factory=lambda: {0, 1})
    reads: set[int] = field(default_factory=lambda: {0, 1})
    barred: set[str] = field(default_factory=set)


@dataclass
class Desk:
    """One request of one user, over one connection to the tables."""

    site: Settings
    base: sqlite3.Connection
    user: User | None

    def handle(self, verb: str, target: str, body: bytes) -> Reply:
        address = urlsplit(target)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        _, api, kind, *rest = unquote(address.path).split("/")
        if api != "api":
            return html(404)
        data = json.loads(body) if body else asked
        if kind == "method":
            return self._method(rest[0], data)
        if self.user is None or rest[0] in self.user.barred:
            raise Refusal("PermissionError")
        if rest[0] not in TABLES:
            raise Refusal("DoesNotExistError")
        if verb == "GET":
            return said({"data": self._list(rest[0], asked)})
        if verb == "POST":
            return said({"data": self._insert(rest[0], data)})
        return said({"data": self._update(rest[0], rest[1], data)})

    def _method(self, name: str, data: dict[str, Any]) -> Reply:
        if name == "frappe.client.get_time_zone":
            return said({"message": {"time_zone": self.site.zone}})
        if self.user is None:
            raise Refusal("PermissionError")
        if name == BY_FIELD:
            return said({"message": self._by_field(data)})
        if name == "frappe.auth.get_logged_user":
            return said({"message": self.user.name})
        if name == "frappe.core.doctype.user.user.get_roles":
            return said({"message": ["All", "Guest", *(f"Level {level}" for level in self.user.levels)]})
        if name == "frappe.client.get_single_value":
            return said({"message": self.site.geolocation})
        if name == "frappe.desk.form.load.getdoctype" and self.site.describes:
            return said({"docs": [self._form()], "user_settings": "{}"})
        raise Refusal("DoesNotExistError")

    def _form(self) -> dict[str, Any]:
        names = [column for column in self._columns("Employee Checkin") if column not in STAMPS]
        added = {row["fieldname"]: row["unique"] for row in self.base.execute('SELECT * FROM "Custom Field"')}
        fields = [
            {
                "fieldname": name,
                "permlevel": int(name == "time"),
                "unique": added.get(name, 0),
                "depth": [[{"a": [1.5]}]],
            }
            for name in names
        ]
        rights = [{"role": f"Level {level}", "permlevel": level, "write": 1, "read": 1} for level in (0, 1)]
        return {"name": "Employee Checkin", "doctype": "DocType", "fields": fields, "permissions": rights}

    def _columns(self, doctype: str) -> list[str]:
        return [row["name"] for row in self.base.execute(f'PRAGMA table_info("{doctype}")')]

    def _seen(self, doctype: str) -> list[str]:
        """The fields that the user may read."""
        hidden = {"time"} if doctype == "Employee Checkin" and self.user and 1 not in self.user.reads else set()
        return [column for column in self._columns(doctype) if column not in hidden]

    def _list(self, doctype: str, asked: dict[str, str]) -> list[dict[str, Any]]:
        seen = self._seen(doctype)
        fields = [one for one in json.loads(asked.get("fields", '["name"]')) if one in seen]  # others go silently
        clauses, values = ["1"], []
        for name, operator, value in json.loads(asked.get("filters", "[]")):
            if name not in seen:
                raise Refusal("PermissionError")
            assert operator in OPERATORS
            if operator == "in":
                clauses.append(f'"{name}" IN ({",".join("?" * len(value))})')
                values += value
            elif operator == "is":
                clauses.append(f'"{name}" {"NOT NULL" if value == "set" else "IS NULL"}')
            else:
                clauses.append(f'"{name}" {operator} ? COLLATE NOCASE')
                values.append(value)
        order = asked.get("order_by", "creation desc")
        assert re.fullmatch(r"\w+ (asc|desc)(, \w+ (asc|desc))*", order)
        limit, start = int(asked.get("limit_page_length", 20)), int(asked.get("limit_start", 0))
        columns = ", ".join(f'"{one}"' for one in fields)
        rows = self.base.execute(
            f'SELECT {columns} FROM "{doctype}" WHERE {" AND ".join(clauses)} ORDER BY {order} LIMIT ? OFFSET ?',  # noqa: S608
            (*values, limit, start),
        )
        return [dict(row) for row in rows]

    def _insert(self, doctype: str, data: dict[str, Any]) -> dict[str, Any]:
        assert self.user is not None
        columns = self._columns(doctype)
        made = {name: value for name, value in data.items() if name in columns}
        now = self.site.now()
        if doctype == "Employee Checkin":
            self._check_in(made, now)
        if doctype == "Attendance Request":
            self._request(made)
        made |= {"owner": self.user.name, "modified_by": self.user.name, "creation": now, "modified": now}
        made.setdefault("name", self._next_name(doctype))
        try:
            names = ", ".join(f'"{name}"' for name in made)
            marks = ", ".join("?" * len(made))
            self.base.execute(f'INSERT INTO "{doctype}" ({names}) VALUES ({marks})', tuple(made.values()))  # noqa: S608
        except sqlite3.IntegrityError:
            raise Refusal("UniqueValidationError") from None
        return self._row(doctype, made["name"])

    def _next_name(self, doctype: str) -> str:
        with self.site.write_lock:
            number = self.site.counters[doctype] = self.site.counters.get(doctype, 0) + 1
        return f"{SERIES.get(doctype, doctype)}-{number:06d}"

    def _row(self, doctype: str, name: str) -> dict[str, Any]:
        row = self.base.execute(f'SELECT * FROM "{doctype}" WHERE name = ?', (name,)).fetchone()  # noqa: S608
        if row is None:
            raise Refusal("DoesNotExistError")
        return {**dict(row), "doctype": doctype}

    def _check_in(self, made: dict[str, Any], now: str) -> None:
        assert self.user is not None
        if 1 not in self.user.levels:
            made["time"] = now
        try:
            moment = datetime.fromisoformat(made.get("time") or now)
        except ValueError:
            raise Refusal("TypeError") from None
        if moment.tzinfo is not None:
            raise Refusal("TypeError")  # measured: an offset or Z is a 500
        made["time"] = f"{moment:%Y-%m-%d %H:%M:%S}"
        person = self.base.execute('SELECT * FROM "Employee" WHERE name = ?', (made.get("employee"),)).fetchone()
        if person is None:
            raise Refusal("LinkValidationError")
        if person["status"] == "Inactive":
            raise Refusal("InactiveEmployeeStatusError")
        if made.get("log_type") not in {"IN", "OUT", "", None}:
            raise Refusal("ValidationError")
        if self.site.geolocation and not made.get("latitude"):
            raise Refusal("ValidationError")
        made["employee_name"] = person["employee_name"]
        made.setdefault("latitude", 0.0)
        same = 'SELECT 1 FROM "Employee Checkin" WHERE employee = ? AND time = ? AND log_type = ?'
        if self.base.execute(same, (made["employee"], made["time"], made.get("log_type"))).fetchone():
            raise Refusal("ValidationError")
        if self.site.window is not None:
            with suppress(threading.BrokenBarrierError):
                self.site.window.wait(2)

    def _request(self, made: dict[str, Any]) -> None:
        overlap = 'SELECT 1 FROM "Attendance Request" WHERE employee = ? AND docstatus < 2'
        overlap += " AND ? >= from_date AND ? <= to_date"
        if self.base.execute(overlap, (made["employee"], made["to_date"], made["from_date"])).fetchone():
            raise Refusal("OverlappingAttendanceRequestError")

    def _by_field(self, data: dict[str, Any]) -> dict[str, Any]:
        by = data.get("employee_fieldname", "attendance_device_id")
        assert by in {"attendance_device_id", "name"}
        found = self.base.execute(f'SELECT name FROM "Employee" WHERE "{by}" = ?', (data["employee_field_value"],))  # noqa: S608
        row = found.fetchone()
        if row is None:
            raise Refusal("ValidationError")
        kept: dict[str, Any] = {
            name: data[name] for name in ("device_id", "log_type", "latitude", "longitude") if name in data
        }
        return self._insert("Employee Checkin", {"employee": row["name"], "time": data["timestamp"], **kept})

    def _update(self, doctype: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
        assert self.user is not None
        self._row(doctype, name)
        columns = self._columns(doctype)
        changed = {key: value for key, value in data.items() if key in columns}
        if doctype == "Employee Checkin" and 1 not in self.user.levels:
            changed.pop("time", None)
        changed |= {"modified": self.site.now(), "modified_by": self.user.name}
        marks = ", ".join(f'"{key}" = ?' for key in changed)
        self.base.execute(f'UPDATE "{doctype}" SET {marks} WHERE name = ?', (*changed.values(), name))  # noqa: S608
        return self._row(doctype, name)
