"""What `retention.steps` would drop now, month by month, and what would stay and why; refuses to change anything."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.store import outbox
from kiosk.store.retention import OLD, due_in, kept_in, waiting_in

if TYPE_CHECKING:
    from kiosk.store import Store

# What a sweep that was broken off has left: its keys went first.
_LEFT: Final = "SELECT DISTINCT period FROM bodies WHERE period < ?"


@dataclass(frozen=True, slots=True)
class Month:
    """One month that is past its period.

    Attributes:
        period: "2024-10".
        bodies: sealed records that would go.
        keys: keys that would go, one for each person and the device.
        held: keys that stay because their person is held.
        waiting: keys that stay until headquarters has signed for their records.
    """

    period: str
    bodies: int
    keys: int
    held: int
    waiting: int


def ahead(store: "Store", period: str, held: Collection[str], *, everybody: bool = False) -> tuple[Month, ...]:
    """Look at every month before `period`.

    Args:
        store: open.
        period: the first month that stays, "2024-11".
        held: random ids of people of whom nothing may go.
        everybody: nothing at all may go.
    """
    signed, found = outbox.settled(store), list[Month]()
    with store.database.read():
        months = {row[0] for query in (OLD, _LEFT) for row in store.database.rows(query, period)}
        for month in sorted(months):
            of_month = due_in(store, month, held)
            waiting = waiting_in(store, month).intersection(of_month.keep).difference(held)
            if everybody:
                found.append(Month(month, 0, 0, len(of_month.drop) + len(of_month.keep) - len(waiting), len(waiting)))
                continue
            kept = kept_in(store, month, of_month.keep)
            rows = store.database.rows("SELECT seq FROM bodies WHERE period = ? AND seq <= ?", month, signed)
            going = sum(row[0] not in kept for row in rows)
            found.append(Month(month, going, len(of_month.drop), len(of_month.keep) - len(waiting), len(waiting)))
    return tuple(found)
