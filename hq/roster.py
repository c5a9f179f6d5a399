"""Who the employee codes stand for, and what devices are told of them; refuses a file that is not plainly a roster."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from hq.database import counters, roster
from hq.refusals import Refused
from hq.seals import Seals
from hq.tables_door import counted_on, put
from wire import canonical
from wire.errors import FormatError
from wire.message import LANGUAGES, PARTS_LIMIT, Entry, Roster, Standing

CODE_LETTERS = 64
NAME_LETTERS = 64
FILE_LIMIT = 16 * 2**20
PART_BYTES: Final = 256 * 1024
PART_PEOPLE: Final = 1_000
PADDING: Final = 96
"""What the names of the fields, the state and the language add to a person in a message, in bytes."""
VERSION: Final = "roster_version"
_MUST: Final = ("code", "name")
_MAY: Final = ("ref", "state", "language", "shift")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a roster file; None where the file has no such column."""

    code: str
    name: str
    ref: str | None = None
    state: str | None = None
    language: str | None = None
    shift: str | None = None

    def __repr__(self) -> str:
        return "Line(...)"


def read_csv(data: bytes) -> tuple[Line, ...]:
    """The lines of a UTF-8 CSV file with the header `code,name`, and any of ref, state, language, shift after it.

    Raises:
        Refused: not UTF-8, another header, a field that is empty, too long or not one of its kind, a code twice.
    """
    if len(data) > FILE_LIMIT:
        raise Refused("The roster file is larger than 16 MiB.")
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused("The roster is not a CSV file in UTF-8.") from error
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    more = head[2:]
    if tuple(head[:2]) != _MUST or len(set(more)) != len(more) or not set(more) <= set(_MAY):
        raise Refused(f"The roster's first line must be `code,name`, and may go on with any of {', '.join(_MAY)}.")
    lines: dict[str, Line] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = [cell.strip() for cell in row]
        if cells in ([], [""]):
            continue
        if len(cells) != len(head) or not _fits(cells[0], CODE_LETTERS) or not _fits(cells[1], NAME_LETTERS):
            raise Refused(f"Line {number} of the roster is not a code and a name, or has too few or too many fields.")
        line = Line(cells[0], cells[1], **dict(zip(more, cells[2:], strict=True)))
        if line.code in lines:
            raise Refused(f"Line {number} of the roster repeats a code.")
        _check(line, number)
        lines[line.code] = line
    return tuple(lines.values())


def merge(work: Connection, seals: Seals, lines: Sequence[Line], now: int, *, replace: bool = False) -> None:
    """Add these people or change what is known of them; whoever is not in it stays, or has left if it replaces all."""
    before = {entry.code: entry for entry in _people(work, seals)}
    for line in lines:
        entry = _entry(line, before.get(line.code))
        if entry != before.pop(line.code, None):
            _keep(work, seals, entry, now)
    for entry in before.values() if replace else ():
        gone = Entry(entry.ref, entry.code, entry.name, Standing.LEFT, entry.language, entry.shift)
        if gone != entry:
            _keep(work, seals, gone, now)


def parts(view: Connection, seals: Seals, version: int) -> list[Roster]:
    """The whole roster as messages: in order of code, each part far below 1 MiB.

    Raises:
        Refused: nobody is in it, one reference stands for two codes, or there are more people than 64 parts hold.
    """
    people = sorted(_people(view, seals), key=lambda entry: entry.code)
    if not people:
        raise Refused("The roster is empty; `kiosk-hq roster import` fills it.")
    if len({entry.ref for entry in people}) != len(people):
        raise Refused("Two people of the roster have the same ref; correct it and import it again.")
    heaps: list[list[Entry]] = []
    room = 0
    for entry in people:
        size = len(canonical.encode([entry.ref, entry.code, entry.name, entry.shift])) + PADDING
        if not heaps or size > room or len(heaps[-1]) == PART_PEOPLE:
            heaps.append([])
            room = PART_BYTES
        heaps[-1].append(entry)
        room -= size
    if len(heaps) > PARTS_LIMIT:
        raise Refused("The roster has more people than a device can be told of.")
    return [Roster(version, True, number, len(heaps), tuple(heap)) for number, heap in enumerate(heaps, start=1)]  # noqa: FBT003 - the format's own order


