"""What a document says, block by block, before it is a page or a file; refuses nothing: it only holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    """A line above what follows; `level` 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that runs on; `strong` for what must not be missed."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """Several short points."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value, line by line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a head; it goes on over pages, its head too. `widths`: shares, or by what it holds."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Text as a QR code, with a line beneath."""

    text: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, each with who signs there."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a page of its own."""


Block: TypeAlias = Heading | Paragraph | Bullets | Facts | Grid | Code | Signatures | NewPage


@dataclass(frozen=True, slots=True)
class Document:
    """One document in one language.

    Attributes:
        kind: a word for the file's name: "notice", "register", "access", ...
        language: two letters.
        title: its first line; without the name of a person, since it stands in the file's metadata.
        subtitle: of whom or what, and when; may be "".
        made_at: ms UTC.
        confidential: whether every page is marked so.
        footer: stands on every page: device and version, or a digest.
        blocks: what it says.
        data: the same for programs, as JSON; no floating-point numbers.
    """

    kind: str
    language: str
    title: str
    subtitle: str
    made_at: int
    confidential: bool
    footer: str
    blocks: tuple[Block, ...] = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
