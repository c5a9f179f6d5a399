"""Plots FNMR against FMR on normal-deviate axes, as ISO/IEC 19795-1 draws DET curves; refuses rates of 0 and 1."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import Final

from kiosk.evaluation.measure import Verification
from kiosk.vision.drawing import Colour, Dot, Drawing, Line, Point, Words

WIDTH, HEIGHT = 760, 640
LEFT, TOP, RIGHT, BOTTOM = 96.0, 84.0, 716.0, 556.0
PAPER: Final[Colour] = (255, 255, 255)
INK: Final[Colour] = (12, 19, 34)
SOFT: Final[Colour] = (54, 67, 92)
GRID: Final[Colour] = (226, 231, 240)
CURVE: Final[Colour] = (0, 92, 153)
CHANCE: Final[Colour] = (150, 163, 184)
AMBER: Final[Colour] = (184, 116, 0)
"""The interface's own ink, line and threshold colours, dark enough for paper."""
MARKS: Final = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5, 0.8)
DIAGONAL: Final = 0.2
"""Where the line of equal errors ends, clear of the legend."""
LEAST_SPAN: Final = 4
_PROBIT: Final = NormalDist().inv_cdf


def plot(found: Verification, title: str) -> Drawing:
    """Draw the DET curve of a verification with its bounds, its equal error rate and the pack's threshold.

    The axes end at one comparison: what lies below could not have been seen.

    Args:
        found: what was measured.
        title: above the plot; ASCII.
    """
    x_marks, y_marks = _marks(found.non_mated), _marks(found.mated)

    def place(fmr: float, fnmr: float) -> Point:
        return (
            LEFT + (RIGHT - LEFT) * _share(fmr, x_marks),
            BOTTOM - (BOTTOM - TOP) * _share(fnmr, y_marks),
        )

    things: list[Line | Dot | Words] = [
        Words((LEFT, 34), title, 18, INK),
        Words((LEFT, 56), _counted(found), 12.5, SOFT),
    ]
    things += _axes(x_marks, y_marks)
    diagonal = [max(x_marks[0], y_marks[0]), DIAGONAL]
    things.append(Line(tuple(place(rate, rate) for rate in diagonal), CHANCE, 1.2, 5))
    inside = [
        (float(fmr), float(fnmr))
        for fmr, fnmr in zip(found.curve.fmr, found.curve.fnmr, strict=True)
        if fmr <= x_marks[-1] and fnmr <= y_marks[-1]
    ]
    things.append(Line(tuple(place(*corner) for corner in _steps(inside)), CURVE, 2.2))
    legend = [(CURVE, "line", "DET curve"), (CHANCE, "dash", "FMR = FNMR")]
    eer = found.eer
    things.append(Dot(place(eer.value, eer.value), 4.5, CURVE))
    legend.append((CURVE, "dot", f"EER {_percent(eer.value)} (95%: {_percent(eer.low)} to {_percent(eer.high)})"))
    fmr, fnmr = found.fmr, found.fnmr
    at = place(fmr.value, fnmr.value)
    things += [
        Line((place(fmr.low, fnmr.value), place(fmr.high, fnmr.value)), AMBER, 1.6),
        Line((place(fmr.value, fnmr.low), place(fmr.value, fnmr.high)), AMBER, 1.6),
        Dot(at, 4.5, AMBER),
    ]
    legend.append((AMBER, "dot", f"threshold {found.threshold:.2f}, bars: 95% bounds"))
    return Drawing(WIDTH, HEIGHT, title, (*things, *_legend(legend)))


def _counted(found: Verification) -> str:
    perfect = "; one threshold parts them all, so the curve lies on the axes" if found.eer.value == 0 else ""
    return f"{found.mated:,} mated and {found.non_mated:,} non-mated comparisons{perfect}"


def _steps(points: Sequence[Point]) -> list[Point]:
    """The corners of a curve that moves in whole comparisons, without those on a straight line."""
    corners = list(points[:1])
    for before, after in pairwise(points):
        corners += [(after[0], before[1]), after]
    corners = [corner for i, corner in enumerate(corners) if i == 0 or corner != corners[i - 1]]
    return [
        corner
        for i, corner in enumerate(corners)
        if i in {0, len(corners) - 1}
        or not any(corners[i - 1][axis] == corner[axis] == corners[i + 1][axis] for axis in (0, 1))
    ]


def _marks(comparisons: int) -> list[float]:
    """The labelled rates of an axis: from the first below one comparison to 0.5."""
    lowest = max((mark for mark in MARKS[:-LEAST_SPAN] if mark <= 1 / comparisons), default=MARKS[0])
    return [mark for mark in MARKS if lowest <= mark <= 0.5]  # noqa: PLR2004 - beyond is worse than a coin


def _share(rate: float, marks: Sequence[float]) -> float:
    """Where on an axis a rate lies, 0..1."""
    low, high = _PROBIT(marks[0]), _PROBIT(marks[-1])
    return (_PROBIT(min(max(rate, marks[0]), marks[-1])) - low) / (high - low)


def _axes(x_marks: Sequence[float], y_marks: Sequence[float]) -> list[Line | Dot | Words]:
    things: list[Line | Dot | Words] = []
    for mark in x_marks:
        x = LEFT + (RIGHT - LEFT) * _share(mark, x_marks)
        things += [Line(((x, TOP), (x, BOTTOM)), GRID), Words((x, BOTTOM + 20), _rate(mark), 12, SOFT, "middle")]
    for mark in y_marks:
        y = BOTTOM - (BOTTOM - TOP) * _share(mark, y_marks)
        things += [Line(((LEFT, y), (RIGHT, y)), GRID), Words((LEFT - 10, y + 4), _rate(mark), 12, SOFT, "end")]
    frame = ((LEFT, TOP), (LEFT, BOTTOM), (RIGHT, BOTTOM), (RIGHT, TOP), (LEFT, TOP))
    things.append(Line(frame, SOFT, 1.2))
    things.append(Words(((LEFT + RIGHT) / 2, BOTTOM + 46), "false match rate (FMR)", 14, INK, "middle"))
    upward = Words((LEFT - 62, (TOP + BOTTOM) / 2), "false non-match rate (FNMR)", 14, INK, "middle", upward=True)
    return [*things, upward]


def _legend(entries: Sequence[tuple[Colour, str, str]]) -> list[Line | Dot | Words]:
    things: list[Line | Dot | Words] = []
    x, y = RIGHT - 312, TOP + 22
    for colour, kind, text in entries:
        things.append(Line(((x + 2, y - 4), (RIGHT - 18, y - 4)), PAPER, 20))
        if kind == "dot":
            things.append(Dot((x + 14, y - 4), 4.5, colour))
        else:
            things.append(Line(((x, y - 4), (x + 28, y - 4)), colour, 2.2, 5 if kind == "dash" else 0))
        things.append(Words((x + 38, y), text, 12, INK))
        y += 20
    return things


def _rate(mark: float) -> str:
    return f"{mark * 100:g}%" if mark >= 1e-3 else f"{mark:.0e}".replace("e-0", "e-")  # noqa: PLR2004 - a tenth of a per cent


def _percent(rate: float) -> str:
    return f"{rate * 100:.2g}%" if rate < 0.1 else f"{rate * 100:.1f}%"  # noqa: PLR2004 - two digits are enough
