"""The hierarchy of keys, from the device's root key down; refuses a root key that others could read or that fails."""

import errno
import logging
import os
import secrets
import stat
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store.database import StoreDatabase
from kiosk.store.vault import Place, Vault, derive, kid
from wire.errors import FormatError
from wire.sealed import KEY_SIZE, Algorithm, header

_log = logging.getLogger("ambang.store")


class SecurityLevel(StrEnum):
    """What a thief needs besides the memory card: WEAK nothing, PASSPHRASE the words, HARDWARE this very board."""

    WEAK = "weak"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a level
    HARDWARE = "hardware"


class RootKey(Protocol):
    """Where the device root key comes from."""

    @property
    def security_level(self) -> SecurityLevel:
        """What this provider protects against; shown on screen and to HQ."""
        ...

    def obtain(self) -> bytes:
        """The 32 bytes for a new store: the key that is there, or a new one. Raises Fault KEY_UNREADABLE."""
        ...

    def read(self) -> bytes:
        """The 32 bytes. Raises Fault KEY_MISSING or KEY_UNREADABLE."""
        ...


class FileRootKey:
    """The `file` provider: 32 raw bytes in a file of mode 0400. For the demo: who takes the card has the store."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def security_level(self) -> SecurityLevel:
        """WEAK: the key lies beside what it protects."""
        return SecurityLevel.WEAK

    def obtain(self) -> bytes:
        """Make the file unless it is there; durable before it is used."""
        if not os.path.lexists(self.path):
            write_secret(self.path, secrets.token_bytes(KEY_SIZE))
        return self.read()

    def read(self) -> bytes:
        """Read the file; a link, a wrong size or a mode beyond 0400 is refused."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Fault(FaultCode.KEY_MISSING, self.path.name) from None
        except OSError as error:
            raise Fault(FaultCode.KEY_UNREADABLE, f"{self.path.name}: {_reason(error)}") from error
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o377:
                raise Fault(FaultCode.KEY_UNREADABLE, f"{self.path.name}: mode {stat.S_IMODE(found.st_mode):04o}")
            key = os.read(descriptor, KEY_SIZE + 1)
        except OSError as error:
            raise Fault(FaultCode.KEY_UNREADABLE, f"{self.path.name}: {_reason(error)}") from error
        finally:
            os.close(descriptor)
        if len(key) != KEY_SIZE:
            raise Fault(FaultCode.KEY_UNREADABLE, f"{self.path.name}: not {KEY_SIZE} bytes")
        _log.warning("root key in a plain file: whoever takes this disk can open the store (security level weak)")
        return key


def write_secret(path: Path, secret: bytes, mode: int = 0o400) -> None:
    """Write a new file that nobody can change, durable on return; refuses to replace one.

    Raises:
        Fault: DISK_FULL or DISK_FAILED (also if the file is there already); half a secret never stands in its place.
    """
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(descriptor, "wb", closefd=True) as file:
                file.write(secret)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            path.hardlink_to(beside)  # unlike a rename, this never replaces what is there
        finally:
            beside.unlink()
        sync_directory(path.parent)
    except OSError as error:
        code = FaultCode.DISK_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else FaultCode.DISK_FAILED
        raise Fault(code, f"{path.name}: {_reason(error)}") from error


