"""The line to the recipient, made when it can be made and anew with each new certificate; refuses after `stop`."""

import threading
from typing import Final

from sync import wireless
from sync.config import Frappe, Hq, Odoo
from sync.replies import Kind, Refusal
from sync.transport import TOTAL_S, NotDelivered, Transport

UPLOAD_S: Final = 3_600.0


class Line:
    """One line, used by one thread; `stop` may be called from any.

    Args:
        target: where the recipient is, and how both sides prove themselves; only HQ asks for a certificate.
        host: the registered recipient's host.
        total_s: seconds from first to last byte of one exchange.
        through_air: whether it may lead through the air although a wire is up.
    """

    def __init__(
        self, target: Hq | Frappe | Odoo, host: str, total_s: float = TOTAL_S, *, through_air: bool = False
    ) -> None:
        self._ca = target.ca
        self._certificate = target.certificate if isinstance(target, Hq) else None
        self._key = target.key if isinstance(target, Hq) else None
        self._hosts = frozenset({host.lower()})
        self._total_s = total_s
        self._through_air = through_air
        self._transport: Transport | None = None
        self._made_of: tuple[int, ...] = ()
        self._stopped = threading.Event()

    def transport(self) -> Transport:
        """The connection.

        Raises:
            NotDelivered: stopped; the way leads through the air beside a wire; no certificate that can be used.
        """
        if self._stopped.is_set():
            raise NotDelivered(Refusal(Kind.DOWN, "stopped"))
        if not self._through_air and wireless.beside_a_wire():
            self.close()
            raise NotDelivered(Refusal(Kind.DOWN, wireless.CODE))
        now = self._files()
        if self._transport is not None and now != self._made_of:
            self.close()
        if self._transport is None:
            self._transport = Transport(self._hosts, self._ca, self._certificate, self._key, self._total_s)
            self._made_of = now
            if self._stopped.is_set():
                self._transport.stop()
        return self._transport

    def stop(self) -> None:
        """Cut what is under way; nothing new begins."""
        self._stopped.set()
        if self._transport is not None:
            self._transport.stop()

    def close(self) -> None:
        """Let go of the connection."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _files(self) -> tuple[int, ...]:
        try:
            found = [path.stat() for path in (self._ca, self._certificate) if path is not None]
        except OSError as error:
            raise NotDelivered(Refusal(Kind.CONFIG, "certificate_unusable")) from error
        return tuple(number for each in found for number in (each.st_ino, each.st_mtime_ns))
