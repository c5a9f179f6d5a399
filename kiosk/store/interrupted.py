"""Recognises a commit that was cut off in another place; refuses to let SQLite take half of it for the whole."""

import os
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode

# The end of a journal that takes part in a commit of several files: name, its length, a checksum, 8 bytes of magic.
# See readSuperJournal() in https://www.sqlite.org/src/file/src/pager.c.
_MAGIC: Final = bytes.fromhex("d9d505f920a163d7")
_LENGTH: Final = slice(-16, -12)
_END: Final = 16
_LONGEST: Final = 8192


def check(directory: Path, names: tuple[str, ...]) -> None:
    """Refuse files whose last commit was cut off while they lay in another directory; nothing is changed.

    A commit over two files is decided by a super-journal, which both journals name by its whole path. Under another
    path SQLite finds none, takes the commit for finished, deletes the journals, and half of it stays for ever.

    Args:
        directory: where the files are now, with everything that lay beside them.
        names: of the database files.

    Raises:
        Fault: STORE_DAMAGED with the directory in which they open; DISK_FAILED.
    """
    for name in names:
        journal = directory / f"{name}-journal"
        try:
            content = _end_of(journal)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Fault(FaultCode.DISK_FAILED, journal.name) from error
        super_journal = _named_at_the_end(content)
        if super_journal is None or super_journal.parent == directory.resolve():
            continue
        if (directory / super_journal.name).exists():
            raise Fault(FaultCode.STORE_DAMAGED, f"a commit was cut off in {super_journal.parent}; open it there")


def _end_of(journal: Path) -> bytes:
    with journal.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST))
        return file.read()


def _named_at_the_end(journal: bytes) -> Path | None:
    if not journal.endswith(_MAGIC):
        return None
    size = int.from_bytes(journal[_LENGTH], "big")
    return Path(journal[-_END - size : -_END].decode(errors="replace"))
