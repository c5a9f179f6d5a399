"""What every backend that takes events one by one promises; refuses an outcome that is not on its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from wire.event import Event
from wire.message import Policy, Roster


class Idempotency(StrEnum):
    """How a backend keeps an event from being stored twice."""

    KEY = "key"  # it refuses the same event id itself
    QUERY = "query"  # it can be asked whether it has the event
    NONE = "none"  # the event is written under a name of its own


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can hold.

    Args:
        batch_size: events in one push, 1 or more.
        pairs: one row for in and out (one bad event holds up its person), or one row for each.
        resolution_ms: how exactly it keeps time.
        idempotency: how an event is kept from being stored twice.
        hold_ms: how long a request whose answer was lost may still be at work on the server.
        whole: several events of one person may share a push: it is stored in its order, and nothing of a person after
            what was not stored.
    """

    batch_size: int
    pairs: bool
    resolution_ms: int
    idempotency: Idempotency
    hold_ms: int = 180_000
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Punch:
    """One event on its way: its place in the ledger, and what is said (wire.event).

    `reviewed`: a person has looked at it and wants it sent, although nobody was known at the door.
    """

    seq: int
    event: Event
    reviewed: bool = False

    @property
    def event_id(self) -> str:
        """The event's UUIDv7."""
        return self.event.event_id


class Why(StrEnum):
    """Why an event is set aside for a person to look at: a closed list."""

    UNKNOWN_EMPLOYEE = "unknown_employee"
    INACTIVE = "inactive"
    MISSING_CHECKOUT = "missing_checkout"
    OVERLAP = "overlap"
    OUTSIDE_GEOFENCE = "outside_geofence"
    CLOCK_DOUBTFUL = "clock_doubtful"
    FIELD_REJECTED = "field_rejected"
    SERVER_BUG = "server_bug"
    UNREADABLE = "unreadable"
    REVIEW = "review"  # claimed: becomes a check-in only after a person has looked
    NOT_HELD = "not_held"  # the backend has no place for it: a task, listed with old and new


@dataclass(frozen=True, slots=True)
class Stored:
    """The backend has the event, now or from before (`duplicate`); `remote` is its own id of the row."""

    event_id: str
    remote: str
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """It will not have it; `detail` is a plain code, never what the server wrote."""

    event_id: str
    why: Why
    detail: str


@dataclass(frozen=True, slots=True)
class Retry:
    """It did not take it in: again later, as often as it takes."""

    event_id: str
    detail: str
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have it: ask, before anything is sent again."""

    event_id: str
    detail: str


Result: TypeAlias = Stored | Rejected | Retry | Unknown


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding of a preflight: a plain code, the sentence a person reads, and whether nothing may be sent with it."""

    code: str
    sentence: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class Health:
    """What a preflight found; empty is well."""

    remarks: tuple[Remark, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether events may be sent."""
        return not any(remark.blocks for remark in self.remarks)


class BackendDown(Exception):  # noqa: N818 - the contract's word
    """Nothing was taken in and nothing is wrong with the events; `retry_after_ms` is what the server asks for."""

    def __init__(self, detail: str, retry_after_ms: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_ms = retry_after_ms


class BackendMisconfigured(Exception):  # noqa: N818 - the contract's word
    """A person must repair something before anything is sent: `detail` is a plain code, `sentence` says what to do."""

    def __init__(self, detail: str, sentence: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.sentence = sentence


class Backend(Protocol):
    """A server that takes events one by one. Each method may raise BackendDown or BackendMisconfigured."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can hold."""
        ...

    def preflight(self, now_ms: int) -> Health:
        """Ask, without writing anything, whether the server is the right one and has all that we need."""
        ...

    def push(self, punches: Sequence[Punch], now_ms: int) -> tuple[Result, ...]:
        """Send at most `batch_size` events; exactly one result each, in their order.

        BackendDown promises that none was taken in; a lost answer is Unknown.
        """
        ...

    def reconcile(self, punches: Sequence[Punch], now_ms: int) -> Mapping[str, str | None]:
        """For each event id the backend's row, or None where it certainly has none."""
        ...

    def pull_roster(self, cursor: str, now_ms: int) -> tuple[tuple[Roster, ...], str]:
        """What changed since `cursor` ("" asks for everybody): the parts of one roster, and the next cursor.

        No part at all: nothing changed.
        """
        ...

    def pull_policy(self, now_ms: int) -> Policy | None:
        """Shifts and their places; None where the backend has none."""
        ...
