"""The acts of the request desk, each on one paper; refuses an answer before the person is known, and a late extension.

Every act names the account that acts; `papers` writes each into the ledger.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import request_codec
from kiosk.rights.company import Clocks
from kiosk.rights.requests import (
    CITES_A_LAW,
    Answered,
    ByPin,
    BySight,
    ErasureGround,
    Extension,
    Fee,
    Filed,
    How,
    Identity,
    RefusalGround,
    Refused,
    Request,
    Right,
    Seen,
    State,
    Withdrawn,
    due,
    repeats,
)
from kiosk.store import PinAccepted, papers
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.papers import Paper, PaperKind
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

TEXT_MOST: Final = 4_000
"""So many characters of a person's own words, or of a reason, are kept."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a request has arrived: by which way, in which words, when (ms UTC), and for an erasure on what ground."""

    right: Right
    how: How
    text: str = ""
    received_at: int | None = None
    ground: ErasureGround | None = None


def file(  # noqa: PLR0913 - what a request is
    store: "Store", person: str, arrival: Arrival, clocks: Clocks, *, by: str = "", identity: Identity | None = None
) -> Filed:
    """Write a request down; inside a `write` block part of it.

    Args:
        store: open.
        person: random id, or "" for somebody whom the device does not know.
        arrival: what was asked, and when; the clock runs from there, not from the writing down.
        clocks: of the company.
        by: account that acts, or "" for the person at the door.
        identity: how the person was made sure of already.

    Raises:
        Fault: REQUEST_REFUSED: it arrives in the future, an erasure without a ground, or a ground without an erasure;
            PERSON_UNKNOWN, and what the store raises.
    """
    now = store.now_ms()
    received_at = now if arrival.received_at is None else arrival.received_at
    _need(received_at <= now, "it cannot have arrived in the future")
    _need(
        (arrival.right is Right.ERASURE) == (arrival.ground is not None), "an erasure, and nothing else, has a ground"
    )
    request = Request(arrival.right, arrival.how, _words(arrival.text), received_at, arrival.ground, identity)
    content, due_at = request_codec.encode(request), due(received_at, clocks)
    paper = papers.put(store, PaperKind.REQUEST, content, state=request.state, person=person, due_at=due_at, by=by)
    return get(store, paper)


def get(store: "Store", request_id: str) -> Filed:
    """One request. Raises Fault PAPER_UNKNOWN, also for a paper of another kind."""
    return _filed(_paper(store, request_id))


def every(store: "Store", *, person: str | None = None) -> tuple[Filed, ...]:
    """The register, oldest first; of one person, if one is given. Raises what the store raises."""
    found = papers.find(store, PaperKind.REQUEST, person=person)
    return tuple(_filed(paper) for paper in found if _ours(paper))


def answerable(store: "Store", person: str, rights: Collection[Right]) -> Filed:
    """The newest request of a person for one of these rights that may be answered now.

    Raises:
        Fault: REQUEST_REFUSED: there is none, or nobody has made sure of the person yet.
    """
    found = [each for each in every(store, person=person) if each.closed_at is None and not each.elsewhere]
    asked = [each for each in found if each.request is not None and each.request.right in rights]
    _need(bool(asked), f"no open request for {' or '.join(sorted(rights))}: file it first")
    known = [each for each in asked if each.state is State.IDENTIFIED]
    _need(bool(known), f"the identity is not checked yet: kiosk privacy requests identity {asked[-1].id}")
    return known[-1]


def identify_by_pin(store: "Store", request_id: str, pin: str, *, by: str = "") -> Filed:
    """Make sure of a person by their PIN.

    Raises:
        Fault: REQUEST_REFUSED: a wrong PIN, with the seconds to wait, or somebody whom the device does not know;
            PAPER_UNKNOWN, PAPER_CHANGED.
    """
    paper, request = _open(store, request_id)
    _need(bool(paper.person), "the device knows no PIN of this person")
    now, code = store.clock(), store.people.get(paper.person).code
    found = store.accounts.check_pin(code, pin, now.wall_ms, now.clock.boottime_ms)
    if not isinstance(found, PinAccepted):
        raise _refused(f"the PIN does not fit; the next try counts after {found.wait_s} s")
    return _revise(store, paper, replace(request, identity=ByPin(now.wall_ms, by)), by=by)


