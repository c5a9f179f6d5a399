"""How long things are kept: what would go tonight, what is held, the signed reports; refuses to sweep by a touch."""

from collections.abc import Iterator

from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy.document import drawn, facts
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, ahead, done, nothing, opening, picks, word
from kiosk.pages.privacy.menu import menu
from kiosk.pages.privacy.who import Confirmed, known, names, of_company, officer, person_of, reads, staff
from kiosk.pages.sheet import AskedKind, Block, Fact, Line, Row
from kiosk.rights import company, dates, holds, nightly, retention, retention_document
from kiosk.rights.document import Document
from kiosk.rights.holds import Hold
from kiosk.rights.saying import known as word_of
from kiosk.store import legal_holds, papers
from kiosk.store.approval import LoggedIn
from kiosk.store.papers import Paper, PaperKind
from wire import sweep
from wire.errors import FormatError
from wire.sweep import Report


def page() -> Leaf:
    """What there is about keeping."""
    return menu(
        "officer.keeping",
        "dpo.section.keeping",
        ("tonight", opening(tonight)),
        ("schedule", opening(schedule)),
        ("holds", opening(held)),
        ("reports", opening(reports)),
    )


def tonight(desk: Desk) -> Page:
    """What a sweep would delete now; deletes nothing."""
    reads(desk)
    store, of = desk.store, of_company(desk)
    found, now = retention.preview(store, of.periods), store.now_ms()

    def made(language: str) -> Document:
        return retention_document.preview(language, found, of, store.device_id, now)

    return Leaf("dpo.tonight", "officer.keeping.tonight", drawn(made), line="officer.keeping.tonight_line")


def schedule(desk: Desk) -> Page:
    """How long each class of data is kept."""
    reads(desk)
    store, of, held_now = desk.store, of_company(desk), holds.held(desk.store)
    decided, now, last = (desk.config.data / company.FILE).is_file(), store.now_ms(), nightly.last_day(store)

    def made(language: str) -> Document:
        return retention_document.schedule(
            language,
            of,
            store.device_id,
            now,
            holds=held_now.standing,
            everybody=held_now.everybody,
            last=last,
            decided=decided,
        )

    return Leaf("dpo.schedule", "officer.keeping.schedule", drawn(made))


def held(desk: Desk) -> Page:
    """Every legal hold, those that stand first."""
    staff(desk)
    store, now, by = desk.store, desk.store.now_ms(), names(desk.store)
    found = sorted(holds.every(store), key=lambda each: (each[0].state != legal_holds.ON, each[0].due_at or 0))
    rows = tuple((paper, hold, known(store, paper.person, named=True).code) for paper, hold in found)

    def draw(at: At) -> tuple[Block, ...]:
        return nothing(at, tuple(_row(at, paper, hold, code, now) for paper, hold, code in rows), "officer.holds.none")

    leads = tuple((paper.id, Show(one(paper, hold, code, by))) for paper, hold, code in rows)
    new = (Choice("new", "officer.holds.new", Show(_whom()), "shield"),)
    return Leaf("officer.holds", "officer.keeping.holds", draw, leads, new, load=held)


def _row(at: At, paper: Paper, hold: Hold, code: str, now: int) -> Row:
    whom = code or at.say("officer.holds.everybody")
    on = paper.state == legal_holds.ON
    due = on and (paper.due_at or 0) <= now
    mark = "officer.holds.look" if due else "officer.holds.on" if on else "officer.holds.off"
    when = at.say("officer.holds.until", day=at.spell.day(paper.due_at)) if on and paper.due_at else ""
    return Row(paper.id, whom, f"{_short(hold.ground)} {when}".strip(), at.say(mark))


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:87]}..."  # noqa: PLR2004 - two lines


def one(paper: Paper, hold: Hold, code: str, by: dict[str, str]) -> Leaf:
    """One hold; the officer may end it."""

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(_drawn(at, paper, hold, code, by))

    end = (Choice("end", "officer.holds.end", Show(_why(paper.id)), "cancel"),) if paper.state == legal_holds.ON else ()
    return Leaf("dpo.hold", "officer.holds.one", draw, choices=end)


def _drawn(at: At, paper: Paper, hold: Hold, code: str, by: dict[str, str]) -> Iterator[Block]:
    yield Fact(at.say("officer.holds.of"), code or at.say("officer.holds.everybody"))
    yield from facts(at.say("officer.holds.ground"), hold.ground)
    yield Fact(at.say("officer.holds.placed"), _said(at, paper.created_at, by.get(hold.by, hold.by)))
    if paper.due_at is not None:
        yield Fact(at.say("officer.holds.review"), at.spell.day(paper.due_at))
    if hold.released:
        yield Fact(
            at.say("officer.holds.ended"), _said(at, paper.changed_at, by.get(hold.released_by, hold.released_by))
        )
        yield from facts(at.say("dpo.reason"), hold.released)


