"""Whether a legal hold keeps a person; refuses to look into why."""

from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store

ON: Final = "on"


def let_go(store: "Store", person: str | None = None) -> None:
    """Raises Fault LEGAL_HOLD: nothing of this person, or of everybody, may be erased now (GDPR Article 17(3)(e)).

    Args:
        store: open.
        person: random id; None: everybody is to go, so that any hold counts.
    """
    rows = store.database.rows("SELECT id, person FROM papers WHERE kind = ? AND state = ?", PaperKind.HOLD, ON)
    for paper, whom in rows:  # by the plain columns, so that a damaged paper goes on holding
        if person is None or whom in {"", person}:
            raise Fault(FaultCode.LEGAL_HOLD, f"paper {paper}")
