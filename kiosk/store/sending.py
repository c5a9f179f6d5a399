"""How the delivery stands as sync tells it, and what an administrator asks of it; refuses to believe what it reads.

The exchange is hostile: what lies there is checked for form and shown, and decides nothing here.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from kiosk.faults import Fault, FaultCode
from kiosk.store import outbox
from kiosk.store.acts import LocalKind
from kiosk.store.outbox import distrusted, open_exchange
from sync.exchange import Dead, Exchange, ExchangeError, Level, State, Status
from wire import asked, checks, sending
from wire.asked import Asked
from wire.errors import FormatError
from wire.sending import Sending

if TYPE_CHECKING:
    from kiosk.store import Store

__all__ = ["Delivery", "Level", "SetAside", "State", "Status", "ask", "look"]

DEAD_MOST: Final = 200
_AT_ONCE: Final = 100
_ASKED_MOST: Final = 1_000
"""Requests that are looked at: the door waits meanwhile, and an honest exchange never holds as many."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class SetAside:
    """An event that sync has set aside.

    Attributes:
        event_id: its UUIDv7.
        made_at: when it was made, ms UTC: the id begins with it.
        reason: a plain word.
        asked: whether something was asked about it that sync has not answered.
    """

    event_id: str
    made_at: int
    reason: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything at one moment.

    Attributes:
        usable: whether the exchange can be read at all.
        status: what sync last said.
        waiting: events that are not receipted, as far as this device can prove.
        oldest: when the oldest of those that wait in the exchange was made, ms UTC; None if none waits there.
        dead: what is set aside, at most 200.
        told: what else sync tells; None before its first word.
        asked: how many acts wait for sync.
    """

    usable: bool
    status: Status
    waiting: int
    oldest: int | None = None
    dead: tuple[SetAside, ...] = ()
    told: Sending | None = None
    asked: int = 0


def look(store: "Store", path: Path) -> Delivery:
    """Read the exchange at `path`; one that cannot be used now is said to be so. Raises Fault as any reading."""

    def here(work: Callable[["Store"], Found], /) -> Found:
        return work(store)

    try:
        with closing(open_exchange(path)) as exchange, distrusted():
            open_acts = _asked(exchange)
            status, oldest = exchange.status(), exchange.oldest_waiting()
            for moment in (status.last_ack_ms, oldest):
                if moment is not None:
                    checks.moment(moment)
            return Delivery(
                usable=True,
                status=status,
                waiting=outbox.unsent(here, exchange),
                oldest=oldest,
                dead=tuple(_set_aside(each, open_acts) for each in exchange.dead(DEAD_MOST)),
                told=_told(exchange),
                asked=len(open_acts),
            )
    except (ExchangeError, OSError):
        status = Status(State.OFFLINE, None, "exchange_unusable", Level.AMBER)
        return Delivery(usable=False, status=status, waiting=outbox.undelivered(store))


def ask(store: "Store", path: Path, wanted: Asked) -> None:
    """Write down what is asked and by whom, and leave it for sync; the same once more while it waits is nothing.

    Raises:
        Fault: EXCHANGE_UNUSABLE; as any writing.
    """
    body = asked.encode(wanted)
    detail: dict[str, str | int] = {"act": wanted.act.value, "event": wanted.event, "by": wanted.by}
    if wanted.second:
        detail["second"] = wanted.second
    if wanted.reason is not None:
        detail["reason"] = wanted.reason.value
    try:
        with closing(open_exchange(path)) as exchange, distrusted():
            if (wanted.act, wanted.event) in {(each.act, each.event) for each in _asked(exchange)}:
                return
            store.append_local(LocalKind.DELIVERY_ASKED, detail)
            exchange.request(asked.REQUEST, body)
    except (ExchangeError, OSError) as error:
        raise Fault(FaultCode.EXCHANGE_UNUSABLE) from error


def _set_aside(dead: Dead, open_acts: tuple[Asked, ...]) -> SetAside:
    made_at = checks.moment(int(dead.event_id.replace("-", "")[:12], 16))
    return SetAside(dead.event_id, made_at, dead.reason, any(each.event == dead.event_id for each in open_acts))


def _asked(exchange: Exchange) -> tuple[Asked, ...]:
    """What waits for sync."""
    found: list[Asked] = []
    after = seen = 0
    while seen < _ASKED_MOST and (rows := exchange.requests(after, _AT_ONCE)):
        after, seen = rows[-1].id, seen + len(rows)
        for row in rows:
            if row.kind == asked.REQUEST:
                try:
                    found.append(asked.decode(row.body))
                except FormatError:
                    continue
    return tuple(found)


def _told(exchange: Exchange) -> Sending | None:
    found = exchange.newest(sending.MESSAGE)
    try:
        return None if found is None else sending.decode(found.body)
    except FormatError:
        return None
