"""Those who run the device: approvals, contracts, training, the quarter's review; refuses an approval of nobody."""

from collections.abc import Callable
from typing import Final

from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy import contracts
from kiosk.pages.privacy.document import drawn, facts
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, nothing, opening, picks, to, word
from kiosk.pages.privacy.menu import menu
from kiosk.pages.privacy.who import Confirmed, of_company, officer, person_of, reads, seated
from kiosk.pages.sheet import AskedKind, Block, Fact, Row, Tone
from kiosk.rights import approvals, machine, quarter, quarter_measures, review_report, staff
from kiosk.rights.acting import READERS
from kiosk.rights.approvals import ForExport, ForRole, Matter
from kiosk.rights.document import Document
from kiosk.rights.quarter import Quarter
from kiosk.rights.staff import Standing
from kiosk.store import LocalKind, papers
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.papers import Paper, PaperKind

SHOWN: Final = 40
_THERE: Final = "SELECT 1 FROM people WHERE id = ?"
Agreed = Callable[[Desk, LoggedIn], Move]


def page() -> Leaf:
    """Accounts, approvals, contracts, the review."""
    return menu(
        "proofs.staff",
        "dpo.section.staff",
        ("accounts", opening(accounts)),
        ("approvals", opening(approved)),
        ("contracts", opening(contracts.page)),
        ("review", opening(review)),
    )


def accounts(desk: Desk) -> Page:
    """Every account: training, rules, contract, last login."""
    reads(desk)
    store, now = desk.store, desk.store.now_ms()
    found = staff.standings(store, of_company(desk), staff.acts(store, quarter.of(now).months))

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(Row(one.account, one.name, _of(at, one, now), _role(at, one.role)) for one in found)

    leads = tuple((one.account, Show(_account(one, now))) for one in found)
    return Leaf("dpo.accounts", "proofs.staff.accounts", draw, leads)


def _role(at: At, role: Role) -> str:
    return at.say(f"measures.role.{role}")


def _of(at: At, one: Standing, now: int) -> str:
    trained = "proofs.staff.trained" if one.trained_until > now else "proofs.staff.untrained"
    read = "proofs.staff.read" if one.acknowledged_on else "proofs.staff.unread"
    locked = (at.say("proofs.staff.locked"),) if one.locked else ()
    return ", ".join((at.say(trained), at.say(read), *locked))


def _account(one: Standing, now: int) -> Leaf:
    def draw(at: At) -> tuple[Block, ...]:
        def day(moment: int) -> str:
            return at.spell.day(moment) if moment else at.say("measures.never")

        rows = [
            Fact(at.say("measures.head.account"), one.name),
            Fact(at.say("measures.head.role"), _role(at, one.role)),
            Fact(at.say("measures.head.trained"), day(one.trained_until if one.trained_until > now else 0)),
            Fact(at.say("measures.head.read"), day(one.acknowledged_on)),
            Fact(at.say("proofs.staff.last"), day(one.last_login)),
        ]
        if one.role is Role.TECHNICIAN:
            rows.append(Fact(at.say("measures.head.contract"), day(one.contract_until)))
        return tuple(rows)

    return Leaf("dpo.account", "proofs.staff.account", draw)


def approved(desk: Desk) -> Page:
    """What the officer has agreed to: what may still be used first."""
    may_act, store = reads(desk), desk.store
    found = [(each, approvals.read(each.content)) for each in papers.find(store, PaperKind.APPROVAL) if each.content]
    usable = {paper.id for paper, _ in approvals.standing([each for each, _ in found], store.now_ms())}
    rows = sorted(found, key=lambda each: (each[0].id not in usable, -each[0].created_at))[:SHOWN]
    codes = {
        matter.subject: store.people.get(matter.subject).code
        for _, matter in rows
        if isinstance(matter, ForExport) and matter.subject and store.database.row(_THERE, matter.subject)
    }
    return listed(tuple(rows), frozenset(usable), codes, may_act=may_act)


def listed(
    found: tuple[tuple[Paper, Matter], ...], usable: frozenset[str], codes: dict[str, str], *, may_act: bool
) -> Leaf:
    """The page of these approvals; `codes`: of the people whom an export is about."""

    def state(paper: Paper) -> str:
        return approvals.EXPIRED if paper.state == approvals.GRANTED and paper.id not in usable else paper.state

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(
            Row(
                paper.id,
                _matter(at, matter, codes),
                f"{at.spell.day(paper.created_at)}. {matter.reason}",
                at.say(f"proofs.approvals.{state(paper)}"),
            )
            for paper, matter in found
        )
        return nothing(at, rows, "proofs.approvals.none")

    leads = tuple((paper.id, Show(_one(paper, matter, codes, usable, may_act=may_act))) for paper, matter in found)
    choices = (
        Choice("role", "proofs.approvals.role", Show(_account_name()), "person"),
        Choice("export", "proofs.approvals.export", Show(_whose()), "paper"),
    )
    return Leaf("proofs.approvals", "proofs.staff.approvals", draw, leads, choices if may_act else (), load=approved)


