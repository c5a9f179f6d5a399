"""Who has received what was corrected, and whether they have confirmed it; refuses to take a delivery for a signature.

GDPR Article 19: each recipient is told. The papers have the form that `kiosk privacy recipients` reads.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from kiosk.rights.company import Company, Recipient
from kiosk.rights.purposes import Purpose
from kiosk.store import outbox, papers
from kiosk.store.papers import Paper, PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store

ABOUT: Final = "rectification"
HEADQUARTERS: Final = Recipient("headquarters", "employer", host="headquarters")
"""Who the device delivers to where privacy.toml names nobody."""
PERSONNEL: Final = "HR"
"""Who keeps the list that a roster comes from."""


class Told(StrEnum):
    """How far a recipient is; the state of its paper."""

    TO_TELL = "to_tell"
    TOLD = "told"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Telling:
    """One recipient: how far they are, and since when (ms UTC)."""

    paper: str
    recipient: str
    state: str
    changed_at: int


def tell(store: "Store", company: Company, matter: str, *, by: str) -> None:
    """File a paper for each recipient of attendance; inside a `write` block part of it.

    Whom sync reaches is told by the amendment that goes there; the others must be told by a human.
    """
    for each in recipients(company):
        _file(store, each.name, matter, Told.TOLD if each.host else Told.TO_TELL, by)


def tell_personnel(store: "Store", matter: str, *, by: str) -> None:
    """A human must have it corrected where the list of people comes from."""
    _file(store, PERSONNEL, matter, Told.TO_TELL, by)


def recipients(company: Company) -> tuple[Recipient, ...]:
    """Who receives attendance."""
    found = [each for each in company.recipients if Purpose.ATTENDANCE in each.purposes or not each.purposes]
    return tuple(found) or (HEADQUARTERS,)


def unconfirmed(store: "Store", company: Company) -> dict[str, Paper]:
    """The paper of the one recipient whom sync reaches, by matter, where nobody has signed yet.

    Where sync reaches several, a signature does not say whose word it is for the others: a human closes those.
    """
    reached = {each.name for each in recipients(company) if each.host}
    found = papers.find(store, PaperKind.RECIPIENT, person="", open_only=True) if len(reached) == 1 else ()
    return {
        str(content["subject"]): paper
        for paper in found
        if (content := _content(paper)).get("about") == ABOUT
        and paper.state == Told.TOLD
        and content["recipient"] in reached
    }


def confirm(store: "Store", paper: Paper, events: Collection[str]) -> None:
    """Close a paper once headquarters has signed for every amendment. Raises Fault as any writing of the store."""
    seqs = [store.database.row("SELECT seq FROM bodies WHERE event_id = ?", each) for each in events]
    signed = outbox.countersigned(store)
    if seqs and all(row is not None and row[0] <= signed for row in seqs):
        papers.revise(store, paper, _content(paper), state=Told.CONFIRMED, closed=True)


def tellings(store: "Store", matter: str) -> tuple[Telling, ...]:
    """Who was told of one matter, oldest first."""
    found = _of(store, matter)
    return tuple(Telling(each.id, str(_content(each)["recipient"]), each.state, each.changed_at) for each in found)


def _file(store: "Store", recipient: str, matter: str, state: Told, by: str) -> None:
    content = {"recipient": recipient, "about": ABOUT, "subject": matter, "reason": ""}
    papers.put(store, PaperKind.RECIPIENT, content, state=state, by=by)


def _of(store: "Store", matter: str) -> tuple[Paper, ...]:
    found = papers.find(store, PaperKind.RECIPIENT, person="")
    return tuple(each for each in found if _content(each).get("subject") == matter)


def _content(paper: Paper) -> dict[str, Any]:
    return dict(paper.content or {})
