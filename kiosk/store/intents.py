"""What must happen beyond one transaction, written down first; refuses to forget it before it is done."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.store.foundation import Foundation
from wire import canonical


class IntentKind(StrEnum):
    """The closed list of acts that reach beyond records.db and templates.db, or take many transactions."""

    ERASE_FACE = "erase_face"
    ERASE_PERSON = "erase_person"
    ERASE_EVERYTHING = "erase_everything"
    ROTATE_KEYS = "rotate_keys"
    RENEW_TEMPLATES = "renew_templates"
    APPLY_RETENTION = "apply_retention"
    APPLY_ROSTER = "apply_roster"


@dataclass(frozen=True, slots=True)
class Intent:
    """One act that is not finished.

    Attributes:
        id: 16 hexadecimal digits.
        kind: which act.
        subject: random id of the person, a model's name, or "".
        detail: how far it has come: ids, kinds and counts only; it is not sealed.
        created_at: ms UTC.
    """

    id: str
    kind: IntentKind
    subject: str
    detail: Mapping[str, str | int]
    created_at: int


class Intents:
    """The open acts of one store, oldest first; every change stands inside a `write` block."""

    def __init__(self, foundation: Foundation) -> None:
        self._database = foundation.database
        self._now_ms = foundation.now_ms

    def open(self, kind: IntentKind, subject: str = "", detail: Mapping[str, str | int] | None = None) -> Intent:
        """Write down what must happen."""
        intent = Intent(secrets.token_hex(8), kind, subject, dict(detail or {}), self._now_ms())
        self._database.run(
            "INSERT INTO intents (id, kind, subject, detail, created_at) VALUES (?, ?, ?, ?, ?)",
            intent.id,
            kind.value,
            subject,
            canonical.encode(dict(intent.detail)),
            intent.created_at,
        )
        return intent

    def note(self, intent: Intent, detail: Mapping[str, str | int]) -> Intent:
        """Write down how far it has come; returns the intent with the new detail."""
        self._database.run("UPDATE intents SET detail = ? WHERE id = ?", canonical.encode(dict(detail)), intent.id)
        return Intent(intent.id, intent.kind, intent.subject, dict(detail), intent.created_at)

    def find(self, kind: IntentKind, subject: str = "") -> Intent | None:
        """The open act of this kind on this subject, if there is one."""
        return next((each for each in self.all_open() if (each.kind, each.subject) == (kind, subject)), None)

    def close(self, intent: Intent) -> None:
        """It is done."""
        self._database.run("UPDATE intents SET done = 1, done_at = ? WHERE id = ?", self._now_ms(), intent.id)

    def all_open(self) -> list[Intent]:
        """What is still to be done, oldest first."""
        rows = self._database.rows(
            "SELECT id, kind, subject, detail, created_at FROM intents WHERE done = 0 ORDER BY created_at, rowid"
        )
        return [Intent(row[0], IntentKind(row[1]), row[2], json.loads(row[3] or b"{}"), row[4]) for row in rows]
