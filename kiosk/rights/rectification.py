"""The acts of the rectification desk: ask, decide, add a statement; refuses a decision that nobody answers for.

GDPR Article 16. The entry stays as it is; an amendment supersedes it, in the same transaction as the decision.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from kiosk.faults import Fault, FaultCode
from kiosk.rights import amending, own_acts, recipients_of_corrections, register_entry
from kiosk.rights.amending import Change
from kiosk.rights.company import Company
from kiosk.rights.correction import (
    Doubted,
    Field,
    Matter,
    Missing,
    Outcome,
    ProfileWrong,
    Ruling,
    Subject,
    Wrong,
    decode,
    encode,
)
from kiosk.rights.requests import How, Identity, Right
from kiosk.store import papers, people
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.papers import Paper, PaperKind
from wire.event import Action, Amendment, uuid7

if TYPE_CHECKING:
    from kiosk.store import Store

WORDS_MOST: Final = 4_000
"""So many characters of somebody's own words are kept."""
DECIDERS: Final = frozenset({Role.ADMIN, Role.DPO})
LANGUAGES: Final = ("id", "en", "nl")
_RANDOM: Final = 10


@dataclass(frozen=True, slots=True)
class Accept:
    """As the person asked."""


@dataclass(frozen=True, slots=True)
class Adjust:
    """Otherwise than the person asked; `at`: ms UTC, None leaves it."""

    action: Action | None
    at: int | None


@dataclass(frozen=True, slots=True)
class Refuse:
    """It stays as it is."""


Verdict: TypeAlias = Accept | Adjust | Refuse


@dataclass(frozen=True, slots=True)
class Filed:
    """A matter as it lies with the desk.

    Attributes:
        id: of its paper.
        person: random id.
        state: "open", or how it ended.
        due_at: by when it is decided, ms UTC; None where nobody has asked.
        matter: what it says; None once the person is erased.
    """

    id: str
    person: str
    state: str
    due_at: int | None
    matter: Matter | None


@dataclass(frozen=True, slots=True)
class Asked:
    """How somebody asks, and how they were made sure of."""

    text: str
    how: How
    identity: Identity


@dataclass(frozen=True, slots=True)
class Desk:
    """Who decides, for which company, at which door."""

    company: Company
    login: LoggedIn
    site: str


def ask(store: "Store", person: str, subject: Subject, asked: Asked, company: Company) -> Filed:
    """Write down what a person wants corrected, or looked at by a human.

    Args:
        store: open.
        person: random id.
        subject: what it is about.
        asked: in which words and how.
        company: whose clocks count.

    Raises:
        Fault: REQUEST_REFUSED: an entry that is not this person's, nothing to change, a time in the future, too many
            words; PERSON_UNKNOWN, PERSON_INVALID.
    """
    _check(store, person, subject)
    need(len(asked.text) <= WORDS_MOST, f"at most {WORDS_MOST} characters")
    right = right_of(subject)
    with store.database.write():
        request, due_at = register_entry.enter(
            store, person, right, asked.text, company.clocks, how=asked.how, identity=asked.identity
        )
        matter = Matter(subject, asked.text, store.now_ms(), request)
        content, by = encode(matter), asked.identity.by
        paper = papers.put(
            store, PaperKind.CORRECTION, content, state=matter.state, person=person, due_at=due_at, by=by
        )
    return get(store, paper)


def right_of(subject: Subject) -> Right:
    """Which right somebody uses who asks for this."""
    return Right.HUMAN_REVIEW if isinstance(subject, Doubted) else Right.RECTIFICATION


