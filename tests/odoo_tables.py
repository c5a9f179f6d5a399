"""The tables of the stand-in for Odoo: hr.employee and hr.attendance in SQLite, with Odoo's own rules of validity."""

# ruff: noqa: ANN401 - the values of a JSON tree

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FORMAT = "%Y-%m-%d %H:%M:%S"
FIELDS = {
    "hr.employee": [
        "id",
        "name",
        "barcode",
        "active",
        "write_date",
        "tz",
        "department_id",
        "departure_date",
        "religion",
        "health",
        "birthday",
        "wage",
    ],
    "hr.attendance": ["id", "employee_id", "check_in", "check_out", "write_date"],
}
RIGHTS = frozenset(f"{model}:{do}" for model in FIELDS for do in ("read", "create", "write", "unlink"))
TIMES = ("check_in", "check_out", "write_date")
PRIVATE = {"religion": "planted-religion", "health": "planted-health", "birthday": "1990-01-01", "wage": 1234.5}
SCHEMA = """
CREATE TABLE hr_employee (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, barcode TEXT UNIQUE,
  active INTEGER NOT NULL DEFAULT 1, write_date TEXT NOT NULL, tz TEXT, department_id INTEGER, departure_date TEXT,
  religion TEXT, health TEXT, birthday TEXT, wage REAL);
CREATE TABLE hr_attendance (id INTEGER PRIMARY KEY AUTOINCREMENT,
  employee_id INTEGER NOT NULL REFERENCES hr_employee(id) ON DELETE CASCADE,
  check_in TEXT NOT NULL, check_out TEXT, write_date TEXT NOT NULL);
"""


class OdooError(Exception):
    """An exception of Odoo: the class name it is answered with, and the status."""

    def __init__(self, name: str, status: int, message: str) -> None:
        super().__init__(message)
        self.name, self.status, self.message = name, status, message


def validation(message: str) -> OdooError:
    return OdooError("odoo.exceptions.ValidationError", 422, message)


def broken(message: str) -> OdooError:
    return OdooError("builtins.ValueError", 500, message)


def access(message: str) -> OdooError:
    return OdooError("odoo.exceptions.AccessError", 403, message)


@dataclass
class Tables:
    """The database; each call is one transaction, and an error rolls it back whole."""

    path: Path
    rights: set[str] = field(default_factory=lambda: set(RIGHTS))
    leaky: bool = False  # answers every field of a person, whatever was asked for
    stores_its_own_now: bool = False  # a customisation that overwrites what it is sent

    def __post_init__(self) -> None:
        if not self.path.exists():
            with sqlite3.connect(self.path) as made:
                made.executescript(SCHEMA)
            made.close()

    def settle(self) -> None:
        """Empty, and as Odoo is."""
        self.rights, self.leaky, self.stores_its_own_now = set(RIGHTS), False, False
        self.alter("DELETE FROM hr_employee")

    def alter(self, statement: str, *values: object) -> None:
        """What nobody can do through the API."""
        with sqlite3.connect(self.path) as database:
            database.execute("PRAGMA foreign_keys = ON")
            database.execute(statement, values)
        database.close()

    def call(self, model: str, method: str, ids: list[int], context: dict[str, Any], arguments: dict[str, Any]) -> Any:
        database = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("PRAGMA synchronous = OFF")  # whoever is killed is the client
        try:
            database.execute("BEGIN IMMEDIATE")
            result = Model(self, database, model, context).run(method, ids, arguments)
            database.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            database.execute("ROLLBACK")
            raise validation("The operation cannot be completed") from error
        except OdooError:
            database.execute("ROLLBACK")
            raise
        finally:
            database.close()
        return result


