"""What lies on a page: words, lines, boxes and squares at their places, and strips of them; refuses nothing: it holds.

Lengths are points, 1/72 inch. On a strip `x` counts from the left edge of the text and `y` down from the strip's top.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

WIDTH: Final = 595.28  # A4
HEIGHT: Final = 841.89
LEFT: Final = 62.0
TOP: Final = 96.0  # what the head of every page takes
BOTTOM: Final = 78.0
LINE: Final = WIDTH - 2 * LEFT
ROOM: Final = HEIGHT - TOP - BOTTOM

INK: Final = "#0c1322"
SOFT: Final = "#4a5770"
RULE: Final = "#c3ccda"
HAIR: Final = "#dfe5ee"
SURFACE: Final = "#f4f6fa"
AMBER: Final = "#e5a11a"
BRASS: Final = "#8a5a00"  # amber that can be read on white
PAPER: Final = "#ffffff"


class Face(Protocol):
    """A font."""

    def has(self, letter: str) -> bool:
        """Whether it can show a letter."""
        ...

    def width(self, text: str, size: float) -> float:
        """Of a text at a size, in points."""
        ...


@dataclass(frozen=True, slots=True)
class Faces:
    """The two that a document is set in."""

    plain: Face
    bold: Face


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; `y` is its top, `round` the radius of its corners."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    round: float = 0.0


@dataclass(frozen=True, slots=True)
class Squares:
    """A QR code: `rows` of "0" and "1", each `side` points wide."""

    x: float
    y: float
    side: float
    rows: tuple[str, ...] = field(repr=False)


Ink: TypeAlias = Words | Box | Squares


@dataclass(frozen=True, slots=True)
class Strip:
    """What may not be torn: a line of text, a row of a table.

    Attributes:
        height: points.
        inks: what is on it.
        keeps: stays on one page with the strip that follows.
        head: drawn again above it where it begins a page.
        gap: only room: left out where it would begin a page.
        bookmark: what the reader's outline calls this place, with its level (0 or 1).
    """

    height: float
    inks: tuple[Ink, ...] = field(default=(), repr=False)
    keeps: bool = False
    head: tuple["Strip", ...] = field(default=(), repr=False)
    gap: bool = False
    bookmark: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows begins a page."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A strip on a page; `top` counts down from the page's upper edge."""

    top: float
    strip: Strip
