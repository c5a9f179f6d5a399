"""Whatever stands in a name, a place or a message: it is plain text, it fits or is cut short, and it leads nowhere."""

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from itertools import cycle
from typing import Any

import pytest
import stage
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from test_screens_structure import faults
from touch_kit import tap

from kiosk import words
from kiosk.faults import FaultCode
from kiosk.flow import events as ev
from kiosk.pages import visit as vi
from kiosk.pages.page import At, Page
from kiosk.pages.posed import ANI, Posed, posed
from kiosk.pages.sheet import Act, Asked, Block, Code, Fact, Line, Meter, Preview, Row, Sheet
from kiosk.screens import app, pose
from kiosk.screens.desk import DeskPorts, Pages
from kiosk.screens.preview import PreviewSource

HOSTILE = {
    "markup": "<b>Ani</b> <img src='file:///etc/passwd'> <a href='https://example.org'>&amp;</a>",
    "backwards": "\u202eBudi \u2066Siti\u2069 \u0645\u062d\u0645\u062f",
    "endless": "Wijayakusuma" * 830,
    "wordy": "Siti Rahmawati " * 660,
    "drawn": "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467" * 40,
    "broken": "Siti\nRahma\r\nwati\u2028dari\u2029Kantor\tPusat\v\f" * 30,
    "stacked": "A\u0301\u0302\u0303\u0304\u0305\u0306\u0307" * 60,
    "odd": "\x00\x01\x1b[31m\ufeff\ufffd\ud7ff{name} %s %1",
}


@dataclass(frozen=True)
class Said(Page):
    """A page that says one thing in every place."""

    text: str
    body: tuple[Block, ...]
    acts: int = 3
    asked: bool = False

    def sheet(self, _at: At) -> Sheet:
        acts = tuple(Act(f"a{n}", self.text, "done") for n in range(self.acts))
        asked = Asked(self.text) if self.asked else None
        return Sheet("said", self.text, self.text, "person", self.body, acts, asked)


def bodies(text: str) -> Iterator[tuple[Block, ...]]:
    yield ()
    yield (Line(text), Line(text, strong=True, warn=True), Line(text, icon="key"))
    yield (Fact(text, text), Meter(text, 0.4, text), Meter("", 7.0, text, good=False))
    yield (Row("a", text, text, text, "person"), Row("b", text, chosen=True), Row("c", "", text, text))
    yield (Code("AMBANG", text),)
    yield (Preview("closer", text, 0.2),)
    yield (Preview("", text, 0.2, square=True),)


@pytest.fixture(scope="module", params=pose.LAYOUTS)
def shown(request: pytest.FixtureRequest) -> Iterator[pose.Stage]:
    with stage.watched():
        opened = pose.Stage.open(pose.LAYOUTS[request.param])
        yield opened
        opened.close()


def wrong(found: list[str]) -> list[str]:
    """What is cut short may be; nothing may lie on another, leave its place or be anything but plain text."""
    return [fault for fault in found if " needs " not in fault and "read out" not in fault]


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_page_stays_whole_whatever_it_is_told_to_say(shown: pose.Stage, kind: str) -> None:
    text = HOSTILE[kind]
    official = replace(ANI, name=text)
    pages = [Said(text, body) for body in bodies(text)] + [Said(text, (), asked=True), Said("Ani", (), 0)]
    for number, page in enumerate(pages):
        shown.show_page(Posed("said", page, official, typed=text), "id")
        for screen in shown.screens():
            assert wrong(faults(shown.window)) == [], f"{number}, screen {screen}"


def spoilt(text: str) -> Iterator[pose.Pose]:
    """Every state of the check-in once, with this text wherever a person, a place or headquarters writes."""
    seen: set[str] = set()
    for each in pose.poses():
        state: Any = each.state
        kind = type(state).__name__ + ("told" if each.around.announcement else "")
        if kind in seen:
            continue
        seen.add(kind)
        if "name" in {one.name for one in fields(state)}:
            state = replace(state, name=text)
        told = (("id", text),) if each.around.announcement else ()
        around = replace(each.around, site=text, contact=text, notice=text, announcement=told)
        yield replace(each, state=state, around=around)


@pytest.mark.parametrize("kind", ["markup", "backwards", "wordy", "drawn"])
def test_a_state_of_the_check_in_stays_whole_too(shown: pose.Stage, kind: str) -> None:
    for each in spoilt(HOSTILE[kind]):
        shown.show(each, "id")
        assert wrong(faults(shown.window)) == [], each.name


