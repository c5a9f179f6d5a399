"""What sync's errands must not forget: how far they are and when the next is due; refuses nothing it can make anew."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from sync.database import ExchangeForeign, SqliteFile

APPLICATION_ID: Final = 0x414D4245  # "AMBE"
SCHEMA_VERSION: Final = 1
SCHEMA: Final = ("CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",)
_log = logging.getLogger("ambang.sync")


class Memory:
    """Small named values in errands.db, beside the journal; used by the thread that opened it.

    Raises:
        ExchangeFailed: the disk or a lock refused.
    """

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open it, or make it where there is none; a damaged one is set aside: errands may all be run again."""
        try:
            return cls(_file(path))
        except ExchangeForeign as error:
            _log.error("%s: set aside, and begun anew", error)
            for suffix in ("-journal", ""):
                part = path.with_name(path.name + suffix)
                if part.exists():
                    part.rename(path.with_name(f"{path.name}.damaged{suffix}"))
            return cls(_file(path))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def get(self, name: str) -> str | None:
        """The value under a name, None if there is none."""
        with self._file.read() as database:
            found = database.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def number(self, name: str) -> int:
        """The value as a whole number; 0 for none, or for what is no number."""
        text = self.get(name) or ""
        return int(text) if text.isascii() and text.isdigit() else 0

    def keep(self, **values: str | int) -> None:
        """Write values down, durable on return, all or none."""
        self.keep_all(values)

    def keep_all(self, values: Mapping[str, str | int]) -> None:
        """The same for names that are no words."""
        with self._file.write() as database:
            database.conn.executemany(
                "INSERT OR REPLACE INTO marks VALUES (?, ?)", [(name, str(value)) for name, value in values.items()]
            )

    def under(self, prefix: str) -> dict[str, str]:
        """Every value whose name begins so."""
        with self._file.read() as database:
            found = database.execute(
                "SELECT name, value FROM marks WHERE substr(name, 1, ?) = ?", (len(prefix), prefix)
            )
            return {str(name): str(value) for name, value in found.fetchall()}

    def drop(self, *names: str) -> None:
        """Forget values."""
        with self._file.write() as database:
            database.conn.executemany("DELETE FROM marks WHERE name = ?", [(name,) for name in names])


def _file(path: Path) -> SqliteFile:
    fresh = not path.exists() or path.stat().st_size == 0
    return SqliteFile(
        path, application_id=APPLICATION_ID, version=SCHEMA_VERSION, schema=SCHEMA, create=fresh, mode=0o600
    )