def decide(store: "Store", matter_id: str, verdict: Verdict, reason: str, desk: Desk) -> Filed:
    """Decide what a person has asked for: one transaction for the papers and what the ledger says.

    Args:
        store: open.
        matter_id: of an open matter that asks for a correction.
        verdict: what.
        reason: for the person; needed unless it is accepted as asked.
        desk: who decides.

    Raises:
        Fault: DESK_REFUSED: neither administrator nor officer; REQUEST_REFUSED: decided already, a review, no reason,
            nothing that could be adjusted so, a time in the future; PAPER_UNKNOWN, PAPER_CHANGED.
    """
    answers_for(desk.login)
    paper, matter = opened(store, matter_id)
    need(not isinstance(matter.subject, Doubted), "a human is to look at it: kiosk privacy review decide")
    need(isinstance(verdict, Accept) or bool(reason.strip()), "give the reason: the person is told it")
    need(len(reason) <= WORDS_MOST, f"at most {WORDS_MOST} characters")
    with store.database.write():
        ruling = _ruled(store, paper, matter, verdict, reason.strip(), desk)
        return close(store, paper, matter, ruling, desk)


def state_own_view(store: "Store", matter_id: str, text: str, *, by: str = "") -> Filed:
    """Keep a person's own statement beside what was decided. Raises Fault REQUEST_REFUSED, PAPER_UNKNOWN."""
    paper = _paper(store, matter_id)
    matter = _read(paper)
    need(matter.ruling is not None, "it is not decided yet")
    need(0 < len(text.strip()) <= WORDS_MOST, f"1 to {WORDS_MOST} characters")
    content = encode(replace(matter, statement=text.strip()))
    papers.revise(store, paper, content, state=matter.state, due_at=paper.due_at, closed=True, by=by)
    return get(store, matter_id)


def get(store: "Store", matter_id: str) -> Filed:
    """One matter. Raises Fault PAPER_UNKNOWN."""
    return _filed(_paper(store, matter_id))


def every(store: "Store", *, person: str | None = None) -> tuple[Filed, ...]:
    """All of them: what is open first, by when it is due; then what is decided, the newest last."""
    found = [_filed(paper) for paper in papers.find(store, PaperKind.CORRECTION, person=person)]
    return tuple(sorted(found, key=lambda each: (each.state != "open", each.due_at or 0)))


def keep_up(store: "Store", company: Company) -> None:
    """Close the papers of recipients who have signed for what was decided. Raises Fault as any writing."""
    for matter_id, telling in recipients_of_corrections.unconfirmed(store, company).items():
        filed = get(store, matter_id)
        ruling = None if filed.matter is None else filed.matter.ruling
        if ruling is not None:
            recipients_of_corrections.confirm(store, telling, ruling.events)


# What the review of a human shares.


def answers_for(login: LoggedIn, roles: Collection[Role] = DECIDERS) -> None:
    """Let only an administrator or the officer decide, or whom else a review names. Raises Fault DESK_REFUSED."""
    if login.must_change or login.role not in roles:
        raise Fault(FaultCode.DESK_REFUSED, f"for {', '.join(sorted(roles))}")


def opened(store: "Store", matter_id: str) -> tuple[Paper, Matter]:
    """A matter that is not decided. Raises Fault PAPER_UNKNOWN, REQUEST_REFUSED."""
    paper = _paper(store, matter_id)
    need(paper.closed_at is None, "it is decided")
    return paper, _read(paper)


def amend(store: "Store", person: str, changes: Sequence[Change], site: str) -> tuple[str, ...]:
    """Append amendments inside the current transaction; returns their ids. Raises Fault as any writing."""
    now, code = store.clock(), store.people.get(person).code
    ids = []
    for each in changes:
        event_id = uuid7(now.wall_ms, os.urandom(_RANDOM))
        store.ledger.append(
            Amendment(
                event_id, code, each.refers_to, each.decision, each.action, each.at, now.wall_ms, now.clock, site
            ),
            person,
        )
        ids.append(event_id)
    return tuple(ids)


def close(store: "Store", paper: Paper, matter: Matter, ruling: Ruling, desk: Desk) -> Filed:
    """File a decision inside the current transaction: the matter, the register, and whoever must be told."""
    by = desk.login.account
    decided = replace(matter, ruling=ruling)
    content, state = encode(decided), decided.state
    papers.revise(store, paper, content, state=state, due_at=paper.due_at, closed=True, by=by)
    if matter.request and ruling.outcome is Outcome.REFUSED:
        register_entry.close_refused(store, matter.request, ruling.reason, by)
    elif matter.request:
        register_entry.close_answered(store, matter.request, by)
    if ruling.events:
        recipients_of_corrections.tell(store, desk.company, paper.id, by=by)
    if ruling.told:
        recipients_of_corrections.tell_personnel(store, paper.id, by=by)
    return get(store, paper.id)


