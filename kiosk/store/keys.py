"""The hierarchy of keys beneath the device's root key; refuses another store's root key and a moved wrap."""

import secrets
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store.database import StoreDatabase
from kiosk.store.store_key import StoreKeys, kek
from kiosk.store.vault import Place, Vault
from wire.errors import FormatError
from wire.sealed import KEY_SIZE

__all__ = ["KeyKind", "KeyRing", "Slot", "kek", "place_of"]


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
    DESK = "desk"  # papers of the data-protection desk that are about nobody
    ROSTER = "roster"  # what headquarters has told: rosters on their way, shifts, announcements


# Without one of these nothing is lost but what it sealed: a damaged one is set aside, and a new one goes on.
REPLACED: Final = frozenset({KeyKind.RECORD, KeyKind.DEVICE, KeyKind.ANCHOR, KeyKind.ROSTER})
REMEMBERED: Final = 32_768
"""So many keys are kept open, in about 10 MiB; beyond that all are forgotten, and opened again when asked for."""
# Kind, person, period, epoch.
Slot: TypeAlias = tuple[KeyKind, str, str, int]


class KeyRing:
    """Opens the wrapped keys of one store, once each; forgets them when the database tells it to.

    Attributes:
        store_keys: what wraps them.
        set_aside: takes name ("kind/person/period"), person and wrapped bytes of a damaged key, inside the transaction
            that replaces it.
    """

    def __init__(self, database: StoreDatabase, vault: Vault, now_ms: Callable[[], int]) -> None:
        self.store_keys = StoreKeys(database, vault, now_ms)
        self.set_aside: Callable[[str, str, bytes], None] | None = None
        self._database = database
        self._now_ms = now_ms
        self._open: dict[Slot, bytes] = {}
        database.forget.append(self._open.clear)

    def found(self, root: bytes) -> None:
        """Make the store key of a new store, wrapped under the root key's first epoch."""
        self.store_keys.found(root)

    def unlock(self, root: bytes) -> None:
        """Open the store key.

        Raises:
            Fault: KEY_WRONG (the root key is of another store), STORE_TAMPERED (the wrapped key was altered),
                STORE_DAMAGED (it is gone).
        """
        self.store_keys.unlock(root)

    def store_key(self) -> tuple[bytes, int]:
        """The newest store key, 32 bytes, and its epoch: whoever has it can open everything (for the sealed backup)."""
        return self.store_keys.current()

    def adopt(self, store_key: bytes, epoch: int, root: bytes) -> None:
        """Put the store key of a restored store under this device's root key, inside a `write` block.

        Wraps it with the next KEK epoch and drops every other wrap of it; needs no `unlock` before.

        Raises:
            Fault: STORE_TAMPERED: the store has no such epoch.
        """
        self._open.clear()
        self.store_keys.adopt(store_key, epoch, root)

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
        return self._remember(slot, self.store_keys.unwrap(wrapped, place_of(slot, version, binding)))

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
        self._insert(slot, key, binding)
        self._remember(slot, key)
        return key

    def obtain(self, kind: KeyKind, *, person: str = "", period: str = "", epoch: int = 1) -> bytes:
        """The key that is there, or a new one inside the current transaction.

        A damaged key of a month is set aside, and a new one is made: appending goes on.

        Raises:
            Fault: STORE_TAMPERED: another kind of key was altered.
        """
        try:
            key = self.get(kind, person=person, period=period, epoch=epoch)
        except FormatError as error:
            if kind not in REPLACED or self.set_aside is None:
                raise Fault(FaultCode.STORE_TAMPERED, f"{kind.value} key") from error
            self.take_out((kind, person, period, epoch))
            key = self.get(kind, person=person, period=period, epoch=epoch)
        return self.make(kind, person=person, period=period, epoch=epoch) if key is None else key

    def need(self, kind: KeyKind, *, person: str = "") -> bytes:
        """A key without which the store, or one person in it, is not whole.

        Raises:
            Fault: STORE_DAMAGED (it is gone) or STORE_TAMPERED (it was altered); for a person's key PERSON_DAMAGED.
        """
        try:
            key = self.get(kind, person=person)
        except FormatError as error:
            code = FaultCode.PERSON_DAMAGED if person else FaultCode.STORE_TAMPERED
            raise Fault(code, f"{kind.value} key") from error
        if key is None:
            code = FaultCode.PERSON_DAMAGED if person else FaultCode.STORE_DAMAGED
            raise Fault(code, f"{kind.value} key is gone")
        return key

    def drop(self, kind: KeyKind, *, person: str) -> list[bytes]:
        """Delete every key of this kind of one person; returns the wrapped bytes, to be searched for afterwards."""
        gone = [row[0] for row in self._database.rows(_OF_PERSON, kind, person)]
        self._database.run("DELETE FROM keys WHERE kind = ? AND person = ?", kind, person)
        self._open.clear()
        return gone

    def drop_month(self, period: str, people: Iterable[str]) -> list[bytes]:
        """Delete the keys of these people ("": the device) for one month; returns the wrapped bytes."""
        gone: list[bytes] = []
        for person in people:
            kind = KeyKind.RECORD if person else KeyKind.DEVICE
            gone += [row[0] for row in self._database.rows(f"SELECT wrapped {_OF_MONTH}", kind, person, period)]
            self._database.run(f"DELETE {_OF_MONTH}", kind, person, period)
        for forget in self._database.forget:  # entries are counted anew under a new key
            forget()
        return gone

    def rebind(self, kind: KeyKind, *, person: str, before: bytes, binding: bytes) -> bytes:
        """Bind a person's key to something else, inside the current transaction; returns the wrap that is gone.

        Raises:
            wire.errors.FormatError: there is no such key, or it is not bound to `before`.
        """
        slot = (kind, person, "", 1)
        where = "WHERE kind = ? AND person = ? AND period = ? AND epoch = ?"
        row = self._database.row(f"SELECT wrapped, row_version FROM keys {where}", *slot)  # noqa: S608 - our own text
        if row is None:
            raise FormatError("there is no such key")
        wrapped, version = bytes(row[0]), int(row[1])
        key = self.store_keys.unwrap(wrapped, place_of(slot, version, before))
        _, epoch = self.store_keys.current()
        self._database.run(
            "UPDATE keys SET wrapped = ?5, wrapped_by = ?6, row_version = ?7"
            " WHERE kind = ?1 AND person = ?2 AND period = ?3 AND epoch = ?4",
            *slot,
            self.store_keys.wrap(key, place_of(slot, version + 1, binding)),
            epoch,
            version + 1,
        )
        return wrapped

    def take_out(self, slot: Slot) -> None:
        """Set a damaged key aside, inside the current transaction; what it sealed cannot be read any more."""
        kind, person, period, _ = slot
        which = "FROM keys WHERE kind = ? AND person = ? AND period = ? AND epoch = ?"
        row = self._database.row(f"SELECT wrapped {which}", *slot)
        self._database.run(f"DELETE {which}", *slot)
        for forget in self._database.forget:  # entries are counted anew under the new key
            forget()
        if row is not None and self.set_aside is not None:
            self.set_aside(f"{kind.value}/{person}/{period}", person, row[0])

    def _remember(self, slot: Slot, key: bytes) -> bytes:
        if len(self._open) >= REMEMBERED:  # a key for each person and month, as long as the program runs
            self._open.clear()
        self._open[slot] = key
        return key

    def _insert(self, slot: Slot, key: bytes, binding: bytes) -> None:
        _, epoch = self.store_keys.current()
        self._database.run(
            "INSERT INTO keys (kind, person, period, epoch, wrapped, wrapped_by, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *slot,
            self.store_keys.wrap(key, place_of(slot, 1, binding)),
            epoch,
            self._now_ms(),
        )


_OF_MONTH: Final = "FROM keys WHERE kind = ? AND person = ? AND period = ?"
_OF_PERSON: Final = "SELECT wrapped FROM keys WHERE kind = ? AND person = ?"


def place_of(slot: Slot, version: int, binding: bytes = b"") -> Place:
    """Where a key is wrapped: its name, whose it is, its row version, and what it is bound to."""
    kind, person, period, epoch = slot
    return Place("keys", "wrapped", f"{kind.value}/{person}/{period}/{epoch}", person, version, binding)
