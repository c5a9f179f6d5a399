"""Cuts text into lines of a width; refuses to lose a letter: a word that is wider than the line goes on in the next."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from kiosk.rights import letters
from kiosk.rights.page import Face, Faces, Strip

BODY: Final = 9.2
LEADING: Final = 14.0
_SIGNS: Final = "-/_@.,;:&="


@dataclass(frozen=True, slots=True)
class Cut:
    """Cuts with two fonts."""

    faces: Faces

    def __call__(self, text: str, width: float, size: float, *, bold: bool = False) -> tuple[str, ...]:
        """The lines of a text; at least one, which may be empty.

        Args:
            text: anything; line breaks in it are kept.
            width: of a line, in points.
            size: of the font, in points.
            bold: in the bold font.
        """
        face = self.faces.bold if bold else self.faces.plain
        return tuple(
            line
            for typed in (text.splitlines() or [""])
            # Lines are cut as they were typed and turned afterwards: a line from right to left begins at its end.
            for line in map(partial(letters.shown, has=face.has), _cut(face, typed, width, size))
        )

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Of one line, in points."""
        face = self.faces.bold if bold else self.faces.plain
        return face.width(letters.shown(text, face.has), size)


def gap(height: float) -> Strip:
    """Room between two blocks."""
    return Strip(height, gap=True)


def _cut(face: Face, text: str, width: float, size: float) -> Iterator[str]:
    def wide(part: str) -> float:
        return face.width(letters.shown(part, face.has), size)

    if wide(text) <= width:
        yield text
        return
    line, used, blank = "", 0.0, face.width(" ", size)
    for word in text.split(" "):
        needed = wide(word)
        if line and used + blank + needed <= width:
            line, used = f"{line} {word}", used + blank + needed
            continue
        if line:
            yield line
        *whole, line = _pieces(word, width, wide) if needed > width else (word,)
        yield from whole
        used = wide(line) if whole else needed
    yield line


def _pieces(word: str, width: float, wide: Callable[[str], float]) -> tuple[str, ...]:
    """A word that no line can hold: cut after a sign where there is one in the second half of a line."""
    found: list[str] = []
    start, used = 0, 0.0
    widths = [wide(letter) for letter in word]
    for at, needed in enumerate(widths):
        if at > start and used + needed > width:
            sign = max(word.rfind(sign, start, at) for sign in _SIGNS) + 1
            end = sign if sign > (start + at) // 2 else at
            found.append(word[start:end])
            start, used = end, sum(widths[end:at])
        used += needed
    return (*found, word[start:])
