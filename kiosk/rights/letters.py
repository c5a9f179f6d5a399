"""Which letters a page can show: what a font lacks is written as its number; refuses what would only act on the text.

A terminal joins Arabic letters and turns lines from right to left by itself; on a page both are done beforehand.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final, TypeAlias

Has: TypeAlias = Callable[[str], bool]
"""Whether a font has a letter."""

_REFUSED: Final = "\N{REPLACEMENT CHARACTER}"
_MANY_MARKS: Final = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489]+"
)
_STRETCH: Final = re.compile("r(?:[rmdn]*[rm])?")
_CLUSTER: Final = re.compile("d+|.m*")
_BRACKETS: Final = str.maketrans("()[]{}<>", ")(][}{><")
_CLASSES: Final = {"R": "r", "AL": "r", "NSM": "m", "EN": "d", "AN": "d"} | dict.fromkeys(("WS", "ON", "CS", "ES"), "n")


def shown(text: str, has: Has) -> str:
    """One line as it is drawn, from left to right.

    Args:
        text: as somebody typed it.
        has: whether the font has a letter.

    Returns:
        The text with a blank for every kind of blank and U+FFFD for control characters; a letter the font lacks as
        "[U+738B]", so that no name is empty and nothing of it is lost.
    """
    if text.isascii() and text.isprintable():
        return text
    clean = _MANY_MARKS.sub(rf"\1{_REFUSED}", plain(text))
    return "".join(letter if has(letter) else f"[U+{ord(letter):04X}]" for letter in _left_to_right(clean, has))


def plain(text: str) -> str:
    """One line for where a program draws the letters: composed, without what is no letter."""
    return "".join(_visible(letter) for letter in unicodedata.normalize("NFC", text))


def _visible(letter: str) -> str:
    if letter.isprintable():
        return letter
    return " " if letter in "\t\n\r" or unicodedata.category(letter) == "Zs" else _REFUSED


def _left_to_right(text: str, has: Has) -> str:
    """Turn each stretch that is written from right to left; a number in it stays as it is."""
    classes = "".join(_CLASSES.get(unicodedata.bidirectional(letter), "l") for letter in text)
    found, at = "", 0
    for stretch in _STRETCH.finditer(classes):
        start, end = stretch.span()
        clusters = [text[start:end][one.start() : one.end()] for one in _CLUSTER.finditer(stretch[0])]
        found += text[at:start] + "".join(reversed(_joined(clusters, has))).translate(_BRACKETS)
        at = end
    return found + text[at:]


def _joined(clusters: list[str], has: Has) -> list[str]:
    """Arabic letters in the form that their neighbours ask for: alone, first, in the middle or last of a word."""
    forms, letters = _forms(), _with_lam_alef(clusters)
    found = []
    for at, cluster in enumerate(letters):
        before = at > 0 and (letters[at - 1][0], "initial") in forms
        after = at + 1 < len(letters) and (letters[at + 1][0], "final") in forms
        last, first = before and (cluster[0], "final") in forms, after and (cluster[0], "initial") in forms
        form = ("medial" if first else "final") if last else ("initial" if first else "isolated")
        drawn = forms.get((cluster[0], form), cluster[0])
        found.append((drawn if has(drawn) else cluster[0]) + cluster[1:])
    return found


def _with_lam_alef(clusters: list[str]) -> list[str]:
    found: list[str] = []
    for cluster in clusters:
        ligature = _forms().get((found[-1] + cluster[0], "isolated")) if found else None
        if ligature is None:
            found.append(cluster)
        else:
            found[-1] = ligature + cluster[1:]
    return found


@cache
def _forms() -> dict[tuple[str, str], str]:
    """The drawn form of a letter (or of lam with an alef), from Unicode's Arabic Presentation Forms A and B."""
    found: dict[tuple[str, str], str] = {}
    for code in (*range(0xFB50, 0xFBB2), *range(0xFE80, 0xFEFD)):
        form, *base = unicodedata.decomposition(chr(code)).split()
        letters = "".join(chr(int(one, 16)) for one in base)
        found[letters, form.strip("<>")] = chr(code)
    for (letters, form), drawn in tuple(found.items()):
        if len(letters) > 1 and form == "final":
            found[found[letters, "isolated"], "final"] = drawn
    return found
