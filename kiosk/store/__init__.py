"""What the device keeps, sealed: one thread owns a Store; refuses to make a new one where one is, or to open half."""

import errno
import functools
import logging
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from kiosk import clock as device_clock
from kiosk.clock import Reading
from kiosk.faults import Fault, FaultCode
from kiosk.store import held, reserve
from kiosk.store.accounts import Accounts, PinAccepted, PinRefused
from kiosk.store.acts import LocalKind
from kiosk.store.admins import Admins
from kiosk.store.anchor import FILE as ANCHOR_FILE
from kiosk.store.anchor import Anchor
from kiosk.store.basis import Basis, Consent
from kiosk.store.database import RECORDS_FILE, StoreDatabase
from kiosk.store.files import sync_directory, write_secret
from kiosk.store.foundation import Foundation
from kiosk.store.history import History
from kiosk.store.intents import Intents
from kiosk.store.keys import KeyKind, KeyRing
from kiosk.store.ledger import Entry, Ledger
from kiosk.store.people import People, Person
from kiosk.store.quarantine import Quarantine, Quarantined
from kiosk.store.roots import FileRootKey, RootKey, SecurityLevel, chosen
from kiosk.store.roots.settling import again
from kiosk.store.store_key import root_named
from kiosk.store.templates import Reference, Templates
from kiosk.store.unfinished import DATABASES, building, put_in_place
from kiosk.store.vault import Vault
from wire.signing import SigningKey

__all__ = [
    "Consent",
    "Entry",
    "FileRootKey",
    "LocalKind",
    "Person",
    "PinAccepted",
    "PinRefused",
    "Quarantined",
    "Reference",
    "RootKey",
    "SecurityLevel",
    "Store",
]

_log = logging.getLogger("ambang.store")
_FILES: Final = (*DATABASES, ANCHOR_FILE)
_SUPER_JOURNALS: Final = f"{RECORDS_FILE}-mj*"  # without it a commit that was cut off looks finished

Clock = Callable[[], Reading]
_UTC_CLOCK: Final[Clock] = functools.partial(device_clock.read, "UTC")


