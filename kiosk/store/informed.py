"""Who was given the notice, and who was not yet; refuses to forget the first time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode

if TYPE_CHECKING:
    from kiosk.store import Store

# The first record key of a person is made with their first entry of attendance.
_WAITING: Final = (
    "SELECT p.id, p.source, p.created_at,"
    " (SELECT min(k.created_at) FROM keys k WHERE k.kind = 'record' AND k.person = p.id)"
    " FROM people p WHERE p.informed_at IS NULL AND p.state <> 'left' ORDER BY p.created_at, p.rowid"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who has had no notice.

    Attributes:
        person: random id.
        source: who told this device of them, "roster" or "admin".
        told_at: when, ms UTC.
        came_at: when they first used this device, as far as it remembers, ms UTC; None: they have not.
    """

    person: str
    source: str
    told_at: int
    came_at: int | None


def waiting(store: "Store") -> tuple[Waiting, ...]:
    """Everybody who was not informed, the longest known first; not those who have left."""
    return tuple(Waiting(*row) for row in store.database.rows(_WAITING))


def inform(store: "Store", person: str, at: int) -> None:
    """Write down that a person was given the notice (ms UTC), inside the transaction; the first time stays.

    Raises:
        Fault: PERSON_UNKNOWN.
    """
    if not store.database.run("UPDATE people SET informed_at = coalesce(informed_at, ?2) WHERE id = ?1", person, at):
        raise Fault(FaultCode.PERSON_UNKNOWN)
