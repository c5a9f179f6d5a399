"""Looks at the first bytes of a file before SQLite does; refuses one that SQLite would take for a new database."""

from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode

MAGIC: Final = b"SQLite format 3\0"
# Offsets: https://www.sqlite.org/fileformat.html#the_database_header
_HEADER_SIZE: Final = 100
_APPLICATION_ID_AT: Final = slice(68, 72)


def examine(path: Path, application_id: int) -> None:
    """Tell a file of a store from any other.

    Raises:
        Fault: STORE_MISSING, STORE_DAMAGED (empty, or cut), STORE_FOREIGN (another program's), DISK_FAILED.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_SIZE)
    except FileNotFoundError:
        raise Fault(FaultCode.STORE_MISSING, path.name) from None
    except OSError as error:
        raise Fault(FaultCode.DISK_FAILED, path.name) from error
    if not header:
        raise Fault(FaultCode.STORE_DAMAGED, f"{path.name} is empty")
    ours = header[_APPLICATION_ID_AT] == application_id.to_bytes(4, "big")
    genuine = header.startswith(MAGIC) and len(header) == _HEADER_SIZE
    if not genuine:
        damaged = ours or MAGIC.startswith(header[: len(MAGIC)])
        raise Fault(FaultCode.STORE_DAMAGED if damaged else FaultCode.STORE_FOREIGN, path.name)
    if not ours:
        raise Fault(FaultCode.STORE_FOREIGN, path.name)
