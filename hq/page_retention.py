"""Retention and the audit log as an officer sees them; refuses a sweep without a period that was decided."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hq import accounts, audit, papers, retention
from hq.accounts import Role
from hq.audit import Act, ActKind, append
from hq.database import reading, writing
from hq.desk import Desk, Visit, back
from hq.refusals import Refused
from hq.retention import Swept
from wire import canonical
from wire.errors import FormatError

_OFFICER: Final = (Role.OFFICER,)
ACTS_SHOWN: Final = 100
_LONGEST_NUMBER: Final = 16


def routes(desk: Desk) -> APIRouter:
    """The rooms of retention and of the audit log."""
    router = APIRouter(include_in_schema=False)

    @router.get("/retention")
    async def period(request: Request) -> Response:
        return await desk.look(request, _OFFICER, _retention)

    @router.post("/retention/set")
    async def decide(request: Request) -> Response:
        return await desk.act(request, _OFFICER, _decide)

    @router.post("/retention/sweep")
    async def sweep(request: Request) -> Response:
        return await desk.act(request, _OFFICER, _sweep)

    @router.post("/retention/hold")
    async def hold(request: Request) -> Response:
        return await desk.act(request, _OFFICER, _hold)

    @router.post("/retention/release")
    async def release(request: Request) -> Response:
        return await desk.act(request, _OFFICER, _release)

    @router.get("/audit")
    async def log(request: Request) -> Response:
        return await desk.look(request, _OFFICER, _audit)

    return router


def _retention(visit: Visit) -> Response:
    return _period(visit, None)


def _period(visit: Visit, seen: Swept | None) -> Response:
    swept = [(paper, canonical.decode(paper.body.encode())) for paper in papers.every(visit.office, papers.SWEEP)]
    return visit.show(
        "retention.html",
        room="retention",
        months=retention.months(visit.office),
        longest=retention.MONTHS.stop - 1,
        holds=retention.held(visit.office),
        swept=swept,
        seen=seen,
    )


def _decide(visit: Visit) -> Response:
    number = visit.form.text("months")
    if not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER):
        raise Refused("The period is 1 to 120 months.")
    retention.set_months(visit.office, visit.actor, int(number), visit.now)
    return back("/retention")


def _sweep(visit: Visit) -> Response:
    if visit.form.text("preview"):
        number = retention.months(visit.office)
        return _period(visit, None if number is None else retention.preview(visit.office, number, visit.now))
    retention.sweep(visit.office, visit.actor, None, visit.now)
    return back("/retention")


def _hold(visit: Visit) -> Response:
    code, reason = visit.form.text("code").strip(), visit.form.text("reason")
    retention.hold(visit.office, visit.actor, code, reason, visit.now)
    return back("/retention")


def _release(visit: Visit) -> Response:
    retention.release(visit.office, visit.actor, visit.form.text("code"), visit.now)
    return back("/retention")


def _audit(visit: Visit) -> Response:
    text = visit.form.text("before")
    before = int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER else None
    try:
        shown = audit.newest(visit.office, before, ACTS_SHOWN + 1)
    except FormatError as error:
        raise Refused("An act does not open with seal.key; `kiosk-hq verify` says which.") from error
    with reading(visit.office.engine) as view:
        names = {one.id: one.name for one in accounts.everybody(view, visit.office.seals)}
    if before is None:
        with writing(visit.office.engine) as work:
            append(work, visit.office, Act(ActKind.AUDIT_SEEN, visit.actor), visit.now)
    return visit.show(
        "audit.html", room="audit", acts=shown[:ACTS_SHOWN], more=len(shown) > ACTS_SHOWN, before=before, names=names
    )
