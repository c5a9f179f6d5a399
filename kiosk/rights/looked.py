"""Who has looked at a person's data at this device, and when; refuses to name an account: only its role is told.

What was shown stands in the device's own log (`viewed`): one person, a paper about them, or a list. A list of which the
log does not say whom it showed counts as one in which they may stand. That My data was opened stands there as well: its
owner sees whether it was they who did.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kiosk.rights.dates import DAY_MS
from kiosk.store import papers
from kiosk.store.acts import LocalKind
from kiosk.store.ledger import month
from kiosk.store.papers import PaperKind
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

DAYS: Final = 366
"""So far back is looked; the whole of it is in the copy that the officer gives."""
MOST: Final = 60
_LOOKS: Final = frozenset({LocalKind.VIEWED, LocalKind.OWN_DATA_SHOWN, LocalKind.PIN_SET})
_ABOUT_NOBODY: Final = frozenset({"review", "events"})
_OF_PAPERS: Final = {
    "requests": PaperKind.REQUEST,
    "objections": PaperKind.REQUEST,
    "objection": PaperKind.REQUEST,
    "restrictions": PaperKind.BASIS,
    "corrections": PaperKind.CORRECTION,
}
OWN: Final = "own"
PIN: Final = "pin"
"""Somebody of the desk has set their PIN, and could look with it."""
LISTS: Final = frozenset({*_OF_PAPERS, OWN, PIN, "people", "access", "request", "reviews", "explanation", "trip_slip"})
"""What has a word of its own."""
_PERIODS: Final = "SELECT period FROM keys WHERE kind = 'device' ORDER BY period DESC"


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked.

    Attributes:
        at: ms UTC.
        what: one of LISTS, or "list".
        role: of the account, "" where nobody had to log in, "gone" once the account is removed, OWN for the person.
    """

    at: int
    what: str
    role: str


def looks(store: "Store", person: str) -> tuple[Look, ...]:
    """The last looks at this person's data, newest first, at most MOST of the last DAYS days.

    Raises:
        Fault: as any reading; months that do not open are passed over.
    """
    mine = {kind: papers.find(store, kind, person=person) for kind in {*_OF_PAPERS.values()}}
    since = {kind: min((paper.created_at for paper in found), default=None) for kind, found in mine.items()}
    ids = frozenset(paper.id for found in mine.values() for paper in found)
    roles = {account.id: account.role.value for account in store.admins.all()}
    found: list[Look] = []
    oldest = store.now_ms() - DAYS * DAY_MS
    for act in _views(store, oldest):
        detail, at = act["detail"], int(act["occurred_at"])
        if at < oldest or not _shows(detail, at, person, ids, since):
            continue
        if act["kind"] == LocalKind.OWN_DATA_SHOWN:
            found.append(Look(at, OWN, OWN))
        elif act["kind"] == LocalKind.PIN_SET:
            if detail.get("by", "self") != "self":
                found.append(Look(at, PIN, _role(detail, roles)))
        else:
            what = str(detail.get("list", ""))
            found.append(Look(at, what if what in LISTS else "list", _role(detail, roles)))
        if len(found) == MOST:
            break
    return tuple(found)


def _views(store: "Store", oldest: int) -> Iterator[dict[str, Any]]:
    """Every act of looking, newest first."""
    for (period,) in store.database.rows(_PERIODS):
        if period < month(max(0, oldest)):
            return
        try:
            acts = [act for _, act in store.ledger.local_acts(period) if act["kind"] in _LOOKS]
        except FormatError:
            store.quarantine.note("keys", f"device//{period}", "does not open")
            continue
        yield from reversed(acts)
    store.quarantine.settle()


def _shows(
    detail: Mapping[str, Any], at: int, person: str, ids: frozenset[str], since: Mapping[PaperKind, int | None]
) -> bool:
    if "person" in detail or "paper" in detail:
        return detail.get("person") == person or detail.get("paper") in ids
    what = detail.get("list")
    if what in _OF_PAPERS:
        first = since[_OF_PAPERS[what]]
        return first is not None and first <= at
    return what not in _ABOUT_NOBODY


def _role(detail: Mapping[str, Any], roles: Mapping[str, str]) -> str:
    by = detail.get("by", "")
    return roles.get(by, "gone") if by else ""
