import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.flow import actions
from kiosk.flow.actions import Action, Button, LastAction, Method


def after(action: Action | None) -> LastAction | None:
    return None if action is None else LastAction(action, 1_700_000_000_000)


def test_actions_and_methods_are_those_of_the_wire() -> None:
    event = pytest.importorskip("wire.event")
    assert [a.value for a in Action] == [a.value for a in event.Action]
    assert {m.value for m in Method} <= {m.value for m in event.Method}


@given(st.sampled_from(Button), st.none() | st.sampled_from(Action))
def test_every_button_means_one_action_and_leads_back_to_its_button(button: Button, last: Action | None) -> None:
    action = actions.action_for(button, after(last))
    assert actions.button_for(action) is button
    assert action in actions.pair(button)


@given(st.none() | st.sampled_from(Action))
def test_a_suggestion_never_looks_wrong(last: Action | None) -> None:
    assert not actions.looks_wrong(actions.suggested(after(last)), after(last))


@pytest.mark.parametrize(
    ("action", "last", "wrong"),
    [
        (Action.IN, None, False),
        (Action.IN, Action.OUT, False),
        (Action.IN, Action.IN, True),
        (Action.IN, Action.BREAK_START, True),
        (Action.OUT, None, True),
        (Action.OUT, Action.IN, False),
        (Action.OUT, Action.OUT, True),
        (Action.OUT, Action.BREAK_START, True),
        (Action.BREAK_START, Action.IN, False),
        (Action.BREAK_START, None, True),
        (Action.BREAK_END, Action.BREAK_START, False),
        (Action.BREAK_END, Action.IN, True),
        (Action.OVERTIME_START, None, False),
        (Action.OVERTIME_START, Action.OUT, False),
        (Action.TRIP_LEAVE, Action.BREAK_START, True),
        (Action.TRIP_RETURN, None, True),
    ],
)
def test_what_looks_wrong_is_what_a_colleague_would_ask_about(
    action: Action,
    last: Action | None,
    wrong: bool,  # noqa: FBT001 - a case
) -> None:
    assert actions.looks_wrong(action, after(last)) is wrong


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Siti Rahmawati", "Siti R."),
        ("Suharto", "Suharto"),
        ("I Gusti Ngurah Rai", "I R."),
        ("  Ni   Luh  ", "Ni L."),
        ("", ""),
    ],
)
def test_a_name_is_shown_as_first_name_and_initial(name: str, shown: str) -> None:
    assert actions.short_name(name) == shown