def identify_by_sight(store: "Store", request_id: str, document: Seen, login: LoggedIn) -> Filed:
    """Write down which kind of document the officer has seen. Raises Fault DESK_REFUSED, and as `identify_by_pin`."""
    _officer(login)
    paper, request = _open(store, request_id)
    seen = BySight(document, store.now_ms(), login.account)
    return _revise(store, paper, replace(request, identity=seen), by=login.account)


def extend(store: "Store", request_id: str, days: int, reason: str, clocks: Clocks, login: LoggedIn) -> Filed:  # noqa: PLR0913, PLR0917 - what an extension is
    """Put an answer off, once, before it is due; the person is given a notice (`request_letters.extension`).

    Raises:
        Fault: DESK_REFUSED; REQUEST_REFUSED: no reason, too late, a second time, or by more days than the company
            allows.
    """
    _officer(login)
    paper, request = _open(store, request_id)
    now = store.now_ms()
    _need(request.extension is None, "it was put off once already")
    _need(paper.due_at is not None and now <= paper.due_at, "it is overdue: an extension comes before that")
    _need(1 <= days <= clocks.extension_days, f"1 to {clocks.extension_days} days")
    extension = Extension(days, _reason(reason), now, login.account)
    due_at = due(request.received_at, clocks, days)
    return _revise(store, paper, replace(request, extension=extension), by=login.account, due_at=due_at)


def charge(store: "Store", request_id: str, amount: str, reason: str, login: LoggedIn) -> Filed:
    """Ask for a fee for a request that repeats one of the last twelve months; any other is free (GDPR Article 12(5)).

    Raises:
        Fault: DESK_REFUSED; REQUEST_REFUSED: no reason, no amount, or nothing is repeated.
    """
    _officer(login)
    paper, request = _open(store, request_id)
    _repeated(store, paper)
    _need(bool(amount.strip()), "how much is it?")
    fee = Fee(_words(amount.strip()), _reason(reason), store.now_ms(), login.account)
    return _revise(store, paper, replace(request, fee=fee), by=login.account)


def answer(store: "Store", request_id: str, note: str, login: LoggedIn, *, certificate: str = "") -> Filed:
    """Close a request as answered; inside a `write` block part of it.

    Raises:
        Fault: DESK_REFUSED; REQUEST_REFUSED: nobody has made sure of the person, or it is closed.
    """
    _officer(login)
    paper, request = _known(store, request_id)
    answered = Answered(_words(note), certificate, store.now_ms(), login.account)
    return _revise(store, paper, replace(request, outcome=answered), by=login.account)


def refuse(  # noqa: PLR0913 - what a refusal is
    store: "Store", request_id: str, ground: RefusalGround, reason: str, login: LoggedIn, *, law: str = ""
) -> Filed:
    """Close a request as refused; the person is given a letter with the reason (`request_letters.refusal`).

    Raises:
        Fault: DESK_REFUSED; REQUEST_REFUSED: no reason, no law where one is the ground, nothing is repeated where that
            is the ground, or nobody has made sure of the person (unless that is the very ground).
    """
    _officer(login)
    if ground is RefusalGround.NOT_IDENTIFIED:
        paper, request = _open(store, request_id)
        _need(request.identity is None, "the identity is checked")
    else:
        paper, request = _known(store, request_id)
    _need(ground not in CITES_A_LAW or bool(law.strip()), "name the law: --law")
    if ground is RefusalGround.REPEATED:
        _repeated(store, paper)
    refused = Refused(ground, _reason(reason), _words(law.strip()), store.now_ms(), login.account)
    return _revise(store, paper, replace(request, outcome=refused), by=login.account)


def withdraw(store: "Store", request_id: str, *, by: str = "") -> Filed:
    """Close a request that the person does not want any more. Raises Fault PAPER_UNKNOWN, PAPER_CHANGED."""
    paper, request = _open(store, request_id)
    return _revise(store, paper, replace(request, outcome=Withdrawn(store.now_ms(), by)), by=by)


