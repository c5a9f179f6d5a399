"""Searches every file of the data directory for what was erased; refuses to pass over a file without saying so."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.store.files import refused
from kiosk.store.residue import Pieces
from wire.certificate import Place, Searched

_NAMED: Final = {"exchange": Place.EXCHANGE, "offsite": Place.OFFSITE}


@dataclass(frozen=True, slots=True)
class Search:
    """What a search looked at, and where it found something.

    Attributes:
        pieces: how many pieces it looked for.
        places: how many files and bytes of each place it read.
        unreadable: how many files or directories of other users it could not read.
        holders: the files that hold a piece, beneath the data directory.
    """

    pieces: int
    places: Mapping[Place, Searched]
    unreadable: int
    holders: tuple[str, ...]


def search(state: Path, pieces: Pieces) -> Search:
    """Look for pieces in every file beneath the data directory: the one that holds `state`, exchange/ and offsite/.

    Links are not followed. A file that another process shortens meanwhile is read as far as it goes.

    Raises:
        Fault: DISK_FAILED: a file cannot be read.
    """
    data = state.parent
    files, sizes = dict.fromkeys(Place, 0), dict.fromkeys(Place, 0)
    holders: list[str] = []
    unreadable: list[str] = []
    for path in _files(data, unreadable) if len(pieces) else ():
        try:
            size, found = _read(path, pieces)
        except FileNotFoundError:
            continue
        except PermissionError:
            unreadable.append(path.name)
            continue
        except OSError as error:
            raise refused(path, error) from error
        place = _place(path, state)
        files[place] += 1
        sizes[place] += size
        if found:
            holders.append(path.relative_to(data).as_posix())
    places = {place: Searched(files[place], sizes[place]) for place in Place}
    return Search(len(pieces), places, len(unreadable), tuple(holders))


def _files(data: Path, unreadable: list[str]) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            return
        if not isinstance(error, PermissionError):
            raise refused(Path(error.filename or data), error) from error
        unreadable.append(str(error.filename))

    for directory, _, names in os.walk(data, onerror=refuse):
        for name in sorted(names):
            path = Path(directory, name)
            with suppress(FileNotFoundError):
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path


def _read(path: Path, pieces: Pieces) -> tuple[int, bool]:
    """Size of a plain file, and whether it holds a piece."""
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size, pieces.lie_in(file)


def _place(path: Path, state: Path) -> Place:
    if path.is_relative_to(state):
        return Place.STATE
    return _NAMED.get(path.relative_to(state.parent).parts[0], Place.OTHER)