def _said(at: At, when: int, by: str) -> str:
    return at.say("dpo.when_by", when=at.spell.when(when), name=by)


def _whom() -> Leaf:
    options = (("code", word("officer.holds.person")), ("everybody", word("officer.holds.everybody")))
    return picks(
        "officer.holds.whom",
        "officer.holds.new",
        options,
        lambda key: Instead(_code() if key == "code" else _ground("")),
        line="officer.holds.new_line",
    )


def _code() -> Ask:
    def then(code: str) -> Move:
        def work(desk: Desk) -> Move:
            officer(desk)
            return Instead(_ground(person_of(desk.store, code).id))

        return Do(work)

    return Ask("officer.holds.new", "dpo.code", then, AskedKind.CODE, most=32)


def _ground(person: str) -> Ask:
    return Ask(
        "officer.holds.new",
        "officer.holds.ground",
        lambda ground: Instead(
            ahead("officer.holds.new", lambda day: _place(person, ground, day), line="officer.holds.day")
        ),
    )


def _place(person: str, ground: str, day: str) -> Move:
    return done(lambda desk: holds.place(desk.store, person, ground, dates.begins(day), officer(desk).account))


def _why(paper: str) -> Ask:
    """Why it is over; what it kept may be deleted tonight."""

    def then(why: str) -> Move:
        def confirmed(desk: Desk, login: LoggedIn) -> Move:
            holds.release(desk.store, paper, why, login.account)
            return Back(by=2)

        return Instead(Confirmed("officer.holds.end", confirmed))

    return Ask("officer.holds.end", "dpo.reason", then, line="officer.holds.end_line")


def reports(desk: Desk) -> Page:
    """The signed reports of sweeps, the newest first."""
    reads(desk)
    store = desk.store
    found = tuple(reversed(papers.find(store, PaperKind.SWEEP)))[:60]
    read = tuple((each, _read(each, store.device_public)) for each in found)

    def draw(at: At) -> tuple[Block, ...]:
        return nothing(at, tuple(_report_row(at, paper, one) for paper, one in read), "officer.reports.none")

    leads = tuple((paper.id, Show(_report(paper, one))) for paper, one in read)
    return Leaf("officer.reports", "officer.keeping.reports", draw, leads)


def _read(paper: Paper, public: bytes) -> Report | None:
    """The report, once its signature fits; None where it does not."""
    if paper.content is None:
        return None
    try:
        return sweep.read(str(paper.content.get("file")).encode(), public)
    except FormatError:
        return None


def _report_row(at: At, paper: Paper, found: Report | None) -> Row:
    when = at.spell.when(paper.created_at)
    if found is None:
        return Row(paper.id, when, mark=at.say("dpo.not_genuine"))
    gone = sum(found.gone.values())
    return Row(paper.id, when, at.say("officer.reports.gone", number=gone), at.say("dpo.genuine"))


def _report(paper: Paper, found: Report | None) -> Leaf:
    def draw(at: At) -> tuple[Block, ...]:
        return tuple(_of_report(at, paper, found))

    return Leaf("dpo.report", "officer.reports.one", draw)


def _of_report(at: At, paper: Paper, found: Report | None) -> Iterator[Block]:
    if found is None:
        yield Line(at.say("officer.reports.altered"), strong=True, warn=True, icon="warning")
        return
    yield Line(at.say("officer.reports.genuine"), icon="done")
    yield Fact(at.say("officer.reports.at"), at.spell.when(found.finished))
    yield Fact(at.say("officer.reports.before"), found.before)
    for name in sweep.CLASSES:
        gone, kept, waiting = found.gone[name], found.held[name], found.waiting[name]
        if gone or kept or waiting:
            numbers = at.say("officer.reports.numbers", gone=gone, held=kept, waiting=waiting)
            yield Fact(word_of(at.language, "registers.class", name), numbers)
    if not any(found.gone.values()):
        yield Line(at.say("registers.retention.nothing"))
    yield Fact(at.say("registers.measure.held"), str(found.holds))
    yield Line(at.say("officer.reports.searched", pieces=found.pieces))
    yield Fact(at.say("dpo.request.number"), paper.id)
    yield Line(at.say("officer.reports.out"))
    yield Line(f"kiosk privacy retention reports --id {paper.id} --out FILE", strong=True)
