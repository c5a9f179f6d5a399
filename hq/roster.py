"""Who the employee codes stand for; refuses a file that is not plainly codes and names."""

import csv
import io
from collections.abc import Mapping

from sqlalchemy import Connection

from hq.database import roster, upsert
from hq.refusals import Refused
from hq.seals import Seals
from wire import canonical
from wire.errors import FormatError

CODE_LETTERS = 64
NAME_LETTERS = 128
FILE_LIMIT = 16 * 2**20


def read_csv(data: bytes) -> dict[str, str]:
    """Codes and names of a UTF-8 CSV file with the header `code,name`.

    Raises:
        Refused: not UTF-8, another header, an empty or too long field, a code twice.
    """
    if len(data) > FILE_LIMIT:
        raise Refused("The roster file is larger than 16 MiB.")
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused("The roster is not a CSV file in UTF-8.") from error
    if not rows or [cell.strip().lower() for cell in rows[0]] != ["code", "name"]:
        raise Refused("The roster's first line must be `code,name`.")
    people: dict[str, str] = {}
    for line, row in enumerate(rows[1:], start=2):
        cells = [cell.strip() for cell in row]
        if cells in ([], [""]):
            continue
        if len(cells) != 2 or not _fits(cells[0], CODE_LETTERS) or not _fits(cells[1], NAME_LETTERS):  # noqa: PLR2004
            raise Refused(f"Line {line} of the roster is not a code and a name.")
        code, name = cells
        if code in people:
            raise Refused(f"Line {line} of the roster repeats a code.")
        people[code] = name
    return people


def merge(work: Connection, seals: Seals, people: dict[str, str], now: int) -> None:
    """Add these people or give known codes their new name; whoever is not in it stays as before."""
    for code, name in people.items():
        person = seals.index("roster", code)
        blob = seals.seal("roster", person.hex(), canonical.encode({"code": code, "name": name}))
        row = upsert(work, roster).values(person=person, sealed=blob, changed=now)
        work.execute(row.on_conflict_do_update(index_elements=["person"], set_={"sealed": blob, "changed": now}))


def name_of(seals: Seals, code: str, sealed: Mapping[bytes, bytes]) -> str | None:
    """The name behind an employee code, or None where the roster has none or it does not open.

    Args:
        seals: those of this HQ.
        code: as the event has it.
        sealed: the roster as it is stored, sealed entry by blind index.
    """
    person = seals.index("roster", code)
    blob = sealed.get(person)
    if blob is None:
        return None
    try:
        entry = canonical.decode(seals.open("roster", person.hex(), blob))
    except FormatError:
        return None
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else None


def _fits(cell: str, most: int) -> bool:
    return 0 < len(cell) <= most and cell.isprintable()
