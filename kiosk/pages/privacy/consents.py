"""Consents and the notice they are given to: who answers anew, versions, publishing; refuses one in silence."""

from collections.abc import Iterator

from kiosk.faults import Fault, FaultCode
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy.document import drawn, lines
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, opening, to
from kiosk.pages.privacy.menu import menu
from kiosk.pages.privacy.who import Confirmed, Known, known, of_company, person_of, reads
from kiosk.pages.sheet import AskedKind, Block, Fact, Line, Row, Tone
from kiosk.rights import answers, consent, consent_documents, consents, editions, notice_documents, notices, renewals
from kiosk.rights.document import Document
from kiosk.rights.editions import Edition
from kiosk.rights.notice_source import Source, gaps
from kiosk.rights.notices import Approved, New, Unchanged
from kiosk.rights.renewals import Consents, Renewal
from kiosk.store import LocalKind
from kiosk.store.approval import LoggedIn


def page() -> Leaf:
    """Consents, and the versions of the notice."""
    return menu(
        "officer.consents",
        "dpo.section.consents",
        ("renewals", opening(due)),
        ("one", Show(_code())),
        ("versions", opening(versions)),
        ("draft", opening(draft)),
    )


def source_of(desk: Desk) -> Source:
    """What a notice is made of. Raises Fault PRIVACY_INVALID."""
    return Source(of_company(desk), desk.config, desk.store.device_id)


def due(desk: Desk) -> Page:
    """How many consents there are, and whose waits for an answer to a newer notice."""
    may_act, store = reads(desk), desk.store
    found = renewals.look(store)
    store.append_local(LocalKind.VIEWED, {"list": "consents", "people": len(found.waiting)})
    return waiting(found, tuple(known(store, each.person, named=may_act) for each in found.waiting))


