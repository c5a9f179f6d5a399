"""Remembers outside the database how far the store has come; refuses to serve a store that is older than that."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.database import StoreDatabase
from kiosk.store.files import replace_file
from kiosk.store.keys import KeyKind, KeyRing
from kiosk.store.ledger import Ledger
from kiosk.store.vault import equal, keyed_hash
from wire import canonical
from wire.errors import BrokenChain, FormatError

_log = logging.getLogger("ambang.store")
FILE: Final = "anchor"
_FORMAT: Final = "ambang.anchor.v1"
_MAC: Final = b"ambang/anchor/v1\0"
_LARGEST: Final = 4096
_LOCKOUTS: Final = "lockouts"


@dataclass(frozen=True, slots=True)
class State:
    """How far a store has come.

    Attributes:
        store: its id.
        generation: moves with each checkpoint, erasure, key epoch and lockout; never back.
        size: entries in the ledger.
        head: 32-byte hash of the last of them, in hexadecimal.
        kek_epoch: epoch of the root key's own key.
        lockouts: how often an account was locked out.
    """

    store: str
    generation: int
    size: int
    head: str
    kek_epoch: int
    lockouts: int


class Anchor:
    """The anchor files of one store: one beside it, and one for each further place (another partition).

    A commit comes first and the anchor after it, so a store may be ahead of its anchor, and never behind.
    """

    def __init__(self, database: StoreDatabase, keys: KeyRing, ledger: Ledger, places: Sequence[Path]) -> None:
        self._database = database
        self._keys = keys
        self._ledger = ledger
        self.places = (database.directory / FILE, *places)
        self.behind = False

    def state(self) -> State:
        """Where the store is now."""
        with self._database.read():
            row = self._database.row("SELECT store_id, generation, kek_epoch FROM store")
            locked = self._database.row("SELECT value FROM watermarks WHERE name = ?", _LOCKOUTS)
            size = self._ledger.size()
            head = self._ledger.hash_at(size)
        if row is None:
            raise Fault(FaultCode.STORE_DAMAGED, "the store has no id")
        return State(row[0], row[1], size, head.hex(), row[2], 0 if locked is None else locked[0])

    def check(self) -> None:
        """Compare the store with every anchor that there should be.

        Raises:
            Fault: STORE_ROLLED_BACK: an anchor knows a newer state than the store, or another ledger; ANCHOR_LOST: an
                anchor that was there is missing, altered or another store's.
        """
        now = self.state()
        for place in self.places:
            known = self._read(place)
            if known is None:
                if place == self.places[0] or self._was_at(place):
                    raise Fault(FaultCode.ANCHOR_LOST, place.name)
                continue
            if known.store != now.store:
                raise Fault(FaultCode.ANCHOR_LOST, f"{place.name}: of another store")
            newer = (known.generation, known.kek_epoch, known.lockouts, known.size)
            here = (now.generation, now.kek_epoch, now.lockouts, now.size)
            if any(there > mine for there, mine in zip(newer, here, strict=True)) or not self._follows(known):
                raise Fault(FaultCode.STORE_ROLLED_BACK, f"generation {now.generation}, known {known.generation}")

    def write(self) -> None:
        """Bring every anchor up to where the store is. Raises Fault DISK_FULL or DISK_FAILED."""
        with self._database.write():  # the lock keeps another process from writing an older state over a newer one
            for place in self.places:
                if not self._was_at(place):
                    self._database.run("INSERT INTO watermarks (name, value) VALUES (?, 1)", _name(place))
            content = self._sealed(self.state())
            for place in self.places:
                replace_file(place, content)
        self.behind = False

    def keep_up(self) -> None:
        """`write`, after a commit that cannot be taken back: what fails here is tried again by the next one."""
        try:
            self.write()
        except Fault as fault:
            self.behind = True
            _log.error("the rollback anchor cannot be written: %s", fault.code)

    def _follows(self, known: State) -> bool:
        try:
            return self._ledger.hash_at(known.size).hex() == known.head
        except BrokenChain:
            return False

    def _was_at(self, place: Path) -> bool:
        return self._database.row("SELECT 1 FROM watermarks WHERE name = ?", _name(place)) is not None

    def _sealed(self, state: State) -> bytes:
        body = canonical.encode(
            {
                "format": _FORMAT,
                "store": state.store,
                "generation": state.generation,
                "size": state.size,
                "head": state.head,
                "kek_epoch": state.kek_epoch,
                "lockouts": state.lockouts,
            }
        )
        return body + b"\n" + self._mac(body).hex().encode() + b"\n"

    def _read(self, place: Path) -> State | None:
        try:
            with place.open("rb") as file:
                body, mac, rest = file.read(_LARGEST).split(b"\n")
            if rest or not equal(mac, self._mac(body).hex().encode()):
                return None
            value = canonical.fields(
                canonical.decode(body),
                {
                    "format": str,
                    "store": str,
                    "generation": int,
                    "size": int,
                    "head": str,
                    "kek_epoch": int,
                    "lockouts": int,
                },
            )
        except (OSError, ValueError, FormatError):
            return None
        del value["format"]
        return State(**value)

    def _mac(self, body: bytes) -> bytes:
        return keyed_hash(self._keys.need(KeyKind.ANCHOR), _MAC + body)


def _name(place: Path) -> str:
    return f"anchor/{hashlib.sha256(str(place.resolve()).encode()).hexdigest()[:12]}"
