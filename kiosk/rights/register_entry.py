"""How a matter of correction or review stands in the desk's register of requests; refuses to leave out who asked.

The register is one for all rights (policy E13): `kiosk privacy requests` reads these papers.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.faults import Fault, FaultCode
from kiosk.rights import request_codec
from kiosk.rights.company import Clocks
from kiosk.rights.requests import Answered, How, Identity, Outcome, RefusalGround, Refused, Request, Right, due
from kiosk.store import papers
from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store


def enter(  # noqa: PLR0913 - what a request is
    store: "Store", person: str, right: Right, text: str, clocks: Clocks, *, how: How, identity: Identity
) -> tuple[str, int]:
    """File the request; inside a `write` block part of it.

    Returns:
        Id of its paper, and by when it is answered, ms UTC.
    """
    request = Request(right, how, text, store.now_ms(), identity=identity)
    content, due_at = request_codec.encode(request), due(request.received_at, clocks)
    return papers.put(
        store, PaperKind.REQUEST, content, state=request.state, person=person, due_at=due_at, by=identity.by
    ), due_at


def close_answered(store: "Store", request: str, account: str) -> None:
    """The request is answered; inside a `write` block part of it. Raises Fault PAPER_UNKNOWN, PAPER_CHANGED."""
    _close(store, request, Answered("", "", store.now_ms(), account))


def close_refused(store: "Store", request: str, reason: str, account: str) -> None:
    """The request is refused, for the entry is right as it stands; raises as `close_answered`."""
    _close(store, request, Refused(RefusalGround.ACCURATE, reason, "", store.now_ms(), account))


def _close(store: "Store", request: str, outcome: Outcome) -> None:
    paper = papers.get(store, request)
    if paper.content is None:
        raise Fault(FaultCode.PAPER_CHANGED, f"paper {request}")
    ended = replace(request_codec.decode(paper.content), outcome=outcome)
    content = request_codec.encode(ended)
    papers.revise(store, paper, content, state=ended.state, due_at=paper.due_at, closed=True, by=outcome.by)
