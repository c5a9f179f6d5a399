"""How a matter of correction or review stands in the desk's register of requests; refuses to leave out who asked.

The register is one for all rights (policy E13): `kiosk privacy requests` reads these papers.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kiosk.rights.company import Clocks
from kiosk.rights.dates import HOUR_MS
from kiosk.store import papers
from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store


class Right(StrEnum):
    """Which right is asked for."""

    RECTIFICATION = "rectification"  # GDPR Article 16
    HUMAN_REVIEW = "human_review"  # GDPR Article 22(3)


def identity_by_pin(at: int) -> dict[str, Any]:
    """The person has typed their PIN at `at` (ms UTC)."""
    return {"how": "pin", "at": at, "by": ""}


def identity_by_sight(document: str, at: int, account: str) -> dict[str, Any]:
    """An account has seen this kind of document; its number is written down nowhere."""
    return {"how": "document", "document": document, "at": at, "by": account}


def enter(  # noqa: PLR0913 - what a request is
    store: "Store",
    person: str,
    right: Right,
    text: str,
    clocks: Clocks,
    *,
    how: str,
    identity: Mapping[str, Any],
) -> tuple[str, int]:
    """File the request; inside a `write` block part of it.

    Returns:
        Id of its paper, and by when it is answered, ms UTC.
    """
    now = store.now_ms()
    due_at = now + clocks.request_hours * HOUR_MS
    content = {
        "right": right.value,
        "how": how,
        "text": text,
        "received_at": now,
        "ground": "",
        "identity": dict(identity),
        "extended": None,
        "fee": None,
        "answer": None,
    }
    by = str(identity["by"])
    paper = papers.put(store, PaperKind.REQUEST, content, state="identified", person=person, due_at=due_at, by=by)
    return paper, due_at


def close_answered(store: "Store", request: str, account: str) -> None:
    """The request is answered; inside a `write` block part of it. Raises Fault PAPER_UNKNOWN, PAPER_CHANGED."""
    said = {"outcome": "answered", "note": "", "certificate": "", "at": store.now_ms(), "by": account}
    _close(store, request, "answered", said, account)


def close_refused(store: "Store", request: str, reason: str, account: str) -> None:
    """The request is refused, for the entry is right as it stands; raises as `close_answered`."""
    said = {"outcome": "refused", "ground": "accurate", "reason": reason, "law": ""}
    _close(store, request, "refused", {**said, "at": store.now_ms(), "by": account}, account)


def _close(store: "Store", request: str, state: str, outcome: Mapping[str, Any], account: str) -> None:
    paper = papers.get(store, request)
    content = {**(paper.content or {}), "answer": dict(outcome)}
    papers.revise(store, paper, content, state=state, due_at=paper.due_at, closed=True, by=account)
