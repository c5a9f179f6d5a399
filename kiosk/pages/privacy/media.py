"""The register of media and laptops that may carry personal data; refuses one without encryption or approval."""

from kiosk.pages.page import At, Desk, Instead, Move, Page, Show
from kiosk.pages.privacy.document import facts, lines
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, ahead, done, nothing, picks, word
from kiosk.pages.privacy.who import officer, reads, staff
from kiosk.pages.sheet import Block, Fact, Line, Row
from kiosk.rights import dates, media
from kiosk.rights.media import Entry, MediumKind, Unfit


def page(desk: Desk) -> Page:
    """The register."""
    may_act = reads(desk)
    return listed(media.listed(desk.store), desk.store.now_ms(), may_act=may_act)


def listed(found: tuple[Entry, ...], now: int, *, may_act: bool) -> Leaf:
    """The page of these media."""

    def draw(at: At) -> tuple[Block, ...]:
        return nothing(at, tuple(_row(at, one, now) for one in reversed(found)), "proofs.media.none")

    leads = tuple((one.id, Show(_one(one, now, may_act=may_act))) for one in found)
    new = (Choice("new", "proofs.media.new", Show(_kind()), "paper"),) if may_act else ()
    return Leaf("proofs.media", "proofs.outside.media", draw, leads, new, load=page)


def _state(at: At, one: Entry, now: int) -> str:
    match one.unfit(now):
        case None:
            return at.say("proofs.media.fit")
        case Unfit.EXPIRED:
            return at.say("proofs.media.expired")
        case _:
            return at.say("proofs.media.withdrawn")


def _row(at: At, one: Entry, now: int) -> Row:
    until = at.say("proofs.contracts.until", day=at.spell.day(one.medium.until - 1))
    kind = at.say(f"measures.medium.{one.medium.kind}")
    return Row(one.id, one.medium.label, f"{kind}, {one.medium.serial}. {until}", _state(at, one, now))


def _one(one: Entry, now: int, *, may_act: bool) -> Leaf:
    def draw(at: At) -> tuple[Block, ...]:
        return (
            *facts(at.say("measures.head.label"), one.medium.label),
            Fact(at.say("measures.head.kind"), at.say(f"measures.medium.{one.medium.kind}")),
            *facts(at.say("measures.head.serial"), one.medium.serial),
            *facts(at.say("proofs.media.encryption"), one.medium.encryption),
            *facts(at.say("proofs.media.reference"), one.medium.reference),
            Fact(at.say("measures.head.until"), at.spell.day(one.medium.until - 1)),
            Fact(at.say("proofs.media.state"), _state(at, one, now)),
            Fact(at.say("dpo.request.number"), one.id),
        )

    withdraw = Choice(
        "withdraw",
        "proofs.media.withdraw",
        done(lambda desk: media.withdraw(desk.store, one.id, staff(desk))),
        "cancel",
    )
    may = may_act and one.state == media.REGISTERED
    return Leaf("dpo.medium", "proofs.media.one", draw, choices=(withdraw,) if may else ())


def _kind() -> Leaf:
    options = tuple((each.value, word(f"measures.medium.{each}")) for each in MediumKind)
    return picks("proofs.media.kind", "proofs.media.new", options, lambda key: Instead(_asked(MediumKind(key), ())))


_ASKED = ("serial", "label", "encryption", "reference")


def _asked(kind: MediumKind, given: tuple[str, ...]) -> Ask:
    """One after the other; then the last day of the approval."""
    if len(given) == len(_ASKED):
        return ahead(
            "proofs.media.new",
            lambda day: _register(kind, given, day),
            line="proofs.media.until_line",
            within_ms=dates.YEAR_MS,
        )
    name = _ASKED[len(given)]
    return Ask("proofs.media.new", f"proofs.media.{name}", lambda text: Instead(_asked(kind, (*given, text))), most=200)


def _register(kind: MediumKind, given: tuple[str, ...], day: str) -> Move:
    """Without a mark: evidence goes onto a medium that is marked at a shell."""
    serial, label, encryption, reference = given

    def act(desk: Desk) -> object:
        made = media.new(kind, serial, label, encryption, reference, dates.ends(day))
        return media.register(desk.store, made, officer(desk))

    return Instead(_before(kind, label, done(act)))


def _before(kind: MediumKind, label: str, register: Move) -> Leaf:
    """What it is good for, and for what it needs a mark."""

    def draw(at: At) -> tuple[Block, ...]:
        return (
            Fact(at.say(f"measures.medium.{kind}"), label),
            *lines(at.say("proofs.media.mark")),
            Line("kiosk privacy media add ... --at DIR --by NAME"),
        )

    return Leaf(
        "dpo.registering",
        "proofs.media.new",
        draw,
        choices=(Choice("go", "proofs.media.register", register, "done"),),
    )
