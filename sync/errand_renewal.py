"""Gets the next certificate at two thirds of the present one's life; refuses to give up the old pair before that."""

import logging
from pathlib import Path
from typing import Final

from sync import tls_key
from sync.errand import Desk, NotDone
from sync.replies import Kind, Refusal

EVERY_MS: Final = 3_600_000
NEXT: Final = ".next"
_log = logging.getLogger("ambang.sync")


class Renewal:
    """Once an hour: is it time? A new key each time; the pair changes in one step, and a crash finds one of the two."""

    name = "renewal"
    every_ms = EVERY_MS

    def run(self, desk: Desk, now_ms: int) -> None:
        """Renew if it is time. Raises NotDone."""
        hq = desk.settings.hq
        try:
            if now_ms < tls_key.life(hq.certificate).due:
                return
            fresh = _next_key(hq.certificate, hq.key)
            request = tls_key.make_request(fresh, desk.settings.device)
        except (OSError, ValueError, TypeError) as error:
            raise NotDone(Refusal(Kind.CONFIG, "certificate_unusable")) from error
        answer = desk.post("/v1/certificate:renew", {"csr": request.decode()}, now_ms)
        certificate = answer.get("certificate")
        if not isinstance(certificate, str) or answer.keys() != {"certificate"}:
            raise NotDone(Refusal(Kind.UNKNOWN, "reply_invalid"))
        try:
            pair = tls_key.pair(certificate.encode(), fresh, hq.ca.read_bytes(), desk.settings.device)
            tls_key.replace(hq.certificate, pair, 0o400)
            fresh.unlink()
            hq.key.unlink(missing_ok=True)  # its successor stands beside its certificate
        except ValueError as error:
            raise NotDone(Refusal(Kind.UNKNOWN, "reply_invalid")) from error
        except (OSError, TypeError) as error:
            raise NotDone(Refusal(Kind.CONFIG, "certificate_unusable")) from error
        _log.info("certificate renewed")


def _next_key(certificate: Path, key: Path) -> Path:
    """Where the next key is made; one that is in use already, because a crash came before it was deleted, goes."""
    fresh = key.with_name(key.name + NEXT)
    if fresh.exists() and tls_key.same_key(certificate, fresh):
        fresh.unlink()
    return fresh
