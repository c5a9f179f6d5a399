"""Where a device leaves its sealed backups; refuses one that is too large, too slow, or not what its digest says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hq import backups
from hq.api_shared import CALLER, JSON, STORED, answers, body, check_type, recognised
from hq.backups import Incoming, Limits
from hq.database import reading
from hq.office import Office
from hq.refusals import Kind, Problem

SEALED: Final = "application/octet-stream"
SILENCE_S: Final = 30.0
WHOLE_S: Final = 3_600.0
AT_ONCE: Final = 1 << 20
_ID: Final[dict[str, Any]] = {
    "name": "backup",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": f"^{backups.ID.pattern}$"},
}
_DIGEST: Final[dict[str, Any]] = {
    "name": "Content-Digest",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
}
_REFUSED: Final = (
    *CALLER,
    *(Kind.NOT_UNDERSTOOD, Kind.DIGEST_MISSING, Kind.DIGEST_WRONG, Kind.WRONG_TYPE, Kind.TOO_LARGE, Kind.TOO_SLOW),
    *(Kind.CONFLICT, Kind.TOO_OFTEN),
)


def routes(office: Office, now: Callable[[], int]) -> APIRouter:
    """The one route for backups."""
    router = APIRouter()
    under_way: set[str] = set()

    @router.put(
        "/v1/backups/{backup}",  # noqa: FAST003 - FastAPI's own check would answer in another form
        openapi_extra={"parameters": [_ID, _DIGEST], **body({"type": "string", "format": "binary"}, SEALED)},
        responses=answers(STORED, *_REFUSED),
        response_class=Response,
        summary="A sealed backup that HQ cannot open; the same one again is not stored twice.",
    )
    async def store(request: Request) -> Response:
        device = await recognised(office, request, now())
        check_type(request, SEALED)
        name = str(request.path_params["backup"])
        if not backups.ID.fullmatch(name):
            raise Problem(Kind.NOT_UNDERSTOOD)
        digest = backups.digest_of(request.headers.get("content-digest", ""))
        limits = await run_in_threadpool(_limits, office)
        if device.id in under_way:  # one at a time: a device must not fill the disk with beginnings
            raise Problem(Kind.TOO_OFTEN)
        under_way.add(device.id)
        incoming = Incoming(office, device.id, name, digest, limits.size)
        try:
            if await run_in_threadpool(backups.already, office, device.id, name, digest):
                await _pass_over(request, limits.size)
            else:
                await _take(request, incoming)
                await run_in_threadpool(incoming.keep, limits.keep, now())
        except OSError as error:  # a full disk: later there may be room
            raise Problem(Kind.BUSY) from error
        finally:
            under_way.discard(device.id)
            await run_in_threadpool(incoming.discard)
        return Response(b'{"stored":true}', media_type=JSON)

    return router


async def _take(request: Request, incoming: Incoming) -> None:
    await run_in_threadpool(incoming.begin)
    heap = bytearray()
    async for piece in _pieces(request):
        heap += piece
        if len(heap) >= AT_ONCE:
            await run_in_threadpool(incoming.write, bytes(heap))
            heap.clear()
    await run_in_threadpool(incoming.write, bytes(heap))


async def _pass_over(request: Request, most: int) -> None:
    """What is here already is read to its end all the same: whoever sends it listens only then."""
    size = 0
    async for piece in _pieces(request):
        size += len(piece)
        if size > most:
            raise Problem(Kind.TOO_LARGE)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    pieces = request.stream()
    end = asyncio.get_running_loop().time() + WHOLE_S
    while True:
        left = min(SILENCE_S, end - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(left):
                piece = await anext(pieces, None)
        except (TimeoutError, ClientDisconnect) as error:
            raise Problem(Kind.TOO_SLOW) from error
        if piece is None:
            return
        yield piece


def _limits(office: Office) -> Limits:
    with reading(office.engine) as view:
        return backups.limits(view)
