"""Which legal holds stand; refuses to let one end but by its release: altered or emptied, it goes on holding."""

from typing import TYPE_CHECKING, Final

from kiosk.store import papers
from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store

ON: Final = "on"
_HOLDS: Final = f"SELECT {papers.COLUMNS} FROM papers WHERE kind = ? ORDER BY rowid"  # noqa: S608 - our own text


def standing(store: "Store") -> tuple[tuple[str, str], ...]:
    """Paper and person ("": everybody) of each hold that stands, oldest first. Raises Fault as any reading."""
    rows = store.database.rows(_HOLDS, PaperKind.HOLD)
    return tuple((str(row[0]), str(row[2])) for row in rows if row[3] == ON or not _released(store, row))


def holds(store: "Store", person: str) -> bool:
    """Whether one of them keeps this person."""
    return any(whom in {"", person} for _, whom in standing(store))


def _released(store: "Store", row: tuple[object, ...]) -> bool:
    try:
        return papers.read(store, row).state != ON
    except ValueError:
        return False
