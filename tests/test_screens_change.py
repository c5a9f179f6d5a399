"""From one screen to the next: no frame is empty, a touch is answered, and memory stays where it was."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import bench_touch
import pytest
import stage
from bench_store import resident
from office import Office, Worker
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickView
from PySide6.QtTest import QTest
from touch_kit import ink, middle, tap

from kiosk.flow import events as ev
from kiosk.pages.common import Told
from kiosk.pages.page import At, Move, Nobody, Page, Stay
from kiosk.pages.posed import Posed, posed
from kiosk.pages.sheet import Act, Line, Meter, Row, Sheet
from kiosk.pages.visit import Visit
from kiosk.screens import app, pose
from kiosk.screens.door import Door
from kiosk.screens.preview import PreviewSource

EMPTY = 0.005  # a share of the picture: less than one line of text


def moving(layout: str) -> pose.Stage:
    """A stage with motion, as at a door."""
    app.application()
    door, desk, source = pose.still_door(), pose.still_pages(), PreviewSource()
    window = app.build(door, desk, source, size=pose.LAYOUTS[layout])
    window.show()
    pose.settle(30)
    return pose.Stage(door, desk, source, window)


def changes(shown: pose.Stage) -> Iterator[str]:
    """Show one page after another, each once, and say which."""
    first = {type(each.state): each for each in reversed(pose.poses())}
    for one, other in pairwise([*first.values(), *reversed(first.values())]):
        shown.door.pose(other.state, other.entry, other.around, "id")
        yield f"{one.name} to {other.name}"
    for number, each in enumerate(posed()[::15]):
        visit = Visit((each.page,), each.visitor, pose.NOW + 100, pose.NOW, attempt=number + 1, typed=each.typed)
        shown.desk.pose(visit, "id")
        yield f"to {each.name}"
        if number % 3 == 0:
            shown.desk.close()
            yield f"from {each.name} back"


@pytest.mark.parametrize("layout", pose.LAYOUTS)
def test_no_frame_between_two_screens_is_empty(layout: str) -> None:
    with stage.watched():
        shown = moving(layout)
        empty = []
        for which in changes(shown):
            for frame in range(4):  # the first ones; a page has come after 150 ms
                if ink(shown.window.grabWindow()) < EMPTY:
                    empty.append(f"{which}, frame {frame}")
                pose.settle(4)
        assert empty == []
        shown.close()


def test_a_finger_is_answered_by_the_next_frame() -> None:
    """Only that every kind of touch leads to a frame that differs: how soon is told by tests/bench_touch.py."""
    found = bench_touch.measure(18, watching=False)
    assert (found["touches"], found["unchanged"]) == (18, 0)


@dataclass(frozen=True)
class Lit(Page):
    """A page that says something new while one looks at it."""

    light: int
    touched: list[str]

    def sheet(self, _at: At) -> Sheet:
        body = (Meter("Light", self.light / 100, f"{self.light}"), Row("row", "Row", f"{self.light}"))
        return Sheet("lit", "Lit", "", body=body, acts=(Act("yes", f"Yes {self.light}"), Act("no", "No")))

    def tapped(self, key: str) -> Move:
        self.touched.append(key)
        return Stay()


@pytest.mark.parametrize("aim", ["act.yes", "row.row"])
def test_a_finger_keeps_its_button_while_the_page_says_something_new_and_has_none_on_another(aim: str) -> None:
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        touched: list[str] = []

        def put(light: int, attempt: int) -> None:
            shown.desk.pose(Visit((Lit(light, touched),), Nobody(), pose.NOW + 100, pose.NOW, attempt=attempt), "id")
            pose.settle(20)

        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        put(1, 1)
        where = middle(shown.window, aim)
        QTest.mousePress(shown.window, left, none, where)
        put(2, 1)
        QTest.mouseRelease(shown.window, left, none, where)
        assert touched == [aim.partition(".")[2]]
        QTest.mousePress(shown.window, left, none, where)
        put(3, 2)
        QTest.mouseRelease(shown.window, left, none, where)
        assert len(touched) == 1, "what was pressed on one page is not done on the next"
        shown.close()


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("layout", pose.LAYOUTS)
def test_a_touch_is_seen_soon_while_the_eye_works(layout: str) -> None:
    found = bench_touch.measure(520, layout)
    print(found)  # noqa: T201 - the figures of a release
    assert found["unchanged"] == 0
    assert int(str(found["decisions"])) > 5
    times = found["all"]
    assert isinstance(times, dict)
    assert times["p95"] < 250


def check_in(window: QQuickView, door: Door, office: Office, turn: int) -> None:
    """One check-in by touch: by face, and each fifth by PIN."""

    def on(page: str) -> None:
        for _ in range(500):
            if door.shown.page == page:
                return
            pose.settle(2)
        raise AssertionError(f"{door.shown.page} instead of {page}")

    if turn % 5:
        office.face = ev.Matched("5171")
        touched = "action.out" if turn % 2 else "action.in"
        tap(window, middle(window, touched))
    else:
        office.face = None
        for name in ("tap.pin", "key.7", "key.enter", "key.1", "key.2", "key.3", "key.4", "key.enter"):
            tap(window, middle(window, name))
            pose.settle(1)
        on("confirming")
        tap(window, middle(window, "action.break"))
    for _ in range(500):
        if door.shown.page in {"recorded", "confirming"}:
            break
        pose.settle(2)
    if door.shown.page == "confirming":
        tap(window, middle(window, "tap.yes"))
        on("recorded")
    tap(window, middle(window, "tap.done"))
    on("idle")


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_thousand_check_ins_by_touch_leave_memory_where_it_was() -> None:
    with stage.watched():
        app.application()
        office = Office(
            {"5171": Worker("K17", "4821", "Siti Rahmawati"), "70b1": Worker("7", "1234", "John Doe", "en")}
        )
        door = Door(office.ports(), pose.still_door()._around)
        office.post = door.post
        office.open()
        window = app.build(door, pose.still_pages(), PreviewSource(), reduced_motion=True)
        window.show()
        pose.settle(30)
        try:
            steady(lambda turn: check_in(window, door, office, turn), office.rows.clear)
        finally:
            office.close()
            app.dismantle(window)
            pose.settle(10)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_thousand_turns_of_pages_leave_memory_where_it_was() -> None:
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        pages = posed()

        def turn(number: int) -> None:
            each = pages[number % len(pages)]
            visit = Visit((each.page,), each.visitor, pose.NOW + 100, pose.NOW, attempt=number + 1, typed=each.typed)
            shown.desk.pose(visit, ("id", "en", "nl")[number % 3])
            pose.settle(1)
            if number % 7 == 0:
                shown.desk.close()

        steady(turn, lambda: None)
        shown.close()


def steady(turn: Callable[[int], object], forget: Callable[[], object]) -> None:
    """Do it 300 times to warm up, 2,000 times more, and see that no MiB in ten has been added to the process."""
    sizes = []
    for number in range(2301):
        turn(number)
        if number in {300, 1300, 2300}:
            forget()
            gc.collect()
            QGuiApplication.processEvents()
            sizes.append(resident())
    print("resident KiB after 300, 1,300 and 2,300:", sizes)  # noqa: T201 - the figures of a release
    assert sizes[-1] - sizes[0] < 10 * 1024, sizes


def test_a_heading_is_never_the_last_of_a_screen() -> None:
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        for lines in range(1, 12):
            body = (*[Line(f"{n}") for n in range(lines)], Line("Heading", strong=True), Line("what it is above " * 6))
            shown.show_page(Posed("headed", Told("tap.done", body=body)), "id")
            said = [stage.texts(shown.window) for _ in shown.screens()]
            heading = ["Heading" in texts for texts in said]
            assert heading == [any("above" in text for text in texts) for texts in said], lines
            assert any(heading)
        shown.close()
