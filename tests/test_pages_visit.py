"""The visit as a whole: pages on pages, a session that ends by itself, and answers that come too late."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages_kit import Guest, configured
from store_kit import new_store

from kiosk.faults import Fault, FaultCode
from kiosk.pages import visit as vi
from kiosk.pages.common import Failed, Question, Told, Typing
from kiosk.pages.page import (
    At,
    Back,
    Begin,
    CameraGone,
    CodeSeen,
    Desk,
    Do,
    Employee,
    FaceSeen,
    Instead,
    Leave,
    Move,
    Noticed,
    Official,
    Page,
    Show,
    Speak,
    Stay,
    Use,
)
from kiosk.pages.sheet import Asked, AskedKind, Row, Sheet
from kiosk.store.approval import LoggedIn, Role

SITI = Employee("5171", "Siti R.")
ADMIN = Official(LoggedIn("00ff", Role.ADMIN, must_change=False), "Ani")


@dataclass(frozen=True, slots=True)
class Menu(Page):
    """A page with one row for each move."""

    moves: tuple[tuple[str, Move], ...]
    times: int = 0

    def sheet(self, at: At) -> Sheet:
        return Sheet("menu", at.say("button.in"), body=tuple(Row(key, key) for key, _ in self.moves))

    def tapped(self, key: str) -> Move:
        return dict(self.moves)[key]


@dataclass(frozen=True, slots=True)
class Look(Page):
    """A page with the camera."""

    seen: int = 0
    uses = Use.CODE
    lasts_s = 8.0

    def sheet(self, at: At) -> Sheet:
        return Sheet("look", at.say("button.in"))

    def noticed(self, seen: Noticed) -> Move:
        match seen:
            case CodeSeen("same"):
                return Instead(replace(self, seen=self.seen + 1))
            case CodeSeen():
                return Show(Told("button.in"))
            case _:
                return Back()


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    store = new_store(tmp_path / "state")
    return Guest(store, configured(store))


def refused(_desk: Desk) -> Move:
    raise Fault(FaultCode.REQUEST_REFUSED)


def test_pages_lie_on_each_other_and_back_leads_out_at_the_end(guest: Guest) -> None:
    inner = Menu((("stay", Stay()),))
    guest.begin(Menu((("go", Show(inner)), ("other", Instead(inner)))))
    guest.tap("go")
    assert guest.page is inner
    guest.tap("stay").back().tap("other")
    assert guest.page is inner
    assert guest.back().over


def test_a_page_may_be_another_when_one_comes_back_to_it(guest: Guest) -> None:
    changed = Menu((("changed", Stay()),))
    deep = Menu((("two", Back(changed, by=2)),))
    guest.begin(Menu((("go", Show(Menu((("on", Show(deep)),)))),)))
    guest.tap("go", "on", "two")
    assert guest.keys == ["changed"]


@dataclass(frozen=True, slots=True)
class Counted(Page):
    """A page that reads anew how often somebody has come back to it."""

    times: int = 0
    broken: bool = False

    def sheet(self, at: At) -> Sheet:
        return Sheet("counted", at.say("button.in"), body=(Row("go", str(self.times)), Row("fail", "x")))

    def tapped(self, key: str) -> Move:
        return Show(Menu(())) if key == "go" else Do(refused)

    def resumed(self) -> Move:
        return Do(refused if self.broken else lambda _: Instead(replace(self, times=self.times + 1)))


def test_a_page_that_somebody_comes_back_to_is_read_anew(guest: Guest) -> None:
    guest.begin(Counted()).tap("go").back().tap("go").back()
    assert guest.texts.splitlines()[2] == "2"
    assert guest.tap("fail").back().texts.splitlines()[2] == "2", "after a fault it stays as it was"


def test_a_page_that_cannot_be_read_anew_says_so_once_and_lets_go(guest: Guest) -> None:
    guest.begin(Counted(broken=True)).tap("go").back()
    assert guest.fault is FaultCode.REQUEST_REFUSED
    assert guest.back().sheet.name == "counted"
    assert guest.back().over


def test_work_is_done_with_the_store_and_nothing_is_taken_meanwhile(guest: Guest) -> None:
    done: list[str] = []

    def work(desk: Desk) -> Move:
        done.append(desk.store.device_id)
        visit = guest.visit
        assert visit is not None
        assert visit.busy
        assert vi.step(visit, vi.Tapped("work"), 0.0) == (visit, ())
        assert vi.step(visit, vi.BackTapped(), 0.0) == (visit, ())
        return Show(Told("button.in"))

    guest.begin(Menu((("work", Do(work)),))).tap("work")
    assert done == [guest.store.device_id]
    assert isinstance(guest.page, Told)


def test_a_fault_is_told_in_words_and_back_leads_to_where_one_was(guest: Guest) -> None:
    guest.begin(Menu((("work", Do(refused)),))).tap("work")
    assert guest.fault is FaultCode.REQUEST_REFUSED
    assert guest.back().keys == ["work"]


def test_an_answer_to_older_work_changes_nothing(guest: Guest) -> None:
    guest.begin(Menu((("go", Show(Menu(()))),)))
    visit = guest.visit
    assert visit is not None
    for late in (vi.Did(visit.attempt, Leave()), vi.DidNot(0, FaultCode.DISK_FULL), vi.Saw(99, FaceSeen("x"))):
        assert vi.step(visit, late, 0.0) == (visit, ())


@pytest.mark.parametrize(("visitor", "seconds"), [(SITI, vi.VISITOR_S), (ADMIN, vi.OFFICIAL_S)])
def test_a_session_ends_when_its_owner_has_walked_away(guest: Guest, visitor: Employee, seconds: float) -> None:
    guest.begin(Menu((("in", Begin(visitor, Menu((("stay", Stay()),)))),))).tap("in")
    guest.wait(seconds - 0.5)
    guest.tap("stay").wait(seconds - 0.5)
    assert not guest.over
    assert guest.wait(1).over


def test_whoever_logs_in_cannot_come_back_to_what_was_before(guest: Guest) -> None:
    guest.begin(Menu((("in", Begin(SITI, Menu(()))),))).tap("in")
    assert guest.visit is not None
    assert guest.visit.visitor == SITI
    assert guest.back().over


def test_the_camera_works_exactly_while_a_page_asks_for_it(guest: Guest) -> None:
    guest.begin(Menu((("scan", Show(Look())),)))
    assert guest.watching is None
    guest.tap("scan")
    first = guest.watching
    guest.see(CodeSeen("same"), CodeSeen("same"))
    assert guest.watching is first, "another state of the same look begins no new one"
    guest.see(CodeSeen("other"))
    assert guest.watching is None
    guest.back()
    assert guest.watching is not first
    guest.see(CameraGone())
    assert guest.watching is None
    guest.tap("scan").wait(8.5)
    assert guest.watching is None
    assert guest.tap("scan").leave().over
    assert guest.watching is None


def test_what_is_typed_has_its_keys_and_its_length(guest: Guest) -> None:
    page = Typing(
        "button.pin", Asked("PIN", AskedKind.PIN, 4, 6), lambda pin: "pad.refused" if pin == "0000" else Leave()
    )
    guest.begin(page)
    assert not vi.takes(page.asked, "a", "")
    assert not vi.takes(page.asked, "1", "123456")
    assert guest.type("0000").sheet.warn
    assert guest.visit is not None
    assert guest.visit.typed == ""
    assert guest.type("1234").over


def test_a_language_is_chosen_and_the_move_goes_on(guest: Guest) -> None:
    guest.begin(Menu((("nl", Speak("nl", Show(Menu(())))),))).tap("nl")
    assert guest.language == "nl"
    assert guest.keys == []


def test_a_question_does_what_it_asks_only_after_a_yes(guest: Guest) -> None:
    guest.begin(Menu((("ask", Show(Question("button.in", "pad.refused", "tap.yes", Leave()))),)))
    assert not guest.tap("ask").back().over
    assert guest.tap("ask", "yes").over


@given(st.lists(st.sampled_from(["go", "scan", "work", "back", "wait", "in"]), max_size=25))
def test_whatever_is_touched_the_visit_stays_whole(taps: list[str]) -> None:
    menu: Menu
    moves: tuple[tuple[str, Move], ...] = (
        ("scan", Show(Look())),
        ("work", Do(lambda _: Stay())),
        ("in", Begin(SITI, Menu((("work", Do(lambda _: Leave())),)))),
    )
    menu = Menu((("go", Show(Menu(moves))), *moves))
    visit, _ = vi.begin(menu, 0.0)
    now = 0.0
    on = False
    for tap in taps:
        if visit is None:
            break
        now += 1.0
        others: dict[str, vi.Event] = {"back": vi.BackTapped(), "wait": vi.Tick()}
        event = others.get(tap, vi.Tapped(tap))
        if isinstance(event, vi.Tapped) and (visit.busy or not _there(visit.page, tap)):
            event = vi.Touched()
        visit, effects = vi.step(visit, event, now)
        for effect in effects:
            on = True if isinstance(effect, vi.Watch) else False if isinstance(effect, vi.Unwatch) else on
        assert on == (visit is not None and visit.watching)
        assert visit is None or visit.watching == (visit.page.uses is not Use.NOTHING and not visit.busy)


def _there(page: Page, key: str) -> bool:
    return isinstance(page, Menu) and key in dict(page.moves)


def test_a_fault_page_says_title_and_hint_in_every_language(guest: Guest) -> None:
    for code in FaultCode:
        guest.begin(Failed(code))
        assert guest.sheet.body
