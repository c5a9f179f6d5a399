"""Sets a document block by block into strips; refuses nothing: what is too wide is cut, what is too high goes on."""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias, assert_never

from kiosk.rights import tables
from kiosk.rights.document import (
    Block,
    Bullets,
    Code,
    Facts,
    Grid,
    Heading,
    NewPage,
    Paragraph,
    Signatures,
)
from kiosk.rights.lines import BODY, LEADING, Cut, gap
from kiosk.rights.page import AMBER, BRASS, INK, LINE, RULE, SOFT, SURFACE, Box, Squares, Strip, Turn, Words

Matrix: TypeAlias = Callable[[str], tuple[str, ...]]
"""A text as the rows of its QR code, its quiet zone included; () for a text that fits into none."""

_HEADINGS: Final = {1: (13.0, 18.0, 20.0, 6.0), 2: (10.2, 14.5, 12.0, 3.0)}  # size, leading, room above and below
_BETWEEN: Final = 7.0
_CODE: Final = 132.0
_SQUARE: Final = 1.8  # 0.6 mm: what a telephone reads from a metre off
_INDENT: Final = 13.0
_SIGNED: Final = 66.0  # room for a signature


def title(cut: Cut, words: str, subtitle: str, made: str) -> Iterator[Strip]:
    """The first lines of the first page."""
    for at, line in enumerate(cut(words, LINE, 21.0, bold=True)):
        place = (words, 0) if at == 0 else None
        yield Strip(27.0, (Words(0, 21.0, line, 21.0, bold=True),), bookmark=place)
    for line in cut(subtitle, LINE, 10.4) if subtitle else ():
        yield Strip(15.5, (Words(0, 12.5, line, 10.4, colour=SOFT),))
    yield Strip(14.0, (Words(0, 10.5, made, 7.6, colour=SOFT),))
    yield Strip(20.0, (Box(0, 9.0, 46.0, 2.4, AMBER), Box(46.0, 10.8, LINE - 46.0, 0.6, RULE)))


def strips(cut: Cut, matrix: Matrix, block: Block, sign: str) -> Iterator[Strip | Turn]:  # noqa: C901 - one for each kind
    """A block, the room around it included."""
    match block:
        case Heading(words, level):
            yield from _heading(cut, words, min(max(level, 1), 2))
        case Paragraph(words, strong=True):
            yield _lead(3.0)
            yield from _strong(cut, words)
            yield gap(_BETWEEN + 4.0)
        case Paragraph(words):
            yield from _lines(cut(words, LINE, BODY), 0.0)
            yield gap(_BETWEEN)
        case Bullets(items):
            for item in items:
                yield from _bullet(cut(item, LINE - _INDENT, BODY))
            yield gap(_BETWEEN - 3.0)
        case Facts():
            yield _lead(2.0)
            yield from tables.facts(cut, block)
            yield gap(_BETWEEN + 5.0)
        case Grid():
            yield _lead(2.0)
            yield from tables.grid(cut, block)
            yield gap(_BETWEEN + 5.0)
        case Code(words, caption):
            yield from _code(cut, matrix, words, caption)
        case Signatures(labels):
            yield from _signatures(cut, labels, sign)
        case NewPage():
            yield Turn()
        case _:
            assert_never(block)


def _lead(height: float) -> Strip:
    """Room above a block that never parts it from the heading before it."""
    return Strip(height, gap=True, keeps=True)


def _heading(cut: Cut, words: str, level: int) -> Iterator[Strip]:
    size, leading, above, below = _HEADINGS[level]
    yield Strip(above, gap=True, keeps=True)
    for at, line in enumerate(cut(words, LINE, size, bold=True)):
        place = (words, level) if at == 0 else None
        yield Strip(leading, (Words(0, size * 1.05, line, size, bold=True),), keeps=True, bookmark=place)
    yield Strip(below, keeps=True)


def _lines(lines: tuple[str, ...], x: float) -> Iterator[Strip]:
    """Never one line alone at the foot or at the top of a page."""
    for at, line in enumerate(lines):
        together = at == 0 < len(lines) - 1 or at == len(lines) - 2
        yield Strip(LEADING, (Words(x, BODY * 1.08, line, BODY),), keeps=together)


def _bullet(lines: tuple[str, ...]) -> Iterator[Strip]:
    for at, strip in enumerate(_lines(lines, _INDENT)):
        mark = (Box(2.0, BODY * 0.62, 3.4, 3.4, AMBER, 1.7),) if at == 0 else ()
        yield Strip(strip.height, (*mark, *strip.inks), keeps=strip.keeps)
    yield gap(3.0)


def _strong(cut: Cut, words: str) -> Iterator[Strip]:
    lines = cut(words, LINE - 28.0, BODY)
    for at, line in enumerate(lines):
        above, below = (8.0 if at == 0 else 0.0), (8.0 if at == len(lines) - 1 else 0.0)
        height = above + LEADING + below
        inks = (
            Box(0, 0, LINE, height, SURFACE),
            Box(0, 0, 3.0, height, AMBER),
            Words(16.0, above + BODY * 1.08, line, BODY, bold=False, colour=INK),
        )
        yield Strip(height, inks, keeps=at < min(3, len(lines) - 1) or at == len(lines) - 2)


def _code(cut: Cut, matrix: Matrix, words: str, caption: str) -> Iterator[Strip]:
    rows = matrix(words)
    if not rows:
        yield from _lines(cut(words, LINE, BODY), 0.0)
    else:
        whole = max(_CODE, _SQUARE * len(rows))
        side = whole / len(rows)
        quiet = 4 * side  # its quiet zone reaches into the margin, so that the code stands where the text begins
        yield Strip(whole, (Squares(-quiet, 0, side, rows),), keeps=bool(caption))
    for line in cut(caption, LINE, 8.0) if caption else ():
        yield Strip(12.0, (Words(0, 9.0, line, 8.0, colour=SOFT),))
    yield gap(_BETWEEN + 4.0)


def _signatures(cut: Cut, labels: tuple[str, ...], sign: str) -> Iterator[Strip]:
    """Two beside each other, the line above who signs."""
    width = (LINE - 32.0) / 2
    for start in range(0, len(labels), 2):
        inks: list[Words | Box] = []
        most = 1
        for at, label in enumerate(labels[start : start + 2]):
            x = at * (width + 32.0)
            lines = cut(label, width, 8.8)
            most = max(most, len(lines))
            inks.append(Box(x, _SIGNED - 14.0, width, 0.7, INK))
            inks += [Words(x, _SIGNED + row * 11.6, line, 8.8) for row, line in enumerate(lines)]
            inks.append(Words(x, _SIGNED + len(lines) * 11.6, sign, 7.2, colour=BRASS))
        yield Strip(_SIGNED + most * 11.6 + 10.0, tuple(inks))
