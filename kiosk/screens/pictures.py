"""Pictures of the screens, one by one or as a sheet of small ones; refuses a folder or a file it cannot write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from kiosk.pages.posed import posed
from kiosk.screens import app
from kiosk.screens.pose import LAYOUTS, Stage, poses

MOST_ON_A_SHEET: Final = 400
_SMALL: Final = {"landscape": QSize(320, 192), "portrait": QSize(216, 384)}
_WIDE, _SPACE, _NAME = 1648, 8, 20
_PAPER, _INK = QColor("#3a4150"), QColor("#f4f7fc")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which screens, and how.

    Args:
        languages: of them.
        layouts: names of LAYOUTS.
        light: in the day colours.
        large: with larger type.
        pages: not the check-in, only what stands beside it.
        only: what a name begins with; everything if there is none.
    """

    languages: tuple[str, ...]
    layouts: tuple[str, ...]
    light: bool = False
    large: bool = False
    pages: bool = False
    only: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether a screen of this name is wanted."""
        return not self.only or name.startswith(self.only)


@dataclass(frozen=True, slots=True)
class Taken:
    """One picture: "idle-landscape-id", "page-told-portrait-nl-2"."""

    name: str
    layout: str
    image: QImage


def take(wanted: Wanted) -> Iterator[Taken]:
    """Yield every screen that is wanted: the check-in's states, and each screen of each page.

    Raises:
        KeyError: an unknown layout or language.
    """
    for layout in wanted.layouts:
        stage = Stage.open(LAYOUTS[layout], light=wanted.light, large=wanted.large)
        try:
            for language in wanted.languages:
                yield from _taken(stage, wanted, layout, language)
        finally:
            stage.close()


def _taken(stage: Stage, wanted: Wanted, layout: str, language: str) -> Iterator[Taken]:
    for pose in () if wanted.pages else poses():
        if wanted.has(pose.name):
            stage.show(pose, language)
            yield Taken(f"{pose.name}-{layout}-{language}", layout, stage.draw())
    for each in posed():
        if wanted.has(each.name):
            stage.show_page(each, language)
            for screen in stage.screens():
                more = f"-{screen}" if screen > 1 else ""
                yield Taken(f"page-{each.name}-{layout}-{language}{more}", layout, stage.draw())


def render(out: Path, wanted: Wanted) -> Iterator[Path]:
    """Write one PNG a screen into a folder and yield each path.

    Raises:
        KeyError: an unknown layout or language.
        OSError: a picture cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    for taken in take(wanted):
        path = out / f"{taken.name}.png"
        if not taken.image.save(str(path)):
            raise OSError(f"cannot write {path}")
        yield path


def sheet(file: Path, wanted: Wanted) -> int:
    """Write one PNG with a small picture of each screen and its name beneath; return how many there are.

    Raises:
        KeyError: an unknown layout or language.
        ValueError: nothing has such a name, or too much for one sheet.
        OSError: the picture cannot be written.
    """
    small = [(each.name, _made_small(each)) for each in take(wanted)]
    if not 0 < len(small) <= MOST_ON_A_SHEET:
        raise ValueError(f"{len(small)} screens; a sheet has 1 to {MOST_ON_A_SHEET}")
    places, height = _placed([image.size() for _, image in small])
    paper = QImage(_WIDE, height, QImage.Format.Format_RGB32)
    paper.fill(_PAPER)
    painter = QPainter(paper)
    font = QFont(app.application().font())
    font.setPixelSize(13)
    painter.setFont(font)
    painter.setPen(_INK)
    for (name, image), place in zip(small, places, strict=True):
        painter.drawImage(place, image)
        beneath = QRect(place.x(), place.y() + image.height(), image.width(), _NAME)
        painter.drawText(beneath, Qt.AlignmentFlag.AlignCenter, name.removeprefix("page-"))
    painter.end()
    if not _with_few_colours(paper).save(str(file)):
        raise OSError(f"cannot write {file}")
    return len(small)


def _with_few_colours(image: QImage) -> QImage:
    """The picture in the 256 colours that it has most of: a third of the bytes."""
    pixels = np.frombuffer(image.constBits(), np.uint32) & 0xFFF8F8F8
    colours, counts = np.unique(pixels, return_counts=True)
    table = [int(colour) for colour in colours[np.argsort(counts)[-256:]]]
    return image.convertToFormat(QImage.Format.Format_Indexed8, table, Qt.ImageConversionFlag.ThresholdDither)


def _made_small(taken: Taken) -> QImage:
    return taken.image.scaled(
        _SMALL[taken.layout],
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def _placed(sizes: Sequence[QSize]) -> tuple[list[QPoint], int]:
    """Where each is, row by row, and how high the sheet is."""
    places: list[QPoint] = []
    x = y = _SPACE
    row = 0
    for size in sizes:
        if x > _SPACE and x + size.width() + _SPACE > _WIDE:
            x, y, row = _SPACE, y + row + _NAME + _SPACE, 0
        places.append(QPoint(x, y))
        x += size.width() + _SPACE
        row = max(row, size.height())
    return places, y + row + _NAME + _SPACE
