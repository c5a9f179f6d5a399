"""Puts attendance as CSV files into a folder, each with its checksum; refuses an event twice and half a file."""

import csv
import hashlib
import io
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync.config import Csv
from sync.contract import (
    BackendDown,
    Capabilities,
    Health,
    Idempotency,
    Punch,
    Rejected,
    Remark,
    Result,
    Stored,
    Why,
)
from wire import checks
from wire.event import TRIP_FIELDS, Action, Amendment, CheckIn, Correction, Dispute, Event, Method, Notice, TripDetails
from wire.message import Policy, Roster

BATCH: Final = 500
LARGEST: Final = 16 << 20  # bytes; a file of ours has at most 500 rows, a larger one is none
COLUMNS: Final = (
    "event_id", "employee_code", "action", "overtime", "local_time", "zone", "utc_time", "method", "kind", "refers_to",
    "clock_state", "uncertainty_s", "device", "seq", *TRIP_FIELDS,
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MODE: Final = 0o640
_OVERTIME: Final = {Action.OVERTIME_START: "in", Action.OVERTIME_END: "out"}


class CsvBackend:
    """One file for each push, `attendance_<device>_<seq of its first row>.csv`, and beside it `.csv.sha256`.

    A file appears under its name only when it and its checksum are whole and on the disk.

    Args:
        settings: the folder.
        device: whose events they are.
        step: told before each step of writing, for tests.
    """

    def __init__(self, settings: Csv, device: str, step: Callable[[str], None] = lambda _: None) -> None:
        self._folder = settings.folder
        self._device = checks.device(device)
        self._step = step
        self._read: dict[str, tuple[tuple[int, int, int], frozenset[str]]] = {}

    @property
    def capabilities(self) -> Capabilities:
        """A whole file or none; nothing is ever at work on it after us."""
        return Capabilities(BATCH, pairs=False, resolution_ms=1, idempotency=Idempotency.NONE, hold_ms=0, whole=True)

    def preflight(self, now_ms: int) -> Health:  # noqa: ARG002 - the contract's
        """Whether the folder is there and can be written; one on a medium that is unplugged is not there."""
        if not self._folder.is_dir():
            raise BackendDown("folder_missing")
        if not os.access(self._folder, os.W_OK | os.X_OK | os.R_OK):
            sentence = f"Let kiosk-sync read and write the folder {self._folder.name}, or name another in [csv]."
            return Health((Remark("folder_not_writable", sentence, blocks=True),))
        return Health()

    def push(self, punches: Sequence[Punch], now_ms: int) -> tuple[Result, ...]:
        """Write one file with all that no file has yet. Raises BackendDown: the folder is gone or full."""
        there = self.reconcile(punches, now_ms)
        results: dict[str, Result] = {
            one.event_id: Stored(one.event_id, remote, duplicate=True)
            for one in punches
            if (remote := there[one.event_id]) is not None
        }
        rows: list[tuple[str, ...]] = []
        fresh: list[Punch] = []
        for one in punches:
            if one.event_id in results:
                continue
            row = self._row(one)
            if row is None:
                results[one.event_id] = Rejected(one.event_id, Why.FIELD_REJECTED, "zone_unknown")
                continue
            rows.append(row)
            fresh.append(one)
        if rows:
            name = self._write(fresh[0].seq, rows)
            results |= {one.event_id: Stored(one.event_id, name) for one in fresh}
        return tuple(results[one.event_id] for one in punches)

    def reconcile(self, punches: Sequence[Punch], now_ms: int) -> Mapping[str, str | None]:  # noqa: ARG002 - the contract's
        """The file that holds each event. Raises BackendDown: the folder is gone, or a file cannot be read."""
        wanted = {one.event_id for one in punches}
        found: dict[str, str | None] = dict.fromkeys(wanted)
        try:
            files = sorted(self._folder.glob(f"attendance_{self._device}_*.csv"))
            if not files and not self._folder.is_dir():
                raise BackendDown("folder_missing")
            self._read = {file.name: self._ids(file) for file in files}
        except (OSError, csv.Error) as error:
            raise BackendDown("folder_unreadable") from error
        for name, (_, ids) in self._read.items():
            found |= dict.fromkeys(wanted & ids, name)
        return found

    def pull_roster(self, cursor: str, now_ms: int) -> tuple[tuple[Roster, ...], str]:  # noqa: ARG002 - the contract's
        """A folder knows nobody."""
        return (), cursor

    def pull_policy(self, now_ms: int) -> Policy | None:  # noqa: ARG002 - the contract's
        """A folder has no shifts."""
        return None

    def _ids(self, file: Path) -> tuple[tuple[int, int, int], frozenset[str]]:
        """The event ids in a file; read again only after it has changed."""
        found = file.stat()
        mark = (found.st_ino, found.st_size, found.st_mtime_ns)
        known = self._read.get(file.name)
        if known is not None and known[0] == mark:
            return known
        if found.st_size > LARGEST:
            return mark, frozenset()
        text = file.read_bytes().decode(errors="replace")
        return mark, frozenset(row[0] for row in csv.reader(io.StringIO(text, newline="")) if row)

    def _row(self, punch: Punch) -> tuple[str, ...] | None:
        event = punch.event
        try:
            local = datetime.fromtimestamp(event.occurred_at / 1000, UTC).astimezone(ZoneInfo(event.clock.zone))
        except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
            return None
        kind, action, method, refers_to = _said(event)
        overtime = action in _OVERTIME
        cells = (
            event.event_id,
            event.person,
            _OVERTIME.get(action, action.value) if action else "",
            "yes" if overtime else "",
            local.isoformat(sep=" ", timespec="milliseconds")[:23],
            event.clock.zone,
            checks.moment_to_text(event.occurred_at),
            method,
            kind,
            refers_to,
            event.clock.state.value,
            str(event.clock.uncertainty_s),
            self._device,
            str(punch.seq),
            *(str(getattr(event, name)) if isinstance(event, TripDetails) else "" for name in TRIP_FIELDS),
        )
        return tuple(map(harmless, cells))

    def _write(self, seq: int, rows: Sequence[tuple[str, ...]]) -> str:
        text = io.StringIO(newline="")
        writer = csv.writer(text)  # RFC 4180: CRLF, quotes doubled
        writer.writerow(COLUMNS)
        writer.writerows(rows)
        data = text.getvalue().encode()
        name = self._free_name(seq)
        digest = f"{hashlib.sha256(data).hexdigest()}  {name}\n".encode()
        try:
            self._put(f"{name}.part", data)
            self._put(f"{name}.sha256.part", digest)
            self._rename(f"{name}.sha256")
            self._rename(name)
        except OSError as error:
            raise BackendDown("folder_not_written") from error
        return name

    def _free_name(self, seq: int) -> str:
        """A name that is taken belongs to other events of that number, from before a backup was restored."""
        name, number = f"attendance_{self._device}_{seq}.csv", 1
        while os.path.lexists(self._folder / name):
            number += 1
            name = f"attendance_{self._device}_{seq}-{number}.csv"
        return name

    def _put(self, name: str, data: bytes) -> None:
        self._step(f"write {name}")
        path = self._folder / name
        path.unlink(missing_ok=True)  # what a crash has left half written
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
        with os.fdopen(descriptor, "wb") as file:
            with suppress(OSError):  # whatever our umask; a medium may have no such thing
                os.fchmod(descriptor, _MODE)
            file.write(data)
            file.flush()
            self._step(f"sync {name}")
            os.fsync(file.fileno())

    def _rename(self, name: str) -> None:
        self._step(f"rename {name}")
        (self._folder / f"{name}.part").rename(self._folder / name)
        self._step(f"renamed {name}")
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def harmless(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _said(event: Event) -> tuple[str, Action | None, str, str]:
    """What kind it is, the action, the method, and the event that it is about."""
    match event:
        case CheckIn():
            kind = "claimed" if event.method is Method.CLAIMED else "check_in"
            return kind, event.action, event.method.value, ""
        case Correction():
            return "corrected", event.action, event.method.value, event.refers_to
        case Dispute():
            return "disputed", None, "", event.refers_to
        case Notice():
            return f"notice_{event.kind.value}", None, "", ""
        case Amendment():
            return f"amended_{event.decision.value}", event.action, "", event.refers_to
        case TripDetails():
            return "trip_details", None, "", event.refers_to
