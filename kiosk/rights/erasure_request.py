"""An erasure that answers a request: both in one commit, before the person goes; refuses one without the other."""

from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import holds, recipients_told, request_acts
from kiosk.rights.company import Company
from kiosk.rights.requests import Right
from kiosk.store.approval import LoggedIn
from kiosk.store.erasure import begin_erasure
from kiosk.store.erasure_proof import alone
from kiosk.store.erasure_rows import has_face
from kiosk.store.intents import IntentKind

if TYPE_CHECKING:
    from kiosk.store import Store

_ANSWERS: Final = {
    IntentKind.ERASE_PERSON: frozenset({Right.ERASURE}),
    IntentKind.ERASE_FACE: frozenset({Right.ERASURE, Right.WITHDRAWAL, Right.OBJECTION}),
}


def begin(  # noqa: PLR0913, PLR0917 - who erases what, for whom, on whose request
    store: "Store", person: str, kind: IntentKind, request_id: str, company: Company, login: LoggedIn
) -> str:
    """Answer a request with the erasure that begins now, and tell the recipients; `kiosk.store.erasure` ends it.

    Args:
        store: open.
        person: random id.
        kind: ERASE_PERSON or ERASE_FACE.
        request_id: of an open request of this person whose identity is checked.
        company: whose recipients are told.
        login: of the officer.

    Returns:
        The id that the certificate will have; "" where there is no face to erase.

    Raises:
        Fault: LEGAL_HOLD, DESK_REFUSED, REQUEST_REFUSED, PAPER_UNKNOWN, PAPER_CHANGED, and what the store raises.
    """
    filed = request_acts.get(store, request_id)
    if filed.person != person or filed.request is None or filed.request.right not in _ANSWERS[kind]:
        raise Fault(FaultCode.REQUEST_REFUSED, "it does not ask for this, or somebody else does")
    if kind is IntentKind.ERASE_PERSON:
        holds.let_go(store, person)
    with alone(store.database.directory), store.database.write():
        certificate = _certificate(store, person, kind)
        request_acts.answer(store, request_id, "", login, certificate=certificate)
        if certificate:
            recipients_told.tell(store, company.recipients, "erasure", certificate, by=login.account)
    return certificate


def _certificate(store: "Store", person: str, kind: IntentKind) -> str:
    found = store.intents.find(kind, person)
    if found is not None:
        return found.id
    if kind is IntentKind.ERASE_FACE and not has_face(store.database, person):
        return ""
    return begin_erasure(store, kind, person).id
