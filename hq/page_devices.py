"""Doors, what they report and what rings about them; refuses an acknowledgement without a note."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hq import doors
from hq.accounts import Role
from hq.desk import Desk, Visit, back
from hq.refusals import Refused

_LONGEST_NUMBER: Final = 16


def routes(desk: Desk) -> APIRouter:
    """The room of the doors."""
    router = APIRouter(include_in_schema=False)

    @router.get("/devices")
    async def devices(request: Request) -> Response:
        return await desk.look(request, (), _devices)

    @router.post("/alarms/acknowledge")
    async def acknowledge(request: Request) -> Response:
        return await desk.act(request, (Role.ADMIN,), _acknowledge)

    return router


def _devices(visit: Visit) -> Response:
    known, alarms = doors.look(visit.office, visit.now)
    return visit.show(
        "devices.html",
        room="devices",
        doors=known,
        alarms=[alarm for alarm in alarms if alarm.answer is None],
        answered=[alarm for alarm in alarms if alarm.answer is not None],
        may_answer=visit.visitor.may(Role.ADMIN),
        note_letters=doors.NOTE_LETTERS,
    )


def _acknowledge(visit: Visit) -> Response:
    seq = visit.form.text("seq")
    if not (seq.isascii() and seq.isdecimal() and len(seq) <= _LONGEST_NUMBER):
        raise Refused("There is no such alarm.")
    which = (visit.form.text("device"), visit.form.text("kind"), int(seq))
    doors.acknowledge(visit.office, visit.actor, which, visit.form.text("note"), visit.now)
    return back("/devices")
