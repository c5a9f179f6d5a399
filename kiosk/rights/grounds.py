"""Other grounds than consent on which a face may be kept, as the officer records them; refuses one without its law.

GDPR Article 9(2)(b) and (g), policy E4.2. The condition is filed about one person; the face that is enrolled on it
hangs on it: when it is withdrawn, the face is erased.
"""

from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights.purposes import FaceCondition
from kiosk.store import Store, papers
from kiosk.store.basis import LONGEST_LAW, Condition
from kiosk.store.erasure import Erasure, begin_erasure, erase_face
from kiosk.store.intents import IntentKind
from kiosk.store.papers import Paper, PaperKind
from wire import canonical

IN_FORCE: Final = "in_force"
WITHDRAWN: Final = "withdrawn"
_SHAPE: Final = {"purpose": str, "condition": str, "law": str, "officer": str, "recorded_at": int}


def record(store: Store, person_id: str, condition: FaceCondition, law: str, *, by: str) -> str:
    """File a condition about a person; returns the id of the paper.

    Args:
        store: open.
        person_id: random id.
        condition: any but explicit consent, which a person gives themselves.
        law: the law or agreement with its article, 1 to 1,000 characters.
        by: the officer's account.

    Raises:
        Fault: PERSON_UNKNOWN; FACE_OF_A_MINOR; REQUEST_REFUSED: consent, or no law.
    """
    if condition is FaceCondition.EXPLICIT_CONSENT:
        raise Fault(FaultCode.REQUEST_REFUSED, "consent is given by the person: kiosk people enrol")
    if not 1 <= len(law.strip()) <= LONGEST_LAW:
        raise Fault(FaultCode.REQUEST_REFUSED, f"cite the law, in 1 to {LONGEST_LAW} characters")
    if store.people.get(person_id).minor:
        raise Fault(FaultCode.FACE_OF_A_MINOR)
    content = {
        "purpose": "face_recognition",
        "condition": condition.value,
        "law": law.strip(),
        "officer": by,
        "recorded_at": store.now_ms(),
    }
    return papers.put(store, PaperKind.BASIS, content, state=IN_FORCE, person=person_id, by=by)


def ground(store: Store, paper_id: str, person_id: str) -> Condition:
    """A condition as the ground of an enrolment.

    Raises:
        Fault: PAPER_UNKNOWN; CONSENT_MISSING: it was withdrawn, or is about somebody else.
    """
    paper = _recorded(store, paper_id)
    if paper.state != IN_FORCE or paper.person != person_id:
        raise Fault(FaultCode.CONSENT_MISSING, "this condition does not hold for this person")
    found = canonical.fields(dict(paper.content or {}), _SHAPE)
    return Condition(found["condition"], found["law"], found["officer"], paper_id, found["recorded_at"])


def withdraw(store: Store, paper_id: str, *, by: str) -> Erasure | None:
    """End a condition; the face that hangs on it is erased. Returns the erasure, or None if there was no such face.

    Raises:
        Fault: PAPER_UNKNOWN; REQUEST_REFUSED: it is withdrawn already; what `erase_face` raises.
    """
    paper = _recorded(store, paper_id)
    if paper.state != IN_FORCE:
        raise Fault(FaultCode.REQUEST_REFUSED, "it is withdrawn already")
    held = store.basis.ground_of(paper.person)
    mine = isinstance(held, Condition) and held.paper == paper_id
    with store.database.write():
        papers.revise(store, paper, paper.content or {}, state=WITHDRAWN, closed=True, by=by)
        if mine and store.intents.find(IntentKind.ERASE_FACE, paper.person) is None:
            begin_erasure(store, IntentKind.ERASE_FACE, paper.person)
    return erase_face(store, paper.person) if mine else None


def _recorded(store: Store, paper_id: str) -> Paper:
    paper = papers.get(store, paper_id)
    if paper.kind is not PaperKind.BASIS or paper.content is None or "condition" not in paper.content:
        raise Fault(FaultCode.PAPER_UNKNOWN, paper_id)
    return paper
