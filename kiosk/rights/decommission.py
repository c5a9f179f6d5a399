"""What is still open when a device is to go out of use (policy E24); refuses to let it go unseen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store.database import StoreDatabase

_OPEN: Final = "SELECT count(*) FROM papers WHERE kind = ? AND closed_at IS NULL"
_UNDELIVERED: Final = "SELECT count(*) FROM undelivered"


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What is open; needs no key to be counted.

    Attributes:
        requests: of people, that nobody has answered.
        holds: under which nothing may be erased.
        cases: of a breach, that are not closed.
        undelivered: attendance records that headquarters has not signed for.
    """

    requests: int
    holds: int
    cases: int
    undelivered: int

    @property
    def forbids(self) -> bool:
        """Whether somebody has to say that they know of it: attendance has its own rule (`--hand-over`)."""
        return bool(self.requests or self.holds or self.cases)


def outstanding(database: "StoreDatabase") -> Outstanding:
    """Count it. Raises Fault as any reading of the store."""

    def number(sql: str, *values: str) -> int:
        row = database.row(sql, *values)
        return 0 if row is None else int(row[0])

    with database.read():
        requests, holds, cases = (number(_OPEN, kind) for kind in (PaperKind.REQUEST, PaperKind.HOLD, PaperKind.CASE))
        return Outstanding(requests, holds, cases, number(_UNDELIVERED))
