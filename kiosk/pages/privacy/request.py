"""One request: what was asked, who made sure of the person, and the next act; refuses an answer before that."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from kiosk.pages.page import At, Desk, Page, Show
from kiosk.pages.privacy import corrections
from kiosk.pages.privacy import request_acts as acts
from kiosk.pages.privacy.document import drawn, facts
from kiosk.pages.privacy.leaf import Choice, Leaf, anew, to
from kiosk.pages.privacy.who import Known, known, of_company, reads, staff
from kiosk.pages.sheet import Block, Fact, Line, Tone
from kiosk.rights import rectification, request_acts, request_letters
from kiosk.rights.document import Document
from kiosk.rights.request_letters import Letterhead
from kiosk.rights.requests import (
    Answered,
    ByPin,
    BySight,
    Filed,
    Refused,
    Request,
    Right,
    State,
    Withdrawn,
    repeats,
)
from kiosk.store import LocalKind, Store

_DECIDED_BY_A_HUMAN: Final = frozenset({Right.RECTIFICATION, Right.HUMAN_REVIEW})


def page(desk: Desk, request_id: str) -> Page:
    """One request; that somebody looked stands in the ledger. Raises Fault PAPER_UNKNOWN."""
    may_act, store = reads(desk), desk.store
    filed = request_acts.get(store, request_id)
    store.append_local(LocalKind.VIEWED, {"list": "request", "paper": filed.id})
    whose = known(store, filed.person, erased=filed.request is None, named=may_act)
    again = repeats(request_acts.every(store, person=filed.person), filed) > 0 if filed.person else False
    look = Look(store.now_ms(), may_act, _matter(store, filed), again)
    return shown(filed, whose, look)


def _matter(store: Store, filed: Filed) -> str:
    """The open correction, or review, that this request is about; "" if there is none."""
    if filed.request is None or filed.request.right not in _DECIDED_BY_A_HUMAN:
        return ""
    found = rectification.every(store, person=filed.person)
    return next((each.id for each in found if each.matter is not None and each.matter.request == filed.id), "")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a request needs beside it.

    Args:
        now: ms UTC.
        may_act: whether it is the officer's.
        matter: id of the correction that it is about, or "".
        again: whether the same was asked within twelve months.
    """

    now: int
    may_act: bool
    matter: str = ""
    again: bool = False


def shown(filed: Filed, whose: Known, look: Look) -> Leaf:
    """The page of this request."""

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(_drawn(at, filed, whose, look.now))

    choices = tuple(_choices(filed, look)) if look.may_act else ()
    if look.matter and not look.may_act:
        choices = (Choice("matter", "dpo.request.matter", to(corrections.one, look.matter)),)
    return Leaf("dpo.request", "dpo.request.title", draw, choices=choices, icon="paper", load=anew(page, filed.id))


def _choices(filed: Filed, look: Look) -> Iterator[Choice]:
    request = filed.request
    if request is None or filed.elsewhere:
        return
    if look.matter:
        leads = to(corrections.one, look.matter)
        yield Choice("matter", "dpo.request.matter", leads, "done", Tone.PRIMARY)
    elif filed.state is State.OPEN:
        yield Choice("identity", "dpo.request.identity", Show(acts.identity(filed)), "person", Tone.PRIMARY)
    elif filed.state is State.IDENTIFIED:
        yield Choice("answer", "dpo.request.answer", Show(acts.answers(filed, request)), "done", Tone.PRIMARY)
    if filed.closed_at is None:
        yield Choice("more", "dpo.request.more", Show(acts.others(filed, request, look.now, again=look.again)))
    if filed.state is not State.WITHDRAWN:
        yield Choice("letter", "dpo.request.letter", to(letter, filed.id), "paper")


