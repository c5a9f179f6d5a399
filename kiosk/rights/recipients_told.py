"""Who is told of an erasure or a correction, and whether they have confirmed it; refuses to give up without a reason.

GDPR Articles 17(2) and 19: each recipient is told unless that is impossible or takes a disproportionate effort.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights.company import Recipient
from kiosk.store import papers
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.papers import Paper, PaperKind
from wire import canonical
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store


class Told(StrEnum):
    """How far a recipient is; the state of its paper."""

    TO_TELL = "to_tell"
    TOLD = "told"
    CONFIRMED = "confirmed"
    DISPROPORTIONATE = "disproportionate"


OPEN: Final = frozenset({Told.TO_TELL, Told.TOLD})


@dataclass(frozen=True, slots=True)
class Telling:
    """One recipient and one matter; it stands apart from the person, for it outlives them.

    Attributes:
        id: of its paper; "" before it is filed.
        recipient: name in privacy.toml.
        about: "erasure", "rectification", "restriction".
        subject: id of the certificate or of the request.
        state: how far it is.
        changed_at: since when, ms UTC.
        reason: why telling was given up.
    """

    id: str
    recipient: str
    about: str
    subject: str
    state: Told
    changed_at: int
    reason: str = field(default="", repr=False)


_SHAPE: Final[dict[str, type | tuple[type, ...]]] = {"recipient": str, "about": str, "subject": str, "reason": str}


def tell(store: "Store", recipients: Iterable[Recipient], about: str, subject: str, *, by: str) -> tuple[Telling, ...]:
    """File a paper for each recipient; whom sync reaches is told by what goes there, the others by a human.

    Raises what the store raises; inside a `write` block part of it.
    """
    found: list[Telling] = []
    for recipient in recipients:
        state = Told.TOLD if recipient.host else Told.TO_TELL
        telling = Telling("", recipient.name, about, subject, state, store.now_ms())
        paper = papers.put(store, PaperKind.RECIPIENT, _content(telling), state=state, by=by)
        found.append(replace(telling, id=paper))
    return tuple(found)


def every(store: "Store") -> tuple[Telling, ...]:
    """Who was told what, oldest first; papers of this kind about something else are passed over."""
    found = (_telling(paper) for paper in papers.find(store, PaperKind.RECIPIENT, person=""))
    return tuple(each for each in found if each is not None)


def get(store: "Store", telling_id: str) -> Telling:
    """One of them. Raises Fault PAPER_UNKNOWN, also for a paper of another kind."""
    paper = papers.get(store, telling_id)
    telling = _telling(paper) if paper.kind is PaperKind.RECIPIENT else None
    if telling is None:
        raise Fault(FaultCode.PAPER_UNKNOWN, telling_id)
    return telling


def settle(store: "Store", telling_id: str, state: Told, login: LoggedIn, *, reason: str = "") -> Telling:
    """Write down that a recipient was told or has confirmed, or that telling takes too much.

    Raises:
        Fault: DESK_REFUSED; REQUEST_REFUSED: it is closed, or given up without a reason; PAPER_UNKNOWN, PAPER_CHANGED.
    """
    if login.role is not Role.DPO:
        raise Fault(FaultCode.DESK_REFUSED, "for dpo")
    paper, telling = papers.get(store, telling_id), get(store, telling_id)
    if telling.state not in OPEN or state is Told.TO_TELL:
        raise Fault(FaultCode.REQUEST_REFUSED, "it is closed")
    if (state is Told.DISPROPORTIONATE) != bool(reason.strip()):
        raise Fault(FaultCode.REQUEST_REFUSED, "a reason belongs to what is given up, and to nothing else")
    settled = replace(telling, state=state, changed_at=store.now_ms(), reason=reason.strip())
    _revise(store, paper, settled, by=login.account)
    return settled


def confirm(store: "Store", telling: Telling) -> None:
    """Close it, for the recipient has signed. Raises Fault PAPER_UNKNOWN, PAPER_CHANGED, as any writing."""
    _revise(store, papers.get(store, telling.id), replace(telling, state=Told.CONFIRMED), by="")


def _revise(store: "Store", paper: Paper, settled: Telling, *, by: str) -> None:
    closed = settled.state not in OPEN
    papers.revise(store, paper, _content(settled), state=settled.state, closed=closed, by=by)


def _content(telling: Telling) -> dict[str, str]:
    return {name: getattr(telling, name) for name in _SHAPE}


def _telling(paper: Paper) -> Telling | None:
    try:
        found: dict[str, Any] = canonical.fields(dict(paper.content or {}), _SHAPE)
        return Telling(id=paper.id, state=Told(paper.state), changed_at=paper.changed_at, **found)
    except (FormatError, ValueError):
        return None
