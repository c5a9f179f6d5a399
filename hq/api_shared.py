"""What every address for devices shares: who calls, which body, which answers; refuses a caller HQ does not know."""

import time
from collections.abc import Mapping
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from hq.database import reading
from hq.devices import Device, Peer, recognise
from hq.office import Office
from hq.refusals import SENTENCES, Kind, Problem

PEER: Final = "ambang.peer"
"""Where the server's protocol leaves the verified certificate in the ASGI scope; no header can reach this."""
JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
HEX: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
DEVICE: Final = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}
_ALWAYS: Final = (Kind.BUSY, Kind.OUR_FAULT)
CALLER: Final = (Kind.CERTIFICATE_REQUIRED, Kind.CERTIFICATE_WITHDRAWN)
BODY: Final = (Kind.NOT_UNDERSTOOD, Kind.TOO_SLOW, Kind.TOO_LARGE, Kind.WRONG_TYPE)


def milliseconds() -> int:
    """HQ's clock: ms since 1970."""
    return time.time_ns() // 1_000_000


async def recognised(office: Office, request: Request, now: int) -> Device:
    """The device that calls; asked before the body is read: a stranger does not get to send one.

    Raises:
        Problem: CERTIFICATE_REQUIRED, CERTIFICATE_WITHDRAWN.
    """
    return await run_in_threadpool(_recognised, office, request.scope.get(PEER), now)


def _recognised(office: Office, peer: Peer | None, now: int) -> Device:
    with reading(office.engine) as view:
        return recognise(view, peer, now)


def check_type(request: Request, wanted: str = JSON) -> None:
    """Raise Problem WRONG_TYPE for another content type, or an encoding."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != wanted or encoding != "identity":
        raise Problem(Kind.WRONG_TYPE)


def check_query(request: Request, *allowed: str) -> Mapping[str, str]:
    """The parameters after the question mark. Raises Problem NOT_UNDERSTOOD for one that is unknown or there twice."""
    found = request.query_params.multi_items()
    names = [name for name, _ in found]
    if not set(names) <= set(allowed) or len(set(names)) != len(names):
        raise Problem(Kind.NOT_UNDERSTOOD)
    return dict(found)


def closed(properties: Mapping[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The schema of an object with these keys and no other."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": dict(properties)}


def body(schema: Mapping[str, Any], kind: str = JSON) -> dict[str, Any]:
    """The part of an OpenAPI operation that describes its body."""
    return {"requestBody": {"required": True, "content": {kind: {"schema": dict(schema)}}}}


def answers(good: Mapping[str, Any], *kinds: Kind, kind: str = JSON) -> dict[int | str, dict[str, Any]]:
    """Every answer of an operation: the good one, and a problem document for each status, with its types."""
    found: dict[int | str, dict[str, Any]] = {
        200: {"description": "Done.", "content": {kind: {"schema": dict(good)}}},
    }
    by_status: dict[int, list[Kind]] = {}
    for each in (*kinds, *_ALWAYS):
        by_status.setdefault(SENTENCES[each][0], []).append(each)
    for status, problems in sorted(by_status.items()):
        number = {"type": "integer", "minimum": 0}
        document = closed(
            {
                "type": {"enum": [f"urn:ambang:problem:{problem}" for problem in problems]},
                "title": {"type": "string"},
                "status": {"const": status},
                "seq": number,
                "size": number,
            },
            optional=("seq", "size"),
        )
        found[status] = {
            "description": " ".join(SENTENCES[problem][1] for problem in problems),
            "content": {PROBLEM: {"schema": document}},
        }
    return found


STORED: Final = closed({"stored": {"const": True}})
