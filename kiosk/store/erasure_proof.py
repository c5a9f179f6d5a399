"""Proves an erasure: search, anchor, certificate; refuses to say done while a file still holds a piece of it."""

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import LocalKind
from kiosk.store.backup_spool import discard_leftover
from kiosk.store.database import StoreDatabase
from kiosk.store.erasure_rows import Gone
from kiosk.store.erasure_search import Search, search
from kiosk.store.files import refused, replace_file, sync_directory
from kiosk.store.intents import Intent, Intents
from kiosk.store.keys import KeyKind
from kiosk.store.residue import Pieces
from wire import certificate
from wire.certificate import CLASSES, Certificate, Level, Limit, Place, Scope, Searched
from wire.event import ClockState
from wire.signing import SigningKey

if TYPE_CHECKING:
    from kiosk.store import Store

CERTIFICATES: Final = "certificates"
_PATIENCE_S: Final = 60.0
# An intent holds 20,000 bytes: the heads of so many records, in hexadecimal, and the counts beside them.
_HEADS_MOST: Final = 400
_HEAD_DIGITS: Final = 40


@contextmanager
def alone(state: Path, *, wait: bool = True) -> Iterator[bool]:
    """One erasure at a time on a store, over all processes; the system lets go when a process dies.

    Args:
        state: directory of the store.
        wait: wait for another process, up to 60 s; otherwise give False at once.

    Raises:
        Fault: STORE_BUSY: another erasure takes longer than that; DISK_FAILED: the directory cannot be opened.
    """
    try:
        descriptor = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise refused(state, error) from error
    try:
        end = time.monotonic() + (_PATIENCE_S if wait else 0.0)
        while not (held := _locked(descriptor)) and time.monotonic() < end:
            time.sleep(0.05)
        if wait and not held:
            raise Fault(FaultCode.STORE_BUSY, "another erasure")
        yield held
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def unproved(detail: dict[str, str | int], gone: Gone) -> dict[str, str | int]:
    """The detail of an intent after a deletion whose bytes nobody has searched for yet.

    The heads of the deleted records go with it, so that they can be searched for after a crash, too.
    """
    heads = [head.hex() for head in gone.heads()]
    before = str(detail.get("heads", ""))
    return {**detail, "unproved": 1, "heads": (before + "".join(heads))[: _HEADS_MOST * _HEAD_DIGITS]}


def leave_nothing(database: StoreDatabase, records: Iterable[bytes]) -> Search:
    """Search every file of the data directory for what was deleted; write both files anew only if something is found.

    secure_delete zeroes in place and the journal is truncated: this is the proof.

    Raises:
        Fault: ERASURE_INCOMPLETE with the names of the files that still hold something; DISK_FULL, DISK_FAILED.
    """
    pieces = Pieces()
    pieces.add(records)
    found = _searched(database, pieces)
    if found.holders:
        database.rewrite()
        found = _nothing_in(_searched(database, pieces))
    return found


@dataclass(slots=True)
class Deleted:
    """What this process has deleted and not searched for yet; None: nothing, or another process did it and died."""

    records: list[bytes] | None = field(default=None, repr=False)


def prove(database: StoreDatabase, intents: Intents, intent: Intent, deleted: Deleted) -> Intent:
    """Prove that nothing is left of what was deleted, and write that down.

    Args:
        database: of the store.
        intents: of the same store.
        intent: its detail is `unproved`.
        deleted: what to look for; without records both files are written anew, and the heads are searched for.

    Returns:
        The intent, its detail no longer `unproved`.

    Raises:
        Fault: as `leave_nothing`.
    """
    detail = dict(intent.detail)
    heads = str(detail.pop("heads", ""))
    if deleted.records is not None:
        found = leave_nothing(database, deleted.records)
    else:
        database.rewrite()
        pieces = Pieces()
        pieces.add_heads(bytes.fromhex(heads[at : at + _HEAD_DIGITS]) for at in range(0, len(heads), _HEAD_DIGITS))
        found = _nothing_in(_searched(database, pieces))
        detail["rewritten"] = 1
    del detail["unproved"]
    with database.write():
        intent = intents.note(intent, noted(detail, found))
    deleted.records = None
    return intent


