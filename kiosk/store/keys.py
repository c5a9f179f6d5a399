"""The hierarchy of keys beneath the device's root key; refuses another store's root key and a moved wrap."""

import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store.database import StoreDatabase
from kiosk.store.vault import Place, Vault, derive, kid
from wire.errors import FormatError
from wire.sealed import KEY_SIZE, Algorithm, header


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
    ANCHOR = "anchor"  # MAC of the rollback anchor
    ACCOUNT = "account"  # one per administrator's account, under the account's id


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


def _name(slot: Slot) -> str:
    kind, person, period, epoch = slot
    return f"{kind.value}/{person}/{period}/{epoch}"


def _place(slot: Slot, version: int, binding: bytes) -> Place:
    return Place("keys", "wrapped", _name(slot), slot[1], version, binding)
