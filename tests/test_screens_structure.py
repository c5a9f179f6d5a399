import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
import stage
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtQuick import QQuickItem, QQuickView

from kiosk import words
from kiosk.screens import pose

UI = Path(__file__).parents[1] / "kiosk" / "ui"
TARGET, BETWEEN, SMALLEST, CONTRAST = 72, 12, 20, 7.0
SLACK = 1.0  # layouts round to whole pixels


def luminance(colour: QColor) -> float:
    """WCAG 2.2, relative luminance."""
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def behind(item: QQuickItem) -> QColor:
    for above in ancestors(item):
        if above.inherits("QQuickRectangle"):
            colour = above.property("color")
            if isinstance(colour, QColor) and colour.alpha() == 255:
                return colour
    raise AssertionError("nothing opaque behind")


def number(item: QQuickItem, enumeration: str) -> int:
    """Read an enumeration that PySide has no type for."""
    context = qmlContext(item)
    assert context is not None
    value = QQmlExpression(context, item, enumeration).evaluate()
    return int(value[0] if isinstance(value, tuple) else value)


def ancestors(item: QQuickItem) -> Iterator[QQuickItem]:
    """From the parent up to the root of the scene, which is called main."""
    while not stage.has(item, "pages"):
        item = item.parentItem()
        yield item


def named(item: QQuickItem) -> str:
    words_or_not = item.property("text") if stage.has(item, "text") else ""
    return f"{item.metaObject().className().split('_')[0]} {item.objectName() or words_or_not!r}"


def text_faults(text: QQuickItem, window: QRectF) -> Iterator[str]:
    font = text.property("font")
    assert isinstance(font, QFont)
    painted = (text.property("contentWidth"), text.property("contentHeight"))
    if number(text, "textFormat") != Qt.TextFormat.PlainText.value:
        yield "is not plain text"
    if (
        min(font.pixelSize(), (number(text, "fontSizeMode") and number(text, "minimumPixelSize")) or font.pixelSize())
        < SMALLEST
    ):
        yield f"is {font.pixelSize()} px"
    if text.property("truncated") or painted[0] > text.width() + SLACK or painted[1] > text.height() + SLACK:
        yield f"needs {painted} and has {text.width(), text.height()}"
    if contrast(text.property("color"), behind(text)) < CONTRAST:
        yield f"has contrast {contrast(text.property('color'), behind(text)):.1f}"
    for above in ancestors(text):
        if above.height() > 0 and not grown(stage.place(above)).contains(ink(text)):
            yield f"leaves {named(above)}"
    if not window.contains(stage.place(text)):
        yield "leaves the window"


def grown(rect: QRectF) -> QRectF:
    return rect.adjusted(-SLACK, -SLACK, SLACK, SLACK)


def ink(text: QQuickItem) -> QRectF:
    """Where the letters are, which may be less than the item."""
    whole = stage.place(text)
    wide, high = text.property("contentWidth"), text.property("contentHeight")
    centred = number(text, "horizontalAlignment") == Qt.AlignmentFlag.AlignHCenter.value
    middle = number(text, "verticalAlignment") == Qt.AlignmentFlag.AlignVCenter.value
    left = (whole.width() - wide) / 2 if centred else 0.0
    top = (whole.height() - high) / 2 if middle else 0.0
    return QRectF(whole.x() + left, whole.y() + top, wide, high)


def gap(one: QRectF, other: QRectF) -> float:
    across = max(one.left(), other.left()) - min(one.right(), other.right())
    down = max(one.top(), other.top()) - min(one.bottom(), other.bottom())
    return max(across, down)


