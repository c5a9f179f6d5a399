import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import stage
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtQml import QJSValue, QQmlExpression, qmlContext
from PySide6.QtQuick import QQuickItem, QQuickView

from kiosk import words
from kiosk.pages.common import Told
from kiosk.pages.posed import Posed, posed
from kiosk.pages.sheet import Line
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


@dataclass(frozen=True, slots=True)
class Writing:
    """A text on the screen: where its letters are, and how it is set; PySide has no type for Qt's enumerations."""

    item: QQuickItem
    ink: QRectF
    plain: bool
    smallest: int
    within: tuple[QQuickItem, ...]

    @classmethod
    def of(cls, text: QQuickItem) -> "Writing":
        context = qmlContext(text)
        assert context is not None
        asked = "[textFormat, fontSizeMode, minimumPixelSize, horizontalAlignment, verticalAlignment]"
        value: Any = QQmlExpression(context, text, asked).evaluate()
        found = value[0] if isinstance(value, tuple) else value
        form, fit, least, across, down = found.toVariant() if isinstance(found, QJSValue) else found
        whole, size = stage.place(text), text.property("font").pixelSize()
        wide, high = text.property("contentWidth"), text.property("contentHeight")
        left = {Qt.AlignmentFlag.AlignHCenter.value: 0.5, Qt.AlignmentFlag.AlignRight.value: 1.0}.get(across, 0.0)
        top = {Qt.AlignmentFlag.AlignVCenter.value: 0.5, Qt.AlignmentFlag.AlignBottom.value: 1.0}.get(down, 0.0)
        corner = QPointF(whole.x() + left * (whole.width() - wide), whole.y() + top * (whole.height() - high))
        smallest = min(size, least if fit else size)
        plain = form == Qt.TextFormat.PlainText.value
        return cls(text, QRectF(corner, QSizeF(wide, high)), plain, smallest, tuple(ancestors(text)))


def ancestors(item: QQuickItem) -> Iterator[QQuickItem]:
    """From the parent up to the root of the scene, which is called main."""
    while not stage.has(item, "pages"):
        item = item.parentItem()
        yield item


def named(item: QQuickItem) -> str:
    words_or_not = item.property("text") if stage.has(item, "text") else ""
    return f"{item.metaObject().className().split('_')[0]} {item.objectName() or words_or_not!r}"


def text_faults(text: Writing, window: QRectF) -> Iterator[str]:
    item, painted = text.item, text.ink
    if not text.plain:
        yield "is not plain text"
    if text.smallest < SMALLEST:
        yield f"is {text.smallest} px"
    scrolls = stage.has(item, "scrolls")  # what is typed shows its end
    if (
        (item.property("truncated") and not scrolls)
        or painted.width() > item.width() + SLACK
        or painted.height() > item.height() + SLACK
    ):
        yield f"needs {painted.width(), painted.height()} and has {item.width(), item.height()}"
    if (against := contrast(item.property("color"), behind(item))) < CONTRAST:
        yield f"has contrast {against:.1f}"
    for above in text.within:
        if above.height() > 0 and not grown(stage.place(above)).contains(painted):
            yield f"leaves {named(above)}"
    if not window.contains(stage.place(item)):
        yield "leaves the window"


def grown(rect: QRectF) -> QRectF:
    return rect.adjusted(-SLACK, -SLACK, SLACK, SLACK)


def gap(one: QRectF, other: QRectF) -> float:
    across = max(one.left(), other.left()) - min(one.right(), other.right())
    down = max(one.top(), other.top()) - min(one.bottom(), other.bottom())
    return max(across, down)


def faults(window: QQuickView) -> list[str]:
    """Every way in which the shown screen breaks screens.md."""
    frame = grown(QRectF(0, 0, window.width(), window.height()))
    shown = list(stage.items(window.contentItem()))
    writing = [Writing.of(i) for i in shown if i.inherits("QQuickText") and i.property("text")]
    targets = [i for i in shown if any(c.inherits("QQuickMouseArea") for c in i.childItems())]
    drawings = [i for i in shown if stage.has(i, "drawings")]
    assert writing
    assert targets
    found = [f"{named(t.item)} {fault}" for t in writing for fault in text_faults(t, frame)]
    places = [(named(t), stage.place(t), t) for t in targets]
    inks = [(named(t.item), t.ink, t) for t in writing]
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
        found += [
            f"{one} lies on {name}" for name, where, t in places if here.intersects(where) and t not in text.within
        ]
        found += [f"{one} lies on {name}" for name, where in drawn if here.intersects(where)]
    names = {name for drawing in drawings[:1] for name in drawing.property("drawings").toVariant()}
    found += unheard(targets, writing, names)
    return found + [fault for drawing in drawings for fault in drawing_faults(drawing, frame)]


TOUCHED = {QAccessible.Role.Button, QAccessible.Role.ListItem, QAccessible.Role.EditableText}
UNSEEN = "hidden"  # where the device is looked after; nothing says so


def heard(item: QQuickItem) -> str:
    """What a screen reader says of an item: its name, and what stands in it."""
    found = QAccessible.queryAccessibleInterface(item)
    return "" if found is None else f"{found.text(QAccessible.Text.Name)} {found.text(QAccessible.Text.Description)}"


