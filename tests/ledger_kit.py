"""A closed store of 100 entries, and what whoever can write its file can do to its ledger: by SQL, and by thinking."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from store_kit import Hands, check_in, key_of, new_store

from kiosk.store import Store, outbox
from kiosk.store.keys import KeyKind
from wire import checkpoint
from wire.checkpoint import Checkpoint
from wire.signing import SigningKey
from wire.spine import genesis, link

HQ = SigningKey.from_bytes(b"headquarters keeps this to itself"[:32])
STRANGER = SigningKey.from_bytes(b"nobody ever gave this key a right"[:32])
HQ_NAME = "ambang-hq/main"
CODE = "E-0417"
ENTRIES, COUNTERSIGNED = 100, 96
LINKED = ("seq", "commitment", "body_digest", "h")


@dataclass(frozen=True)
class Loot:
    """What a thief may have: the device's signing key and id, and the anchor of the time when it had 90 entries."""

    device: str
    signing: SigningKey
    anchor_at_90: bytes


def furnish(data: Path) -> Loot:
    """A data directory: 100 entries, checkpoints of 64 and 100, counter-signed at 96, one anchor."""
    (data / "kiosk.toml").write_text(f'[headquarters]\nname = "{HQ_NAME}"\npublic = "{HQ.public.hex()}"\n')
    store = new_store(data / "state")
    person = store.people.add(CODE, "Budi Santoso")
    fill(store, person, 90)
    store.ledger.checkpoint()
    anchor = (data / "state" / "anchor").read_bytes()
    fill(store, person, COUNTERSIGNED)
    countersign(store)
    fill(store, person, ENTRIES)
    loot = Loot(store.device_id, SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING)), anchor)
    store.close()
    return loot


def fill(store: Store, person: str, size: int) -> None:
    with store.database.write():
        while store.ledger.size() < size:
            store.ledger.append(check_in(store), person)


def countersign(store: Store, size: int | None = None) -> None:
    """Headquarters signs for the first `size` entries (all, if None)."""
    size = store.ledger.size() if size is None else size
    outbox._keep(store, size, checkpoint.cosign(store.ledger.note(size), HQ_NAME, HQ))


def opened(data: Path) -> Store:
    return Store.open(data / "state", key_of(data / "state"), clock=Hands(), anchored=False)


@contextmanager
def tampering(data: Path) -> Iterator[sqlite3.Connection]:
    """The file of the store in the hands of somebody who heeds no rule of ours."""
    with closing(sqlite3.connect(data / "state" / "records.db")) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("PRAGMA ignore_check_constraints = ON")
        yield database
        database.commit()


def relink(database: sqlite3.Connection, device: str, start: int = 1) -> None:
    """Make every entry from `start` follow again: whoever can write the file can compute hashes."""
    row = database.execute("SELECT h FROM spine WHERE seq = ?", (start - 1,)).fetchone()
    head = genesis(device) if row is None else row[0]
    for seq, promise, digest in database.execute(
        "SELECT seq, commitment, body_digest FROM spine WHERE seq >= ? ORDER BY seq", (start,)
    ).fetchall():
        head = link(head, seq, promise, digest).h
        database.execute("UPDATE spine SET h = ? WHERE seq = ?", (head, seq))


def resign(database: sqlite3.Connection, device: str, key: SigningKey) -> None:
    """Sign every kept checkpoint anew, for what the spine says now."""
    for (size,) in database.execute("SELECT size FROM checkpoints").fetchall():
        (head,) = database.execute("SELECT h FROM spine WHERE seq = ?", (size,)).fetchone()
        note = checkpoint.sign(Checkpoint(device, size, head), key)
        database.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (note, size))


def remove(database: sqlite3.Connection, first: int, last: int = 2**53) -> None:
    for table in ("undelivered", "bodies", "spine"):
        database.execute(f"DELETE FROM {table} WHERE seq BETWEEN ? AND ?", (first, last))  # noqa: S608 - our own names


def shift(database: sqlite3.Connection, first: int, by: int) -> None:
    """Give every entry from `first` on another number."""
    for table in ("undelivered", "bodies", "spine"):  # by way of negative numbers, so that none meets another
        database.execute(f"UPDATE {table} SET seq = -seq WHERE seq >= ?", (first,))  # noqa: S608 - our own names
        database.execute(f"UPDATE {table} SET seq = ? - seq WHERE seq < 0", (by,))  # noqa: S608 - our own names


def forget_checkpoints(database: sqlite3.Connection, beyond: int, *, countersigned: bool = True) -> None:
    """Take away what was signed for more than `beyond` entries: all of it, or only the device's own word."""
    if countersigned:
        database.execute("DELETE FROM checkpoints WHERE size > ?", (beyond,))
    else:
        database.execute("DELETE FROM checkpoints WHERE size > ? AND countersigned IS NULL", (beyond,))


def copied(whole: Path, to: Path) -> Path:
    shutil.copytree(whole, to)
    return to
