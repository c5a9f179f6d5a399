"""What can happen at the door, one frozen class each; refuses values that the wire could not spell."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from wire import canonical, checks
from wire.canonical import INTEGER_LIMIT
from wire.errors import FormatError

_UNCERTAINTY_LIMIT = 2**31 - 1
DESTINATION_CHARACTERS = 48
NOTE_CHARACTERS = 64
REFERENCE_CHARACTERS = 32
COST_CENTRE_CHARACTERS = 24
DETAILS_BYTES = 216
"""The four texts of a trip together, as canonical JSON spells them: plain Latin letters always fit."""


class Action(StrEnum):
    """What a person did at the door."""

    IN = "in"
    OUT = "out"
    BREAK_START = "break_start"
    BREAK_END = "break_end"
    OVERTIME_START = "overtime_start"
    OVERTIME_END = "overtime_end"
    TRIP_LEAVE = "trip_leave"
    TRIP_RETURN = "trip_return"


class Method(StrEnum):
    """How the person was known; `claimed` means nobody checked, and a human will."""

    FACE = "face"
    PIN = "pin"
    BADGE = "badge"
    CLAIMED = "claimed"


class ClockState(StrEnum):
    """Whether the wall clock could be believed."""

    SYNCED = "synced"
    UNSYNCED = "unsynced"
    STEPPED = "stepped"


class NoticeKind(StrEnum):
    """What changed for a person, without saying why."""

    ENROLLED = "enrolled"
    ERASED = "erased"
    RESTRICTED = "restricted"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    RESTRICTION_LIFTED = "restriction_lifted"
    ATTENDANCE_RESTRICTED = "attendance_restricted"
    ATTENDANCE_RELEASED = "attendance_released"


class Decision(StrEnum):
    """What a human decided about an act; what the person or the machine said before no longer counts."""

    ADDED = "added"  # it happened and no event says so
    ACTION = "action"  # it was another action
    TIME = "time"  # it was at another time, and perhaps another action
    ANNULLED = "annulled"  # it did not happen, or was somebody else's
    CONFIRMED = "confirmed"  # it happened as the event says


class TripReason(StrEnum):
    """What a business trip is for."""

    CLIENT = "client"  # a visit to a client
    WORKSITE = "worksite"  # work at another site or branch
    TRAINING = "training"
    MEETING = "meeting"  # a meeting or a conference
    DELIVERY = "delivery"  # something is taken there or fetched
    ERRAND = "errand"  # at an authority, a bank, a post office
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks at the moment of the event.

    Args:
        zone: IANA name of the site's time zone, at most 64 characters.
        boottime_ms: CLOCK_BOOTTIME in ms, 0 to 2**53 - 1.
        boot_id: UUID of this boot, lower case.
        state: whether the wall clock could be believed.
        uncertainty_s: how far the wall clock may be off, 0 to 2**31 - 1 s.
    """

    zone: str
    boottime_ms: int
    boot_id: str
    state: ClockState
    uncertainty_s: int

    def __post_init__(self) -> None:
        checks.zone(self.zone)
        checks.integer(self.boottime_ms, "boottime_ms", 0, INTEGER_LIMIT)
        checks.uuid(self.boot_id)
        _member(self.state, ClockState)
        checks.integer(self.uncertainty_s, "uncertainty_s", 0, _UNCERTAINTY_LIMIT)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One act at the door.

    Args:
        event_id: UUIDv7, lower case.
        person: the employee code, 1 to 64 characters, at most 128 bytes in UTF-8.
        action: what was done.
        occurred_at: wall clock, ms since 1970 in UTC.
        clock: the other clocks.
        method: how the person was known.
        site: name of the site, at most 64 characters and 128 bytes; may be empty.
    """

    event_id: str
    person: str
    action: Action
    occurred_at: int
    clock: Clock
    method: Method
    site: str

    def __post_init__(self) -> None:
        _check_common(self)
        _member(self.action, Action)
        _member(self.method, Method)


@dataclass(frozen=True, slots=True)
class Correction:
    """The person says that the event `refers_to` should have been this action; the first event stays as it is."""

    event_id: str
    person: str
    refers_to: str
    action: Action
    occurred_at: int
    clock: Clock
    method: Method
    site: str

    def __post_init__(self) -> None:
        _check_common(self)
        _member(self.action, Action)
        _member(self.method, Method)
        _check_reference(self)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A person said "not me" about the event `refers_to`."""

    event_id: str
    person: str
    refers_to: str
    occurred_at: int
    clock: Clock
    site: str

    def __post_init__(self) -> None:
        _check_common(self)
        _check_reference(self)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something changed for a person that HQ must know."""

    event_id: str
    kind: NoticeKind
    person: str
    occurred_at: int
    clock: Clock
    site: str

    def __post_init__(self) -> None:
        _check_common(self)
        _member(self.kind, NoticeKind)


@dataclass(frozen=True, slots=True)
class Amendment:
    """A human has decided how an act of a person counts from now on; the event it is about stays as it is.

    Args:
        event_id: UUIDv7, lower case.
        person: the employee code.
        refers_to: the check-in, or the amendment that added one; "" if and only if nothing stood before (`added`).
        decision: what was decided.
        action: what counts; of what is annulled: what no longer counts.
        occurred_at: when the act happened, as it counts; ms since 1970 in UTC.
        decided_at: when the human decided, by the same device's wall clock.
        clock: the other clocks at `decided_at`; they say nothing about `occurred_at`, which a human vouches for.
        site: name of the site.
    """

    event_id: str
    person: str
    refers_to: str
    decision: Decision
    action: Action
    occurred_at: int
    decided_at: int
    clock: Clock
    site: str

    def __post_init__(self) -> None:
        _check_common(self)
        _member(self.decision, Decision)
        _member(self.action, Action)
        checks.moment(self.decided_at, "decided_at")
        if (self.decision is Decision.ADDED) != (self.refers_to == ""):
            raise FormatError("only what is added refers to no event")
        if self.refers_to:
            _check_reference(self)


@dataclass(frozen=True, slots=True)
class TripDetails:
    """What a business trip is for; the last one about an act counts. It names no site: the act has it.

    Args:
        event_id: UUIDv7, lower case.
        person: the employee code.
        refers_to: the act of leaving or returning: a check-in, or the amendment that added one.
        occurred_at: when the details were given, ms since 1970 in UTC.
        clock: the other clocks then.
        destination: where to, 1 to 48 characters.
        reason: what for, out of a closed list.
        note: more about it, at most 64 characters; may be empty.
        reference: number of an order or approval, at most 32 characters; may be empty.
        cost_centre: who pays, at most 24 characters; may be empty.

    The four texts together take at most 216 bytes as canonical JSON spells them, each at most two for a character.
    """

    event_id: str
    person: str
    refers_to: str
    occurred_at: int
    clock: Clock
    destination: str
    reason: TripReason
    note: str
    reference: str
    cost_centre: str

    def __post_init__(self) -> None:
        _check_common(self)
        _check_reference(self)
        _member(self.reason, TripReason)
        texts = (
            _detail(self.destination, "destination", DESTINATION_CHARACTERS, least=1),
            _detail(self.note, "note", NOTE_CHARACTERS),
            _detail(self.reference, "reference", REFERENCE_CHARACTERS),
            _detail(self.cost_centre, "cost centre", COST_CENTRE_CHARACTERS),
        )
        if sum(len(canonical.encode(text)) - len('""') for text in texts) > DETAILS_BYTES:
            raise FormatError("trip: the four texts together are too long")


Event: TypeAlias = CheckIn | Correction | Dispute | Notice | Amendment | TripDetails


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event as HQ gets it: with its place in the ledger (`seq`), the 16-byte salt, and the bytes committed to."""

    event: Event
    device: str
    seq: int
    salt: bytes
    clear: bytes


def _member(value: object, kind: type[StrEnum]) -> None:
    if not isinstance(value, kind):
        raise FormatError(f"not a {kind.__name__}")


def _detail(value: str, what: str, most: int, least: int = 0) -> str:
    return checks.text(value, what, least=least, most=most, most_bytes=2 * most)


def _check_reference(event: Correction | Dispute | Amendment | TripDetails) -> None:
    if checks.uuid7_text(event.refers_to) == event.event_id:
        raise FormatError("an event cannot be about itself")


def _check_common(event: Event) -> None:
    checks.uuid7_text(event.event_id)
    checks.code(event.person)
    checks.moment(event.occurred_at, "occurred_at")
    if not isinstance(event.clock, Clock):
        raise FormatError("not a Clock")
    if not isinstance(event, TripDetails):
        checks.site(event.site)
