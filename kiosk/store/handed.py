"""What left this device to a backend that signs nothing; refuses a word that goes beyond the ledger.

Such a word is believed, for there is no signature that could prove it: kiosk.toml says so (`delivery.backend`). It lets
this device forget what it keeps for a lost exchange, and claims nothing that headquarters would have to sign for.
"""

import functools
import logging
from typing import TYPE_CHECKING, Final

from kiosk.store import parting, reserve
from wire import canonical, checks
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

DELIVERED: Final = "delivered"
_BODY_LIMIT: Final = 64
_log = logging.getLogger("ambang.store")


def delivered(store: "Store") -> int:
    """Up to which entry sync says that nothing waits any more; 0 where headquarters signs."""
    row = store.database.row("SELECT value FROM watermarks WHERE name = ?", DELIVERED)
    return 0 if row is None else int(row[0])


def take(store: "Store", body: bytes) -> None:
    """Take the word of sync, {"size": n}, that every event among the first n entries is delivered or with a person.

    Raises:
        Fault: as for any writing of the store.
    """
    try:
        found = canonical.fields(canonical.decode(body, limit=_BODY_LIMIT), {"size": int})
        size = checks.integer(found["size"], "size", 1, store.ledger.size())
    except FormatError:
        _log.warning("a word of delivery in the inbox goes beyond the ledger, or is none: ignored")
        return
    if size > delivered(store):
        reserve.within(store.database.directory, functools.partial(_keep, store, size))


def _keep(store: "Store", size: int) -> None:
    with store.database.write():
        parting.forget(store, size)
        store.database.run("DELETE FROM undelivered WHERE seq <= ?", size)
        store.database.run("INSERT OR REPLACE INTO watermarks (name, value) VALUES (?, ?)", DELIVERED, size)
