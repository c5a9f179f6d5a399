"""Contracts of technicians: listed, added, ended; refuses one that has run out, and the account of anybody else."""

from kiosk.faults import Fault, FaultCode
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy.document import facts
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, Said, ahead, done, nothing, picks
from kiosk.pages.privacy.who import names, reads, staff
from kiosk.pages.sheet import Block, Fact, Line, Row
from kiosk.rights import contracts, dates
from kiosk.rights.contracts import Contract
from kiosk.store.approval import Role


def page(desk: Desk) -> Page:
    """Every contract that nobody has ended."""
    may_act, store = reads(desk), desk.store
    return listed(contracts.running(store), names(store), store.now_ms(), may_act=may_act)


def listed(found: tuple[Contract, ...], by: dict[str, str], now: int, *, may_act: bool) -> Leaf:
    """The page of these contracts; `by`: the names of the accounts."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(_row(at, str(number), one, by, now) for number, one in enumerate(found))
        return nothing(at, rows, "proofs.contracts.none")

    leads = tuple((str(number), Show(_one(one, by, may_act=may_act))) for number, one in enumerate(found))
    new = (Choice("new", "proofs.contracts.new", Do(_technician), "paper"),) if may_act else ()
    return Leaf("proofs.contracts", "proofs.staff.contracts", draw, leads, new, load=page)


def _row(at: At, key: str, one: Contract, by: dict[str, str], now: int) -> Row:
    until = at.say("proofs.contracts.until", day=at.spell.day(one.until - 1))
    over = one.until <= now
    mark = "proofs.contracts.over" if over else "proofs.contracts.in_force"
    return Row(key, by.get(one.account, one.account), f"{one.company}, {one.reference}. {until}", at.say(mark))


def _one(one: Contract, by: dict[str, str], *, may_act: bool) -> Leaf:
    def draw(at: At) -> tuple[Block, ...]:
        return (
            Fact(at.say("measures.head.account"), by.get(one.account, one.account)),
            *facts(at.say("proofs.contracts.company"), one.company),
            *facts(at.say("proofs.contracts.reference"), one.reference),
            Fact(at.say("measures.head.until"), at.spell.day(one.until - 1)),
            Line(at.say("proofs.contracts.ends")),
        )

    end = Choice(
        "end", "proofs.contracts.end", done(lambda desk: contracts.end(desk.store, one.account, staff(desk))), "cancel"
    )
    return Leaf("dpo.contract", "proofs.contracts.one", draw, choices=(end,) if may_act else ())


def _technician(desk: Desk) -> Move:
    """Whose contract it is: one of the technicians who have an account."""
    staff(desk)
    found = [each for each in desk.store.admins.all() if each.role is Role.TECHNICIAN]
    if not found:
        raise Fault(FaultCode.ACCOUNT_UNKNOWN)
    options = tuple((each.id, _named(each.record.name)) for each in found)
    return Show(picks("proofs.contracts.whose", "proofs.contracts.new", options, lambda key: Instead(_company(key))))


def _named(name: str) -> Said:
    return lambda _: name


def _company(account: str) -> Ask:
    return Ask(
        "proofs.contracts.new",
        "proofs.contracts.company",
        lambda company: Instead(_reference(account, company)),
        most=200,
    )


def _reference(account: str, company: str) -> Ask:
    def then(reference: str) -> Move:
        return Instead(
            ahead(
                "proofs.contracts.new",
                lambda day: _file(account, company, reference, day),
                line="proofs.contracts.last",
            )
        )

    return Ask("proofs.contracts.new", "proofs.contracts.reference", then, most=200)


def _file(account: str, company: str, reference: str, day: str) -> Move:
    def act(desk: Desk) -> object:
        made = contracts.contract(account, company, reference, dates.ends(day))
        return contracts.file(desk.store, made, staff(desk))

    return done(act)
