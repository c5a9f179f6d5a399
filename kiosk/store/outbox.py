"""Hands the ledger on to the exchange, sealed; refuses to trust anything it finds there."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import LocalKind
from kiosk.store.keys import KeyKind
from kiosk.store.ledger import CHECKPOINT_EVERY
from sync.exchange import Exchange, ExchangeAbsent, ExchangeConflict, ExchangeForeign, OutboxEntry
from wire import checkpoint
from wire.errors import FormatError
from wire.sealed import Context, seal
from wire.spine import SpineRow

if TYPE_CHECKING:
    from kiosk.store import Store

_log = logging.getLogger("ambang.store")
_CHUNK: Final = 256
_KID: Final = b"EXCH"
_FORWARDED: Final = "forwarded"


def open_exchange(path: Path) -> Exchange:
    """Open the exchange; a missing one is made, a damaged or foreign one is set aside. `forward` fills it again."""
    try:
        return Exchange.open(path)
    except ExchangeAbsent:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Exchange.create(path)
    except ExchangeForeign:
        set_aside(path)
        return Exchange.create(path)


def set_aside(path: Path) -> None:
    """Move an exchange that is damaged, foreign or at odds with the ledger out of the way; nothing in it is needed."""
    _log.warning("the exchange cannot be believed: set aside and made anew")
    number = 1
    while (aside := path.with_name(f"{path.name}.aside-{number}")).exists():
        number += 1
    path.rename(aside)
    with suppress(FileNotFoundError):
        path.with_name(f"{path.name}-journal").rename(aside.with_name(f"{aside.name}-journal"))


def forward(store: "Store", exchange: Exchange) -> int:
    """Hand on every entry that the exchange does not have, each chunk with a checkpoint; returns how many rows.

    Events are sealed under the exchange key; local entries go as bare spine. A lost exchange is filled again from the
    size that headquarters last counter-signed: what it has already is harmless to it.

    Raises:
        sync.exchange.ExchangeError: the exchange cannot be used now, or claims entries that the ledger does not have
            (it is not trusted: this is no fault of the store); nothing is lost by that.
        Fault: as for any reading and writing of the store; STORE_TAMPERED if an entry does not open.
    """
    last = exchange.last_seq()
    start = countersigned(store) if last is None else last
    size = store.ledger.size()
    if start > size:
        raise ExchangeConflict(f"the exchange has {start} entries, the ledger {size}")
    if last is None and _watermark(store, _FORWARDED) > start:
        _log.warning("exchange rebuilt from entry %d", start + 1)
        store.ledger.append_local(LocalKind.EXCHANGE_REBUILT, {"from": start + 1})
    handed = 0
    h_prev = store.ledger.hash_at(start) if last is None and start > 0 else None
    while entries := _entries(store, start):
        end = entries[-1].row.seq
        exchange.append(entries, store.ledger.note(end), h_prev=h_prev)
        h_prev, start, handed = None, end, handed + len(entries)
    if handed:
        with store.database.write():
            _set_watermark(store, _FORWARDED, start)
    return handed


def unsent(store: "Store", exchange: Exchange) -> int:
    """How many events headquarters has not receipted: waiting in the exchange, or not yet handed on."""
    last = exchange.last_seq()
    row = store.database.row(
        "SELECT count(*) FROM bodies WHERE audience = 1 AND seq > ?", countersigned(store) if last is None else last
    )
    return exchange.unsettled().events + (0 if row is None else int(row[0]))


def collect(store: "Store", exchange: Exchange, headquarters: Mapping[str, bytes]) -> int:
    """Take counter-signed checkpoints out of the inbox; returns the size that is counter-signed now.

    Args:
        store: the store.
        exchange: its inbox is hostile: only notes signed by this device and by one of `headquarters` count.
        headquarters: signer name to 32-byte public key, like {"ambang-hq/main": ...}.
    """
    trusted = {**headquarters, checkpoint.ORIGIN + store.device_id: store.device_public}
    for message in exchange.inbox(0):
        if message.kind != "receipt":
            continue
        try:
            note = message.body.decode()
            found, names = checkpoint.read(note, trusted)
            genuine = found.device == store.device_id and bool(names & headquarters.keys())
            if not genuine or found.size > store.ledger.size() or store.ledger.hash_at(found.size) != found.head:
                raise FormatError("not a counter-signature of this ledger")
        except ValueError:
            _log.warning("a receipt in the inbox is not genuine: ignored")
            continue
        if found.size > countersigned(store):
            _keep(store, found.size, note)
    return countersigned(store)


def countersigned(store: "Store") -> int:
    """The largest size that headquarters has counter-signed; 0 before the first."""
    row = store.database.row("SELECT max(size) FROM checkpoints WHERE countersigned IS NOT NULL")
    return 0 if row is None or row[0] is None else int(row[0])


def _keep(store: "Store", size: int, note: str) -> None:
    own = store.ledger.note(size)
    with store.database.write():
        store.database.run("DELETE FROM undelivered WHERE seq <= ?", size)
        store.database.run("DELETE FROM checkpoints WHERE size < ? AND size % ? <> 0", size, CHECKPOINT_EVERY)
        store.database.run(
            "INSERT INTO checkpoints (size, note, countersigned, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (size) DO UPDATE SET countersigned = excluded.countersigned",
            size,
            own,
            note,
            store.now_ms(),
        )


def _entries(store: "Store", after: int) -> list[OutboxEntry]:
    key = store.keys.need(KeyKind.EXCHANGE)
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
            except FormatError as error:
                raise Fault(FaultCode.STORE_TAMPERED, f"entry {seq}") from error
            if plain is None:
                found.append(OutboxEntry(row))
                continue
            where = Context(store=store.device_id, table="outbox", column="event", row=str(seq))
            found.append(OutboxEntry(row, event_id, seal(key, plain, where, kid=_KID)))
    return found


def _watermark(store: "Store", name: str) -> int:
    row = store.database.row("SELECT value FROM watermarks WHERE name = ?", name)
    return 0 if row is None else int(row[0])


def _set_watermark(store: "Store", name: str, value: int) -> None:
    store.database.run("INSERT OR REPLACE INTO watermarks (name, value) VALUES (?, ?)", name, value)