def unheard(targets: list[QQuickItem], writing: list[Writing], drawings: set[str]) -> Iterator[str]:
    """Every target has a role, words and a state that is true; every text is read out, by itself or by another."""
    for target in targets:
        if target.objectName() == UNSEEN:
            continue
        found = QAccessible.queryAccessibleInterface(target)
        if found is None or found.role() not in TOUCHED:
            yield f"{named(target)} is nothing to a screen reader"
        elif not (name := found.text(QAccessible.Text.Name)).strip() or name in drawings:
            yield f"{named(target)} has no words"
        elif bool(found.state().disabled) is target.isEnabled():
            yield f"{named(target)} does not say whether it can be touched"
    for text in writing:
        said = str(text.item.property("text"))
        speaks = () if text.item.property("told") else (text.item,)
        otherwise = any(stage.has(each, "spoken") and each.property("spoken") for each in text.within)
        if not otherwise and not any(said in heard(each) for each in (*speaks, *text.within)):
            yield f"{named(text.item)} is not read out"


def drawing_faults(drawing: QQuickItem, frame: QRectF) -> Iterator[str]:
    if drawing.property("name") not in drawing.property("drawings").toVariant():
        yield f"there is no drawing {drawing.property('name')}"
    if not frame.contains(stage.place(drawing)):
        yield f"drawing {drawing.property('name')} leaves the window"
    if contrast(drawing.property("color"), behind(drawing)) < CONTRAST:
        yield f"drawing {drawing.property('name')} is faint"


def door_faults(layout: str, languages: tuple[str, ...], *, light: bool = False, large: bool = False) -> Iterator[str]:
    """What is wrong with the check-in, state by state."""
    shown = pose.Stage.open(pose.LAYOUTS[layout], light=light, large=large)
    for language in languages:
        for each in pose.poses():
            shown.show(each, language)
            yield from (f"{each.name} {language}: {fault}" for fault in faults(shown.window))
    shown.close()


def page_faults(layout: str, languages: tuple[str, ...], *, light: bool = False, large: bool = False) -> Iterator[str]:
    """What is wrong with the pages beside it, screen by screen."""
    shown = pose.Stage.open(pose.LAYOUTS[layout], light=light, large=large)
    for language in languages:
        for each in posed():
            shown.show_page(each, language)
            for screen in shown.screens():
                yield from (f"{each.name} {language} {screen}: {fault}" for fault in faults(shown.window))
    shown.close()


def some_page_faults(layout: str, *, light: bool = False, large: bool = False, every: int = 1) -> Iterator[str]:
    """The same of each page in one language, another one in each layout; every one in three takes four minutes."""
    shown = pose.Stage.open(pose.LAYOUTS[layout], light=light, large=large)
    first = list(pose.LAYOUTS).index(layout)
    for number, each in list(enumerate(posed()))[first::every]:
        language = words.LANGUAGES[(number + first) % len(words.LANGUAGES)]
        shown.show_page(each, language)
        for screen in shown.screens():
            yield from (f"{each.name} {language} {screen}: {fault}" for fault in faults(shown.window))
    shown.close()


def test_a_long_page_has_all_its_screens_also_after_a_keyboard() -> None:
    by_name = {each.name: each for each in posed()}
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        found = []
        for name in ("blocks", "keyboard-text", "blocks"):
            shown.show_page(by_name[name], "id")
            found.append(len(list(shown.screens())))
        shown.close()
    assert found[0] == found[2] > 2


@pytest.mark.parametrize("layout", pose.LAYOUTS)
@pytest.mark.parametrize("of", [door_faults, pytest.param(page_faults, marks=pytest.mark.long)])
def test_every_screen_fits_and_reads_well_in_every_language(layout: str, of: Callable[..., Iterator[str]]) -> None:
    with stage.watched():
        assert list(of(layout, words.LANGUAGES)) == []


@pytest.mark.parametrize("layout", pose.LAYOUTS)
def test_every_page_fits_and_reads_well_in_a_language(layout: str) -> None:
    with stage.watched():
        assert list(some_page_faults(layout)) == []


def test_the_day_colours_and_larger_type_read_well_too() -> None:
    with stage.watched():
        assert list(door_faults("landscape", ("nl",), light=True, large=True)) == []
        assert list(some_page_faults("landscape", light=True, large=True, every=5)) == []


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("layout", pose.LAYOUTS)
@pytest.mark.parametrize("of", [door_faults, page_faults])
@pytest.mark.parametrize(("light", "large"), [(True, False), (False, True), (True, True)])
def test_every_screen_does_so_in_every_light_and_size(
    layout: str,
    of: Callable[..., Iterator[str]],
    light: bool,  # noqa: FBT001 - a case
    large: bool,  # noqa: FBT001 - a case
) -> None:
    with stage.watched():
        assert list(of(layout, words.LANGUAGES, light=light, large=large)) == []


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
            "has no words": ("language.nl", "spoken", " "),
            "is not read out": ("clock", "told", True),
        }
        for fault, (name, key, value) in spoilt.items():
            shown.show(pose.poses()[-1], "id")
            shown.show(pose.poses()[0], "id")
            stage.find(shown.window, name).setProperty(key, value)
            assert any(fault in each for each in faults(shown.window)), fault
        shown.close()


def test_the_checks_find_it_on_every_screen_of_a_page() -> None:
    long = "Rekapitulasi keberangkatan dinas luar kota " * 40
    poor = Posed("poor", Told("tap.done", body=(*[Line(text=f"{n} words") for n in range(40)], Line(long))))
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        shown.show_page(poor, "id")
        found = {screen: faults(shown.window) for screen in shown.screens()}
        assert len(found) > 2
        assert any("needs" in fault for fault in found.pop(max(found)))
        assert not any(found.values())
        shown.close()


def test_it_is_the_page_shown_last_that_is_turned() -> None:
    named = {each.name: each for each in posed()}
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        screens = []
        for name in ("told", "keyboard-text", "blocks"):
            shown.show_page(named[name], "id")
            screens.append(len({shown.draw().cacheKey() for _ in shown.screens()}))
        assert screens == [1, 1, 3]
        assert stage.find(shown.window, "page.number").property("text") == "3/3"
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
