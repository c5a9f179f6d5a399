"""How a device comes in and stays in: the authority, the invitation, the next certificate; refuses all else."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter
from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hq import bodies, ca, devices, invitations
from hq.api_shared import BODY, CALLER, DEVICE, HEX, JSON, answers, check_query, check_type, closed, recognised
from hq.api_shared import body as body_of
from hq.database import certificates, writing
from hq.devices import Device
from hq.office import Office, authority
from hq.refusals import Kind, Problem, Refused
from wire import canonical
from wire.errors import FormatError

PEM: Final = "application/pem-certificate-chain"
RENEWALS: Final = 8
RENEWALS_MS: Final = 86_400_000
"""So many certificates a device gets in so many ms: one that asks in a circle must not fill the table."""
_CSR: Final[dict[str, Any]] = {"type": "string", "maxLength": ca.REQUEST_LIMIT, "description": "PKCS 10 in PEM"}
_ENROL: Final = closed(
    {
        "device": DEVICE,
        "token": {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"},
        "csr": _CSR,
        "public": HEX,
        "proof": {"type": "string", "pattern": "^[0-9a-f]{128}$"},
    }
)
_CERTIFICATE: Final[dict[str, Any]] = {"type": "string", "description": "X.509 in PEM, 90 days"}
_LET_IN: Final = closed({"certificate": _CERTIFICATE, "name": {"type": "string"}, "public": HEX})


def routes(office: Office, now: Callable[[], int]) -> APIRouter:
    """The routes of provisioning."""
    router = APIRouter()

    @router.get(
        "/ca.pem",
        responses=answers({"type": "string"}, Kind.NOT_UNDERSTOOD, kind=PEM),
        response_class=Response,
        summary="The authority's certificate; a device believes it only if it has the pin of its invitation.",
    )
    async def ca_pem(request: Request) -> Response:
        check_query(request)
        return Response(await run_in_threadpool(office.house.ca.read_bytes), media_type=PEM)

    @router.post(
        "/v1/devices:enrol",
        openapi_extra=body_of(_ENROL),
        responses=answers(_LET_IN, *BODY, Kind.INVITATION_REFUSED),
        response_class=Response,
        summary="Come in with an invitation, and a proof that TLS key and ledger key are one device's.",
    )
    async def enrol(request: Request) -> Response:
        check_type(request)
        body = await bodies.read(request, invitations.BODY_LIMIT)
        return Response(await run_in_threadpool(invitations.enrol, office, body, now()), media_type=JSON)

    @router.post(
        "/v1/certificate:renew",
        openapi_extra=body_of(closed({"csr": _CSR})),
        responses=answers(closed({"certificate": _CERTIFICATE}), *CALLER, *BODY, Kind.TOO_OFTEN),
        response_class=Response,
        summary="The next certificate; the present one stays good until its own end.",
    )
    async def renew(request: Request) -> Response:
        device = await recognised(office, request, now())
        check_type(request)
        body = await bodies.read(request, invitations.BODY_LIMIT)
        return Response(await run_in_threadpool(_renewed, office, device, body, now()), media_type=JSON)

    return router


def _renewed(office: Office, device: Device, body: bytes, now: int) -> bytes:
    try:
        found = canonical.fields(canonical.decode(body), {"csr": str})
        moment = datetime.fromtimestamp(now / 1000, UTC)
        issued = ca.issue_device(authority(office), found["csr"].encode(), device.id, moment)
    except (FormatError, Refused) as error:
        raise Problem(Kind.NOT_UNDERSTOOD) from error
    lately = issued.not_after - RENEWALS_MS
    with writing(office.engine) as work:
        if not devices.trusted(work, device.id):  # withdrawn since it was recognised
            raise Problem(Kind.CERTIFICATE_WITHDRAWN)
        count = select(func.count()).where(certificates.c.device == device.id, certificates.c.not_after > lately)
        if work.execute(count).scalar_one() >= RENEWALS:
            raise Problem(Kind.TOO_OFTEN)
        devices.register(work, device, "", issued, now)
    return canonical.encode({"certificate": issued.certificate.decode()})
