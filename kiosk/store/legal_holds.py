"""Which legal holds stand, and whom they keep; refuses to let one end but by its release.

Altered, damaged or emptied, a hold goes on holding. What it says, and who places and releases it, is for
kiosk/rights/holds.py.
"""

from typing import TYPE_CHECKING, Final

from kiosk.store import papers
from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store

ON: Final = "on"
EVERYBODY: Final = ""
_HOLDS: Final = f"SELECT {papers.COLUMNS} FROM papers WHERE kind = ? ORDER BY rowid"  # noqa: S608 - our own text


def standing(store: "Store") -> tuple[tuple[str, str], ...]:
    """Id of the paper and random id of the person (or EVERYBODY) of each hold that stands, oldest first."""
    rows = store.database.rows(_HOLDS, PaperKind.HOLD)
    return tuple((str(row[0]), str(row[2])) for row in rows if row[3] == ON or not _released(store, row))


def keeping(store: "Store", person: str | None = None) -> str | None:
    """The id of a hold that keeps this person; None without one.

    Args:
        store: open.
        person: random id; None: everybody is to go, so that any hold counts.
    """
    return next((paper for paper, whom in standing(store) if person is None or whom in {EVERYBODY, person}), None)


def _released(store: "Store", row: tuple[object, ...]) -> bool:
    try:
        return papers.read(store, row).state != ON
    except ValueError:
        return False
