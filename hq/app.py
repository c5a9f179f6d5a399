"""The web application put together: routes, headers and problem documents; refuses to tell a caller more than that."""

from collections.abc import Callable, MutableMapping
from typing import Any

from fastapi import FastAPI
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hq import api, page
from hq.api import milliseconds
from hq.office import Office
from hq.refusals import Kind, Problem

RETRY_SECONDS = 5
LATER_SECONDS = 3600
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # no-referrer would blank the Origin that proves a form is ours
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class _Headers:
    """Adds the same headers to every answer, also to refusals; nothing is kept in a cache unless it says so itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(message)
            await send(message)

        await self._app(scope, receive, with_headers)


def build(office: Office, now: Callable[[], int] = milliseconds) -> ASGIApp:
    """The ASGI application of one HQ."""
    app = FastAPI(title="Ambang HQ", docs_url=None, redoc_url=None, openapi_url="/openapi.json", redirect_slashes=False)
    app.include_router(api.routes(office, now))
    app.include_router(page.routes(office, now))
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for no_database in (
        OperationalError,
        InterfaceError,
        InternalError,
    ):  # InternalError: PostgreSQL has become a standby
        app.add_exception_handler(no_database, _on_busy)
    app.add_exception_handler(NoConnectionLeft, _on_busy)  # too many at once: no event is to blame
    app.add_exception_handler(Exception, _on_our_fault)
    return _Headers(app)


def _add(message: MutableMapping[str, Any]) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault("Cache-Control", "no-store")


def _document(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(
        problem.document(), status_code=problem.status, media_type="application/problem+json", headers=headers
    )


async def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class alone
    return _document(error, {"Retry-After": str(LATER_SECONDS)} if error.kind is Kind.TOO_OFTEN else None)


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    kind = Kind.WRONG_METHOD if error.status_code == Problem(Kind.WRONG_METHOD).status else Kind.NOT_HERE
    return _document(Problem(kind), dict(error.headers or {}))


async def _on_busy(_request: Request, _error: Exception) -> Response:
    return _document(Problem(Kind.BUSY), {"Retry-After": str(RETRY_SECONDS)})


async def _on_our_fault(_request: Request, _error: Exception) -> Response:
    return _document(Problem(Kind.OUR_FAULT))
