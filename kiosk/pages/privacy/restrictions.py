"""Restrictions in force: begin one, tell the person, lift it; refuses to lift what nobody was told of."""

from collections.abc import Iterator
from typing import Final

from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy.document import facts, lines
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, anew, done, nothing, picks, to, word
from kiosk.pages.privacy.who import Known, known, officer, person_of, reads, staff
from kiosk.pages.sheet import AskedKind, Block, Fact, Line, Row, Tone
from kiosk.rights import dates, restriction
from kiosk.rights.restriction import Restricted, Restriction, hindrance
from kiosk.store import LocalKind, held

DAYS: Final = 3
"""So many days lie between telling somebody and lifting it, unless they want it lifted themselves."""


def page(desk: Desk) -> Page:
    """What is restricted now, and how much is held back by it."""
    may_act, store = reads(desk), desk.store
    found = [(paper, one) for paper, one in restriction.every(store) if not one.lifted_at]
    store.append_local(LocalKind.VIEWED, {"list": "restrictions", "people": len({paper.person for paper, _ in found})})
    rows = tuple((paper.id, one, known(store, paper.person, named=may_act)) for paper, one in found)

    def draw(at: At) -> tuple[Block, ...]:
        return nothing(at, tuple(_row(at, *each) for each in rows), "dpo.restrictions.none")

    leads = tuple((paper, to(one, paper)) for paper, _, _ in rows)
    new = (Choice("new", "dpo.restrictions.new", Show(_code()), "paper"),) if may_act else ()
    return Leaf("dpo.restrictions", "dpo.restrictions.title", draw, leads, new, load=page)


def _row(at: At, paper: str, found: Restriction, whose: Known) -> Row:
    what = at.say(f"dpo.restrictions.{found.purpose}")
    since = at.say("dpo.since", when=at.spell.day(found.received_at))
    mark = at.say("dpo.restrictions.told") if found.told_at else ""
    return Row(paper, f"{what}: {whose.said(at)}", since, mark)


def one(desk: Desk, paper_id: str) -> Page:
    """One restriction. Raises Fault PAPER_UNKNOWN."""
    may_act, store = reads(desk), desk.store
    paper, found = restriction.read(store, paper_id)
    store.append_local(LocalKind.VIEWED, {"list": "restrictions", "people": 1})
    waits = held.count(store.database, paper.person) if found.purpose is Restricted.ATTENDANCE else 0
    whose = known(store, paper.person, named=may_act)
    return shown(paper_id, found, whose, waits, store.now_ms(), may_act=may_act)


def shown(paper_id: str, found: Restriction, whose: Known, waits: int, now: int, *, may_act: bool) -> Leaf:  # noqa: PLR0913 - what it says
    """The page of this restriction at a moment (ms UTC)."""

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(_drawn(at, found, whose, waits))

    tell = Choice("tell", "dpo.restrictions.tell", Show(_tell(paper_id)), "paper", Tone.PRIMARY)
    lift = Choice("lift", "dpo.restrictions.lift", Show(_lift(paper_id, waits)), "done", Tone.PRIMARY)
    ready = hindrance(found, now) is None
    choices = () if found.lifted_at or not may_act else (lift,) if ready else () if found.told_at else (tell,)
    load = anew(one, paper_id)
    return Leaf("dpo.restriction", "dpo.restrictions.one", draw, choices=choices, load=load)


def _drawn(at: At, found: Restriction, whose: Known, waits: int) -> Iterator[Block]:
    yield Line(at.say(f"dpo.restrictions.{found.purpose}"), strong=True)
    yield Fact(at.say("dpo.person"), whose.said(at))
    yield Fact(at.say("restriction.since"), at.spell.when(found.received_at))
    yield from facts(at.say("restriction.you_said"), found.why)
    yield from facts(at.say("restriction.means"), at.say(f"restriction.means_{found.purpose}"))
    if waits:
        yield Fact(at.say("dpo.restrictions.held"), str(waits))
    if found.lifted_at:
        yield Fact(at.say("dpo.restrictions.over"), at.spell.when(found.lifted_at))
    elif found.told_at:
        yield Fact(at.say("dpo.restrictions.from"), at.spell.when(found.lift_at))
    else:
        yield Line(at.say("dpo.restrictions.untold"))


def _tell(paper_id: str) -> Leaf:
    """In three days, or at once where they want it themselves."""

    def act(*, agreed: bool) -> Move:
        def work(desk: Desk) -> object:
            login, zone = officer(desk), desk.config.device.zone
            day = dates.day(desk.store.now_ms() + DAYS * dates.DAY_MS, zone)
            at = None if agreed else dates.begins(day, zone)
            return restriction.tell(desk.store, paper_id, at, by=login.account)

        return done(work)

    options = (("days", word("dpo.restrictions.in_days")), ("agreed", word("dpo.restrictions.agreed")))
    line = "dpo.restrictions.tell_line"
    return picks("dpo.tell", "dpo.restrictions.tell", options, lambda key: act(agreed=key == "agreed"), line=line)


def _lift(paper_id: str, waits: int) -> Leaf:
    def draw(at: At) -> tuple[Block, ...]:
        return lines(at.say("dpo.restrictions.sent", number=waits))

    def act(desk: Desk) -> object:
        return restriction.lift(desk.store, paper_id, by=officer(desk).account, site=desk.config.device.site)

    yes = Choice("yes", "dpo.restrictions.lift", done(act), "done", Tone.PRIMARY)
    return Leaf("dpo.lift", "dpo.restrictions.lift", draw, choices=(yes,))


def _code() -> Ask:
    return Ask("dpo.restrictions.new", "dpo.code", lambda code: Instead(_what(code)), AskedKind.CODE, most=32)


def _what(code: str) -> Leaf:
    options = tuple((each.value, word(f"dpo.restrictions.{each}")) for each in Restricted)
    return picks("dpo.restrict", "dpo.restrictions.new", options, lambda key: Instead(_why(code, Restricted(key))))


def _why(code: str, purpose: Restricted) -> Ask:
    def then(why: str) -> Move:
        def work(desk: Desk) -> Move:
            login, site = staff(desk), desk.config.device.site
            person = person_of(desk.store, code).id
            made = restriction.begin(desk.store, person, purpose, why, by=login.account, site=site)
            return Instead(one(desk, made))

        return Do(work)

    return Ask("dpo.restrictions.new", "dpo.their_words", then)
