"""What waits for the officer, in numbers; refuses to name anybody, and to count what others have done already."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.config import Config
from kiosk.rights import (
    approvals,
    breach_acts,
    exports,
    holds,
    human_review,
    objecting,
    rectification,
    release,
    renewals,
    request_acts,
    restriction,
)  # fmt: skip
from kiosk.rights.assessment_acts import DRAFT, newest
from kiosk.rights.breach import Whom, owed
from kiosk.rights.correction import OPEN, Doubted
from kiosk.rights.dates import DAY_MS
from kiosk.rights.recipients_told import Told
from kiosk.rights.recipients_told import every as tellings
from kiosk.rights.release import Covered
from kiosk.store import legal_holds, papers
from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store


@dataclass(frozen=True, slots=True)
class Outlook:
    """Counts of what waits.

    Attributes:
        open: requests without an answer.
        overdue: of these, past their time.
        soon: of these, due within 24 hours.
        objections: that nobody has decided.
        restricted: restrictions in force.
        corrections: that nobody has decided.
        reviews: records that a human has to look at.
        cases: breach cases that are open, drills left out.
        drills: drills that are open.
        late_cases: of the cases, those of which somebody should have been told by now.
        released: whether faces may be used.
        unsigned: whether a draft waits for a signature.
        current: consents to the newest notice.
        renewals: consents that wait for an answer to it.
        lapsed: of these, those on which nobody is matched any more.
        holds: legal holds that stand.
        holds_due: of these, to be looked at again.
        untold: recipients whom a human must tell.
        exports_late: files that should be destroyed by now.
        approvals: of the officer, that nobody has used yet.
    """

    open: int = 0
    overdue: int = 0
    soon: int = 0
    objections: int = 0
    restricted: int = 0
    corrections: int = 0
    reviews: int = 0
    cases: int = 0
    drills: int = 0
    late_cases: int = 0
    released: bool = False
    unsigned: bool = False
    current: int = 0
    renewals: int = 0
    lapsed: int = 0
    holds: int = 0
    holds_due: int = 0
    untold: int = 0
    exports_late: int = 0
    approvals: int = 0


def look(store: "Store", config: Config) -> Outlook:
    """Count; only reads. Raises Fault as any reading of the store."""
    now = store.now_ms()
    requests = [each for each in request_acts.every(store) if each.closed_at is None and each.request is not None]
    late = [each for each in requests if each.late(now)]
    cases = [each.case for each in breach_acts.every(store) if each.paper.state != breach_acts.CLOSED]
    real = [each for each in cases if not each.drill]
    matters = [each.matter for each in rectification.every(store) if each.state == OPEN and each.matter is not None]
    draft, consents = newest(store), renewals.look(store)
    standing = [paper for paper, _ in holds.every(store) if paper.state == legal_holds.ON]
    return Outlook(
        open=len(requests),
        overdue=len(late),
        soon=sum(not each.late(now) and each.due_at - now <= DAY_MS for each in requests),
        objections=sum(not one.outcome for _, one in objecting.every(store)),
        restricted=sum(not one.lifted_at for _, one in restriction.every(store)),
        corrections=sum(not isinstance(each.subject, Doubted) for each in matters),
        reviews=len(human_review.pending(store)),
        cases=len(real),
        drills=len(cases) - len(real),
        late_cases=sum(any(owed(each, whom, now).late for whom in Whom) for each in real),
        released=isinstance(release.released(store, config), Covered),
        unsigned=draft is not None and draft.paper.state == DRAFT,
        current=consents.current,
        renewals=len(consents.waiting),
        lapsed=sum(each.lapsed for each in consents.waiting),
        holds=holds.held(store).standing,
        holds_due=sum((paper.due_at or 0) <= now for paper in standing),
        untold=sum(each.state is Told.TO_TELL for each in tellings(store)),
        exports_late=sum(each.late(now) for each in exports.listed(store)),
        approvals=len(approvals.standing(papers.find(store, PaperKind.APPROVAL, open_only=True), now)),
    )
