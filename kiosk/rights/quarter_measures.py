"""What the review of a quarter looks at (policy E27, KK8): accounts, papers, events; refuses to name a person."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.rights import aggregates, approvals, exports, media, staff
from kiosk.rights.aggregates import Parts
from kiosk.rights.company import Approval, Company
from kiosk.rights.exports import Listed
from kiosk.rights.machine import Machine
from kiosk.rights.media import Entry
from kiosk.rights.quarter import Quarter
from kiosk.rights.release import SIGNED
from kiosk.rights.staff import Act, Standing
from kiosk.store import backup, papers
from kiosk.store.acts import LocalKind
from kiosk.store.admins import Account
from kiosk.store.approval import Role
from kiosk.store.papers import Paper, PaperKind
from kiosk.store.password_policy import expired

if TYPE_CHECKING:
    from kiosk.store import Store

ATTACKS: Final = (
    LocalKind.TAMPERED, LocalKind.CLOCK_STEPPED, LocalKind.LOCKED_OUT, LocalKind.ROLLBACK_ACCEPTED,
    LocalKind.RESTORED, LocalKind.EXCHANGE_REBUILT, LocalKind.MESSAGE_REFUSED, LocalKind.ROSTER_REFUSED,
    LocalKind.DEPARTURE_TAKEN, LocalKind.USB_CHANGED, LocalKind.CASE_OPENED,
)  # fmt: skip
"""What may be an attack, a fault or somebody's doing: each is looked into (policy KK8)."""
ACTS: Final = (
    LocalKind.ACCOUNT_ADDED, LocalKind.ACCOUNT_REMOVED, LocalKind.ACCOUNT_UNLOCKED, LocalKind.CODE_ISSUED,
    LocalKind.CONFIGURED, LocalKind.KEYS_ROTATED, LocalKind.PROVIDER_CHANGED, LocalKind.TEMPLATES_RENEWED,
    LocalKind.BACKED_UP, LocalKind.RETENTION_APPLIED, LocalKind.SWEPT, LocalKind.ERASED, LocalKind.EXPORTED,
    LocalKind.VIEWED,
)  # fmt: skip
"""What those who run the device have done with it."""


@dataclass(frozen=True, slots=True)
class Events:
    """How often something happened in the quarter, and when last (ms UTC); 0 and 0 if never."""

    kind: LocalKind
    count: int
    last: int


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of a kind.

    Attributes:
        kind: which.
        filed: in the quarter.
        open: today.
        late: of these, how many are past their date.
    """

    kind: PaperKind
    filed: int
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that a reviewer signs for.

    Attributes:
        quarter: which.
        made_at: ms UTC; what is said of today is said of then.
        device: id.
        staff: every account.
        tries: logins that failed in the quarter.
        passwords: accounts whose password has to be changed.
        officer_codes: one-time codes made in the quarter for an officer's account.
        unapproved: accounts added in the quarter without an officer's approval; the first ones need none.
        papers: by kind.
        exports: that are not known to be destroyed.
        media: that are registered.
        events: of ATTACKS and ACTS.
        backups: kind and when the last was made, ms UTC.
        notice_at: when the newest notice was filed, ms UTC; 0 if there is none.
        assessment_at: the same of the impact assessment.
        approval: who approved the policy, and when it is looked at again.
        faces: how many people have a face enrolled, as far as that points at nobody.
        machine: how old its software is.
    """

    quarter: Quarter
    made_at: int
    device: str
    staff: tuple[Standing, ...]
    tries: int
    passwords: int
    officer_codes: int
    unapproved: int
    papers: tuple[Papers, ...]
    exports: tuple[Listed, ...]
    media: tuple[Entry, ...]
    events: tuple[Events, ...]
    backups: tuple[tuple[str, int], ...]
    notice_at: int
    assessment_at: int
    approval: Approval
    faces: Parts
    machine: Machine

    def count(self, kind: LocalKind) -> int:
        """How often something happened."""
        return sum(each.count for each in self.events if each.kind is kind)


