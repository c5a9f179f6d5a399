"""Our own keyboards, by touch and by a keyboard that somebody has plugged in."""

import string
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import stage
from PySide6.QtCore import Qt

from kiosk import words
from kiosk.pages.page import At, Back, Instead, Move, Page
from kiosk.pages.sheet import Asked, AskedKind, Sheet
from kiosk.screens import app, pose
from kiosk.screens.desk import DIGITS, DeskPorts, Pages
from kiosk.screens.preview import PreviewSource


@dataclass(frozen=True)
class Ask(Page):
    """Asks, and asks again."""

    kind: AskedKind
    got: list[str] = field(default_factory=list)

    def sheet(self, at: At) -> Sheet:
        return Sheet("ask", at.say("pad.code"), asked=Asked(at.say("pad.code"), self.kind, most=200))

    def entered(self, text: str) -> Move:
        self.got.append(text)
        return Instead(self) if len(self.got) < 40 else Back()


@dataclass
class Board:
    """A window with a keyboard."""

    stage: pose.Stage

    def ask(self, kind: AskedKind, language: str = "id") -> Ask:
        page = Ask(kind)
        self.stage.desk.leave()
        self.stage.desk.begin(page, language)
        self.stage.draw()
        return page

    def touch(self, *names: str) -> None:
        for name in names:
            stage.touch(self.stage.window, name)

    def shown(self) -> set[str]:
        shown = stage.items(self.stage.window.contentItem())
        return {i.objectName().removeprefix("key.") for i in shown if i.objectName().startswith("key.")}

    def characters(self) -> set[str]:
        """Everything that can be typed, turning through the pages of the keyboard with and without shift."""
        found: set[str] = set()
        for _ in range(3):
            found |= {key for key in self.shown() if len(key) == 1}
            if "signs" not in self.shown():
                break
            self.touch("key.signs")
        return found

    @property
    def typed(self) -> str:
        visit = self.stage.desk.visit
        assert visit is not None
        return visit.typed

    @property
    def texts(self) -> list[str]:
        return stage.texts(self.stage.window)


@pytest.fixture(scope="module", params=pose.LAYOUTS)
def window(request: pytest.FixtureRequest) -> Iterator[pose.Stage]:
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS[request.param])
        yield shown
        shown.close()


@pytest.fixture
def board(window: pose.Stage) -> Iterator[Board]:
    yield Board(window)
    window.desk.leave()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_whatever_a_password_may_hold_can_be_typed(board: Board, language: str) -> None:
    board.ask(AskedKind.SECRET, language)
    assert {*string.ascii_lowercase, *string.digits, *string.punctuation} <= board.characters()
    assert "space" in board.shown()


def test_dutch_has_its_accents_and_capitals_of_them(board: Board) -> None:
    board.ask(AskedKind.TEXT, "nl")
    assert set("éëïöü") <= board.characters()
    while "é" not in board.shown():
        board.touch("key.signs")
    board.touch("key.shift", "key.ë", "key.ï")
    assert board.typed == "Ëï"


def test_an_employee_code_has_letters_digits_and_a_hyphen_and_nothing_else(board: Board) -> None:
    board.ask(AskedKind.CODE)
    assert board.characters() == {*string.ascii_uppercase, *string.digits, "-"}
    assert board.shown() & {"space", "shift"} == set()


@pytest.mark.parametrize("kind", [AskedKind.PIN, AskedKind.DIGITS])
def test_a_pad_has_ten_equal_digits(board: Board, kind: AskedKind) -> None:
    board.ask(kind)
    assert board.shown() == {*string.digits, "erase", "back", "enter"}
    sizes = {stage.place(stage.find(board.stage.window, f"key.{digit}")).size().toTuple() for digit in string.digits}
    assert len({(round(wide), round(high)) for wide, high in sizes}) == 1


def test_shift_is_for_one_letter_and_twice_for_all_that_follow(board: Board) -> None:
    page = board.ask(AskedKind.TEXT)
    board.touch("key.shift", "key.s", "key.i", "key.space")
    board.touch("key.shift", "key.shift", "key.r", "key.a", "key.shift", "key.t", "key.erase", "key.p")
    assert board.typed == "Si RAp"
    board.touch("key.shift", "key.signs", "key.enter")
    assert page.got == ["Si RAp"]
    board.touch("key.a")
    assert board.typed == "a", "the next page begins with small letters"


