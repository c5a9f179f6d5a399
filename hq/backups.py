"""Keeps the sealed backups of devices, which HQ cannot open; refuses what is not what its digest says."""

import base64
import binascii
import hashlib
import os
import re
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Connection, delete, insert, select

from hq.database import meta, reading, writing
from hq.office import Office
from hq.refusals import Kind, Problem, Refused
from hq.tables_door import backups, put

MIB: Final = 2**20
LIMIT_MIB: Final = 256
KEEP: Final = 14
LIMITS_MIB: Final = range(1, 65_537)
KEEPS: Final = range(1, 401)
DIGEST_SIZE: Final = 32
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_HEADER: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
_CHUNK: Final = 1 << 20
LEFT_S: Final = 7_200


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a backup may be (bytes), and how many of each device stay."""

    size: int
    keep: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One backup: whose, under which id, its SHA-256 and size, and when it came (ms since 1970)."""

    device: str
    id: str
    digest: bytes
    size: int
    received: int


def limits(view: Connection) -> Limits:
    """As they were set, or 256 MiB and 14."""
    rows = view.execute(select(meta).where(meta.c.key.in_(("backup_limit_mib", "backup_keep")))).all()
    found = {row.key: int(row.value) for row in rows}
    return Limits(found.get("backup_limit_mib", LIMIT_MIB) * MIB, found.get("backup_keep", KEEP))


def set_limits(work: Connection, mib: int | None, keep: int | None) -> None:
    """Change one or both; for what comes next. Raises Refused."""
    for name, value, allowed in (("backup_limit_mib", mib, LIMITS_MIB), ("backup_keep", keep, KEEPS)):
        if value is None:
            continue
        if value not in allowed:
            raise Refused(f"{name}: {allowed[0]} to {allowed[-1]}.")
        put(work, meta, {"key": name}, {"value": str(value)})


def digest_of(header: str) -> bytes:
    """SHA-256 (32 bytes) out of a Content-Digest header (RFC 9530). Raises Problem DIGEST_MISSING."""
    found = _HEADER.fullmatch(header.strip())
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != DIGEST_SIZE:
        raise Problem(Kind.DIGEST_MISSING)
    return digest


class Incoming:
    """A backup on its way to the disk; nobody sees it before `keep`.

    Args:
        office: this HQ.
        device: whose it is.
        backup: its id.
        digest: SHA-256 that it must have.
        size: how many bytes it may have.
    """

    def __init__(self, office: Office, device: str, backup: str, digest: bytes, size: int) -> None:
        self._office = office
        self._device = device
        self._id = backup
        self._digest = digest
        self._most = size
        self._hash = hashlib.sha256()
        self.size = 0
        self._folder = folder(office, device)
        self._partial = self._folder / f".{backup}.{secrets.token_hex(4)}.partial"
        self._file: BinaryIO | None = None

    def begin(self) -> None:
        """Make the file, 0600. Raises OSError."""
        for place in (self._folder.parent, self._folder):
            place.mkdir(mode=0o700, exist_ok=True)
        _clear(self._folder)
        descriptor = os.open(self._partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, piece: bytes) -> None:
        """Add a piece. Raises Problem TOO_LARGE, OSError."""
        self.size += len(piece)
        if self.size > self._most:
            raise Problem(Kind.TOO_LARGE)
        self._hash.update(piece)
        if self._file is not None:
            self._file.write(piece)

    def keep(self, most: int, now: int) -> None:
        """Give it its name, durable, and write it down; of the older ones, `most` less one stay.

        Raises:
            Problem: DIGEST_WRONG; CONFLICT: another one came under this id meanwhile.
            OSError: the disk.
        """
        if self._hash.digest() != self._digest:
            raise Problem(Kind.DIGEST_WRONG)
        if self._file is None or self.size == 0:
            raise Problem(Kind.NOT_UNDERSTOOD)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        with writing(self._office.engine) as work:
            if _already(work, self._device, self._id, self._digest):
                return
            self._partial.replace(self._folder / self._id)
            _sync(self._folder)
            row = {"device": self._device, "id": self._id, "digest": self._digest, "size": self.size, "received": now}
            work.execute(insert(backups).values(row))
            surplus = _surplus(work, self._device, self._id, most)
            work.execute(delete(backups).where(backups.c.device == self._device, backups.c.id.in_(surplus)))
        for old in surplus:  # after the commit: a row without its file would promise too much
            (self._folder / old).unlink(missing_ok=True)

    def discard(self) -> None:
        """Leave nothing of it, unless it was kept."""
        if self._file is not None:
            self._file.close()
        with suppress(OSError):
            self._partial.unlink(missing_ok=True)


def already(office: Office, device: str, backup: str, digest: bytes) -> bool:
    """Whether this very backup is here. Raises Problem CONFLICT if another one is under its id."""
    with reading(office.engine) as view:
        return _already(view, device, backup, digest)


def listed(view: Connection, device: str | None = None) -> Sequence[Kept]:
    """What is here, by device, oldest first."""
    asked = select(backups).order_by(backups.c.device, backups.c.received, backups.c.id)
    if device is not None:
        asked = asked.where(backups.c.device == device)
    return [Kept(row.device, row.id, row.digest, row.size, row.received) for row in view.execute(asked).all()]


def copy_out(office: Office, device: str, backup: str, out: Path) -> int:
    """Copy a backup to a new file (0600); returns its size.

    Raises:
        Refused: there is none, it was altered on HQ's disk, or the file cannot be written.
    """
    with reading(office.engine) as view:
        found = next((one for one in listed(view, device) if one.id == backup), None)
    if found is None:
        raise Refused("There is no backup with this id of this device; `kiosk-hq backup list` shows which are.")
    seen = hashlib.sha256()
    try:
        descriptor = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with (folder(office, device) / backup).open("rb") as source, os.fdopen(descriptor, "wb") as target:
            while piece := source.read(_CHUNK):
                seen.update(piece)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        raise Refused(f"{out} cannot be written, or the backup cannot be read: {error.strerror}.") from error
    if seen.digest() != found.digest:
        out.unlink()
        raise Refused("The backup on HQ's disk is not the one that came; take another one, and find out why.")
    return found.size


def folder(office: Office, device: str) -> Path:
    """Where the backups of a device lie. A device id has no separator and does not begin with a dot."""
    return office.house.root / "backups" / device


def _already(view: Connection, device: str, backup: str, digest: bytes) -> bool:
    asked = select(backups.c.digest).where(backups.c.device == device, backups.c.id == backup)
    found = view.execute(asked).scalar_one_or_none()
    if found is not None and found != digest:
        raise Problem(Kind.CONFLICT)
    return found is not None


def _surplus(work: Connection, device: str, latest: str, most: int) -> list[str]:
    """What is too many beside the one that has just come, which stays also where HQ's clock was set back."""
    newest_first = (backups.c.received.desc(), backups.c.id.desc())
    others = select(backups.c.id).where(backups.c.device == device, backups.c.id != latest)
    asked = others.order_by(*newest_first).offset(most - 1)
    return list(work.execute(asked).scalars())


def _clear(directory: Path) -> None:
    """Delete what a crash has left half-written: nothing is under way for two hours."""
    for left in directory.glob(".*.partial"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_S:
                left.unlink()


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
