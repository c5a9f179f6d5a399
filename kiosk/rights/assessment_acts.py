"""Drafts, signs and takes back the impact assessment that the face hangs on; refuses a signature for other settings."""

from dataclasses import dataclass, replace
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import assessment_answers, dates, release, strict
from kiosk.rights.assessment import Assessment, Decision, Scale, lacking
from kiosk.rights.assessment_answers import Filled
from kiosk.rights.assessment_risks import in_force, judged
from kiosk.rights.dates import DAY_MS
from kiosk.rights.measured import Measurement
from kiosk.rights.release import SIGNED, Signed
from kiosk.rights.scope import Running, digest_of, weaker
from kiosk.store import Store, papers
from kiosk.store.ledger import month
from kiosk.store.papers import Paper, PaperKind
from wire.errors import FormatError

DRAFT: Final = "draft"
STOPPED: Final = "stopped"
REPLACED: Final = "replaced"
WITHDRAWN: Final = "withdrawn"
_MONTH_MS: Final = 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class Kept:
    """An assessment with the paper that holds it."""

    paper: Paper
    assessment: Assessment


def draft(store: Store, running: Running, filled: Filled, measured: tuple[Measurement, ...], *, by: str) -> Kept:
    """File an assessment of the settings as they are; an open draft is replaced by it.

    Args:
        store: open.
        running: kiosk.toml and privacy.toml.
        filled: the officer's answers.
        measured: error rates with their bounds.
        by: account, 16 hexadecimal digits.

    Raises:
        Fault: as any writing.
    """
    made = assess(store, running, filled, measured)
    made = replace(made, drafted_at=store.now_ms(), drafted_by=by)
    open_one = next((each for each in reversed(_open(store)) if each.state == DRAFT), None)
    if open_one is None:
        paper = papers.put(store, PaperKind.ASSESSMENT, strict.plain(made), state=DRAFT, by=by)
    else:
        paper = open_one.id
        papers.revise(store, open_one, strict.plain(made), state=DRAFT, by=by)
    return get(store, paper)


def assess(store: Store, running: Running, filled: Filled, measured: tuple[Measurement, ...]) -> Assessment:
    """Put together what runs here, what was measured and what was answered; writes nothing."""
    scope, known = release.now(store, running), running.company
    grounded = all(each.country and each.ground for each in known.recipients)
    return Assessment(
        scope=scope,
        scope_digest=digest_of(scope),
        site=running.config.device.site,
        law=known.clocks.law,
        controller=known.controller,
        officer=known.officer,
        approval=known.approval,
        purposes=known.purposes,
        recipients=known.recipients,
        scale=scale_of(store),
        measured=measured,
        risks=judged(in_force(scope, measured, grounded=grounded), filled.overrides),
        answers=filled.answers,
    )


def fill(store: Store, paper_id: str, name: str, text: str, *, by: str) -> Kept:
    """Answer one question in a draft; what was measured, and the settings it is for, stay as they were drafted.

    Args:
        store: open.
        paper_id: of the draft.
        name: one of the texts of `Answers`.
        text: the answer; "" takes it away.
        by: account.

    Raises:
        Fault: NOT_READY: it is no draft; PRIVACY_INVALID: no such question, or a review that is no day; as any writing.
    """
    kept = get(store, paper_id)
    if kept.paper.state != DRAFT:
        raise Fault(FaultCode.NOT_READY, f"it is {kept.paper.state}, not a draft")
    answers = assessment_answers.answered(kept.assessment.answers, name, text)
    made = replace(kept.assessment, answers=answers)
    papers.revise(store, kept.paper, strict.plain(made), state=DRAFT, by=by)
    return get(store, paper_id)


def decide(store: Store, paper_id: str, decision: Decision, *, by: str) -> Kept:
    """Choose in a draft whether faces may be used once it is signed. Raises as `fill`."""
    kept = get(store, paper_id)
    if kept.paper.state != DRAFT:
        raise Fault(FaultCode.NOT_READY, f"it is {kept.paper.state}, not a draft")
    made = replace(kept.assessment, answers=replace(kept.assessment.answers, decision=decision))
    papers.revise(store, kept.paper, strict.plain(made), state=DRAFT, by=by)
    return get(store, paper_id)


