"""Seals a backup for the organisation and opens one with its key (age, X25519); refuses every other kind of key."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import pyrage
from pyrage import x25519

from kiosk.faults import Fault, FaultCode
from kiosk.store.files import reason

_SECRET: Final = "AGE-SECRET-KEY-1"  # noqa: S105 - how such a key begins
_IDENTITY_FILE_LIMIT: Final = 65_536
# A header is read into memory whole before anything in it is proved. Ours has about 250 bytes.
_HEADER_LIMIT: Final = 65_536
_END_OF_HEADER: Final = b"\n--- "
_NOT_FOR_US: Final = "No matching keys"


class Source(Protocol):
    """Where bytes come from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


class Target(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> int:
        """Take all of them."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """The organisation's private keys, from one identity file."""

    keys: Sequence[Any] = field(repr=False)


def check_recipient(recipient: str) -> None:
    """Refuse what backups cannot be sealed to. Raises Fault BACKUP_RECIPIENT."""
    _recipient(recipient)


def read_identity(path: Path) -> Identity:
    """Read an age identity file: lines that begin with AGE-SECRET-KEY-1, empty lines, and comments that begin with #.

    Raises:
        Fault: BACKUP_IDENTITY: there is none, it is a link, others may read it (mode beyond 0600), or it holds no key.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o177:
                raise Fault(FaultCode.BACKUP_IDENTITY, f"{path.name}: mode {stat.S_IMODE(found.st_mode):04o}, not 0600")
            text = file.read(_IDENTITY_FILE_LIMIT + 1)
    except OSError as error:
        raise Fault(FaultCode.BACKUP_IDENTITY, f"{path.name}: {reason(error)}") from error
    if len(text) > _IDENTITY_FILE_LIMIT:
        raise Fault(FaultCode.BACKUP_IDENTITY, f"{path.name}: too long")
    return _identity(text, path.name)


def seal(source: Source, target: Target, recipient: str) -> None:
    """Seal what `source` gives, to the end, for the organisation. What source or target raise comes out as it is.

    Raises:
        Fault: BACKUP_RECIPIENT.
    """
    public = _recipient(recipient)
    watched = _Watched(source, target)
    try:
        pyrage.encrypt_io(watched, watched, [public])
    except pyrage.EncryptError:
        watched.raise_again()
        raise


def open_sealed(sealed: BinaryIO, target: Target, identity: Identity) -> None:
    """Open a sealed file piece by piece; each piece was proved, but only a return says that nothing is missing.

    Args:
        sealed: the file, at its beginning.
        target: gets what was sealed; what it raises comes out as it is.
        identity: the organisation's key.

    Raises:
        Fault: BACKUP_IDENTITY: sealed for somebody else; BACKUP_REFUSED: altered, cut, or no such file at all.
        OSError: it cannot be read.
    """
    if _END_OF_HEADER not in sealed.read(_HEADER_LIMIT):
        raise Fault(FaultCode.BACKUP_REFUSED, "no age file")
    sealed.seek(0)
    watched = _Watched(sealed, target)
    try:
        pyrage.decrypt_io(watched, watched, list(identity.keys))
    except (pyrage.DecryptError, OSError) as error:
        watched.raise_again()
        if _NOT_FOR_US in str(error):
            raise Fault(FaultCode.BACKUP_IDENTITY) from error
        raise Fault(FaultCode.BACKUP_REFUSED, "altered or cut") from error


class _Watched:
    """Remembers what went wrong on our side: the library would turn it into a sentence of its own."""

    def __init__(self, source: Source, target: Target) -> None:
        self._source = source
        self._target = target
        self._raised: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            return self._source.read(size)
        except BaseException as error:
            self._raised = self._raised or error  # the library may call once more before it gives up
            raise

    def write(self, data: bytes) -> int:
        try:
            return self._target.write(data)
        except BaseException as error:
            self._raised = self._raised or error  # the library may call once more before it gives up
            raise

    def flush(self) -> None:
        """The library flushes; whoever owns the target makes it durable."""

    def raise_again(self) -> None:
        if self._raised is not None:
            raise self._raised


def _recipient(text: str) -> Any:  # noqa: ANN401 - the library has no types
    try:
        return x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise Fault(FaultCode.BACKUP_RECIPIENT) from error


def _identity(text: bytes, name: str) -> Identity:
    try:
        lines = [line.strip() for line in text.decode("ascii").splitlines()]
        keys = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (UnicodeDecodeError, pyrage.IdentityError) as error:
        raise Fault(FaultCode.BACKUP_IDENTITY, f"{name}: no age identity") from error
    if not keys:
        raise Fault(FaultCode.BACKUP_IDENTITY, f"{name}: no {_SECRET}... in it")
    return Identity(keys)
