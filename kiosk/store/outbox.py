"""Hands the ledger on to the exchange, sealed; refuses to trust anything it finds there."""

import functools
import logging
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from kiosk.faults import Fault, FaultCode
from kiosk.store import handed, parting, reserve
from kiosk.store.acts import LocalKind
from kiosk.store.keys import KeyKind
from kiosk.store.ledger import CHECKPOINT_EVERY
from sync.exchange import Exchange, ExchangeConflict, ExchangeFailed, ExchangeForeign, Message, OutboxEntry
from wire import checkpoint
from wire.errors import BrokenChain, FormatError
from wire.sealed import Context, seal
from wire.spine import SpineRow

if TYPE_CHECKING:
    from kiosk.store import Store

_log = logging.getLogger("ambang.store")
_CHUNK: Final = 256
_KID: Final = b"EXCH"
_FORWARDED: Final = "forwarded"
_ASIDE: Final = 3
# A message may have 1 MiB: so many are in memory at once, and no more are read in one go.
_AT_ONCE: Final = 4
_IN_ONE_GO: Final = 64
_MODE: Final = 0o660

Found = TypeVar("Found")


class Ask(Protocol):
    """Does work with the store, on the thread that owns it, and gives back what the work returned or raised.

    Whoever hands on may wait long for the exchange; the store never waits with them.
    """

    def __call__(self, work: "Callable[[Store], Found]", /) -> Found:
        """Do it."""


def open_exchange(path: Path) -> Exchange:
    """Open the exchange.

    Raises:
        ExchangeAbsent: there is none, or an empty file: `begin_anew`.
        ExchangeForeign: what lies there is damaged, another program's, or no plain file: `begin_anew`.
        ExchangeFailed: it cannot be opened now.
        OSError: nor looked at.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ExchangeForeign(f"{path.name} is no plain file")
    return Exchange.open(path)


def begin_anew(path: Path) -> Exchange:
    """Make a new exchange; whatever cannot be believed is moved out of the way. `forward` fills the new one.

    Raises:
        ExchangeError: it cannot be made now.
        OSError: nor its directory, or the old one cannot be moved.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > 0:
            _set_aside(path)
    exchange = Exchange.create(path)
    path.chmod(_MODE)  # the other user is in the group; a umask would have kept it out
    return exchange


def _set_aside(path: Path) -> None:
    """Keep the last few for a look at what happened; nothing in them is needed."""
    _log.warning("the exchange cannot be believed: set aside and made anew")
    free = (path.with_name(f"{path.name}.aside-{number}") for number in range(1, _ASIDE))
    aside = next((each for each in free if not os.path.lexists(each)), path.with_name(f"{path.name}.aside-{_ASIDE}"))
    path.rename(aside)
    with suppress(FileNotFoundError):
        path.with_name(f"{path.name}-journal").rename(aside.with_name(f"{aside.name}-journal"))


@contextmanager
def distrusted() -> Iterator[None]:
    """What no honest writer put there may break the reading of it anywhere: that is the exchange's fault, not ours."""
    try:
        yield
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise ExchangeForeign(type(error).__name__) from error


def forward(ask: Ask, exchange: Exchange) -> int:
    """Hand on every entry that the exchange does not have, each chunk with a checkpoint; returns how many rows.

    Events are sealed under the exchange key; local entries go as bare spine, and so does one that does not open, which
    is reported (`Quarantine`). A lost exchange is filled again from the size that headquarters last counter-signed:
    what it has already is harmless to it.

    Raises:
        sync.exchange.ExchangeError: the exchange cannot be used now, or claims entries that the ledger does not have
            (it is not trusted: this is no fault of the store); nothing is lost by that.
        Fault: as for any reading and writing of the store.
    """
    with distrusted():
        last = exchange.last_seq()
    start, h_prev = ask(functools.partial(_start, last=last))
    handed = 0
    while entries := ask(functools.partial(_entries, after=start)):
        note = ask(functools.partial(_note, size=entries[-1].row.seq))
        with distrusted():
            exchange.append(entries, note, h_prev=h_prev)
        h_prev, start, handed = None, entries[-1].row.seq, handed + len(entries)
    if handed:
        ask(functools.partial(_set_watermark, name=_FORWARDED, value=start))
    return handed


def _start(store: "Store", last: int | None) -> tuple[int, bytes | None]:
    """The seq after which to hand on, and the hash there if the exchange is empty and cannot know it."""
    start, size = countersigned(store) if last is None else last, store.ledger.size()
    if start > size:
        raise ExchangeConflict(f"the exchange has {start} entries, the ledger {size}")
    if last is None and _watermark(store, _FORWARDED) > start:
        _log.warning("exchange rebuilt from entry %d", start + 1)
        store.ledger.append_local(LocalKind.EXCHANGE_REBUILT, {"from": start + 1})
    try:
        return start, store.ledger.hash_at(start) if last is None and start > 0 else None
    except BrokenChain as error:
        raise Fault(FaultCode.STORE_TAMPERED, f"entry {start}") from error


def _note(store: "Store", size: int) -> str:
    return store.ledger.note(size)


def unsent(ask: Ask, exchange: Exchange) -> int:
    """How many events headquarters has not receipted: waiting in the exchange, or not yet handed on.

    That nothing waits is believed only once headquarters has signed for it.
    """
    with distrusted():
        last, claimed = exchange.last_seq(), exchange.unsettled().events

    def waiting(store: "Store") -> int:
        after = settled(store) if last is None else last
        row = store.database.row("SELECT count(*) FROM bodies WHERE audience = 1 AND seq > ?", after)
        return claimed + (0 if row is None else int(row[0])) or undelivered(store)

    return ask(waiting)


