"""What follows from a reply; pure: reads no clock, draws no chance, and settles nothing that has no receipt."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from sync.replies import Accepted, Kind, Refusal, Reply

BASE_MS: Final = 2_000
CAP_MS: Final = 900_000
PROBE_MS: Final = 900_000
RETRY_AFTER_MS: Final = (1_000, 3_600_000)
LONGEST_WAIT_MS: Final = 3_600_000
FIRST_ROWS: Final = 64  # about 64 KiB with events; doubled by each success, so that a slow line starts small
MOST_ROWS: Final = 500
STRIKES: Final = 5  # the same fault so often: look which event it is about
SUSPECTS: Final = 3
LETTER_PAUSE_MS: Final = 3_600_000
SHORT_PAUSE_MS: Final = 60_000  # doubled with each try
LETTER_TRIES: Final = 5
LETTER_DAY_MS: Final = 86_400_000


class BatchState(StrEnum):
    """Where an encoded batch stands; each is committed before the act it announces."""

    PENDING = "pending"
    INFLIGHT = "inflight"
    UNKNOWN = "unknown"
    SETTLED = "settled"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why an event is set aside."""

    FIELD_REJECTED = "field_rejected"
    SERVER_BUG = "server_bug"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Plan:
    """The durable schedule of one recipient.

    Args:
        attempts: failures in a row.
        next_attempt_at: not before, ms since 1970.
        rows: how many rows the next new batch aims at, 1 to 500.
        events: how many events it may carry; None for all, 0 for the bare spine.
        strikes: faults of the server in a row.
        suspects: events set aside since one was last accepted.
    """

    attempts: int = 0
    next_attempt_at: int = 0
    rows: int = FIRST_ROWS
    events: int | None = None
    strikes: int = 0
    suspects: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: how many rows, which events, how many wait in those rows; whether HQ holds the rows already."""

    rows: int
    events: tuple[str, ...]
    waiting: int
    spine_known: bool


@dataclass(frozen=True, slots=True)
class Settle:
    """These events and this size are receipted; `parked` are set aside."""

    events: frozenset[str]
    size: int
    note: str
    parked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resend:
    """The very same bytes again, when the plan says so."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """This batch is refused for good: another is made; `parked` is set aside for `reason`."""

    parked: tuple[str, ...] = ()
    reason: Reason = Reason.FIELD_REJECTED


Act: TypeAlias = Settle | Resend | Rebuild


def due(plan: Plan, now_ms: int) -> bool:
    """Whether it is time; a wait longer than any that is ever set means that the clock was set back."""
    return passed(plan.next_attempt_at, now_ms)


def passed(moment_ms: int, now_ms: int) -> bool:
    """Whether a moment that a wait ends at has come; one further away than any wait is none (`due`)."""
    return not 0 < moment_ms - now_ms <= LONGEST_WAIT_MS


def backoff_ms(attempts: int, chance: float) -> int:
    """Full jitter: uniform between 0 and 2 s doubled with each failure after the first, at most 15 min.

    Args:
        attempts: failures in a row, 1 or more.
        chance: uniform in [0, 1).
    """
    return int(chance * min(CAP_MS, BASE_MS << min(attempts - 1, 20)))


def wait_ms(attempts: int, retry_after_ms: int | None, chance: float) -> int:
    """How long to wait after so many failures: what the server asks for, between 1 s and 1 h, but the jitter at least.

    Args:
        attempts: failures in a row, 1 or more.
        retry_after_ms: what the server asks for, None if it does not.
        chance: uniform in [0, 1).
    """
    wait = backoff_ms(attempts, chance)
    if retry_after_ms is None:
        return wait
    least, most = RETRY_AFTER_MS
    return max(wait, min(max(retry_after_ms, least), most))


def next_step(plan: Plan, sent: Sent, reply: Reply, now_ms: int, chance: float) -> tuple[Plan, Act]:
    """What follows from a reply; the caller commits the plan and the state before it acts again."""
    if isinstance(reply, Accepted):
        return _accepted(plan, sent, reply)
    if reply.kind is Kind.PERMANENT:
        return _narrow(plan, sent, Reason.FIELD_REJECTED, now_ms)
    if reply.kind is Kind.TOO_LARGE:
        if plan.rows == 1:
            return _narrow(plan, sent, Reason.FIELD_REJECTED, now_ms)
        return replace(plan, rows=max(1, min(plan.rows, sent.rows) // 2), next_attempt_at=now_ms), Rebuild()
    if reply.kind in (Kind.CONFIG, Kind.HISTORY):
        return replace(plan, next_attempt_at=now_ms + PROBE_MS), Resend() if reply.kind is Kind.CONFIG else Rebuild()
    return _again(plan, sent, reply, now_ms, chance)


def _again(plan: Plan, sent: Sent, reply: Refusal, now_ms: int, chance: float) -> tuple[Plan, Act]:
    later = _later(plan, reply, now_ms, chance)
    if reply.kind is Kind.FAULT:
        later = replace(later, strikes=plan.strikes + 1)
        if later.strikes >= STRIKES and sent.events:
            return _narrow(later, sent, Reason.SERVER_BUG, now_ms)
    if reply.kind is Kind.UNKNOWN and later.attempts >= STRIKES:
        # the line may be too slow for so much in one go, or one event breaks something on the way; HQ knows every
        # event by its id, so a smaller batch is safe, and each size gets as many attempts again
        if plan.rows > FIRST_ROWS:
            return replace(later, attempts=0, rows=FIRST_ROWS), Rebuild()
        if sent.events:
            narrowed, act = _narrow(replace(later, attempts=0), sent, Reason.NOT_ACKNOWLEDGED, now_ms)
            # before another one is blamed, the bare spine has to show that the line itself is good
            return (replace(narrowed, events=0) if act.parked else narrowed), act
    return later, Resend()


def _accepted(plan: Plan, sent: Sent, reply: Accepted) -> tuple[Plan, Act]:
    """HQ has said which events it holds; the others wait beside the queue, so that they hold up nobody."""
    acked = frozenset(sent.events) & reply.acked
    missing = tuple(event for event in sent.events if event not in acked)
    settle = Settle(acked, reply.size, reply.note, missing)
    suspects = 0 if acked else plan.suspects
    rows = min(MOST_ROWS, plan.rows * 2)
    events = None
    if plan.events is not None:
        events = plan.events * 2 if plan.events else max(1, sent.waiting // 2)
    if events is None or events >= MOST_ROWS:
        return Plan(rows=rows, suspects=suspects), settle
    return Plan(rows=rows, events=events, strikes=plan.strikes, suspects=suspects), settle


def _later(plan: Plan, refusal: Refusal, now_ms: int, chance: float) -> Plan:
    attempts = plan.attempts + 1
    wait = wait_ms(attempts, refusal.retry_after_ms, chance)
    return replace(plan, attempts=attempts, next_attempt_at=now_ms + wait)


def _narrow(plan: Plan, sent: Sent, reason: Reason, now_ms: int) -> tuple[Plan, Rebuild]:
    """Find what is refused: first the bare spine, then half of the events, down to the one that is set aside.

    A server that refuses whatever it gets must not empty the queue: after three in a row each one more costs 15 min.
    """
    if not sent.events:
        return replace(plan, next_attempt_at=now_ms + PROBE_MS), Rebuild()
    if not sent.spine_known:
        return replace(plan, events=0, next_attempt_at=now_ms), Rebuild()
    if len(sent.events) > 1:
        return replace(plan, events=len(sent.events) // 2, next_attempt_at=now_ms), Rebuild()
    wait = 0 if plan.suspects < SUSPECTS else PROBE_MS
    plan = replace(plan, attempts=0, events=1, next_attempt_at=now_ms + wait, suspects=plan.suspects + 1)
    return plan, Rebuild(sent.events, reason)


def letter_due(reason: str, tries: int, first_at: int, last_at: int, now_ms: int) -> bool:
    """Whether an event that was set aside is tried again: a server may be repaired, a refused field is not.

    An event that was never refused is offered for ever; one that makes the server fail, for a day.

    Args:
        reason: one of Reason.
        tries: how often it was set aside.
        first_at: when it was set aside first, ms since 1970.
        last_at: when it was set aside last.
        now_ms: now.
    """
    if reason == Reason.NOT_ACKNOWLEDGED:
        pause = min(LETTER_PAUSE_MS, SHORT_PAUSE_MS << min(tries - 1, 10))
    elif reason == Reason.SERVER_BUG and (tries < LETTER_TRIES or now_ms - first_at < LETTER_DAY_MS):
        pause = LETTER_PAUSE_MS
    else:
        return False
    return not 0 <= now_ms - last_at < pause