def look(store: "Store", company: Company, quarter: Quarter, machine: Machine) -> Review:
    """Look at the quarter; only reads.

    Raises:
        Fault: as any reading of the store.
        FormatError: a local act was altered: `kiosk store verify-ledger --bodies` names it.
    """
    now = store.now_ms()
    seen = staff.acts(store, quarter.months)
    with store.database.read():
        people, faces = (
            int((store.database.row(sql) or (0,))[0])
            for sql in ("SELECT count(*) FROM people", "SELECT count(DISTINCT person) FROM faces")
        )
        made = backup.last_backup(store)
    found = {kind: papers.find(store, kind) for kind in PaperKind}
    return Review(
        quarter=quarter,
        made_at=now,
        device=store.device_id,
        staff=staff.standings(store, company, seen),
        tries=_failed(seen),
        passwords=sum(_must_change(account, now) for account in store.admins.all()),
        officer_codes=_officer_codes(store, seen),
        unapproved=_unapproved(seen, found[PaperKind.APPROVAL]),
        papers=tuple(_papers(kind, found[kind], quarter, now) for kind in PaperKind),
        exports=tuple(each for each in exports.listed(store) if each.state != exports.DESTROYED),
        media=tuple(each for each in media.listed(store) if each.state == media.REGISTERED),
        events=tuple(_events(kind, seen) for kind in (*ATTACKS, *ACTS)),
        backups=tuple(sorted((kind.value, at) for kind, at in made.items())),
        notice_at=_newest(found[PaperKind.NOTICE], "published"),
        assessment_at=_newest(found[PaperKind.ASSESSMENT], SIGNED),
        approval=company.approval,
        faces=aggregates.parts(people, faces),
        machine=machine,
    )


def _papers(kind: PaperKind, found: Iterable[Paper], quarter: Quarter, now: int) -> Papers:
    each = tuple(found)
    standing = [paper for paper in each if paper.closed_at is None]
    if kind is PaperKind.APPROVAL:  # one that nobody has used in time is over, not late
        standing = [paper for paper, _ in approvals.standing(each, now)]
    filed = sum(quarter.begins <= paper.created_at < quarter.ends for paper in each)
    return Papers(
        kind, filed, len(standing), sum(paper.due_at is not None and paper.due_at <= now for paper in standing)
    )


def _events(kind: LocalKind, seen: Iterable[Act]) -> Events:
    moments = [act.at for act in seen if act.kind == kind]
    return Events(kind, len(moments), max(moments, default=0))


def _failed(seen: Iterable[Act]) -> int:
    counts = Counter(act.kind for act in seen)
    used = sum(act.kind == LocalKind.LOGIN_TRIED and act.said("with") != "password" for act in seen)
    return max(0, counts[LocalKind.LOGIN_TRIED] - used - counts[LocalKind.LOGGED_IN])


def _must_change(account: Account, now: int) -> bool:
    record = account.record
    return record.must_change or (bool(record.passwords) and expired(record.changed_at, now))


def _officer_codes(store: "Store", seen: Iterable[Act]) -> int:
    """An administrator who makes one and redeems it acts as the officer: each has to be explained."""
    officers = {account.id for account in store.admins.all() if account.role is Role.DPO}
    return sum(act.kind == LocalKind.CODE_ISSUED and act.said("account") in officers for act in seen)


def _unapproved(seen: Iterable[Act], found: Iterable[Paper]) -> int:
    added = {str(act.said("account")) for act in seen if act.kind == LocalKind.ACCOUNT_ADDED}
    used = [approvals.read(paper.content) for paper in found if paper.state == approvals.USED and paper.content]
    return len(added - {one.account for one in used if isinstance(one, approvals.ForRole)})


def _newest(found: Iterable[Paper], state: str) -> int:
    """When the newest that somebody has let into force was filed: neither a draft nor one for a demonstration."""
    return max((paper.created_at for paper in found if not paper.person and paper.state == state), default=0)
