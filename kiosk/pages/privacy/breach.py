"""The register of breaches with the hours that are left, and one case; refuses a name to all but the officer."""

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.pages.page import At, Desk, Page, Show
from kiosk.pages.privacy import breach_acts as acts
from kiosk.pages.privacy import breach_open
from kiosk.pages.privacy.document import drawn, of_parts
from kiosk.pages.privacy.leaf import Choice, Leaf, anew, nothing, to
from kiosk.pages.privacy.who import of_company, officer, reads
from kiosk.pages.sheet import Block, Fact, Line, Meter, Row, Tone
from kiosk.rights import breach_acts, breach_document, breach_letters
from kiosk.rights.breach import Case, Whom, owed
from kiosk.rights.breach_acts import CLOSED, Kept
from kiosk.rights.breach_document import Names
from kiosk.rights.breach_words import Said
from kiosk.rights.dates import HOUR_MS
from kiosk.rights.document import Document
from kiosk.store import LocalKind, Store


def page(desk: Desk) -> Page:
    """Every case there ever was: what is open first, by its clock."""
    may_act = reads(desk)
    found = sorted(breach_acts.every(desk.store), key=_order)
    return listed(tuple(found), desk.store.now_ms(), desk.config.device.zone, may_act=may_act)


def _order(kept: Kept) -> tuple[bool, int]:
    closed = kept.paper.state == CLOSED
    return closed, -kept.case.discovered_at if closed else kept.case.due_at


def listed(found: tuple[Kept, ...], now: int, zone: str, *, may_act: bool) -> Leaf:
    """The page of these cases at a moment (ms UTC)."""

    def draw(at: At) -> tuple[Block, ...]:
        return nothing(at, tuple(_row(at, kept, now, zone) for kept in found), "breach.no_case")

    leads = tuple((kept.paper.id, to(one, kept.paper.id)) for kept in found)
    new = (Choice("new", "officer.breach.new", Show(breach_open.happening(one)), "warning", Tone.PRIMARY),)
    return Leaf("dpo.breaches", "dpo.section.breach", draw, leads, new if may_act else (), load=page)


def _row(at: At, kept: Kept, now: int, zone: str) -> Row:
    case, said = kept.case, Said(at.language, zone)
    state = said(f"state.{kept.paper.state}")
    late = any(owed(case, whom, now).late and owed(case, whom, now).told_at is None for whom in Whom)
    mark = at.say("officer.breach.drill") if case.drill else at.say("dpo.late") if late else state
    if kept.paper.state == CLOSED:
        mark = state
    people = at.say("officer.breach.people", number=case.exposure.concerned)
    return Row(kept.paper.id, said.happened(case), f"{at.spell.day(case.discovered_at)}, {people}", mark)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at a case needs beside it: when (ms UTC), where, and whom it concerns, for the officer."""

    now: int
    zone: str
    names: Names | None


def one(desk: Desk, case_id: str) -> Page:
    """One case; the names of those concerned for the officer alone, and that they were looked at stands in the ledger.

    Raises:
        Fault: PAPER_UNKNOWN.
    """
    may_act, store = reads(desk), desk.store
    kept = breach_acts.get(store, case_id)
    named = _names(store, kept) if may_act else None
    return shown(kept, Looked(store.now_ms(), desk.config.device.zone, named), may_act=may_act)


def _names(store: Store, kept: Kept) -> Names:
    concerned = set(kept.case.exposure.people)
    found = {each.id: (each.code, each.name) for each in store.people.all() if each.id in concerned}
    store.append_local(LocalKind.VIEWED, {"list": "breach", "people": len(found)})
    return found


def shown(kept: Kept, looked: Looked, *, may_act: bool) -> Leaf:
    """The page of this case."""
    closed = kept.paper.state == CLOSED

    def draw(at: At) -> tuple[Block, ...]:
        made = breach_document.document(kept, at.language, looked.zone, looked.now, looked.names)
        clocks = () if closed else tuple(_clocks(at, kept.case, looked))
        number = Fact(at.say("dpo.request.number"), kept.paper.id)
        return (*clocks, *of_parts(made.blocks), number)

    letters = Choice("letters", "officer.breach.letters", Show(_letters(kept)), "paper")
    judge = Choice("judge", "officer.breach.judge", Show(acts.weighing(kept)), "shield", Tone.PRIMARY)
    more = Choice("more", "dpo.request.more", Show(acts.others(kept, looked.now)))
    choices = () if not may_act else (letters,) if closed else (judge, letters, more)
    load = anew(one, kept.paper.id)
    return Leaf("dpo.case", "officer.breach.one", draw, choices=choices, icon="warning", load=load)


def _clocks(at: At, case: Case, looked: Looked) -> Iterator[Block]:
    """Both clocks: the authority's and the people's."""
    if case.drill:
        yield Line(at.say("officer.breach.drill_line"), strong=True, warn=True)
    said = Said(at.language, looked.zone)
    for whom in Whom:
        found = owed(case, whom, looked.now)
        share = (looked.now - case.discovered_at) / max(1, case.hours * HOUR_MS)
        if found.told_at is not None or found.needed is False:
            share = 1.0
        yield Meter(said(f"whom.{whom}"), min(1.0, max(0.0, share)), said.standing(found), good=not found.late)


def _letters(kept: Kept) -> Leaf:
    """The two letters, to be read in each language; the device sends nothing."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(Row(whom.value, at.say(f"breach.letter_{whom}"), icon="paper") for whom in Whom)
        return (Line(at.say("officer.breach.letters_line")), *rows)

    leads = tuple((whom.value, to(_letter, (kept.paper.id, whom))) for whom in Whom)
    return Leaf("dpo.letters", "officer.breach.letters", draw, leads)


def _letter(desk: Desk, which: tuple[str, Whom]) -> Page:
    officer(desk)
    case_id, whom = which
    kept, known, now = breach_acts.get(desk.store, case_id), of_company(desk), desk.store.now_ms()

    def made(language: str) -> Document:
        return breach_letters.draft(kept, known, whom, language, desk.config.device.zone, now)

    def draw(at: At) -> tuple[Block, ...]:
        command = f"kiosk privacy breach draft --id {case_id} --to {whom} --language {at.language} --pdf FILE --by NAME"
        return (*drawn(made)(at), Line(at.say("dpo.on_paper")), Line(command))

    return Leaf(f"dpo.letter.{whom}", f"officer.breach.letter_{whom}", draw, icon="paper")
