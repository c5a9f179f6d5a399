"""What the officer does with a request: make sure, answer, put off, charge, refuse; refuses what no law knows."""

from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy import erasing
from kiosk.pages.privacy.document import drawn
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, done, picks, to, word
from kiosk.pages.privacy.who import of_company, officer, staff
from kiosk.pages.sheet import AskedKind, Block, Line, Row, Tone
from kiosk.rights import access, request_acts
from kiosk.rights.access_reader import Reader
from kiosk.rights.document import Document
from kiosk.rights.holdings import holdings
from kiosk.rights.requests import CITES_A_LAW, Filed, RefusalGround, Request, Right, Seen, State
from kiosk.rights.sealed_copy import RIGHTS as COPIES
from kiosk.store import LocalKind
from kiosk.store.accounts import PIN_LENGTH

_ERASES: Final = frozenset({Right.ERASURE, Right.WITHDRAWAL})


def identity(filed: Filed) -> Leaf:
    """How the person is made sure of: their PIN, typed by themselves, or a document that is only looked at."""
    by_pin = (("pin", word("dpo.identity.pin")),) if filed.person else ()
    options = (*by_pin, *((each.value, word(f"requests.seen.{each}")) for each in Seen))

    def then(key: str) -> Move:
        if key == "pin":
            return Instead(_pin(filed.id))
        return done(lambda desk: request_acts.identify_by_sight(desk.store, filed.id, Seen(key), officer(desk)))

    return picks("dpo.identity", "dpo.request.identity", options, then, line="dpo.identity.line")


def _pin(request_id: str, wrong: str = "") -> Ask:
    def then(pin: str) -> Move:
        def work(desk: Desk) -> Move:
            login = staff(desk)
            try:
                request_acts.identify_by_pin(desk.store, request_id, pin, by=login.account)
            except Fault as fault:
                if fault.code is not FaultCode.REQUEST_REFUSED:
                    raise
                return Instead(_pin(request_id, "dpo.identity.wrong"))
            return Back()

        return Do(work)

    return Ask(
        "dpo.request.identity",
        "dpo.identity.own_pin",
        then,
        AskedKind.PIN,
        PIN_LENGTH.start,
        PIN_LENGTH.stop - 1,
        "dpo.identity.hand",
        wrong,
    )


