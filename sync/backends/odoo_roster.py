"""Who works here, as Odoo has it; refuses every field of a person but six, and takes nobody out for an odd name."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync.backends.odoo_acts import stamp
from sync.backends.odoo_line import Line, Lost, Refused
from sync.backends.odoo_records import EMPLOYEE, identity, moment, records
from sync.backends.odoo_repairs import misconfigured
from sync.contract import BackendMisconfigured
from wire import checks
from wire.errors import FormatError
from wire.message import PARTS_LIMIT, PEOPLE_LIMIT, Entry, Roster, Standing

NEEDED: Final = ("barcode", "name", "active", "write_date")
IF_THERE: Final = ("departure_date", "tz")
PAGE: Final = 500
OVERLAP: Final = timedelta(minutes=15)
"""`write_date` is when a transaction began: what it wrote may be seen later than what began after it."""
FULL_MS: Final = 86_400_000
"""So often everybody is asked for, whatever the cursor: a barcode taken away, or a last day that has passed."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far we are: the last version, when everybody was asked for, the last `write_date`, and who was that late."""

    version: int
    full_ms: int
    since: str
    digest: str

    def spell(self) -> str:
        """As text, at most 128 characters."""
        return f"1 {self.version} {self.full_ms} {self.since.replace(' ', 'T') or '-'} {self.digest}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One employee with a barcode, and when Odoo last changed it."""

    entry: Entry
    written: str


def pull(line: Line, cursor: str, now_ms: int) -> tuple[tuple[Roster, ...], str]:
    """Ask who works here, or what has changed.

    Args:
        line: to the server.
        cursor: what the last call returned; "" (or one that cannot be read) asks for everybody.
        now_ms: ms since 1970.

    Returns:
        The parts of one roster, none if nothing changed or nobody has a barcode; and the next cursor.

    Raises:
        Lost, Refused, BackendDown, BackendMisconfigured.
    """
    before = _read(cursor)
    full = before is None or not before.since or not 0 <= now_ms - before.full_ms < FULL_MS
    since = "" if full or before is None else _earlier(before.since)
    seen, latest = _ask(line, since, now_ms)
    if full and not seen:
        return (), cursor
    last = max(latest, before.since if before is not None else "")
    late = [one for one in seen if one.written >= _earlier(last)]
    digest = _digest(late)
    version = max(now_ms, before.version + 1 if before is not None else 1)
    if not full and before is not None and (not seen or digest == before.digest):
        return (), Cursor(before.version, before.full_ms, last, digest if seen else before.digest).spell()
    full_ms = now_ms if full or before is None else before.full_ms
    return _parts(seen, version, full=full), Cursor(version, full_ms, last, digest).spell()


def _ask(line: Line, since: str, now_ms: int) -> tuple[list[Seen], str]:
    fields = _fields(line, now_ms)
    changed: list[object] = [["write_date", ">=", since]] if since else []
    seen: list[Seen] = []
    codes: set[str] = set()
    last, latest, count = 0, "", 0
    while True:
        arguments = {
            "domain": [*changed, ["id", ">", last]],
            "fields": fields,
            "order": "id",
            "limit": PAGE,
            "context": {"active_test": False},
        }
        page = records(line.call(EMPLOYEE, "search_read", arguments, now_ms))
        for record in page:
            if identity(record) <= last:
                raise Lost("reply_invalid")
            last = identity(record)
            written = moment(record.get("write_date"))
            latest = max(latest, written)
            entry = _entry(record, now_ms)
            if entry is None:
                continue
            if entry.code in codes:
                raise Lost("roster_moved")  # a barcode went from one to another between two pages
            codes.add(entry.code)
            seen.append(Seen(entry, written))
        count += len(page)
        if count > PARTS_LIMIT * PEOPLE_LIMIT:
            raise misconfigured("roster_too_large")
        if not page:
            return seen, latest


def _fields(line: Line, now_ms: int) -> list[str]:
    """What to ask for; the fields that some versions of Odoo do not have are left out there."""
    try:
        known = line.call(EMPLOYEE, "fields_get", {"allfields": [*NEEDED, *IF_THERE], "attributes": ["type"]}, now_ms)
    except (BackendMisconfigured, Refused):
        return [*NEEDED, *IF_THERE]
    if not isinstance(known, dict):
        raise Lost("reply_invalid")
    return [*NEEDED, *(name for name in IF_THERE if name in known)]


def _entry(record: dict[str, object], now_ms: int) -> Entry | None:
    """One person; None without a barcode that could be an employee code."""
    code, name, active = record.get("barcode"), record.get("name"), record.get("active")
    if type(active) is not bool or not (name is False or isinstance(name, str)):
        raise Lost("reply_invalid")
    try:
        checks.code(code if isinstance(code, str) else "")
    except FormatError:
        return None
    standing = Standing.ACTIVE if active and not _gone(record, now_ms) else Standing.LEFT
    return Entry(str(identity(record)), str(code), _plain(str(name or "")) or str(code), standing)


def _gone(record: dict[str, object], now_ms: int) -> bool:
    """Whether the person's last day is over where the person is."""
    last, zone = record.get("departure_date"), record.get("tz")
    if not isinstance(last, str):
        return False
    try:
        place = ZoneInfo(zone) if isinstance(zone, str) else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        place = UTC
    try:
        return date.fromisoformat(last) < datetime.fromtimestamp(now_ms / 1000, place).date()
    except ValueError:
        raise Lost("reply_invalid") from None


def _plain(name: str) -> str:
    """A name as it may be shown: what is too long is cut, what could mislead a reader is left out."""
    kept = "".join(letter for letter in name if letter.isprintable()).strip(" ")[: checks.TEXT_CHARACTERS]
    kept = kept.encode(errors="ignore")[: checks.TEXT_BYTES].decode(errors="ignore").strip(" ")
    try:
        return checks.text(kept, "name")
    except FormatError:
        return ""


def _parts(seen: Sequence[Seen], version: int, *, full: bool) -> tuple[Roster, ...]:
    people = [one.entry for one in seen]
    chunks = [people[at : at + PEOPLE_LIMIT] for at in range(0, len(people), PEOPLE_LIMIT)]
    return tuple(
        Roster(version, full, number, len(chunks), tuple(chunk)) for number, chunk in enumerate(chunks, start=1)
    )


def _digest(seen: Sequence[Seen]) -> str:
    said = "\n".join(f"{one.entry.ref}\t{one.entry.code}\t{one.entry.name}\t{one.entry.standing}" for one in seen)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _earlier(written: str) -> str:
    if not written:
        return ""
    moved = datetime.fromisoformat(written).replace(tzinfo=UTC) - OVERLAP
    return stamp(max(0, int(moved.timestamp() * 1000)))


def _read(cursor: str) -> Cursor | None:
    parts = cursor.split(" ")
    if len(parts) != 5 or parts[0] != "1":  # noqa: PLR2004 - as `Cursor.spell` writes it
        return None
    try:
        since = "" if parts[3] == "-" else moment(parts[3].replace("T", " "))
        return Cursor(int(parts[1]), int(parts[2]), since, parts[4])
    except (ValueError, Lost):
        return None
