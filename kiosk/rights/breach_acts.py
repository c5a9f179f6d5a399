"""Opens, judges, answers and closes cases of breach; refuses a milder judgement, and a silence, without a reason."""

from dataclasses import dataclass, replace
from typing import Final

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.rights import strict
from kiosk.rights.breach import Case, Gravity, Happening, Told, Verdict, Weighed, Whom, owed
from kiosk.rights.breach_exposure import exposure
from kiosk.rights.breach_risk import decide, milder
from kiosk.rights.company import Company
from kiosk.store import Store, papers
from kiosk.store.papers import Paper, PaperKind
from wire.errors import FormatError

OPEN: Final = "open"
ASSESSED: Final = "assessed"
CLOSED: Final = "closed"
BREACH: Final = "breach"
_AHEAD_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A case with the paper that holds it."""

    paper: Paper
    case: Case


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody, or an alarm, reports; times in ms UTC, `until`: end of the day that is all that is known of it.

    `drill`: nothing has happened, and the way through is tried.
    """

    happening: Happening
    happened_at: int
    discovered_at: int
    what: str = ""
    key_too: bool = False
    alarm: str = ""
    until: int = 0
    drill: bool = False


def open_case(store: Store, config: Config, known: Company, report: Report, *, by: str = "") -> Kept:
    """File a case with what the device held on that date; the clock runs from the discovery.

    Raises:
        Fault: NOT_READY: it was discovered before it happened, or lies in the future; as any writing.
    """
    now = store.now_ms()
    if not report.happened_at <= report.discovered_at <= now + _AHEAD_MS:
        raise Fault(FaultCode.NOT_READY, "it happens first, then it is discovered, and neither tomorrow")
    until = max(report.happened_at, report.until)
    onsite = bool(config.storage.recipient and config.storage.onsite)
    faces = onsite and config.storage.onsite_templates
    case = Case(
        happening=report.happening,
        happened_at=report.happened_at,
        discovered_at=report.discovered_at,
        hours=known.clocks.breach_hours,
        law=known.clocks.law,
        alarm=report.alarm,
        what=report.what,
        key_too=report.key_too,
        drill=report.drill,
        exposure=exposure(store, report.happening, until, key_too=report.key_too, faces_in_backup=faces),
    )
    paper = papers.put(store, PaperKind.CASE, _content(case), state=OPEN, due_at=case.due_at, by=by)
    return get(store, paper)


def assess(  # noqa: PLR0913 - by keyword
    store: Store, kept: Kept, harms: tuple[Weighed, ...], *, own: Gravity | None = None, why: str = "", by: str
) -> Kept:
    """Judge a case by the table, or otherwise with a reason.

    Args:
        store: open.
        kept: as it was read.
        harms: as weighed.
        own: the officer's own judgement.
        why: the reason for another one than the table's.
        by: account.

    Raises:
        Fault: NOT_READY: closed, or another judgement without a reason; PAPER_CHANGED; as any writing.
    """
    _still_open(kept)
    table = decide(kept.case.exposure, harms)
    gravity = table if own is None else own
    if gravity is not table and not why.strip():
        said = "milder" if milder(gravity, table) else "graver"
        raise Fault(FaultCode.NOT_READY, f"{said} than the table ({table}): say why")
    verdict = Verdict(harms, table, gravity, why.strip() if gravity is not table else "", store.now_ms(), by)
    return _revised(store, kept, replace(kept.case, verdict=verdict), ASSESSED, by)


def take(store: Store, kept: Kept, measures: tuple[str, ...], *, by: str) -> Kept:
    """Write down what was done or is planned. Raises Fault NOT_READY, PAPER_CHANGED; as any writing."""
    _still_open(kept)
    case = replace(kept.case, measures=(*kept.case.measures, *measures))
    return _revised(store, kept, case, kept.paper.state, by)


def tell(store: Store, kept: Kept, told: Told, *, by: str) -> Kept:
    """Write down that somebody was told.

    Raises:
        Fault: NOT_READY: before it was discovered or in the future, or late without a reason; as any writing.
    """
    _still_open(kept)
    if not kept.case.discovered_at <= told.at <= store.now_ms() + _AHEAD_MS:
        raise Fault(FaultCode.NOT_READY, "told after the discovery, and not tomorrow")
    if told.at > kept.case.due_at and not told.why_late.strip():
        raise Fault(FaultCode.NOT_READY, "it is late: say why (GDPR Art. 33(1))")
    case = replace(kept.case, told=(*kept.case.told, told))
    return _revised(store, kept, case, kept.paper.state, by)


def close(store: Store, kept: Kept, why: str, *, by: str) -> Kept:
    """Close a case; it stays in the register.

    Raises:
        Fault: NOT_READY: it was not assessed, or somebody was not told and no reason is given; as any writing.
    """
    _still_open(kept)
    if kept.case.verdict is None:
        raise Fault(FaultCode.NOT_READY, "assess it first")
    if not why.strip() and (silent := _silent(kept.case, store.now_ms())):
        raise Fault(FaultCode.NOT_READY, f"not told: {', '.join(silent)}: say why")
    return _revised(store, kept, replace(kept.case, closing=why.strip()), CLOSED, by)


def get(store: Store, paper_id: str) -> Kept:
    """One case. Raises Fault PAPER_UNKNOWN, also for a paper of another kind."""
    kept = _kept(papers.get(store, paper_id))
    if kept is None:
        raise Fault(FaultCode.PAPER_UNKNOWN, paper_id)
    return kept


def every(store: Store) -> tuple[Kept, ...]:
    """The register: every case there ever was, oldest first."""
    found = (_kept(each) for each in papers.find(store, PaperKind.CASE))
    return tuple(each for each in found if each is not None)


def _silent(case: Case, now_ms: int) -> list[str]:
    """Who was not told. In the register every silence has its reason, also one that the law allows (Art. 33(5))."""
    return [whom.value for whom in Whom if owed(case, whom, now_ms).told_at is None]


def _still_open(kept: Kept) -> None:
    if kept.paper.state == CLOSED:
        raise Fault(FaultCode.NOT_READY, "the case is closed")


def _content(case: Case) -> dict[str, object]:
    return {BREACH: strict.plain(case)}


def _kept(paper: Paper) -> Kept | None:
    if paper.kind is not PaperKind.CASE or paper.content is None or BREACH not in paper.content:
        return None
    found = paper.content[BREACH]
    try:  # what was filed before there were drills was none
        return Kept(paper, strict.read(Case, {"drill": False, **found} if isinstance(found, dict) else found))
    except FormatError:
        return None


def _revised(store: Store, kept: Kept, case: Case, state: str, by: str) -> Kept:
    closed = state == CLOSED
    papers.revise(store, kept.paper, _content(case), state=state, due_at=case.due_at, closed=closed, by=by)
    return get(store, kept.paper.id)
