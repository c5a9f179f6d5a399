"""Sets a table into strips, row by row; refuses to drop a cell: a row that is high goes on in the next strip."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from kiosk.rights.document import Facts, Grid
from kiosk.rights.lines import Cut
from kiosk.rights.page import HAIR, INK, LINE, SOFT, SURFACE, Box, Strip, Words

_PAD: Final = 5.0  # points beside a cell's text
_AIR: Final = 4.2  # above and below it
_AT_ONCE: Final = 24  # lines of a row that stay together
_LOOKED_AT: Final = 200  # rows whose text decides how wide a column is
_LABEL: Final = 0.33  # of the line, for the label of a fact
_FEW: Final = 5  # columns; with more the letters are smaller


def facts(cut: Cut, block: Facts) -> Iterator[Strip]:
    """Label and value, a hairline below each."""
    size, leading = 8.8, 12.6
    widths = (LINE * _LABEL, LINE * (1 - _LABEL))
    for label, value in block.rows:
        cells = (cut(label, widths[0] - 2 * _PAD, size), cut(value, widths[1] - 2 * _PAD, size))
        yield from _row(cells, widths, _Look(size, leading, first=SOFT))


def grid(cut: Cut, block: Grid) -> Iterator[Strip]:
    """A head that comes again on each page, and rows of which every other one is shaded."""
    size, leading = (8.2, 11.4) if len(block.head) <= _FEW else (7.2, 10.0)
    widths = _widths(cut, block, size)
    head = (*_head(cut, block.head, widths, size - 0.4),)
    yield from (Strip(each.height, each.inks, keeps=True) for each in head)
    for number, row in enumerate(block.rows):
        cells = tuple(cut(cell, width - 2 * _PAD, size) for cell, width in zip(row, widths, strict=True))
        for strip in _row(cells, widths, _Look(size, leading, shaded=number % 2 == 1)):
            yield Strip(strip.height, strip.inks, head=head)


class _Look:
    __slots__ = ("first", "leading", "shaded", "size")

    def __init__(self, size: float, leading: float, *, first: str = INK, shaded: bool = False) -> None:
        self.size, self.leading, self.first, self.shaded = size, leading, first, shaded


def _row(cells: tuple[tuple[str, ...], ...], widths: tuple[float, ...], look: "_Look") -> Iterator[Strip]:
    lines = max(len(cell) for cell in cells)
    for start in range(0, lines, _AT_ONCE):
        count = min(_AT_ONCE, lines - start)
        first, last = start == 0, start + count == lines
        above = _AIR if first else 0.0
        height = above + count * look.leading + (_AIR if last else 0.0)
        inks: list[Words | Box] = [Box(0, 0, LINE, height, SURFACE)] if look.shaded else []
        x = 0.0
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            for at, line in enumerate(islice(cell, start, start + count)):
                y = above + at * look.leading + look.size * 1.05
                if line:
                    inks.append(Words(x + _PAD, y, line, look.size, colour=look.first if column == 0 else INK))
            x += width
        if last:
            inks.append(Box(0, height - 0.5, LINE, 0.5, HAIR))
        yield Strip(height, tuple(inks))


def _head(cut: Cut, names: tuple[str, ...], widths: tuple[float, ...], size: float) -> Iterator[Strip]:
    cells = tuple(cut(name, width - 2 * _PAD, size, bold=True) for name, width in zip(names, widths, strict=True))
    leading = size * 1.35
    height = 2 * _AIR + max(len(cell) for cell in cells) * leading
    inks: list[Words | Box] = []
    x = 0.0
    for cell, width in zip(cells, widths, strict=True):
        for at, line in enumerate(cell):
            y = height - _AIR - (len(cell) - at - 1) * leading - size * 0.3
            inks.append(Words(x + _PAD, y, line, size, bold=True))
        x += width
    inks.append(Box(0, height - 0.9, LINE, 0.9, INK))
    yield Strip(height, tuple(inks))


def _widths(cut: Cut, block: Grid, size: float) -> tuple[float, ...]:
    """In points; as the block says, or by what the first rows hold."""
    if block.widths:
        return tuple(LINE * share / sum(block.widths) for share in block.widths)
    columns = range(len(block.head))
    looked_at = block.rows[:_LOOKED_AT]
    wanted, needed = [], []
    for column in columns:
        texts = (block.head[column], *(row[column] for row in looked_at))
        wanted.append(min(max(cut.width(text[:120], size) for text in texts) + 2 * _PAD + 1, LINE * 0.6))
        words = (word for text in texts for word in text[:120].split())
        needed.append(min(max((cut.width(word, size) for word in words), default=0.0) + 2 * _PAD + 1, LINE * 0.25))
    spare = LINE - sum(needed)
    more = [max(want - need, 0.0) for want, need in zip(wanted, needed, strict=True)]
    if spare <= 0 or not sum(more):
        return tuple(LINE * need / sum(needed) for need in needed)
    return tuple(need + spare * part / sum(more) for need, part in zip(needed, more, strict=True))