def sync_directory(directory: Path) -> None:
    """Make names that were added to a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class KeyKind(StrEnum):
    """The keys of records.db; each is random and wrapped by the store key, the store key by the KEK."""

    STORE = "store"
    PROFILE = "profile"  # one per person: name, code, consent records, PIN hash
    BIOMETRIC = "biometric"  # BK, one per person
    RECORD = "record"  # RK, one per person and month
    DEVICE = "device"  # DK, one per month
    INDEX = "index"
    ROTATION = "rotation"  # one per model and epoch
    PEPPER = "pepper"
    SIGNING = "signing"
    EXCHANGE = "exchange"


# Kind, person, period, epoch.
Slot: TypeAlias = tuple[KeyKind, str, str, int]


class KeyRing:
    """Opens the wrapped keys of one store, once each; forgets them when the database tells it to."""

    def __init__(self, database: StoreDatabase, vault: Vault, now_ms: Callable[[], int]) -> None:
        self._database = database
        self._vault = vault
        self._now_ms = now_ms
        self._store_key = b""
        self._store_key_epoch = 0
        self._open: dict[Slot, bytes] = {}
        database.forget.append(self._open.clear)

    def found(self, root: bytes) -> None:
        """Make the store key of a new store, wrapped under the root key's first epoch."""
        self._store_key, self._store_key_epoch = secrets.token_bytes(KEY_SIZE), 1
        self._insert((KeyKind.STORE, "", "", 1), self._store_key, kek(root, self._vault.store_id, 1), 1, b"")

    def unlock(self, root: bytes) -> None:
        """Open the store key.

        Raises:
            Fault: KEY_WRONG (the root key is of another store), STORE_TAMPERED (the wrapped key was altered),
                STORE_DAMAGED (it is gone).
        """
        row = self._database.row(
            "SELECT k.wrapped, k.epoch, k.wrapped_by, k.row_version FROM keys k JOIN store s"
            " ON k.kind = 'store' AND k.epoch = s.store_key_epoch AND k.wrapped_by = s.kek_epoch"
        )
        if row is None:
            raise Fault(FaultCode.STORE_DAMAGED, "the store key is gone")
        wrapped, epoch, kek_epoch, version = row
        slot = (KeyKind.STORE, "", "", int(epoch))
        key = kek(root, self._vault.store_id, int(kek_epoch))
        try:
            if header(wrapped).kid != kid(key, _name(slot)):
                raise Fault(FaultCode.KEY_WRONG)
            self._store_key = self._vault.unseal(key, wrapped, _place(slot, int(version), b""))
        except FormatError as error:
            raise Fault(FaultCode.STORE_TAMPERED, "the store key does not open") from error
        self._store_key_epoch = int(epoch)

    def get(
        self, kind: KeyKind, *, person: str = "", period: str = "", epoch: int = 1, binding: bytes = b""
    ) -> bytes | None:
        """The 32 bytes, or None if there is no such key (or no longer).

        Args:
            kind: which key.
            person: random id of the person it belongs to.
            period: its month ("2026-11"), or the model of a rotation key.
            epoch: 1, 2, ... for keys that are renewed.
            binding: what the wrap is bound to: for BIOMETRIC the digest of the basis record.

        Raises:
            wire.errors.FormatError: the wrapped key was altered, or is bound to something else.
        """
        slot = (kind, person, period, epoch)
        if (known := self._open.get(slot)) is not None:
            return known
        row = self._database.row(
            "SELECT wrapped, row_version FROM keys WHERE kind = ? AND person = ? AND period = ? AND epoch = ?", *slot
        )
        if row is None:
            return None
        return self.opened(slot, row[0], int(row[1]), binding)

    def opened(self, slot: Slot, wrapped: bytes, version: int, binding: bytes = b"") -> bytes:
        """Open a wrapped key that a caller has read along with other rows. Raises wire.errors.FormatError."""
        if (known := self._open.get(slot)) is not None:
            return known
        key = self._open[slot] = self._vault.unseal(self._store_key, wrapped, _place(slot, version, binding))
        return key

    def make(  # noqa: PLR0913 - the parts of a key's name, by keyword
        self,
        kind: KeyKind,
        *,
        person: str = "",
        period: str = "",
        epoch: int = 1,
        binding: bytes = b"",
        key: bytes | None = None,
    ) -> bytes:
        """Add a new random key (or the given one) inside the current transaction."""
        slot = (kind, person, period, epoch)
        key = secrets.token_bytes(KEY_SIZE) if key is None else key
        self._insert(slot, key, self._store_key, self._store_key_epoch, binding)
        self._open[slot] = key
        return key

    def obtain(self, kind: KeyKind, *, person: str = "", period: str = "", epoch: int = 1) -> bytes:
        """The key that is there, or a new one inside the current transaction. Raises Fault STORE_TAMPERED."""
        try:
            key = self.get(kind, person=person, period=period, epoch=epoch)
        except FormatError as error:
            raise Fault(FaultCode.STORE_TAMPERED, f"{kind.value} key") from error
        return self.make(kind, person=person, period=period, epoch=epoch) if key is None else key

    def need(self, kind: KeyKind, *, person: str = "") -> bytes:
        """A key without which the store is not whole. Raises Fault STORE_DAMAGED or STORE_TAMPERED."""
        try:
            key = self.get(kind, person=person)
        except FormatError as error:
            raise Fault(FaultCode.STORE_TAMPERED, f"{kind.value} key") from error
        if key is None:
            raise Fault(FaultCode.STORE_DAMAGED, f"{kind.value} key is gone")
        return key

    def drop(self, kind: KeyKind, *, person: str) -> list[bytes]:
        """Delete every key of this kind of one person; returns the wrapped bytes, to be searched for afterwards."""
        gone = [row[0] for row in self._database.rows(_OF_PERSON, kind, person)]
        self._database.run("DELETE FROM keys WHERE kind = ? AND person = ?", kind, person)
        self._open.clear()
        return gone

    def _insert(self, slot: Slot, key: bytes, wrapping: bytes, wrapped_by: int, binding: bytes) -> None:
        wrapped = self._vault.seal(wrapping, key, _place(slot, 1, binding), algorithm=Algorithm.AES_256_GCM_SIV)
        self._database.run(
            "INSERT INTO keys (kind, person, period, epoch, wrapped, wrapped_by, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *slot,
            wrapped,
            wrapped_by,
            self._now_ms(),
        )


_OF_PERSON: Final = "SELECT wrapped FROM keys WHERE kind = ? AND person = ?"


def kek(root: bytes, store_id: str, epoch: int) -> bytes:
    """The key-encryption key of one epoch: HKDF of the root key, salted with the store's id."""
    return derive(root, salt=store_id.encode(), info=f"ambang/kek/v1/{epoch}")


def anchor_key(root: bytes, store_id: str) -> bytes:
    """The key of the rollback anchor's MAC."""
    return derive(root, salt=store_id.encode(), info="ambang/anchor/v1")


def _name(slot: Slot) -> str:
    kind, person, period, epoch = slot
    return f"{kind.value}/{person}/{period}/{epoch}"


def _place(slot: Slot, version: int, binding: bytes) -> Place:
    return Place("keys", "wrapped", _name(slot), slot[1], version, binding)


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__
