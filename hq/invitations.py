"""A device is invited once and comes with a proof; refuses a token that is wrong, used, over, or another device's."""

import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, Row, delete, select, update

from hq import ca, devices, messages
from hq.alarms import ring
from hq.database import writing
from hq.devices import Device
from hq.office import Office, authority
from hq.refusals import AlarmKind, Kind, Problem, Refused
from hq.tables_door import invitations, put
from wire import canonical, checks, invitation
from wire.errors import BadSignature, FormatError
from wire.signing import KEY_SIZE, SIGNATURE_SIZE

BODY_LIMIT: Final = 32 * 1024
HOURS: Final = range(1, 24 * 14 + 1)
WRONG_MOST: Final = 10
"""So many wrong tokens and the invitation is over: 128 bits are not guessed, but somebody should ask who tries."""
HOUR_MS: Final = 3_600_000
_log = logging.getLogger("ambang.hq")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a device sends to be let in."""

    device: str
    token: bytes
    csr: bytes
    public: bytes
    proof: bytes
    tls_key: bytes


def invite(work: Connection, device: str, label: str, hours: int, now: int) -> bytes:
    """Make a device, and an invitation in place of an earlier one; returns the token: the only time it can be read.

    Raises:
        Refused: not a device id, or no sensible number of hours.
    """
    devices.check_id(device)
    if hours not in HOURS:
        raise Refused(f"An invitation holds for 1 to {HOURS[-1]} hours.")
    devices.expect(work, device, label, now)
    token = secrets.token_bytes(invitation.TOKEN_SIZE)
    fresh = {"digest": _digest(token), "made": now, "expires": now + hours * HOUR_MS, "failed": 0}
    put(work, invitations, {"device": device}, {**fresh, "used": None, "tls_key": None, "certificate": None})
    return token


def withdraw(work: Connection, device: str) -> None:
    """Make an open invitation of a device void."""
    work.execute(delete(invitations).where(invitations.c.device == device))


def enrol(office: Office, body: bytes, now: int) -> bytes:
    """Let a device in that holds its invitation; returns the encoded answer, after the commit.

    The same request again, because its answer was lost, gets the same certificate; any other one is refused.

    Raises:
        Problem: NOT_UNDERSTOOD, INVITATION_REFUSED.
    """
    asked = _read(body)
    with writing(office.engine) as work:
        row = work.execute(
            select(invitations).where(invitations.c.device == asked.device).with_for_update()
        ).one_or_none()
        certificate = None if row is None else _redeemed(work, office, asked, row, now)
    if certificate is None:  # the attempt is counted by now
        _log.warning("enrolment refused device=%s", "unknown" if row is None else asked.device)
        raise Problem(Kind.INVITATION_REFUSED)
    return canonical.encode({"certificate": certificate, "name": office.name, "public": office.signing.public.hex()})


def _redeemed(work: Connection, office: Office, asked: _Asked, row: Row[tuple[object, ...]], now: int) -> str | None:
    """The certificate; None if the invitation does not hold, which is counted and rings."""
    right = hmac.compare_digest(row.digest, _digest(asked.token))
    if right and row.failed < WRONG_MOST and row.expires > now and _proved(asked):
        if row.used is not None and row.tls_key == asked.tls_key:
            return str(row.certificate)
        if row.used is None and _known_key(work, asked):
            issued = ca.issue_device(
                authority(office), asked.csr, asked.device, datetime.fromtimestamp(now / 1000, UTC)
            )
            messages.registered(work, office, Device(asked.device, asked.public), "", issued, now)
            text = issued.certificate.decode()
            used = {"used": now, "tls_key": asked.tls_key, "certificate": text}
            work.execute(update(invitations).where(invitations.c.device == asked.device).values(used))
            _log.info("enrolled device=%s", asked.device)
            return text
    if not right:
        counted = update(invitations).where(invitations.c.device == asked.device)
        work.execute(counted.values(failed=invitations.c.failed + 1))
    ring(work, asked.device, AlarmKind.INVITATION_REFUSED, now)
    return None


def _proved(asked: _Asked) -> bool:
    try:
        invitation.check(asked.device, asked.token, asked.tls_key, asked.public, asked.proof)
    except BadSignature:
        return False
    return True


def _known_key(work: Connection, asked: _Asked) -> bool:
    """Whether this device may have this ledger key: it is new, or the key is the one that HQ knows."""
    return devices.public_key(work, asked.device) in (devices.NOT_YET, asked.public)


def _read(body: bytes) -> _Asked:
    try:
        found = canonical.fields(canonical.decode(body, limit=BODY_LIMIT), dict.fromkeys(_FIELDS, str))
        device, csr = checks.device(found["device"]), found["csr"].encode()
        return _Asked(
            device,
            checks.exact(checks.base64url(found["token"]), "token", invitation.TOKEN_SIZE),
            csr,
            checks.hex_bytes(found["public"], KEY_SIZE),
            checks.hex_bytes(found["proof"], SIGNATURE_SIZE),
            ca.read_request(csr, device).fingerprint,
        )
    except (FormatError, Refused) as error:
        raise Problem(Kind.NOT_UNDERSTOOD) from error


_FIELDS: Final = ("device", "token", "csr", "public", "proof")


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
