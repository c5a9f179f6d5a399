"""The work loop for backends that take events one by one; refuses to act on what it has not committed first."""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final, assert_never

from sync.banner import worry
from sync.contract import Backend, BackendDown, BackendMisconfigured, Punch, Result, Retry, Stored, Unknown
from sync.entries import WORD, State, Status
from sync.exchange import Exchange
from sync.intake import Intake
from sync.punch_journal import PunchJournal
from sync.punches import (
    Dead,
    Inflight,
    Line,
    Open,
    Paused,
    Pending,
    Settled,
    Track,
    Uncertain,
    after_ask,
    after_push,
    line_after,
    line_down,
    line_due,
    not_taken,
    paused,
    unanswered,
)
from sync.register import NOT_REGISTERED

FLUSH: Final = 100
FLUSH_AFTER_MS: Final = 1_000
CHORES_MS: Final = 60_000
CHECK_MS: Final = 86_400_000
_log = logging.getLogger("ambang.sync")


class Courier:
    """The delivery of single events; each `step` absorbs some, and asks about some or sends some.

    Args:
        device: whose ledger it is.
        key: the exchange key, 32 bytes.
        exchange: rows from the kiosk.
        journal: our own memory.
        backend: who receives.
        clock: returns ms since 1970.
        chance: returns a float, uniform in [0, 1).
        steady: returns ms of a clock that nobody sets; None: there is none but `clock`.
        disk: returns the used share of the disk, 0 to 1.
        admits: returns whether the kiosk's register of recipients lets anything go there.
    """

    def __init__(  # noqa: PLR0913 - what the loop is made of
        self,
        device: str,
        key: bytes,
        *,
        exchange: Exchange,
        journal: PunchJournal,
        backend: Backend,
        clock: Callable[[], int],
        chance: Callable[[], float] = random.random,
        steady: Callable[[], int] | None = None,
        disk: Callable[[], float] = lambda: 0.0,
        admits: Callable[[], bool] = lambda: True,
    ) -> None:
        self._exchange = exchange
        self._journal = journal
        self._backend = backend
        self._clock = clock
        self._chance = chance
        self._steady = steady or clock
        self._disk = disk
        self._admits = admits
        self._able = backend.capabilities
        self._intake = Intake(device, key, exchange, journal)
        self._done: list[str] = []
        self._done_since: int | None = None
        self._chores_at: int | None = None
        self._checked_at: int | None = None
        self._warning = ""
        self._ask_first = False
        self._hurried_at = 0
        now = clock()
        self._intake.begin(now, pairs=self._able.pairs)
        # a clock that is put right after the start must not end a hold that began before it
        held = journal.held(self._able.hold_ms, now)
        self._sent = {each: self._steady() - (now - sent_at) for each, sent_at in held.items()}
        self._line = journal.line()
        if isinstance(self._line, Paused):  # a restart is how a person says that it is repaired
            self._line = Paused(self._line.detail, self._line.sentence, 0)
        self._status = exchange.status()
        self._tell(State.STARTING, "", now)

    @property
    def status(self) -> Status:
        """What the kiosk was told last."""
        return self._status

    def hurry(self) -> None:
        """Make the next attempts now, whatever the schedule says; what may have arrived is still held."""
        self._journal.hurry()
        self._hurried_at = self._clock()
        match self._line:
            case Open():
                self._line = Open()
            case Paused(detail, sentence, _):
                self._line = Paused(detail, sentence, 0)

    def pause(self, error: BackendMisconfigured) -> None:
        """Somebody else has found that a person must repair something."""
        self._pause(error, self._clock())

    def step(self) -> bool:
        """Take in what is new, then ask about or send a few events; True if another step may follow at once.

        Raises:
            ExchangeError: the exchange or the journal is gone, damaged or locked.
        """
        now = self._clock()
        if self._chores_at is None or not 0 <= now - self._chores_at < CHORES_MS:
            self._chores_at = now
            self._chores(now)
        absorbed, settled = self._intake.absorb(now, pairs=self._able.pairs)
        self._settled(settled, now)
        acted = self._may_send(now) and self._line_is_good(now) and self._act(now)
        late = self._done_since is None or not 0 <= now - self._done_since < FLUSH_AFTER_MS
        if self._done and (late or not acted or len(self._done) >= FLUSH):
            self._flush(now)
        return absorbed or acted

    # the line

    def _may_send(self, now: int) -> bool:
        """Nothing goes to whom the register does not hold; all of it waits, and nothing is lost."""
        admitted, shown = self._admits(), self._status.detail == NOT_REGISTERED
        if not admitted and not shown:
            self._tell(State.CONFIG, NOT_REGISTERED, now)
        elif admitted and shown:
            self._tell(State.STARTING, "", now)
            self._checked_at = None
        return admitted

    def _line_is_good(self, now: int) -> bool:
        if not line_due(self._line, now):
            return False
        checked = self._checked_at is not None and 0 <= now - self._checked_at < CHECK_MS
        return (checked and isinstance(self._line, Open)) or self._preflight(now)

    def _preflight(self, now: int) -> bool:
        """Look whether the server is the right one and has all that we need, before anything is sent to it."""
        try:
            health = self._backend.preflight(now)
        except BackendDown as error:
            self._down(error, now)
            return False
        except BackendMisconfigured as error:
            self._pause(error, now)
            return False
        wrong = next((one for one in health.remarks if one.blocks), None)
        if wrong is not None:
            self._pause(BackendMisconfigured(wrong.code, wrong.sentence), now)
            return False
        self._checked_at = now
        self._warning = next((_word(one.code) for one in health.remarks), "")
        if isinstance(self._line, Paused):
            self._put_line(Open())
        if self._line == Open():
            self._tell(State.OK, self._warning, now)
        return True

    def _down(self, error: BackendDown, now: int) -> None:
        self._put_line(line_down(self._line, error.retry_after_ms, now, self._chance()))
        _log.info("outcome=%s wait_ms=%d", _word(error.detail), max(0, self._line.next_attempt_at - now))
        self._tell(State.OFFLINE, _word(error.detail), now)

    def _pause(self, error: BackendMisconfigured, now: int) -> None:
        self._put_line(paused(error, now))
        _log.error("outcome=%s paused", _word(error.detail))
        self._tell(State.CONFIG, _word(error.detail), now)

    def _put_line(self, line: Line) -> None:
        self._journal.put_line(line)
        self._line = line

    # what is due

    def _act(self, now: int) -> bool:
        """By turns, so that neither many questions nor many events hold up the others."""
        turns = (self._ask, self._send) if self._ask_first else (self._send, self._ask)
        self._ask_first = not self._ask_first
        return any(turn(now) for turn in turns)

    def _ask(self, now: int) -> bool:
        hold, steady = self._able.hold_ms, self._steady()
        due = self._journal.uncertain(self._able.batch_size, hold, now)
        tracks = {
            one.event_id: one.track for one in due if steady - self._sent.get(one.event_id, steady - hold) >= hold
        }
        punches, changed = self._intake.load([one for one in due if one.event_id in tracks])
        if changed:
            self._commit(changed, self._line, now, stored=False)
        if not punches:
            return bool(changed)
        found: Mapping[str, str | None] = {}
        try:
            found = self._backend.reconcile(punches, now)
        except BackendDown as error:
            self._down(error, self._clock())
            return False
        except BackendMisconfigured as error:
            self._pause(error, self._clock())
            return False
        except Exception as error:  # noqa: BLE001 - a bug about one event must not hold up the others
            _log.error("asking about events=%d failed: %s", len(punches), type(error).__name__)
        now, stored_at = self._clock(), self._journal.number("stored_at") or 0
        after = {
            one.event_id: after_ask(
                tracks[one.event_id], one.event_id, found, stored_at, now, self._patience(tracks[one.event_id])
            )
            for one in punches
        }
        self._commit(after, self._line, now, stored=any(isinstance(one.state, Settled) for one in after.values()))
        return True

    def _patience(self, track: Track) -> float:
        """What was sent before somebody asked to hurry is sent again at once, if it is not there."""
        hurried = isinstance(track.state, Uncertain) and track.state.sent_at < self._hurried_at
        return 0.0 if hurried else self._chance()

    def _send(self, now: int) -> bool:
        ready = map(self._journal.find, self._journal.ready(self._able.batch_size, now, whole=self._able.whole))
        punches, changed = self._intake.load([one for one in ready if one is not None])
        if changed:
            self._commit(changed, self._line, now, stored=False)
        begun = self._journal.begin([one.event_id for one in punches], now, whole=self._able.whole)
        punches = [one for one in punches if one.event_id in begun]
        if not punches:
            return bool(changed)
        said: dict[str, Result] = {}
        lost = "no_result"
        try:
            said = {one.event_id: one for one in self._backend.push(punches, now)}
        except BackendDown as error:
            self._commit({each: not_taken(track) for each, track in begun.items()}, self._line, now, stored=False)
            self._down(error, self._clock())
            return False
        except BackendMisconfigured as error:  # it may have taken in some of them before it found out
            unsure = {each: unanswered(track) for each, track in begun.items()}
            self._commit(unsure, self._line, now, stored=False)
            self._pause(error, self._clock())
            return False
        except Exception as error:  # noqa: BLE001 - a bug about one event must not hold up the others
            _log.error("sending first=%s failed: %s", punches[0].event_id, type(error).__name__)
            lost = "backend_bug"
        finally:
            self._sent |= dict.fromkeys(begun, self._steady())
        results = {each: said.get(each) or Unknown(each, lost) for each in begun}
        self._judge(punches, begun, results)
        return True

    def _judge(self, punches: Sequence[Punch], begun: Mapping[str, Track], results: Mapping[str, Result]) -> None:
        now = self._clock()
        after = {
            one.event_id: after_push(begun[one.event_id], results[one.event_id], one.event, now, self._chance())
            for one in punches
        }
        line = self._line if isinstance(self._line, Open) else Open()
        line = line_after(line, tuple(results.values()), now, self._chance())
        stored = any(isinstance(one, Stored) for one in results.values())
        self._commit(after, line, now, stored=stored)
        failed = next((one.detail for one in results.values() if isinstance(one, Unknown | Retry)), "")
        _log.info(
            "first=%s events=%d settled=%d outcome=%s",
            punches[0].event_id,
            len(punches),
            sum(isinstance(one.state, Settled) for one in after.values()),
            _word(failed) if failed else "answered",
        )
        if line.attempts:
            self._tell(State.OFFLINE, _word(failed), now)
        elif stored and (self._status.state, self._status.detail) != (State.OK, self._warning):
            self._tell(State.OK, self._warning, now)  # which looks through all that waits

    # what is written down

    def _commit(self, tracks: Mapping[str, Track], line: Line, now: int, *, stored: bool) -> None:
        """The journal first: what it says is settled is settled in the exchange a moment later, or after a crash."""
        self._journal.finish(tracks, line, now, pairs=self._able.pairs, stored=stored)
        self._line = line
        for event_id, track in tracks.items():
            match track.state:
                case Settled():
                    self._settled([event_id], now)
                case Dead(why, _, _, _):
                    self._exchange.park([event_id], why.value)
                    _log.warning("set aside event=%s reason=%s", event_id, why.value)
                case Pending():
                    pass
                case Inflight() | Uncertain():
                    continue
                case _:
                    assert_never(track.state)
            self._sent.pop(event_id, None)
        if any(isinstance(track.state, Dead) for track in tracks.values()):
            self._tell(self._status.state, self._status.detail, now)

    def _settled(self, event_ids: Sequence[str], now: int) -> None:
        if event_ids and not self._done:
            self._done_since = now
        self._done += event_ids

    def _flush(self, now: int) -> None:
        """Settle in the exchange, many at a time: a commit for each would wear out the disk."""
        last = self._journal.number("last_ack_ms")
        status = Status(self._status.state, last, self._status.detail, self._status.level)
        self._exchange.settle_delivered(self._done, now, status)
        self._status, self._done = status, []

    def _chores(self, now: int) -> None:
        self._journal.steady(now)
        # the kiosk has taken back what it handed over to a person, or what was an erased person's
        _, back = self._intake.load(self._journal.dead())
        back = {each: track for each, track in back.items() if isinstance(track.state, Settled)}
        if back:
            self._commit(back, self._line, now, stored=False)
        gone = self._exchange.purge(now)
        forgotten = self._journal.prune(self._exchange.told(), now)
        if gone or forgotten:
            _log.info("purged rows=%d forgotten=%d", gone, forgotten)
        self._tell(self._status.state, self._status.detail, now)

    def _tell(self, state: State, detail: str, now: int) -> None:
        last = self._journal.number("last_ack_ms")
        status = Status(state, last, detail, worry(self._exchange, state, self._disk(), now))
        if status != self._status:
            self._exchange.put_status(status)
            self._status = status


def _word(code: str) -> str:
    """A backend's plain code as the exchange takes it."""
    return code if WORD.match(code) and not code.startswith(("amber", "red_")) else "not_a_plain_code"
