"""The key that wraps all others, one epoch after the other; refuses a root key that is not this store's."""

import secrets
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store.database import StoreDatabase
from kiosk.store.vault import Place, Vault, derive, kid
from wire.errors import FormatError
from wire.sealed import KEY_SIZE, Algorithm, header

Fits: TypeAlias = Callable[[bytes], bool]
_WRAPS: Final = (
    "SELECT k.epoch, k.wrapped, k.row_version, s.kek_epoch, k.epoch = s.store_key_epoch, k.wrapped_by"
    " FROM keys k JOIN store s WHERE k.kind = 'store' AND k.epoch <= s.store_key_epoch ORDER BY k.epoch DESC"
)


class StoreKeys:
    """The store keys of one store: one, or two while a rotation is under way.

    The newest is wrapped under the root key's own key of the newest KEK epoch; an older one, until every key is wrapped
    anew, under the next newer store key. So whoever has the newest store key can open everything.

    Attributes:
        again: finds the root key once more when the one that is held no longer fits (another process has changed the
            provider); it is handed a function that tells whether a root key fits, and raises Fault.
    """

    def __init__(self, database: StoreDatabase, vault: Vault, now_ms: Callable[[], int]) -> None:
        self.again: Callable[[Fits], bytes] | None = None
        self._database = database
        self._vault = vault
        self._now_ms = now_ms
        self._roots: list[bytes] = []  # the one in use first; another is needed when a change is made or rolled back
        self._keys: dict[int, bytes] = {}
        self._wraps: list[tuple[Any, ...]] = []
        self._stale = False
        database.forget.append(self._forget)

    def found(self, root: bytes) -> None:
        """Make the store key of a new store, inside a `write` block."""
        self._roots = [root]
        self._insert(1, secrets.token_bytes(KEY_SIZE), kek(root, self._vault.store_id, 1), 1)
        self._load(self._database.rows(_WRAPS))

    def unlock(self, root: bytes) -> None:
        """Open the store keys.

        Raises:
            Fault: KEY_WRONG (the root key is of another store), STORE_TAMPERED (a wrap was altered), STORE_DAMAGED (the
                store key is gone).
        """
        self._roots = [root]
        self._load(self._database.rows(_WRAPS))

    def fits(self, root: bytes) -> bool:
        """Whether this root key opens the store key; nothing is opened. Raises Fault STORE_DAMAGED, STORE_TAMPERED."""
        return self._fits(root, self._database.rows(_WRAPS))

    def current(self) -> tuple[bytes, int]:
        """The newest store key and its epoch. Raises Fault as `unlock` does."""
        self._refresh()
        epoch = max(self._keys)
        return self._keys[epoch], epoch

    def wrap(self, key: bytes, place: Place) -> bytes:
        """Wrap a key under the newest store key. Raises Fault as `unlock` does."""
        return self._sealed(self.current()[0], key, place)

    def unwrap(self, wrapped: bytes, place: Place) -> bytes:
        """Open a wrapped key; with several store keys the header tells which of them opens it.

        Raises:
            wire.errors.FormatError: the wrapped key was altered, or is bound to something else.
            Fault: as `unlock`, if another process has changed the store key meanwhile.
        """
        self._refresh()
        try:
            return self._opened(wrapped, place)
        except FormatError:
            wraps = self._database.rows(_WRAPS)
            if wraps == self._wraps:
                raise
            self._load(wraps)
            return self._opened(wrapped, place)

    def adopt(self, key: bytes, epoch: int, root: bytes) -> None:
        """Put a store key that came with a backup under another device's root key, inside a `write` block.

        Every other wrap of it is dropped; the KEK epoch moves on. Needs no `unlock` before.

        Raises:
            Fault: STORE_TAMPERED: the store has no such epoch, or what hangs beneath the key does not open.
        """
        row = self._database.row("SELECT kek_epoch, store_key_epoch FROM store")
        if row is None or row[1] != epoch or len(key) != KEY_SIZE:
            raise Fault(FaultCode.STORE_TAMPERED, "the store key is of another epoch")
        self.rewrap(key, epoch, root, int(row[0]) + 1)
        self._load(self._database.rows(_WRAPS))

    def renew(self, root: bytes | None = None) -> list[bytes]:
        """Make a new store key under the next KEK epoch, inside a `write` block; the one before it hangs beneath it.

        Args:
            root: the root key that the new one is wrapped under; None for the one that is in use.

        Returns:
            The wrap that is gone, to be searched for.

        Raises:
            Fault: STORE_BUSY: the last rotation is not finished; and as `unlock`.
        """
        key, epoch = self.current()
        row = self._database.row("SELECT kek_epoch FROM store")
        if row is None or len(self._keys) != 1:
            raise Fault(FaultCode.STORE_BUSY, "a rotation is under way")
        gone, version = bytes(self._wraps[0][1]), int(self._wraps[0][2]) + 1
        new = secrets.token_bytes(KEY_SIZE)
        self.rewrap(new, epoch + 1, self._roots[0] if root is None else root, int(row[0]) + 1)
        self._database.run(
            "UPDATE keys SET wrapped = ?, wrapped_by = ?, row_version = ? WHERE kind = 'store' AND epoch = ?",
            self._sealed(new, key, _place(epoch, version)),
            epoch + 1,
            version,
            epoch,
        )
        return [gone]

    def drop_old(self) -> list[bytes]:
        """Delete every store key but the newest, inside a `write` block; returns the wraps, to be searched for."""
        gone = [bytes(wrap[1]) for wrap in self._database.rows(_WRAPS)[1:]]
        self._database.run("DELETE FROM keys WHERE kind = 'store' AND epoch < (SELECT store_key_epoch FROM store)")
        self._stale = True
        return gone

    def rewrap(self, key: bytes, epoch: int, root: bytes, kek_epoch: int) -> None:
        """Write the newest store key's only wrap anew, under a KEK epoch of this root key, inside a `write` block."""
        self._database.run("DELETE FROM keys WHERE kind = 'store' AND epoch >= ?", epoch)
        self._insert(epoch, key, kek(root, self._vault.store_id, kek_epoch), kek_epoch)
        self._database.run("UPDATE store SET kek_epoch = ?, store_key_epoch = ?", kek_epoch, epoch)
        self._database.advance()
        self._roots.append(root)
        self._stale = True

    def _forget(self) -> None:
        self._stale = True

    def _refresh(self) -> None:
        if self._stale and self._keys:
            wraps = self._database.rows(_WRAPS)
            if wraps != self._wraps:
                self._load(wraps)
            self._stale = False

    def _load(self, wraps: list[tuple[Any, ...]]) -> None:
        root = next((root for root in self._roots if self._fits(root, wraps)), None)
        if root is None:
            if self.again is None:
                raise Fault(FaultCode.KEY_WRONG)
            root = self.again(lambda found: self._fits(found, wraps))
        self._roots = [root, *(other for other in self._roots if other != root)]
        keys: dict[int, bytes] = {}
        above = kek(root, self._vault.store_id, wraps[0][3])
        for epoch, wrapped, version, *_ in wraps:
            try:
                above = keys[epoch] = self._vault.unseal(above, wrapped, _place(epoch, version))
            except FormatError as error:
                raise Fault(FaultCode.STORE_TAMPERED, "the store key does not open") from error
        self._keys, self._wraps, self._stale = keys, wraps, False

    def _fits(self, root: bytes, wraps: list[tuple[Any, ...]]) -> bool:
        return _named(wraps) == name_of(root, self._vault.store_id, wraps[0][3], wraps[0][0])

    def _opened(self, wrapped: bytes, place: Place) -> bytes:
        keys = list(self._keys.values())
        if len(keys) > 1:
            name = header(wrapped).kid
            keys = [key for key in keys if kid(key, place.row) == name] or keys[:1]
        for key in keys[:-1]:  # two keys with one name of 4 bytes: one in four thousand million
            try:
                return self._vault.unseal(key, wrapped, place)
            except FormatError:
                continue
        return self._vault.unseal(keys[-1], wrapped, place)

    def _insert(self, epoch: int, key: bytes, above: bytes, wrapped_by: int) -> None:
        self._database.run(
            "INSERT INTO keys (kind, epoch, wrapped, wrapped_by, created_at) VALUES ('store', ?, ?, ?, ?)",
            epoch,
            self._sealed(above, key, _place(epoch, 1)),
            wrapped_by,
            self._now_ms(),
        )

    def _sealed(self, above: bytes, key: bytes, place: Place) -> bytes:
        return self._vault.seal(above, key, place, algorithm=Algorithm.AES_256_GCM_SIV)


