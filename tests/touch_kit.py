"""Fingers on a window: real touch events, the frames that follow, and how much of a frame is drawn on."""

import time
from collections.abc import Callable

import numpy as np
import stage
from PySide6.QtCore import QEventLoop, QPoint, SignalInstance
from PySide6.QtGui import QGuiApplication, QImage, QPointingDevice
from PySide6.QtQuick import QQuickView
from PySide6.QtTest import QTest

FINGER = QTest.createTouchDevice()


def tap(window: QQuickView, where: QPoint, device: QPointingDevice = FINGER) -> None:
    """Touch and lift."""
    QTest.touchEvent(window, device).press(0, where, window).commit()
    QTest.touchEvent(window, device).release(0, where, window).commit()


def middle(window: QQuickView, name: str) -> QPoint:
    """Where a finger aims at."""
    return stage.place(stage.find(window, name)).center().toPoint()


class Frames:
    """Sees when a window shows the first frame after what it draws has changed."""

    def __init__(self, window: QQuickView, changed: SignalInstance) -> None:
        self._changed, self._shown_at = False, 0.0
        changed.connect(self._changes)
        window.frameSwapped.connect(self._shown)

    def _changes(self) -> None:
        self._changed = True

    def _shown(self) -> None:
        if self._changed and not self._shown_at:
            self._shown_at = time.perf_counter()

    def after(self, act: Callable[[], object], within_s: float = 2.0) -> float:
        """Seconds from the beginning of an act to the first frame that shows what it led to."""
        self._changed, self._shown_at = False, 0.0
        begun = time.perf_counter()
        act()
        while not self._shown_at:
            if time.perf_counter() - begun > within_s:
                raise TimeoutError("no changed frame followed")
            QGuiApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        return self._shown_at - begun


def ink(picture: QImage) -> float:
    """The share of a picture that is not the colour of its corner: an empty screen has none."""
    pixels = np.frombuffer(picture.constBits(), np.uint32)
    return float(np.mean(pixels != pixels[0]))