def version(view: Connection) -> int:
    """Of the roster that was published last; 0 before the first."""
    found = view.execute(
        select(counters.c.value).where(counters.c.device == "", counters.c.name == VERSION)
    ).scalar_one_or_none()
    return int(found or 0)


def next_version(work: Connection) -> int:
    """Count on, and return the new version."""
    return counted_on(work, VERSION)


def person_of(view: Connection, seals: Seals, code: str) -> Entry | None:
    """Who a code stands for; None where the roster has nobody, or what it has does not open."""
    person = seals.index("roster", code)
    blob = view.execute(select(roster.c.sealed).where(roster.c.person == person)).scalar_one_or_none()
    return None if blob is None else _opened(seals, person, blob)


def name_of(seals: Seals, code: str, sealed: Mapping[bytes, bytes]) -> str | None:
    """The name behind an employee code, or None where the roster has none or it does not open.

    Args:
        seals: those of this HQ.
        code: as the event has it.
        sealed: the roster as it is stored, sealed entry by blind index.
    """
    person = seals.index("roster", code)
    blob = sealed.get(person)
    entry = None if blob is None else _opened(seals, person, blob)
    return None if entry is None else entry.name


def _people(view: Connection, seals: Seals) -> list[Entry]:
    found = [_opened(seals, row.person, row.sealed) for row in view.execute(select(roster)).all()]
    return [entry for entry in found if entry is not None]


def _keep(work: Connection, seals: Seals, entry: Entry, now: int) -> None:
    person = seals.index("roster", entry.code)
    known = {
        "code": entry.code,
        "name": entry.name,
        "ref": entry.ref,
        "state": entry.standing.value,
        "language": entry.language,
        "shift": entry.shift,
    }
    blob = seals.seal("roster", person.hex(), canonical.encode(known))
    put(work, roster, {"person": person}, {"sealed": blob, "changed": now})


def _opened(seals: Seals, person: bytes, blob: bytes) -> Entry | None:
    """An entry; one that an earlier version has stored holds code and name alone."""
    try:
        found = canonical.decode(seals.open("roster", person.hex(), blob))
        if not isinstance(found, dict):
            return None
        whole = {"state": "active", "language": "", "shift": "", "ref": found.get("code"), **found}
        shape: dict[str, type | tuple[type, ...]] = dict.fromkeys((*_MUST, *_MAY), str)
        told = canonical.fields(whole, shape)
        standing = Standing(told["state"])
        return Entry(told["ref"], told["code"], told["name"], standing, told["language"], told["shift"])
    except (FormatError, ValueError):
        return None


def _entry(line: Line, before: Entry | None) -> Entry:
    """What is known now: what the file does not speak of stays as it was."""
    ref = before.ref if line.ref is None and before else line.ref or line.code
    state = before.standing if line.state is None and before else Standing(line.state or "active")
    language = before.language if line.language is None and before else line.language or ""
    shift = before.shift if line.shift is None and before else line.shift or ""
    return Entry(ref, line.code, line.name, state, language, shift)


def _check(line: Line, number: int) -> None:
    if line.state not in (None, "", *Standing):
        raise Refused(f"Line {number} of the roster: state is one of {', '.join(Standing)}.")
    if line.language not in (None, "", *LANGUAGES):
        raise Refused(f"Line {number} of the roster: language is one of {', '.join(LANGUAGES)}, or empty.")
    try:
        _entry(line, None)
    except FormatError as error:
        raise Refused(
            f"Line {number} of the roster: a field has over 64 letters or 128 bytes, or a letter that shows nothing."
        ) from error


def _fits(cell: str, most: int) -> bool:
    return 0 < len(cell) <= most and cell.isprintable()