def sign(store: Store, running: Running, paper_id: str, *, by: str) -> Kept:
    """Sign a draft; it counts at once, and an earlier one no longer. `by` is the account of the officer.

    Raises:
        Fault: NOT_READY: it is no draft, something is empty in it, or the settings are weaker than those it was
            drafted for; the detail names what. PAPER_UNKNOWN, PAPER_CHANGED; as any writing.
    """
    kept = get(store, paper_id)
    if kept.paper.state != DRAFT:
        raise Fault(FaultCode.NOT_READY, f"it is {kept.paper.state}, not a draft")
    if missing := lacking(kept.assessment):
        raise Fault(FaultCode.NOT_READY, f"still empty: {', '.join(missing)}")
    if changed := weaker(kept.assessment.scope, release.now(store, running)):
        raise Fault(FaultCode.NOT_READY, f"changed since the draft: {', '.join(changed)}; draft it again")
    signed = replace(kept.assessment, signed_at=store.now_ms(), signed_by=by)
    stops = signed.answers.decision is Decision.STOP
    with store.database.write():
        for each in _open(store):
            if each.state in {SIGNED, STOPPED} and each.content is not None:
                papers.revise(store, each, each.content, state=REPLACED, closed=True, by=by)
        due = dates.begins(signed.answers.review)
        papers.revise(store, kept.paper, strict.plain(signed), state=STOPPED if stops else SIGNED, due_at=due, by=by)
    return get(store, paper_id)


def withdraw(store: Store, *, by: str) -> str:
    """Take the signature back: the face is off within a second. Returns the paper's id; Raises Fault PAPER_UNKNOWN."""
    found = next((each for each in reversed(_open(store)) if each.state == SIGNED), None)
    if found is None or found.content is None:
        raise Fault(FaultCode.PAPER_UNKNOWN)
    papers.revise(store, found, found.content, state=WITHDRAWN, closed=True, by=by)
    return found.id


def get(store: Store, paper_id: str) -> Kept:
    """One assessment. Raises Fault PAPER_UNKNOWN, also for a paper of another kind."""
    paper = papers.get(store, paper_id)
    kept = _kept(paper)
    if kept is None:
        raise Fault(FaultCode.PAPER_UNKNOWN, paper_id)
    return kept


def every(store: Store) -> tuple[Kept, ...]:
    """All that were ever drafted, oldest first."""
    found = (_kept(each) for each in papers.find(store, PaperKind.ASSESSMENT))
    return tuple(each for each in found if each is not None)


def newest(store: Store, *states: str) -> Kept | None:
    """The newest in one of these states, or of all."""
    return next((each for each in reversed(every(store)) if not states or each.paper.state in states), None)


def last_signed(store: Store) -> Signed | None:
    """What is signed and in force."""
    return release.signed_of(_open(store))


def scale_of(store: Store) -> Scale:
    """How many people are concerned."""
    period = month(store.now_ms() - _MONTH_MS)
    with store.database.read():
        counted = {
            "people": "SELECT count(*) FROM people",
            "faces": "SELECT count(DISTINCT person) FROM faces",
            "pins": "SELECT count(*) FROM accounts WHERE role = 'employee'",
            "accounts": "SELECT count(*) FROM accounts WHERE role <> 'employee'",
        }
        counts = {name: int((store.database.row(sql) or (0,))[0]) for name, sql in counted.items()}
        row = store.database.row("SELECT count(*) FROM bodies WHERE audience = 1 AND period >= ?", period)
    return Scale(records=0 if row is None else int(row[0]), since=period, **counts)


def _open(store: Store) -> tuple[Paper, ...]:
    return papers.find(store, PaperKind.ASSESSMENT, person="", open_only=True)


def _kept(paper: Paper) -> Kept | None:
    if paper.kind is not PaperKind.ASSESSMENT or paper.content is None or paper.state == release.DEMONSTRATION:
        return None
    try:
        return Kept(paper, strict.read(Assessment, dict(paper.content)))
    except FormatError:
        return None
