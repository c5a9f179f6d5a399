"""Sets a document as PDF and as JSON; the home of reportlab. Refuses text that would act as markup.

Nothing here reads markup: every line is drawn letter by letter as it was cut, so a name may hold any sign there is.
"""

import io
import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, assert_never

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from kiosk.rights import badge_card, letters, typesetting
from kiosk.rights.badge_card import Card
from kiosk.rights.document import Document
from kiosk.rights.lines import Cut, gap
from kiosk.rights.page import HEIGHT, INK, LEFT, WIDTH, Box, Faces, Ink, Placed, Squares, Words
from kiosk.rights.page_frame import frame, made
from kiosk.rights.paging import paged
from kiosk.rights.qr_code import modules
from kiosk.words import say

_FONTS: Final = Path("/usr/share/fonts/truetype/dejavu")  # install.sh sees to it
_TOLD: Final = 120  # letters
_LAST: Final = 0xFFFF
_UNKNOWN: Final = 600.0  # thousandths of the size: the box in the place of a letter that is not there
_FILES: Final = {"plain": ("DejaVuSans.ttf", "Vera.ttf"), "bold": ("DejaVuSans-Bold.ttf", "VeraBd.ttf")}


class _Font:
    """A font that is written into the file; refuses to call a letter its own that it does not draw."""

    def __init__(self, name: str) -> None:
        dejavu, vera = _FILES[name]
        file = _FONTS / dejavu
        # reportlab brings Vera along: the same shapes, and enough for the three languages where DejaVu is missing.
        self._font = TTFont(f"ambang-{name}", str(file) if file.is_file() else vera)
        self._widths: dict[int, float] = self._font.face.charWidths
        pdfmetrics.registerFont(self._font)

    def has(self, letter: str) -> bool:
        # reportlab tells a reader the wrong letter for what lies beyond the first plane of Unicode.
        return ord(letter) <= _LAST and ord(letter) in self._widths

    def width(self, text: str, size: float) -> float:
        widths = self._widths
        return sum(widths.get(ord(letter), _UNKNOWN) for letter in text) * size / 1000


@cache
def _faces() -> Faces:
    return Faces(_Font("plain"), _Font("bold"))


def pdf(document: Document) -> bytes:
    """The document as a PDF; the same document gives the same bytes."""
    cut = Cut(_faces())
    sign = say(document.language, "document.sign")
    strips = [*typesetting.title(cut, document.title, document.subtitle, made(document)), gap(6.0)]
    pages = paged(
        (*strips, *(each for block in document.blocks for each in typesetting.strips(cut, modules, block, sign)))
    )
    file = io.BytesIO()
    canvas = _canvas(
        file,
        (WIDTH, HEIGHT),
        language=document.language,
        kind=document.kind,
        title=document.title,
        made_at=document.made_at,
    )
    depth = -1
    for number, page in enumerate(pages, start=1):
        for placed in (*frame(cut, document, number, len(pages)), *page):
            depth = _place(canvas, placed, depth)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def card(badge: Card) -> bytes:
    """A badge as a PDF of one page of the size of a bank card; the same badge gives the same bytes."""
    cut = Cut(_faces())
    file = io.BytesIO()
    size = (badge_card.WIDTH, badge_card.HEIGHT)
    canvas = _canvas(
        file, size, language=badge.language, kind="badge", title=badge_card.title(badge), made_at=badge.made_at
    )
    for ink in badge_card.inks(cut, modules, badge):
        _draw(canvas, ink, badge_card.HEIGHT, 0.0)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _canvas(  # noqa: PLR0913 - what a file says of itself
    file: io.BytesIO, size: tuple[float, float], *, language: str, kind: str, title: str, made_at: int
) -> Canvas:
    canvas = Canvas(
        file, pagesize=size, invariant=True, pageCompression=1, lang=language, initialFontName="ambang-plain"
    )
    canvas.setTitle(_told(title))
    canvas.setSubject(kind)
    for told in (canvas.setAuthor, canvas.setCreator, canvas.setProducer):
        told("Ambang")
    canvas.setDateFormatter(lambda *_: datetime.fromtimestamp(made_at / 1000, UTC).strftime("D:%Y%m%d%H%M%SZ"))
    canvas.setViewerPreference("DisplayDocTitle", "true")
    return canvas


def as_json(document: Document) -> bytes:
    """The document for programs: kind, language, title, time and data; ends with a line feed."""
    value: dict[str, Any] = {
        "kind": document.kind,
        "language": document.language,
        "title": document.title,
        "made_at": document.made_at,
        "confidential": document.confidential,
        "data": dict(document.data),
    }
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _place(canvas: Canvas, placed: Placed, depth: int) -> int:
    """Draw a strip; how deep the outline stands after it (one step down at most, or no reader opens it)."""
    for ink in placed.strip.inks:
        _draw(canvas, ink, HEIGHT - placed.top)
    if placed.strip.bookmark is None:
        return depth
    words, level = placed.strip.bookmark
    depth = min(level, depth + 1)
    key = f"{canvas.getPageNumber()}-{placed.top:.1f}"
    canvas.bookmarkHorizontal(key, 0, HEIGHT - placed.top)
    canvas.addOutlineEntry(_told(words), key, depth)
    return depth


def _draw(canvas: Canvas, ink: Ink, top: float, left: float = LEFT) -> None:
    match ink:
        case Words(x, y, text, size, bold, colour):
            canvas.setFillColor(colour)
            canvas.setFont("ambang-bold" if bold else "ambang-plain", size)
            canvas.drawString(left + x, top - y, text)
        case Box(x, y, width, height, colour, radius):
            canvas.setFillColor(colour)
            if radius:
                canvas.roundRect(left + x, top - y - height, width, height, radius, stroke=0, fill=1)
            else:
                canvas.rect(left + x, top - y - height, width, height, stroke=0, fill=1)
        case Squares(x, y, side, rows):
            canvas.setFillColor(INK)
            for row, squares in enumerate(rows):
                for run in re.finditer("1+", squares):
                    place = (left + x + run.start() * side, top - y - (row + 1) * side)
                    # A hair more than a square, or seams show between the rows.
                    canvas.rect(*place, len(run[0]) * side, side + 0.05, stroke=0, fill=1)
        case _:
            assert_never(ink)


def _told(words: str) -> str:
    """For the reader's own window."""
    return letters.plain(words)[:_TOLD]
