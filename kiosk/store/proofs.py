"""Which certificates of erasure lie on the device; refuses to judge one: whoever reads it checks its signature."""

from typing import TYPE_CHECKING

from kiosk.store.erasure_proof import CERTIFICATES
from kiosk.store.files import refused
from wire.certificate import FILE_LIMIT

if TYPE_CHECKING:
    from kiosk.store import Store


def certificates(store: "Store", most: int) -> tuple[tuple[str, bytes], ...]:
    """The newest certificates: the name of each file without its ending, and its first bytes, at most one too many.

    Raises:
        Fault: DISK_FAILED and others, as for any file that cannot be read.
    """
    place = store.database.directory / CERTIFICATES
    if not place.is_dir():
        return ()
    found = []
    for path in sorted(place.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)[:most]:
        try:
            with path.open("rb") as file:
                found.append((path.stem, file.read(FILE_LIMIT + 1)))
        except OSError as error:
            raise refused(path, error) from error
    return tuple(found)
