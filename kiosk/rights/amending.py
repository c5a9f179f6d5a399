"""Which amendments make an act count as a human has decided; pure, and refuses to rewrite anything."""

from dataclasses import dataclass

from kiosk.rights.dates import DAY_MS
from kiosk.store.ledger import month
from kiosk.store.standing import Standing
from wire.event import Action, Decision


@dataclass(frozen=True, slots=True)
class Change:
    """One amendment to be: what it refers to ("" where it adds), what it says, and what counts; `at`: ms UTC."""

    refers_to: str
    decision: Decision
    action: Action
    at: int


def corrected(standing: Standing, action: Action | None, at: int | None) -> tuple[Change, ...]:
    """Let an act count as another action, at another time (ms UTC), or both; None leaves it as it stands.

    An amendment lies in the ledger under the month of its time, and so under that of the act it is about: what moves to
    another month, or by more than a day from where the door logged it, is annulled there and added here.
    """
    action, at = standing.action if action is None else action, standing.at if at is None else at
    root = standing.event.event_id
    if month(at) != month(standing.at) or abs(at - standing.event.occurred_at) > DAY_MS:
        return (annulled(standing), added(action, at))
    if at != standing.at:
        return (Change(root, Decision.TIME, action, at),)
    return (Change(root, Decision.ACTION if action is not standing.action else Decision.CONFIRMED, action, at),)


def annulled(standing: Standing) -> Change:
    """Let an act count no more."""
    return Change(standing.event.event_id, Decision.ANNULLED, standing.action, standing.at)


def confirmed(standing: Standing) -> Change:
    """Let an act count as it stands."""
    return Change(standing.event.event_id, Decision.CONFIRMED, standing.action, standing.at)


def added(action: Action, at: int) -> Change:
    """Let an act count that no entry says."""
    return Change("", Decision.ADDED, action, at)