@dataclass
class Crowd:
    """A window on door and pages, and hands that do not know what they do."""

    stage: pose.Stage
    chance: random.Random
    opened: int = 0

    def __post_init__(self) -> None:
        self.pages = cycle(self.chance.sample(posed(), len(posed())))

    def open(self) -> None:
        """Somebody begins a visit, or stands before the check-in."""
        if self.stage.desk.visit is None and self.chance.random() < 0.6:
            each = next(self.pages)
            self.stage.desk.begin(each.page, self.chance.choice(("id", "en", "nl")), each.visitor)
            self.opened += 1

    def touch(self) -> None:
        """Anywhere, mostly where something is to be touched; short, long, dragged, or with another button."""
        window, chance = self.stage.window, self.chance
        spot = QPoint(chance.randrange(window.width()), chance.randrange(window.height()))
        kind = chance.random()
        if kind < 0.5:
            targets = [i for i in stage.items(window.contentItem()) if stage.has(i, "spoken")]
            spot = stage.place(chance.choice(targets)).center().toPoint()
        if kind < 0.8:
            tap(window, spot)
        elif kind < 0.9:
            button = chance.choice((Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton))
            QTest.mouseClick(window, button, Qt.KeyboardModifier.NoModifier, spot)
        else:
            QTest.mousePress(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
            QTest.mouseMove(window, QPoint(window.width() // 2, window.height() // 2))
            QTest.mouseRelease(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
        QGuiApplication.processEvents()

    def chord(self) -> None:
        """Any key with any modifiers."""
        key = Qt.Key(self.chance.choice((*range(0x20, 0x7F), *range(0x01000000, 0x01000060))))
        modifiers = self.chance.choice(
            (
                Qt.KeyboardModifier.ControlModifier,
                Qt.KeyboardModifier.AltModifier,
                Qt.KeyboardModifier.MetaModifier,
                Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
            ),
        )
        stage.press(self.stage.window, key, modifiers, chr(key.value) if key.value < 0x7F else "")


def answering() -> Pages:
    """Pages whose work fails at once, as it may at any door."""
    posts: list[Callable[[vi.Event], None]] = []

    def work(wanted: vi.Work, _language: str) -> None:
        posts[0](vi.DidNot(wanted.attempt, FaultCode.STORE_BUSY))

    desk = Pages(DeskPorts(work, lambda _wanted: None, lambda: None), wall=lambda: pose.WALL)
    posts.append(desk.post)
    return desk


_started: list[str] = []
_listening: list[None] = []


def _heard(event: str, args: tuple[object, ...]) -> None:
    written = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    starts = event.startswith(("subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork"))
    if _listening and (starts or written):
        _started.append(f"{event} {args[0]}")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("layout", pose.LAYOUTS)
def test_hands_that_do_not_know_what_they_do_change_nothing(layout: str, rounds: Callable[[int, int], int]) -> None:
    chance = random.Random(17)  # noqa: S311 - a script, not a secret
    if not _started:
        sys.addaudithook(_heard)
    with stage.watched():
        app.application()
        door, desk, source = pose.still_door(), answering(), PreviewSource()
        window = app.build(door, desk, source, size=pose.LAYOUTS[layout], reduced_motion=True)
        window.show()
        crowd = Crowd(pose.Stage(door, desk, source, window), chance)
        for language in words.LANGUAGES:
            words.scene(language)  # the files of a language are read once, when it is first spoken
        before = (window.size(), window.position(), window.visibility(), len(QGuiApplication.topLevelWindows()))
        clipboard = QGuiApplication.clipboard().text()
        _started.clear()
        _listening.append(None)
        for turn in range(rounds(400, 10_000)):
            crowd.open()
            crowd.touch()
            if turn % 33 == 0:
                for _ in range(10):
                    crowd.chord()
            if turn % 50 == 0:
                door.post(ev.CancelTapped())
        _listening.clear()
        assert crowd.opened > 4
        assert _started == [], "nothing is written, nothing is started"
        assert (window.size(), window.position(), window.visibility(), len(QGuiApplication.topLevelWindows())) == before
        assert QGuiApplication.clipboard().text() == clipboard
        assert stage.texts(window)
        desk.stop()
        pose.settle(20)
        app.dismantle(window)
        pose.settle(10)


@pytest.mark.parametrize("each", [one for one in posed() if one.name in {"told", "blocks", "keyboard-text"}])
def test_nothing_can_be_dropped_chosen_from_a_menu_selected_or_followed(shown: pose.Stage, each: Posed) -> None:
    shown.show_page(each, "id")
    window = shown.window
    before, texts = dict(shown.desk._get_view()), stage.texts(window)
    mime = QMimeData()
    mime.setText(HOSTILE["markup"])
    mime.setUrls([QUrl("file:///etc/passwd"), QUrl("https://example.org")])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for x in range(40, window.width(), 160):
        spot = QPoint(x, window.height() // 3)
        for event in (
            QDragEnterEvent(spot, copy, mime, left, none),
            QDropEvent(QPointF(spot), copy, mime, left, none, QEvent.Type.Drop),
            QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, spot, none),
        ):
            event.ignore()
            QGuiApplication.sendEvent(window, event)
            assert not event.isAccepted()
        QTest.mouseDClick(window, Qt.MouseButton.RightButton, none, spot)
    shown.draw()
    assert shown.desk._get_view() == before
    assert stage.texts(window) == texts
