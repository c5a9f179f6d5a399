"""What a person has asked for, and by when it must be answered; refuses an answer before the person is known.

Clocks: a request is answered within `company.clocks.request_hours` of its arrival (UU PDP 27/2022 Articles 30 to 33:
3 x 24 hours; GDPR Article 12(3): one month), put off once at most, with a reason (GDPR Article 12(3)).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

from kiosk.rights.company import Clocks
from kiosk.rights.dates import DAY_MS, HOUR_MS

REPEATED_WITHIN_MS: Final = 365 * DAY_MS
"""A request is a repeated one if the same person has asked for the same within so long."""


class Right(StrEnum):
    """What a person may ask for."""

    ACCESS = "access"  # GDPR Article 15
    RECTIFICATION = "rectification"  # 16
    ERASURE = "erasure"  # 17
    RESTRICTION = "restriction"  # 18
    PORTABILITY = "portability"  # 20
    OBJECTION = "objection"  # 21
    HUMAN_REVIEW = "human_review"  # 22(3)
    WITHDRAWAL = "withdrawal"  # of a consent, 7(3)


class How(StrEnum):
    """How a request arrived."""

    KIOSK = "kiosk"
    SHELL = "shell"
    FORM = "form"
    LETTER = "letter"


class State(StrEnum):
    """How far a request has come; the state of its paper."""

    OPEN = "open"
    IDENTIFIED = "identified"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Seen(StrEnum):
    """The kind of document that the officer has seen; its number is written down nowhere."""

    IDENTITY_CARD = "identity_card"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving_licence"
    RESIDENCE_PERMIT = "residence_permit"
    COMPANY_BADGE = "company_badge"


class ErasureGround(StrEnum):
    """Why data must go: GDPR Article 17(1)(a) to (e)."""

    NO_LONGER_NEEDED = "no_longer_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTION = "objection"
    UNLAWFUL = "unlawful"
    LEGAL_DUTY = "legal_duty"


class RefusalGround(StrEnum):
    """Why a request may be refused, always with a reason that the person is told."""

    LEGAL_CLAIMS = "legal_claims"  # GDPR Article 17(3)(e)
    LEGAL_OBLIGATION = "legal_obligation"  # 17(3)(b), with the law that is cited
    PUBLIC_INTEREST = "public_interest"  # 17(3)(b) to (d), with the law that is cited
    RIGHTS_OF_OTHERS = "rights_of_others"  # 15(4), 20(4)
    REPEATED = "repeated"  # 12(5)(b): manifestly repeated
    NOT_IDENTIFIED = "not_identified"  # 12(6), 11(2)
    ACCURATE = "accurate"  # what is to be corrected is right as it stands (16, 5(1)(d))


CITES_A_LAW: Final = frozenset({RefusalGround.LEGAL_OBLIGATION, RefusalGround.PUBLIC_INTEREST})


class Reminder(StrEnum):
    """What the officer is reminded of, in the order of time."""

    HALF_TIME = "half_time"
    DAY_BEFORE = "day_before"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class ByPin:
    """The person has typed their PIN; `by`: the account that was there, or "" at the door. `at`: ms UTC."""

    at: int
    by: str


@dataclass(frozen=True, slots=True)
class BySight:
    """The officer (`by`, an account) has seen a document of the person. `at`: ms UTC."""

    document: Seen
    at: int
    by: str


Identity: TypeAlias = ByPin | BySight


@dataclass(frozen=True, slots=True)
class Extension:
    """The answer was put off once by so many days, and why."""

    days: int
    reason: str = field(repr=False)
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class Fee:
    """What a manifestly repeated request costs, in words ("50,000 rupiah"), and why (GDPR Article 12(5)(a))."""

    amount: str
    reason: str = field(repr=False)
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What was done; `certificate`: id of the erasure that answers it, or ""."""

    note: str = field(repr=False)
    certificate: str
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not; `law`: what is cited, where a law is the ground."""

    ground: RefusalGround
    reason: str = field(repr=False)
    law: str
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The person does not want it any more."""

    at: int
    by: str


Outcome: TypeAlias = Answered | Refused | Withdrawn


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        right: what is asked for.
        how: how it arrived.
        text: in the person's own words; may be "".
        received_at: ms UTC.
        ground: of an erasure.
        identity: how the person was made sure of.
        extension: if it was put off.
        fee: if it costs something.
        outcome: how it ended.
    """

    right: Right
    how: How
    text: str = field(repr=False)
    received_at: int
    ground: ErasureGround | None = None
    identity: Identity | None = None
    extension: Extension | None = None
    fee: Fee | None = None
    outcome: Outcome | None = None

    @property
    def state(self) -> State:
        """How far it has come."""
        match self.outcome:
            case Answered():
                return State.ANSWERED
            case Refused():
                return State.REFUSED
            case Withdrawn():
                return State.WITHDRAWN
            case None:
                return State.OPEN if self.identity is None else State.IDENTIFIED
            case _:
                assert_never(self.outcome)


def due(received_at: int, clocks: Clocks, extended: int = 0) -> int:
    """By when a request is answered, ms UTC.

    Args:
        received_at: ms UTC.
        clocks: of the company.
        extended: days by which it was put off.
    """
    return received_at + clocks.request_hours * HOUR_MS + extended * DAY_MS


@dataclass(frozen=True, slots=True)
class Filed:
    """A request in the desk's register.

    Attributes:
        id: of its paper, 16 hexadecimal digits.
        person: random id, or "" for somebody whom the device does not know.
        state: how far it has come.
        created_at: when it was written down, ms UTC.
        due_at: by when it is answered, ms UTC.
        closed_at: when it ended, ms UTC.
        request: what it says; None once the person is erased.
        elsewhere: whether another command of the desk decides it; this one only shows it.
    """

    id: str
    person: str
    state: State
    created_at: int
    due_at: int
    closed_at: int | None
    request: Request | None
    elsewhere: bool = False

    def late(self, now: int) -> bool:
        """Whether its time is over and nobody has answered."""
        return self.closed_at is None and self.request is not None and now > self.due_at

    def reminders(self, now: int) -> tuple[Reminder, ...]:
        """What the officer has to be reminded of at `now` (ms UTC), oldest first; nothing of what is closed."""
        if self.closed_at is not None or self.request is None:
            return ()
        begun = self.request.received_at
        moments = (
            (Reminder.HALF_TIME, begun + (self.due_at - begun) // 2),
            (Reminder.DAY_BEFORE, self.due_at - DAY_MS),
            (Reminder.OVERDUE, self.due_at + 1),
        )
        return tuple(reminder for reminder, moment in moments if now >= moment)


def in_order(found: tuple[Filed, ...], now: int) -> tuple[Filed, ...]:
    """For the desk: what is overdue first, then what is due next, then what is closed, the newest first."""
    still_open = sorted((each for each in found if each.closed_at is None), key=lambda each: each.due_at)
    closed = sorted((each for each in found if each.closed_at is not None), key=lambda each: -(each.closed_at or 0))
    overdue = [each for each in still_open if each.late(now)]
    return (*overdue, *(each for each in still_open if not each.late(now)), *closed)


def repeats(found: tuple[Filed, ...], filed: Filed) -> int:
    """How often the same person had asked for the same within the twelve months before."""
    asked = filed.request
    if asked is None or not filed.person:
        return 0
    return sum(
        each.id != filed.id
        and each.person == filed.person
        and each.request is not None
        and each.request.right is asked.right
        and 0 <= asked.received_at - each.request.received_at <= REPEATED_WITHIN_MS
        for each in found
    )
