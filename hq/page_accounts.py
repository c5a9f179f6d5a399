"""Accounts as an administrator keeps them; refuses to let anybody close their own."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hq import accounts
from hq.accounts import New, Role
from hq.database import reading, writing
from hq.desk import Desk, Visit
from hq.refusals import Refused

_ADMIN = (Role.ADMIN,)


def routes(desk: Desk) -> APIRouter:
    """The room of the accounts."""
    router = APIRouter(include_in_schema=False)

    @router.get("/accounts")
    async def every(request: Request) -> Response:
        return await desk.look(request, _ADMIN, _every)

    @router.post("/accounts/add")
    async def add(request: Request) -> Response:
        return await desk.act(request, _ADMIN, _add)

    @router.post("/accounts/reset")
    async def reset(request: Request) -> Response:
        return await desk.act(request, _ADMIN, _reset)

    @router.post("/accounts/disable")
    async def disable(request: Request) -> Response:
        return await desk.act(request, _ADMIN, _disable)

    return router


def _every(visit: Visit, code: str = "", whose: str = "") -> Response:
    with reading(visit.office.engine) as view:
        found = accounts.everybody(view, visit.office.seals)
    mine = visit.actor.id
    return visit.show("accounts.html", room="accounts", accounts=found, mine=mine, code=code, whose=whose, roles=Role)


def _add(visit: Visit) -> Response:
    roles = tuple(role for role in Role if role.value in visit.form.every("role"))
    new = New(visit.form.text("name"), roles)
    with writing(visit.office.engine) as work:
        _, code = accounts.add(work, visit.office, visit.actor, new, visit.now)
    return _every(visit, code, new.name)


def _reset(visit: Visit) -> Response:
    account = _other(visit)
    with writing(visit.office.engine) as work:
        name = accounts.named(work, visit.office, account).name
        code = accounts.reset(work, visit.office, visit.actor, account, visit.now)
    return _every(visit, code, name)


def _disable(visit: Visit) -> Response:
    account = _other(visit)
    with writing(visit.office.engine) as work:
        accounts.disable(work, visit.office, visit.actor, account, visit.now)
    return _every(visit)


def _other(visit: Visit) -> str:
    account = visit.form.text("account")
    if account == visit.actor.id:
        raise Refused("Another administrator has to do that with your account.")
    return account
