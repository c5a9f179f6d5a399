"""What has left the house, or may: evidence, media, recipients who were told; refuses to write a file by a touch."""

from collections.abc import Iterator

from kiosk.pages.page import At, Desk, Move, Page, Show
from kiosk.pages.privacy import left, media
from kiosk.pages.privacy.document import facts, lines
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, done, nothing, opening
from kiosk.pages.privacy.menu import menu
from kiosk.pages.privacy.who import names, officer, reads, staff
from kiosk.pages.sheet import Block, Fact, Line, Row, Tone
from kiosk.rights import exports, recipients_told
from kiosk.rights.exports import DESTROYED, Listed
from kiosk.rights.recipients_told import OPEN, Telling, Told


def page() -> Leaf:
    """Evidence, media, recipients, people who have left."""
    return menu(
        "proofs.outside",
        "dpo.section.outside",
        ("evidence", opening(evidence)),
        ("media", opening(media.page)),
        ("recipients", opening(recipients)),
        ("left", opening(left.page)),
    )


def evidence(desk: Desk) -> Page:
    """The register of evidence, and how two people hand it out at a shell."""
    may_act, store = reads(desk), desk.store
    return listed(exports.listed(store), store.now_ms(), names(store), may_act=may_act)


def listed(found: tuple[Listed, ...], now: int, by: dict[str, str], *, may_act: bool) -> Leaf:
    """The page of these exports; `by`: the names of the accounts."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(_row(at, one, now) for one in reversed(found))
        how = Row("how", at.say("proofs.evidence.how"), at.say("proofs.evidence.how_about"))
        return (how, *nothing(at, rows, "proofs.evidence.none"))

    leads = tuple((one.id, Show(export(one, by, may_act=may_act))) for one in found)
    how = ("how", Show(Leaf("dpo.evidence_how", "proofs.evidence.how", _how)))
    return Leaf("proofs.evidence", "proofs.outside.evidence", draw, (how, *leads), load=evidence)


def _row(at: At, one: Listed, now: int) -> Row:
    wanted = one.export.wanted
    mark = at.say("dpo.late") if one.late(now) else at.say(f"proofs.evidence.{one.state}")
    until = at.say("proofs.evidence.until", day=at.spell.day(one.expires))
    tell = (at.say("proofs.evidence.to_tell", number=one.to_tell),) if one.to_tell else ()
    return Row(one.id, wanted.requester, ". ".join((until, *tell)), mark)


def _how(at: At) -> tuple[Block, ...]:
    return (
        *lines(at.say("proofs.evidence.two")),
        Line("kiosk privacy evidence --person CODE --requester TEXT --ground TEXT --cited-law TEXT --scope attendance"),
        Line("--from DATE --to DATE --medium ID --at DIR --seal-for KEY --first NAME --second NAME"),
        *lines(at.say("proofs.evidence.why")),
    )


def export(one: Listed, by: dict[str, str], *, may_act: bool) -> Leaf:
    """One of them, and what becomes of it."""

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(_drawn(at, one, by))

    return Leaf("dpo.export", "proofs.evidence.one", draw, choices=tuple(_choices(one)) if may_act else ())


def _choices(one: Listed) -> Iterator[Choice]:
    if one.to_tell:
        told = done(lambda desk: exports.told(desk.store, one.id, staff(desk).account))
        yield Choice("told", "proofs.evidence.told", told, "done", Tone.PRIMARY)
    elif one.export.wanted.not_told:
        tell = done(lambda desk: exports.tell_now(desk.store, one.id, officer(desk).account))
        yield Choice("tell", "proofs.evidence.tell", tell)
    if one.state != DESTROYED:
        gone = done(lambda desk: exports.destroyed(desk.store, one.id, staff(desk).account))
        yield Choice("destroyed", "proofs.evidence.gone", gone, "erase")


def _drawn(at: At, one: Listed, by: dict[str, str]) -> Iterator[Block]:
    export, wanted = one.export, one.export.wanted
    yield from facts(at.say("evidence.requester"), wanted.requester)
    yield from facts(at.say("evidence.ground"), wanted.ground)
    yield from facts(at.say("evidence.cited_law"), wanted.cited_law)
    yield Fact(at.say("evidence.scope"), at.say(f"evidence.scope_{wanted.scope}"))
    yield Fact(
        at.say("evidence.when"),
        at.say("evidence.period", first=at.spell.day(wanted.first), last=at.spell.day(wanted.last - 1)),
    )
    entries = at.say("evidence.entries_of", entries=export.entries, people=len(export.people))
    yield Fact(at.say("evidence.entries"), entries)
    two = at.say(
        "proofs.evidence.both", first=by.get(export.first, export.first), second=by.get(export.second, export.second)
    )
    yield Fact(at.say("proofs.evidence.by"), two)
    yield Fact(at.say("evidence.expires"), at.spell.day(one.expires))
    if one.to_tell:
        yield Fact(at.say("proofs.evidence.untold"), str(one.to_tell))
    if wanted.not_told:
        yield from facts(at.say("proofs.evidence.not_told"), wanted.not_told)
    yield from facts(at.say("evidence.sealed_digest"), export.sealed_sha256 or "-")
    yield Line(at.say("dpo.on_paper"))
    yield Line(f"kiosk privacy exports receipt --export {one.id} --pdf FILE --by NAME")


def recipients(desk: Desk) -> Page:
    """Who was told of an erasure or a correction: what is still open first."""
    may_act = reads(desk)
    found = sorted(recipients_told.every(desk.store), key=lambda each: (each.state not in OPEN, each.changed_at))
    return told(tuple(found), may_act=may_act)


def told(found: tuple[Telling, ...], *, may_act: bool) -> Leaf:
    """The page of these tellings."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(
            Row(
                each.id,
                each.recipient,
                f"{at.say(f'proofs.told.{each.about}')}, {at.spell.day(each.changed_at)}",
                at.say(f"proofs.told.{each.state}"),
            )
            for each in found
        )
        return nothing(at, rows, "proofs.told.none")

    leads = tuple((each.id, Show(telling(each, may_act=may_act))) for each in found)
    return Leaf("proofs.told", "proofs.outside.recipients", draw, leads, load=recipients)


