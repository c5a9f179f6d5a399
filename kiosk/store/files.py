"""Writes small files so that they are whole and durable on return; refuses to replace a secret."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kiosk.faults import Fault, FaultCode


def write_secret(path: Path, secret: bytes, mode: int = 0o400) -> None:
    """Write a new file that nobody can change, durable on return; refuses to replace one.

    Raises:
        Fault: DISK_FULL or DISK_FAILED (also if the file is there already); half a secret never stands in its place.
    """
    with new_file(path, mode) as file:
        file.write(secret)


@contextmanager
def new_file(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A new file to write to: it gets its name when the block ends well, whole and durable; refuses to replace one.

    Raises:
        Fault: DISK_FULL or DISK_FAILED (also if the file is there already); nothing is then left of it.
    """
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(descriptor, "wb", closefd=True) as file:
                yield file
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            path.hardlink_to(beside)  # unlike a rename, this never replaces what is there
        finally:
            beside.unlink()
        sync_directory(path.parent)
    except OSError as error:
        raise refused(path, error) from error


def sync_directory(directory: Path) -> None:
    """Make names that were added to a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path, mode: int = 0o700) -> None:
    """Make a directory, and those above it that are missing, unless it is there; durable on return. Raises OSError."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(mode, parents=True, exist_ok=True)
    if path in missing:
        path.chmod(mode)  # the unit's umask is 0077, and others may have to read here
    for each in missing:
        sync_directory(each.parent)


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file or put another one in its place, at once and durable on return.

    Raises:
        Fault: DISK_FULL or DISK_FAILED; the old content is then still there.
    """
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(descriptor, "wb", closefd=True) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)
    except OSError as error:
        raise refused(path, error) from error


def refused(path: Path, error: OSError) -> Fault:
    """What the world said about a file, as a Fault: DISK_FULL or DISK_FAILED."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return Fault(FaultCode.DISK_FULL if full else FaultCode.DISK_FAILED, f"{path.name}: {reason(error)}")


def reason(error: OSError) -> str:
    """What the system says, without a path."""
    return os.strerror(error.errno) if error.errno else type(error).__name__
