"""The window: one QML scene, no way out of it; refuses links, menus, drops and every key that no field asked for."""

import functools
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QFont, QFontDatabase, QGuiApplication, QKeyEvent
from PySide6.QtQuick import QQuickView

from kiosk.screens import preview
from kiosk.screens.desk import Pages
from kiosk.screens.door import Door
from kiosk.screens.preview import PreviewSource

UI = Path(__file__).parents[1] / "ui"
LANDSCAPE, PORTRAIT = QSize(800, 480), QSize(720, 1280)
ENDING = (signal.SIGTERM, signal.SIGINT)
LEAVE_EVERY_MS = 20
_FAMILIES = ("Inter", "DejaVu Sans")
_SWALLOWED = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.ShortcutOverride,
        QEvent.Type.Shortcut,
        QEvent.Type.ContextMenu,
        QEvent.Type.DragEnter,
        QEvent.Type.Drop,
        QEvent.Type.FileOpen,
    },
)
# What the digits of a numeric keypad are while Num Lock is off, as it is after a start without a desktop.
_UNLOCKED = {
    Qt.Key.Key_Insert: "0",
    Qt.Key.Key_End: "1",
    Qt.Key.Key_Down: "2",
    Qt.Key.Key_PageDown: "3",
    Qt.Key.Key_Left: "4",
    Qt.Key.Key_Clear: "5",
    Qt.Key.Key_Right: "6",
    Qt.Key.Key_Home: "7",
    Qt.Key.Key_Up: "8",
    Qt.Key.Key_PageUp: "9",
}
_log = logging.getLogger("ambang.screens")


class KeyGuard(QObject):
    """Swallows every key and chord; plain characters, Backspace and Enter reach only what asks to be typed."""

    def __init__(self, door: Door, desk: Pages, *, may_close: bool) -> None:
        super().__init__(door)
        self._door, self._desk = door, desk
        self._may_close = may_close

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Return True for what must go no further."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            self._typed(event)
        if isinstance(event, QCloseEvent) and not self._may_close:
            event.ignore()
            return True
        return event.type() in _SWALLOWED

    def _typed(self, event: QKeyEvent) -> None:
        chord = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        asks = self._desk if self._desk.typing else self._door if self._door.shown.page == "pin" else None
        if asks is None or chord != Qt.KeyboardModifier.NoModifier:
            return
        if event.key() == Qt.Key.Key_Backspace:
            asks.erase()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            asks.enter()
        elif event.modifiers() & Qt.KeyboardModifier.KeypadModifier and event.key() in _UNLOCKED:
            asks.key(_UNLOCKED[Qt.Key(event.key())])
        elif len(event.text()) == 1:
            asks.key(event.text())


def application(argv: Sequence[str] = ("ambang",)) -> QGuiApplication:
    """Return the one QGuiApplication, made on first call; call it before any Door exists."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    app = QGuiApplication(list(argv))
    app.setApplicationName("Ambang")
    families = QFontDatabase.families()
    font = QFont(next((f for f in _FAMILIES if f in families), families[0] if families else "sans-serif"))
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    app.setFont(font)
    return app


def build(  # noqa: PLR0913 - each has its own reason and a default
    door: Door,
    desk: Pages,
    source: PreviewSource,
    *,
    size: QSize | None = None,
    fullscreen: bool = False,
    reduced_motion: bool = False,
    light: bool = False,
    large: bool = False,
) -> QQuickView:
    """Return the window, not shown yet.

    Args:
        door: what the check-in binds to.
        desk: what the pages beside it bind to.
        source: where the preview comes from.
        size: pixels; the larger displays scale up from 800 x 480 or 720 x 1280.
        fullscreen: frameless, on top, and not to be closed by anybody at the door.
        reduced_motion: no animation.
        light: the day colours.
        large: type and drawings a quarter larger, where there is room.

    Raises:
        RuntimeError: the scene has an error; the message is Qt's.
    """
    preview.register()
    window = QQuickView()
    window.setTitle("Ambang")
    window.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
    if fullscreen:
        window.setFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        window.setCursor(Qt.CursorShape.BlankCursor)
    window.resize(size or LANDSCAPE)
    window.setInitialProperties(
        {
            "door": door,
            "desk": desk,
            "preview": source,
            "reducedMotion": reduced_motion,
            "light": light,
            "large": large,
        },
    )
    window.setSource(QUrl.fromLocalFile(str(UI / "Main.qml")))
    if window.status() is not QQuickView.Status.Ready:
        raise RuntimeError("\n".join(error.toString() for error in window.errors()))
    window.installEventFilter(KeyGuard(door, desk, may_close=not fullscreen))
    return window


def dismantle(window: QQuickView) -> None:
    """Take the scene down before what it binds to goes away."""
    window.setSource(QUrl())
    window.destroy()
    window.deleteLater()


@contextmanager
def told_to_leave() -> Iterator[None]:
    """Let SIGTERM and SIGINT end the app, from before its threads begin until after they have ended.

    Python hears of a signal in the midst of whatever Qt has called, also while the scene is built: there it may only
    start a timer. To quit at once closes the window under a binding that is being read (measured: 1 crash in 20), and
    asks the window, which may refuse; to exit before the loop runs does nothing, so that is said again.
    """
    leaving = QTimer(interval=LEAVE_EVERY_MS)
    leaving.timeout.connect(functools.partial(application().exit, 0))
    handlers = {number: signal.signal(number, lambda _number, _frame: leaving.start()) for number in ENDING}
    try:
        yield
    finally:
        leaving.stop()
        for number, handler in handlers.items():
            signal.signal(number, handler)


def run(  # noqa: PLR0913 - the same as build
    door: Door,
    desk: Pages,
    source: PreviewSource,
    *,
    size: QSize | None = None,
    fullscreen: bool = False,
    reduced_motion: bool = False,
    light: bool = False,
    large: bool = False,
    begun: Callable[[QQuickView], object] | None = None,
) -> int:
    """Show the window until the application quits; a bug in a slot ends it with 70 (EX_SOFTWARE), so it is restarted.

    `begun` is called with the window once it is shown.

    Returns:
        The exit status: 0 after a quit, 70 after a bug.
    """
    app = application()
    window = build(
        door,
        desk,
        source,
        size=size,
        fullscreen=fullscreen,
        reduced_motion=reduced_motion,
        light=light,
        large=large,
    )
    before = sys.excepthook

    def bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _log.critical("a bug in the screens ends the program", exc_info=(kind, error, trace))
        app.exit(os.EX_SOFTWARE)

    sys.excepthook = bug
    try:
        door.start()
        if fullscreen:
            window.showFullScreen()
        else:
            window.show()
        if begun is not None:
            begun(window)
        return app.exec()
    finally:
        sys.excepthook = before
        desk.stop()
        door.stop()
        dismantle(window)
