"""Whether a legal hold keeps a person; refuses to look into why."""

from typing import TYPE_CHECKING

from kiosk.faults import Fault, FaultCode
from kiosk.store import holding

if TYPE_CHECKING:
    from kiosk.store import Store


def let_go(store: "Store", person: str | None = None) -> None:
    """Raises Fault LEGAL_HOLD: nothing of this person, or of everybody, may be erased now (GDPR Article 17(3)(e)).

    Args:
        store: open.
        person: random id; None: everybody is to go, so that any hold counts.
    """
    for paper, whom in holding.standing(store):
        if person is None or whom in {"", person}:
            raise Fault(FaultCode.LEGAL_HOLD, f"paper {paper}")
