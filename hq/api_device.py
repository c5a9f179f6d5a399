"""What a device tells and asks beside its batches: reports, messages, certificates of erasure; refuses all else."""

import re
from collections.abc import Callable
from typing import Any, Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hq import bodies, erasures, messages, reports
from hq.api_shared import BODY, CALLER, DEVICE, HEX, JSON, STORED, answers, check_query, check_type, closed, recognised
from hq.api_shared import body as body_of
from hq.office import Office
from hq.refusals import Kind, Problem
from wire import certificate, checks, message, report
from wire.canonical import INTEGER_LIMIT
from wire.certificate import Level, Scope
from wire.report import Delivery

_NUMBER: Final = re.compile(r"[0-9]{1,16}")
_ERASURE: Final = re.compile(r"[0-9a-f]{16}")
_MOMENT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
_MAYBE: Final[dict[str, Any]] = {"type": ["integer", "null"], "minimum": 0}
_WELFARE: Final = closed(
    {
        "at": _MOMENT,
        "security_level": {"enum": [level.value for level in Level]},
        **dict.fromkeys(("people", "restricted", "faces", "entries", "undelivered"), _MOMENT),
        **dict.fromkeys(("quarantined", "open_intents"), _MOMENT),
        **dict.fromkeys(("backup_offsite", "backup_onsite"), _MAYBE),
        "position": {"type": "string", "pattern": f"^({checks.POSITION})?$"},
    },
    optional=("position",),
)
_REPORT: Final = closed(
    {
        "format": {"const": report.FORMAT},
        "device": DEVICE,
        "installation": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        "at": _MOMENT,
        "version": {"type": "string", "minLength": 1, "maxLength": report.VERSION_CHARACTERS},
        "delivery": {"enum": [state.value for state in Delivery]},
        "detail": {"type": "string", "pattern": "^([a-z][a-z0-9_]{0,63})?$"},
        "waiting": _MOMENT,
        "oldest": _MAYBE,
        "dead": {"type": "object", "maxProperties": report.REASONS_LIMIT, "additionalProperties": _MOMENT},
        "certificate_until": _MOMENT,
        "system_updated": _MAYBE,
        "network": HEX,
        "network_changed": {"type": "boolean"},
        "welfare": {"oneOf": [_WELFARE, {"type": "null"}]},
    }
)
_MESSAGE: Final = closed(
    {
        "device": DEVICE,
        "number": {"type": "integer", "minimum": 1},
        "issued_at": _MOMENT,
        "kind": {"enum": list(message.KINDS)},
        "body": {"type": "object"},
        "sig": {"type": "string", "pattern": "^[0-9a-f]{128}$"},
    }
)
_MESSAGES: Final = closed({"messages": {"type": "array", "maxItems": 100, "items": _MESSAGE}})
_PARAMETERS: Final = [
    {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": INTEGER_LIMIT}},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
]
_ID: Final = {
    "name": "erasure",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": f"^{_ERASURE.pattern}$"},
}
_SAID: Final = {
    "type": "object",
    "required": ["format", "id", "device", "scope", "sig"],
    "properties": {"format": {"const": certificate.FORMAT}, "scope": {"enum": [scope.value for scope in Scope]}},
    "description": "docs/formats.md, certificate of erasure: canonical, with a line feed at its end",
}


def routes(office: Office, now: Callable[[], int]) -> APIRouter:
    """The routes beside the batches."""
    router = APIRouter(prefix="/v1")

    @router.post(
        "/reports",
        openapi_extra=body_of(_REPORT),
        responses=answers(STORED, *CALLER, *BODY, Kind.WRONG_DEVICE),
        response_class=Response,
        summary="How the device does, in plain words and whole numbers.",
    )
    async def reported(request: Request) -> Response:
        device = await recognised(office, request, now())
        check_type(request)
        body = await bodies.read(request, report.SIZE_LIMIT)
        return Response(await run_in_threadpool(reports.receive, office, device, body, now()), media_type=JSON)

    @router.get(
        "/messages",
        openapi_extra={"parameters": _PARAMETERS},
        responses=answers(_MESSAGES, *CALLER, Kind.NOT_UNDERSTOOD),
        response_class=Response,
        summary="What HQ has to tell this device after a number, oldest first, each one signed.",
    )
    async def told(request: Request) -> Response:
        device = await recognised(office, request, now())
        asked = check_query(request, "after", "limit")
        after = _whole(asked.get("after", "0"), range(INTEGER_LIMIT + 1))
        limit = _whole(asked.get("limit", "20"), messages.AT_ONCE)
        return Response(await run_in_threadpool(messages.answer, office, device.id, after, limit), media_type=JSON)

    @router.put(
        "/erasures/{erasure}",  # noqa: FAST003 - FastAPI's own check would answer in another form
        openapi_extra={"parameters": [_ID], **body_of(_SAID)},
        responses=answers(STORED, *CALLER, *BODY, Kind.WRONG_DEVICE, Kind.BAD_SIGNATURE),
        response_class=Response,
        summary="A certificate of erasure; of two about one erasure the later stays.",
    )
    async def erased(request: Request) -> Response:
        device = await recognised(office, request, now())
        check_type(request)
        erasure = str(request.path_params["erasure"])
        if not _ERASURE.fullmatch(erasure):
            raise Problem(Kind.NOT_UNDERSTOOD)
        body = await bodies.read(request, certificate.FILE_LIMIT)
        kept = await run_in_threadpool(erasures.receive, office, device, erasure, body, now())
        return Response(kept, media_type=JSON)

    return router


def _whole(text: str, allowed: range) -> int:
    if not _NUMBER.fullmatch(text) or int(text) not in allowed:
        raise Problem(Kind.NOT_UNDERSTOOD)
    return int(text)
