"""What the check-in screen asks to be done: a closed union of effects; no repr shows a PIN, code or name."""

from dataclasses import dataclass, field

from kiosk.flow.actions import Action, Method


@dataclass(frozen=True, slots=True)
class StartLooking:
    """Begin to recognise, or to verify the one person whose code and PIN were given; answers carry this attempt."""

    attempt: int
    claimed: str = ""


@dataclass(frozen=True, slots=True)
class StartScanning:
    """Begin to read QR codes and nothing else; answers are BadgeSeen with this attempt, until StopLooking."""

    attempt: int


@dataclass(frozen=True, slots=True)
class StopLooking:
    """Rest: nobody is processed until the next act."""


@dataclass(frozen=True, slots=True)
class CheckPin:
    """Ask the store; answers are PinAccepted, PinRefused or SaveFailed."""

    attempt: int
    code: str = field(repr=False)
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckHolderPin:
    """Ask the store about the PIN of one person; answers are PinAccepted, PinRefused or SaveFailed."""

    attempt: int
    person: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckBadge:
    """Ask the store whose badge it is; answers are BadgeAccepted, BadgeRefused or SaveFailed."""

    attempt: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShowSlip:
    """Let somebody look at the slip of a business trip that was held up; nothing is recorded by it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask for the name and the last action of somebody known by `method`; the answer is Resolved or SaveFailed."""

    attempt: int
    person: str
    method: Method


@dataclass(frozen=True, slots=True)
class Save:
    """Record a check-in; the answer is Committed or SaveFailed."""

    attempt: int
    person: str
    action: Action
    method: Method


@dataclass(frozen=True, slots=True)
class SaveCorrection:
    """Record that event_id should have been this action; the answer is Committed or SaveFailed."""

    attempt: int
    event_id: str
    person: str
    action: Action
    method: Method


@dataclass(frozen=True, slots=True)
class SaveDispute:
    """Record that event_id was not this person; the answer is Committed or SaveFailed."""

    attempt: int
    event_id: str
    person: str


@dataclass(frozen=True, slots=True)
class CheckHealth:
    """Try whether the fault has passed; the answer is Repaired, or nothing."""


Question = CheckPin | CheckHolderPin | CheckBadge | LookUp | Save | SaveCorrection | SaveDispute
Effect = Question | StartLooking | StartScanning | StopLooking | ShowSlip | CheckHealth
