"""A person's own acts month by month, each with where it is: sent, waiting or held; refuses anybody else's.

For a screen, which shows a month at a time; the whole is in the copy (`own_entries`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault
from kiosk.rights import own_acts, rectification
from kiosk.rights.correction import OPEN, Doubted, Wrong
from kiosk.store import held
from kiosk.store.ledger import month as month_of
from kiosk.store.standing import Standing

if TYPE_CHECKING:
    from kiosk.store import Store

_PERIODS: Final = "SELECT period FROM keys WHERE kind = 'record' AND person = ? ORDER BY period"
_WAITING: Final = "SELECT b.event_id FROM undelivered u JOIN bodies b ON b.seq = u.seq WHERE u.person = ?"


class Where(StrEnum):
    """Where an act is."""

    SENT = "sent"
    WAITS = "waits"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Own:
    """One act: how it stands, where it is, and whether its person has asked about it and waits for an answer."""

    standing: Standing
    where: Where
    asked: bool


def periods(store: "Store", person: str) -> tuple[str, ...]:
    """The months ("2026-11", UTC) in which there is something, oldest first."""
    kept = {row[0] for row in store.database.rows(_PERIODS, person)}
    return tuple(sorted(kept | {month_of(each.occurred_at) for each in held.events(store, person)}))


def in_month(store: "Store", person: str, period: str) -> tuple[Own, ...]:
    """The acts of a month, newest first. Raises Fault as any reading."""
    waiting = {row[0] for row in store.database.rows(_WAITING, person)}
    kept = {each.event_id for each in held.events(store, person)}
    asked = _asked(store, person)
    found = sorted(own_acts.in_month(store, person, period), key=lambda each: each.at, reverse=True)
    return tuple(Own(each, _where(each.event.event_id, waiting, kept), each.event.event_id in asked) for each in found)


def _where(event_id: str, waiting: set[str], kept: set[str]) -> Where:
    if event_id in kept:
        return Where.HELD
    return Where.WAITS if event_id in waiting else Where.SENT


def _asked(store: "Store", person: str) -> frozenset[str]:
    """Ids of the entries about which something is open."""
    found: set[str] = set()
    for each in rectification.every(store, person=person):
        if each.state != OPEN or each.matter is None:
            continue
        match each.matter.subject:
            case Wrong(event) | Doubted(event):
                try:
                    found.add(own_acts.one(store, person, event).event.event_id)
                except Fault:  # the entry is kept no more
                    continue
            case _:
                continue
    return frozenset(found)
