"""The mirrored preview: newest camera picture to screen; keeps one picture, writes none."""

from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Property, QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtQml import qmlRegisterType
from PySide6.QtQuick import QQuickItem, QQuickWindow, QSGImageNode, QSGNode

Picture = NDArray[np.uint8]
MODULE: Final = "Ambang"


class PreviewSource(QObject):
    """The newest picture, handed over between threads; older ones are dropped, so no queue can grow."""

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest: Picture | None = None
        self._lock = Lock()
        self.painted = 0

    def show(self, image: Picture) -> None:
        """Offer a picture from any thread.

        Args:
            image: H x W x 3, uint8, blue green red; it must not be written to afterwards.
        """
        with self._lock:
            waiting, self._newest = self._newest is not None, image
        if not waiting:
            self.arrived.emit()

    def take(self) -> Picture | None:
        """Take the newest picture, once."""
        with self._lock:
            newest, self._newest = self._newest, None
        return newest

    def clear(self) -> None:
        """Forget the picture that nobody has taken."""
        self.take()


def mirrored(image: Picture, ratio: float) -> Picture:
    """Return the centre of a picture, cut to width / height = ratio, left and right exchanged, in its own memory."""
    height, width = image.shape[:2]
    wide, high = min(width, round(height * ratio)), min(height, round(width / ratio))
    left, top = (width - wide) // 2, (height - high) // 2
    return np.ascontiguousarray(image[top : top + high, left : left + wide][:, ::-1])


class PreviewItem(QQuickItem):
    """Paints a PreviewSource; `source.painted` counts painted pictures for the frame rate.

    A window makes one: PySide 6.12 never lets go of an item that QML has made, so one a look would stay for ever.
    """

    sourceChanged = Signal()  # noqa: N815 - QML's spelling

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self.setFlag(QQuickItem.Flag.ItemHasContents)
        self._source: PreviewSource | None = None

    def _get_source(self) -> QObject | None:
        return self._source

    def _set_source(self, source: QObject | None) -> None:
        if isinstance(self._source, PreviewSource):
            self._source.arrived.disconnect(self.wake)
        self._source = source if isinstance(source, PreviewSource) else None
        if self._source is not None:
            self._source.clear()  # the person before must not flash up
            self._source.arrived.connect(self.wake, Qt.ConnectionType.QueuedConnection)
            self.update()
        self.sourceChanged.emit()

    source = Property(QObject, _get_source, _set_source, notify=sourceChanged)

    @Slot()
    def begin(self) -> None:
        """Somebody else stands there: the picture that nobody has taken is forgotten."""
        if self._source is not None:
            self._source.clear()

    @Slot()
    def wake(self) -> None:
        """Ask for a repaint; several pictures before it are one."""
        self.update()

    def updatePaintNode(self, old: QSGNode | None, _data: QQuickItem.UpdatePaintNodeData) -> Any:  # noqa: ANN401, N802 - Qt's signature
        """Put the newest picture into the scene; the texture is owned by its node, else each frame leaks."""
        window: QQuickWindow | None = self.window()
        image = None if self._source is None else self._source.take()
        if window is None or self._source is None or image is None or self.width() < 1 or self.height() < 1:
            return old
        cut = mirrored(image, self.width() / self.height())
        high, wide = cut.shape[:2]
        # The copy is the texture's and goes with it; what an item keeps, PySide keeps for ever.
        picture = QImage(cut.data, wide, high, 3 * wide, QImage.Format.Format_BGR888).copy()
        texture = window.createTextureFromImage(picture)
        node = old if isinstance(old, QSGImageNode) else window.createImageNode()
        node.setOwnsTexture(True)
        node.setTexture(texture)
        node.setFiltering(texture.Filtering.Linear)
        node.setSourceRect(QRectF(0, 0, wide, high))
        node.setRect(self.boundingRect())
        self._source.painted += 1
        return node


def register() -> None:
    """Make PreviewItem known to QML; twice does no harm."""
    qmlRegisterType(PreviewItem, MODULE, 1, 0, "PreviewItem")  # type: ignore[call-overload]
