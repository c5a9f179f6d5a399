"""People who have left and are still here: read for security and fraud alone; refuses to show one unrecorded."""

from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy.leaf import Ask, Leaf, nothing, picks, word
from kiosk.pages.privacy.who import officer
from kiosk.pages.sheet import Block, Fact, Line, Row
from kiosk.rights import held_class
from kiosk.rights.held_class import HeldPurpose, Left, Shown
from wire.event import Amendment, CheckIn, Correction, Dispute, Event, Notice, TripDetails


def page(desk: Desk) -> Page:
    """Who they are by random id, and why they are still here."""
    officer(desk)
    return listed(held_class.everybody(desk.store))


def listed(found: tuple[Left, ...]) -> Leaf:
    """The page of these people."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(
            Row(
                each.person,
                each.person,
                at.say("proofs.left.entries", number=each.entries),
                at.say(f"proofs.left.{each.why}"),
            )
            for each in found
        )
        return nothing(at, rows, "proofs.left.none")

    leads = tuple((each.person, Show(_purpose(each.person))) for each in found)
    return Leaf("proofs.left", "proofs.outside.left", draw, leads, line="proofs.left.line")


def _purpose(person: str) -> Leaf:
    options = tuple((each.value, word(f"proofs.left.for_{each}")) for each in HeldPurpose)
    return picks(
        "proofs.left.purpose",
        "proofs.left.purpose",
        options,
        lambda key: Instead(_why(person, HeldPurpose(key))),
        line="proofs.left.filed",
    )


def _why(person: str, purpose: HeldPurpose) -> Ask:
    """The occasion; the reading is filed before anything is shown."""

    def then(why: str) -> Move:
        def work(desk: Desk) -> Move:
            return Instead(shown(held_class.show(desk.store, person, purpose, why, officer(desk).account)))

        return Do(work)

    return Ask("proofs.left.purpose", "proofs.left.why", then)


def shown(found: Shown) -> Leaf:
    """What is held of one person."""

    def draw(at: At) -> tuple[Block, ...]:
        head = Fact(at.say("dpo.person"), at.say("dpo.known", name=found.person.name, code=found.person.code))
        events = tuple(Fact(at.spell.when(each.occurred_at), _what(at, each)) for each in found.events)
        return (head, Line(at.say("proofs.left.read", paper=found.paper)), *events)

    return Leaf("dpo.held", "proofs.left.one", draw)


def _what(at: At, event: Event) -> str:
    match event:
        case CheckIn() | Correction() | Amendment():
            return at.say(f"correction.action.{event.action}")
        case Dispute():
            return at.say("evidence.disputed")
        case Notice() | TripDetails():
            return at.say("evidence.other")
