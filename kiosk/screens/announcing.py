"""An announcement in pieces that fit where it is shown, one after the other; refuses to cut a word off unread."""

import textwrap
from typing import Final

PIECE: Final = 40
"""Characters at once: two lines beside the drawing, on the smallest display."""
LONGEST_WORD: Final = 12
PIECE_S: Final = 5.0


def pieces(text: str, most: int = PIECE) -> tuple[str, ...]:
    """The text in pieces of so many characters, split between words; a word that no line holds is split, too."""
    words = (part for word in text.split() for part in textwrap.wrap(word, LONGEST_WORD))
    return tuple(textwrap.wrap(" ".join(words), most))
