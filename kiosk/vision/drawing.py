"""Draws lines and words as SVG text and as a PNG; refuses to be more than the two need for a plot."""

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final, Literal, TypeAlias

import cv2
import numpy as np

from kiosk.vision.arrays import Image

Point: TypeAlias = tuple[float, float]
Colour: TypeAlias = tuple[int, int, int]
"""Red, green, blue."""
SCALE: Final = 2
"""Pixels of the PNG for one unit of the drawing."""
_BITS: Final = 4
_FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; `dash` is the length of its dashes and gaps, or 0."""

    points: tuple[Point, ...]
    colour: Colour
    width: float = 1.0
    dash: float = 0.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled disc."""

    at: Point
    radius: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Words:
    """One line of ASCII text whose baseline begins, is centred or ends at a point; `upward` reads from below."""

    at: Point
    text: str
    size: float
    colour: Colour
    anchor: Literal["start", "middle", "end"] = "start"
    upward: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """Things on a white sheet, later ones above earlier ones."""

    width: int
    height: int
    title: str
    things: tuple[Line | Dot | Words, ...]


def svg(drawing: Drawing) -> str:
    """Write a drawing as SVG 1.1; it names nothing outside itself."""
    body = "\n".join(_element(each) for each in drawing.things)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width}" height="{drawing.height}" '
        f'viewBox="0 0 {drawing.width} {drawing.height}" font-family="{_FONT}">\n'
        f'<title>{escape(drawing.title)}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def png(drawing: Drawing) -> bytes:
    """Paint a drawing, `SCALE` pixels for a unit, and return a PNG file."""
    sheet = np.full((drawing.height * SCALE, drawing.width * SCALE, 3), 255, np.uint8)
    for each in drawing.things:
        match each:
            case Line():
                for stroke in _strokes(each):
                    corners = np.round(np.array(stroke) * SCALE * (1 << _BITS)).astype(np.int32)
                    width = max(round(each.width * SCALE), 1)
                    cv2.polylines(sheet, [corners], False, each.colour[::-1], width, cv2.LINE_AA, _BITS)  # noqa: FBT003 - cv2's own order
            case Dot():
                x, y = (round(v * SCALE * (1 << _BITS)) for v in each.at)
                radius = round(each.radius * SCALE * (1 << _BITS))
                cv2.circle(sheet, (x, y), radius, each.colour[::-1], -1, cv2.LINE_AA, _BITS)
            case Words():
                _write(sheet, each)
    good, data = cv2.imencode(".png", sheet)
    if not good:
        raise ValueError("a picture that cannot be encoded")
    return bytes(data)


def _element(thing: Line | Dot | Words) -> str:
    fill = "#{:02x}{:02x}{:02x}".format(*thing.colour)
    match thing:
        case Line():
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in thing.points)
            dash = f' stroke-dasharray="{thing.dash:g}"' if thing.dash else ""
            return f'<polyline points="{points}" fill="none" stroke="{fill}" stroke-width="{thing.width:g}"{dash}/>'
        case Dot():
            return f'<circle cx="{thing.at[0]:.2f}" cy="{thing.at[1]:.2f}" r="{thing.radius:g}" fill="{fill}"/>'
        case Words():
            x, y = thing.at
            turn = f' transform="rotate(-90 {x:.2f} {y:.2f})"' if thing.upward else ""
            return (
                f'<text x="{x:.2f}" y="{y:.2f}" font-size="{thing.size:g}" fill="{fill}" '
                f'text-anchor="{thing.anchor}"{turn}>{escape(thing.text)}</text>'
            )


def _strokes(line: Line) -> list[list[Point]]:
    """The line, or its dashes."""
    if not line.dash:
        return [list(line.points)]
    strokes: list[list[Point]] = []
    walked = 0.0
    for (x1, y1), (x2, y2) in pairwise(line.points):
        length = float(np.hypot(x2 - x1, y2 - y1))
        cuts = np.arange(line.dash - walked % line.dash, length, line.dash)
        edges = [0.0, *(float(cut) for cut in cuts), length]
        for a, b in pairwise(edges):
            if int((walked + (a + b) / 2) / line.dash) % 2 == 0 and length:
                ends = [(x1 + (x2 - x1) * t / length, y1 + (y2 - y1) * t / length) for t in (a, b)]
                strokes.append(ends)
        walked += length
    return strokes


def _write(sheet: Image, words: Words) -> None:
    """Write on the sheet; upward words are written on a strip of their own, which is turned."""
    # Hershey's letters are 21 units high at scale 1, of which a capital has about 0.7 em.
    scale = words.size * SCALE * 0.72 / 22
    (width, height), below = cv2.getTextSize(words.text, cv2.FONT_HERSHEY_DUPLEX, scale, 1)
    shift = {"start": 0, "middle": width // 2, "end": width}[words.anchor]
    x, y = round(words.at[0] * SCALE), round(words.at[1] * SCALE)
    if not words.upward:
        _put(sheet, words, (x - shift, y), scale)
        return
    strip = np.full((height + below, width, 3), 255, np.uint8)
    _put(strip, words, (0, height), scale)
    turned = np.rot90(strip)
    top, left = max(y - width + shift, 0), max(x - height, 0)
    part = sheet[top : top + turned.shape[0], left : left + turned.shape[1]]
    np.minimum(part, turned[: part.shape[0], : part.shape[1]], out=part)


def _put(sheet: Image, words: Words, at: tuple[int, int], scale: float) -> None:
    cv2.putText(sheet, words.text, at, cv2.FONT_HERSHEY_DUPLEX, scale, words.colour[::-1], 1, cv2.LINE_AA)
