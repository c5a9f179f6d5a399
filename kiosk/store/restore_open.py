"""Opens the store that came out of a backup, under another root key; refuses one that is not what its manifest says."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import Clock, Store
from kiosk.store.backup_manifest import Manifest
from kiosk.store.chain import Promise, Row, walk
from kiosk.store.database import StoreDatabase
from kiosk.store.keys import KeyRing
from kiosk.store.promises import Signer, of_checkpoints
from kiosk.store.restore_unpack import Step, Unpacked
from kiosk.store.roots import SecurityLevel
from kiosk.store.vault import Vault
from wire.errors import BrokenChain, FormatError

# What a file that came from elsewhere may turn out to be.
_NOT_OURS: Final = frozenset(
    {
        FaultCode.STORE_DAMAGED,
        FaultCode.STORE_FOREIGN,
        FaultCode.STORE_TAMPERED,
        FaultCode.STORE_MISSING,
        FaultCode.KEY_WRONG,
    }
)
_SPINE: Final = "SELECT seq, commitment, body_digest, h, NULL, NULL FROM spine WHERE seq > ? ORDER BY seq LIMIT 4096"


@contextmanager
def adopted(  # noqa: PLR0913 - as of Store itself
    directory: Path,
    unpacked: Unpacked,
    root: bytes,
    level: SecurityLevel,
    *,
    clock: Clock,
    places: Sequence[Path] = (),
    step: Step = lambda _done, _total: None,
) -> Iterator[Store]:
    """The unpacked store in `directory`, put under `root` and checked; closed when the block ends.

    Checked are SQLite's own integrity, the ids and keys, the whole ledger, and that all is as the manifest says. Its
    anchors are not looked at. `step` is told how many entries of the ledger are checked, and of how many.

    Raises:
        Fault: BACKUP_REFUSED with what is wrong; DISK_FULL, DISK_FAILED.
    """
    with believed():
        database = StoreDatabase.open(directory)
    try:
        with believed():
            _check_files(database, unpacked.manifest)
            keys = KeyRing(database, Vault(unpacked.manifest.store), lambda: clock().wall_ms)
            with database.write():
                keys.adopt(unpacked.store_key, unpacked.manifest.store_key_epoch, root)
            store = Store(database, root, level, clock, places)
            _check_ledger(store, unpacked.manifest, step)
        yield store
    finally:
        database.close()


@contextmanager
def believed() -> Iterator[None]:
    """Turn what is wrong with a store into what is wrong with the backup that it came from."""
    try:
        yield
    except Fault as fault:
        if fault.code not in _NOT_OURS:
            raise
        raise Fault(FaultCode.BACKUP_REFUSED, str(fault)) from fault
    except BrokenChain as broken:
        raise Fault(FaultCode.BACKUP_REFUSED, f"the ledger is broken: {broken}") from broken
    except FormatError as error:
        raise Fault(FaultCode.BACKUP_REFUSED, str(error)) from error


def _check_files(database: StoreDatabase, manifest: Manifest) -> None:
    for schema in ("main", "templates"):
        for check, well in (("integrity_check(1)", [("ok",)]), ("foreign_key_check", [])):
            if database.rows(f"PRAGMA {schema}.{check}") != well:
                raise Fault(FaultCode.BACKUP_REFUSED, f"{schema}: {check.partition('(')[0]}")
    found = database.rows("SELECT store_id, device_id, device_public, generation FROM store")
    if found != [(manifest.store, manifest.device, manifest.device_public, manifest.generation)]:
        raise Fault(FaultCode.BACKUP_REFUSED, "another store than the manifest says")


def _check_ledger(store: Store, manifest: Manifest, step: Step) -> None:
    """Every link and every signature; a body that was damaged on the device is quarantined there and here alike."""
    if store.ledger.size() != manifest.size:
        raise Fault(FaultCode.BACKUP_REFUSED, "another ledger than the manifest says")
    signer = Signer(store.device_id, store.device_public, {})
    kept = store.database.rows("SELECT size, CAST(note AS BLOB), CAST(countersigned AS BLOB) FROM checkpoints")
    said = Promise(manifest.size, manifest.head, "not the entry that the manifest says")
    walk(_spine(store.database, manifest.size, step), store.device_id, [*of_checkpoints(kept, signer), said])


def _spine(database: StoreDatabase, size: int, step: Step) -> Iterator[list[Row]]:
    after = 0
    while rows := database.rows(_SPINE, after):
        yield rows
        after = rows[-1][0]
        step(after, size)