def waiting(found: Consents, people: tuple[Known, ...]) -> Leaf:
    """The page of these consents."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(_row(at, each, whose) for each, whose in zip(found.waiting, people, strict=True))
        counts = (
            Fact(at.say("officer.renewals.current"), str(found.current)),
            Fact(at.say("officer.renewals.waiting"), str(len(found.waiting))),
        )
        return (*counts, *lines(at.say("officer.renewals.pin")), *rows)

    leads = tuple((each.person, to(story, whose.code)) for each, whose in zip(found.waiting, people, strict=True))
    return Leaf("officer.renewals", "officer.renewals.title", draw, leads)


def _row(at: At, each: Renewal, whose: Known) -> Row:
    key = "officer.renewals.since" if each.lapsed else "officer.renewals.until"
    detail = at.say(key, day=at.spell.day(each.until), version=each.version)
    return Row(each.person, whose.said(at), detail, at.say("officer.renewals.pin_only") if each.lapsed else "")


def _code() -> Ask:
    def then(code: str) -> Move:
        return Do(lambda desk: Instead(story(desk, code)))

    return Ask("officer.consents.one", "dpo.code", then, AskedKind.CODE, most=32)


def story(desk: Desk, code: str) -> Page:
    """When one person consented to what, before whom, and what became of it. Raises Fault PERSON_UNKNOWN."""
    reads(desk)
    store, source = desk.store, source_of(desk)
    person, now = person_of(store, code), desk.store.now_ms()
    found, said = consents.story(store, person.id), answers.of(store, person.id)
    store.append_local(LocalKind.VIEWED, {"list": "consents", "people": 1})

    def made(language: str) -> Document:
        return consent_documents.told(source, person.code, found, said, language, now)

    return Leaf("dpo.story", "officer.consents.one", drawn(made))


def versions(desk: Desk) -> Page:
    """Every published version; the one in force is marked."""
    reads(desk)
    store = desk.store
    found, now = notices.published(store), store.now_ms()
    number = consent.in_force(notices.known(found), now)

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(_version(at, each, in_force=at_ == number) for at_, each in reversed(tuple(enumerate(found))))
        return rows or (Line(at.say("officer.versions.none")),)

    leads = tuple((each.label, to(text, each.label)) for each in found)
    return Leaf("officer.versions", "officer.consents.versions", draw, leads)


def _version(at: At, each: Edition, *, in_force: bool) -> Row:
    detail = at.say("officer.versions.from", day=each.effective, digest=each.digest[:16], review=each.review)
    mark = at.say("officer.versions.in_force") if in_force else ""
    return Row(each.label, at.say("officer.versions.one", version=each.label), detail, mark)


def text(desk: Desk, label: str) -> Page:
    """The whole text of a version. Raises Fault PAPER_UNKNOWN."""
    reads(desk)
    source, edition, now = source_of(desk), notices.named(desk.store, label), desk.store.now_ms()

    def made(language: str) -> Document:
        return notice_documents.whole(source, edition, language, now, published=True)

    return Leaf("dpo.notice", "officer.versions.text", drawn(made), icon="paper")


def draft(desk: Desk) -> Page:
    """What the settings of now would make of it: gaps, differences, the whole; and publishing."""
    may_act, store = reads(desk), desk.store
    source, now = source_of(desk), store.now_ms()
    made, newest, missing = editions.drafted(source, now), notices.newest(store), gaps(source)
    same = newest is not None and newest.digest == made.digest
    leads: list[tuple[str, Move]] = []
    if newest is not None and not same:
        differ = drawn(lambda language: notice_documents.differences(source, newest, made, language, now))
        leads.append(("differences", Show(Leaf("dpo.differences", "officer.notices.differences", differ))))
    whole = drawn(lambda language: notice_documents.whole(source, made, language, now, published=False))
    leads.append(("whole", Show(Leaf("dpo.notice", "officer.notices.whole", whole))))

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(_draft(at, made, tuple(missing), tuple(key for key, _ in leads), same=same))

    publish = (Choice("publish", "officer.notices.publish", Show(_publishing(made)), "done", Tone.PRIMARY),)
    return Leaf(
        "officer.notices",
        "officer.consents.draft",
        draw,
        tuple(leads),
        publish if may_act and not missing else (),
        load=draft,
    )


def _draft(at: At, made: Edition, missing: tuple[str, ...], keys: tuple[str, ...], *, same: bool) -> Iterator[Block]:
    if missing:
        yield from lines(at.say("notice.gaps", keys=", ".join(missing)), warn=True)
    yield Line(at.say("officer.notices.same" if same else "officer.notices.differs"))
    yield Fact(at.say("officer.notices.effective"), made.effective or "-")
    yield Fact(at.say("assessment.review_head"), made.review or "-")
    for key in keys:
        yield Row(key, at.say(f"officer.notices.{key}"), at.say(f"officer.notices.{key}_about"))


def _publishing(made: Edition) -> Leaf:
    """What follows from it, and then the password."""

    def draw(at: At) -> tuple[Block, ...]:
        return (
            *lines(at.say("officer.notices.question", day=made.effective), strong=True),
            *lines(at.say("officer.notices.asked")),
        )

    def then(desk: Desk, login: LoggedIn) -> Move:
        now = editions.drafted(source_of(desk), desk.store.now_ms())
        if now.digest != made.digest:  # what was read is not what would be published
            raise Fault(FaultCode.PAPER_CHANGED, "the draft")
        outcome = notices.publish(desk.store, source_of(desk), by=login.account)
        version: tuple[str, str | int] = ("version", outcome.edition.label)
        match outcome:
            case New(_, asked):
                told = Told(
                    "officer.notices.done", "officer.notices.new", (version, ("number", asked)), then=Back(by=2)
                )
            case Approved():
                told = Told("officer.notices.done", "officer.notices.approved", (version,), then=Back(by=2))
            case Unchanged():
                told = Told("officer.notices.done", "officer.notices.unchanged", (version,), then=Back(by=2))
        return Instead(told)

    go_on = Show(Confirmed("officer.notices.publish", then))
    choices = (Choice("go", "officer.notices.publish", go_on, "done", Tone.PRIMARY),)
    return Leaf("dpo.publishing", "officer.notices.publish", draw, choices=choices, icon="paper")
