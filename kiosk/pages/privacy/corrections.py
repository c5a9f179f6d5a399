"""What people want corrected, and what a human decides about it; refuses to decide without a reason."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy import reviews
from kiosk.pages.privacy.document import drawn, facts
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, anew, nothing, picks, to, word
from kiosk.pages.privacy.who import Known, known, of_company, reads, staff
from kiosk.pages.sheet import Block, Fact, Line, Row, Tone
from kiosk.rights import correction_letters, dates, own_acts, recipients_of_corrections, rectification
from kiosk.rights.company import Company
from kiosk.rights.correction import OPEN, Doubted, Matter, Missing, ProfileWrong, Wrong
from kiosk.rights.correction_letters import Letterhead
from kiosk.rights.document import Document
from kiosk.rights.rectification import Accept, Adjust, Filed, Refuse, Verdict
from kiosk.rights.rectification import Desk as Decides
from kiosk.store import LocalKind, Store
from wire.event import Action

CLOSED_SHOWN = 40
_STAYS = "same"
_MINUTE = "%Y-%m-%d %H:%M"


def page(desk: Desk) -> Page:
    """Every matter, what is open first."""
    may_act, store = reads(desk), desk.store
    rectification.keep_up(store, of_company(desk))
    every = rectification.every(store)
    still_open = [each for each in every if each.state == OPEN]
    decided = [each for each in every if each.state != OPEN]
    found = (*still_open, *reversed(decided[-CLOSED_SHOWN:]))
    store.append_local(LocalKind.VIEWED, {"list": "corrections", "matters": len(found)})
    people = [known(store, each.person, erased=each.matter is None, named=may_act) for each in found]
    rows, zone = tuple(zip(found, people, strict=True)), desk.config.device.zone

    def draw(at: At) -> tuple[Block, ...]:
        return nothing(at, tuple(_row(at, each, whose, zone) for each, whose in rows), "dpo.corrections.none")

    leads = tuple((each.id, to(one, each.id)) for each in found)
    return Leaf("dpo.corrections", "dpo.corrections.title", draw, leads, load=page)


def _row(at: At, filed: Filed, whose: Known, zone: str) -> Row:
    if filed.matter is None:
        return Row(filed.id, at.say("dpo.erased"))
    due = "" if filed.due_at is None or filed.state != OPEN else at.spell.when(filed.due_at)
    state = at.say(f"dpo.corrections.state.{filed.state}")
    said = at.say("dpo.requests.due", when=due) if due else ""
    return Row(filed.id, f"{whose.said(at)}: {_about(at, filed.matter, zone)}", said, state)


def _about(at: At, matter: Matter, zone: str) -> str:
    head = Letterhead(Company(), at.language, "", "", zone, 0)
    return correction_letters.subject(head, matter.subject)


def one(desk: Desk, matter_id: str) -> Page:
    """One matter. Raises Fault PAPER_UNKNOWN."""
    may_act, store = reads(desk), desk.store
    filed = rectification.get(store, matter_id)
    store.append_local(LocalKind.VIEWED, {"list": "corrections", "matters": 1})
    now = "" if filed.matter is None else _entry(store, filed, filed.matter)
    whose = known(store, filed.person, erased=filed.matter is None, named=may_act)
    return shown(filed, whose, now, desk.config.device.zone, may_act=may_act)


def _entry(store: Store, filed: Filed, matter: Matter) -> str:
    """What the entry says now, as action and moment; "" where it is about none."""
    if not isinstance(matter.subject, Wrong | Doubted):
        return ""
    standing = own_acts.one(store, filed.person, matter.subject.event)
    return f"{standing.action.value} {standing.at}"


def shown(filed: Filed, whose: Known, entry: str, zone: str, *, may_act: bool) -> Leaf:
    """The page of this matter; `entry`: what it says now."""

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(_drawn(at, filed, whose, entry, zone))

    load = anew(one, filed.id)
    choices = tuple(_choices(filed)) if may_act else ()
    return Leaf("dpo.correction", "dpo.corrections.one", draw, choices=choices, load=load)


def _choices(filed: Filed) -> Iterator[Choice]:
    matter = filed.matter
    if matter is None:
        return
    if matter.ruling is not None:
        yield Choice("letter", "dpo.request.letter", to(letter, filed.id), "paper")
        if not matter.statement:
            yield Choice("view", "dpo.corrections.view", Show(_view(filed.id)))
        return
    if isinstance(matter.subject, Doubted):
        event = matter.subject.event
        leads = to(reviews.one, event)
        yield Choice("review", "dpo.corrections.review", leads, "person", Tone.PRIMARY)
        return
    yield Choice("accept", "dpo.corrections.accept", Show(_reason(filed.id, Accept())), "done", Tone.PRIMARY)
    if not isinstance(matter.subject, ProfileWrong):
        yield Choice("adjust", "dpo.corrections.adjust", Show(_action(filed, matter)))
    yield Choice("refuse", "dpo.corrections.refuse", Show(_reason(filed.id, Refuse())))


def _drawn(at: At, filed: Filed, whose: Known, entry: str, zone: str) -> Iterator[Block]:
    matter = filed.matter
    if matter is None:
        yield Line(at.say("dpo.request.erased"))
        return
    yield Line(_about(at, matter, zone), strong=True)
    yield Fact(at.say("dpo.person"), whose.said(at))
    yield Fact(at.say("correction.state"), at.say(f"dpo.corrections.state.{filed.state}"))
    if entry:
        action, _, moment = entry.partition(" ")
        said = correction_letters.act(at.language, Action(action), int(moment), zone)
        yield Fact(at.say("dpo.corrections.now"), said)
    if matter.text:
        yield from facts(at.say("correction.own_words"), matter.text)
    if filed.due_at is not None and filed.state == OPEN:
        yield Fact(at.say("requests.due"), at.spell.when(filed.due_at))
    if matter.ruling is not None:
        ruling = matter.ruling
        yield from facts(at.say("correction.decided_at"), at.spell.when(ruling.decided_at))
        yield from facts(at.say("correction.reason"), ruling.reason or "-")
        if ruling.told:
            yield from facts(at.say("correction.state"), at.say("correction.personnel"))
    if matter.statement:
        yield from facts(at.say("correction.statement_heading"), matter.statement)


def _action(filed: Filed, matter: Matter) -> Leaf:
    """What it should be; or as it is, with another time."""
    options = (
        (_STAYS, word("dpo.corrections.same_action")),
        *((each.value, word(f"correction.action.{each}")) for each in Action),
    )
    return picks(
        "dpo.adjust",
        "dpo.corrections.adjust",
        options,
        lambda key: Do(lambda desk: Instead(_time(desk, filed, matter, None if key == _STAYS else Action(key)))),
    )


def _time(desk: Desk, filed: Filed, matter: Matter, action: Action | None) -> Page:
    """When it should be, on the clock of the door."""
    staff(desk)
    place = ZoneInfo(desk.config.device.zone)
    asked = matter.subject.at if isinstance(matter.subject, Wrong | Missing) else None
    entry = _entry(desk.store, filed, matter)
    at = int(entry.partition(" ")[2]) if asked is None and entry else asked or desk.store.now_ms()

    def then(text: str) -> Move | str:
        try:
            moment = datetime.strptime(text, _MINUTE).replace(tzinfo=place)
        except ValueError:
            return "dpo.corrections.no_time"
        ms = int(moment.timestamp() * 1000)
        same = ms == at // 60_000 * 60_000
        return Instead(_reason(filed.id, Adjust(action, at if same else ms)))

    initial = f"{dates.moment(at, desk.config.device.zone):{_MINUTE}}"
    label, line = "dpo.corrections.time", "dpo.corrections.time_line"
    return Ask("dpo.corrections.adjust", label, then, most=16, line=line, initial=initial)


def _reason(matter_id: str, verdict: Verdict) -> Ask:
    """For the person; as asked needs none."""
    free = isinstance(verdict, Accept)

    def then(reason: str) -> Move:
        def work(desk: Desk) -> Move:
            acting = Decides(of_company(desk), staff(desk), desk.config.device.site)
            rectification.decide(desk.store, matter_id, verdict, reason, acting)
            return Instead(Told("dpo.corrections.decided", "dpo.answer.letter", then=Back(by=1)))

        return Do(work)

    line = "dpo.corrections.free" if free else "dpo.reason_told"
    return Ask("dpo.corrections.decide", "dpo.reason", then, least=0 if free else 1, line=line)


def _view(matter_id: str) -> Ask:
    def then(text: str) -> Move:
        def work(desk: Desk) -> Move:
            rectification.state_own_view(desk.store, matter_id, text, by=staff(desk).account)
            return Back()

        return Do(work)

    return Ask("dpo.corrections.view", "dpo.their_words", then)


def letter(desk: Desk, matter_id: str) -> Page:
    """The answer for the person, to be read. Raises Fault PAPER_UNKNOWN, REQUEST_REFUSED."""
    staff(desk)
    store, company = desk.store, of_company(desk)
    rectification.keep_up(store, company)
    filed = rectification.get(store, matter_id)
    matter = filed.matter
    rectification.need(matter is not None and matter.ruling is not None, "it is not decided yet")
    assert matter is not None and matter.ruling is not None  # noqa: PT018, S101 - as `need` has made sure
    ruling, told = matter.ruling, recipients_of_corrections.tellings(store, filed.id)
    code, zone, now = store.people.get(filed.person).code, desk.config.device.zone, store.now_ms()

    def made(language: str) -> Document:
        head = Letterhead(company, language, code, store.device_id, zone, now)
        return correction_letters.answer(head, filed.id, matter, ruling, told)

    return Leaf("dpo.letter", "dpo.request.letter", drawn(made), icon="paper")