def _searched(database: StoreDatabase, pieces: Pieces) -> Search:
    """A power cut may have left the draft of a backup, with everything in it: nobody needs it."""
    discard_leftover(database.directory)
    return search(database.directory, pieces)


def _nothing_in(found: Search) -> Search:
    if found.holders:
        raise Fault(FaultCode.ERASURE_INCOMPLETE, ", ".join(found.holders))
    return found


def noted(detail: dict[str, str | int], found: Search) -> dict[str, str | int]:
    """Add a search to the detail of an intent: the pieces of all searches, and the most that one looked at."""
    if not found.pieces:
        return detail
    seen = {f"{place.value}_files": searched.files for place, searched in found.places.items()}
    seen |= {f"{place.value}_bytes": searched.bytes for place, searched in found.places.items()}
    seen["unreadable"] = found.unreadable
    return {
        **detail,
        **{name: max(int(detail.get(name, 0)), number) for name, number in seen.items()},
        "pieces": int(detail.get("pieces", 0)) + found.pieces,
    }


def finish(store: "Store", intent: Intent, scope: Scope) -> Path:
    """Bring the anchors up to the act, write the certificate beside the store, and close the intent.

    Every step may be done again: after a crash the same file is written anew.

    Raises:
        Fault: DISK_FULL, DISK_FAILED.
    """
    path = _certify(store, intent, scope)
    with store.database.write():
        store.intents.close(intent)
    return path


def certify_begun(store: "Store", intent: Intent) -> None:
    """Write a first certificate of a person whose records wait, so that neither an older copy nor a backup admits them.

    Raises:
        Fault: DISK_FULL, DISK_FAILED.
    """
    if _path(store, intent).exists():
        return
    if "begun" not in intent.detail:  # without the root key nobody could write that down
        with store.database.write():
            told: dict[str, str | int] = {"person": intent.subject, "scope": Scope.PERSON.value}
            begun = store.append_local(LocalKind.ERASURE_BEGUN, told)
            intent = store.intents.note(intent, {**intent.detail, "begun": begun.seq})
    detail = {**intent.detail, "seq": intent.detail["begun"], "records_wait": 1}
    _certify(store, replace(intent, detail=detail), Scope.PERSON)


def _path(store: "Store", intent: Intent) -> Path:
    return store.database.directory / CERTIFICATES / f"{intent.id}.json"


def _certify(store: "Store", intent: Intent, scope: Scope) -> Path:
    note = store.ledger.checkpoint()
    store.anchor.write()
    path = _path(store, intent)
    signing = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
    content = certificate.sign(drawn_up(store, intent, scope, note), signing)
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700)
            sync_directory(path.parent.parent)
    except OSError as error:
        raise refused(path.parent, error) from error
    replace_file(path, content)
    return path


def drawn_up(store: "Store", intent: Intent, scope: Scope, note: str) -> Certificate:
    """The certificate of an act that is done and proved; `note` is a checkpoint that covers its entry.

    What no erasure can claim, and why: docs/limitations.md.
    """
    detail = intent.detail

    def number(name: str) -> int:
        return int(detail.get(name, 0))

    limits = {
        limit
        for limit, holds in (
            (Limit.EARLIER_COPIES, not number("secret_destroyed")),
            (Limit.BACKUPS, True),
            (Limit.FLASH, True),
            (Limit.MEMORY, True),
            (Limit.HEADQUARTERS, scope is not Scope.FACE),
            (Limit.REWRITTEN, number("rewritten")),
            (Limit.UNREADABLE, number("unreadable")),
            (Limit.NOTICE_WAITS, number("told")),
            (Limit.CODE_UNKNOWN, number("code_unknown")),
            (Limit.FILES_REMAIN, number("files_remain")),
            (Limit.RECORDS_WAIT, number("records_wait")),
        )
        if holds
    }
    return Certificate(
        id=intent.id,
        device=store.device_id,
        scope=scope,
        subject=intent.subject,
        seq=number("seq"),
        checkpoint=note,
        began=number("began"),
        finished=store.now_ms(),
        clock=ClockState(str(detail["clock"])),
        destroyed={name: number(name) for name in CLASSES[scope]},
        searched={place: Searched(number(f"{place}_files"), number(f"{place}_bytes")) for place in Place},
        pieces=number("pieces"),
        root_key=Level(store.security_level.value),
        limits=tuple(limit for limit in Limit if limit in limits),
    )