def root_named(database: StoreDatabase) -> bytes:
    """The 4 bytes by which the root key that opens this store is told from others; they prove nothing.

    Raises:
        Fault: STORE_DAMAGED (the store key is gone), STORE_TAMPERED (its wrap was altered).
    """
    return _named(database.rows(_WRAPS))


def name_of(root: bytes, store_id: str, kek_epoch: int, epoch: int) -> bytes:
    """What `root_named` says while this root key wraps the store key of `epoch` under its KEK of `kek_epoch`."""
    return kid(kek(root, store_id, kek_epoch), _place(epoch, 1).row)


def _named(wraps: list[tuple[Any, ...]]) -> bytes:
    if not wraps or not wraps[0][4] or wraps[0][3] != wraps[0][5]:
        raise Fault(FaultCode.STORE_DAMAGED, "the store key is gone")
    try:
        return header(wraps[0][1]).kid
    except FormatError as error:
        raise Fault(FaultCode.STORE_TAMPERED, "the store key does not open") from error


def kek(root: bytes, store_id: str, epoch: int) -> bytes:
    """The key-encryption key of one epoch: HKDF of the root key, salted with the store's id."""
    return derive(root, salt=store_id.encode(), info=f"ambang/kek/v1/{epoch}")


def _place(epoch: int, version: int) -> Place:
    return Place("keys", "wrapped", f"store///{epoch}", version=version)
