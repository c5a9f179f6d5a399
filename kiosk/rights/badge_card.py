"""A badge as a card of the size of a bank card: the code, whose it is, until when; refuses an employee code on it.

The code names nobody, and the card has no employee code: whoever finds it has one half of nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kiosk.rights import dates
from kiosk.rights.lines import Cut
from kiosk.rights.page import AMBER, INK, SOFT, Box, Ink, Squares, Words
from kiosk.store import badges
from kiosk.words import say

if TYPE_CHECKING:
    from kiosk.store import Store

MM: Final = 72 / 25.4
WIDTH: Final = 85.6 * MM  # ISO/IEC 7810, ID-1
HEIGHT: Final = 53.98 * MM
_EDGE: Final = 3.5 * MM
_CODE: Final = 42.0 * MM  # with its quiet zone; a module is 0.8 mm wide
_TEXT: Final = WIDTH - _CODE - 2.5 * _EDGE
_FOOT: Final = HEIGHT - _EDGE


@dataclass(frozen=True, slots=True)
class Card:
    """One badge.

    Attributes:
        language: two letters.
        company: who gave it out; may be "".
        name: as the door shows it: first name and initial.
        token: its 115 characters.
        made_at: ms UTC.
        ends_at: ms UTC, exclusive.
        zone: IANA time zone of the door.
    """

    language: str
    company: str
    name: str = field(repr=False)
    token: str = field(repr=False)
    made_at: int
    ends_at: int
    zone: str


def given(  # noqa: PLR0913 - what a card is made of
    store: "Store", person: str, *, name: str, days: int, language: str, company: str, zone: str, by: str
) -> Card:
    """Issue a badge (kiosk/store/badges.py: the one before no longer counts) and lay it out as a card.

    Raises:
        Fault, ValueError: as `badges.issue`.
    """
    issued = badges.issue(store, person, days, by=by)
    return Card(language, company, name, issued.token, store.now_ms(), issued.ends_at, zone)


def title(card: Card) -> str:
    """What a reader's window says; nobody's name."""
    return say(card.language, "badge.card.title")


def inks(cut: Cut, matrix: Callable[[str], tuple[str, ...]], card: Card) -> Iterator[Ink]:
    """What lies on the card, from its upper left corner."""
    rows = matrix(card.token)
    yield Squares(WIDTH - _CODE - _EDGE / 2, (HEIGHT - _CODE) / 2, _CODE / len(rows), rows)
    yield Box(_EDGE, _EDGE, 9 * MM, 1.1 * MM, AMBER, 0.5 * MM)
    top = _EDGE + 3 * MM
    last = dates.day(card.ends_at - 1, card.zone)
    above = (
        (card.company, 7.0, False, SOFT),
        (card.name, 12.0, True, INK),
        (title(card), 7.0, False, INK),
        (say(card.language, "badge.card.until", day=last), 7.0, True, INK),
    )
    for text, size, bold, colour in above:
        for line in cut(text, _TEXT, size, bold=bold)[:2] if text else ():
            top += size * 1.3
            yield Words(_EDGE, top, line, size, bold, colour)
        top += 1.5
    small = [line for key in ("use", "found") for line in cut(say(card.language, f"badge.card.{key}"), _TEXT, 5.6)]
    for at, line in enumerate(small):
        yield Words(_EDGE, _FOOT - (len(small) - 1 - at) * 7.0, line, 5.6, colour=SOFT)
