"""What people do at the door and how one action follows another; refuses to invent an action nobody took."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Action(StrEnum):
    """What is recorded; the values of `wire.event.Action` (a test compares them)."""

    IN = "in"
    OUT = "out"
    BREAK_START = "break_start"
    BREAK_END = "break_end"
    OVERTIME_START = "overtime_start"
    OVERTIME_END = "overtime_end"
    TRIP_LEAVE = "trip_leave"
    TRIP_RETURN = "trip_return"


class Method(StrEnum):
    """How the person was known; values of `wire.event.Method` that this screen can produce."""

    FACE = "face"
    PIN = "pin"
    BADGE = "badge"


class Button(StrEnum):
    """The five large buttons; three of them start or end something, depending on the person's last action."""

    IN = "in"
    OUT = "out"
    BREAK = "break"
    OVERTIME = "overtime"
    TRIP = "trip"


@dataclass(frozen=True, slots=True)
class LastAction:
    """The person's latest action at this device within 16 h; occurred_at in ms since the epoch (UTC)."""

    action: Action
    occurred_at: int


_PAIRS = {
    Button.BREAK: (Action.BREAK_START, Action.BREAK_END),
    Button.OVERTIME: (Action.OVERTIME_START, Action.OVERTIME_END),
    Button.TRIP: (Action.TRIP_LEAVE, Action.TRIP_RETURN),
}
_SUGGESTED = {
    Action.IN: Action.OUT,
    Action.OUT: Action.IN,
    Action.BREAK_START: Action.BREAK_END,
    Action.BREAK_END: Action.OUT,
    Action.OVERTIME_START: Action.OVERTIME_END,
    Action.OVERTIME_END: Action.IN,
    Action.TRIP_LEAVE: Action.TRIP_RETURN,
    Action.TRIP_RETURN: Action.OUT,
}
_AWAY = frozenset({Action.OUT, Action.OVERTIME_END})
_OPEN = frozenset({Action.BREAK_START, Action.OVERTIME_START, Action.TRIP_LEAVE})


def action_for(button: Button, last: LastAction | None) -> Action:
    """Return what a button means for this person: the second half of a pair only when the first is open."""
    if button in _PAIRS:
        start, end = _PAIRS[button]
        return end if last is not None and last.action is start else start
    return Action(button.value)


def button_for(action: Action) -> Button:
    """Return the button under which an action is found."""
    for button, pair in _PAIRS.items():
        if action in pair:
            return button
    return Button(action.value)


def pair(button: Button) -> tuple[Action, Action]:
    """Return both halves of a button; Masuk and Keluar have one, given twice."""
    single = Action(button.value) if button not in _PAIRS else None
    return _PAIRS[button] if single is None else (single, single)


def suggested(last: LastAction | None) -> Action:
    """Return the likely next action; a suggestion is shown, never recorded by itself."""
    return Action.IN if last is None else _SUGGESTED[last.action]


def looks_wrong(action: Action, last: LastAction | None) -> bool:
    """Say whether a question is due before recording: Masuk twice, Keluar without Masuk, a break left open."""
    away = last is None or last.action in _AWAY
    left_open = last is not None and last.action in _OPEN
    match action:
        case Action.IN:
            return not away
        case Action.OUT:
            return last is None or last.action is Action.OUT or left_open
        case Action.BREAK_START:
            return away or left_open
        case Action.OVERTIME_START | Action.TRIP_LEAVE:
            return left_open
        case Action.BREAK_END | Action.OVERTIME_END | Action.TRIP_RETURN:
            return last is None or action is not _SUGGESTED[last.action]
        case _:
            assert_never(action)


def short_name(name: str) -> str:
    """Return the first name and the initial of the family name: "Siti Rahmawati" is shown as "Siti R."."""
    words = name.split()
    return words[0] if len(words) == 1 else f"{words[0]} {words[-1][0]}." if words else ""