def answers(filed: Filed, request: Request) -> Leaf:
    """What answers this right, and then that it is answered."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = [Row(key, at.say(f"dpo.answer.{key}"), at.say(f"dpo.answer.{key}_about")) for key, _ in leads]
        return (Line(at.say(f"dpo.answer.of_{request.right}")), *rows)

    leads: list[tuple[str, Move]] = []
    if request.right in COPIES and filed.person:
        leads += [("read", to(read, filed.id)), ("copy", Show(copy()))]
    if request.right in _ERASES and filed.person:
        leads.append(("face", Show(erasing.sure(filed, face=True))))
    if request.right is Right.ERASURE and filed.person:
        leads.append(("person", Show(erasing.sure(filed, face=False))))
    leads.append(("note", Show(_note(filed.id))))
    return Leaf("dpo.answers", "dpo.request.answer", draw, tuple(leads), icon="done")


def read(desk: Desk, request_id: str) -> Page:
    """Everything that is kept about the person, to be read with them. Raises Fault REQUEST_REFUSED."""
    officer(desk)
    store, company = desk.store, of_company(desk)
    person = request_acts.get(store, request_id).person
    filed = request_acts.answerable(store, person, COPIES)
    store.append_local(LocalKind.VIEWED, {"list": "access", "person": person, "paper": filed.id})
    held = holdings(store, person)

    def made(language: str) -> Document:
        return access.access(held, Reader(company, language, filed.id))

    return Leaf("dpo.access", "dpo.answer.read", drawn(made), icon="person")


def copy() -> Leaf:
    """Why the sealed copy is made at a shell, and how."""
    return Leaf("dpo.copy", "dpo.answer.copy", _copied, icon="paper")


def _copied(at: At) -> tuple[Block, ...]:
    return (
        *(Line(at.say(f"dpo.copy.{each}")) for each in ("why", "how")),
        Line("kiosk privacy copy --person CODE --out FILE.pdf --by NAME", strong=True),
        *(Line(at.say(f"dpo.copy.{each}")) for each in ("phrase", "then")),
    )


def _note(request_id: str) -> Ask:
    def then(note: str) -> Move:
        def work(desk: Desk) -> Move:
            request_acts.answer(desk.store, request_id, note, officer(desk))
            return Instead(Told("dpo.answer.done", "dpo.answer.letter", then=Back(by=2)))

        return Do(work)

    return Ask("dpo.request.answer", "dpo.answer.said", then, least=0, line="dpo.answer.said_line")


def others(filed: Filed, request: Request, now: int, *, again: bool) -> Leaf:
    """What else may be done with it now."""
    leads: list[tuple[str, Move]] = [("refuse", Show(_grounds(filed, request, again=again)))]
    if request.extension is None and now <= filed.due_at:
        leads.append(("extend", to(_days, filed.id)))
    if request.fee is None and again:
        leads.append(("charge", Show(_amount(filed.id))))
    leads.append(("withdraw", Show(_withdraw(filed.id))))

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(Row(key, at.say(f"dpo.more.{key}"), at.say(f"dpo.more.{key}_about")) for key, _ in leads)

    return Leaf("dpo.more", "dpo.request.more", draw, tuple(leads))


def _grounds(filed: Filed, request: Request, *, again: bool) -> Leaf:
    known = filed.state is State.IDENTIFIED
    grounds = tuple(
        each
        for each in RefusalGround
        if known != (each is RefusalGround.NOT_IDENTIFIED) and _fits(each, request, again=again)
    )
    options = tuple((each.value, word(f"requests.refusals.{each}")) for each in grounds)
    return picks(
        "dpo.refuse",
        "dpo.more.refuse",
        options,
        lambda key: Instead(_law(filed.id, RefusalGround(key))),
        line="dpo.refuse.line",
    )


def _fits(ground: RefusalGround, request: Request, *, again: bool) -> bool:
    if ground is RefusalGround.REPEATED:
        return again
    return ground is not RefusalGround.ACCURATE or request.right is Right.RECTIFICATION


def _law(request_id: str, ground: RefusalGround) -> Ask:
    if ground not in CITES_A_LAW:
        return _reason(request_id, ground, "")
    return Ask(
        "dpo.more.refuse",
        "dpo.refuse.law",
        lambda law: Instead(_reason(request_id, ground, law)),
    )


def _reason(request_id: str, ground: RefusalGround, law: str) -> Ask:
    def then(reason: str) -> Move:
        def work(desk: Desk) -> Move:
            request_acts.refuse(desk.store, request_id, ground, reason, officer(desk), law=law)
            return Instead(Told("dpo.refuse.done", "dpo.answer.letter", then=Back(by=2)))

        return Do(work)

    return Ask("dpo.more.refuse", "dpo.reason", then, line="dpo.reason_told")


def _days(desk: Desk, request_id: str) -> Page:
    most = of_company(desk).clocks.extension_days

    def then(text: str) -> Move | str:
        return Instead(_late(request_id, int(text))) if 1 <= int(text) <= most else "dpo.extend.wrong"

    values, kind = (("most", most),), AskedKind.DIGITS
    line = "dpo.extend.line" if most else "dpo.extend.none"
    return Ask("dpo.more.extend", "dpo.extend.days", then, kind, most=3, line=line, values=values)


def _late(request_id: str, days: int) -> Ask:
    def then(reason: str) -> Move:
        def act(desk: Desk) -> object:
            clocks = of_company(desk).clocks
            return request_acts.extend(desk.store, request_id, days, reason, clocks, officer(desk))

        return done(act, 2)

    return Ask("dpo.more.extend", "dpo.reason", then, line="dpo.reason_told")


def _amount(request_id: str) -> Ask:
    return Ask(
        "dpo.more.charge",
        "dpo.charge.amount",
        lambda amount: Instead(_cause(request_id, amount)),
        most=60,
        line="dpo.charge.line",
    )


def _cause(request_id: str, amount: str) -> Ask:
    def then(reason: str) -> Move:
        return done(lambda desk: request_acts.charge(desk.store, request_id, amount, reason, officer(desk)), 2)

    return Ask("dpo.more.charge", "dpo.reason", then, line="dpo.reason_told")


def _withdraw(request_id: str) -> Leaf:
    def draw(at: At) -> tuple[Block, ...]:
        return (Line(at.say("dpo.withdraw.line")),)

    yes = done(lambda desk: request_acts.withdraw(desk.store, request_id, by=staff(desk).account), 2)
    choices = (Choice("yes", "dpo.withdraw.yes", yes, "done", Tone.PRIMARY),)
    return Leaf("dpo.withdraw", "dpo.more.withdraw", draw, choices=choices)