def telling(each: Telling, *, may_act: bool) -> Leaf:
    """One of them, and how far it is."""

    def draw(at: At) -> tuple[Block, ...]:
        reason = facts(at.say("dpo.reason"), each.reason) if each.reason else ()
        return (
            Fact(at.say("correction.recipient"), each.recipient),
            Fact(at.say("proofs.told.what"), at.say(f"proofs.told.{each.about}")),
            Fact(at.say("proofs.told.subject"), each.subject),
            Fact(at.say("correction.state"), at.say(f"proofs.told.{each.state}")),
            Fact(at.say("correction.since"), at.spell.when(each.changed_at)),
            *reason,
        )

    def settle(state: Told) -> Move:
        return done(lambda desk: recipients_told.settle(desk.store, each.id, state, officer(desk)))

    choices = (
        *((Choice("told", "proofs.told.tell", settle(Told.TOLD), "sent"),) if each.state is Told.TO_TELL else ()),
        Choice("confirmed", "proofs.told.confirm", settle(Told.CONFIRMED), "done", Tone.PRIMARY),
        Choice("effort", "proofs.told.effort", Show(_effort(each.id))),
    )
    may = may_act and each.state in OPEN
    return Leaf("dpo.telling", "proofs.told.one", draw, choices=choices if may else ())


def _effort(paper: str) -> Ask:
    def then(reason: str) -> Move:
        return done(
            lambda desk: recipients_told.settle(desk.store, paper, Told.DISPROPORTIONATE, officer(desk), reason=reason),
            2,
        )

    return Ask("proofs.told.effort", "dpo.reason", then, line="proofs.told.effort_line")
