"""What becomes of one event on its way to a backend; pure: refuses to send again what may have arrived.

Every state is committed before the act that it announces. An event that was sent and not answered is `Uncertain`: it
is held until the server cannot be at work on it any more, then the backend is asked, and only what it certainly does
not have is sent again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never

from sync.contract import BackendMisconfigured, Rejected, Result, Retry, Stored, Unknown, Why
from sync.delivery import PROBE_MS, passed, wait_ms
from wire.event import Event, Notice, NoticeKind

FAULTS: Final = 5
FAULTS_OVER_MS: Final = 86_400_000
FAULTY: Final = ("http_500", "backend_bug")  # what an Unknown begins with that the event itself may be to blame for
FAILING_MOST: Final = 3  # different events that fail in a row: then it is the line, not they


@dataclass(frozen=True, slots=True)
class Pending:
    """Not sent, or certainly not taken in; not before `next_attempt_at`, ms since 1970."""

    attempts: int = 0
    next_attempt_at: int = 0


@dataclass(frozen=True, slots=True)
class Inflight:
    """Being sent for the `attempt`-th time since `sent_at`."""

    attempt: int
    sent_at: int


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Sent and not answered; asked about once the hold is over, and not before `next_attempt_at`."""

    attempt: int
    sent_at: int
    next_attempt_at: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """The backend has it, or a person does; `how` is a plain code."""

    how: str


@dataclass(frozen=True, slots=True)
class Dead:
    """A dead letter: set aside for a person to look at; `attempt` and `sent_at` are those of the last try."""

    why: Why
    detail: str
    attempt: int
    sent_at: int


State: TypeAlias = Pending | Inflight | Uncertain | Settled | Dead


@dataclass(frozen=True, slots=True)
class Faults:
    """How often the server has failed over this event, and when first."""

    count: int = 0
    first_at: int = 0


@dataclass(frozen=True, slots=True)
class Track:
    """One event's state, and how often the server has failed over it."""

    state: State = Pending()
    faults: Faults = Faults()


@dataclass(frozen=True, slots=True)
class Open:
    """The line to the backend may be used, not before `next_attempt_at`.

    Args:
        attempts: failures in a row.
        next_attempt_at: ms since 1970.
        failing: events that failed since one was last taken in.
    """

    attempts: int = 0
    next_attempt_at: int = 0
    failing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Paused:
    """A person must repair something; looked at again at `next_attempt_at`. `sentence` is for people."""

    detail: str
    sentence: str
    next_attempt_at: int


Line: TypeAlias = Open | Paused


def blocks(state: State, *, pairs: bool) -> bool:
    """Whether the person's later events wait for this one.

    In a backend of pairs whatever follows a dead letter would be put to the wrong pair; what the backend has no place
    for at all is in no pair.
    """
    match state:
        case Pending() | Inflight() | Uncertain():
            return True
        case Settled():
            return False
        case Dead():
            return pairs and state.why not in (Why.NOT_HELD, Why.UNREADABLE)
        case _:
            assert_never(state)


def after_push(track: Track, result: Result, event: Event, now_ms: int, chance: float) -> Track:
    """What a result makes of an event in flight.

    Args:
        track: its state is Inflight.
        result: about this very event.
        event: what was sent.
        now_ms: now.
        chance: uniform in [0, 1).
    """
    state = track.state
    if not isinstance(state, Inflight):
        raise TypeError("not in flight")
    match result:
        case Stored():
            return Track(Settled("duplicate" if result.duplicate else "stored"))
        case Rejected():
            if result.why is Why.NOT_HELD and isinstance(event, Notice) and event.kind is NoticeKind.ENROLLED:
                return Track(Settled("nothing_to_hold"))  # nobody has to do anything about it
            return replace(track, state=Dead(result.why, result.detail, state.attempt, state.sent_at))
        case Retry():
            wait = wait_ms(state.attempt, result.retry_after_ms, chance)
            return replace(track, state=Pending(state.attempt, now_ms + wait))
        case Unknown():
            faults = _one_more(track.faults, now_ms) if result.detail.startswith(FAULTY) else track.faults
            return Track(Uncertain(state.attempt, state.sent_at), faults)
        case _:
            assert_never(result)


