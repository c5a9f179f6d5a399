"""Recognises a commit that was cut off in another place; refuses to let SQLite take half of it for the whole."""

import os
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode

# The end of a journal that takes part in a commit of several files: name, its length, a checksum, 8 bytes of magic.
# See readSuperJournal() in https://www.sqlite.org/src/file/src/pager.c.
_MAGIC: Final = bytes.fromhex("d9d505f920a163d7")
_LENGTH: Final = slice(-16, -12)
_CHECKSUM: Final = slice(-12, -8)
_WRAP: Final = 1 << 32
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
    """The super-journal, if the end of this journal is whole; a torn end counts for nothing, for SQLite neither."""
    size = int.from_bytes(journal[_LENGTH], "big")
    if not journal.endswith(_MAGIC) or not 0 < size <= len(journal) - _END:
        return None
    name = journal[-_END - size : -_END]
    # The sum of the characters; whether those beyond ASCII count as negative is the compiler's choice.
    sums = (sum(name) % _WRAP, sum(each - 256 * (each > 127) for each in name) % _WRAP)  # noqa: PLR2004 - 7 bits
    if int.from_bytes(journal[_CHECKSUM], "big") not in sums:
        return None
    return Path(name.decode(errors="replace"))
