"""What one page shows, as values that any screen can draw; refuses marked-up text, colours and places."""

from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """How much a button asks to be touched; danger says that something ends for good."""

    PLAIN = "plain"
    PRIMARY = "primary"
    QUIET = "quiet"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence; `icon` names a drawing of Icon.qml, `warn` is for what somebody has to see."""

    text: str = field(repr=False)
    strong: bool = False
    warn: bool = False
    icon: str = ""
    kind: str = "line"


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is: "Consent", "version 3.1, 3 August 2026"."""

    label: str
    value: str = field(repr=False)
    kind: str = "fact"


@dataclass(frozen=True, slots=True)
class Row:
    """One of a list, to be touched: `key` comes back by `tapped`; `mark` is one short word about its state."""

    key: str
    text: str = field(repr=False)
    detail: str = field(default="", repr=False)
    mark: str = ""
    icon: str = ""
    chosen: bool = False
    kind: str = "row"


@dataclass(frozen=True, slots=True)
class Meter:
    """A quantity as a bar: share in 0..1, and the same in words; good says whether it is enough."""

    label: str
    share: float
    text: str
    good: bool = True
    kind: str = "meter"


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of `text` (level M), dark on light, as large as the page allows; `caption` stands beneath."""

    text: str = field(repr=False)
    caption: str = field(default="", repr=False)
    kind: str = "code"


@dataclass(frozen=True, slots=True)
class Preview:
    """The camera's mirrored picture: in an oval with a ring that closes, or in a square frame for a QR code.

    Args:
        instruction: name of a drawing and of what to do, or "".
        line: the same as a sentence.
        progress: 0..1, how far the ring is.
        square: a frame instead of the oval.
        meters: how good the picture is, beneath the sentence.
    """

    instruction: str = ""
    line: str = ""
    progress: float = 0.0
    square: bool = False
    meters: tuple[Meter, ...] = ()
    kind: str = "preview"


Block = Line | Fact | Row | Meter | Code | Preview


@dataclass(frozen=True, slots=True)
class Act:
    """A large button at the foot of the page; `key` comes back by `tapped`."""

    key: str
    text: str
    icon: str = ""
    tone: Tone = Tone.PLAIN


class AskedKind(StrEnum):
    """What is typed: any text; a secret (dots); an employee code; a PIN (digits, dots); digits that are shown."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - a kind of keyboard
    CODE = "code"
    PIN = "pin"
    DIGITS = "digits"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page asks to be typed: the keyboard then fills it, and `entered` gets the text.

    Args:
        label: what it is.
        kind: which keys there are, and whether dots are shown.
        least: characters without which it cannot be handed in.
        most: no more characters than these are taken.
    """

    label: str
    kind: AskedKind = AskedKind.TEXT
    least: int = 1
    most: int = 64


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page.

    Args:
        name: of the page, for tests and pictures: "mydata.consent".
        title: one or two words.
        line: one sentence beneath it.
        icon: name of a drawing.
        body: what is to be read or chosen, from top to bottom; split into as many screens as it needs.
        acts: at most four buttons.
        asked: what is typed here; body and acts are then not shown.
        warn: the line says that something was refused.
        back: whether Back is offered.
        leave: whether to end this visit is offered; the only way out where there is no Back.
    """

    name: str
    title: str = field(repr=False)
    line: str = field(default="", repr=False)
    icon: str = ""
    body: tuple[Block, ...] = ()
    acts: tuple[Act, ...] = ()
    asked: Asked | None = None
    warn: bool = False
    back: bool = True
    leave: bool = True
