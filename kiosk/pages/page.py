"""A page, and what a touch of it leads to; refuses to act: whatever needs the store is work, done by whoever has it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kiosk import words
from kiosk.config import Config
from kiosk.flow.events import Instruction
from kiosk.pages.sheet import Sheet
from kiosk.store import Store
from kiosk.store.approval import LoggedIn
from kiosk.vision.embed import Embedding
from kiosk.vision.enrolment import Prompt, Shot


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody has said yet who they are."""


@dataclass(frozen=True, slots=True)
class Employee:
    """A person of this device who has given two of face, badge, code and PIN, or was recorded a moment ago.

    Args:
        person: random id.
        name: as it is shown: first name and initial.
        full: whether every act on their own data is open to them, or only what follows the check-in just made.
    """

    person: str
    name: str = field(repr=False)
    full: bool = True


@dataclass(frozen=True, slots=True)
class Official:
    """An account that has logged in; `name` is the account's."""

    login: LoggedIn
    name: str = field(repr=False)


Visitor = Nobody | Employee | Official


class Spelling(Protocol):
    """How a language writes moments of this door's zone, given as ms since the epoch (UTC)."""

    def time(self, ms: int) -> str:
        """Hours and minutes."""

    def day(self, ms: int) -> str:
        """Day, month and year."""

    def when(self, ms: int) -> str:
        """The time, and the weekday or the day before it when it was not today."""


@dataclass(frozen=True, slots=True)
class At:
    """All a page depends on besides itself: language, spelling, who is there, monotonic seconds, local time."""

    language: str
    spell: Spelling
    visitor: Visitor
    now: float
    wall: datetime

    def say(self, key: str, **values: str | int) -> str:
        """A sentence in this language."""
        return words.say(self.language, key, **values)


@dataclass(frozen=True, slots=True)
class Desk:
    """What work is given: the open store, the configuration, who is there, and in which language."""

    store: Store
    config: Config
    visitor: Visitor
    language: str


class Use(StrEnum):
    """What a page needs the camera for: the face in front, a QR code, an enrolment's shots, or only the picture."""

    NOTHING = "nothing"
    FACE = "face"
    CODE = "code"
    CAPTURE = "capture"
    CAPTURE_GLASSES = "capture_glasses"  # and one more pose: glasses on, or off
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """Who stands there, by random id; "" for every other answer, whatever its cause."""

    person: str


@dataclass(frozen=True, slots=True)
class Guided:
    """What the person can do now, and how far it is, 0..1."""

    instruction: Instruction
    progress: float


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """The text of a QR code; whoever holds it up may have written it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prompted:
    """What an enrolment asks for now."""

    prompt: Prompt


@dataclass(frozen=True, slots=True, eq=False)
class Captured:
    """The shots of an enrolment and the fresh looks for its trial; RAM only."""

    shots: tuple[Shot, ...] = field(repr=False)
    probes: tuple[Embedding, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Measured:
    """The camera's picture now: brightness and sharpness as `vision.quality` has them, or None without a face."""

    brightness: float
    sharpness: float | None
    instruction: Instruction | None


@dataclass(frozen=True, slots=True)
class CameraGone:
    """No camera, or no model, and no answer to come."""


Noticed = FaceSeen | Guided | CodeSeen | Prompted | Captured | Measured | CameraGone


class Page(ABC):
    """One page: a frozen dataclass with what it shows; every method is pure.

    `uses` is what it needs the camera for, `claimed` with whom alone a face is compared ("" for anybody), `lasts_s` the
    seconds after which `late` is asked (0: never), `initial` what stands in its `asked` to begin with.
    """

    uses: Use = Use.NOTHING
    claimed: str = ""
    lasts_s: float = 0.0
    initial: str = ""

    @abstractmethod
    def sheet(self, at: At) -> Sheet:
        """What is shown."""

    def tapped(self, key: str) -> "Move":
        """A row or a button was touched."""
        raise KeyError(key)

    def entered(self, _text: str) -> "Move":
        """What was asked for has been typed."""
        return Stay()

    def noticed(self, _seen: Noticed) -> "Move":
        """The camera has something to say."""
        return Stay()

    def late(self) -> "Move":
        """`lasts_s` seconds have passed on this page."""
        return Back()

    def resumed(self) -> "Move":
        """Somebody has come back to it: what it shows may be another by now."""
        return Stay()


@dataclass(frozen=True, slots=True)
class Stay:
    """Nothing changes."""


@dataclass(frozen=True, slots=True)
class Show:
    """One page further."""

    page: Page


@dataclass(frozen=True, slots=True)
class Instead:
    """Another page in the place of this one."""

    page: Page


@dataclass(frozen=True, slots=True)
class Back:
    """The page before, or that page as it is now; from the first page, out. `by` goes back more than one."""

    page: Page | None = None
    by: int = 1


@dataclass(frozen=True, slots=True)
class Begin:
    """Somebody is known now; everything before is gone, and this is their first page."""

    visitor: Visitor
    page: Page


@dataclass(frozen=True, slots=True)
class Leave:
    """The visit is over."""


@dataclass(frozen=True, slots=True)
class Do:
    """Ask the store; what the work returns is the next move. A Fault that it raises is shown, and Back leads here."""

    work: Callable[[Desk], "Move"] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Speak:
    """Another language from now on, and then a move."""

    language: str
    then: "Move"


Move = Stay | Show | Instead | Back | Begin | Leave | Do | Speak
