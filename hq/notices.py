"""What devices have told of people: erased, consent withdrawn, restricted; refuses a certificate it cannot prove."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from hq.attendance import opened
from hq.database import devices, reading
from hq.office import Office
from hq.tables_door import erasure_certificates
from wire import certificate
from wire.certificate import Certificate
from wire.errors import BadSignature, FormatError
from wire.event import Notice, NoticeKind

_SHOWN_KINDS: Final = frozenset(NoticeKind) - {NoticeKind.ENROLLED}


@dataclass(frozen=True, slots=True)
class Proof:
    """A certificate that a device has sent: its id, what it says (None: it is none), whether the signature is good."""

    device: str
    id: str
    certificate: Certificate | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One notice: what, about whom, where, when (UTC), and the certificates of the same entry of that ledger."""

    kind: str
    code: str = field(repr=False)
    device: str
    door: str
    at: datetime
    seq: int
    proofs: tuple[Proof, ...]


def told(office: Office) -> tuple[tuple[Told, ...], tuple[Proof, ...]]:
    """Every notice, the newest first; and the certificates that belong to none of them."""
    with reading(office.engine) as view:
        known = {row.id: row for row in view.execute(select(devices))}
        proofs = [_proof(row, known[row.device].public) for row in _rows(view) if row.device in known]
    found = []
    used: set[tuple[str, str]] = set()
    for device, seq, _received, event in opened(office):
        if not isinstance(event, Notice) or event.kind not in _SHOWN_KINDS:
            continue
        mine = tuple(
            proof
            for proof in proofs
            if proof.device == device and proof.certificate is not None and proof.certificate.seq == seq
        )
        used |= {(proof.device, proof.id) for proof in mine}
        at = datetime.fromtimestamp(event.occurred_at / 1000, UTC)
        found.append(Told(event.kind.value, event.person, device, known[device].label, at, seq, mine))
    found.sort(key=lambda each: each.at, reverse=True)
    return tuple(found), tuple(proof for proof in proofs if (proof.device, proof.id) not in used)


def one(office: Office, device: str, paper: str) -> bytes | None:
    """The file of a certificate as the device sent it, or None."""
    table = erasure_certificates
    with reading(office.engine) as view:
        wanted = select(table.c.body).where(table.c.device == device, table.c.id == paper)
        found = view.execute(wanted).scalar_one_or_none()
    return _bytes(found) if found is not None else None


def _rows(view: Connection) -> list[Any]:
    """Certificates, the newest first."""
    table = erasure_certificates
    return list(view.execute(select(table).order_by(table.c.received.desc())).all())


def _proof(row: Any, public: bytes) -> Proof:  # noqa: ANN401 - a row of SQLAlchemy's
    body = _bytes(row.body)
    try:
        return Proof(row.device, row.id, certificate.read(body, public), verified=True)
    except (BadSignature, FormatError):
        pass
    try:
        return Proof(row.device, row.id, certificate.unverified(body), verified=False)
    except FormatError:
        return Proof(row.device, row.id, None, verified=False)


def _bytes(body: bytes | str) -> bytes:
    return body.encode() if isinstance(body, str) else body