class Store:
    """An open store: `people`, `basis`, `templates`, `accounts`, `admins`, `ledger`, `history`, `quarantine`.

    Beneath them `foundation` with `keys` and `database`, beside them `intents` and `anchor`.

    Used only by the thread that opened it.
    """

    def __init__(
        self,
        database: StoreDatabase,
        root: bytes,
        level: SecurityLevel,
        clock: Clock,
        places: Sequence[Path] = (),
    ) -> None:
        row = database.row("SELECT store_id, device_id, device_public FROM store")
        if row is None:
            raise Fault(FaultCode.STORE_DAMAGED, RECORDS_FILE)
        self.store_id, self.device_id, self.device_public = str(row[0]), str(row[1]), bytes(row[2])
        self.security_level = level
        self.clock = clock
        self.database = database
        vault = Vault(self.store_id)
        self.keys = KeyRing(database, vault, self.now_ms)
        self.keys.unlock(root)
        self.keys.store_keys.again = functools.partial(again, database)
        signing = SigningKey.from_bytes(self.keys.need(KeyKind.SIGNING))
        if signing.public != self.device_public:
            raise Fault(FaultCode.STORE_TAMPERED, "the device key is another one")
        foundation = self.foundation = Foundation(database, vault, self.keys, clock)
        self.ledger = Ledger(foundation, self.device_id, signing)
        self.quarantine = Quarantine(database, self.ledger.append_local, self.now_ms)
        self.keys.set_aside = self.quarantine.set_aside_key
        self.history = History(database, self.ledger, self.quarantine, clock)
        self.accounts = Accounts(foundation)
        self.accounts.note = self.quarantine.note
        self.admins = Admins(foundation, self.quarantine.note)
        self.people = People(foundation, self.accounts, self.ledger.append_local, self.quarantine)
        self.templates = Templates(foundation, self.quarantine)
        self.ledger.hold = functools.partial(held.instead, self)
        self.history.held = functools.partial(held.events, self)
        self.basis = Basis(foundation, self.templates, self.ledger)
        self.intents = Intents(foundation)
        self.anchor = Anchor(database, self.keys, self.ledger, places)
        database.advanced.append(self.anchor.keep_up)

    @classmethod
    def create(
        cls, state: Path, *, provider: RootKey, clock: Clock = _UTC_CLOCK, places: Sequence[Path] = ()
    ) -> "Store":
        """Make a new store in the directory `state`, which is made too (0700).

        All files are made whole beside their place and then linked into it, records.db last: there is never half a
        store that opens, and none is ever replaced. What a power cut left of an earlier attempt is cleared away.

        Args:
            state: the directory.
            provider: where the root key comes from; it makes one if it has none.
            clock: reads all clocks; the kiosk gives one that knows the zone of the door.
            places: further files for the rollback anchor, on another partition.

        Raises:
            Fault: STORE_EXISTS (also for part of a store), KEY_UNREADABLE, DISK_FULL, DISK_FAILED.
        """
        try:
            with building(state) as beside:
                root = provider.obtain()
                _found(beside, root, provider.security_level, clock)
                put_in_place(beside, state)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise Fault(FaultCode.DISK_FULL if full else FaultCode.DISK_FAILED, state.name) from error
        store = cls(StoreDatabase.open(state), root, provider.security_level, clock, places)
        try:
            store.anchor.write()
        except BaseException:
            store.database.close()
            raise
        return store

    @classmethod
    def open(
        cls,
        state: Path,
        provider: RootKey,
        *,
        clock: Clock = _UTC_CLOCK,
        places: Sequence[Path] = (),
        anchored: bool = True,
    ) -> "Store":
        """Open the store in `state`; nothing is repaired or made.

        Args:
            state: the directory.
            provider: where the root key comes from.
            clock: reads all clocks.
            places: further files for the rollback anchor, on another partition.
            anchored: False opens a store that its anchors refuse: to look at it, or for an administrator to accept it.
                The anchors are then left as they are, whatever is written, until somebody calls `anchor.accept`.

        Raises:
            Fault: STORE_MISSING, STORE_DAMAGED, STORE_FOREIGN, STORE_TAMPERED, STORE_BUSY, STORE_ROLLED_BACK,
                ANCHOR_LOST, KEY_MISSING, KEY_UNREADABLE, KEY_WRONG, DISK_FULL, DISK_FAILED.
        """
        database = StoreDatabase.open(state)
        try:
            provider = chosen(provider, root_named(database))
            store = cls(database, provider.read(), provider.security_level, clock, places)
            if anchored:
                store.anchor.check()
        except BaseException:
            database.close()
            raise
        return store

    @staticmethod
    def set_aside(state: Path) -> Path | None:
        """Move whatever lies in the place of a store into a directory of its own; None if there was nothing.

        An administrator's act after a fault: nothing is deleted, and the root key stays where it is.
        """
        present = [*(state / name for name in _FILES if (state / name).exists()), *state.glob(_SUPER_JOURNALS)]
        if not present:
            return None
        number = 1
        while (aside := state / f"aside-{number}").exists():
            number += 1
        aside.mkdir(mode=0o700)
        for path in present:
            path.rename(aside / path.name)
        sync_directory(aside)
        sync_directory(state)
        return aside

    def now_ms(self) -> int:
        """Wall clock, ms UTC."""
        return self.clock().wall_ms

    def append_local(self, kind: LocalKind, detail: dict[str, str | int]) -> Entry:
        """Write down what the device did: `started`, `clock_stepped`, ...; ids, kinds, counts and durations only."""
        return self.ledger.append_local(kind, detail)

    def write_exchange_key(self, path: Path, *, mode: int = 0o400) -> None:
        """Write the exchange key for sync: 32 raw bytes in a new file. Raises Fault DISK_FULL, DISK_FAILED."""
        write_secret(path, self.keys.need(KeyKind.EXCHANGE), mode)

    def gallery_version(self) -> tuple[int, ...]:
        """Changes when the references may have changed, here or through another process; asked before each match."""
        return (*self.database.version(), self.basis.changes)

    def close(self) -> None:
        """Sign a last checkpoint and let go of the files; a store that its anchors refuse is not signed for."""
        try:
            if self.anchor.settled:
                with suppress(Fault):  # a full disk must not keep the kiosk from stopping
                    reserve.within(self.database.directory, self.ledger.checkpoint)
        finally:
            self.database.close()


def _found(directory: Path, root: bytes, level: SecurityLevel, clock: Clock) -> None:
    """Fill two new files: ids, the store key and every key that a store needs from its first day."""
    database = StoreDatabase.create(directory)
    signing, store_id = SigningKey.generate(), secrets.token_hex(16)
    try:
        with database.write():
            database.run(
                "INSERT INTO store (only_one, store_id, device_id, device_public, kek_epoch, store_key_epoch,"
                " generation, created_at) VALUES (1, ?, ?, ?, 1, 1, 0, ?)",
                store_id,
                secrets.token_hex(8),
                signing.public,
                clock().wall_ms,
            )
            database.run("INSERT INTO templates.store (only_one, store_id) VALUES (1, ?)", store_id)
            keys = KeyRing(database, Vault(store_id), lambda: clock().wall_ms)
            keys.found(root)
            keys.make(KeyKind.SIGNING, key=signing.private_bytes())
            for kind in (KeyKind.INDEX, KeyKind.PEPPER, KeyKind.EXCHANGE, KeyKind.ANCHOR):
                keys.make(kind)
            store = Store(database, root, level, clock)
            store.append_local(LocalKind.CREATED, {"security_level": level.value})
        store.anchor.write()
    finally:
        database.close()
