"""The work loop: take, remember, send, settle, back off; refuses to act on anything that it has not committed first."""

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from sync.banner import worry
from sync.database import ExchangeForeign
from sync.delivery import (
    PROBE_MS,
    SUSPECTS,
    Act,
    BatchState,
    Reason,
    Rebuild,
    Resend,
    Sent,
    Settle,
    due,
    letter_due,
    next_step,
)
from sync.exchange import Exchange, State, Status
from sync.journal import Journal, Outgoing
from sync.packing import Unreadable, pack
from sync.register import NOT_REGISTERED
from sync.replies import Accepted, Kind, Refusal, Reply
from wire.checkpoint import Checkpoint

SKEW_MS: Final = 120_000
CHORES_MS: Final = 60_000
WENT_BACK: Final = "hq_went_back"
_log = logging.getLogger("ambang.sync")


class Backend(Protocol):
    """A server that receives batches."""

    def push(self, batch: str, encoded: bytes, sent: Checkpoint, now_ms: int) -> tuple[Reply, int | None]:
        """Send; returns the reply and the generation of the server's store, if there is a receipt."""
        ...


class Daemon:
    """The delivery to one recipient; each `step` sends at most one batch.

    Args:
        device: whose ledger it is.
        key: the exchange key, 32 bytes.
        exchange: rows from the kiosk.
        journal: our own memory.
        backend: who receives.
        clock: returns ms since 1970.
        chance: returns a float, uniform in [0, 1).
        disk: returns the used share of the disk, 0 to 1.
        admits: returns whether the kiosk's register of recipients lets anything go there.
    """

    def __init__(  # noqa: PLR0913 - what the loop is made of
        self,
        device: str,
        key: bytes,
        *,
        exchange: Exchange,
        journal: Journal,
        backend: Backend,
        clock: Callable[[], int],
        chance: Callable[[], float] = random.random,
        disk: Callable[[], float] = lambda: 0.0,
        admits: Callable[[], bool] = lambda: True,
    ) -> None:
        self._device = device
        self._key = key
        self._exchange = exchange
        self._journal = journal
        self._backend = backend
        self._clock = clock
        self._chance = chance
        self._disk = disk
        self._admits = admits
        self._nothing_since: int | None = None
        self._chores_at: int | None = None
        journal.recover()
        letters = {letter.event_id for letter in journal.letters()}
        # set aside by a journal that was lost: nobody else would offer them again
        exchange.park([event_id for event_id in exchange.parked() if event_id not in letters], None)
        self._plan = journal.plan()
        self._outgoing = journal.outgoing()
        self._status = exchange.status()
        if self._status.state is State.CONFIG:  # a restart is how a person says that it is repaired
            self._plan = replace(self._plan, next_attempt_at=0)
            journal.hurry()  # this start may be cut short, too, and the next one will not know of the banner
        self._tell(State.STARTING, "")

    @property
    def status(self) -> Status:
        """What the kiosk was told last."""
        return self._status

    def hurry(self) -> None:
        """Make the next attempt now, whatever the schedule says."""
        self._plan = replace(self._plan, next_attempt_at=0)

    def step(self) -> bool:
        """Send one batch if there is one and it is time; True if another may follow at once.

        Raises:
            ExchangeError: the exchange or the journal is gone, damaged or locked.
        """
        now = self._clock()
        if self._chores_at is None or not 0 <= now - self._chores_at < CHORES_MS:
            self._chores_at = now
            self._chores(now)
        if not due(self._plan, now) or not self._may_send():
            return False
        if self._outgoing is None:
            version = self._exchange.version()
            if version == self._nothing_since:
                return False
            self._outgoing = self._pack(now)
            if self._outgoing is None:
                self._nothing_since = version
                return False
        return self._deliver(self._outgoing)

    def _may_send(self) -> bool:
        """Nothing goes to whom the register does not hold; all of it waits, and nothing is lost."""
        admitted, shown = self._admits(), self._status.detail == NOT_REGISTERED
        if not admitted and not shown:
            self._tell(State.CONFIG, NOT_REGISTERED)
        elif admitted and shown:
            self._tell(State.STARTING, "")
        return admitted

    def _pack(self, now: int) -> Outgoing | None:
        while True:
            try:
                taken = self._exchange.take(self._plan.rows, self._plan.events)
                return None if taken is None else pack(self._device, self._key, taken)
            except Unreadable as error:
                self._journal.set_aside(error.event_ids, Reason.UNREADABLE, now)
                self._exchange.park(error.event_ids, Reason.UNREADABLE)
                _log.warning("set aside events=%d reason=%s", len(error.event_ids), Reason.UNREADABLE)
            except ExchangeForeign as error:
                _log.error("the exchange cannot be sent: %s", error)
                self._plan = replace(self._plan, next_attempt_at=now + PROBE_MS)
                self._tell(State.CONFIG, "exchange_damaged")
                return None

    def _deliver(self, outgoing: Outgoing) -> bool:
        now = self._clock()
        sent = Sent(outgoing.rows, outgoing.events, outgoing.waiting, outgoing.size <= self._exchange.countersigned())
        self._journal.send(outgoing, now)
        checkpoint = Checkpoint(self._device, outgoing.size, outgoing.head)
        reply, generation = self._backend.push(outgoing.batch, outgoing.encoded, checkpoint, now)
        now = self._clock()
        self._plan, act = next_step(self._plan, sent, reply, now, self._chance())
        _log.info(
            "batch=%s rows=%d events=%d outcome=%s wait_ms=%d",
            outgoing.batch,
            outgoing.rows,
            len(outgoing.events),
            _outcome(reply),
            max(0, self._plan.next_attempt_at - now),
        )
        self._commit(outgoing, act, reply, generation, now)
        return not isinstance(act, Resend)

    def _commit(self, outgoing: Outgoing, act: Act, reply: Reply, generation: int | None, now: int) -> None:
        """The exchange first: if we die in between, the same bytes go again and are receipted again."""
        status = self._status_after(reply, act, generation, now)
        parked: tuple[str, ...] = ()
        reason = Reason.NOT_ACKNOWLEDGED
        settled: frozenset[str] = frozenset()
        if isinstance(act, Settle):
            self._exchange.settle(sorted(act.events), act.size, act.note, now, status=status)
            self._status = status
            state, settled, parked = BatchState.SETTLED, act.events, act.parked
        elif isinstance(act, Rebuild):
            state, parked, reason = BatchState.REJECTED, act.parked, act.reason
        else:
            uncertain = isinstance(reply, Refusal) and reply.kind in (Kind.UNKNOWN, Kind.FAULT)
            state = BatchState.UNKNOWN if uncertain else BatchState.PENDING
        if (
            status.state is State.CONFIG
        ):  # the banner before the pause: a pause that nobody sees is not ended by a restart
            self._tell(status.state, status.detail)
        self._journal.finish(
            outgoing.batch,
            state,
            self._plan,
            _outcome(reply),
            now,
            settled=settled,
            parked=parked,
            reason=reason,
            generation=None if status.detail == WENT_BACK else generation,  # shown until HQ is where it was
        )
        if parked:
            self._exchange.park(parked, reason)
            _log.warning("set aside events=%d first=%s reason=%s", len(parked), parked[0], reason)
        if state in (BatchState.SETTLED, BatchState.REJECTED):
            self._outgoing = None
            self._nothing_since = None
        self._tell(status.state, status.detail)

    def _status_after(self, reply: Reply, act: Act, generation: int | None, now: int) -> Status:
        last = self._status.last_ack_ms
        if isinstance(reply, Accepted):
            detail = "clock_skew" if abs(reply.time_ms - now) > SKEW_MS else ""
            before = self._journal.cursor("generation")
            if generation is not None and before is not None and generation < before:
                detail = WENT_BACK
            return Status(State.OK, now, detail)
        if reply.kind in (Kind.DOWN, Kind.UNKNOWN) or (reply.kind is Kind.FAULT and not isinstance(act, Rebuild)):
            return Status(State.OFFLINE, last, reply.detail)
        stuck = isinstance(act, Rebuild) and (self._plan.next_attempt_at > now or self._plan.suspects > SUSPECTS)
        if reply.kind in (Kind.CONFIG, Kind.HISTORY) or stuck:
            return Status(State.CONFIG, last, reply.detail)
        return self._status

    def _chores(self, now: int) -> None:
        gone = self._exchange.purge(now)
        if gone:
            _log.info("purged rows=%d", gone)
        again = [
            letter.event_id
            for letter in self._journal.letters()
            if letter_due(letter.reason, letter.tries, letter.first_at, letter.last_at, now)
        ]
        if again:
            self._exchange.park(again, None)
            self._nothing_since = None
        self._tell(self._status.state, self._status.detail)

    def _tell(self, state: State, detail: str) -> None:
        last = self._status.last_ack_ms if self._status.last_ack_ms is not None else self._journal.cursor("last_ack_ms")
        status = Status(state, last, detail, worry(self._exchange, state, self._disk(), self._clock()))
        if status != self._status:
            self._exchange.put_status(status)
            self._status = status


def _outcome(reply: Reply) -> str:
    return reply.detail if isinstance(reply, Refusal) else "receipted"
