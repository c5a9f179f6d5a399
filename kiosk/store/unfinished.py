"""Builds a store beside its place and gives it its names at the end; refuses to take a name that is taken."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.anchor import FILE as ANCHOR_FILE
from kiosk.store.database import RECORDS_FILE, TEMPLATES_FILE
from kiosk.store.files import make_directory, sync_directory

DATABASES: Final = (RECORDS_FILE, TEMPLATES_FILE, f"{RECORDS_FILE}-journal", f"{TEMPLATES_FILE}-journal")
_BESIDE: Final = ".unfinished-"
# records.db comes last: without it there is no store.
_PLACED: Final = (TEMPLATES_FILE, ANCHOR_FILE, RECORDS_FILE)


@contextmanager
def building(state: Path) -> Iterator[Path]:
    """A new directory inside `state` in which a store is built; gone when the block ends.

    What a power cut has left of an earlier attempt is cleared away first: its directory, and names that it had given.

    Raises:
        Fault: STORE_EXISTS: there is a store, or part of one.
        OSError: the directory cannot be made.
    """
    _undo(state)
    for name in DATABASES:
        if (state / name).exists():
            raise Fault(FaultCode.STORE_EXISTS, name)
    make_directory(state)
    (state / ANCHOR_FILE).unlink(missing_ok=True)  # alone it is no store: left from one that is gone
    beside = state / f"{_BESIDE}{secrets.token_hex(4)}"
    beside.mkdir(mode=0o700)
    try:
        yield beside
    finally:
        shutil.rmtree(beside)


def put_in_place(beside: Path, state: Path) -> None:
    """Give the files their names; a link, unlike a rename, never takes a name that somebody else took meanwhile.

    Raises:
        Fault: STORE_EXISTS.
        OSError: a name cannot be given.
    """
    placed: list[Path] = []
    try:
        for name in _PLACED:
            (state / name).hardlink_to(beside / name)
            placed.append(state / name)
            sync_directory(state)
    except BaseException as error:
        for path in reversed(placed):
            path.unlink()
        if isinstance(error, FileExistsError):
            raise Fault(FaultCode.STORE_EXISTS, name) from None
        raise


def _undo(state: Path) -> None:
    """Without records.db there is no store: names that lead into a directory of an earlier attempt are taken back."""
    for leftover in state.glob(f"{_BESIDE}*"):
        for name in () if (state / RECORDS_FILE).exists() else _PLACED:
            with suppress(FileNotFoundError):
                if (state / name).samefile(leftover / name):
                    (state / name).unlink()
        shutil.rmtree(leftover)
