"""Papers that HQ signs about what it destroyed, of sweeps and erasures; refuses one that another HQ has signed."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from hq.database import reading
from hq.office import Office
from hq.tables_desk import papers
from wire import canonical
from wire.canonical import Json
from wire.errors import FormatError
from wire.signing import SIGNATURE_SIZE, verify

SWEEP: Final = "ambang.hq-sweep.v1"
ERASURE: Final = "ambang.hq-erasure.v1"
_DOMAIN: Final = b"\0ambang-hq-paper-v1\0"
_ID_BYTES: Final = 8


def fresh_id() -> str:
    """16 hexadecimal digits, random."""
    return secrets.token_hex(_ID_BYTES)


def sign(office: Office, kind: str, paper: str, at: int, said: Mapping[str, Json]) -> str:
    """The paper: canonical JSON with `format`, `hq`, `id`, `at`, what it says, and HQ's signature over all of that."""
    whole = {**said, "format": kind, "hq": office.name, "id": paper, "at": at}
    signature = office.signing.sign(_DOMAIN + canonical.encode(whole))
    return canonical.encode({**whole, "sig": signature.hex()}).decode() + "\n"


def keep(work: Connection, kind: str, paper: str, at: int, body: str) -> None:
    """Write a paper down inside the transaction."""
    work.execute(insert(papers).values(id=paper, kind=kind, at=at, body=body))


def check(body: str, public: bytes) -> dict[str, Json]:
    """Read a paper and check its signature by HQ's 32-byte key.

    Raises:
        BadSignature: another HQ's, or altered.
        FormatError: no paper.
    """
    value = canonical.decode(body.encode())
    if not isinstance(value, dict):
        raise FormatError("paper: not an object")
    said = dict(value)
    signature = said.pop("sig", "")
    if not isinstance(signature, str) or len(signature) != 2 * SIGNATURE_SIZE:
        raise FormatError("paper: signature")
    try:
        raw = bytes.fromhex(signature)
    except ValueError as error:
        raise FormatError("paper: signature") from error
    verify(public, raw, _DOMAIN + canonical.encode(said))
    return said


def every(office: Office, kind: str) -> list[Row[Any]]:
    """The papers of one kind, the newest first."""
    with reading(office.engine) as view:
        return list(view.execute(select(papers).where(papers.c.kind == kind).order_by(papers.c.at.desc())).all())


def one(office: Office, paper: str) -> str | None:
    """The body of a paper, or None."""
    with reading(office.engine) as view:
        found: str | None = view.execute(select(papers.c.body).where(papers.c.id == paper)).scalar_one_or_none()
    return found
