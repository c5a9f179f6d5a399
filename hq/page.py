"""The way into HQ's page and out of it; refuses scripts, other origins and a form that is not its own."""

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hq import (
    access,
    accounts,
    bodies,
    first_start,
    page_accounts,
    page_attendance,
    page_devices,
    page_erasures,
    page_notices,
    page_retention,
    sessions,
    words,
)
from hq.accounts import New, Prepared, Role
from hq.audit import Act, ActKind, append
from hq.database import writing
from hq.desk import COOKIE, FORM_LIMIT, TEMPLATES, Desk, Form, Visit, ask, back, check_origin, draw, language_of
from hq.office import Office
from hq.refusals import Refused

_FIRST: Final = "first.html"


def routes(office: Office, now: Callable[[], int]) -> APIRouter:
    """The routes for people."""
    router = APIRouter(include_in_schema=False)
    desk = Desk(office, now)
    style = (TEMPLATES / "style.css").read_bytes()

    @router.get("/style.css")
    async def stylesheet() -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": "no-cache"})

    @router.get("/privacy")
    async def privacy(request: Request) -> Response:
        return draw(office, language_of(request), "privacy.html")

    @router.get("/sign-in")
    async def way_in(request: Request) -> Response:
        return await run_in_threadpool(_way_in, desk, request)

    @router.post("/open")
    async def enter(request: Request) -> Response:
        check_origin(request)
        form = Form.read(await bodies.read(request, FORM_LIMIT))
        return await run_in_threadpool(_enter, desk, language_of(request), form)

    @router.post("/first")
    async def begin(request: Request) -> Response:
        check_origin(request)
        form = Form.read(await bodies.read(request, FORM_LIMIT))
        return await run_in_threadpool(_begin, desk, request, form)

    @router.post("/close")
    async def leave(request: Request) -> Response:
        check_origin(request)
        await run_in_threadpool(_leave, desk, request.cookies.get(COOKIE, ""))
        answer = back("/sign-in")
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return answer

    @router.get("/password")
    async def password(request: Request) -> Response:
        return await desk.look(request, (), lambda visit: _password(visit, ()))

    @router.post("/password")
    async def change(request: Request) -> Response:
        return await desk.act(request, (), _change)

    for rooms in (page_attendance, page_devices, page_erasures, page_retention, page_accounts, page_notices):
        router.include_router(rooms.routes(desk))
    return router


def _way_in(desk: Desk, request: Request) -> Response:
    token = request.cookies.get(COOKIE, "")
    found = sessions.visitor(desk.office, token, desk.now()) if token else None
    if found is not None:
        return _first(desk.office, language_of(request), "", ()) if found.account is None else back("/")
    return ask(desk.office, language_of(request))


def _enter(desk: Desk, language: str, form: Form) -> Response:
    office, now = desk.office, desk.now()
    if code := form.text("code"):
        match first_start.try_code(office.engine, code, now):
            case bool(right):
                if not right:
                    return ask(office, language, words.say(language, "wrong_code"), 403)
                with writing(office.engine) as work:
                    return _inside(sessions.begin(work, "", now), "/sign-in")
            case seconds:
                return _wait(office, language, seconds)
    match access.log_in(office, form.text("name"), form.text("password"), now):
        case access.Opened(token):
            return _inside(token, "/")
        case access.Wait(seconds):
            return _wait(office, language, seconds)
        case access.Wrong(locked):
            return ask(office, language, words.say(language, "locked" if locked else "wrong"), 403)


def _wait(office: Office, language: str, seconds: int) -> Response:
    answer = ask(office, language, words.say(language, "wait", seconds=seconds), 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _inside(token: str, address: str) -> Response:
    answer = back(address)
    answer.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def _begin(desk: Desk, request: Request, form: Form) -> Response:
    """Make the first account: an administrator, and whatever else they say they are."""
    office, language, now = desk.office, language_of(request), desk.now()
    found = sessions.visitor(office, request.cookies.get(COOKIE, ""), now)
    if found is None or found.account is not None:
        return back("/sign-in")
    name = form.text("name")
    if form.text("password") != form.text("again"):
        return _first(office, language, name, (words.say(language, "not_the_same"),))
    made = accounts.prepare(office, name, form.text("password"))
    if not isinstance(made, Prepared):
        return _first(office, language, name, [words.say(language, f"unfit_{reason}") for reason in made])
    roles = {Role.ADMIN, *(role for role in Role if role.value in form.every("role"))}
    try:
        with writing(office.engine) as work:
            if not first_start.is_open(work):
                return back("/sign-in")
            first_start.consume(work)
            account, _ = accounts.add(work, office, None, New(name, tuple(sorted(roles)), made), now)
            return _inside(sessions.begin(work, account, now), "/")
    except Refused as refused:
        return _first(office, language, name, (words.translated(language, str(refused)),))


def _first(office: Office, language: str, name: str, errors: "tuple[str, ...] | list[str]") -> Response:
    return draw(office, language, _FIRST, 422 if errors else 200, typed=name, errors=errors)


def _leave(desk: Desk, token: str) -> None:
    account = sessions.end(desk.office, token) if token else None
    if account:
        with writing(desk.office.engine) as work:
            append(work, desk.office, Act(ActKind.SIGNED_OUT, accounts.named(work, desk.office, account)), desk.now())


def _password(visit: Visit, errors: "tuple[str, ...] | list[str]") -> Response:
    due = visit.visitor.must_change
    return visit.show("password.html", 422 if errors else 200, room="password", errors=errors, due=due)


def _change(visit: Visit) -> Response:
    account = visit.visitor.account
    if account is None:
        return back("/sign-in")
    if not visit.visitor.must_change:
        tried = access.log_in(visit.office, account.name, visit.form.text("current"), visit.now)
        if not isinstance(tried, access.Opened):
            return _password(visit, (visit.say("wrong_current"),))
    if visit.form.text("password") != visit.form.text("again"):
        return _password(visit, (visit.say("not_the_same"),))
    reasons = accounts.set_password(visit.office, account.id, visit.form.text("password"), visit.now)
    if reasons:
        return _password(visit, [visit.say(f"unfit_{reason}") for reason in reasons])
    with writing(visit.office.engine) as work:
        return _inside(sessions.begin(work, account.id, visit.now), "/")
