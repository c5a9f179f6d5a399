"""The address devices send to; refuses a caller without a registered certificate and a body it did not agree on."""

import time
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hq import bodies, intake
from hq.database import reading
from hq.devices import Peer, recognise
from hq.office import Office
from hq.refusals import Kind, Problem
from wire.batch import SIZE_LIMIT

PEER = "ambang.peer"
"""Where the server's protocol leaves the verified certificate in the ASGI scope; no header can reach this."""

_HEX = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_BATCH: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["device", "batch", "h_prev", "spine", "checkpoint", "events"],
    "properties": {
        "device": {"type": "string", "maxLength": 64},
        "batch": {"type": "string", "format": "uuid"},
        "h_prev": _HEX,
        "spine": {
            "type": "array",
            "minItems": 1,
            "maxItems": 512,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["seq", "commitment", "body_digest"],
                "properties": {
                    "seq": {"type": "integer", "minimum": 1},
                    "commitment": _HEX,
                    "body_digest": _HEX,
                },
            },
        },
        "checkpoint": {"type": "string", "maxLength": 4096, "description": "C2SP signed note of the device"},
        "events": {
            "type": "array",
            "maxItems": 512,
            "items": {"type": "object", "description": "CloudEvents 1.0, data with seq and salt"},
        },
    },
}
_EXTRA: dict[str, Any] = {
    "parameters": [
        {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}},
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": _BATCH}}},
}


def milliseconds() -> int:
    """HQ's clock: ms since 1970."""
    return time.time_ns() // 1_000_000


def routes(office: Office, now: Callable[[], int] = milliseconds) -> APIRouter:
    """The routes under /v1, for devices with their certificate."""
    router = APIRouter(prefix="/v1")

    @router.post("/events:batch", openapi_extra=_EXTRA, summary="Deliver one batch; only the signed receipt counts.")
    async def deliver(request: Request) -> Response:
        peer = await run_in_threadpool(_recognised, office, request, now())
        _check_type(request)
        body = await bodies.read(request, SIZE_LIMIT)
        key = request.headers.get("idempotency-key", "")
        reply = await run_in_threadpool(intake.receive, office, peer, body, key, now())
        return Response(reply, media_type="application/json")

    return router


def _recognised(office: Office, request: Request, now: int) -> Peer | None:
    """Ask before the body is read: a stranger does not get to send one."""
    peer: Peer | None = request.scope.get(PEER)
    with reading(office.engine) as view:
        recognise(view, peer, now)
    return peer


def _check_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != "application/json" or encoding != "identity":
        raise Problem(Kind.WRONG_TYPE)
