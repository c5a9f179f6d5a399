"""Seals a copy of the store for the organisation; refuses to leave half of one, or one that outlives an erasure."""

import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import LocalKind
from kiosk.store.backup_archive import Joined, spelled
from kiosk.store.backup_box import check_recipient, seal
from kiosk.store.backup_manifest import MANIFEST, MEMBER_LIMIT, STORE_KEY, Kind, Manifest, Member, encode
from kiosk.store.backup_snapshot import Copy, Step, gone_since, read_ahead, take
from kiosk.store.backup_spool import Sealing, alone, empty, name_of, rotate
from kiosk.store.database import RECORDS_FILE, TEMPLATES_FILE, StoreDatabase
from kiosk.store.keys import KeyKind
from kiosk.store.resume import resume
from wire.signing import SigningKey

if TYPE_CHECKING:
    from kiosk.store import Store

_log = logging.getLogger("ambang.store")
# A daily backup may start some hours later than the day before.
MISSED_AFTER_MS: Final = 30 * 3_600_000
_TRIES: Final = 4
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """One backup that was made.

    Attributes:
        path: where it lies.
        manifest: what it says of itself.
        size: of the sealed file, in bytes.
        sha256: of the sealed file.
        removed: how many older ones were deleted.
    """

    path: Path
    manifest: Manifest
    size: int
    sha256: bytes
    removed: int


def backup(store: "Store", config: Config, kind: Kind, *, step: Step = lambda _done, _total: None) -> Made:
    """Seal a copy of the store for `config.storage.recipient`; other processes go on using the store.

    Nothing that is erased before this returns is in the file. Off-site copies never hold biometric keys, references
    or what was set aside of them; on-site copies do where `config.storage.onsite_templates` says so.

    Args:
        store: an open store.
        config: where the file goes, for whom, and how many stay.
        kind: which.
        step: told how many entries are copied, and of how many.

    Raises:
        Fault: BACKUP_RECIPIENT; CONFIG_INVALID: no place for this kind; STORE_BUSY: another backup, a change of the
            store key or erasures without end; DISK_FULL, DISK_FAILED, STORE_DAMAGED. Nothing is left behind then.
    """
    check_recipient(config.storage.recipient)
    directory = place_of(config, kind)
    resume(store)
    faces = kind is Kind.ONSITE and config.storage.onsite_templates
    with alone(store.database.directory) as workspace:
        for _ in range(_TRIES):
            made = _attempt(store, config, kind, workspace, faces=faces, step=step)
            if made is not None:
                break
            _log.info("something was erased while a backup was made: begun again")
        else:
            raise Fault(FaultCode.STORE_BUSY, "something is erased again and again")
    path, manifest, size, sha256 = made
    removed = rotate(directory, path, store.device_id, kind, config.storage.keep)
    _log.info("%s backup of %d entries: %d bytes, %d older removed", kind.value, manifest.size, size, removed)
    return Made(path, manifest, size, sha256, removed)


def place_of(config: Config, kind: Kind) -> Path:
    """The directory for one kind. Raises Fault CONFIG_INVALID if there is none."""
    if kind is Kind.OFFSITE:
        return config.offsite
    if config.onsite is None:
        raise Fault(FaultCode.CONFIG_INVALID, "storage.onsite names no directory")
    return config.onsite


def last_backup(store: "Store") -> dict[Kind, int]:
    """When the last backup of each kind was made, ms UTC; a kind that was never made is not in it."""
    rows = store.database.rows("SELECT name, value FROM watermarks")
    known = dict(rows)
    return {kind: known[_mark(kind)] for kind in Kind if _mark(kind) in known}


def missed(last: int | None, now: int) -> bool:
    """Whether a day went by without a backup (both ms UTC); a clock that was set back counts as one, too."""
    return last is None or not 0 <= now - last <= MISSED_AFTER_MS


