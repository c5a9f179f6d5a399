"""Erasures: what devices have told, what an officer asks for and another confirms; refuses one person's word alone."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hq import erasure, notices, papers
from hq.accounts import Role
from hq.audit import Act, ActKind, append
from hq.database import writing
from hq.desk import Desk, Visit, back
from hq.refusals import Kind, Problem
from wire import checks

_OFFICER: Final = (Role.OFFICER,)


def routes(desk: Desk) -> APIRouter:
    """The room of the erasures, and the papers of HQ."""
    router = APIRouter(include_in_schema=False)

    @router.get("/erasures")
    async def erasures(request: Request) -> Response:
        return await desk.look(request, _OFFICER, _erasures)

    @router.get("/erasures/certificate")
    async def certificate(request: Request) -> Response:
        return await desk.look(request, _OFFICER, _certificate)

    @router.get("/papers")
    async def paper(request: Request) -> Response:
        return await desk.look(request, _OFFICER, _paper)

    @router.post("/erasures/ask")
    async def ask(request: Request) -> Response:
        return await desk.act(request, _OFFICER, _ask)

    @router.post("/erasures/confirm")
    async def confirm(request: Request) -> Response:
        return await desk.act(request, _OFFICER, _confirm)

    @router.post("/erasures/refuse")
    async def refuse(request: Request) -> Response:
        return await desk.act(request, _OFFICER, _refuse)

    return router


def _erasures(visit: Visit) -> Response:
    told, loose = notices.told(visit.office)
    return visit.show(
        "erasures.html",
        room="erasures",
        told=told,
        loose=loose,
        waiting=erasure.waiting(visit.office),
        papers=papers.every(visit.office, papers.ERASURE),
        mine=visit.actor.id,
        done=visit.form.text("done"),
    )


def _certificate(visit: Visit) -> Response:
    device, paper = visit.form.text("device"), visit.form.text("id")
    body = notices.one(visit.office, device, paper)
    if body is None:
        raise Problem(Kind.NOT_HERE)
    detail: dict[str, str | int] = {"device": device, "certificate": paper}
    with writing(visit.office.engine) as work:
        append(work, visit.office, Act(ActKind.CERTIFICATE_TAKEN, visit.actor, detail=detail), visit.now)
    return _file(body, f"erasure-{checks.device(device)}-{paper}.json")


def _paper(visit: Visit) -> Response:
    paper = visit.form.text("id")
    body = papers.one(visit.office, paper)
    if body is None:
        raise Problem(Kind.NOT_HERE)
    return _file(body.encode(), f"{paper}.json")


def _file(body: bytes, name: str) -> Response:
    plain = "".join(each if each.isalnum() or each in "-_." else "_" for each in name)
    headers = {"Content-Disposition": f'attachment; filename="{plain}"'}
    return Response(body, media_type="application/json", headers=headers)


def _ask(visit: Visit) -> Response:
    erasure.ask(visit.office, visit.actor, visit.form.text("code").strip(), visit.now)
    return back("/erasures")


def _confirm(visit: Visit) -> Response:
    body = erasure.confirm(visit.office, visit.actor, visit.form.text("request"), visit.now)
    return back(f"/erasures?done={papers.check(body, visit.office.signing.public)['id']}")


def _refuse(visit: Visit) -> Response:
    erasure.refuse(visit.office, visit.actor, visit.form.text("request"), visit.now)
    return back("/erasures")
