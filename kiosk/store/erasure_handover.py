"""Attendance when a person goes: handed to a human, and out of the exchange; refuses to lose an event."""

import json
import logging
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from kiosk.faults import Fault, FaultCode
from kiosk.store import held, inbox_place, outbox
from kiosk.store.acts import LocalKind
from kiosk.store.files import refused, replace_file, sync_directory
from kiosk.store.intents import Intent
from sync.exchange import ExchangeError, Message
from wire.canonical import Json
from wire.errors import FormatError
from wire.event import clear, delivered, to_cloudevent
from wire.spine import SALT_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.store import Store

Found = TypeVar("Found")
_log = logging.getLogger("ambang.store")
_MARK: Final = "CONFIDENTIAL - RAHASIA - VERTROUWELIJK"
_WAITING: Final = (
    "SELECT u.seq, u.person, u.period, b.sealed FROM undelivered u LEFT JOIN bodies b ON b.seq = u.seq"
    " WHERE ?1 IN ('', u.person) ORDER BY u.seq"
)


def hand_over(store: "Store", intent: Intent, path: Path) -> Intent:
    """Write every event that headquarters has not signed for into a new file for a human (0600), durable on return.

    Each event stands there as headquarters would have got it: seq and salt prove it against the ledger. One that does
    not open is listed by its seq. What is held here under a restriction stands beside them (`held_events`).

    Args:
        store: open.
        intent: whose subject's events; "" for everybody's. Its detail says afterwards how far they were handed over.
        path: a file that is not there yet, outside of the data directory, where the search for what is left would
            find it.

    Raises:
        Fault: OUTPUT_REFUSED: the file is there already, or lies in the data directory; DISK_FULL, DISK_FAILED.
    """
    place, data = path.resolve(), store.database.directory.resolve().parent
    if place.is_relative_to(data) or place.exists():
        raise Fault(FaultCode.OUTPUT_REFUSED, path.name)
    with store.database.read():
        rows = store.database.rows(_WAITING, intent.subject)
        found = [(int(row[0]), _event(store, *row)) for row in rows]
    kept_here = [
        each.event
        for person in held.people(store.database)
        if intent.subject in {"", person}
        for each in held.of_person(store, person)
    ]
    events = [event for _, event in found if event is not None]
    unreadable = [seq for seq, event in found if event is None]
    content = {
        "confidential": _MARK,
        "device": store.device_id,
        "made_at": store.now_ms(),
        "events": events,
        "held_events": [json.loads(clear(event, store.device_id)) for event in kept_here],
        "unreadable": unreadable,
    }
    # not `write_secret`: the file may lie on a stick, and a stick's file system has no links
    replace_file(place, json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n", 0o600)
    with store.database.write():
        store.append_local(
            LocalKind.EXPORTED,
            {"person": intent.subject, "events": len(events) + len(kept_here), "unreadable": len(unreadable)},
        )
        size = store.ledger.size()
        return store.intents.note(intent, {**intent.detail, "handed_to": max((seq for seq, _ in found), default=size)})


def _event(store: "Store", seq: int, person: str, period: str, sealed: bytes | None) -> dict[str, Json] | None:
    """One event as headquarters would have got it, or None if it does not open."""
    try:
        plain = None if sealed is None else store.ledger.plain(seq, sealed, person, period)
        return None if plain is None else to_cloudevent(delivered(plain[SALT_SIZE:], seq, plain[:SALT_SIZE]))
    except FormatError:
        return None


def empty_exchange(store: "Store") -> None:
    """Delete the exchange with all its copies, and fill a new one from the ledger; nothing is done where there is none.

    The sealed events that lie there would outlive the keys of the ledger: they are sealed under the exchange key.

    Raises:
        Fault: DISK_FAILED: a file cannot be deleted.
    """
    path = store.database.directory.parent / "exchange" / "exchange.db"

    def ask(work: "Callable[[Store], Found]", /) -> Found:
        return work(store)

    told = _unread(ask, path)
    try:
        present = [each for each in sorted(path.parent.glob(f"{path.name}*")) if each.is_file()]
        for each in present:
            each.unlink(missing_ok=True)
        if not present:
            return
        sync_directory(path.parent)
    except OSError as error:
        raise refused(path, error) from error

    inbox_place.forget_place(store)
    try:
        anew = not path.exists()  # or the kiosk was faster: it looks each second
        with closing(outbox.begin_anew(path) if anew else outbox.open_exchange(path)) as exchange:
            for message in told:
                exchange.inbox_add(message.kind, message.body)
            if anew:
                outbox.forward(ask, exchange)
    except (ExchangeError, OSError):
        _log.warning("the new exchange is filled later")


def _unread(ask: "outbox.Ask", path: Path) -> tuple[Message, ...]:
    """What headquarters has told and nobody has read: it goes into the new exchange."""
    try:
        with closing(outbox.open_exchange(path)) as exchange:
            return inbox_place.unread(ask, exchange)
    except (ExchangeError, OSError):
        return ()
