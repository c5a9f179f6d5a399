"""The privacy notice of this device, for whoever stands at the door; refuses to show what was never published."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, assert_never

from kiosk.faults import Fault, FaultCode
from kiosk.pages.page import At, Back, Desk, Do, Instead, Leave, Move, Page
from kiosk.pages.sheet import Block, Fact, Line, Sheet
from kiosk.rights import document, notices
from kiosk.rights.editions import Edition
from wire.errors import FormatError

LONGEST: Final = 240
"""Characters of one block: it fits on the smallest display beside the keys that turn the screen."""
_SENTENCE: Final = re.compile(r"(?<=[.!?;:])\s+")


@dataclass(frozen=True, slots=True)
class Looking(Page):
    """For a moment, until the store has answered."""

    lasts_s = 0.1

    def sheet(self, at: At) -> Sheet:
        """Only what it will be."""
        return Sheet("notice.looking", at.say("privacy.title"), at.say("privacy.looking"), "shield")

    def late(self) -> Move:
        """Ask for the notice that holds now."""
        return Do(_found)


@dataclass(frozen=True, slots=True)
class Notice(Page):
    """One version, in the language that is chosen; `ahead`: its day is still to come."""

    edition: Edition = field(repr=False)
    ahead: bool = False

    def sheet(self, at: At) -> Sheet:
        """Who approved it and from when, and then what it says."""
        edition = self.edition
        text = edition.text(at.language)
        line = at.say("privacy.ahead", day=at.spell.day(edition.effective_at)) if self.ahead else ""
        body = (
            Fact(at.say("privacy.version"), edition.label),
            Fact(at.say("privacy.ask"), edition.contact or at.say("privacy.nobody")),
            *(each for block in text.blocks for each in blocks(block)),
        )
        return Sheet("notice", text.title, line, "shield", body, back=False)

    def tapped(self, _key: str) -> Move:
        """Nothing here can be touched."""
        return Back()


@dataclass(frozen=True, slots=True)
class Unpublished(Page):
    """There is none: said, not hidden."""

    def sheet(self, at: At) -> Sheet:
        """What is missing, and who has to see to it."""
        body = (Line(at.say("privacy.none_ask"), icon="person"),)
        return Sheet("notice.none", at.say("privacy.title"), at.say("privacy.none"), "shield", body, back=False)

    def tapped(self, _key: str) -> Move:
        """Nothing here can be touched."""
        return Leave()


def _found(desk: Desk) -> Move:
    try:
        edition = notices.in_force(desk.store)
        newest = notices.newest(desk.store)
    except FormatError as wrong:
        raise Fault(FaultCode.STORE_TAMPERED, "the notice is not the one that was published") from wrong
    shown = edition or newest
    return Instead(Unpublished() if shown is None else Notice(shown, ahead=edition is None))


def blocks(block: document.Block) -> Iterator[Block]:
    """What a block of a document is on a page: the same words, in pieces that fit."""
    match block:
        case document.Heading(text):
            yield Line(text, strong=True)
        case document.Paragraph(text, strong):
            yield from (Line(piece, strong=strong) for piece in pieces(text))
        case document.Bullets(items):
            yield from (Line(piece) for item in items for piece in pieces(f"\u2022 {item}"))
        case document.Facts(rows):
            yield from (Fact(label, piece) for label, value in rows for piece in pieces(value))
        case document.Grid(head, rows):
            for row in rows:
                yield from (Fact(label, piece) for label, cell in zip(head, row, strict=True) for piece in pieces(cell))
        case document.Code(text, caption):
            yield from (Line(piece) for piece in pieces(caption or text))
        case document.Signatures() | document.NewPage():
            return
        case _:
            assert_never(block)


def pieces(text: str) -> Iterator[str]:
    """A text in pieces of at most `LONGEST` characters, split between sentences, and between words where one is longer.

    Nothing of it is left out.
    """
    piece = ""
    for word in (each for sentence in _SENTENCE.split(text.strip()) for each in _parts(sentence)):
        if piece and len(piece) + 1 + len(word) > LONGEST:
            yield piece
            piece = word
        else:
            piece = f"{piece} {word}" if piece else word
    if piece:
        yield piece


def _parts(sentence: str) -> Iterator[str]:
    if len(sentence) <= LONGEST:
        yield sentence
        return
    for word in sentence.split():
        yield from (word[at : at + LONGEST] for at in range(0, len(word), LONGEST))
