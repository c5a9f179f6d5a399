"""The acts of an objection: stop at once, then decide; refuses to go on with anything while it is assessed.

Policy E18. What is decided, and when it must be, is in kiosk/rights/objection.py; each act is one transaction.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import restriction
from kiosk.rights.company import Company
from kiosk.rights.objection import LONGEST, RIGHT, Effect, Objected, Outcome, effect_of, hindrance
from kiosk.rights.purposes import Purpose
from kiosk.rights.restriction import Restricted
from kiosk.store import Store, papers
from kiosk.store.basis import Condition
from kiosk.store.erasure import begin_erasure, erase_face
from kiosk.store.erasure_rows import has_face
from kiosk.store.intents import IntentKind
from kiosk.store.papers import Paper, PaperKind

OPEN: Final = "open"
ANSWERED: Final = "answered"
REFUSED: Final = "refused"
_HOUR_MS: Final = 3_600_000
_RESTRICTS: Final = {Effect.FACE_STOPPED: Restricted.FACE, Effect.HELD: Restricted.ATTENDANCE}


@dataclass(frozen=True, slots=True)
class Filed:
    """An objection as it was filed: the id of its paper, what it says, and by when it is answered (ms UTC)."""

    id: str
    objected: Objected
    due_at: int | None


def file(  # noqa: PLR0913 - what an objection is made of, by keyword
    store: Store, company: Company, person_id: str, purpose: Purpose, why: str, *, by: str = "", site: str = ""
) -> Filed:
    """File an objection; what can be stopped for this person stops in the same transaction.

    Args:
        store: open.
        company: for the basis of the purpose and for the clock.
        person_id: random id.
        purpose: what is objected to.
        why: the person's words, 1 to 2,000 characters.
        by: account that acts, or "" for the person.
        site: name of the site, for the notice to headquarters.

    Raises:
        Fault: PERSON_UNKNOWN; REQUEST_REFUSED: no reason is given, or one to this purpose is open already.
    """
    if not 1 <= len(why.strip()) <= LONGEST:
        raise Fault(FaultCode.REQUEST_REFUSED, f"say why, in 1 to {LONGEST} characters")
    rule, now = company.rule(purpose), store.now_ms()
    effect = effect_of(purpose, rule)
    granted = effect is Effect.ENDED
    due_at = None if granted else now + company.clocks.request_hours * _HOUR_MS
    one = Objected(purpose, "" if rule is None else rule.basis.value, why.strip(), now, effect)
    if granted:
        one = replace(one, outcome=Outcome.UPHELD.value, decided_at=now)
    with store.database.write():
        if any(each.purpose is purpose and not each.outcome for _, each in every(store, person_id)):
            raise Fault(FaultCode.REQUEST_REFUSED, "an objection to this is being assessed already")
        state = ANSWERED if granted else OPEN
        paper = papers.put(store, PaperKind.REQUEST, one.encode(), state=state, person=person_id, due_at=due_at, by=by)
        restricted = _RESTRICTS.get(effect)
        if restricted is not None:
            made = restriction.begin(store, person_id, restricted, why, by=by, because_of=paper, site=site)
            one = replace(one, restriction=made)
        if granted or restricted is not None:
            papers.revise(
                store, papers.get(store, paper), one.encode(), state=state, due_at=due_at, closed=granted, by=by
            )
    return Filed(paper, one, due_at)


def decide(  # noqa: PLR0913 - what a decision is made of, by keyword
    store: Store, paper_id: str, outcome: Outcome, *, ground: str = "", by: str, site: str = ""
) -> Objected:
    """Decide an objection.

    Upheld, what stopped stays so; a face is erased with it (GDPR Article 17(1)(c)), with a certificate, also under a
    legal hold, which keeps a person and never a face (`holds.let_go`). Overridden, a restriction goes on until the
    person was told of its lifting (`restriction.tell`, `restriction.lift`).

    Args:
        store: open.
        paper_id: of the objection.
        outcome: what is decided.
        ground: the compelling ground of an override.
        by: the officer's account.
        site: name of the site, for the notice to headquarters.

    Raises:
        Fault: PAPER_UNKNOWN; REQUEST_REFUSED: see `objection.hindrance`; what `erase_face` raises.
    """
    paper, one = read(store, paper_id)
    carried = one.purpose is Purpose.FACE_RECOGNITION and not isinstance(store.basis.ground_of(paper.person), Condition)
    if (why := hindrance(one, outcome, ground, on_consent=carried)) is not None:
        raise Fault(FaultCode.REQUEST_REFUSED, why)
    decided = replace(one, outcome=outcome.value, ground=ground.strip(), decided_at=store.now_ms(), decided_by=by)
    erase = False
    with store.database.write():
        state = ANSWERED if outcome is Outcome.UPHELD else REFUSED
        papers.revise(store, paper, decided.encode(), state=state, due_at=paper.due_at, closed=True, by=by)
        if outcome is Outcome.UPHELD and one.effect is Effect.FACE_STOPPED:
            erase = has_face(store.database, paper.person)
            if erase and store.intents.find(IntentKind.ERASE_FACE, paper.person) is None:
                begin_erasure(store, IntentKind.ERASE_FACE, paper.person)
            if one.restriction:  # nothing is left to restrict; whoever comes back gives a new consent
                restriction.end(store, *restriction.read(store, one.restriction), by=by, site=site)
    if erase:
        erase_face(store, paper.person)
    return decided


def objects(store: Store, person_id: str, purpose: Purpose) -> bool:
    """Whether nothing of this purpose may be done for this person: they object, and nobody has overridden it."""
    return since(store, person_id, purpose) is not None


def since(store: Store, person_id: str, purpose: Purpose) -> int | None:
    """When they said last that they object, ms UTC; None if they do not, or if it was overridden."""
    standing = [
        one.received_at
        for _, one in every(store, person_id)
        if one.purpose is purpose and one.outcome != Outcome.OVERRIDDEN.value
    ]
    return max(standing, default=None)


def read(store: Store, paper_id: str) -> tuple[Paper, Objected]:
    """An objection by the id of its paper. Raises Fault PAPER_UNKNOWN, also for one of somebody erased."""
    paper = papers.get(store, paper_id)
    if paper.kind is not PaperKind.REQUEST or paper.content is None or paper.content.get("right") != RIGHT:
        raise Fault(FaultCode.PAPER_UNKNOWN, paper_id)
    return paper, Objected.decode(paper.content)


def every(store: Store, person_id: str | None = None) -> tuple[tuple[Paper, Objected], ...]:
    """Every objection that can be read, oldest first."""
    return tuple(
        (paper, Objected.decode(paper.content))
        for paper in papers.find(store, PaperKind.REQUEST, person=person_id)
        if paper.content is not None and paper.content.get("right") == RIGHT
    )


def counted(store: Store) -> Counter[Purpose]:
    """How many people object to each purpose and were not overridden."""
    standing = {(paper.person, one.purpose) for paper, one in every(store) if one.outcome != Outcome.OVERRIDDEN.value}
    return Counter(purpose for _, purpose in standing)
