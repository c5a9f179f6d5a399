"""Which devices HQ answers, and by which certificates; refuses to change the signing key of a device it knows."""

from dataclasses import dataclass

from sqlalchemy import Connection, exists, insert, select, update

from hq.ca import Issued
from hq.database import certificates, devices
from hq.house import DEVICE_ID
from hq.refusals import Kind, Problem, Refused
from wire.spine import genesis

PUBLIC_BYTES = 32
NOT_YET = b""
"""Stands for the public key of a device that was invited and has not come yet."""


@dataclass(frozen=True, slots=True)
class Peer:
    """What the verified client certificate of a connection says: common name and serial number (upper-case hex)."""

    common_name: str
    serial: str


@dataclass(frozen=True, slots=True)
class Device:
    """A registered device: its id and its 32-byte Ed25519 public key."""

    id: str
    public: bytes


def check_id(device: str) -> None:
    """Refuse an id that cannot be a common name and a signer name.

    Raises:
        Refused: it is not 1..64 letters, digits, dots, dashes or underscores.
    """
    if not DEVICE_ID.fullmatch(device):
        raise Refused("A device id is 1 to 64 letters, digits, dots, dashes or underscores.")


def register(work: Connection, device: Device, label: str, issued: Issued, now: int) -> None:
    """Add a device, or another certificate to a device that is known by the same public key.

    Raises:
        Refused: the id is known by another public key, or the key is not 32 bytes.
    """
    if len(device.public) != PUBLIC_BYTES:
        raise Refused("The public key must be 32 bytes, that is 64 hexadecimal digits.")
    known = work.execute(select(devices.c.public).where(devices.c.id == device.id)).scalar_one_or_none()
    if known is None:
        work.execute(
            insert(devices).values(
                id=device.id,
                label=label or device.id,
                public=device.public,
                added=now,
                size=0,
                head=genesis(device.id),
                generation=0,
            )
        )
    elif known == NOT_YET:
        change = {"public": device.public} | ({"label": label} if label else {})
        work.execute(update(devices).where(devices.c.id == device.id).values(change))
    elif known != device.public:
        raise Refused("This id is registered with another public key; a new key is a new device.")
    elif label:
        work.execute(update(devices).where(devices.c.id == device.id).values(label=label))
    work.execute(insert(certificates).values(serial=issued.serial, device=device.id, not_after=issued.not_after))


def expect(work: Connection, device: str, label: str, now: int) -> None:
    """Make a device that is not there yet; one that HQ knows stays as it is, but for its label."""
    if work.execute(select(devices.c.id).where(devices.c.id == device)).first() is None:
        row = {"id": device, "label": label or device, "public": NOT_YET, "added": now, "size": 0, "generation": 0}
        work.execute(insert(devices).values(head=genesis(device), **row))
    elif label:
        work.execute(update(devices).where(devices.c.id == device).values(label=label))


def revoke(work: Connection, device: str, now: int) -> int:
    """Withdraw every certificate of a device; returns how many.

    Raises:
        Refused: there is no such device.
    """
    if work.execute(select(devices.c.id).where(devices.c.id == device)).first() is None:
        raise Refused("There is no device with this id.")
    open_ones = update(certificates).where(certificates.c.device == device, certificates.c.revoked.is_(None))
    return work.execute(open_ones.values(revoked=now)).rowcount


def recognise(view: Connection, peer: Peer | None, now: int) -> Device:
    """The device behind a connection; TLS has verified the chain, this asks whether HQ still stands by it.

    Raises:
        Problem: no certificate, or one that is unknown, withdrawn or past its last day.
    """
    if peer is None:
        raise Problem(Kind.CERTIFICATE_REQUIRED)
    row = view.execute(
        select(devices.c.id, devices.c.public)
        .join(certificates)
        .where(
            devices.c.id == peer.common_name,
            certificates.c.serial == peer.serial,
            certificates.c.revoked.is_(None),
            certificates.c.not_after > now,
        )
    ).one_or_none()
    if row is None:
        raise Problem(Kind.CERTIFICATE_WITHDRAWN)
    return Device(row.id, row.public)


def trusted(view: Connection, device: str) -> bool:
    """Whether a certificate of this device was issued and not withdrawn; one that is merely over counts."""
    asked = exists().where(certificates.c.device == device, certificates.c.revoked.is_(None))
    return bool(view.execute(select(asked)).scalar())


def public_key(view: Connection, device: str) -> bytes | None:
    """The ledger key of a device, NOT_YET if it was only invited; None if there is no such device."""
    found: bytes | None = view.execute(select(devices.c.public).where(devices.c.id == device)).scalar_one_or_none()
    return found
