"""Takes a device out of use: keys first, then every file; refuses to sign for what is still there.

The order, and why: the keys of all content die in one transaction, the files beside the store go, and the keys are
searched for; then a first certificate is signed, which says that the store's files, device key and root key remain;
then these go as well; then the signing key, which by now lives only in this process, signs a second certificate over
the first. Whoever pulls the plug in between has the first one, and every word of it was true when it was signed.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.faults import Fault, FaultCode
from kiosk.store import held, roots
from kiosk.store.acts import LocalKind
from kiosk.store.backup_manifest import Kind
from kiosk.store.backup_spool import spooled
from kiosk.store.database import RECORDS_FILE, StoreDatabase
from kiosk.store.erasure_handover import hand_over
from kiosk.store.erasure_person import let_go
from kiosk.store.erasure_proof import CERTIFICATES, alone, drawn_up, leave_nothing, noted
from kiosk.store.erasure_rows import EVERYTHING, Gone, added, destroy, waiting
from kiosk.store.files import refused, replace_file, sync_directory
from kiosk.store.intents import Intent, IntentKind
from kiosk.store.keys import KeyKind
from kiosk.store.roots import settling
from wire import certificate
from wire.certificate import FILE_LIMIT, Scope
from wire.errors import FormatError
from wire.signing import SigningKey

if TYPE_CHECKING:
    from kiosk.store import Store


@dataclass(frozen=True, slots=True)
class Decommissioned:
    """A device that keeps nothing any more.

    Attributes:
        files: how many files were deleted.
        root_key_destroyed: whether no copy of the root key can open an older copy of the store.
        certificates: how many earlier certificates were handed out beside the new one.
        left: what remains in the data directory, because it is not the kiosk's.
    """

    files: int
    root_key_destroyed: bool
    certificates: int
    left: tuple[str, ...]


def erase_everything(
    store: "Store", certificate_file: Path, *, handed: Path | None = None, onsite: Path | None = None
) -> Decommissioned:
    """Destroy every key and every file of a device, and certify it. The store is closed afterwards.

    Kiosk and sync must be stopped before. The certificate goes to a file outside of the data directory, the earlier
    certificates beside it. Done again after an interruption, it goes on where it was.

    Args:
        store: open.
        certificate_file: new, or the first certificate of an interrupted run.
        handed: a new file that takes the attendance that headquarters has not signed for.
        onsite: where on-site backups lie: those of this device go as well.

    Raises:
        Fault: ERASURE_INCOMPLETE: attendance waits for headquarters and no file takes it, or something is still found;
            OUTPUT_REFUSED: a file that cannot be written; DISK_FULL, DISK_FAILED, PROVIDER_FAILED.
    """
    state = store.database.directory
    _writable(store, certificate_file)
    signing = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
    with alone(state):
        settling.settle(store)
        provider = roots.of(state)
        intent = _intent(store, refuse=handed is None)
        if handed is not None and waiting(store.database, "", _handed_to(intent)):
            intent = hand_over(store, intent, handed)
        intent, others = _content(store, intent)
        others += _deleted_backups(onsite, store.device_id)
        intent = replace(intent, detail={**intent.detail, "files": others, "files_remain": 1})
        note = store.ledger.checkpoint()
        replace_file(certificate_file, certificate.sign(drawn_up(store, intent, Scope.EVERYTHING, note), signing))
        handed_out = _handed_out(state / CERTIFICATES, certificate_file)
        intent = _last_keys(store.database, intent)
        store.database.close()
        destroyed = provider.forget()
        files = others + sum(1 for path in _of_store(state, store.anchor.places) if _deleted(path))
        _remove_empty(state)
        said = {"files": files, "root_keys": int(destroyed), "secret_destroyed": int(destroyed), "files_remain": 0}
        intent = replace(intent, detail={**intent.detail, **said})
        replace_file(certificate_file, certificate.sign(drawn_up(store, intent, Scope.EVERYTHING, note), signing))
    return Decommissioned(files, destroyed, handed_out, _left(state.parent))


def erase_everything_without_key(
    state: Path, places: Sequence[Path] = (), onsite: Path | None = None
) -> Decommissioned:
    """Destroy every key and file of a device whose root key is missing or wrong. Nobody can sign for it any more.

    Attendance that headquarters has not signed for is lost: without the root key nobody can open it anyway.

    Args:
        state: the directory of the store; one that cannot be opened is deleted as it is.
        places: further files of the rollback anchor.
        onsite: where on-site backups lie: those of this device go as well, if the store can still tell its id.

    Raises:
        Fault: STORE_MISSING: there is no such directory; DISK_FULL, DISK_FAILED, ERASURE_INCOMPLETE.
    """
    if not state.is_dir():
        raise Fault(FaultCode.STORE_MISSING, state.name)
    with alone(state):
        try:
            database = StoreDatabase.open(state)
        except Fault:
            database = None  # damaged or gone: its files go all the same
        device = None if database is None else database.row("SELECT device_id FROM store")
        gone = Gone() if database is None else _dropped(database)
        files = sum(1 for path in _beside(state) if _deleted(path))
        files += 0 if device is None else _deleted_backups(onsite, device[0])
        if database is not None:
            try:
                leave_nothing(database, gone.records)
            finally:
                database.close()
        destroyed = _forgotten(state)
        files += sum(1 for path in _of_store(state, places) if _deleted(path))
        _remove_empty(state)
    return Decommissioned(files, destroyed, 0, _left(state.parent))


def _intent(store: "Store", *, refuse: bool) -> Intent:
    """The act, begun or gone on with; one that cannot go on (`refuse`: nobody takes what waits) is not begun at all."""
    found = store.intents.find(IntentKind.ERASE_EVERYTHING)
    if found is not None:
        return found
    now = store.clock()
    with store.database.write():
        if refuse:
            _refuse_waiting(store, 0)
        store.append_local(LocalKind.ERASURE_BEGUN, {"person": "", "scope": Scope.EVERYTHING.value})
        return store.intents.open(
            IntentKind.ERASE_EVERYTHING, detail={"began": now.wall_ms, "clock": now.clock.state.value}
        )


def _content(store: "Store", intent: Intent) -> tuple[Intent, int]:
    """Destroy the keys of all content, then every file beside the store; search for the keys.

    Returns:
        The intent, and how many files are gone.
    """
    gone = None
    if "seq" not in intent.detail:
        intent, gone = _destroyed(store, intent)
    files = sum(1 for path in _beside(store.database.directory) if _deleted(path))
    if "unproved" not in intent.detail:
        return intent, files
    detail = {name: value for name, value in intent.detail.items() if name != "unproved"}
    if gone is not None:
        detail = noted(detail, leave_nothing(store.database, gone.records))
    else:  # interrupted: nobody knows any more what to look for
        store.database.rewrite()
        detail["rewritten"] = 1
    with store.database.write():
        return store.intents.note(intent, detail), files


def _destroyed(store: "Store", intent: Intent) -> tuple[Intent, Gone]:
    with store.database.write():
        _refuse_waiting(store, _handed_to(intent))
        handed, kept_here = waiting(store.database, ""), held.count(store.database)
        gone = destroy(store.database, EVERYTHING)
        let_go(store)
        gone.counts["attendance_handed_over"] = handed
        gone.counts["attendance_delivered"] -= handed - kept_here
        entry = store.append_local(LocalKind.ERASED, {"person": "", "scope": Scope.EVERYTHING.value, **gone.counts})
        store.database.advance()
        detail = {**added(intent.detail, gone.counts), "seq": entry.seq, "unproved": 1}
        return store.intents.note(intent, detail), gone


def _refuse_waiting(store: "Store", handed_to: int) -> None:
    if waits := waiting(store.database, "", handed_to):
        raise Fault(FaultCode.ERASURE_INCOMPLETE, f"{waits} events wait for headquarters")


def _handed_to(intent: Intent) -> int:
    return int(intent.detail.get("handed_to", 0))


def _deleted_backups(directory: Path | None, device: str) -> int:
    """Delete the backups of this device in a directory that it may share with others; returns how many there were."""
    if directory is None:
        return 0
    return sum(1 for kind in Kind for each in spooled(directory, device, kind) if _deleted(each.path))


def _last_keys(database: StoreDatabase, intent: Intent) -> Intent:
    """Destroy what the store could still be opened with."""
    with database.write():
        gone = _drop_last(database)
    found = leave_nothing(database, gone.records)
    return replace(intent, detail=noted(added(intent.detail, gone.counts), found))


def _dropped(database: StoreDatabase) -> Gone:
    """Destroy every key and record at once; closes the database if that fails."""
    try:
        with database.write():
            gone = destroy(database, EVERYTHING)
            gone.merge(_drop_last(database))
    except BaseException:
        database.close()
        raise
    return gone


def _drop_last(database: StoreDatabase) -> Gone:
    gone = Gone()
    gone.add("store_keys", (row[0] for row in database.rows("SELECT wrapped FROM keys WHERE kind = 'store'")))
    gone.add("other_keys", (row[0] for row in database.rows("SELECT wrapped FROM keys WHERE kind <> 'store'")))
    database.run("DELETE FROM keys")
    return gone


def _forgotten(state: Path) -> bool:
    """Have every provider of this store forget its secret, as far as that can be done now."""
    try:
        provider = roots.of(state)
        if not isinstance(provider, roots.Either):
            return provider.forget()
        gone = provider.current.forget()
        return provider.next.forget() and gone
    except Fault:
        return False


def _writable(store: "Store", path: Path) -> None:
    """A file outside of the data directory that is not there, or the first certificate of this device."""
    place = path.resolve()
    inside = place.is_relative_to(store.database.directory.resolve().parent)
    if inside or not place.parent.is_dir() or (place.exists() and not _ours(place, store.device_public)):
        raise Fault(FaultCode.OUTPUT_REFUSED, path.name)


def _ours(path: Path, public: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return certificate.read(file.read(FILE_LIMIT + 1), public).scope is Scope.EVERYTHING
    except (OSError, FormatError):
        return False


def _handed_out(certificates: Path, beside: Path) -> int:
    """Copy the earlier certificates to where the new one lies, each under its id; returns how many."""
    number = 0
    for path in sorted(certificates.glob("*.json")):
        replace_file(beside.with_name(f"{beside.stem}-{path.name}"), path.read_bytes())
        number += 1
    return number


def _beside(state: Path) -> Iterator[Path]:
    """The kiosk's files that are not the store's: exchange, off-site backups, and stores that were set aside."""
    yield state.parent / "exchange.key"
    inside = [path for path in state.iterdir() if path.is_dir() and path.name != CERTIFICATES]
    for directory in (state.parent / "exchange", state.parent / "offsite", *inside):
        yield from _all_in(directory)


def _of_store(state: Path, anchors: Sequence[Path]) -> Iterator[Path]:
    """The files of the store: records.db first, without which nobody takes the others for a store."""
    yield state / RECORDS_FILE
    yield from anchors
    yield from _all_in(state)


def _all_in(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if not path.is_dir() or path.is_symlink())


def _deleted(path: Path) -> bool:
    try:
        path.unlink()
        sync_directory(path.parent)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise refused(path, error) from error
    return True


def _remove_empty(state: Path) -> None:
    for directory in (state, state.parent / "exchange", state.parent / "offsite"):
        shutil.rmtree(directory, ignore_errors=True)


def _left(data: Path) -> tuple[str, ...]:
    return tuple(sorted(path.name for path in data.iterdir()))
