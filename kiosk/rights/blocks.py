"""Blocks of a document as flat lists of text, for a paper, and back; refuses a form it does not know."""

from collections.abc import Iterable, Sequence

from kiosk.rights.document import Block, Bullets, Facts, Grid, Heading, Paragraph
from wire.errors import FormatError


def spell(block: Block) -> list[str]:
    """One block: its form, then its texts in order. Raises FormatError for what no notice is made of."""
    match block:
        case Heading(text, level):
            return [f"heading {level}", text]
        case Paragraph(text, strong):
            return ["strong" if strong else "paragraph", text]
        case Bullets(items):
            return ["bullets", *items]
        case Facts(rows):
            return ["facts", *(cell for row in rows for cell in row)]
        case Grid(head, rows):
            return [f"grid {len(head)}", *head, *(cell for row in rows for cell in row)]
        case _:
            raise FormatError("a notice has no such block")


def read(spelled: object) -> Block:
    """What `spell` made. Raises FormatError."""
    if type(spelled) is not list or not spelled or not all(type(each) is str for each in spelled):
        raise FormatError("not a block")
    form, texts = spelled[0], tuple(spelled[1:])
    match form.split():
        case ["heading", "1" | "2" as level] if len(texts) == 1:
            return Heading(texts[0], int(level))
        case ["strong" | "paragraph"] if len(texts) == 1:
            return Paragraph(texts[0], strong=form == "strong")
        case ["bullets"]:
            return Bullets(texts)
        case ["facts"] if len(texts) % 2 == 0:
            return Facts(tuple((row[0], row[1]) for row in _split(texts, 2)))
        case ["grid", "2" | "3" | "4" as width] if texts and len(texts) % int(width) == 0:
            head, *rows = _split(texts, int(width))
            return Grid(head, tuple(rows))
        case _:
            raise FormatError("not a block")


def lines(block: Block) -> tuple[str, ...]:
    """The texts of a block, a row of a table as one; for comparing two versions."""
    match spell(block):
        case ["facts", *texts]:
            return _rows(texts, 2)
        case [form, *texts] if form.startswith("grid"):
            return _rows(texts, int(form.split()[1]))
        case [_, *texts]:
            return tuple(texts)
        case _:
            return ()


def paragraphs(found: Iterable[Block]) -> tuple[tuple[str, str], ...]:
    """The same as pairs of a heading and a text of one or more lines, without blanks at their ends."""
    sections: list[tuple[str, list[str]]] = []
    for block in found:
        if isinstance(block, Heading):
            sections.append((_trimmed(block.text), []))
        elif sections:
            sections[-1][1].extend(lines(block))
        else:
            sections.append(("", list(lines(block))))
    return tuple((heading, _trimmed("\n".join(said))) for heading, said in sections)


def _trimmed(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _rows(texts: Sequence[str], width: int) -> tuple[str, ...]:
    return tuple(": ".join((row[0], " / ".join(row[1:]))) for row in _split(texts, width))


def _split(texts: Sequence[str], width: int) -> list[tuple[str, ...]]:
    return [tuple(texts[at : at + width]) for at in range(0, len(texts), width)]