@dataclass
class Model:
    """One model within one transaction."""

    tables: Tables
    database: sqlite3.Connection
    name: str
    context: dict[str, Any]

    def run(self, method: str, ids: list[int], arguments: dict[str, Any]) -> Any:  # noqa: PLR0911 - one for each method
        if method == "has_access":
            return f"{self.name}:{arguments['operation']}" in self.tables.rights
        if method == "fields_get":
            known = FIELDS[self.name]
            return {one: {"type": "char"} for one in arguments.get("allfields") or known if one in known}
        operation = {"create": "create", "write": "write", "unlink": "unlink"}.get(method, "read")
        if f"{self.name}:{operation}" not in self.tables.rights:
            raise access("You are not allowed to do this")
        match method:
            case "search_read":
                found = self._search(arguments)
                return self._read(found, arguments.get("fields"))
            case "search":
                return self._search(arguments)
            case "read":
                return self._read(ids, arguments.get("fields"))
            case "create":
                values = arguments["vals_list"]
                return [self._create(one) for one in (values if isinstance(values, list) else [values])]
            case "write":
                return self._write(ids, arguments["vals"])
            case _:
                return self._unlink(ids)

    @property
    def table(self) -> str:
        return self.name.replace(".", "_")

    def _search(self, arguments: dict[str, Any]) -> list[int]:
        domain = arguments.get("domain") or []
        where, values = self._where(domain)
        if self.name == "hr.employee" and self.context.get("active_test", True) and "active" not in str(domain):
            where += " AND active = 1"
        order = arguments.get("order") or ("check_in desc" if self.name == "hr.attendance" else "name")
        if not re.fullmatch(r"[a-z_]+( desc| asc)?(, [a-z_]+( desc| asc)?)*", order):
            raise broken("Invalid order")
        text = f"SELECT id FROM {self.table} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - checked
        limit = arguments.get("limit")
        found = self.database.execute(text, (*values, -1 if limit is None else limit, arguments.get("offset") or 0))
        return [one[0] for one in found]

    def _where(self, domain: list[Any]) -> tuple[str, list[Any]]:
        values: list[Any] = []
        waiting = list(domain)

        def one() -> str:
            term = waiting.pop(0)
            if term in ("&", "|"):
                left, right = one(), one()
                return f"({left} {'AND' if term == '&' else 'OR'} {right})"
            if term == "!":
                return f"(NOT {one()})"
            return self._leaf(term, values)

        try:
            parts = []
            while waiting:
                parts.append(one())
        except (IndexError, TypeError) as error:
            raise broken("Invalid domain") from error
        return " AND ".join(parts) or "1", values

    def _leaf(self, term: Sequence[Any], values: list[Any]) -> str:
        name, operator, value = term
        if name not in FIELDS[self.name] or operator not in ("=", "!=", "<", "<=", ">", ">=", "in"):
            raise broken(f"Invalid leaf {name} {operator}")
        if value is False and name != "active":
            return f"{name} IS NULL" if operator == "=" else f"{name} IS NOT NULL"
        if name in TIMES:
            value = self._time(value)
        if operator == "in":
            values.extend(value)
            return f"{name} IN ({', '.join('?' * len(value))})"
        values.append(value)
        return f"({name} IS NOT NULL AND {name} {operator} ?)"

    def _read(self, ids: Sequence[int], wanted: Sequence[str] | None) -> list[dict[str, Any]]:
        known = FIELDS[self.name]
        names = known if wanted is None or (self.tables.leaky and self.name == "hr.employee") else list(wanted)
        if set(names) - set(known):
            raise broken("Invalid field")
        names = ["id", *(one for one in names if one != "id")]
        found = []
        for number in ids:
            text = f"SELECT {', '.join(names)} FROM {self.table} WHERE id = ?"  # noqa: S608 - names are ours
            row = self.database.execute(text, (number,)).fetchone()
            if row is None:
                raise OdooError("odoo.exceptions.MissingError", 404, "Record does not exist or has been deleted.")
            found.append({name: self._shown(name, value) for name, value in zip(names, row, strict=True)})
        return found

    @staticmethod
    def _shown(name: str, value: Any) -> Any:
        if name == "active":
            return bool(value)
        if name == "write_date":
            return value[:19]  # microseconds are kept, not shown
        if name in ("employee_id", "department_id") and value is not None:
            return [value, "a display name"]
        return False if value is None else value

    def _values(self, values: dict[str, Any]) -> dict[str, Any]:
        if set(values) - set(FIELDS[self.name]):
            raise broken("Invalid field")
        clean = {name: None if value is False and name != "active" else value for name, value in values.items()}
        for name in TIMES:
            if clean.get(name) is not None:
                clean[name] = self._time(clean[name])
        if self.tables.stores_its_own_now:
            now = datetime.now(UTC).strftime(FORMAT)
            clean |= {name: now for name in ("check_in", "check_out") if clean.get(name)}
        return clean | {"write_date": datetime.now(UTC).strftime(FORMAT + ".%f")}

    @staticmethod
    def _time(value: Any) -> str:
        try:
            datetime.strptime(value, FORMAT)  # noqa: DTZ007 - naive, as Odoo reads it
        except (ValueError, TypeError) as error:
            raise broken("unconverted data remains") from error
        return str(value)

    def _create(self, values: dict[str, Any]) -> int:
        clean = (PRIVATE if self.name == "hr.employee" else {}) | self._values(values)
        text = f"INSERT INTO {self.table} ({', '.join(clean)}) VALUES ({', '.join('?' * len(clean))})"  # noqa: S608
        made = self.database.execute(text, tuple(clean.values())).lastrowid
        assert made is not None
        self._check(made)
        return made

    def _write(self, ids: list[int], values: dict[str, Any]) -> bool:
        self._read(ids, ["id"])
        clean = self._values(values)
        for number in ids:
            text = f"UPDATE {self.table} SET {', '.join(f'{name} = ?' for name in clean)} WHERE id = ?"  # noqa: S608
            self.database.execute(text, (*clean.values(), number))
            self._check(number)
        return True

    def _unlink(self, ids: list[int]) -> bool:
        self.database.executemany(f"DELETE FROM {self.table} WHERE id = ?", [(one,) for one in ids])  # noqa: S608
        return True

    def _check(self, number: int) -> None:
        if self.name == "hr.employee":
            barcode = self.database.execute("SELECT barcode FROM hr_employee WHERE id = ?", (number,)).fetchone()[0]
            if barcode is not None and not re.fullmatch(r"[A-Za-z0-9]{1,18}", barcode):
                raise validation("The Badge ID must be alphanumeric and no longer than 18 characters.")
            return
        who, begins, ends = self.database.execute(
            "SELECT employee_id, check_in, check_out FROM hr_attendance WHERE id = ?", (number,)
        ).fetchone()
        if ends is not None and ends < begins:
            raise validation("Check Out cannot be earlier than Check In.")
        before = self._last("check_in <= ?", who, number, begins)
        if before is not None and before[1] is not None and before[1] > begins:
            raise validation("the employee was already checked in")
        if ends is None:
            if self._last("check_out IS NULL AND ? != ''", who, number, "x") is not None:
                raise validation("the employee hasn't checked out since")
            return
        until = self._last("check_in < ?", who, number, ends)
        if until is not None and (before is None or before[0] != until[0]):
            raise validation("the employee was already checked in")

    def _last(self, condition: str, who: int, number: int, value: str) -> Any:
        text = f"""SELECT id, check_out FROM hr_attendance WHERE employee_id = ? AND id != ? AND {condition}
            ORDER BY check_in DESC LIMIT 1"""  # noqa: S608 - the condition is ours
        return self.database.execute(text, (who, number, value)).fetchone()
