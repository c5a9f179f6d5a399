"""Files what happened once and is done with: its period runs from that moment; refuses to leave it open for ever."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kiosk.store import papers

if TYPE_CHECKING:
    from kiosk.store import Store
    from kiosk.store.papers import PaperKind


def file(  # noqa: PLR0913 - the plain columns, by keyword
    store: "Store", kind: "PaperKind", content: Mapping[str, Any], *, state: str, due_at: int | None = None, by: str
) -> str:
    """File a paper about nobody and close it, as one transaction; returns its id. Raises as `papers.put`."""
    with store.database.write():
        found = papers.put(store, kind, content, state=state, due_at=due_at, by=by)
        papers.revise(store, papers.get(store, found), content, state=state, due_at=due_at, closed=True, by=by)
    return found
