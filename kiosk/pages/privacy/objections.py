"""Objections: what stopped at once, and the officer's decision; refuses to go on with anything without a ground."""

from collections.abc import Iterator

from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy.document import facts, lines
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, anew, nothing, picks, to, word
from kiosk.pages.privacy.who import Confirmed, Known, known, of_company, person_of, reads, staff
from kiosk.pages.sheet import AskedKind, Block, Fact, Line, Row, Tone
from kiosk.rights import objecting
from kiosk.rights.objection import LEAST_GROUND, Effect, Objected, Outcome
from kiosk.rights.purposes import Purpose
from kiosk.store import LocalKind
from kiosk.store.approval import LoggedIn
from kiosk.store.papers import Paper


def page(desk: Desk) -> Page:
    """Every objection, those that wait for a decision first."""
    may_act, store = reads(desk), desk.store
    found = sorted(objecting.every(store), key=lambda each: (bool(each[1].outcome), each[0].due_at or 0))
    store.append_local(LocalKind.VIEWED, {"list": "objections", "people": len({paper.person for paper, _ in found})})
    people = [known(store, paper.person, named=may_act) for paper, _ in found]
    rows = tuple((paper, one, whose) for (paper, one), whose in zip(found, people, strict=True))

    def draw(at: At) -> tuple[Block, ...]:
        return nothing(at, tuple(_row(at, *each) for each in rows), "dpo.objections.none")

    leads = tuple((paper.id, to(one, paper.id)) for paper, _, _ in rows)
    new = (Choice("new", "dpo.objections.new", Show(_code()), "paper"),) if may_act else ()
    return Leaf("dpo.objections", "dpo.objections.title", draw, leads, new, load=page)


def _row(at: At, paper: Paper, found: Objected, whose: Known) -> Row:
    what = at.say(f"registers.short.{found.purpose}")
    state = at.say(f"dpo.objections.{found.outcome or 'assessed'}")
    due = "" if found.outcome or paper.due_at is None else at.spell.when(paper.due_at)
    said = at.say("dpo.requests.due", when=due) if due else ""
    return Row(paper.id, f"{what}: {whose.said(at)}", said, state)


def one(desk: Desk, paper_id: str) -> Page:
    """One objection. Raises Fault PAPER_UNKNOWN."""
    may_act, store = reads(desk), desk.store
    paper, found = objecting.read(store, paper_id)
    store.append_local(LocalKind.VIEWED, {"list": "objection", "people": 1})
    return shown(paper, found, known(store, paper.person, named=may_act), may_act=may_act)


def shown(paper: Paper, found: Objected, whose: Known, *, may_act: bool) -> Leaf:
    """The page of this objection."""

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(_drawn(at, paper, found, whose))

    waits = may_act and not found.outcome
    choices = (
        Choice("uphold", "dpo.objections.uphold", Show(_sure(paper.id, found)), "done", Tone.PRIMARY),
        Choice("override", "dpo.objections.override", Show(_ground(paper.id))),
    )
    load = anew(one, paper.id)
    return Leaf("dpo.objection", "dpo.objections.one", draw, choices=choices if waits else (), load=load)


def _drawn(at: At, paper: Paper, found: Objected, whose: Known) -> Iterator[Block]:
    yield Line(at.say(f"registers.purpose.{found.purpose}"), strong=True)
    yield Fact(at.say("dpo.person"), whose.said(at))
    yield Fact(at.say("objection.received"), at.spell.when(found.received_at))
    if not found.outcome and paper.due_at is not None:
        yield Fact(at.say("objection.due"), at.spell.when(paper.due_at))
    yield from facts(at.say("objection.you_said"), found.why)
    yield from facts(at.say("objection.at_once"), at.say(f"objection.effect_{found.effect}"))
    face = found.outcome == Outcome.UPHELD and found.effect is Effect.FACE_STOPPED
    outcome = "upheld_face" if face else found.outcome or "assessed"
    yield from facts(at.say("objection.outcome"), at.say(f"objection.outcome_{outcome}"))
    if found.ground:
        yield from facts(at.say("objection.ground"), found.ground)


def _sure(paper_id: str, found: Objected) -> Leaf:
    """That it holds; a face goes with it, and nobody brings it back."""
    ends_a_face = found.effect is Effect.FACE_STOPPED

    def draw(at: At) -> tuple[Block, ...]:
        return lines(at.say("dpo.objections.erases" if ends_a_face else "dpo.objections.stays"))

    def then(desk: Desk, login: LoggedIn) -> Move:
        site = desk.config.device.site
        objecting.decide(desk.store, paper_id, Outcome.UPHELD, by=login.account, site=site)
        return Instead(Told("dpo.objections.decided", "dpo.answer.letter", then=Back()))

    tone = Tone.DANGER if ends_a_face else Tone.PRIMARY
    yes = Choice("yes", "dpo.objections.uphold", Instead(Confirmed("dpo.objections.uphold", then)), "done", tone)
    return Leaf("dpo.uphold", "dpo.objections.uphold", draw, choices=(yes,))


def _ground(paper_id: str) -> Ask:
    def then(ground: str) -> Move:
        def confirmed(desk: Desk, login: LoggedIn) -> Move:
            site = desk.config.device.site
            objecting.decide(desk.store, paper_id, Outcome.OVERRIDDEN, ground=ground, by=login.account, site=site)
            return Instead(Told("dpo.objections.decided", "dpo.objections.goes_on", then=Back()))

        return Instead(Confirmed("dpo.objections.override", confirmed))

    return Ask(
        "dpo.objections.override",
        "dpo.objections.ground",
        then,
        least=LEAST_GROUND,
        line="dpo.objections.ground_line",
    )


def _code() -> Ask:
    """Of whom; what can stop for them stops in the moment it is written down."""

    def then(text: str) -> Move:
        return Instead(_purpose(text))

    return Ask("dpo.objections.new", "dpo.code", then, AskedKind.CODE, most=32)


def _purpose(code: str) -> Leaf:
    options = tuple((each.value, word(f"registers.short.{each}")) for each in Purpose)
    return picks(
        "dpo.objections.purpose",
        "dpo.objections.new",
        options,
        lambda key: Instead(_why(code, Purpose(key))),
        line="dpo.objections.purpose_line",
    )


def _why(code: str, purpose: Purpose) -> Ask:
    def then(why: str) -> Move:
        def work(desk: Desk) -> Move:
            login, site = staff(desk), desk.config.device.site
            person = person_of(desk.store, code).id
            filed = objecting.file(desk.store, of_company(desk), person, purpose, why, by=login.account, site=site)
            return Instead(one(desk, filed.id))

        return Do(work)

    return Ask("dpo.objections.new", "dpo.their_words", then)