def faults(window: QQuickView) -> list[str]:
    """Every way in which the shown screen breaks screens.md."""
    frame = grown(QRectF(0, 0, window.width(), window.height()))
    shown = list(stage.items(window.contentItem()))
    writing = [i for i in shown if i.inherits("QQuickText") and i.property("text")]
    targets = [i for i in shown if any(c.inherits("QQuickMouseArea") for c in i.childItems())]
    drawings = [i for i in shown if stage.has(i, "drawings")]
    assert writing
    assert targets
    found = [f"{named(t)} {fault}" for t in writing for fault in text_faults(t, frame)]
    places = [(named(t), stage.place(t), t) for t in targets]
    inks = [(named(t), ink(t), t) for t in writing]
    drawn = [(str(d.property("name")), stage.place(d)) for d in drawings]
    for name, where, _ in places:
        if where.width() < TARGET or where.height() < TARGET or not frame.contains(where):
            found.append(f"{name} is {where}")
    for (one, here, _), (other, there, _) in combinations(places, 2):
        if gap(here, there) < BETWEEN - SLACK:
            found.append(f"{one} and {other} are closer than {BETWEEN} px")
    for (one, here, _), (other, there, _) in combinations(inks, 2):
        if here.intersects(there):
            found.append(f"{one} lies on {other}")
    for one, here, text in inks:
        within = list(ancestors(text))
        found += [f"{one} lies on {name}" for name, where, t in places if here.intersects(where) and t not in within]
        found += [f"{one} lies on {name}" for name, where in drawn if here.intersects(where)]
    return found + [fault for drawing in drawings for fault in drawing_faults(drawing, frame)]


def drawing_faults(drawing: QQuickItem, frame: QRectF) -> Iterator[str]:
    if drawing.property("name") not in drawing.property("drawings").toVariant():
        yield f"there is no drawing {drawing.property('name')}"
    if not frame.contains(stage.place(drawing)):
        yield f"drawing {drawing.property('name')} leaves the window"
    if contrast(drawing.property("color"), behind(drawing)) < CONTRAST:
        yield f"drawing {drawing.property('name')} is faint"


def every_fault(layout: str, languages: tuple[str, ...], *, light: bool = False) -> list[str]:
    found: list[str] = []
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS[layout], light=light)
        for language in languages:
            for each in pose.poses():
                shown.show(each, language)
                found += [f"{each.name} {language}: {fault}" for fault in faults(shown.window)]
        shown.close()
    return found


@pytest.mark.parametrize("layout", pose.LAYOUTS)
def test_every_state_fits_and_reads_well_in_every_language(layout: str) -> None:
    assert every_fault(layout, words.LANGUAGES) == []


def test_the_day_colours_read_well_too() -> None:
    assert every_fault("landscape", ("id",), light=True) == []


def test_a_larger_display_scales_up() -> None:
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"] * 1.6)
        small = pose.Stage.open(pose.LAYOUTS["landscape"])
        idle = pose.poses()[0]
        for one in (shown, small):
            one.show(idle, "nl")
            assert faults(one.window) == []
        big, little = (stage.place(stage.find(s.window, "action.in")).height() for s in (shown, small))
        assert big == pytest.approx(1.6 * little, rel=0.02)
        shown.close()
        small.close()


def test_the_checks_find_what_they_look_for() -> None:
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        spoilt = {
            "needs": ("clock", "text", "00:00:00:00:00:00"),
            "leaves the window": ("clock", "x", -40),
            "contrast": ("clock", "color", QColor("#19233a")),
            "QRectF": ("action.in", "height", 60),
            "closer than": ("action.in", "height", 150),
            "lies on": ("clock", "y", 60),
        }
        for fault, (name, key, value) in spoilt.items():
            shown.show(pose.poses()[-1], "id")
            shown.show(pose.poses()[0], "id")
            stage.find(shown.window, name).setProperty(key, value)
            assert any(fault in each for each in faults(shown.window)), fault
        shown.close()


def test_the_qml_holds_no_sentence_and_no_way_out() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in sorted(UI.glob("*.qml"))}
    assert len(sources) > 15
    for name, source in sources.items():
        assert not re.search(r'\btext: "[^"]', source), name
        if name != "Label.qml":
            assert not re.search(r"^\s*Text \{", source, re.MULTILINE), name
        for way_out in ("openUrl", "TextInput", "TextEdit", "Dialog", "Menu", "DropArea", "linkActivated", "XMLHttp"):
            assert way_out not in source, f"{name} has {way_out}"
        for slow in ("ShaderEffect", "layer.enabled", "MultiEffect", "Canvas"):
            assert slow not in source, f"{name} has {slow}"
