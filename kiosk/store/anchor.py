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
from wire.errors import BrokenChain

_log = logging.getLogger("ambang.store")
FILE: Final = "anchor"
_FORMAT: Final = "ambang.anchor.v1"
_MAC: Final = b"ambang/anchor/v1\0"
_LARGEST: Final = 4096
_SHAPE: Final = {
    "format": str,
    "store": str,
    "generation": int,
    "size": int,
    "head": str,
    "kek_epoch": int,
    "lockouts": int,
}
_LOCKOUTS: Final = "lockouts"
# The size of a ledger of this device that headquarters has counter-signed and that this one does not continue.
_DOUBTED: Final = "rollback/doubted"
_ACCEPTED: Final = "rollback/accepted"


@dataclass(frozen=True, slots=True)
class State:
    """How far a store has come.

    Attributes:
        store: its id.
        generation: moves with each checkpoint, erasure, key epoch and failed attempt on a secret; never back.
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

    Attributes:
        places: the files.
        behind: the last anchor could not be written; the next `keep_up` tries again.
        settled: the store was found to be as new as its anchors; before that nothing writes over them.
    """

    def __init__(self, database: StoreDatabase, keys: KeyRing, ledger: Ledger, places: Sequence[Path]) -> None:
        self._database = database
        self._keys = keys
        self._ledger = ledger
        self.places = (database.directory / FILE, *places)
        self.behind = False
        self.settled = False

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
            Fault: STORE_ROLLED_BACK: an anchor knows a newer state than the store, or another ledger, or headquarters
                does (`doubt`); ANCHOR_LOST: an anchor that was there is missing, altered or another store's.
        """
        if (doubted := self.doubted()) is not None:
            raise Fault(FaultCode.STORE_ROLLED_BACK, f"headquarters has signed for another ledger of {doubted} entries")
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
        self.settled = True

    def known(self) -> dict[Path, State | None]:
        """What stands in each place that should have an anchor; None: missing, altered, or of another store."""
        store = self.state().store
        found = {place: self._read(place) for place in self.places if place == self.places[0] or self._was_at(place)}
        return {place: state if state and state.store == store else None for place, state in found.items()}

    def doubted(self) -> int | None:
        """The size that headquarters has counter-signed of another ledger of this device, if it has (`doubt`)."""
        return self._watermark(_DOUBTED)

    def doubt(self, size: int) -> bool:
        """Write down that headquarters has counter-signed `size` entries that this ledger does not have, or has not so.

        Only this device and headquarters together can have made such a note: the store is an older copy, or a fork.
        `check` refuses it from now on, until `accept`.

        Returns:
            False if the note is about a ledger that two people have given up; nothing is written then.
        """
        if size <= (self._watermark(_ACCEPTED) or 0):
            return False
        with self._database.write():
            self._keep(_DOUBTED, max(size, self._watermark(_DOUBTED) or 0))
            self._database.advance()  # the same old copy, put back once more, is older than its anchor
        return True

    def accept(self) -> None:
        """Take the store as it is for the newest there is; the decision of two people, not this function's.

        Anchors are written, the mark of `doubt` is cleared, and what headquarters has signed of the ledger that is
        given up proves nothing any more.

        Raises:
            Fault: DISK_FULL, DISK_FAILED; the store then goes on refusing.
        """
        store_id = self.state().store
        with self._database.write():
            self._keys.obtain(KeyKind.ANCHOR)
            found = [known for known in map(self._read, self.places) if known is not None and known.store == store_id]
            given_up = max(known.size for known in found) if found else 0
            given_up = max(given_up, self._watermark(_DOUBTED) or 0, self._watermark(_ACCEPTED) or 0)
            self._keep(_ACCEPTED, given_up)
            self._database.run("DELETE FROM watermarks WHERE name = ?", _DOUBTED)
            newest = max((known.generation for known in found), default=0)
            self._database.run("UPDATE store SET generation = max(generation, ?)", newest)
            self._database.advance()
        self.write()

    def write(self) -> None:
        """Bring every anchor up to where the store is. Raises Fault DISK_FULL or DISK_FAILED."""
        with self._database.write():  # the lock keeps another process from writing an older state over a newer one
            for place in self.places:
                if not self._was_at(place):
                    self._database.run("INSERT INTO watermarks (name, value) VALUES (?, 1)", _name(place))
            content = self._sealed(self.state())
            for place in self.places:
                replace_file(place, content)
        self.behind, self.settled = False, True

    def keep_up(self) -> None:
        """`write`, after a commit that cannot be taken back: what fails here is tried again by the next one."""
        if not self.settled:
            return
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
        return self._watermark(_name(place)) is not None

    def _watermark(self, name: str) -> int | None:
        row = self._database.row("SELECT value FROM watermarks WHERE name = ?", name)
        return None if row is None else int(row[0])

    def _keep(self, name: str, value: int) -> None:
        self._database.run("INSERT OR REPLACE INTO watermarks (name, value) VALUES (?, ?)", name, value)

    def _sealed(self, state: State) -> bytes:
        return encode(state, self._key())

    def _read(self, place: Path) -> State | None:
        try:
            with place.open("rb") as file:
                return decode(file.read(_LARGEST), self._key())
        except (OSError, Fault):
            return None

    def _key(self) -> bytes:
        try:
            return self._keys.need(KeyKind.ANCHOR)
        except Fault as fault:  # anchors can then be believed as little as if they were gone
            raise Fault(FaultCode.ANCHOR_LOST, fault.detail) from fault


def encode(state: State, key: bytes) -> bytes:
    """The content of an anchor file: canonical JSON, a line feed, its MAC in hexadecimal, a line feed."""
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
    return body + b"\n" + _mac(body, key) + b"\n"


def decode(content: bytes, key: bytes) -> State | None:
    """What an anchor file says, or None if it was not written by whoever has this key."""
    try:
        body, mac, rest = content.split(b"\n")
        if rest or not equal(mac, _mac(body, key)):
            return None
        value = canonical.fields(canonical.decode(body), _SHAPE)
    except ValueError:
        return None
    return State(**value) if value.pop("format") == _FORMAT else None


def _mac(body: bytes, key: bytes) -> bytes:
    return keyed_hash(key, _MAC + body).hex().encode()


def _name(place: Path) -> str:
    return f"anchor/{hashlib.sha256(str(place.resolve()).encode()).hexdigest()[:12]}"
