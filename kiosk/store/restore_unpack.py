"""Opens a sealed backup and lays its files down, each checked as it comes; refuses more than its manifest announced."""

import io
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Self

from kiosk.faults import Fault, FaultCode
from kiosk.store.backup_archive import Sink, Unpacking
from kiosk.store.backup_box import Identity, open_sealed
from kiosk.store.backup_manifest import STORE_KEY, Manifest, Member, decode
from kiosk.store.database import TEMPLATES_FILE, StoreDatabase
from kiosk.store.files import reason, refused
from wire.errors import FormatError

# Replaying erasures and appending to the ledger need some room beside the files themselves.
_ROOM: Final = 8 << 20
# How many bytes are laid down, and of how many.
Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of a backup, besides the files.

    Attributes:
        manifest: what it says of itself.
        store_key: 32 bytes; only ever in memory.
    """

    manifest: Manifest
    store_key: bytes = field(repr=False)


def unpack(sealed: Path, identity: Identity, directory: Path, *, device_public: bytes | None, step: Step) -> Unpacked:
    """Lay records.db and templates.db down in an empty directory; the store in it is not opened yet.

    Args:
        sealed: the backup.
        identity: the organisation's key.
        directory: gets the files; where the backup holds no references, an empty templates.db is made.
        device_public: whose backup it must be, 32 bytes; None believes the backup itself.
        step: told how far it has come.

    Raises:
        Fault: BACKUP_IDENTITY, BACKUP_REFUSED with what is wrong, DISK_FULL (also before anything is written),
            DISK_FAILED. Files may be left in `directory`.
    """
    laying = _Laying(directory, device_public, step)
    try:
        with sealed.open("rb") as file, laying:
            archive = Unpacking(laying.admit, laying.place)
            open_sealed(file, archive, identity)
            manifest = archive.finish()
        if not manifest.templates:
            _empty_templates(directory, manifest.store)
    except OSError as error:
        if error.filename is not None and Path(error.filename) == sealed:
            raise Fault(FaultCode.BACKUP_REFUSED, f"{sealed.name}: {reason(error)}") from error
        raise refused(directory, error) from error
    return Unpacked(manifest, laying.store_key.getvalue())


class _Laying:
    """Decides on the manifest and opens a place for each member."""

    def __init__(self, directory: Path, device_public: bytes | None, step: Step) -> None:
        self.store_key = io.BytesIO()
        self._directory = directory
        self._device_public = device_public
        self._step = step
        self._open = ExitStack()
        self._done = self._total = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def admit(self, content: bytes) -> Manifest:
        try:
            manifest = decode(content, self._device_public)
        except FormatError as error:
            raise Fault(FaultCode.BACKUP_REFUSED, str(error)) from error
        self._total = sum(member.size for member in manifest.members)
        space = os.statvfs(self._directory)
        if self._total + _ROOM > space.f_bavail * space.f_frsize:
            raise Fault(FaultCode.DISK_FULL, f"the backup needs {self._total} bytes")
        return manifest

    def place(self, member: Member) -> Sink:
        if member.name == STORE_KEY:
            return _Counted(self.store_key, self._count, lambda: None)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.fdopen(os.open(self._directory / member.name, flags, 0o600), "wb")
        self._open.callback(file.close)

        def durable() -> None:
            file.flush()
            os.fsync(file.fileno())
            file.close()

        return _Counted(file, self._count, durable)

    def _count(self, more: int) -> None:
        self._done += more
        self._step(self._done, self._total)


class _Counted:
    """Writes on, and tells how much."""

    def __init__(self, file: BinaryIO, count: Callable[[int], None], close: Callable[[], None]) -> None:
        self._file = file
        self._count = count
        self.close = close

    def write(self, data: bytes) -> int:
        self._count(len(data))
        return self._file.write(data)


def _empty_templates(directory: Path, store_id: str) -> None:
    """A templates.db of this store without a reference in it."""
    fresh = directory / "fresh"
    fresh.mkdir(mode=0o700)
    database = StoreDatabase.create(fresh)
    try:
        with database.write():
            database.run("INSERT INTO templates.store (only_one, store_id) VALUES (1, ?)", store_id)
    finally:
        database.close()
    (fresh / TEMPLATES_FILE).rename(directory / TEMPLATES_FILE)
    for left in fresh.iterdir():
        left.unlink()
    fresh.rmdir()
