"""The contract that binds an outside technician (policy E27); refuses the work of one whose contract has run out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import strict
from kiosk.rights.dates import DAY_MS
from kiosk.store import papers
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.papers import Paper, PaperKind
from wire import checks
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

RUNNING: Final = "running"
ENDED: Final = "ended"
SOON_MS: Final = 60 * DAY_MS
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract.

    Attributes:
        account: of the technician, 16 hexadecimal digits.
        company: with whom it was made; the controller itself for one of its own people.
        reference: under which the signed paper is kept, with its duty of confidentiality.
        until: when it runs out, ms UTC.
    """

    account: str
    company: str
    reference: str
    until: int

    def __post_init__(self) -> None:
        checks.hex_bytes(self.account, 8)
        for name in ("company", "reference"):
            checks.text(getattr(self, name), name, least=1, most=_LONGEST, most_bytes=4 * _LONGEST)
        checks.moment(self.until, "until")


def in_force(found: Collection[Contract], account: str, now_ms: int) -> Contract | None:
    """The contract of an account that runs longest from now on, or None."""
    running = [one for one in found if one.account == account and one.until > now_ms]
    return max(running, key=lambda one: one.until, default=None)


def may_work(login: LoggedIn, found: Collection[Contract], now_ms: int) -> bool:
    """Whether an account may do anything: a technician's only under a contract in force."""
    return login.role is not Role.TECHNICIAN or in_force(found, login.account, now_ms) is not None


def running(store: "Store") -> tuple[Contract, ...]:
    """Every contract that nobody has ended, oldest first; also those that have run out."""
    found = papers.find(store, PaperKind.CONTRACT, open_only=True)
    return tuple(strict.read(Contract, paper.content) for paper in found if paper.content is not None)


def need(store: "Store", login: LoggedIn) -> None:
    """Refuse a technician without a contract in force. Raises Fault DESK_REFUSED."""
    if login.role is Role.TECHNICIAN and not may_work(login, running(store), store.now_ms()):
        raise Fault(FaultCode.DESK_REFUSED, "no contract of this technician is in force: kiosk privacy contract")


def file(store: "Store", contract: Contract, by: LoggedIn) -> str:
    """Keep a contract; returns its id.

    Raises:
        Fault: ACCOUNT_UNKNOWN; DESK_REFUSED: no technician's account, or it has run out already.
    """
    if store.admins.get(contract.account).role is not Role.TECHNICIAN:
        raise Fault(FaultCode.DESK_REFUSED, "contracts are of technicians")
    if contract.until <= store.now_ms():
        raise Fault(FaultCode.DESK_REFUSED, "this contract has run out already")
    content = strict.plain(contract)
    return papers.put(store, PaperKind.CONTRACT, content, state=RUNNING, due_at=contract.until, by=by.account)


def end(store: "Store", account: str, by: LoggedIn) -> int:
    """End every contract of an account, from now on; returns how many there were. Raises Fault as any writing."""
    found: list[Paper] = []
    with store.database.write():
        for paper in papers.find(store, PaperKind.CONTRACT, open_only=True):
            if paper.content is not None and strict.read(Contract, paper.content).account == account:
                papers.revise(store, paper, paper.content, state=ENDED, due_at=paper.due_at, closed=True, by=by.account)
                found.append(paper)
    return len(found)


def contract(account: str, company: str, reference: str, until: int) -> Contract:
    """A contract as it was typed. Raises Fault DESK_REFUSED: company or reference are no text."""
    try:
        return Contract(account, company, reference, until)
    except FormatError as wrong:
        raise Fault(FaultCode.DESK_REFUSED, str(wrong)) from wrong
