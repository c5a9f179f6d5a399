"""Room that is set aside for the day the disk is full; refuses to let a check-in have it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from kiosk.faults import Fault, FaultCode
from kiosk.store.files import refused, sync_directory

FILE: Final = "reserve"
SIZE: Final = 4 * 1024 * 1024
"""Bytes. An erasure of one of 10,000 people writes less than 1 MiB beside the files (docs/storage.md)."""
_MODE: Final = 0o600

Done = TypeVar("Done")


def keep(state: Path) -> bool:
    """Make the reserve, or let it grow back after it was given up; returns whether it is whole.

    A new one is made only where there is room for two. One that was given up takes whatever room there is until it is
    whole again: what a forgetting act has left free is not for check-ins.

    Args:
        state: the directory of the store.

    Raises:
        Fault: DISK_FAILED: the disk refuses for another reason than want of room.
    """
    path = state / FILE
    try:
        if not path.exists() and _room(state) < 2 * SIZE:
            return False
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
        try:
            return _grown(descriptor, state)
        finally:
            os.close(descriptor)
    except OSError as error:
        if (fault := refused(path, error)).code is FaultCode.DISK_FULL:
            return False
        raise fault from error


def within(state: Path, act: Callable[[], Done]) -> Done:
    """Do what must be possible on a full disk, too: what forgets, or ends cleanly. At need the reserve is given up.

    Args:
        state: the directory of the store.
        act: a transaction, or an act that goes on where it was; it is done again if the disk was full.

    Raises:
        Fault: what `act` raises; DISK_FULL if it does not fit into the reserve either.
    """
    try:
        return act()
    except Fault as fault:
        if fault.code is not FaultCode.DISK_FULL or not (state / FILE).exists():
            raise
    try:
        with _given_up(state / FILE):
            return act()
    finally:
        with suppress(Fault):  # the clerk tries again every minute
            keep(state)


@contextmanager
def _given_up(path: Path) -> Iterator[None]:
    """Hold the empty file locked, so that no other process lets it grow back meanwhile."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise refused(path, error) from error
    try:
        with suppress(BlockingIOError):  # it was given up already, here or by another process
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.fsync(descriptor)  # ext4 gives freed blocks out again after its own commit
        yield
    finally:
        os.close(descriptor)


def _grown(descriptor: int, state: Path) -> bool:
    found = os.fstat(descriptor)
    if found.st_size == SIZE:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    size = min(SIZE, found.st_size + _room(state))
    if size > found.st_size:
        try:
            os.posix_fallocate(descriptor, found.st_size, size - found.st_size)
        except OSError:
            os.ftruncate(descriptor, found.st_size)
            raise
        os.fsync(descriptor)
        sync_directory(state)
    return size == SIZE


def _room(state: Path) -> int:
    """Bytes that this user may still write."""
    space = os.statvfs(state)
    return space.f_bavail * space.f_frsize
