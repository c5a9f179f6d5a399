"""Takes certificates of erasure from the kiosk to headquarters; refuses to forget one before headquarters has it."""

import hashlib
import logging
from typing import Final

from sync.errand import JSON, Desk, NotDone
from sync.exchange import Message as Row
from sync.replies import Kind, Refusal
from wire import certificate
from wire.errors import FormatError

EVERY_MS: Final = 60_000
REQUEST: Final = "certificate"
_log = logging.getLogger("ambang.sync")


class Certificates:
    """Whatever the kiosk has put into the exchange; one that is refused does not hold up the others."""

    name = "certificates"
    every_ms = EVERY_MS

    def run(self, desk: Desk, now_ms: int) -> None:
        """Send what waits. Raises NotDone with the last reason if one could not be delivered."""
        refused: NotDone | None = None
        for row in desk.requests(REQUEST):
            try:
                self._send(desk, row, now_ms)
            except NotDone as error:
                if error.refusal.kind not in (Kind.PERMANENT, Kind.HISTORY, Kind.TOO_LARGE):
                    raise
                refused = error
        if refused is not None:
            raise refused

    def _send(self, desk: Desk, row: Row, now_ms: int) -> None:
        try:
            erasure = certificate.unverified(row.body).id
        except FormatError:
            _log.error("a request of the kiosk is no certificate of erasure: dropped")
            desk.exchange.answered([row.id])
            return
        mark, digest = f"certificate:{erasure}", hashlib.sha256(row.body).hexdigest()
        if desk.memory.get(mark) != digest:
            answer = desk.send("PUT", f"/v1/erasures/{erasure}", row.body, {"Content-Type": JSON}, now_ms)
            if answer != {"stored": True}:
                raise NotDone(Refusal(Kind.UNKNOWN, "reply_invalid"))
            desk.memory.keep_all({mark: digest})
            _log.info("certificate of erasure delivered id=%s", erasure)
        desk.exchange.answered([row.id])
