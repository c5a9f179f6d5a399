r"""Who did what, in a chain that HQ signs; refuses to change an act, but lets go of the person it was about.

    of one part: SHA-256("\0ambang-hq-said-v1\0" | salt (16) | canonical JSON), or 32 zero bytes
    h(seq) = SHA-256("\0ambang-hq-act-v1\0" | h(seq - 1) | seq (8) | at (8) | length (1), kind | of who | of whom)

Each h is signed. Whoever was looked at stands in a part of their own, which an erasure removes; the chain still holds.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, insert, select, update

from hq.database import reading
from hq.office import Office
from hq.tables_desk import acts, acts_head
from wire import canonical
from wire.canonical import Json
from wire.errors import BadSignature, FormatError
from wire.signing import verify as verify_signature

SHELL: Final = "shell"
SALT_SIZE: Final = 16
_SAID: Final = b"\0ambang-hq-said-v1\0"
_ACT: Final = b"\0ambang-hq-act-v1\0"
NOBODY: Final = bytes(32)
GENESIS: Final = sha256(b"\0ambang-hq-acts-v1\0").digest()
_AT_ONCE: Final = 2048


class ActKind(StrEnum):
    """The closed list of acts; hq/sentences holds `act_<kind>` for each."""

    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    LOCKED_OUT = "locked-out"
    SIGNED_OUT = "signed-out"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_RESET = "account-reset"
    ACCOUNT_DISABLED = "account-disabled"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of an act
    ATTENDANCE_SEEN = "attendance-seen"
    EXPORTED = "exported"
    ALARM_ACKNOWLEDGED = "alarm-acknowledged"
    CERTIFICATE_TAKEN = "certificate-taken"
    RETENTION_SET = "retention-set"
    SWEPT = "swept"
    HELD = "held"
    RELEASED = "released"
    ERASURE_ASKED = "erasure-asked"
    ERASURE_REFUSED = "erasure-refused"
    ERASED = "erased"
    AUDIT_SEEN = "audit-seen"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account's id, or `shell` for whoever may use the command line; and the name they go by."""

    id: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Act:
    """One act.

    Args:
        kind: what was done.
        by: who did it.
        about: the employee code of the one person it was about, or "".
        detail: words and numbers without a name in them.
    """

    kind: ActKind
    by: Actor
    about: str = field(default="", repr=False)
    detail: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """An act as it is read back: `about` is None where that person was erased, "" where it was about nobody."""

    seq: int
    at: int
    kind: str
    by: Actor
    about: str | None = field(repr=False)
    detail: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first act that does not hold, and why."""

    seq: int
    why: str


def append(work: Connection, office: Office, act: Act, now: int) -> int:
    """Add an act inside the current transaction; returns its seq, 1.."""
    head = acts_head.c
    if work.execute(update(acts_head).where(head.id == 1).values(seq=head.seq + 1)).rowcount == 0:
        work.execute(insert(acts_head).values(id=1, seq=1, h=GENESIS))
    row = work.execute(select(acts_head)).one()
    said: dict[str, Json] = {"who": act.by.id, "name": act.by.name, "detail": dict(act.detail)}
    clear = secrets.token_bytes(SALT_SIZE) + canonical.encode(said)
    about = secrets.token_bytes(SALT_SIZE) + canonical.encode({"code": act.about}) if act.about else b""
    of = _of(about) if about else NOBODY
    h = _link(row.h, row.seq, now, act.kind.value, _of(clear), of)
    work.execute(
        insert(acts).values(
            seq=row.seq,
            at=now,
            kind=act.kind.value,
            said=_of(clear),
            of=of,
            sealed=office.seals.seal("acts", f"{row.seq}", clear),
            about=office.seals.seal("acts", f"{row.seq}/about", about) if about else None,
            h=h,
            sig=office.signing.sign(_ACT + h),
        )
    )
    work.execute(update(acts_head).where(head.id == 1).values(h=h))
    seq: int = row.seq
    return seq


def newest(office: Office, before: int | None, most: int) -> tuple[Kept, ...]:
    """At most `most` acts, the newest first; only those before the seq `before`, where one is given.

    Raises:
        FormatError: one does not open.
    """
    wanted = select(acts).order_by(acts.c.seq.desc()).limit(most)
    if before is not None:
        wanted = wanted.where(acts.c.seq < before)
    with reading(office.engine) as view:
        rows = view.execute(wanted).all()
    return tuple(_kept(office, row.seq, row.at, row.kind, row.sealed, row.about, row.of) for row in rows)


def about(office: Office, code: str) -> Iterator[tuple[int, bytes]]:
    """Seq and sealed part of each act about this person; a part that does not open is about nobody we know."""
    last = 0
    while True:
        wanted = select(acts.c.seq, acts.c.about).where(acts.c.about.is_not(None), acts.c.seq > last)
        with reading(office.engine) as view:
            rows = view.execute(wanted.order_by(acts.c.seq).limit(_AT_ONCE)).all()
        if not rows:
            return
        last = rows[-1].seq
        for row in rows:
            try:
                found = _json(office.seals.open("acts", f"{row.seq}/about", row.about))
            except FormatError:
                continue
            if found.get("code") == code:
                yield row.seq, row.about


def verify(office: Office) -> tuple[int, bytes, Broken | None]:
    """Recompute the whole chain; returns how many acts hold, the head, and the first that does not, if there is one."""
    with reading(office.engine) as view:
        top = view.execute(select(acts_head)).one_or_none()
    size, stated = (top.seq, top.h) if top is not None else (0, GENESIS)
    head, seq = GENESIS, 0
    while seq < size:
        with reading(office.engine) as view:
            wanted = select(acts).where(acts.c.seq > seq, acts.c.seq <= size).order_by(acts.c.seq).limit(_AT_ONCE)
            rows = view.execute(wanted).all()
        if not rows:
            return seq, head, Broken(seq + 1, "is missing")
        for row in rows:
            if row.seq != seq + 1:
                return seq, head, Broken(seq + 1, "is missing")
            if row.h != _link(head, row.seq, row.at, row.kind, row.said, row.of):
                return seq, head, Broken(row.seq, "does not follow from the act before it")
            why = _doubt(office, row.seq, row.sealed, row.said, row.about, row.of, row.h, row.sig)
            if why:
                return seq, head, Broken(row.seq, why)
            head, seq = row.h, row.seq
    return seq, head, None if head == stated else Broken(seq, "is not the last one that was written")


def _doubt(  # noqa: PLR0913, PLR0917 - the columns of one row
    office: Office, seq: int, sealed: bytes, said: bytes, about: bytes | None, of: bytes, h: bytes, sig: bytes
) -> str:
    try:
        verify_signature(office.signing.public, sig, _ACT + h)
    except BadSignature:
        return "is not signed by this HQ"
    try:
        if _of(office.seals.open("acts", f"{seq}", sealed)) != said:
            return "says something else than was promised"
        if about is not None and _of(office.seals.open("acts", f"{seq}/about", about)) != of:
            return "is about somebody else than was promised"
    except FormatError:
        return "does not open with seal.key"
    return ""


def _kept(  # noqa: PLR0913, PLR0917 - the columns of one row
    office: Office, seq: int, at: int, kind: str, sealed: bytes, about: bytes | None, of: bytes
) -> Kept:
    said = _json(office.seals.open("acts", f"{seq}", sealed))
    whom = "" if of == NOBODY else None
    if about is not None:
        whom = str(_json(office.seals.open("acts", f"{seq}/about", about))["code"])
    detail = said.get("detail")
    told = {}
    if isinstance(detail, dict):
        told = {key: value for key, value in detail.items() if isinstance(value, str | int)}
    return Kept(seq, at, kind, Actor(str(said["who"]), str(said["name"])), whom, told)


def _json(plain: bytes) -> dict[str, Json]:
    value = canonical.decode(plain[SALT_SIZE:])
    if not isinstance(value, dict):
        raise FormatError("act: not an object")
    return value


def _of(clear: bytes) -> bytes:
    return sha256(_SAID + clear).digest()


def _link(before: bytes, seq: int, at: int, kind: str, said: bytes, of: bytes) -> bytes:  # noqa: PLR0913, PLR0917
    word = kind.encode()
    fixed = seq.to_bytes(8, "big") + at.to_bytes(8, "big") + bytes([len(word)]) + word
    return sha256(_ACT + before + fixed + said + of).digest()
