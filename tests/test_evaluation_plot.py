"""The DET plot: what is drawn is what was measured, in SVG and in PNG."""

import re

import cv2
import numpy as np
import pytest

from kiosk.evaluation import det
from kiosk.evaluation.measure import Verification, of_pairs
from kiosk.vision.drawing import SCALE, Dot, Drawing, Line, Words, png, svg

RED, BLUE = (200, 0, 0), (0, 0, 200)


def measured(count: int) -> Verification:
    dice = np.random.default_rng(1)
    own, other = dice.normal(0.65, 0.15, count), dice.normal(0.02, 0.12, count)
    marks = np.clip(np.concatenate([own, other]), -1, 1).astype(np.float32)
    return of_pairs(marks, np.arange(2 * count) < count, None, 0.5)


def painted(drawing: Drawing) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    image = cv2.imdecode(np.frombuffer(png(drawing), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, np.uint8)


def test_the_picture_has_what_the_drawing_says_where_it_says() -> None:
    drawing = Drawing(
        100,
        60,
        "a < b",
        (
            Line(((10, 10), (90, 10)), RED, 2),
            Line(((10, 50), (90, 50)), BLUE, 2, 8),
            Dot((50, 30), 5, BLUE),
            Words((20, 40), "a < b", 12, RED, upward=True),
        ),
    )
    image = painted(drawing)
    assert image.shape == (60 * SCALE, 100 * SCALE, 3)
    assert tuple(image[10 * SCALE, 50 * SCALE]) == RED[::-1]
    assert tuple(image[30 * SCALE, 50 * SCALE]) == BLUE[::-1]
    dashed = (image[50 * SCALE, 10 * SCALE : 90 * SCALE, 0] == 200).mean()
    assert 0.3 < dashed < 0.9
    assert (image[:, : 25 * SCALE, 2] > image[:, : 25 * SCALE, 0]).any()
    text = svg(drawing)
    assert "a &lt; b" in text
    assert 'stroke-dasharray="8"' in text
    assert "rotate(-90" in text


@pytest.mark.parametrize("count", [20, 3000])
def test_a_curve_falls_from_the_left_to_the_right_within_its_frame(count: int) -> None:
    found = measured(count)
    drawing = det.plot(found, "DET")
    curve = next(each for each in drawing.things if isinstance(each, Line) and each.colour == det.CURVE)
    x, y = np.array(curve.points).T
    assert det.LEFT <= x.min() <= x.max() <= det.RIGHT
    assert det.TOP <= y.min() <= y.max() <= det.BOTTOM
    # Thresholds rise along the curve: FMR falls to the left, FNMR rises, which is upwards.
    assert (np.diff(x) <= 1e-9).all()
    assert (np.diff(y) <= 1e-9).all()
    assert any(isinstance(each, Words) and "EER" in each.text and "95%" in each.text for each in drawing.things)


def test_the_axes_are_spaced_as_normal_deviates() -> None:
    drawing = det.plot(measured(3000), "DET")
    at = {each.text: each.at[0] for each in drawing.things if isinstance(each, Words) and each.anchor == "middle"}
    # Probits of 0.1 %, 1 % and 20 %: -3.0902, -2.3263, -0.8416.
    assert (at["1%"] - at["0.1%"]) / (at["20%"] - at["1%"]) == pytest.approx(
        (3.0902 - 2.3263) / (2.3263 - 0.8416), 1e-3
    )


def test_the_picture_and_the_text_show_the_same_curve() -> None:
    drawing = det.plot(measured(300), "DET")
    image = painted(drawing)
    line = re.search(r'<polyline points="([^"]+)" fill="none" stroke="#005c99" stroke-width="2.2"/>', svg(drawing))
    assert line is not None
    for point in line.group(1).split():
        x, y = (round(float(v) * SCALE) for v in point.split(","))
        around = image[max(y - 3, 0) : y + 4, max(x - 3, 0) : x + 4].reshape(-1, 3)
        assert (np.abs(around.astype(int) - det.CURVE[::-1]).sum(axis=1) < 90).any()


def test_one_kind_without_any_error_still_has_a_plot() -> None:
    marks = np.array([0.9, 0.8, 0.1, 0.0], np.float32)
    found = of_pairs(marks, np.array([True, True, False, False]), None, 0.5)
    assert painted(det.plot(found, "DET")).shape[0] == det.HEIGHT * SCALE
