"""A document as blocks of a page, in pieces that fit on a screen; refuses lines to sign on, which a screen has not."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, assert_never

from kiosk.pages.page import At
from kiosk.pages.sheet import Block, Code, Fact, Line
from kiosk.rights import document as paper
from kiosk.rights.document import Document
from kiosk.rights.letters import plain

LONGEST: Final = 260
"""So many characters of one block fit on the smaller screen."""

Made = Callable[[str], Document]
"""A document in a language."""


def drawn(made: Made) -> Callable[[At], tuple[Block, ...]]:
    """What draws a document in the language of whoever reads."""

    def draw(at: At) -> tuple[Block, ...]:
        return blocks(made(at.language))

    return draw


def blocks(found: Document) -> tuple[Block, ...]:
    """The whole document: its subtitle, what it says, and the line at its foot."""
    head = lines(found.subtitle) if found.subtitle else ()
    return (*head, *of_parts(found.blocks), *lines(found.footer))


def of_parts(found: Iterable[paper.Block]) -> tuple[Block, ...]:
    """Parts of a document."""
    return tuple(block for part in found for block in _block(part))


def lines(text: str, *, strong: bool = False, warn: bool = False) -> tuple[Line, ...]:
    """A text as lines that fit, one or more; a text that somebody has typed, too."""
    return tuple(Line(each, strong=strong, warn=warn) for each in pieces(plain(text)))


def facts(label: str, value: str) -> tuple[Block, ...]:
    """A name and what it is, the rest of a long value beneath."""
    first, *others = pieces(plain(value)) or ("-",)
    return (Fact(plain(label), first), *(Line(each) for each in others))


def pieces(text: str) -> tuple[str, ...]:
    """A text in pieces of at most LONGEST characters, cut after a sentence if there is one, else between words."""
    found: list[str] = []
    rest = text.strip()
    while len(rest) > LONGEST:
        head = rest[: LONGEST + 1]
        cut = max((head.rfind(f"{end} ") + 1 for end in ".!?"), default=0)
        if cut < LONGEST // 3:
            cut = head.rfind(" ")
        cut = cut if cut > 0 else LONGEST
        found.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return (*found, rest) if rest else tuple(found)


def _block(part: paper.Block) -> Iterator[Block]:  # noqa: C901 - one arm for each kind
    match part:
        case paper.Heading(text):
            yield from lines(text, strong=True)
        case paper.Paragraph(text, strong):
            yield from lines(text, strong=strong)
        case paper.Bullets(items):
            for item in items:
                yield from lines(f"\N{BULLET} {item}")
        case paper.Facts(rows):
            for label, value in rows:
                yield from facts(label, value)
        case paper.Grid(head, rows):
            for row in rows:
                yield from _row(head, row)
        case paper.Code(text, caption):
            yield Code(text, caption)
        case paper.Signatures() | paper.NewPage():
            return
        case _:
            assert_never(part)


def _row(head: tuple[str, ...], row: tuple[str, ...]) -> Iterator[Block]:
    """A row of a table: its first cell, and the others with their heads."""
    if len(row) == 2:  # noqa: PLR2004 - a name and what it is
        yield from facts(row[0], row[1])
        return
    yield from facts(
        row[0], " \N{MIDDLE DOT} ".join(f"{name}: {cell}" for name, cell in zip(head[1:], row[1:], strict=True) if cell)
    )