def record_answered(store: "Store", person: str, right: Right, note: str, clocks: Clocks) -> Filed:
    """Write into the officer's register what the kiosk has answered by itself, after the person's PIN.

    Args:
        store: open.
        person: random id.
        right: what was asked for.
        note: what was done, without a name.
        clocks: of the company.

    Raises:
        Fault: what the store raises.
    """
    now = store.now_ms()
    ground = ErasureGround.CONSENT_WITHDRAWN if right is Right.ERASURE else None
    asked = Request(right, How.KIOSK, "", now, ground, ByPin(now, ""), outcome=Answered(_words(note), "", now, ""))
    begun = replace(asked, outcome=None)
    with store.database.write():
        paper = papers.put(
            store,
            PaperKind.REQUEST,
            request_codec.encode(begun),
            state=begun.state,
            person=person,
            due_at=due(now, clocks),
        )
        return _revise(store, papers.get(store, paper), asked, by="")


def _paper(store: "Store", request_id: str) -> Paper:
    paper = papers.get(store, request_id)
    if paper.kind is not PaperKind.REQUEST or not _ours(paper):
        raise Fault(FaultCode.PAPER_UNKNOWN, request_id)
    return paper


def _ours(paper: Paper) -> bool:
    """Whether it is about a right; once the person is erased, nobody can tell any more."""
    return paper.content is None or paper.content.get("right") in set(Right)


def _open(store: "Store", request_id: str) -> tuple[Paper, Request]:
    paper = _paper(store, request_id)
    _need(paper.content is not None, "the person is erased")
    _need(paper.closed_at is None, "it is closed")
    request = _read(paper)
    if request is None:
        raise _refused("another command of the desk decides this")
    return paper, request


def _known(store: "Store", request_id: str) -> tuple[Paper, Request]:
    paper, request = _open(store, request_id)
    _need(request.identity is not None, "the identity is not checked yet")
    return paper, request


def _revise(store: "Store", paper: Paper, request: Request, *, by: str, due_at: int | None = None) -> Filed:
    closed = request.outcome is not None
    due_at = paper.due_at if due_at is None else due_at
    papers.revise(store, paper, request_codec.encode(request), state=request.state, due_at=due_at, closed=closed, by=by)
    return get(store, paper.id)


def _filed(paper: Paper) -> Filed:
    request = _read(paper)
    elsewhere = request is None and paper.content is not None
    if elsewhere:  # a matter with words of its own, such as a restriction: shown, and decided elsewhere
        request = Request(Right(str((paper.content or {}).get("right"))), How.SHELL, "", paper.created_at)
    state = State.OPEN if paper.closed_at is None else State.ANSWERED
    if paper.state in set(State):
        state = State(paper.state)
    dates = paper.created_at, paper.created_at if paper.due_at is None else paper.due_at, paper.closed_at
    return Filed(paper.id, paper.person, state, *dates, request, elsewhere)


def _read(paper: Paper) -> Request | None:
    """What the paper says; None once the person is erased, or where another command has written it."""
    try:
        return None if paper.content is None else request_codec.decode(paper.content)
    except FormatError:
        return None


def _repeated(store: "Store", paper: Paper) -> None:
    found = every(store, person=paper.person)
    _need(repeats(found, _filed(paper)) > 0, "nothing is repeated: nothing like it in the last twelve months")


def _officer(login: LoggedIn) -> None:
    if login.role is not Role.DPO:
        raise Fault(FaultCode.DESK_REFUSED, "for dpo")


def _reason(text: str) -> str:
    _need(bool(text.strip()), "give the reason")
    return _words(text.strip())


def _words(text: str) -> str:
    _need(len(text) <= TEXT_MOST, f"at most {TEXT_MOST} characters")
    _need(text.encode(errors="replace").decode() == text, "not readable as text")
    return text


def _need(holds: bool, sentence: str) -> None:  # noqa: FBT001 - a rule and what it says
    if not holds:
        raise _refused(sentence)


def _refused(sentence: str) -> Fault:
    return Fault(FaultCode.REQUEST_REFUSED, sentence)
