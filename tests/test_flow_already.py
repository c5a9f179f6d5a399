"""The cool-down: what was recorded a moment ago is said, not recorded again, and nobody is kept from another action."""

import pytest
from door_script import BUDI, MORNING, SITI, Screen

from kiosk.flow import checkin
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Button, LastAction, Method
from kiosk.flow.states import RECORDED_S, Already, Confirming, Idle, PinPad, Recorded, Resolving, Saving


def seen(button: Button, last: Action, ago_s: float | None, screen: Screen | None = None) -> Screen:
    """Somebody is known again, so many seconds after what was recorded last."""
    screen = screen or Screen()
    screen.on(ev.ButtonTapped(button))
    screen.face(ev.Matched(BUDI))
    screen.resolve(last, ago_s=ago_s)
    return screen


def test_the_same_action_within_a_minute_is_said_and_not_recorded() -> None:
    screen = seen(Button.IN, Action.IN, 20.0)
    assert isinstance(screen.state, Already)
    assert (screen.state.name, screen.state.last) == ("Budi S.", LastAction(Action.IN, MORNING))
    assert isinstance(screen.later(RECORDED_S), Idle)
    assert screen.saves() == []


@pytest.mark.parametrize("ago_s", [60.0, 3600.0, None, -3.0])
def test_after_a_minute_or_where_no_clock_can_tell_it_is_asked_as_before(ago_s: float | None) -> None:
    screen = seen(Button.IN, Action.IN, ago_s)
    assert isinstance(screen.state, Confirming)
    assert not screen.state.choose
    assert isinstance(screen.on(ev.YesTapped()), Saving)


def test_another_action_is_recorded_at_once() -> None:
    screen = seen(Button.OUT, Action.IN, 5.0)
    assert isinstance(screen.state, Saving)
    assert screen.state.action is Action.OUT


def test_break_tapped_twice_has_not_ended_the_break() -> None:
    screen = seen(Button.BREAK, Action.BREAK_START, 8.0)
    assert isinstance(screen.state, Already)
    assert screen.saves() == []


def test_whoever_wants_to_end_a_break_at_once_says_so_by_another_action() -> None:
    screen = seen(Button.BREAK, Action.BREAK_START, 8.0)
    screen.on(ev.ChangeTapped())
    assert isinstance(screen.state, Confirming)
    assert screen.state.choose
    screen.on(ev.ChangeActionTapped(Button.BREAK))
    assert screen.effects[-1] == ef.Save(screen.attempt, BUDI, Action.BREAK_END, Method.FACE)


def test_choosing_the_very_same_again_is_no_way_round() -> None:
    screen = seen(Button.IN, Action.IN, 8.0)
    screen.on(ev.ChangeTapped(), ev.ChangeActionTapped(Button.IN))
    assert isinstance(screen.state, Already)
    screen.on(ev.ChangeTapped(), ev.ChangeActionTapped(Button.OUT))
    assert isinstance(screen.state, Saving)


def test_not_me_leads_to_the_pin_and_the_name_is_gone() -> None:
    screen = seen(Button.IN, Action.IN, 8.0)
    screen.on(ev.NotMeTapped())
    assert isinstance(screen.state, PinPad)
    assert screen.state.button is Button.IN
    screen.on(ev.PinSubmitted("S-1", "482165"))
    screen.on(ev.PinAccepted(screen.attempt, SITI))
    assert isinstance(screen.state, Resolving)
    screen.resolve(person=SITI, name="Siti Rahmawati")
    assert isinstance(screen.state, Saving), "another person has a minute of their own"


def test_with_the_pin_the_chosen_action_counts_and_time_goes_on_meanwhile() -> None:
    screen = Screen()
    screen.on(ev.PinTapped(), ev.PinSubmitted("K-17", "482165"))
    screen.on(ev.PinAccepted(screen.attempt, BUDI))
    screen.resolve(Action.IN, ago_s=54.0)
    assert isinstance(screen.state, Confirming)
    screen.later(5.0)
    screen.on(ev.ChangeActionTapped(Button.IN))
    assert isinstance(screen.state, Already)
    screen.on(ev.ChangeTapped())
    screen.later(2.0)
    screen.on(ev.ChangeActionTapped(Button.IN))
    assert isinstance(screen.state, Confirming), "the minute is over: asked as always"
    assert isinstance(screen.on(ev.YesTapped()), Saving)


def test_a_site_may_turn_it_off() -> None:
    screen = seen(Button.IN, Action.IN, 0.0, Screen(checkin.start(cool_down_s=0)))
    assert isinstance(screen.state, Confirming)


def test_what_is_told_beside_a_record_stands_on_its_screen() -> None:
    screen = Screen().until_saving()
    beside = ev.Beside(ev.Shift("Pagi", 420, 900), held=True, told=(("id", "Rapat"),))
    screen.on(ev.Committed(screen.attempt, "e", MORNING, 60, beside))
    assert isinstance(screen.state, Recorded)
    assert screen.state.beside == beside
    assert "Rapat" not in repr(screen.state)
