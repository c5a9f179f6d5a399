"""What people have asked for, by when it is answered, and writing one down; refuses a name to all but the officer."""

from typing import Final

from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy import objections, request
from kiosk.pages.privacy.leaf import LONG, Ask, Choice, Leaf, nothing, picks, to, word
from kiosk.pages.privacy.who import Known, known, of_company, person_of, reads, staff
from kiosk.pages.sheet import AskedKind, Block, Row
from kiosk.rights import request_acts
from kiosk.rights.request_acts import Arrival
from kiosk.rights.requests import ErasureGround, Filed, How, Right, in_order
from kiosk.store import LocalKind

_WAYS: Final = (How.SHELL, How.FORM, How.LETTER)
_AT_ONCE: Final = frozenset({Right.OBJECTION, Right.RESTRICTION})
CLOSED_SHOWN: Final = 40
"""So many of those that are closed are listed, the newest."""


def page(desk: Desk) -> Page:
    """The register: what is overdue first, then what is due next, then what is closed."""
    acts, now, store = reads(desk), desk.store.now_ms(), desk.store
    every = in_order(request_acts.every(store), now)
    still_open = sum(each.closed_at is None for each in every)
    found = every[: still_open + CLOSED_SHOWN]
    store.append_local(LocalKind.VIEWED, {"list": "requests", "people": len({each.person for each in found})})
    people = tuple(known(store, each.person, erased=each.request is None, named=acts) for each in found)
    return listed(tuple(zip(found, people, strict=True)), now, acts=acts)


def listed(found: tuple[tuple[Filed, Known], ...], now: int, *, acts: bool) -> Leaf:
    """The page of these requests at a moment (ms UTC)."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(_row(at, filed, known, now) for filed, known in found)
        return nothing(at, rows, "dpo.requests.none")

    new = (Choice("new", "dpo.requests.new", Show(_whose()), "paper"),) if acts else ()
    leads = tuple((filed.id, _lead(filed)) for filed, _ in found)
    return Leaf("dpo.requests", "dpo.section.requests", draw, leads, new, icon="paper", load=page)


def _lead(filed: Filed) -> Move:
    """An objection is decided on pages of its own."""
    if filed.elsewhere and filed.request is not None and filed.request.right is Right.OBJECTION:
        return to(objections.one, filed.id)
    return to(request.page, filed.id)


def _row(at: At, filed: Filed, known: Known, now: int) -> Row:
    right = at.say("dpo.erased") if filed.request is None else at.say(f"requests.rights.{filed.request.right}")
    mark = at.say("dpo.late") if filed.late(now) else at.say(f"dpo.requests.state.{filed.state}")
    when = "dpo.requests.due" if filed.closed_at is None else "dpo.requests.closed"
    due = at.say(when, when=at.spell.when(filed.closed_at or filed.due_at))
    who = known.said(at)
    return Row(filed.id, right, f"{who}, {due}" if who else due, mark)


def _whose() -> Leaf:
    """Of somebody with a code, or of somebody whom the device does not know."""
    options = (("code", word("dpo.requests.with_code")), ("nobody", word("dpo.requests.unknown")))
    return picks(
        "dpo.requests.whose",
        "dpo.requests.new",
        options,
        lambda key: Instead(_code() if key == "code" else _right("")),
    )


def _code() -> Ask:
    def then(text: str) -> Move:
        def work(desk: Desk) -> Move:
            staff(desk)
            return Instead(_right(person_of(desk.store, text).id))

        return Do(work)

    return Ask("dpo.requests.new", "dpo.code", then, AskedKind.CODE, most=32)


def _right(person: str) -> Leaf:
    """What is asked for; what stops at once has pages of its own."""
    options = tuple((each.value, word(f"requests.rights.{each}")) for each in Right if each not in _AT_ONCE)

    def then(key: str) -> Move:
        right = Right(key)
        return Instead(_ground(person) if right is Right.ERASURE else _way(person, right, None))

    return picks("dpo.requests.right", "dpo.requests.wants", options, then)


def _ground(person: str) -> Leaf:
    options = tuple((each.value, word(f"requests.erasures.{each}")) for each in ErasureGround)
    return picks(
        "dpo.requests.ground",
        "dpo.requests.why",
        options,
        lambda key: Instead(_way(person, Right.ERASURE, ErasureGround(key))),
    )


def _way(person: str, right: Right, ground: ErasureGround | None) -> Leaf:
    options = tuple((each.value, word(f"requests.how_{each}")) for each in _WAYS)
    return picks(
        "dpo.requests.way",
        "dpo.requests.arrived",
        options,
        lambda key: Instead(_words(person, right, ground, How(key))),
    )


def _words(person: str, right: Right, ground: ErasureGround | None, how: How) -> Ask:
    """Their own words; none are needed."""

    def then(text: str) -> Move:
        def work(desk: Desk) -> Move:
            login = staff(desk)
            arrival = Arrival(right, how, text, None, ground)
            filed = request_acts.file(desk.store, person, arrival, of_company(desk).clocks, by=login.account)
            return Instead(request.page(desk, filed.id))

        return Do(work)

    return Ask("dpo.requests.new", "dpo.requests.text", then, least=0, most=LONG)
