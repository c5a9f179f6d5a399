"""The states of the check-in screen and how long each may last; `until` is always a deadline in monotonic seconds."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from kiosk.faults import FaultCode
from kiosk.flow.actions import Action, Button, LastAction, Method
from kiosk.flow.events import Beside, Instruction

LOOK_S = 8.0
PIN_FORWARD_S = 4.0
ACT_S = 4.5  # as long as vision gives for a random act, and time to read it
ACTS = frozenset({Instruction.BLINK, Instruction.TURN_LEFT, Instruction.TURN_RIGHT})
VERIFY_S = 4.0
PIN_FORWARD_FAILURES = 2
CONFIRM_S = 10.0
PAD_S = 20.0
ANSWER_S = 5.0
RECORDED_S = 5.0
COOL_DOWN_S = 60.0
CHANGING_S = 8.0
REFUSED_S = 8.0
BADGE_S = 20.0
LATE_COMMIT_S = 20.0
FAULT_SHOWN_WITHIN_S = 2.5
HEALTH_EVERY_S = 5.0
PAUSE_REFUSALS = 3
PAUSE_WINDOW_S = 30.0

FACE_FAULTS = frozenset(
    {
        FaultCode.CAMERA_LOST,
        FaultCode.MODEL_MISSING,
        FaultCode.MODEL_ALTERED,
        FaultCode.MODEL_UNFIT,
        FaultCode.MODEL_UNKNOWN,
        FaultCode.MODEL_FETCH_FAILED,
        FaultCode.FACE_NOT_RELEASED,
    },
)
SLIP = "AS1"  # how the text of a slip begins, as in wire/slip.py (a test compares them)
# Without these no code is read either; a missing model takes nothing from a badge.
CAMERA_FAULTS = frozenset({FaultCode.CAMERA_LOST, FaultCode.FACE_NOT_RELEASED})
# About one person, while the store is sound: nothing is recorded, and the door goes on.
PERSONAL_FAULTS = frozenset({FaultCode.PERSON_UNKNOWN, FaultCode.CONSENT_MISSING, FaultCode.PERSON_DAMAGED})


class BadgeRule(StrEnum):
    """What a badge may do at this site."""

    OFF = "off"  # nobody is asked for one
    WITH_PIN = "with_pin"  # it stands in the place of the employee code
    ALONE = "alone"  # it records by itself


@dataclass(frozen=True, slots=True)
class Standing:
    """What stays true from screen to screen.

    Args:
        attempt: the last number given to a question; only its answer counts, older answers are stale.
        blind: why faces cannot be recognised now, or None.
        broken: why nothing can be recorded now, or None.
        refused_at: when faces and badges were refused within the last 30 s; three of them pause the face.
        always_confirm: the site wants a tap on every name before recording.
        face: the site recognises faces; without, an action leads to the PIN pad.
        verify: the site asks for code and PIN first; the face is then compared with that very person's alone.
        cool_down_s: for so long the same action again is the one that was recorded; 0 for never.
        badge: what a badge may do here.
    """

    attempt: int = 0
    blind: FaultCode | None = None
    broken: FaultCode | None = None
    refused_at: tuple[float, ...] = ()
    always_confirm: bool = False
    face: bool = True
    verify: bool = False
    cool_down_s: float = COOL_DOWN_S
    badge: BadgeRule = BadgeRule.WITH_PIN

    def next(self) -> Self:
        """Return the same with a fresh attempt: every answer still under way becomes stale."""
        return replace(self, attempt=self.attempt + 1)


class PadReason(StrEnum):
    """Why the PIN pad is open; none of them tells a name."""

    ASKED = "asked"
    NEAR = "near"
    BLIND = "blind"
    PAUSED = "paused"
    BADGE = "badge"


class Purpose(StrEnum):
    """What is being saved."""

    RECORD = "record"
    CORRECTION = "correction"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Idle:
    """Clock and buttons; nobody is processed."""

    standing: Standing = Standing()


@dataclass(frozen=True, slots=True)
class Looking:
    """The camera works for the person who tapped an action.

    `claimed` is the person whose code and PIN, or badge, were given already: they are recorded whatever the camera
    finds, by `proved` if it does not find them. With `acting` a random act was asked of them: leaving it then counts
    as a refusal, so that nobody can choose their act.
    """

    standing: Standing
    button: Button
    until: float
    failures: int = 0
    instruction: Instruction = Instruction.LOOK_HERE
    progress: float = 0.0
    claimed: str = ""
    acting: bool = False
    proved: Method = Method.PIN

    def pin_forward(self, now: float) -> bool:
        """Say whether the PIN is now the first thing offered: after 2 failures or 4 s."""
        return self.failures >= PIN_FORWARD_FAILURES or now >= self.until - LOOK_S + PIN_FORWARD_S


@dataclass(frozen=True, slots=True)
class PinPad:
    """Employee code and PIN; button is None when PIN was tapped before an action.

    With `verify` the camera looks for 4 s after the PIN was accepted; whoever asked for the PIN is not looked at.
    `tries` counts what was refused: whoever gives up after one is shown what else there is.
    `holder` is the person whose badge was accepted already, "" for nobody: then only the PIN is asked for.
    """

    standing: Standing
    button: Button | None
    until: float
    reason: PadReason = PadReason.ASKED
    checking: bool = False
    refused: bool = False
    locked_until: float = 0.0
    verify: bool = False
    tries: int = 0
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """The camera reads codes, and looks at nobody; button is None when QR was tapped before an action.

    `held` is the code that was refused last: while it is held up it is not asked about again. `verify` as on PinPad.
    """

    standing: Standing
    button: Button | None
    until: float
    checking: bool = False
    refused: bool = False
    held: str = field(default="", repr=False)
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Resolving:
    """Somebody is known and their last action is being read; shown like Saving, without a name.

    `by_pin` says that a PIN was given, also where the method is the badge, or the face that was verified beside
    it; `proved` is how they were known before that face.
    """

    standing: Standing
    person: str
    button: Button | None
    method: Method
    until: float
    by_pin: bool = False
    proved: Method = Method.PIN


@dataclass(frozen=True, slots=True)
class Confirming:
    """A known person decides; choose is True when no action was tapped yet and one is only suggested.

    Until `fresh_until` the last action, asked for again, is no new one.
    """

    standing: Standing
    person: str
    name: str = field(repr=False)
    action: Action
    method: Method
    last: LastAction | None
    choose: bool
    until: float
    fresh_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Already:
    """The same was recorded a moment ago, so nothing is recorded now; `last` is what stands."""

    standing: Standing
    person: str
    name: str = field(repr=False)
    method: Method
    last: LastAction
    until: float
    fresh_until: float


@dataclass(frozen=True, slots=True)
class Saving:
    """The store is asked to make it durable; last is the action before this one, replaces the event referred to."""

    standing: Standing
    person: str
    name: str = field(repr=False)
    action: Action
    method: Method
    last: LastAction | None
    until: float
    purpose: Purpose = Purpose.RECORD
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """It is durable: name, action, time in ms since the epoch, seconds worked today at this door.

    `event_id` is the check-in's; it stays the same through corrections, which are all about the check-in.
    """

    standing: Standing
    event_id: str
    person: str
    name: str = field(repr=False)
    action: Action
    method: Method
    last: LastAction | None
    occurred_at: int
    worked_s: int | None
    until: float
    changing: bool = False
    beside: Beside = field(default_factory=Beside)


@dataclass(frozen=True, slots=True)
class Disputed:
    """The words Not me are durable; the person can now record themselves with the PIN."""

    standing: Standing
    button: Button
    until: float


@dataclass(frozen=True, slots=True)
class NotRecognised:
    """One sentence for every cause but one: somebody is known, and their own record is damaged."""

    standing: Standing
    button: Button | None
    until: float
    failures: int
    damaged: bool = False

    @property
    def pin_forward(self) -> bool:
        """Say whether the PIN is the first thing offered."""
        return self.failures >= PIN_FORWARD_FAILURES or not self.retry

    @property
    def retry(self) -> bool:
        """Say whether there is a camera that may look again."""
        return self.button is not None and self.standing.face and self.standing.blind is None


@dataclass(frozen=True, slots=True)
class OutOfService:
    """Nothing can be recorded; pending is a save whose commit may still be reported."""

    standing: Standing
    fault: FaultCode
    next_check: float
    pending: Saving | None = None


State = (
    Idle
    | Looking
    | PinPad
    | Badge
    | Resolving
    | Confirming
    | Already
    | Saving
    | Recorded
    | Disputed
    | NotRecognised
    | OutOfService
)
