"""What a person asks for at the touchscreen, known by two of face, badge, code and PIN; refuses a sixth open one.

Nobody at the desk stands between: each goes into the officer's register with its clock (policy E13). What the kiosk can
do by itself, taking a consent back, it does at once.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import consents, rectification, request_acts, request_codec
from kiosk.rights.company import Clocks, Company
from kiosk.rights.correction import Subject
from kiosk.rights.rectification import Asked
from kiosk.rights.request_acts import Arrival
from kiosk.rights.requests import Answered, ByPin, ErasureGround, Filed, How, Right
from kiosk.store import papers
from kiosk.store.basis import Condition
from kiosk.store.erasure_rows import has_face

if TYPE_CHECKING:
    from kiosk.store import Store

MOST_OPEN: Final = 5
"""So many requests for one right may a person have open; whoever needs more talks to the officer."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A consent that was taken back: the request in the register, and the proof that the face is gone.

    Attributes:
        request: id of the request.
        certificate: id of the certificate, which stands in `certificates` of the data directory.
        digest: SHA-256 of that file, 64 hexadecimal digits.
        at: ms UTC.
    """

    request: str
    certificate: str
    digest: str
    at: int


def is_full(found: Iterable[Filed], right: Right) -> bool:
    """Whether no more of this kind can be asked for before one is answered."""
    return sum(_open(each, right) for each in found) >= MOST_OPEN


def ask(  # noqa: PLR0913 - what a request is
    store: "Store", person: str, right: Right, clocks: Clocks, *, text: str = "", ground: ErasureGround | None = None
) -> Filed:
    """File a request of somebody who stands at the kiosk and is known.

    Raises:
        Fault: REQUEST_LIMIT: five of this kind are open; as `request_acts.file`.
    """
    with store.database.write():
        _room(store, person, right)
        return _filed(store, person, right, clocks, text, ground)


def ask_correction(store: "Store", person: str, subject: Subject, text: str, company: Company) -> rectification.Filed:
    """Ask for a correction, or for a human to look at an entry. Raises Fault REQUEST_LIMIT; as `rectification.ask`."""
    right = rectification.right_of(subject)
    asked = Asked(text, How.KIOSK, ByPin(store.now_ms(), ""))
    with store.database.write():
        _room(store, person, right)
        return rectification.ask(store, person, subject, asked, company)


def may_take_back(store: "Store", person: str) -> bool:
    """Whether there is a face here that rests on a consent, or on nothing that anybody can read."""
    if not has_face(store.database, person):
        return False
    try:
        return not isinstance(store.basis.ground_of(person), Condition)
    except (ValueError, Fault):
        return True


def take_back(store: "Store", person: str, clocks: Clocks) -> TakenBack:
    """Take the consent back, at once and without a limit: the face is erased, with a certificate; the PIN goes on.

    The request is open until the erasure is proved: one that has to be gone on with is seen by the officer.

    Raises:
        Fault: CONSENT_MISSING: there is none to take back; as `consents.withdraw`.
    """
    if not may_take_back(store, person):
        raise Fault(FaultCode.CONSENT_MISSING)
    filed = _filed(store, person, Right.WITHDRAWAL, clocks, "", None)
    erasure = consents.withdraw(store, person)
    certificate, digest = "", ""
    if erasure is not None and erasure.certificate is not None:
        certificate, digest = erasure.id, hashlib.sha256(erasure.certificate.read_bytes()).hexdigest()
    now = store.now_ms()
    _answered(store, filed, Answered("", certificate, now, ""))
    return TakenBack(filed.id, certificate, digest, now)


def _filed(  # noqa: PLR0913, PLR0917 - what a request is
    store: "Store", person: str, right: Right, clocks: Clocks, text: str, ground: ErasureGround | None
) -> Filed:
    arrival = Arrival(right, How.KIOSK, text, None, ground)
    return request_acts.file(store, person, arrival, clocks, identity=ByPin(store.now_ms(), ""))


def _answered(store: "Store", filed: Filed, answered: Answered) -> None:
    paper = papers.get(store, filed.id)
    if filed.request is None:
        raise Fault(FaultCode.PAPER_CHANGED, f"paper {filed.id}")
    ended = replace(filed.request, outcome=answered)
    content = request_codec.encode(ended)
    papers.revise(store, paper, content, state=ended.state, due_at=paper.due_at, closed=True)


def _room(store: "Store", person: str, right: Right) -> None:
    if is_full(request_acts.every(store, person=person), right):
        raise Fault(FaultCode.REQUEST_LIMIT, right)


def _open(filed: Filed, right: Right) -> bool:
    return filed.closed_at is None and filed.request is not None and filed.request.right is right
