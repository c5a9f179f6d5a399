"""The register of files that left the house: to whom, why, until when; refuses to tell anybody what a law forbids.

One paper stands for the file, about nobody, so that it outlives an erasure. Each person concerned has one of their own,
which their answer to an access request shows; where a law forbids telling, there is none until somebody lifts that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import strict
from kiosk.rights.dates import DAY_MS
from kiosk.rights.evidence import Wanted
from kiosk.store import papers
from kiosk.store.acts import LocalKind
from kiosk.store.papers import Paper, PaperKind
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

WRITING: Final = "writing"  # begun; whether the file is there only somebody who looks knows
OUT: Final = "out"
DESTROYED: Final = "destroyed"
TO_TELL: Final = "to_tell"
TOLD: Final = "told"


@dataclass(frozen=True, slots=True)
class Export:
    """One file.

    Attributes:
        wanted: for whom and why.
        medium: id of the medium it was written to.
        receiver: public key (age) it is sealed for.
        first: account of the one who did it.
        second: account of the other.
        file: its name.
        sealed_sha256: of the file, hexadecimal.
        content_sha256: of the evidence within, hexadecimal.
        entries: how many entries of the ledger.
        people: random ids of whom it is about.
    """

    wanted: Wanted = field(repr=False)
    medium: str
    receiver: str
    first: str
    second: str
    file: str
    sealed_sha256: str
    content_sha256: str
    entries: int
    people: tuple[str, ...]

    def spelled(self) -> dict[str, Any]:
        """As the content of a paper."""
        return {"of": "evidence", **strict.plain(self)}

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Export":
        """What was kept. Raises FormatError."""
        if content.get("of") != "evidence":
            raise FormatError("another kind of export")
        return strict.read(cls, {name: value for name, value in content.items() if name != "of"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the register.

    Attributes:
        id: of its paper.
        export: what it is.
        state: WRITING, OUT or DESTROYED.
        at: when it was made, ms UTC.
        expires: when whoever has it must have destroyed it, ms UTC.
        to_tell: how many of the people concerned have not been told yet.
    """

    id: str
    export: Export
    state: str
    at: int
    expires: int
    to_tell: int

    def late(self, now_ms: int) -> bool:
        """Whether it should be gone."""
        return self.state != DESTROYED and self.expires <= now_ms


def begin(store: "Store", content: Mapping[str, Any], days: int, by: str) -> str:
    """Write down that a file is being made, before it is; returns its id. Raises Fault as any writing."""
    due_at = store.now_ms() + days * DAY_MS
    return papers.put(store, PaperKind.EXPORT, content, state=WRITING, due_at=due_at, by=by)


def finish(store: "Store", export_id: str, export: Export, by: str) -> None:
    """Write down that it is there, and who has to be told; one transaction. Raises Fault as any writing."""
    paper = papers.get(store, export_id)
    with store.database.write():
        papers.revise(store, paper, export.spelled(), state=OUT, due_at=paper.due_at, by=by)
        if not export.wanted.not_told:
            _to_tell(store, export_id, export, by)
        store.append_local(
            LocalKind.EXPORTED,
            {"what": "evidence", "paper": export_id, "entries": export.entries, "people": len(export.people)},
        )


def tell_now(store: "Store", export_id: str, by: str) -> int:
    """The law forbids telling no longer: each of the people concerned gets a paper; returns how many.

    Raises:
        Fault: PAPER_UNKNOWN; DESK_REFUSED: they are told already.
    """
    found = one(store, export_id)
    if not found.export.wanted.not_told or _about(store, export_id):
        raise Fault(FaultCode.DESK_REFUSED, "they are told already")
    with store.database.write():
        return _to_tell(store, export_id, found.export, by)


def may_tell(store: "Store", found: Listed) -> bool:
    """Whether the people concerned may hear of it: nothing has forbidden it, or somebody has lifted that."""
    return not found.export.wanted.not_told or bool(_about(store, found.id))


def told(store: "Store", export_id: str, by: str) -> int:
    """The people concerned have been told; returns how many that were. Raises Fault PAPER_UNKNOWN."""
    one(store, export_id)
    waiting = [paper for paper in _about(store, export_id) if paper.state == TO_TELL and paper.content is not None]
    with store.database.write():
        for paper in waiting:
            papers.revise(store, paper, paper.content or {}, state=TOLD, closed=True, by=by)
    return len(waiting)


def destroyed(store: "Store", export_id: str, by: str) -> None:
    """Whoever had it has confirmed that it is gone, or the medium was wiped. Raises Fault PAPER_UNKNOWN."""
    paper = papers.get(store, export_id)
    if paper.kind is not PaperKind.EXPORT or paper.person or paper.content is None or paper.closed_at is not None:
        raise Fault(FaultCode.PAPER_UNKNOWN)
    papers.revise(store, paper, paper.content, state=DESTROYED, due_at=paper.due_at, closed=True, by=by)


def listed(store: "Store") -> tuple[Listed, ...]:
    """The register of evidence, oldest first."""
    found = [each for each in papers.find(store, PaperKind.EXPORT, person="") if _is_ours(each)]
    waiting = [paper for paper in papers.find(store, PaperKind.EXPORT, open_only=True) if paper.person]
    counts = [each.content["export"] for each in waiting if each.content is not None and "export" in each.content]
    return tuple(
        Listed(
            *(each.id, Export.read(each.content or {}), each.state, each.created_at, each.due_at or 0),
            to_tell=counts.count(each.id),
        )
        for each in found
    )


def one(store: "Store", export_id: str) -> Listed:
    """One line of the register. Raises Fault PAPER_UNKNOWN."""
    found = next((each for each in listed(store) if each.id == export_id), None)
    if found is None:
        raise Fault(FaultCode.PAPER_UNKNOWN)
    return found


def _to_tell(store: "Store", export_id: str, export: Export, by: str) -> int:
    demand = export.wanted
    said = {
        "what": "evidence",
        "recipient": demand.requester,
        "export": export_id,
        "ground": demand.ground,
        "cited_law": demand.cited_law,
        "scope": demand.scope.value,
        "first": demand.first,
        "last": demand.last,
    }
    here = {row[0] for row in store.database.rows("SELECT id FROM people")}
    known = [person for person in export.people if person in here]
    for person in known:
        papers.put(store, PaperKind.EXPORT, said, state=TO_TELL, person=person, by=by)
    return len(known)


def _about(store: "Store", export_id: str) -> list[Paper]:
    return [
        paper
        for paper in papers.find(store, PaperKind.EXPORT)
        if paper.person and paper.content is not None and paper.content.get("export") == export_id
    ]


def _is_ours(paper: Paper) -> bool:
    return paper.content is not None and paper.content.get("of") == "evidence"