def need(holds: bool, sentence: str) -> None:  # noqa: FBT001 - a rule and what it says
    """Raises Fault REQUEST_REFUSED unless the rule holds."""
    if not holds:
        raise Fault(FaultCode.REQUEST_REFUSED, sentence)


def _ruled(  # noqa: PLR0913, PLR0917 - what a decision is made of
    store: "Store", paper: Paper, matter: Matter, verdict: Verdict, reason: str, desk: Desk
) -> Ruling:
    now, by, subject = store.now_ms(), desk.login.account, matter.subject
    if isinstance(verdict, Refuse):
        return Ruling(Outcome.REFUSED, None, None, reason, by, now)
    outcome = Outcome.ACCEPTED if isinstance(verdict, Accept) else Outcome.ADJUSTED
    if isinstance(subject, ProfileWrong):
        need(outcome is Outcome.ACCEPTED, "of a name or a language there is nothing to adjust: accept or refuse")
        return Ruling(outcome, None, None, reason, by, now, told=not _set_right(store, paper.person, subject))
    action, at = (verdict.action, verdict.at) if isinstance(verdict, Adjust) else (None, None)
    need(isinstance(verdict, Accept) or action is not None or at is not None, "say what counts: action, time, or both")
    need(at is None or 0 <= at <= now, "it cannot have happened in the future")
    changes: tuple[Change, ...]
    match subject:
        case Missing():
            changes = (amending.added(action or subject.action, subject.at if at is None else at),)
        case Wrong():
            standing = own_acts.one(store, paper.person, subject.event)
            changes = amending.corrected(standing, action or subject.action, subject.at if at is None else at)
        case Doubted():
            raise Fault(FaultCode.REQUEST_REFUSED, "a human is to look at it")
        case _:
            assert_never(subject)
    last = changes[-1]
    events = amend(store, paper.person, changes, desk.site)
    return Ruling(outcome, last.action, last.at, reason, by, now, events)


def _set_right(store: "Store", person: str, subject: ProfileWrong) -> bool:
    """Change the person's row; False where the next roster would undo it, so that HR must correct it."""
    if store.people.get(person).source == "roster":
        return False
    match subject.which:
        case Field.NAME:
            store.people.correct(person, name=subject.value)
        case Field.LANGUAGE:
            store.people.correct(person, language=subject.value)
        case _:
            assert_never(subject.which)
    return True


def _check(store: "Store", person: str, subject: Subject) -> None:
    now = store.now_ms()
    match subject:
        case Wrong(event, action, at):
            standing = own_acts.one(store, person, event)
            need(at is None or 0 <= at <= now, "it cannot have happened in the future")
            same = (action in (None, standing.action), at in (None, standing.at))
            need(not all(same) or standing.annulled, "that is what it says")
        case Missing(_, at):
            need(0 <= at <= now, "it cannot have happened in the future")
        case Doubted(event):
            own_acts.one(store, person, event)
        case ProfileWrong(Field.LANGUAGE, value):
            need(value in LANGUAGES, f"one of {', '.join(LANGUAGES)}")
        case ProfileWrong(_, value):
            people.check_name(value)
        case _:
            assert_never(subject)


def _paper(store: "Store", matter_id: str) -> Paper:
    paper = papers.get(store, matter_id)
    if paper.kind is not PaperKind.CORRECTION:
        raise Fault(FaultCode.PAPER_UNKNOWN, matter_id)
    return paper


def _read(paper: Paper) -> Matter:
    need(paper.content is not None, "the person is erased")
    return decode(paper.content or {})


def _filed(paper: Paper) -> Filed:
    matter = None if paper.content is None else decode(paper.content)
    return Filed(paper.id, paper.person, paper.state, paper.due_at, matter)
