"""A document as lines for a terminal; refuses control characters, which could act on it."""

import textwrap
from typing import Final, assert_never

from kiosk.rights.document import (
    Block,
    Bullets,
    Code,
    Document,
    Facts,
    Grid,
    Heading,
    NewPage,
    Paragraph,
    Signatures,
)

_WIDTH: Final = 100


def text(document: Document) -> str:
    """The whole document; ends with a line feed."""
    head = [document.title, document.subtitle] if document.subtitle else [document.title]
    parts = ["\n".join(head), *(_block(block) for block in document.blocks), document.footer]
    return harmless("\n\n".join(part for part in parts if part)) + "\n"


def _block(block: Block) -> str:  # noqa: PLR0911 - one for each kind
    match block:
        case Heading(words, level):
            return f"{words}\n{'=-'[min(level, 2) - 1] * len(words)}"
        case Paragraph(words):
            return textwrap.fill(words, _WIDTH)
        case Bullets(items):
            return "\n".join(textwrap.fill(item, _WIDTH, initial_indent="- ", subsequent_indent="  ") for item in items)
        case Facts(rows):
            width = max((len(label) for label, _ in rows), default=0)
            return "\n".join(f"{label:<{width}}  {value}" for label, value in rows)
        case Grid(head, rows):
            return _grid((head, *rows))
        case Code(words, caption):
            return f"{caption}\n{words}" if caption else words
        case Signatures(labels):
            return "\n".join(f"{'_' * 30}  {label}" for label in labels)
        case NewPage():
            return ""
        case _:
            assert_never(block)


def _grid(rows: tuple[tuple[str, ...], ...]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def harmless(words: str) -> str:
    """The words without what would act on a terminal: controls, marks of direction; line feeds stay."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in words
    )
