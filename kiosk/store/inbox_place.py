"""How far the inbox was read, and in which exchange; refuses to take one exchange for another."""

from typing import TYPE_CHECKING, Final

from kiosk.store import marks
from kiosk.store.outbox import Ask, distrusted
from kiosk.store.vault import digest
from sync.exchange import Exchange, Message

if TYPE_CHECKING:
    from kiosk.store import Store

KIND: Final = "message"
# A message may have 1 MiB: so many are in memory at once.
AT_ONCE: Final = 2
_CARRIED: Final = 64
_DIGEST_SIZE: Final = 6


def sort_of(body: bytes) -> int:
    """48 bits that tell one message from another."""
    return int.from_bytes(digest(body)[:_DIGEST_SIZE], "big")


def left_off(ask: Ask, exchange: Exchange) -> int:
    """The message that was read last, if it lies there as it was; else 0: all is read, and again is harmless."""

    def marked(store: "Store") -> tuple[int, int]:
        return marks.mark(store.database, marks.INBOX), marks.mark(store.database, marks.INBOX_DIGEST)

    last, sort = ask(marked)
    if last == 0:
        return 0
    with distrusted():
        found = exchange.inbox(last - 1, 1)
    return last if found and found[0].id == last and sort_of(found[0].body) == sort else 0


def keep_place(store: "Store", inbox_id: int, sort: int) -> bool:
    """Write down that a message was read, inside the current transaction; returns whether it had been before."""
    again = inbox_id <= marks.mark(store.database, marks.INBOX)
    if not again:
        marks.set_mark(store.database, marks.INBOX, inbox_id)
        marks.set_mark(store.database, marks.INBOX_DIGEST, sort)
    return again


def forget_place(store: "Store") -> None:
    """The exchange is another one from now on."""
    with store.database.write():
        marks.set_mark(store.database, marks.INBOX, 0)


def unread(ask: Ask, exchange: Exchange) -> tuple[Message, ...]:
    """The messages that were not read yet, at most 64: whoever deletes an exchange puts them into the next one."""
    after = left_off(ask, exchange)
    found: list[Message] = []
    while len(found) < _CARRIED:
        with distrusted():
            some = exchange.inbox(after, AT_ONCE)
        if not some:
            break
        after = some[-1].id
        found += [each for each in some if each.kind == KIND]
    return tuple(found)
