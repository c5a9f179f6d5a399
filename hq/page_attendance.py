"""Today, the attendance of a period, and its export; refuses more than a year, and to be looked at unseen."""

from datetime import date, datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from hq import csv_export, holds, today, trips, trips_export, words
from hq.accounts import Role
from hq.attendance import LONGEST, Line, Wanted, attendance
from hq.audit import Act, ActKind, append
from hq.database import devices, reading, writing
from hq.desk import Desk, Form, Visit, back
from hq.refusals import Refused
from wire import checks
from wire.errors import FormatError

SHOWN: Final = 500
_VIEWER: Final = (Role.VIEWER,)
_ASKED: Final = 64
TRIPS: Final = "trips"


def routes(desk: Desk) -> APIRouter:
    """The rooms of whoever may see attendance."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def front(request: Request) -> Response:
        return await desk.look(request, (), _front)

    @router.get("/attendance")
    async def day(request: Request) -> Response:
        return await desk.look(request, _VIEWER, lambda visit: _period(visit, Form({})))

    @router.post("/attendance")  # by POST: whom somebody looks for is in no address, no history and no log
    async def period(request: Request) -> Response:
        return await desk.act(request, _VIEWER, lambda visit: _period(visit, visit.form))

    @router.post("/attendance.csv")
    async def export(request: Request) -> Response:
        return await desk.act(request, _VIEWER, _export)

    @router.post("/trips.csv")
    async def business(request: Request) -> Response:
        return await desk.act(request, _VIEWER, _export_trips)

    return router


def _front(visit: Visit) -> Response:
    if not visit.visitor.may(Role.VIEWER):
        return back("/devices")
    shown = today.look(visit.office, visit.now)
    day = shown.now.date().isoformat()
    _tell(visit, ActKind.ATTENDANCE_SEEN, "", {"days": day, "rows": len(shown.lines)})
    return visit.show(
        "today.html",
        room="today",
        today=shown,
        lines=shown.lines[:SHOWN],
        review=sum(_to_review(line) for line in shown.lines),
    )


def _period(visit: Visit, form: Form) -> Response:
    wanted = asked(form, visit.now, visit.zone)
    found = attendance(visit.office, wanted)
    _tell(visit, ActKind.ATTENDANCE_SEEN, _whom(wanted, found.lines), _detail(wanted, len(found.lines)))
    return visit.show(
        "attendance.html",
        room="attendance",
        wanted=wanted,
        found=found,
        lines=found.lines[:SHOWN],
        review=sum(_to_review(line) for line in found.lines),
        doors=_doors(visit),
        days=_by_day(visit, found.lines[:SHOWN]),
        holds=holds.held(visit.office, wanted),
    )


def _export(visit: Visit) -> Response:
    wanted = asked(visit.form, visit.now, visit.zone)
    found = attendance(visit.office, wanted)
    # told before it is handed over: what cannot be written down is not exported
    _tell(visit, ActKind.EXPORTED, _whom(wanted, found.lines), _detail(wanted, len(found.lines)))
    return _file(visit, wanted, "attendance", csv_export.table(found.lines, holds.held(visit.office, wanted)))


def _export_trips(visit: Visit) -> Response:
    wanted = asked(visit.form, visit.now, visit.zone)
    found = trips.trips(visit.office, wanted)
    whom = _whom(wanted, tuple(each.begins for each in found))
    _tell(visit, ActKind.EXPORTED, whom, _detail(wanted, len(found)) | {"form": TRIPS})
    return _file(visit, wanted, TRIPS, trips_export.table(found))


def _file(visit: Visit, wanted: Wanted, what: str, table: str) -> Response:
    name = csv_export.file_name(visit.office.name, wanted.first, wanted.last, what)
    headers = {"Content-Disposition": f'attachment; filename="{quote(name)}"'}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


def asked(form: Form, now: int, zone: ZoneInfo) -> Wanted:
    """What the fields `from`, `to`, `person` and `door` ask for; today where they ask for nothing.

    Raises:
        Refused: no dates, the last before the first, more than a year, or a text that is none.
    """
    day = datetime.fromtimestamp(now / 1000, zone).date()
    first = _day(form.text("from"), day)
    last = _day(form.text("to"), max(first, day))
    if last < first:
        raise Refused("The last day lies before the first.")
    if last - first > LONGEST:
        raise Refused("A period has at most 366 days.")
    person, door = form.text("person").strip(), form.text("door")
    try:
        checks.text(person, "person", most=_ASKED)
        checks.text(door, "door", most=_ASKED)
    except FormatError as error:
        raise Refused("That cannot be a code, a name or a door.") from error
    return Wanted(first, last, person, door)


def _day(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused("A day is written like 2026-08-31.") from error
    if not date(1970, 1, 5) <= day <= date(9999, 12, 1):
        raise Refused("A day is written like 2026-08-31.")
    return day


def _to_review(line: Line) -> bool:
    return (line.claimed or line.disputed) and line.counts


def _by_day(visit: Visit, lines: tuple[Line, ...]) -> list[tuple[str, list[Line]]]:
    days: dict[date, list[Line]] = {}
    for line in lines:
        days.setdefault(line.at.date(), []).append(line)
    return [(words.date(visit.language, each[0].at), each) for each in days.values()]


def _doors(visit: Visit) -> list[tuple[str, str]]:
    with reading(visit.office.engine) as view:
        rows = view.execute(select(devices.c.id, devices.c.label).order_by(devices.c.label, devices.c.id)).all()
    return [(row.id, row.label) for row in rows]


def _whom(wanted: Wanted, lines: tuple[Line, ...]) -> str:
    """The employee code, where somebody asked for a person and exactly one was found."""
    codes = {line.code for line in lines}
    return next(iter(codes)) if wanted.person and len(codes) == 1 else ""


def _detail(wanted: Wanted, rows: int) -> dict[str, str | int]:
    days = " - ".join(day.isoformat() for day in dict.fromkeys((wanted.first, wanted.last)))
    detail: dict[str, str | int] = {"days": days, "rows": rows}
    return detail | ({"door": wanted.device} if wanted.device else {})


def _tell(visit: Visit, kind: ActKind, about: str, detail: dict[str, str | int]) -> None:
    with writing(visit.office.engine) as work:
        append(work, visit.office, Act(kind, visit.actor, about, detail), visit.now)
