"""What the door offers beside the actions, seen and touched in a window: PIN, QR, own data, notice, claim, keypads."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import stage
from office import Office, Worker
from PySide6.QtCore import Qt
from PySide6.QtQuick import QQuickView
from PySide6.QtTest import QTest

from kiosk.flow import events as ev
from kiosk.flow.actions import Button
from kiosk.flow.states import PinPad
from kiosk.pages.page import Page
from kiosk.pages.sheet import Sheet
from kiosk.screens import app
from kiosk.screens.desk import DeskPorts, Opening, Pages
from kiosk.screens.door import Door
from kiosk.screens.pose import LAYOUTS, WALL, settle
from kiosk.screens.preview import PreviewSource
from kiosk.screens.view import DIGITS, Around

SITI = "5171"
AREAS = ("mydata", "notice", "claim", "admin")


class Blank(Page):
    """A page that says nothing."""

    def sheet(self, at: object) -> Sheet:
        return Sheet("blank", str(at))


@dataclass
class Front:
    """A door in a window, pages that only note where a visit began, and a clock that stands."""

    office: Office
    door: Door
    desk: Pages
    window: QQuickView
    begun: list[str] = field(default_factory=list)

    def on(self, page: str) -> None:
        for _ in range(300):
            if self.door.shown.page == page:
                settle(5)
                return
            settle(10)
        raise AssertionError(f"{self.door.shown.page} instead of {page}")

    def touch(self, *names: str) -> None:
        for name in names:
            stage.touch(self.window, name)

    def back(self) -> str:
        """End the visit that began, and say where."""
        self.desk.stop()
        settle(5)
        return self.begun.pop()


def front(layout: str = "landscape", *, random_pad: bool = False, areas: tuple[str, ...] = AREAS) -> Iterator[Front]:
    with stage.watched():
        app.application()
        office = Office({SITI: Worker("K17", "4821", "Siti Rahmawati")})
        door = Door(
            office.ports(),
            Around("Kantor Pusat", "Ani, 4102", "3.1", 0, "ok"),
            random_pad=random_pad,
            monotonic=lambda: 100.0,
            wall=lambda: WALL,
        )
        office.post = door.post
        office.open()
        begun: list[str] = []

        def opening(area: str) -> Opening:
            begun.append(area)
            return Opening(Blank())

        desk = Pages(
            DeskPorts(*[lambda *_: None] * 3),
            {area: functools.partial(opening, area) for area in areas},
            monotonic=lambda: 100.0,
            wall=lambda: WALL,
        )
        desk.opened.connect(lambda: door.tap("cancel"))
        desk.spoken.connect(door.speak)
        window = app.build(door, desk, PreviewSource(), size=LAYOUTS[layout], reduced_motion=True)
        window.show()
        settle(30)
        yield Front(office, door, desk, window, begun)
        office.close()
        app.dismantle(window)


@pytest.fixture
def at() -> Iterator[Front]:
    yield from front()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pin_and_qr_are_as_large_as_any_action_however_many_there_are(layout: str) -> None:
    for at in front(layout):
        for count in range(1, len(Button) + 1):
            offered = tuple(Button)[:count]
            at.door.post_around(Around(buttons=offered))
            settle(30)
            names = [*(f"action.{each}" for each in offered), "tap.pin"]
            sizes = {stage.place(stage.find(at.window, name)).size().toTuple() for name in names}
            assert len(sizes) == 1
            (width, height), qr = sizes.pop(), stage.place(stage.find(at.window, "tap.qr"))
            assert qr.width() >= width, "it has the whole row where nothing stands beside it"
            assert qr.height() == height
            for small in ("tap.my_data", "tap.privacy"):
                place = stage.place(stage.find(at.window, small))
                assert min(place.width(), place.height()) >= 72


def test_qr_leads_to_the_frame_in_which_a_badge_is_read(at: Front) -> None:
    at.touch("tap.qr")
    assert at.door.shown.page == "badge"


def test_own_data_and_notice_are_one_tap_from_the_first_screen(at: Front) -> None:
    at.touch("language.nl", "tap.my_data")
    at.desk.speak("en")
    assert at.door.shown.language == "en", "a visit and the door speak one language"
    assert at.back() == "mydata"
    at.touch("tap.privacy")
    assert at.back() == "notice"


def test_own_data_is_one_tap_from_what_was_recorded_and_the_name_is_gone(at: Front) -> None:
    at.office.face = ev.Matched(SITI)
    at.touch("action.in")
    at.on("recorded")
    at.touch("tap.my_data")
    assert at.door.shown.page == "idle"
    assert at.back() == "mydata"


@pytest.mark.parametrize("by", ["face", "pin"])
def test_whoever_is_not_recognised_can_be_recorded_on_their_word(at: Front, by: str) -> None:
    at.office.face = ev.NotMatched()
    if by == "face":
        at.touch("action.in")
    else:
        at.touch("tap.pin", "key.7", "key.enter", "key.1", "key.enter")
        settle(60)
        at.touch("key.cancel")
    at.on("refused")
    at.touch("tap.claim")
    assert at.back() == "claim"


def test_the_pad_that_nobody_was_refused_at_is_left_at_once(at: Front) -> None:
    at.touch("tap.pin", "key.7", "key.cancel")
    at.on("idle")


def test_the_clock_held_for_three_seconds_opens_what_looks_after_the_device(at: Front) -> None:
    source = (Path(app.UI) / "Idle.qml").read_text(encoding="utf-8")
    assert re.search(r"holdFor: 3000", source)
    hidden = stage.find(at.window, "hidden")
    where = stage.place(hidden).center().toPoint()
    page = hidden
    while not stage.has(page, "holdFor"):
        page = page.parentItem()
    page.setProperty("holdFor", 60)
    stage.click(at.window, where)
    assert at.begun == []
    QTest.mousePress(at.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    settle(250)
    QTest.mouseRelease(at.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert at.back() == "admin"


def test_an_area_that_is_not_there_opens_nothing() -> None:
    for at in front(areas=()):
        at.touch("tap.my_data", "tap.privacy")
        at.desk.open("admin", "id")
        assert at.desk.visit is None
        assert at.door.shown.page == "idle"


def test_the_digits_stand_elsewhere_each_time_and_still_type_what_they_show() -> None:
    for at in front(random_pad=True):
        seen = []
        for _ in range(6):
            at.touch("tap.pin")
            shown = at.door.shown.digits
            assert sorted(shown) == sorted(DIGITS)
            seen.append(shown)
            places = {digit: stage.place(stage.find(at.window, f"key.{digit}")).topLeft() for digit in DIGITS}
            in_order = sorted(DIGITS, key=lambda digit: (places[digit].y(), places[digit].x()))
            assert "".join(in_order) == shown
            at.touch("key.cancel")
        assert len(set(seen)) > 1
        at.touch("tap.pin", "key.letters", "key.K", "key.letters", "key.1", "key.7", "key.enter")
        at.touch("key.4", "key.8", "key.2", "key.1", "key.enter")
        at.on("confirming")


def test_the_digits_stand_where_people_know_them_unless_the_site_wants_otherwise(at: Front) -> None:
    at.touch("tap.pin")
    assert at.door.shown.digits == DIGITS


@pytest.mark.parametrize("locked", [True, False])
def test_a_numeric_keypad_types_with_and_without_num_lock(at: Front, locked: bool) -> None:  # noqa: FBT001 - a case
    unlocked = {
        "1": Qt.Key.Key_End,
        "4": Qt.Key.Key_Left,
        "8": Qt.Key.Key_Up,
        "2": Qt.Key.Key_Down,
        "7": Qt.Key.Key_Home,
    }
    keypad = Qt.KeyboardModifier.KeypadModifier

    def press(digit: str) -> None:
        if locked:
            stage.press(at.window, Qt.Key(ord(digit)), keypad, digit)
        else:
            stage.press(at.window, unlocked[digit], keypad)

    at.touch("tap.pin")
    at.door.key("K")
    for digit in "17":
        press(digit)
    stage.press(at.window, Qt.Key.Key_Enter, keypad)
    for digit in "4821":
        press(digit)
    assert (at.door.shown.code, at.door.shown.dots) == ("K17", 4)
    stage.press(at.window, Qt.Key.Key_Enter, keypad)
    at.on("confirming")


def test_the_arrows_of_a_keyboard_are_no_digits(at: Front) -> None:
    at.touch("tap.pin")
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End):
        stage.press(at.window, key)
    assert at.door.shown.code == ""
    assert isinstance(at.door.state, PinPad)
