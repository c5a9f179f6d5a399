"""The table of the data held: every column, what it holds, why, for how long; refuses a column without a purpose.

Policy E21 and E5; GDPR Articles 5(1)(b), 13(1)(c) and 30(1)(c). It is made from the schema itself.
"""

from dataclasses import asdict, dataclass
from typing import Final

from kiosk import words
from kiosk.rights.company import Company, Periods
from kiosk.rights.document import Document, Grid, Paragraph
from kiosk.rights.purposes import Purpose
from kiosk.rights.saying import footer
from kiosk.store import columns
from kiosk.store.schema import RECORDS, TEMPLATES, Column, Table

FILES: Final = (("records.db", RECORDS), ("templates.db", TEMPLATES))
PURPOSES: Final[dict[columns.Purpose, tuple[Purpose, ...]]] = {
    columns.Purpose.ATTENDANCE: (Purpose.ATTENDANCE,),
    columns.Purpose.FACE: (Purpose.FACE_RECOGNITION,),
    columns.Purpose.PROTECTION: (Purpose.SECURITY,),
    columns.Purpose.COMPLIANCE: (Purpose.PROOF,),
    columns.Purpose.OPERATION: (Purpose.OPERATION,),
}
"""Why the schema has a column, in the words that the notice uses."""
ALSO: Final[dict[tuple[str, str], tuple[Purpose, ...]]] = {
    ("bodies", "sealed"): (Purpose.ATTENDANCE, Purpose.BUSINESS_TRIPS),
    ("told", "sealed"): (Purpose.ATTENDANCE, Purpose.BUSINESS_TRIPS, Purpose.ANNOUNCEMENTS),
}
"""Columns that hold more than one kind of thing."""
NOT_STORED: Final = frozenset({Purpose.TESTING, Purpose.MARKETING, Purpose.CONDUCT})
"""Purposes for which no column exists: what they need is not kept on the device, or lies among the papers."""


@dataclass(frozen=True, slots=True)
class Line:
    """Columns of one table that are alike.

    Attributes:
        file: "records.db" or "templates.db".
        table: its name.
        names: the columns.
        holds: value of `columns.Holds`.
        purposes: why, in the words of the notice.
        kept: value of `columns.Kept`.
    """

    file: str
    table: str
    names: tuple[str, ...]
    holds: str
    purposes: tuple[Purpose, ...]
    kept: str


def purposes_of(table: Table, column: Column) -> tuple[Purpose, ...]:
    """Why a column exists. Raises KeyError for one that nobody has given a purpose."""
    return ALSO.get((table.name, column.name), PURPOSES[column.purpose])


def lines() -> tuple[Line, ...]:
    """Every column of both files, those that are alike together, in the order of the schema."""
    found: dict[tuple[str, str, str, tuple[Purpose, ...], str], list[str]] = {}
    for file, tables in FILES:
        for table in tables:
            for column in table.columns:
                key = (file, table.name, column.holds.value, purposes_of(table, column), column.kept.value)
                found.setdefault(key, []).append(column.name)
    return tuple(
        Line(file, table, tuple(names), holds, purposes, kept)
        for (file, table, holds, purposes, kept), names in found.items()
    )


def kept(language: str, what: str, periods: Periods) -> str:
    """How long, in words, with the company's own periods."""
    months = {
        "attendance": periods.attendance,
        "requests": periods.requests,
        "breaches": periods.breaches,
        "proofs": periods.proofs,
    }
    return words.say(language, f"registers.kept.{what}", **months)


def document(language: str, company: Company, device: str, now_ms: int) -> Document:
    """The table in one language."""

    def say(key: str) -> str:
        return words.say(language, f"registers.{key}")

    rows = tuple(
        (
            f"{line.file} {line.table}",
            ", ".join(line.names),
            say(f"holds.{line.holds}"),
            ", ".join(say(f"short.{purpose}") for purpose in line.purposes),
            kept(language, line.kept, company.periods),
        )
        for line in lines()
    )
    head = tuple(say(f"data.{key}") for key in ("table", "columns", "holds", "purpose", "kept"))
    return Document(
        kind="data",
        language=language,
        title=say("data.title"),
        subtitle=company.controller.name,
        made_at=now_ms,
        confidential=False,
        footer=footer(language, device),
        blocks=(Paragraph(say("data.intro")), Grid(head, rows, (1.8, 2.8, 2.4, 2.2, 2.8))),
        data={
            "periods": asdict(company.periods),
            "columns": [
                {
                    "file": line.file,
                    "table": line.table,
                    "names": list(line.names),
                    "holds": line.holds,
                    "purposes": list(line.purposes),
                    "kept": line.kept,
                }
                for line in lines()
            ],
        },
    )
