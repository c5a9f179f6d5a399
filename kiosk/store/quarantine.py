"""Records that did not open: set aside and reported; refuses to let one of them pass for "no match"."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from kiosk.store.acts import AppendLocal, LocalKind
from kiosk.store.database import StoreDatabase

_log = logging.getLogger("ambang.store")
_OF_MONTH: Final = (
    "SELECT id, person, sealed FROM quarantine WHERE place = 'keys' AND sealed IS NOT NULL AND row LIKE ?"
)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One record that did not open: its table and row, whose it was (random id or ""), why, when (ms UTC)."""

    place: str
    row: str
    reason: str
    person: str
    found_at: int


class Quarantine:
    """Collects bad records while reading and writes them down afterwards, in a transaction of its own."""

    def __init__(self, database: StoreDatabase, append_local: AppendLocal, now_ms: Callable[[], int]) -> None:
        self._database = database
        self._append_local = append_local
        self._now_ms = now_ms
        self._waiting: dict[tuple[str, str], tuple[str, str]] = {}

    def note(self, place: str, row: str, reason: str, person: str = "") -> None:
        """Remember a bad record until `settle`."""
        self._waiting[place, row] = reason, person

    def settle(self) -> None:
        """Write down what is new: a line here, an entry in the ledger; a template moves out of its file."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        known = {tuple(row) for row in self._database.rows("SELECT place, row FROM quarantine")}
        fresh = {where: why for where, why in waiting.items() if where not in known}
        if not fresh:
            return
        with self._database.write():
            for (place, row), (reason, person) in fresh.items():
                sealed = self._database.row("SELECT sealed FROM templates.template WHERE id = ?", row)
                self._database.run(
                    "INSERT OR IGNORE INTO quarantine (place, row, reason, person, found_at, sealed)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    place,
                    row,
                    reason,
                    person,
                    self._now_ms(),
                    None if place != "template" or sealed is None else sealed[0],
                )
                if place == "template":
                    self._database.run("DELETE FROM templates.template WHERE id = ?", row)
                    self._database.run("DELETE FROM faces WHERE template = ?", row)
                self._append_local(LocalKind.TAMPERED, {"place": place, "row": row})
                _log.error("a sealed record of %s does not open: quarantined", place)

    def set_aside_key(self, name: str, person: str, wrapped: bytes) -> None:
        """Take in a damaged wrapped key that is being replaced, inside the current transaction."""
        known = self._database.row("SELECT 1 FROM quarantine WHERE place = 'keys' AND row = ?", name)
        self._database.run(
            "INSERT INTO quarantine (place, row, reason, person, found_at, sealed) VALUES ('keys', ?, ?, ?, ?, ?)"
            " ON CONFLICT (place, row) DO UPDATE SET sealed = excluded.sealed",
            name,
            "does not open",
            person,
            self._now_ms(),
            wrapped,
        )
        if known is None:
            self._append_local(LocalKind.TAMPERED, {"place": "keys", "row": name})
        _log.error("a wrapped key does not open: quarantined")

    def forget_month(self, period: str, *, but: Collection[str] = ()) -> list[bytes]:
        """Give up damaged keys of a month inside the current transaction; returns them, to be searched for.

        Whoever lets the keys of a month go calls this too: what is damaged is not always beyond repair.

        Args:
            period: like "2026-11".
            but: whose keys stay: random ids, "" for the device's.
        """
        gone = [row for row in self._database.rows(_OF_MONTH, f"%/{period}") if row[1] not in but]
        for number, _, _ in gone:
            self._database.run("UPDATE quarantine SET sealed = NULL WHERE id = ?", number)
        return [sealed for _, _, sealed in gone]

    def holds_key_of(self, period: str) -> bool:
        """Whether a damaged key of this month is kept here; its bodies are not without an owner."""
        return self._database.row(_OF_MONTH, f"%/{period}") is not None

    def all(self) -> list[Quarantined]:
        """Everything that was ever set aside, oldest first."""
        rows = self._database.rows("SELECT place, row, reason, person, found_at FROM quarantine ORDER BY id")
        return [Quarantined(*row) for row in rows]
