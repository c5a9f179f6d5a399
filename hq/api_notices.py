"""Where a device publishes its privacy notice; refuses what it has not signed."""

import re
from collections.abc import Callable
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hq import bodies, published
from hq.api_shared import BODY, CALLER, JSON, STORED, answers, check_type, recognised
from hq.api_shared import body as body_of
from hq.office import Office
from hq.refusals import Kind, Problem
from wire import notice
from wire.canonical import INTEGER_LIMIT

_AT: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_PARAMETER: Final = {
    "name": "published",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 0, "maximum": INTEGER_LIMIT},
}
_SAID: Final = {
    "type": "object",
    "required": ["format", "device", "version", "published", "texts", "hash", "sig"],
    "properties": {"format": {"const": notice.FORMAT}},
    "description": "docs/formats.md, privacy notice: canonical, with a line feed at its end",
}


def routes(office: Office, now: Callable[[], int]) -> APIRouter:
    """One route."""
    router = APIRouter(prefix="/v1")

    @router.put(
        "/notices/{published}",  # noqa: FAST003 - FastAPI's own check would answer in another form
        openapi_extra={"parameters": [_PARAMETER], **body_of(_SAID)},
        responses=answers(STORED, *CALLER, *BODY, Kind.WRONG_DEVICE, Kind.BAD_SIGNATURE, Kind.CONFLICT, Kind.TOO_OFTEN),
        response_class=Response,
        summary="A published privacy notice; HQ shows it to everybody.",
    )
    async def publish(request: Request) -> Response:
        device = await recognised(office, request, now())
        check_type(request)
        at = str(request.path_params["published"])
        if not _AT.fullmatch(at):
            raise Problem(Kind.NOT_UNDERSTOOD)
        body = await bodies.read(request, notice.FILE_LIMIT)
        kept = await run_in_threadpool(published.receive, office, device, at, body, now())
        return Response(kept, media_type=JSON)

    return router
