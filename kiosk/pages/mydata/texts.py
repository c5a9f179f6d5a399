"""Text of the notice as blocks that fit on a screen; refuses to leave a word out."""

from collections.abc import Iterable, Iterator
from typing import Final

from kiosk.pages.sheet import Fact, Line
from kiosk.rights import blocks
from kiosk.rights.document import Block, Heading

MOST: Final = 240
"""Characters of one block: it stands on one screen, whole."""


def lines(found: Iterable[Block]) -> tuple[Line | Fact, ...]:
    """Paragraphs; a heading stands above the first of its own, so that no screen ends with one."""
    return tuple(_lines(found))


def cut(text: str) -> Iterator[str]:
    """A text in pieces of at most MOST characters, cut after a sentence or a word where there is one."""
    rest = text.strip()
    while len(rest) > MOST:
        head = rest[: MOST + 1]
        end = max(head.rfind(mark) + 1 for mark in (". ", "; ", ", "))
        end = end if end > MOST // 3 else head.rfind(" ")
        end = end if end > 0 else MOST
        yield rest[:end].strip()
        rest = rest[end:].strip()
    if rest:
        yield rest


def _lines(found: Iterable[Block]) -> Iterator[Line | Fact]:
    heading = ""
    for block in found:
        if isinstance(block, Heading):
            if heading:
                yield Line(heading, strong=True)
            heading = block.text
            continue
        for text in blocks.lines(block):
            for piece in cut(text):
                yield Fact(heading, piece) if heading else Line(piece)
                heading = ""
    if heading:
        yield Line(heading, strong=True)