def _matter(at: At, matter: Matter, codes: dict[str, str]) -> str:
    if isinstance(matter, ForRole):
        return at.say("proofs.approvals.of_role", name=matter.name, role=_role(at, matter.role))
    whom = codes.get(matter.subject, matter.subject) or at.say("officer.holds.everybody")
    return at.say("proofs.approvals.of_export", whom=whom, receiver=matter.receiver)


def _one(paper: Paper, matter: Matter, codes: dict[str, str], usable: frozenset[str], *, may_act: bool) -> Leaf:
    def draw(at: At) -> tuple[Block, ...]:
        until = () if paper.due_at is None else (Fact(at.say("proofs.approvals.until"), at.spell.day(paper.due_at)),)
        return (
            *facts(at.say("proofs.approvals.what"), _matter(at, matter, codes)),
            *facts(at.say("dpo.reason"), matter.reason),
            Fact(at.say("dpo.request.filed"), at.spell.when(paper.created_at)),
            *until,
        )

    def act(desk: Desk) -> Move:
        approvals.withdraw(desk.store, paper.id, officer(desk))
        return Back()

    withdraw = (Choice("withdraw", "proofs.approvals.withdraw", Do(act), "cancel"),)
    choices = withdraw if may_act and paper.id in usable else ()
    return Leaf("dpo.approval", "proofs.approvals.one", draw, choices=choices)


def _account_name() -> Ask:
    return Ask("proofs.approvals.role", "proofs.approvals.name", lambda name: Instead(which(name)), most=64)


def which(name: str) -> Leaf:
    """Of which role the account will be."""
    options = tuple((role.value, word(f"measures.role.{role}")) for role in Role)
    return picks(
        "proofs.approvals.which", "proofs.approvals.role", options, lambda key: Instead(_why_role(name, Role(key)))
    )


def _why_role(name: str, role: Role) -> Ask:
    def then(reason: str) -> Move:
        return Instead(Confirmed("proofs.approvals.role", _approving(ForRole(name, role, reason))))

    return Ask("proofs.approvals.role", "dpo.reason", then, line="proofs.approvals.role_line")


def _approving(matter: Matter) -> Agreed:
    def agreed(desk: Desk, login: LoggedIn) -> Move:
        approvals.approve(desk.store, matter, login)
        return Instead(Told("proofs.approvals.done", "proofs.approvals.done_line", then=Back()))

    return agreed


def _whose() -> Leaf:
    options = (("code", word("officer.holds.person")), ("everybody", word("officer.holds.everybody")))
    return picks(
        "proofs.approvals.whose",
        "proofs.approvals.export",
        options,
        lambda key: Instead(_code() if key == "code" else _receiver("")),
    )


def _code() -> Ask:
    def then(code: str) -> Move:
        def work(desk: Desk) -> Move:
            officer(desk)
            return Instead(_receiver(person_of(desk.store, code).id))

        return Do(work)

    return Ask("proofs.approvals.export", "dpo.code", then, AskedKind.CODE, most=32)


def _receiver(subject: str) -> Ask:
    return Ask(
        "proofs.approvals.export",
        "proofs.approvals.receiver",
        lambda receiver: Instead(_why_export(subject, receiver)),
        most=200,
    )


def _why_export(subject: str, receiver: str) -> Ask:
    def then(reason: str) -> Move:
        return Instead(Confirmed("proofs.approvals.export", _approving(ForExport(subject, receiver, reason))))

    return Ask("proofs.approvals.export", "dpo.reason", then, line="proofs.approvals.export_line")


def review(desk: Desk) -> Page:
    """The review of the quarter that goes on, to be read; the officer may file that they have looked."""
    return of_quarter(desk, quarter.of(desk.store.now_ms()))


def of_quarter(desk: Desk, which: Quarter) -> Page:
    """The review of a quarter; this look stands in the ledger."""
    login, store = seated(desk, READERS), desk.store
    found = quarter_measures.look(store, of_company(desk), which, machine.seen())
    store.append_local(LocalKind.VIEWED, {"list": "review", "by": login.account})

    def made(language: str) -> Document:
        return review_report.report(found, language)

    def act(desk: Desk) -> Move:
        review_report.file(desk.store, found, officer(desk))
        return Show(
            Told("proofs.review.filed", "proofs.review.filed_line", (("quarter", str(which)),), then=Back(by=2))
        )

    before = Choice("before", "proofs.review.before", to(of_quarter, _before(which)))
    file = (Choice("file", "proofs.review.file", Do(act), "done", Tone.PRIMARY),) if login.role is Role.DPO else ()
    return Leaf("dpo.quarter", "proofs.staff.review", drawn(made), choices=(*file, before), icon="paper")


def _before(which: Quarter) -> Quarter:
    return Quarter(which.year, which.number - 1) if which.number > 1 else Quarter(which.year - 1, 4)