def _one_more(faults: Faults, now_ms: int) -> Faults:
    first_at = faults.first_at if faults.count and faults.first_at <= now_ms else now_ms
    return Faults(faults.count + 1, first_at)


def after_ask(  # noqa: PLR0913, PLR0917 - what an answer is judged by
    track: Track, event_id: str, found: Mapping[str, str | None], last_stored_at: int, now_ms: int, chance: float
) -> Track:
    """What the backend's answer makes of an event that is uncertain.

    Args:
        track: its state is Uncertain.
        event_id: of the event.
        found: what `reconcile` said; an event that is not in it stays uncertain.
        last_stored_at: when the backend last took in any event, ms since 1970.
        now_ms: now.
        chance: uniform in [0, 1).
    """
    state = track.state
    if not isinstance(state, Uncertain):
        raise TypeError("not uncertain")
    if event_id not in found:
        wait = wait_ms(state.attempt + 1, None, chance)
        return replace(track, state=replace(state, attempt=state.attempt + 1, next_attempt_at=now_ms + wait))
    if found[event_id] is not None:
        return Track(Settled("found"))
    if _a_bug(track.faults, last_stored_at, now_ms):
        return Track(Dead(Why.SERVER_BUG, FAULTY[0], state.attempt, state.sent_at))
    wait = wait_ms(state.attempt - 1, None, chance) if state.attempt > 1 else 0  # once the hold was wait enough
    return replace(track, state=Pending(state.attempt, now_ms + wait))


def _a_bug(faults: Faults, last_stored_at: int, now_ms: int) -> bool:
    """The same fault five times over a day while others pass."""
    over = now_ms - faults.first_at >= FAULTS_OVER_MS
    return faults.count >= FAULTS and over and last_stored_at > faults.first_at


def line_after(line: Open, results: tuple[Result, ...], now_ms: int, chance: float) -> Open:
    """What a push makes of the line: one event that fails waits for itself; where all do, everything waits."""
    if any(isinstance(one, Stored | Rejected) for one in results):
        return Open()
    failing = line.failing | {one.event_id for one in results}
    if len(failing) < FAILING_MOST:
        return replace(line, failing=failing)
    asked = [one.retry_after_ms for one in results if isinstance(one, Retry) and one.retry_after_ms is not None]
    attempts = line.attempts + 1
    return Open(attempts, now_ms + wait_ms(attempts, max(asked, default=None), chance), failing)


def not_taken(track: Track) -> Track:
    """The backend promises that it took nothing in: as if it had not been tried. Its state is Inflight."""
    return replace(track, state=Pending(track.state.attempt - 1)) if isinstance(track.state, Inflight) else track


def unanswered(track: Track) -> Track:
    """Nobody knows what the backend took in. Its state is Inflight."""
    state = track.state
    return replace(track, state=Uncertain(state.attempt, state.sent_at)) if isinstance(state, Inflight) else track


def unreadable() -> Track:
    """What the kiosk handed over does not open."""
    return Track(Dead(Why.UNREADABLE, "does_not_open", 0, 0))


def line_down(line: Line, retry_after_ms: int | None, now_ms: int, chance: float) -> Open:
    """The backend took nothing in: back off, as often as it takes."""
    attempts = line.attempts + 1 if isinstance(line, Open) else 1
    failing = line.failing if isinstance(line, Open) else frozenset[str]()
    return Open(attempts, now_ms + wait_ms(attempts, retry_after_ms, chance), failing)


def paused(error: BackendMisconfigured, now_ms: int) -> Paused:
    """Nothing is sent until a probe finds it repaired; one each 15 min."""
    return Paused(error.detail, error.sentence, now_ms + PROBE_MS)


def line_due(line: Line, now_ms: int) -> bool:
    """Whether it is time to use the line, or to probe a paused one."""
    return passed(line.next_attempt_at, now_ms)
