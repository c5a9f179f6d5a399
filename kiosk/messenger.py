"""Carries entries to the exchange on a thread of its own; refuses to let the door wait for it, or to believe it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from kiosk import bugs
from kiosk.config import Config
from kiosk.rights.company import FILE as PRIVACY
from kiosk.rights.publishing import Publishing
from kiosk.store import inbox, inbox_place, outbox
from kiosk.store.outbox import Ask
from kiosk.store.telling import Telling
from sync.exchange import Exchange, ExchangeAbsent, ExchangeConflict, ExchangeError, ExchangeForeign, State

LOG: Final = logging.getLogger("ambang.messenger")
EVERY_S: Final = 1.0
ANEW_MOST: Final = 3
ANEW_WITHIN_S: Final = 180.0
"""So often in so many seconds is an exchange made anew: whoever spoils it all the time must not wear out the disk."""
LEAVE_BEHIND_S: Final = 5.0


class StoreClosed(Exception):  # noqa: N818 - reads as what happened
    """The store is closed now, or had a fault that was told already."""


@dataclass(frozen=True, slots=True)
class Queue:
    """How far the check-ins have come.

    Attributes:
        unsent: check-ins on this device that HQ has not receipted.
        state: "starting", "ok", "offline" or "config", as sync says; "offline" while the exchange cannot be used.
    """

    unsent: int
    state: str


class Messenger:
    """Once a second, and whenever it is woken, gives new entries to sync and learns what HQ has.

    Args:
        config: the kiosk's configuration.
        ask: does work with the store, on the store's thread; raises StoreClosed.
        on_queue: takes the queue's state after each round, on this thread.
    """

    def __init__(self, config: Config, ask: Ask, on_queue: Callable[[Queue], None]) -> None:
        self._path = config.exchange
        self._headquarters = config.headquarters.keys
        self._unsigned = config.delivery.backend != "hq"
        self._ask = ask
        self._on_queue = on_queue
        self._exchange: Exchange | None = None
        self._believed = inbox.believed(config)
        self._read_to = 0
        self._told_to: int | None = None
        self._certificates = config.certificates
        self._position = config.device.position
        self._telling = Telling(config.certificates, config.device.position)
        self._publishing = Publishing(config.data / PRIVACY)
        self._made_anew: deque[float] = deque(maxlen=ANEW_MOST)
        self._usable = True
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=bugs.loudly, args=(self._run,), name="ambang-messenger", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new; returns at once."""
        self._woken.set()

    def stop(self) -> None:
        """Hand on what is left; a lock that somebody else holds on the exchange is waited for no longer than 5 s."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(LEAVE_BEHIND_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(EVERY_S)
            self._woken.clear()
            self._round()
        self._round()
        self._leave()

    def _round(self) -> None:
        try:
            try:
                queue = self._hand_on()
            except (ExchangeAbsent, ExchangeConflict, ExchangeForeign):
                self._begin_anew()
                queue = self._hand_on()
            self._usable = True
        except StoreClosed:
            LOG.debug("the store is closed; nothing to hand on")
        except (ExchangeError, OSError):
            self._leave()
            if self._usable:  # said once, not every second
                LOG.warning("the exchange cannot be used now; entries wait in the ledger")
            self._usable = False
            self._say_waiting()
        else:
            self._on_queue(queue)

    def _hand_on(self) -> Queue:
        if self._exchange is not None and self._exchange.replaced():
            self._leave()
        if self._exchange is None:
            self._exchange, self._read_to, self._told_to = outbox.open_exchange(self._path), 0, None
            self._telling = Telling(self._certificates, self._position)
            self._publishing.begin_anew()
        exchange = self._exchange
        # Read first: an exchange that contradicts the store is made anew, and what headquarters signed for lies in it.
        self._read_to = outbox.collect(self._ask, exchange, self._headquarters, self._read_to, unsigned=self._unsigned)
        self._publishing.round(self._ask, exchange)  # first: what is handed on may be sent at once
        outbox.forward(self._ask, exchange)
        self._told_to = inbox.collect(self._ask, exchange, self._device(), self._believed, self._told_to)
        self._telling.round(self._ask, exchange)
        return Queue(outbox.unsent(self._ask, exchange), exchange.status().state.value)

    def _device(self) -> str:
        return self._ask(lambda store: store.device_id)

    def _say_waiting(self) -> None:
        with suppress(StoreClosed):
            self._on_queue(Queue(self._ask(outbox.undelivered), State.OFFLINE.value))

    def _begin_anew(self) -> None:
        self._leave()
        now = time.monotonic()
        if len(self._made_anew) == ANEW_MOST and now - self._made_anew[0] < ANEW_WITHIN_S:
            raise ExchangeError("spoiled again and again")
        self._made_anew.append(now)
        self._exchange, self._read_to, self._told_to = outbox.begin_anew(self._path), 0, None
        self._ask(inbox_place.forget_place)
        self._telling = Telling(self._certificates, self._position)
        self._publishing.begin_anew()

    def _leave(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.close()
