"""Where backups lie and how long; refuses to give a file its name before all of it is on the disk."""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.backup_manifest import Kind
from kiosk.store.files import make_directory, reason, refused, sync_directory

WORKSPACE: Final = ".backup"
_PARTIAL: Final = ".partial"
_MODE: Final = 0o640  # the group is sync's: it carries the file away and cannot open it
_DIRECTORY_MODE: Final = 0o750
_NAME: Final = re.compile(
    r"(?P<device>[0-9a-f]{16})-(?P<when>[0-9]{8}T[0-9]{6}Z)-(?P<generation>[0-9]{10})\.(?P<kind>offsite|onsite)\.age"
)


@dataclass(frozen=True, slots=True)
class Spooled:
    """One backup that lies ready.

    Attributes:
        path: the file.
        device: whose.
        kind: which kind.
        when: date and time in its name (UTC), sortable text.
        generation: of the store then.
    """

    path: Path
    device: str
    kind: Kind
    when: str
    generation: int


def name_of(device: str, at: int, generation: int, kind: Kind) -> str:
    """The name of a backup file: device, moment (ms UTC), generation of the store, kind."""
    return f"{device}-{datetime.fromtimestamp(at / 1000, UTC):%Y%m%dT%H%M%SZ}-{generation:010d}.{kind.value}.age"


def spooled(directory: Path, device: str, kind: Kind) -> list[Spooled]:
    """The backups of one device and kind, oldest first; other files are passed over."""
    found = []
    for path in directory.iterdir() if directory.is_dir() else ():
        match = _NAME.fullmatch(path.name)
        if match is not None and (match["device"], match["kind"]) == (device, kind.value) and path.is_file():
            found.append(Spooled(path, device, kind, match["when"], int(match["generation"])))
    return sorted(found, key=lambda each: (each.when, each.generation))


@contextmanager
def alone(state: Path) -> Iterator[Path]:
    """An empty directory inside `state` for one backup at a time; empty again when the block ends.

    Raises:
        Fault: STORE_BUSY: another backup is being made; DISK_FULL, DISK_FAILED.
    """
    place = state / WORKSPACE
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise refused(place, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Fault(FaultCode.STORE_BUSY, "another backup is being made") from None
        empty(place)
        try:
            yield place
        finally:
            empty(place)
    finally:
        os.close(descriptor)


def discard_leftover(state: Path) -> None:
    """Delete the draft of a backup: what a killed one has left, and that of one which is being made now.

    For an erasure, which must not leave a copy behind; a backup that is being made notices, and begins anew.

    Raises:
        Fault: DISK_FAILED.
    """
    place = state / WORKSPACE
    if place.is_dir():
        empty(place)


class Sealing:
    """A file of a spool while it is written: nobody sees it before `publish`.

    Args:
        directory: the spool; made if it is missing.
        name: what the file will be called.
    """

    def __init__(self, directory: Path, name: str) -> None:
        self.path = directory / name
        self._beside = directory / f".{name}{_PARTIAL}"

    def write(self, fill: Callable[[BinaryIO], None]) -> int:
        """Let `fill` write the whole file, durable on return; returns its size in bytes.

        Raises:
            Fault: DISK_FULL, DISK_FAILED; whatever `fill` raises. Nothing is left behind then.
        """
        try:
            make_directory(self._beside.parent, _DIRECTORY_MODE)
            device = self.path.name.partition("-")[0]  # other devices may write here, too
            for left in self._beside.parent.glob(f".{device}-*{_PARTIAL}"):
                left.unlink()
            descriptor = os.open(self._beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _MODE)
            with os.fdopen(descriptor, "wb") as file:
                fill(file)
                file.flush()
                with suppress(PermissionError):  # a memory stick may know no modes
                    os.fchmod(file.fileno(), _MODE)
                os.fsync(file.fileno())
                return file.tell()
        except OSError as error:
            self.discard()
            raise refused(self.path, error) from error
        except BaseException:
            self.discard()
            raise

    def publish(self) -> None:
        """Give the file its name. Raises Fault DISK_FULL or DISK_FAILED."""
        try:
            self._beside.replace(self.path)
            sync_directory(self.path.parent)
        except OSError as error:
            raise refused(self.path, error) from error

    def discard(self) -> None:
        """Delete what was written and not published."""
        with suppress(OSError):
            self._beside.unlink()


def rotate(directory: Path, made: Path, device: str, kind: Kind, keep: int) -> int:
    """Delete the oldest backups of one device and kind until `keep` are left; returns how many went.

    `made` is never one of them, whatever the clock says. Raises Fault DISK_FAILED.
    """
    older = [each for each in spooled(directory, device, kind) if each.path != made]
    surplus = older[: max(0, len(older) + 1 - keep)]
    try:
        for each in surplus:
            each.path.unlink()
        if surplus:
            sync_directory(directory)
    except OSError as error:
        raise Fault(FaultCode.DISK_FAILED, f"an old backup: {reason(error)}") from error
    return len(surplus)


def empty(place: Path) -> None:
    """Delete all that lies in a directory of ours, durable on return. Raises Fault DISK_FAILED."""
    try:
        for left in place.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink(missing_ok=True)
        sync_directory(place)  # a copy of the store must not come back after a power cut
    except OSError as error:
        raise refused(place, error) from error