def test_a_password_is_shown_while_it_is_asked_for_and_no_longer(board: Board) -> None:
    page = board.ask(AskedKind.SECRET)
    board.touch("key.s", "key.i")
    assert "si" not in board.texts
    board.touch("tap.reveal")
    assert "si" in board.texts
    board.touch("tap.reveal")
    assert "si" not in board.texts
    board.touch("tap.reveal", "key.t", "key.enter", "key.s", "key.i")
    assert page.got == ["sit"]
    assert not {"si", "sit"} & set(board.texts), "another page hides it again"


@pytest.mark.parametrize("kind", [kind for kind in AskedKind if kind is not AskedKind.SECRET])
def test_only_a_password_can_be_shown(board: Board, kind: AskedKind) -> None:
    board.ask(kind)
    for _ in range(4):
        board.stage.desk.key("7")
    board.stage.desk.reveal()
    assert "tap.reveal" not in {i.objectName() for i in stage.items(board.stage.window.contentItem())}
    assert ("7777" in board.texts) is (kind is not AskedKind.PIN)


def test_what_is_longer_than_its_field_is_shown_from_its_end(board: Board) -> None:
    board.ask(AskedKind.TEXT)
    for character in "Muhammadinejad Wijayakusuma dari Kantor Pusat pintu timur 9":
        board.stage.desk.key(character)
    board.stage.draw()
    window = board.stage.window
    caret, asked = stage.place(stage.find(window, "caret")), stage.place(stage.find(window, "field.asked"))
    assert asked.contains(caret)
    assert caret.x() > asked.center().x()


def plug_in(board: Board, text: str) -> None:
    for character in text:
        key = Qt.Key.Key_Return if character == "\n" else Qt.Key(ord(character.upper()))
        stage.press(board.stage.window, key, text=character)


def test_a_keyboard_that_is_plugged_in_reaches_what_asks_by_the_same_rules(board: Board) -> None:
    pin = board.ask(AskedKind.PIN)
    plug_in(board, "4a8-2 1\n")
    assert pin.got == ["4821"]
    code = board.ask(AskedKind.CODE)
    plug_in(board, "ktr-2_0/1é7\n")
    assert code.got == ["ktr-2017"]
    secret = board.ask(AskedKind.SECRET)
    for modifier in (Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier):
        stage.press(board.stage.window, Qt.Key.Key_V, modifier, "v")
    stage.press(board.stage.window, Qt.Key.Key_F1, text="\x1b")
    stage.press(board.stage.window, Qt.Key.Key_A, text="ab")
    plug_in(board, "Ab 9\n")
    assert secret.got == ["Ab 9"]


def test_the_digits_of_a_pin_stand_in_another_order_each_time_where_the_site_asks_so() -> None:
    with stage.watched():
        app.application()
        desk = Pages(DeskPorts(*[lambda *_: None] * 3), scramble=True, wall=lambda: pose.WALL)
        window = app.build(pose.still_door(), desk, PreviewSource(), reduced_motion=True)
        window.show()
        page = Ask(AskedKind.PIN)
        desk.begin(page, "id")
        orders: set[str] = set()
        firsts: set[str] = set()
        for _ in range(40):
            order = str(desk._get_view()["order"])
            assert sorted(order) == sorted(DIGITS)
            desk.key("4")
            assert desk._get_view()["order"] == order, "no key moves while one types"
            orders.add(order)
            firsts.add(order[0])
            desk.enter()
        assert len(orders) > 35
        assert len(firsts) > 5
        again = Ask(AskedKind.PIN)
        desk.begin(again, "id")
        pose.settle(20)
        for digit in "4821":
            stage.touch(window, f"key.{digit}")
        stage.touch(window, "key.enter")
        assert again.got == ["4821"]
        places = {key: stage.place(stage.find(window, f"key.{key}")).topLeft().toTuple() for key in DIGITS}
        assert len(set(places.values())) == 10
        desk.leave()
        desk.begin(Ask(AskedKind.DIGITS), "id")
        assert desk._get_view()["order"] == DIGITS, "what is shown anyway needs no hiding"
        desk.leave()
        app.dismantle(window)
        pose.settle(10)
