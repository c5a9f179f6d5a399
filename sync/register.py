"""Whether the kiosk's register of recipients lets anything go where we deliver; refuses what it cannot read.

The register comes through the exchange, as a request that the kiosk renews whenever its privacy.toml changes. As long
as the kiosk has published none, sync.toml's own `[recipient]` is all there is (docs/decisions/0020).
"""

import logging
from typing import Final

from sync.config import Recipient
from sync.exchange import Exchange
from wire import recipients
from wire.errors import FormatError

NOT_REGISTERED: Final = "recipient_not_registered"
_AT_ONCE: Final = 100
_log = logging.getLogger("ambang.sync")


class Register:
    """The kiosk's register, read again whenever the kiosk has written something; used by one thread.

    Args:
        exchange: where the kiosk publishes it.
        recipient: to whom sync.toml delivers.
    """

    def __init__(self, exchange: Exchange, recipient: Recipient) -> None:
        self._exchange = exchange
        self._recipient = recipient
        self._seen: int | None = None
        self._admits = True

    def admits(self) -> bool:
        """Whether something may be sent. Raises ExchangeError."""
        version = self._exchange.version()
        if version != self._seen:
            before, self._admits = self._admits, admitted(self._exchange, self._recipient)
            self._seen = version
            if before != self._admits:
                _log.warning("the register of recipients %s this one", "holds" if self._admits else "does not hold")
        return self._admits


def admitted(exchange: Exchange, recipient: Recipient) -> bool:
    """Ask the newest register that the kiosk has published; the older ones are taken away. Raises ExchangeError."""
    newest: bytes | None = None
    numbers: list[int] = []
    after = 0
    while rows := exchange.requests(after, _AT_ONCE):
        after = rows[-1].id
        for row in rows:
            if row.kind == recipients.REQUEST:
                newest = row.body
                numbers.append(row.id)
    if newest is None:
        return True
    if numbers[:-1]:
        exchange.answered(numbers[:-1])
    try:
        return recipients.decode(newest).admits(recipient.name, recipient.host)
    except FormatError:
        _log.error("the register of recipients cannot be read: nothing is sent")
        return False
