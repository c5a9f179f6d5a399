"""The address devices send batches to; refuses a caller without a registered certificate and any other body."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hq import api_backups, api_device, api_enrol, api_notices, bodies, intake
from hq.api_shared import BODY, CALLER, DEVICE, HEX, PEER, answers, check_type, closed, milliseconds, recognised
from hq.api_shared import body as body_of
from hq.office import Office
from hq.refusals import Kind
from wire.batch import SIZE_LIMIT

__all__ = ["PEER", "milliseconds", "routes"]

_ROW = closed({"seq": {"type": "integer", "minimum": 1}, "commitment": HEX, "body_digest": HEX})
_BATCH = closed(
    {
        "device": DEVICE,
        "batch": {"type": "string", "format": "uuid"},
        "h_prev": HEX,
        "spine": {"type": "array", "minItems": 1, "maxItems": 512, "items": _ROW},
        "checkpoint": {"type": "string", "maxLength": 4096, "description": "C2SP signed note of the device"},
        "events": {
            "type": "array",
            "maxItems": 512,
            "items": {"type": "object", "description": "CloudEvents 1.0, data with seq and salt"},
        },
    }
)
_RECEIPT = closed(
    {
        "receipt": closed(
            {
                "batch": {"type": "string", "format": "uuid"},
                "acked": {"type": "array", "maxItems": 512, "items": {"type": "string", "format": "uuid"}},
                "generation": {"type": "integer", "minimum": 0},
                "time": {"type": "integer", "minimum": 0},
                "sig": {"type": "string", "pattern": "^[0-9a-f]{128}$"},
            }
        ),
        "checkpoint": {"type": "string", "maxLength": 4096},
    }
)
_KEY = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
_EXTRA: dict[str, Any] = {"parameters": [_KEY], **body_of(_BATCH)}
_REFUSED = (
    *CALLER,
    *BODY,
    *(Kind.WRONG_DEVICE, Kind.KEY_MISSING, Kind.KEY_REUSED, Kind.BROKEN_CHAIN, Kind.BAD_SIGNATURE),
    *(Kind.GAP, Kind.FORK, Kind.CONFLICT),
)


def routes(office: Office, now: Callable[[], int] = milliseconds) -> APIRouter:
    """The routes for devices: one for batches, and those beside it."""
    router = APIRouter()

    @router.post(
        "/v1/events:batch",
        openapi_extra=_EXTRA,
        responses=answers(_RECEIPT, *_REFUSED),
        response_class=Response,
        summary="Deliver one batch; only the signed receipt counts.",
    )
    async def deliver(request: Request) -> Response:
        await recognised(office, request, now())
        check_type(request)
        body = await bodies.read(request, SIZE_LIMIT)
        key = request.headers.get("idempotency-key", "")
        reply = await run_in_threadpool(intake.receive, office, request.scope.get(PEER), body, key, now())
        return Response(reply, media_type="application/json")

    for beside in (api_enrol, api_device, api_backups, api_notices):
        router.include_router(beside.routes(office, now))
    return router