def undelivered(store: "Store") -> int:
    """How many events headquarters has not signed for, as far as this device can prove."""
    row = store.database.row("SELECT count(*) FROM undelivered")
    return 0 if row is None else int(row[0])


def collect(
    ask: Ask, exchange: Exchange, headquarters: Mapping[str, bytes], after: int = 0, *, unsigned: bool = False
) -> int:
    """Take counter-signed checkpoints out of the inbox; returns the id of the last message it has read.

    Args:
        ask: the store.
        exchange: its inbox is hostile: only notes signed by this device and by one of `headquarters` count.
        headquarters: signer name to 32-byte public key, like {"ambang-hq/main": ...}.
        after: only messages newer than this.
        unsigned: whether attendance goes to a backend that signs nothing, so that the word of sync counts instead.

    Raises:
        Fault: STORE_ROLLED_BACK: device and headquarters have both signed for a larger ledger of this device, or for
            another one of this size. The store is marked and refuses to open (`Anchor.doubt`).
    """
    for _ in range(_IN_ONE_GO // _AT_ONCE):
        with distrusted():
            messages = exchange.inbox(after, _AT_ONCE)
        for message in messages:
            after = message.id
            if message.kind == "receipt":
                ask(functools.partial(_take, message=message, headquarters=headquarters))
            elif message.kind == "delivered" and unsigned:
                ask(functools.partial(handed.take, body=message.body))
            elif message.kind == "delivered":
                _log.warning("a word of delivery without a signature, although headquarters signs: ignored")
        if len(messages) < _AT_ONCE:
            break
    return after


def _take(store: "Store", message: Message, headquarters: Mapping[str, bytes]) -> None:
    """Keep a counter-signature of this ledger; one of another ledger of this device proves that this is a copy."""
    trusted = {**headquarters, checkpoint.ORIGIN + store.device_id: store.device_public}
    try:
        note = message.body.decode()
        found, names = checkpoint.read(note, trusted)
        if found.device != store.device_id or not names & headquarters.keys():
            raise FormatError("not counter-signed, or of another device")
        ours = found.size <= store.ledger.size() and store.ledger.hash_at(found.size) == found.head
    except ValueError:
        _log.warning("a receipt in the inbox is not genuine: ignored")
        return
    if not ours:
        if reserve.within(store.database.directory, functools.partial(store.anchor.doubt, found.size)):
            raise Fault(FaultCode.STORE_ROLLED_BACK, f"{found.size} entries are counter-signed")
        _log.warning("a receipt in the inbox is about a ledger that was given up: ignored")
    elif found.size > countersigned(store):
        reserve.within(store.database.directory, functools.partial(_keep, store, found.size, note))


def countersigned(store: "Store") -> int:
    """The largest size that headquarters has counter-signed; 0 before the first."""
    row = store.database.row("SELECT max(size) FROM checkpoints WHERE countersigned IS NOT NULL")
    return 0 if row is None or row[0] is None else int(row[0])


def settled(store: "Store") -> int:
    """Up to which entry nothing is waited for: headquarters has signed for it, or sync says so where nobody signs."""
    return max(countersigned(store), handed.delivered(store))


def _keep(store: "Store", size: int, note: str) -> None:
    own = store.ledger.note(size)
    with store.database.write():
        parting.forget(store, size)
        store.database.run("DELETE FROM undelivered WHERE seq <= ?", size)
        store.database.run(  # before the last counter-signature there is none of that kind any more
            "DELETE FROM checkpoints WHERE size BETWEEN ? AND ? AND size % ? <> 0",
            countersigned(store),
            size - 1,
            CHECKPOINT_EVERY,
        )
        store.database.run(
            "INSERT INTO checkpoints (size, note, countersigned, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (size) DO UPDATE SET"
            " countersigned = excluded.countersigned, created_at = excluded.created_at",  # when it is known to be there
            size,
            own,
            note,
            store.now_ms(),
        )


def _entries(store: "Store", after: int) -> list[OutboxEntry]:
    try:
        key = store.keys.need(KeyKind.EXCHANGE)
    except Fault as fault:  # the door goes on; nothing can be handed on until the key is put back
        raise ExchangeFailed(fault.code.value) from fault
    found = []
    with store.database.read():
        for seq, promise, digest, h, event_id, sealed, person, period in store.database.rows(
            "SELECT s.seq, s.commitment, s.body_digest, s.h, b.event_id, b.sealed, u.person, u.period FROM spine s"
            " LEFT JOIN undelivered u ON u.seq = s.seq LEFT JOIN bodies b ON b.seq = u.seq AND b.audience = 1"
            " WHERE s.seq > ? ORDER BY s.seq LIMIT ?",
            after,
            _CHUNK,
        ):
            row = SpineRow(seq, promise, digest, h)
            try:
                plain = None if sealed is None else store.ledger.plain(seq, sealed, person, period)
            except FormatError:  # its place in the chain is handed on all the same: it must not hold up the others
                store.quarantine.note("bodies", str(seq), "does not open", person)
                plain = None
            if plain is None:
                found.append(OutboxEntry(row))
                continue
            where = Context(store=store.device_id, table="outbox", column="event", row=str(seq))
            found.append(OutboxEntry(row, event_id, seal(key, plain, where, kid=_KID)))
    store.quarantine.settle()
    return found


def _watermark(store: "Store", name: str) -> int:
    row = store.database.row("SELECT value FROM watermarks WHERE name = ?", name)
    return 0 if row is None else int(row[0])


def _set_watermark(store: "Store", name: str, value: int) -> None:
    with store.database.write():
        store.database.run("INSERT OR REPLACE INTO watermarks (name, value) VALUES (?, ?)", name, value)
