"""Which legal holds stand, and whom they keep; refuses to need a key, or to look into why.

They are read by the plain columns of their papers, so that a damaged one goes on holding. What a hold says, and who
places and releases it, is for kiosk/rights/holds.py.
"""

from typing import TYPE_CHECKING, Final

from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store.database import StoreDatabase

ON: Final = "on"
EVERYBODY: Final = ""


def standing(database: "StoreDatabase") -> tuple[tuple[str, str], ...]:
    """Id of the paper and random id of the person (or EVERYBODY) of each hold that stands, oldest first."""
    rows = database.rows(
        "SELECT id, person FROM papers WHERE kind = ? AND state = ? ORDER BY rowid", PaperKind.HOLD, ON
    )
    return tuple((str(paper), str(person)) for paper, person in rows)


def keeping(database: "StoreDatabase", person: str | None = None) -> str | None:
    """The id of a hold that keeps this person; None without one.

    Args:
        database: open.
        person: random id; None: everybody is to go, so that any hold counts.
    """
    return next((paper for paper, whom in standing(database) if person is None or whom in {EVERYBODY, person}), None)
