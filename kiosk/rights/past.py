"""What is past its period beside attendance: papers, ended consents, files, counted attempts; refuses none a reason.

Each `Row` knows whose it is and how it goes; `kiosk/rights/retention.py` asks the holds before it lets one go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kiosk.rights.schedule import OF_PAPERS, DataClass, over_at
from kiosk.store import papers
from kiosk.store.attempts import Attempts
from kiosk.store.files import refused, sync_directory
from kiosk.store.papers import Paper, PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store

_PAPERS: Final = f"SELECT {papers.COLUMNS} FROM papers WHERE changed_at < ? ORDER BY changed_at, rowid"  # noqa: S608 - our own text
_FOUND: Final = "SELECT found_at FROM quarantine WHERE place = 'papers' AND row = ?"
_CONSENTS: Final = "SELECT id, person FROM bases WHERE state = 'ended' AND ended_at < ? ORDER BY ended_at, rowid"
_BLOCK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is past its period.

    Attributes:
        data_class: what it is.
        person: random id of whom it is about, or "".
        drop: deletes it, and gives back its sealed bytes, so that the files can be searched for them.
    """

    data_class: DataClass
    person: str
    drop: Callable[["Store"], list[bytes]] = field(repr=False)


def old_papers(store: "Store", before: Mapping[DataClass, int]) -> tuple[Row, ...]:
    """The papers whose period is over; of one that does not open it runs from when that was found out.

    Else whoever writes over a date would have the evidence swept, and a signed report for it.
    """
    found: list[Row] = []
    for row in store.database.rows(_PAPERS, max(before.values())):
        if row[1] not in set(PaperKind):  # written over, which the nightly check of the store finds
            continue
        kind, sealed = PaperKind(row[1]), row[9] is not None
        ended = over_at(kind, person=row[2], sealed=sealed, changed_at=int(row[6]), closed_at=row[7])
        data_class = OF_PAPERS[kind]
        if ended is not None and max(ended, _damaged_since(store, row)) < before[data_class]:
            paper = Paper(row[0], kind, row[2], row[3], row[4], row[5], row[6], row[7], row[8], None)
            found.append(Row(data_class, str(row[2]), _drop_paper(paper)))
    return tuple(found)


def _damaged_since(store: "Store", row: tuple[Any, ...]) -> int:
    """When a paper was found not to open, ms UTC; 0: it opens."""
    try:
        papers.read(store, row)
    except ValueError:
        known = store.database.row(_FOUND, row[0])
        return store.now_ms() if known is None else int(known[0])
    return 0


def old_consents(store: "Store", before: int) -> tuple[Row, ...]:
    """The records of consents that ended before; a person's last proof goes with the person in any case."""
    rows = store.database.rows(_CONSENTS, before)
    return tuple(Row(DataClass.CONSENT, str(person), _drop_consent(str(basis))) for basis, person in rows)


def old_files(place: Path, data_class: DataClass, before: int) -> tuple[Row, ...]:
    """The plain files of a directory that nobody has changed since; links and directories are left alone."""
    try:
        names = sorted(each for each in place.iterdir() if each.is_file() and not each.is_symlink())
        old = [each for each in names if each.stat().st_mtime_ns < before * 1_000_000]
    except OSError:  # there is none yet
        return ()
    return tuple(Row(data_class, "", _drop_file(each)) for each in old)


def old_attempts(store: "Store") -> int:
    """How many subjects were counted more than a day of running ago."""
    now = Attempts(store.foundation).now()
    row = store.database.row(
        "SELECT count(*) FROM attempts WHERE ? - CASE boot_id WHEN ? THEN boottime_ms ELSE 0 END > ?",
        *(now.boottime_ms, now.boot_id, 86_400_000),
    )
    return 0 if row is None else int(row[0])


def forget_attempts(store: "Store") -> int:
    """Forget those; returns how many. Raises Fault DISK_FULL, DISK_FAILED, STORE_BUSY."""
    old = old_attempts(store)
    if old:
        attempts = Attempts(store.foundation)
        with store.database.write():
            attempts.forget_old(attempts.now())
    return old


def _drop_paper(paper: Paper) -> Callable[["Store"], list[bytes]]:
    def drop(store: "Store") -> list[bytes]:
        row = store.database.row("SELECT sealed FROM papers WHERE id = ? AND row_version = ?", paper.id, paper.version)
        if row is None:  # somebody has just taken it up again
            return []
        papers.drop(store, paper)
        return [] if row[0] is None else [bytes(row[0])]

    return drop


def _drop_consent(basis: str) -> Callable[["Store"], list[bytes]]:
    def drop(store: "Store") -> list[bytes]:
        with store.database.write():
            row = store.database.row("SELECT record FROM bases WHERE id = ? AND state = 'ended'", basis)
            store.database.run("DELETE FROM bases WHERE id = ? AND state = 'ended'", basis)
        return [] if row is None else [bytes(row[0])]

    return drop


def _drop_file(path: Path) -> Callable[["Store"], list[bytes]]:
    def drop(_store: "Store") -> list[bytes]:
        try:
            with path.open("r+b", buffering=0) as file:  # over the old bytes first, as far as the disk really does that
                for left in range(path.stat().st_size, 0, -_BLOCK):
                    file.write(bytes(min(left, _BLOCK)))
            path.unlink()
            sync_directory(path.parent)
        except OSError as error:
            raise refused(path, error) from error
        return []

    return drop
