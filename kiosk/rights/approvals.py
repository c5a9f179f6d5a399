"""What the data-protection officer has agreed to, for one time (policy E25); refuses a grant without it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from kiosk.faults import Fault, FaultCode
from kiosk.rights import strict
from kiosk.rights.dates import DAY_MS
from kiosk.store import account_acts, papers
from kiosk.store.approval import LoggedIn, Role, objection
from kiosk.store.papers import Paper, PaperKind
from wire import checks
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

GRANTED: Final = "granted"
USED: Final = "used"
WITHDRAWN: Final = "withdrawn"
EXPIRED: Final = "expired"
VALID_MS: Final = 30 * DAY_MS
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class ForRole:
    """That somebody gets an account of a role.

    Attributes:
        name: of the account, as it will log in.
        role: of it.
        reason: why they need it.
        account: id of the account, once it is there.
    """

    name: str
    role: Role
    reason: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class ForExport:
    """That personal data leaves the device in a file.

    Attributes:
        subject: random id of whom it is about; "" for everybody.
        receiver: who gets it.
        reason: why.
    """

    subject: str
    receiver: str
    reason: str


Matter: TypeAlias = ForRole | ForExport


def spelled(matter: Matter) -> dict[str, Any]:
    """A matter as the content of a paper."""
    match matter:
        case ForRole():
            return {"of": "role", **strict.plain(matter)}
        case ForExport():
            return {"of": "export", **strict.plain(matter)}
        case _:
            assert_never(matter)


def read(content: Mapping[str, Any]) -> Matter:
    """What was kept. Raises FormatError."""
    kind, rest = content.get("of"), {name: value for name, value in content.items() if name != "of"}
    if kind == "role":
        return strict.read(ForRole, rest)
    if kind == "export":
        return strict.read(ForExport, rest)
    raise FormatError("an approval of nothing known")


def approve(store: "Store", matter: Matter, officer: LoggedIn) -> str:
    """Record what the officer agrees to; it counts once, within 30 days. Returns its id.

    Raises:
        Fault: DESK_REFUSED: not an officer, or a reason that is no text; as `papers.put`.
    """
    if objection(officer, (Role.DPO,)) is not None:
        raise Fault(FaultCode.DESK_REFUSED, "for the data-protection officer")
    content = spelled(matter)
    try:
        for name in ("name", "receiver", "reason"):
            if name in content:
                checks.text(content[name], name, least=1, most=_LONGEST, most_bytes=4 * _LONGEST)
    except FormatError as wrong:
        raise Fault(FaultCode.DESK_REFUSED, str(wrong)) from wrong
    due_at = store.now_ms() + VALID_MS
    _end_old(store, officer)
    return papers.put(store, PaperKind.APPROVAL, content, state=GRANTED, due_at=due_at, by=officer.account)


def withdraw(store: "Store", paper_id: str, officer: LoggedIn) -> None:
    """Take an approval back that nobody has used. Raises Fault PAPER_UNKNOWN, DESK_REFUSED."""
    paper = papers.get(store, paper_id)
    if paper.kind is not PaperKind.APPROVAL or paper.content is None or paper.state != GRANTED:
        raise Fault(FaultCode.PAPER_UNKNOWN)
    if objection(officer, (Role.DPO,)) is not None:
        raise Fault(FaultCode.DESK_REFUSED, "for the data-protection officer")
    papers.revise(store, paper, paper.content, state=WITHDRAWN, closed=True, by=officer.account)


def is_for_role(matter: Matter, name: str, role: Role) -> bool:
    """Whether this is about an account of this name and role; capital and small letters are alike."""
    return isinstance(matter, ForRole) and matter.role is role and _folded(matter.name) == _folded(name)


def standing(found: Collection[Paper], now_ms: int) -> tuple[tuple[Paper, Matter], ...]:
    """Those that may still be used."""
    usable = [paper for paper in found if paper.state == GRANTED and (paper.due_at or 0) > now_ms]
    return tuple((paper, read(paper.content)) for paper in usable if paper.content is not None)


def officer_there(store: "Store") -> bool:
    """Whether the device has an officer's account: before the first one nobody could approve of anything."""
    return store.admins.count(Role.DPO) > 0


def grant(store: "Store", name: str, role: Role, by: LoggedIn) -> tuple[str, str]:
    """Add an account as `account_acts.add` does; where there is an officer, with the approval for it, which is used up.

    Returns:
        Its id and one-time code.

    Raises:
        Fault: DESK_REFUSED: there is no approval; as `account_acts.add`.
    """
    with store.database.write():
        needed = officer_there(store)
        account, code = account_acts.add(store, name, role, by)
        if needed:
            usable = standing(papers.find(store, PaperKind.APPROVAL, open_only=True), store.now_ms())
            _use(store, [paper for paper, matter in usable if is_for_role(matter, name, role)], by.account, account)
    return account, code


def use_for_export(store: "Store", subject: str, by: str = "") -> str:
    """Use up the approval for an export about a person ("": about everybody); returns its id, "" without an officer.

    Raises:
        Fault: DESK_REFUSED: there is none.
    """
    with store.database.write():
        if not officer_there(store):
            return ""
        usable = standing(papers.find(store, PaperKind.APPROVAL, open_only=True), store.now_ms())
        of_it = [paper for paper, one in usable if isinstance(one, ForExport) and one.subject == subject]
        return _use(store, of_it, by)


def _end_old(store: "Store", officer: LoggedIn) -> None:
    """Close what nobody has used in time, so that its period begins."""
    for paper in papers.find(store, PaperKind.APPROVAL, open_only=True):
        if paper.content is not None and (paper.due_at or 0) <= store.now_ms():
            papers.revise(store, paper, paper.content, state=EXPIRED, closed=True, by=officer.account)


def _use(store: "Store", found: list[Paper], by: str, account: str = "") -> str:
    paper = found[0] if found else None
    if paper is None or paper.content is None:
        raise Fault(FaultCode.DESK_REFUSED, "the officer has not approved it: kiosk privacy approve")
    content = {**paper.content, "account": account} if account else paper.content
    papers.revise(store, paper, content, state=USED, closed=True, by=by)
    return paper.id


def _folded(name: str) -> str:
    return name.casefold().strip()
