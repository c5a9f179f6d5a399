"""What can happen to the check-in screen: a closed union of events; no repr shows a PIN, code or name."""

from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.faults import FaultCode
from kiosk.flow.actions import Button, LastAction

READ_AT_ONCE = 100
"""Characters of an announcement that are shown, and read, together."""
READ_FOR_SURE = 80
"""So many are on each screen but the last, although no word is cut in two."""


class Instruction(StrEnum):
    """The one thing a person in front of the camera can do now."""

    LOOK_HERE = "look_here"
    CLOSER = "closer"
    BACK = "back"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    STRAIGHT = "straight"
    HOLD_STILL = "hold_still"
    MORE_LIGHT = "more_light"
    LESS_LIGHT = "less_light"
    UNCOVER = "uncover"
    ONE_PERSON = "one_person"
    BLINK = "blink"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"


@dataclass(frozen=True, slots=True)
class ButtonTapped:
    """An action was tapped on the first screen."""

    button: Button


@dataclass(frozen=True, slots=True)
class PinTapped:
    """The PIN was asked for."""


@dataclass(frozen=True, slots=True)
class QrTapped:
    """A badge or a slip is to be held before the camera."""


@dataclass(frozen=True, slots=True)
class CancelTapped:
    """Back home; on Recorded it means done."""


@dataclass(frozen=True, slots=True)
class YesTapped:
    """The shown action is right."""


@dataclass(frozen=True, slots=True)
class NotMeTapped:
    """The shown name is not mine."""


@dataclass(frozen=True, slots=True)
class RetryTapped:
    """Look again."""


@dataclass(frozen=True, slots=True)
class ChangeTapped:
    """On Recorded: show the other actions."""


@dataclass(frozen=True, slots=True)
class ChangeActionTapped:
    """Another action was chosen, before or after it was recorded."""

    button: Button


@dataclass(frozen=True, slots=True)
class KeyTouched:
    """A key of the PIN pad was touched: somebody is there."""


@dataclass(frozen=True, slots=True)
class PinSubmitted:
    """Employee code and PIN as typed."""

    code: str = field(repr=False)
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Matched:
    """A confident, live match with one person (an id, not a name)."""

    person: str


@dataclass(frozen=True, slots=True)
class Near:
    """Similar to somebody: names nobody, asks for the PIN; a look-alike's face may then be verified beside it."""

    lookalike: bool = False


@dataclass(frozen=True, slots=True)
class NotMatched:
    """Nobody, ambiguous or an attack: the screen does not tell which.

    With `nobody` there was nobody to compare with, which is no refusal of a face.
    """

    nobody: bool = False


@dataclass(frozen=True, slots=True)
class FaceDecided:
    """The recogniser's answer to StartLooking(attempt)."""

    attempt: int
    outcome: Matched | Near | NotMatched


@dataclass(frozen=True, slots=True)
class Guided:
    """What the person can do now, and how far the decision is, 0 to 1."""

    attempt: int
    instruction: Instruction
    progress: float = 0.0


@dataclass(frozen=True, slots=True)
class HolderPinSubmitted:
    """The PIN as typed, of somebody whose badge has told already who they are."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BadgeSeen:
    """A QR code in the picture of StartScanning(attempt); whoever holds it up may have written it.

    The text is "" for a code that can be no badge and no slip.
    """

    attempt: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BadgeAccepted:
    """The answer to CheckBadge(attempt): whose badge it is; `face` and `verify` as with PinAccepted."""

    attempt: int
    person: str
    face: bool = False
    verify: bool = False


@dataclass(frozen=True, slots=True)
class BadgeRefused:
    """The answer to CheckBadge(attempt): it counts for nobody; the screen does not tell why."""

    attempt: int


@dataclass(frozen=True, slots=True)
class PinAccepted:
    """The answer to CheckPin(attempt): this person's code and PIN.

    `face` says whether their face may be verified, `verify` whether they want that wherever they give an action and
    their PIN, also at a door that looks for everybody else.
    """

    attempt: int
    person: str
    face: bool = False
    verify: bool = False


@dataclass(frozen=True, slots=True)
class PinRefused:
    """The answer to CheckPin(attempt): wrong code or wrong PIN; the next try counts after wait_s seconds."""

    attempt: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class Resolved:
    """The answer to LookUp(attempt): the full name (shown shortened), the last action within 16 h, their language.

    `ago_s` says how many seconds ago the last action was by the wall clock, below 0 where it was set back since.
    """

    attempt: int
    person: str
    name: str = field(repr=False)
    last: LastAction | None
    language: str = ""
    ago_s: float | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift of the person: its name, and minutes of the day at which it begins and ends."""

    name: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Beside:
    """What a person is told beside what was recorded.

    Args:
        shift: theirs, if it is known.
        held: whether it is kept on this device and not sent, because their attendance is restricted.
        told: what is announced to them: language and sentence, for each language it is told in.
    """

    shift: Shift | None = None
    held: bool = False
    told: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def screens(self) -> int:
        """On how many screens the longest of what is told can be read, one after the other; at least one."""
        return max([1, *(-(-len(text) // READ_FOR_SURE) for _, text in self.told)])


@dataclass(frozen=True, slots=True)
class Committed:
    """The answer to a Save effect once it is durable; occurred_at in ms since the epoch, worked_s today or None."""

    attempt: int
    event_id: str
    occurred_at: int
    worked_s: int | None = None
    beside: Beside = Beside()


@dataclass(frozen=True, slots=True)
class SaveFailed:
    """The answer to a question that the store could not answer; one of them always comes."""

    attempt: int
    fault: FaultCode


@dataclass(frozen=True, slots=True)
class FaceLost:
    """Camera or model is gone; everything else goes on."""

    fault: FaultCode


@dataclass(frozen=True, slots=True)
class FaceBack:
    """Camera and model work again."""


@dataclass(frozen=True, slots=True)
class FaultRaised:
    """The world failed outside an answer; a camera or model fault counts as FaceLost."""

    fault: FaultCode


@dataclass(frozen=True, slots=True)
class Repaired:
    """Store, key and disk answer again."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""


Answer = (
    FaceDecided
    | Guided
    | BadgeSeen
    | BadgeAccepted
    | BadgeRefused
    | PinAccepted
    | PinRefused
    | Resolved
    | Committed
    | SaveFailed
)
Event = (
    Answer
    | ButtonTapped
    | PinTapped
    | QrTapped
    | CancelTapped
    | YesTapped
    | NotMeTapped
    | RetryTapped
    | ChangeTapped
    | ChangeActionTapped
    | KeyTouched
    | PinSubmitted
    | HolderPinSubmitted
    | FaceLost
    | FaceBack
    | FaultRaised
    | Repaired
    | Tick
)
