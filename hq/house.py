"""Where one HQ lives on disk; refuses a key that others may read."""

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hq.refusals import Refused

SECRET_BYTES = 32
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
DEVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""A device id is also an X.509 common name, whose upper bound is 64 (RFC 5280, ub-common-name)."""


@dataclass(frozen=True, slots=True)
class House:
    """The paths of one HQ under its data directory."""

    root: Path

    @property
    def database(self) -> Path:
        """hq.db: everything HQ knows, personal fields sealed."""
        return self.root / "hq.db"

    @property
    def database_url(self) -> Path:
        """URL of a PostgreSQL that holds it instead, where there is one; it may contain a password."""
        return self.root / "database.url"

    @property
    def seal_key(self) -> Path:
        """32 bytes that open the sealed fields of hq.db."""
        return self.root / "seal.key"

    @property
    def signing_key(self) -> Path:
        """32 bytes: the Ed25519 key of receipts and counter-signatures."""
        return self.root / "signing.key"

    @property
    def ca(self) -> Path:
        """Certificate of the private authority, PEM; devices and browsers are given this file."""
        return self.root / "ca.pem"

    @property
    def ca_key(self) -> Path:
        """Key of the private authority, PEM."""
        return self.root / "ca.key"

    @property
    def server(self) -> Path:
        """Certificate HQ shows to devices and browsers, PEM."""
        return self.root / "server.pem"

    @property
    def server_key(self) -> Path:
        """Key of that certificate, PEM."""
        return self.root / "server.key"


@contextmanager
def locked(path: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold the lock of a file or directory; other processes that ask for it wait.

    Raises:
        Refused: `how` says not to wait (LOCK_NB), and somebody holds it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError as error:
            raise Refused("An HQ runs on this data directory, or its database is being upgraded.") from error
        yield
    finally:
        os.close(descriptor)


def serving_from(root: Path) -> AbstractContextManager[None]:
    """Hold a data directory as one of several that serve from it; refuses while its database is being upgraded."""
    return locked(root, fcntl.LOCK_SH | fcntl.LOCK_NB)


def alone_in(root: Path) -> AbstractContextManager[None]:
    """Hold a data directory that nobody serves from; refuses while somebody does."""
    return locked(root, fcntl.LOCK_EX | fcntl.LOCK_NB)


def write(path: Path, data: bytes, mode: int = 0o400) -> None:
    """Put a file in place whole, durable and with its final mode; an older one is replaced in one step."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read_secret(path: Path) -> bytes:
    """Read a key file.

    Raises:
        Refused: it is missing, or group or others have any right to it.
    """
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path.name} cannot be read in {path.parent}; is this an HQ's data directory?") from error
    if stat.S_IMODE(mode) & 0o077:
        raise Refused(f"{path.name} can be read by others; set its mode to 0400 and find out who did read it.")
    return data


def read_key(path: Path) -> bytes:
    """Read a 32-byte key file.

    Raises:
        Refused: as `read_secret`, or it is not 32 bytes.
    """
    data = read_secret(path)
    if len(data) != SECRET_BYTES:
        raise Refused(f"{path.name} is not a {SECRET_BYTES}-byte key.")
    return data
