"""What the kiosk asks sync to take to headquarters: how it does, certificates, notices; refuses to say who."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.store import backup, notices_out, outbox
from kiosk.store.backup_manifest import Kind
from kiosk.store.outbox import Ask
from sync.exchange import Exchange
from wire import pieces, report
from wire.certificate import Level
from wire.report import Welfare

if TYPE_CHECKING:
    from kiosk.store import Store

REPORT: Final = "report"
CERTIFICATE: Final = "certificate"
NOTICE: Final = "notice"
EVERY_S: Final = 900.0
LOOK_S: Final = 60.0
_AT_ONCE: Final = 100
_LONGEST: Final = 4_096
"""What a request may hold; the longest certificate that this device can sign is shorter (tested)."""
_COUNTS: Final = {
    "people": "SELECT count(*) FROM people",
    "restricted": "SELECT count(*) FROM people WHERE face_restricted OR attendance_restricted",
    "faces": "SELECT count(DISTINCT person) FROM faces",
    "entries": "SELECT coalesce(max(seq), 0) FROM spine",
    "undelivered": "SELECT count(*) FROM undelivered",
    "quarantined": "SELECT count(*) FROM quarantine",
    "open_intents": "SELECT count(*) FROM intents WHERE done = 0",
}
"""Cheap ones: the door waits for the store meanwhile."""


class Telling:
    """Puts requests into one exchange; a new one gets everything again.

    Args:
        certificates: where the certificates of erasure lie.
        position: the surveyed place of the door (`device.position` of kiosk.toml), "" for none.
    """

    def __init__(self, certificates: Path, position: str = "") -> None:
        self._certificates = certificates
        self._position = position
        self._reported_at: float | None = None
        self._looked_at: float | None = None
        self._told: set[tuple[str, int]] = set()
        self._told_notices: set[tuple[str, int]] = set()

    def round(self, ask: Ask, exchange: Exchange) -> None:
        """Ask for what is due.

        Raises:
            sync.exchange.ExchangeError: the exchange cannot be used now.
            Fault: as for any reading of the store.
        """
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < LOOK_S:
            return
        waiting = _waiting(exchange)
        if self._reported_at is None or now - self._reported_at >= EVERY_S:
            if not any(kind == REPORT for kind, _ in waiting):  # nobody carries them away: one is enough
                exchange.request(REPORT, report.encode_welfare(replace(ask(welfare), position=self._position)))
            self._reported_at = now
        for path in sorted(self._certificates.glob("*.json")) if self._certificates.is_dir() else ():
            mark = (path.name, path.stat().st_mtime_ns)
            if mark in self._told:
                continue
            body = path.read_bytes()
            if (CERTIFICATE, body) not in waiting and len(body) <= _LONGEST:
                exchange.request(CERTIFICATE, body)
            self._told.add(mark)
        for paper, file in ask(self._notices):
            for piece in pieces.cut(file):
                if (NOTICE, piece) not in waiting:
                    exchange.request(NOTICE, piece)
            self._told_notices.add(paper)
        self._looked_at = now

    def _notices(self, store: "Store") -> tuple[tuple[tuple[str, int], bytes], ...]:
        return notices_out.published(store, frozenset(self._told_notices))


def welfare(store: "Store") -> Welfare:
    """How this store does, in numbers. Raises Fault as for any reading of it."""
    with store.database.read():
        counts = {name: int((store.database.row(sql) or (0,))[0]) for name, sql in _COUNTS.items()}
        made = backup.last_backup(store)
    return Welfare(
        at=store.now_ms(),
        security_level=Level(store.security_level.value),
        backup_offsite=made.get(Kind.OFFSITE),
        backup_onsite=made.get(Kind.ONSITE),
        position="",
        **counts,
    )


def _waiting(exchange: Exchange) -> set[tuple[str, bytes]]:
    """What of ours nobody has carried away yet."""
    found: set[tuple[str, bytes]] = set()
    after = 0
    with outbox.distrusted():
        while rows := exchange.requests(after, _AT_ONCE):
            after = rows[-1].id
            found |= {(row.kind, row.body) for row in rows if row.kind in (REPORT, CERTIFICATE, NOTICE)}
    return found
