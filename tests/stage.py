"""A stage for the screens: an offscreen window, every Qt warning and every exception in a slot written down."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")

from PySide6.QtCore import QEvent, QMessageLogContext, QPoint, QRectF, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtQuick import QQuickItem, QQuickView
from PySide6.QtTest import QTest

from kiosk.screens.pose import settle


@contextmanager
def watched() -> Iterator[list[str]]:
    """Write down what Qt warns of and what slots raise; both are failures at the end."""
    problems: list[str] = []

    def warned(kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
        if kind is not QtMsgType.QtDebugMsg and kind is not QtMsgType.QtInfoMsg:
            problems.append(f"Qt: {message}")

    def raised(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        problems.append(f"{kind.__name__}: {error}")

    hook, sys.excepthook = sys.excepthook, raised
    handler = qInstallMessageHandler(warned)
    try:
        yield problems
        settle(20)
    finally:
        qInstallMessageHandler(handler)
        sys.excepthook = hook
    assert problems == [], problems


# PySide 6.12 loses a reference to None each time a call into Qt answers nothing, and Python before 3.12 dies of it:
# so no test asks an item for a property it has not got, nor the topmost item for its parent.


def has(item: QQuickItem, name: str) -> bool:
    """Say whether an item has a property."""
    return item.metaObject().indexOfProperty(name) >= 0


def items(root: QQuickItem) -> Iterator[QQuickItem]:
    """Walk what is visible, from the back to the front."""
    if root.isVisible() and root.opacity() > 0:
        yield root
        for child in root.childItems():
            yield from items(child)


def place(item: QQuickItem) -> QRectF:
    """Return where an item is in its window."""
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def find(window: QQuickView, name: str) -> QQuickItem:
    """Return the one visible item with this object name."""
    found = [item for item in items(window.contentItem()) if item.objectName() == name]
    assert len(found) == 1, f"{len(found)} visible items are called {name}"
    return found[0]


def texts(window: QQuickView) -> list[str]:
    """Return every text on the screen."""
    return [str(i.property("text")) for i in items(window.contentItem()) if i.inherits("QQuickText")]


def touch(window: QQuickView, name: str) -> None:
    """Click into the middle of an item, as a finger does, and let the screen answer."""
    middle = place(find(window, name)).center()
    click(window, middle.toPoint())


def click(window: QQuickView, where: QPoint) -> None:
    """Click at a point of the window."""
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    settle(1)


def press(
    window: QQuickView,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    text: str = "",
) -> None:
    """Press and release a key of a keyboard that somebody has plugged in."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QGuiApplication.sendEvent(window, QKeyEvent(kind, key, modifier, text))
