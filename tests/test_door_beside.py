"""What stands on the screen of a record is the store's: shift, news, what is held, hours over midnight, language."""

from dataclasses import replace
from pathlib import Path

import pytest
from desk import Desk, Hand, at_work, opened, person_of, save, with_hand
from roster_kit import UNSIGNED, door, entry, whole
from running_kiosk import CODE, PIN, Running, furnished, key, recorded, running, unplugged
from store_kit import HOUR, MORNING, Hands, check_in, enrolled, new_store

from kiosk.config import Config, Door
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Method
from kiosk.flow.events import READ_AT_ONCE, Beside
from kiosk.flow.states import RECORDED_S, Recorded, Standing
from kiosk.rights import preferences, restriction
from kiosk.rights.purposes import Purpose
from kiosk.rights.restriction import Restricted
from kiosk.screens.assembly import assemble
from kiosk.screens.beside import beside
from kiosk.screens.entry import Entry
from kiosk.screens.pose import WALL
from kiosk.screens.view import Around, Moment, View, describe
from kiosk.store import told as stored
from wire import event
from wire.message import Announcement, Policy, Shift

NIGHT = Shift("night", "Malam", 1320, 360)


def seen(told: Beside, language: str = "en", *, gone_s: float = 0.0, unsent: int = 0) -> View:
    until = 100.0 + RECORDED_S * told.screens
    last = (None, 1_785_718_680_000, 21_600, until)
    state = Recorded(Standing(), "e", "p", "Siti R.", Action.OUT, Method.PIN, *last, beside=told)
    return describe(state, Moment(Entry(), Around(unsent=unsent), language, 100.0 + gone_s, WALL))


# from the store


def test_shift_and_news_are_those_that_headquarters_told_and_the_person_wants(tmp_path: Path) -> None:
    clock = Hands()
    at, now = door(tmp_path, UNSIGNED, clock), clock.wall_ms
    at.live(
        whole(1, entry(1, shift="night"), entry(2, shift="gone")),
        Policy(1, (NIGHT,)),
    )
    news = Announcement("gate", now - 5_000, now + 9_000, "Gerbang timur tutup", "", "De oostpoort is dicht")
    with at.store.database.write():
        stored.put(at.store, news)
    one, two = (at.store.people.by_code(f"E-{number}") for number in (1, 2))
    assert one is not None
    assert two is not None
    told = (("id", "Gerbang timur tutup"), ("nl", "De oostpoort is dicht"))
    assert beside(at.store, one.id) == Beside(ev.Shift("Malam", 1320, 360), told=told)
    assert beside(at.store, two.id) == Beside(told=told), "a shift that nobody told is not shown"
    preferences.prefer(at.store, one.id, Purpose.ANNOUNCEMENTS, on=False)
    assert beside(at.store, one.id).told == ()


def test_what_is_held_is_told_to_whose_attendance_is_restricted(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    person = enrolled(store)
    assert not beside(store, person).held
    restriction.begin(store, person, Restricted.ATTENDANCE, "Jam saya salah", site="Lobby")
    assert beside(store, person).held


@pytest.mark.parametrize(("hours_ago", "hours"), [(8, 6), (15, 6), (17, 0)])
def test_a_night_that_began_yesterday_counts_from_midnight_unless_it_was_forgotten(
    tmp_path: Path, hours_ago: int, hours: int
) -> None:
    clock = Hands(wall_ms=MORNING - 2 * HOUR)  # 06:00 in Jakarta
    store = new_store(tmp_path / "state", clock)
    person, now = enrolled(store), clock.wall_ms
    store.ledger.append(check_in(store, at=now - hours_ago * HOUR), person)
    midnight = now - 6 * HOUR
    assert store.history.worked_today(person, midnight, now + 1) == hours * 3600, "an interval that is still open"
    store.ledger.append(check_in(store, event.Action.OUT, at=now), person)
    assert store.history.worked_today(person, midnight, now + 1) == hours * 3600, "and one that ends now"


# on the screen


@pytest.mark.parametrize(
    ("language", "line"),
    [("id", "Malam: 22.00 sampai 06.00"), ("en", "Malam: 22:00 to 06:00"), ("nl", "Malam: 22:00 tot 06:00")],
)
def test_hours_and_shift_stand_on_two_lines(language: str, line: str) -> None:
    assert seen(Beside(ev.Shift("Malam", 1320, 360)), language).detail.split("\n")[1] == line
    assert "\n" not in seen(Beside(), language).detail


def test_what_is_held_is_said_in_the_place_of_what_is_not_sent() -> None:
    assert (seen(Beside(), unsent=3).unsent, seen(Beside(), unsent=3).held) == ("Not yet sent (3)", "")
    held = seen(Beside(held=True), unsent=3)
    assert held.unsent == ""
    assert held.held.startswith("Kept on this device")


@pytest.mark.parametrize("length", [1, 80, 99, 101, 280])
def test_all_of_the_news_is_shown_before_the_screen_goes(length: int) -> None:
    text = " ".join(f"kata{number:03}" for number in range(100))[:length].strip()
    told = Beside(told=(("id", text),))
    ticks = [seen(told, "nl", gone_s=tick / 4).told for tick in range(round(RECORDED_S * 4) * told.screens)]
    assert " ".join(dict.fromkeys(ticks)).split() == text.split()
    assert all(len(each) <= READ_AT_ONCE for each in ticks)
    assert min(ticks.count(each) for each in ticks) >= RECORDED_S * 2, "each long enough to be read"


# through the clerk


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return furnished(tmp_path)


def looked_up(desk: Desk, person: str) -> ev.Resolved:
    desk.clerk.look_up(3, person, Method.PIN)
    return desk.answer(ev.Resolved)


def test_the_clerk_says_how_long_ago_the_last_action_was_and_remembers_a_language(config: Config) -> None:
    person = person_of(config)
    with at_work(config) as desk:
        assert looked_up(desk, person).ago_s is None
        hand = with_hand(desk, Hand())
        committed = save(desk, person)
        assert committed.beside == Beside()
        for step_s in (0, 45, 120, -3600):
            hand.by_ms = step_s * 1000
            resolved = looked_up(desk, person)
            assert resolved.ago_s is not None
            assert step_s <= resolved.ago_s < step_s + 5, "by the wall clock; set back, it says nothing (flow)"
        assert resolved.language == "en"
        desk.clerk.remember_language(person, "nl")
        desk.clerk.remember_language("0" * 16, "nl")
        assert looked_up(desk, person).language == "nl"
    store = opened(config)
    assert store.people.get(person).language == "nl"
    store.close()


def test_in_the_whole_kiosk_a_language_stays_and_the_same_again_is_said_and_not_recorded(config: Config) -> None:
    with running(config, unplugged) as scene:
        scene.wait_for("idle")
        scene.touch("language.nl")
        scene.check_in_by_pin()
        again(scene)
        scene.until_shown("Al vastgelegd")
        scene.touch("tap.done")
        scene.wait_for("idle")
    assert len(recorded(config)) == 1
    store = opened(config)
    found = store.people.by_code(CODE)
    store.close()
    assert found is not None
    assert found.language == "nl"


@pytest.mark.parametrize("cool_down_s", [0, 45])
def test_the_site_says_for_how_long_the_same_is_not_recorded_again(config: Config, cool_down_s: int) -> None:
    kiosk = assemble(replace(config, door=Door(cool_down_s=cool_down_s)), key(config), unplugged)
    assert kiosk.door.state.standing.cool_down_s == cool_down_s


def again(scene: Running) -> None:
    scene.touch("action.in")
    scene.type_pin(CODE, PIN)
