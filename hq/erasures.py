"""Certificates of erasure that devices have signed; refuses one that is another device's, or was altered."""

from sqlalchemy import select

from hq.database import writing
from hq.devices import Device
from hq.office import Office
from hq.refusals import Kind, Problem
from hq.tables_door import erasure_certificates, put
from wire import certificate
from wire.errors import BadSignature, FormatError

ANSWER = b'{"stored":true}'


def receive(office: Office, device: Device, erasure: str, body: bytes, now: int) -> bytes:
    """Store a certificate; of two about one erasure the later says more and stays. Returns the answer.

    Raises:
        Problem: NOT_UNDERSTOOD, BAD_SIGNATURE, WRONG_DEVICE.
    """
    try:
        told = certificate.unverified(body)
        if told.device != device.id:
            raise Problem(Kind.WRONG_DEVICE)
        certificate.read(body, device.public)
    except BadSignature as error:
        raise Problem(Kind.BAD_SIGNATURE) from error
    except FormatError as error:
        raise Problem(Kind.NOT_UNDERSTOOD) from error
    if told.id != erasure:
        raise Problem(Kind.NOT_UNDERSTOOD)
    with writing(office.engine) as work:
        ours = (erasure_certificates.c.device == device.id, erasure_certificates.c.id == erasure)
        before = work.execute(select(erasure_certificates.c.body).where(*ours)).scalar_one_or_none()
        if before is None or certificate.unverified(before).finished < told.finished:
            put(work, erasure_certificates, {"device": device.id, "id": erasure}, {"received": now, "body": body})
    return ANSWER
