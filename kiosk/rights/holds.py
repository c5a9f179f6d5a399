"""Legal holds: nothing of this person, or of everybody, may be swept or erased; refuses a hold without a ground.

GDPR Articles 17(3)(e) and 18(1)(c); UU PDP 27/2022 Article 44(1)(c). A hold ends when the officer releases it, never
by itself: at its review date it is shown as due.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import legal_holds, papers
from kiosk.store.legal_holds import EVERYBODY, ON
from kiosk.store.papers import Paper, PaperKind
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

OFF: Final = "off"
TEXT_MOST: Final = 2_000
_FIELDS: Final = frozenset({"ground", "by", "released", "released_by"})


@dataclass(frozen=True, slots=True)
class Hold:
    """What a hold says.

    Attributes:
        ground: the dispute or the proceedings, 1 to 2,000 characters.
        by: account that placed it.
        released: why it was ended; "" while it stands.
        released_by: account that ended it.
    """

    ground: str = field(repr=False)
    by: str
    released: str = field(default="", repr=False)
    released_by: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Whom the holds protect.

    Attributes:
        everybody: whether nothing at all may go.
        people: random ids of those of whom nothing may go.
        standing: how many holds there are.
    """

    everybody: bool
    people: frozenset[str]
    standing: int

    def covers(self, person: str) -> bool:
        """Whether nothing of this person may go; "" for what is about nobody."""
        return self.everybody or person in self.people


def encode(hold: Hold) -> dict[str, Any]:
    """The content of its paper."""
    return {"ground": hold.ground, "by": hold.by, "released": hold.released, "released_by": hold.released_by}


def decode(content: Mapping[str, Any]) -> Hold:
    """Read the content of a paper. Raises FormatError."""
    if content.keys() != _FIELDS or not all(isinstance(value, str) for value in content.values()):
        raise FormatError("not a hold")
    return Hold(**content)


def held(store: "Store") -> Held:
    """Whom the holds protect."""
    people = [person for _, person in legal_holds.standing(store)]
    return Held(EVERYBODY in people, frozenset(people) - {EVERYBODY}, len(people))


def let_go(store: "Store", person: str | None = None) -> None:
    """Raises Fault LEGAL_HOLD: this person may not be erased now (GDPR Article 17(3)(e)).

    A face is not asked about: it goes with its consent, or with an objection that holds, whatever is held
    (docs/requests.md).

    Args:
        store: open.
        person: random id; None: everybody is to go, so that any hold counts.
    """
    if (paper := legal_holds.keeping(store, person)) is not None:
        raise Fault(FaultCode.LEGAL_HOLD, f"paper {paper}")


def place(store: "Store", person: str, ground: str, review_at: int, by: str) -> str:
    """Hold everything of a person, or of everybody (""), until somebody looks at it again; returns the paper's id.

    Raises:
        Fault: PERSON_UNKNOWN; DESK_REFUSED: no ground, or a review that lies in the past; DISK_FULL, DISK_FAILED.
    """
    if review_at <= store.now_ms():
        raise Fault(FaultCode.DESK_REFUSED, "the review must lie ahead")
    content = encode(Hold(_said(ground), by))
    return papers.put(store, PaperKind.HOLD, content, state=ON, person=person, due_at=review_at, by=by)


def release(store: "Store", paper_id: str, why: str, by: str) -> None:
    """End a hold.

    Raises:
        Fault: PAPER_UNKNOWN: no hold that stands; DESK_REFUSED: no reason; PAPER_CHANGED, DISK_FULL, DISK_FAILED.
    """
    paper = papers.get(store, paper_id)
    if paper.kind is not PaperKind.HOLD or paper.state != ON or paper.content is None:
        raise Fault(FaultCode.PAPER_UNKNOWN, paper_id)
    old = decode(paper.content)
    content = encode(Hold(old.ground, old.by, _said(why), by))
    papers.revise(store, paper, content, state=OFF, closed=True, by=by)


def every(store: "Store") -> tuple[tuple[Paper, Hold], ...]:
    """The holds that can be read, oldest first, also those that have ended."""
    return tuple(
        (paper, decode(paper.content)) for paper in papers.find(store, PaperKind.HOLD) if paper.content is not None
    )


def _said(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= TEXT_MOST:
        raise Fault(FaultCode.DESK_REFUSED, f"a reason of 1 to {TEXT_MOST} characters")
    return text