def overdue(store: "Store", config: Config) -> list[Kind]:
    """The kinds that should be made each day, and were not made for more than one."""
    wanted = [kind for kind, there in ((Kind.OFFSITE, True), (Kind.ONSITE, config.onsite is not None)) if there]
    known, now = last_backup(store), store.now_ms()
    return [kind for kind in wanted if config.storage.recipient and missed(known.get(kind), now)]


def _attempt(  # noqa: PLR0913 - by keyword
    store: "Store", config: Config, kind: Kind, workspace: Path, *, faces: bool, step: Step
) -> tuple[Path, Manifest, int, bytes] | None:
    """One backup; None if something was erased that is in it."""
    names = (RECORDS_FILE, TEMPLATES_FILE) if faces else (RECORDS_FILE,)
    with ExitStack() as until_sealed:
        with closing(StoreDatabase.create(workspace, draft=True)) as draft:
            copy = take(store, draft, faces=faces, step=step)
        try:
            files = [until_sealed.enter_context((workspace / name).open("rb")) for name in names]
        except FileNotFoundError:
            return None  # an erasure has deleted the draft; what is open stays readable, and is asked about below
        manifest = _manifest(store, kind, copy, [_member(*each) for each in zip(names, files, strict=True)])
        signing = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
        content = _content(encode(manifest, signing), manifest, copy, files)
        directory = place_of(config, kind)
        sealing = Sealing(directory, name_of(store.device_id, manifest.created_at, manifest.generation, kind))
        digest = hashlib.sha256()
        size = sealing.write(
            lambda file: seal(Joined(content), _Hashing(file, digest), config.storage.recipient),
        )
    empty(workspace)
    read_ahead(store)
    try:
        with store.database.write():
            if gone_since(store, copy):
                return None
            sealing.publish()
            _remember(store, kind, manifest, digest.hexdigest())
    finally:
        sealing.discard()
    return sealing.path, manifest, size, digest.digest()


def _remember(store: "Store", kind: Kind, manifest: Manifest, sha256: str) -> None:
    store.database.run(
        "INSERT OR REPLACE INTO watermarks (name, value) VALUES (?, ?)", _mark(kind), manifest.created_at
    )
    detail: dict[str, str | int] = {"kind": kind.value, "generation": manifest.generation, "entries": manifest.size}
    store.append_local(LocalKind.BACKED_UP, {**detail, "sha256": sha256})
    store.database.advance()  # no two backups have one generation


def _manifest(store: "Store", kind: Kind, copy: Copy, files: list[Member]) -> Manifest:
    moment = copy.moment
    return Manifest(
        kind=kind,
        store=store.store_id,
        device=store.device_id,
        device_public=store.device_public,
        generation=moment.generation,
        store_key_epoch=moment.store_key_epoch,
        size=moment.size,
        head=moment.head,
        note=moment.note,
        created_at=moment.at,
        members=(
            Member(STORE_KEY, len(moment.store_key), hashlib.sha256(moment.store_key).digest()),
            *files,
        ),
    )


def _member(name: str, file: BufferedReader) -> Member:
    size = os.fstat(file.fileno()).st_size
    if size > MEMBER_LIMIT:
        raise Fault(FaultCode.DISK_FAILED, f"{name}: {size} bytes are too many for a backup")
    return Member(name, size, hashlib.file_digest(file, "sha256").digest())


def _content(said: bytes, manifest: Manifest, copy: Copy, files: Sequence[BufferedReader]) -> Iterator[bytes]:
    """The archive, piece by piece; the manifest is `said`, and the store key goes from memory into the sealed file."""
    contents = ([copy.moment.store_key], *(_pieces(file) for file in files))
    members = zip(manifest.members, contents, strict=True)
    return spelled([(MANIFEST, len(said), [said]), *((member.name, member.size, each) for member, each in members)])


def _pieces(file: BufferedReader) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece


def _mark(kind: Kind) -> str:
    return f"backup/{kind.value}"


class _Hashing:
    """Writes to a file and hashes what it writes."""

    def __init__(self, file: BinaryIO, digest: "hashlib._Hash") -> None:
        self._file = file
        self._digest = digest

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._file.write(data)
