"""What stands on every page around the text: the product's mark, the title, the word confidential, page x of y."""

from collections.abc import Iterator
from typing import Final

from kiosk.rights import dates
from kiosk.rights.document import Document
from kiosk.rights.lines import Cut
from kiosk.rights.page import AMBER, BOTTOM, BRASS, HAIR, HEIGHT, INK, LINE, PAPER, SOFT, Box, Ink, Placed, Strip, Words
from kiosk.words import LANGUAGES, say

_SMALL: Final = 7.2
_SEEN: Final = 120  # letters that are looked at; a line holds fewer
_MARK: Final = 22.0  # side of the product's mark
_HEAD: Final = 40.0  # from the page's upper edge


def made(document: Document) -> str:
    """When it was made, to the minute, UTC."""
    when = dates.minute(document.made_at)
    return say(document.language, "document.made", when=when)


def frame(cut: Cut, document: Document, number: int, pages: int) -> tuple[Placed, ...]:
    """The head and the foot of one page."""
    head = (*_mark(), *_beside_the_mark(cut, document, number))
    if document.confidential:
        head = (*head, *_confidential(cut, document.language))
    return (
        Placed(_HEAD, Strip(_MARK, head)),
        Placed(HEIGHT - BOTTOM + 20.0, Strip(BOTTOM, tuple(_foot(cut, document, number, pages)))),
    )


def _mark() -> Iterator[Ink]:
    """A door and its sill: ambang is the Indonesian for threshold."""
    yield Box(0, 0, _MARK, _MARK, INK, 5.0)
    yield Box(7.0, 4.6, 8.0, 11.0, PAPER, 4.0)
    yield Box(7.0, 9.0, 8.0, 6.6, PAPER)
    yield Box(9.0, 6.6, 4.0, 9.0, INK, 2.0)
    yield Box(9.0, 9.0, 4.0, 6.6, INK)
    yield Box(4.6, 15.6, 12.8, 2.2, AMBER, 1.1)


def _beside_the_mark(cut: Cut, document: Document, number: int) -> Iterator[Ink]:
    yield Words(_MARK + 9.0, 14.6, "Ambang", 10.4, bold=True)
    if number > 1:  # the first page says it in large letters
        x = _MARK + 9.0 + cut.width("Ambang", 10.4, bold=True) + 12.0
        title = cut(document.title[:_SEEN], LINE - x - 120.0, 7.6)[0]
        yield Words(x, 14.4, title, 7.6, colour=SOFT)


def _confidential(cut: Cut, language: str) -> Iterator[Ink]:
    """In the document's language on a plate, in the others below it: whoever finds the sheet must know."""
    word = say(language, "document.confidential")
    width = cut.width(word, 8.6, bold=True) + 18.0
    yield Box(LINE - width, 0, width, 17.0, BRASS, 3.0)
    yield Words(LINE - width + 9.0, 11.7, word, 8.6, bold=True, colour=PAPER)
    others = "  ·  ".join(say(other, "document.confidential") for other in LANGUAGES if other != language)
    yield Words(LINE - cut.width(others, 5.8), 26.0, others, 5.8, colour=BRASS)


def _foot(cut: Cut, document: Document, number: int, pages: int) -> Iterator[Ink]:
    page = say(document.language, "document.page", page=number, pages=pages)
    room = cut.width(page, _SMALL) + 16.0
    yield Box(0, 0, LINE, 0.5, HAIR)
    for at, line in enumerate(cut(document.footer[: 4 * _SEEN], LINE - room, _SMALL)[:3]):
        yield Words(0, 13.0 + at * 9.6, line, _SMALL, colour=SOFT)
    yield Words(LINE - room + 16.0, 13.0, page, _SMALL, colour=SOFT)