def letter(desk: Desk, request_id: str) -> Page:
    """What the person gets on paper about it, to be read. Raises Fault PAPER_UNKNOWN."""
    staff(desk)
    store, company = desk.store, of_company(desk)
    filed = request_acts.get(store, request_id)
    now, code = store.clock(), known(store, filed.person, erased=filed.request is None, named=False).code

    def made(language: str) -> Document:
        head = Letterhead(company, language, code, store.device_id, now.clock.zone, now.wall_ms)
        return request_letters.letter(head, filed)

    return Leaf("dpo.letter", "dpo.request.letter", drawn(made), icon="paper")


def _drawn(at: At, filed: Filed, whose: Known, now: int) -> Iterator[Block]:
    request = filed.request
    if request is None:
        yield Line(at.say("dpo.request.erased"), strong=True)
        yield Fact(at.say("dpo.request.number"), filed.id)
        yield Fact(at.say("dpo.request.filed"), at.spell.when(filed.created_at))
        return
    yield Line(at.say(f"requests.rights.{request.right}"), strong=True)
    yield Fact(at.say("dpo.person"), whose.said(at) or at.say("requests.unknown_person"))
    yield Fact(at.say("dpo.request.state"), at.say(f"requests.states.{filed.state}"))
    if filed.closed_at is None:
        if filed.late(now):
            yield Line(at.say("dpo.request.overdue", when=at.spell.when(filed.due_at)), warn=True, icon="warning")
        else:
            yield Fact(at.say("requests.due"), _left(at, filed.due_at, now))
    if request.ground is not None:
        yield Fact(at.say("dpo.request.ground"), at.say(f"requests.erasures.{request.ground}"))
    if request.text:
        yield from facts(at.say("dpo.request.words"), request.text)
    yield Fact(
        at.say("requests.received"),
        at.say("dpo.request.arrived", when=at.spell.when(request.received_at), how=_how(at, request)),
    )
    yield from _acts(at, request, elsewhere=filed.elsewhere)
    yield Fact(at.say("dpo.request.number"), filed.id)


def _how(at: At, request: Request) -> str:
    return at.say(f"requests.how_{request.how}")


def _left(at: At, due_at: int, now: int) -> str:
    hours = max(0, (due_at - now) // 3_600_000)
    return at.say("dpo.hours_left", when=at.spell.when(due_at), hours=hours)


def _acts(at: At, request: Request, *, elsewhere: bool) -> Iterator[Block]:
    if elsewhere:
        yield Line(at.say("dpo.request.elsewhere"))
        return
    known_by = at.say("dpo.request.known_by")
    match request.identity:
        case ByPin(moment):
            yield Fact(known_by, at.say("dpo.request.by_pin", when=at.spell.when(moment)))
        case BySight(document, moment):
            seen = at.say(f"requests.seen.{document}")
            yield Fact(known_by, at.say("dpo.request.by_sight", document=seen, when=at.spell.when(moment)))
        case None:
            yield Fact(known_by, at.say("dpo.request.by_nobody"))
        case _:
            assert_never(request.identity)
    if request.extension is not None:
        days, reason = request.extension.days, request.extension.reason
        yield from facts(at.say("dpo.request.put_off", days=days), reason)
    if request.fee is not None:
        yield from facts(at.say("dpo.request.fee_of", amount=request.fee.amount), request.fee.reason)
    yield from _outcome(at, request)


def _outcome(at: At, request: Request) -> Iterator[Block]:
    match request.outcome:
        case Answered(note, certificate, moment):
            yield from facts(at.say("dpo.request.answered", when=at.spell.when(moment)), note or "-")
            if certificate:
                yield Fact(at.say("dpo.request.certificate"), certificate)
        case Refused(ground, reason, law, moment):
            yield from facts(
                at.say("dpo.request.refused", when=at.spell.when(moment)), at.say(f"requests.refusals.{ground}")
            )
            yield from facts(at.say("requests.reason"), reason)
            if law:
                yield from facts(at.say("requests.law"), law)
        case Withdrawn(moment):
            yield Fact(at.say("requests.states.withdrawn"), at.spell.when(moment))
        case None:
            pass
        case _:
            assert_never(request.outcome)
