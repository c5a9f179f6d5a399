"""Publishes the register of recipients to sync through the exchange; refuses to let go once it has bound sync.

The kiosk says nothing as long as there is no privacy.toml. From the first one on the register binds: if the file goes
again, or cannot be read after a restart, the register that is published is empty, and nothing is sent to anybody.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault
from kiosk.rights import company, recipients
from kiosk.rights.company import Company
from kiosk.store import marks, outbox
from kiosk.store.outbox import Ask
from sync.exchange import Exchange
from wire import recipients as published

if TYPE_CHECKING:
    from kiosk.store import Store

BOUND: Final = "recipients/bound"
_AT_ONCE: Final = 100
_log = logging.getLogger("ambang.rights")


class Publishing:
    """The register of one device, read from privacy.toml whenever that file has changed.

    Args:
        file: privacy.toml.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, ...] | None = None
        self._body: bytes | None = None
        self._published: bytes | None = None

    def round(self, ask: Ask, exchange: Exchange) -> None:
        """Publish what is new; called before anything is handed on.

        Raises:
            sync.exchange.ExchangeError: the exchange cannot be used now.
            Fault: as for any reading and writing of the store.
        """
        body = self._register(ask)
        if body is None or body == self._published:
            return
        if _newest(exchange) != body:
            exchange.request(published.REQUEST, body)
        self._published = body

    def begin_anew(self) -> None:
        """The exchange is another one from now on."""
        self._published = None

    def _register(self, ask: Ask) -> bytes | None:
        """What is to be published; None: nothing was ever said."""
        stamp = _stamp(self._file)
        if self._body is not None and stamp == self._stamp:
            return self._body
        found: Company | None = None
        if stamp is not None:
            try:
                found = company.load(self._file)
                body = recipients.publication(found)
            except Fault as fault:
                _log.error("the register of recipients stays as it was: %s", fault.code)
                body = self._body or recipients.publication(Company())
            ask(_bind)
        elif ask(_bound):
            _log.error("privacy.toml is gone: no recipient is registered")
            body = recipients.publication(Company())
        else:
            return None
        self._stamp, self._body = stamp, body
        return body


def _stamp(file: Path) -> tuple[int, ...] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _bound(store: "Store") -> bool:
    return marks.mark(store.database, BOUND) > 0


def _bind(store: "Store") -> None:
    if not _bound(store):
        with store.database.write():
            marks.set_mark(store.database, BOUND, 1)


def _newest(exchange: Exchange) -> bytes | None:
    """The register that lies there already."""
    newest: bytes | None = None
    after = 0
    with outbox.distrusted():
        while rows := exchange.requests(after, _AT_ONCE):
            after = rows[-1].id
            newest = next((row.body for row in reversed(rows) if row.kind == published.REQUEST), newest)
    return newest
