"""The page a person looks at, behind the access code; refuses scripts, other origins and a form that is not its own."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hq import access, bodies, today, words
from hq.office import Office
from hq.refusals import Kind, Problem
from hq.today import Today

COOKIE = "__Host-ambang"
FORM_LIMIT = 4096
SHOWN = 500
TOUCH_MS = 15 * words.MINUTE_MS
SILENT_MS = words.DAY_MS

_HERE = Path(__file__).parent / "templates"
_templates = Environment(
    loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def routes(office: Office, now: Callable[[], int]) -> APIRouter:
    """The routes for people: one page, its style, and the two forms that open and close it."""
    router = APIRouter(include_in_schema=False)
    style = (_HERE / "style.css").read_bytes()

    @router.get("/")
    async def front(request: Request) -> Response:
        language = words.choose(request.headers.get("accept-language", ""))
        token = request.cookies.get(COOKIE, "")
        if not token or not await run_in_threadpool(access.still_open, office.engine, token, now()):
            return _sign_in(office, language)
        return HTMLResponse(await run_in_threadpool(_render, office, language, now()))

    @router.get("/style.css")
    async def stylesheet() -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": "no-cache"})

    @router.post("/open")
    async def enter(request: Request) -> Response:
        _check_origin(request)
        language = words.choose(request.headers.get("accept-language", ""))
        typed = _typed(await bodies.read(request, FORM_LIMIT))
        match await run_in_threadpool(access.log_in, office.engine, typed, now()):
            case access.Opened(token):
                answer = RedirectResponse("/", status_code=303)
                answer.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="strict")
                return answer
            case access.Wait(seconds):
                sentence = words.say(language, "wait", seconds=seconds)
                return _sign_in(office, language, sentence, 429, {"Retry-After": str(seconds)})
            case access.Wrong():
                return _sign_in(office, language, words.say(language, "wrong"), 403)

    @router.post("/close")
    async def leave(request: Request) -> Response:
        _check_origin(request)
        await run_in_threadpool(access.log_out, office.engine, request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/", status_code=303)
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return answer

    return router


def _check_origin(request: Request) -> None:
    """SameSite=Strict already keeps the cookie home; this also keeps a foreign page from trying codes."""
    origin = request.headers.get("origin", "")
    if origin and origin != f"https://{request.headers.get('host', '')}":
        raise Problem(Kind.FOREIGN_FORM)


def _typed(body: bytes) -> str:
    form = parse_qs(body.decode("ascii", "replace"))
    return form.get("code", [""])[0]


def _sign_in(
    office: Office, language: str, error: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    text = _templates.get_template("sign_in.html").render(
        language=language, say=words.say, name=office.name, error=error
    )
    return HTMLResponse(text, status_code=status, headers=headers)


def _render(office: Office, language: str, now: int) -> str:
    shown = today.look(office, now)
    return _templates.get_template("page.html").render(
        language=language,
        say=words.say,
        words=words,
        name=office.name,
        today=shown,
        lines=shown.lines[:SHOWN],
        review=sum(line.claimed or line.disputed for line in shown.lines),
        doors=_with_state(shown, now),
        now=now,
    )


def _with_state(shown: Today, now: int) -> list[tuple[today.Door, str]]:
    """Each door with the word for how it is doing: new, in_touch, quiet or silent."""

    def state(door: today.Door) -> str:
        if door.last_contact is None:
            return "new"
        age = now - door.last_contact
        return "in_touch" if age < TOUCH_MS else "quiet" if age < SILENT_MS else "silent"

    return [(door, state(door)) for door in shown.doors]
