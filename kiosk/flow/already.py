"""What follows when somebody asks for what was recorded a moment ago; refuses to record it a second time unasked."""

from kiosk.flow import actions, moves, states
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Button, LastAction
from kiosk.flow.moves import Step
from kiosk.flow.states import Already, Confirming, Idle, Standing


def fresh_until(standing: Standing, ago_s: float | None, now: float) -> float:
    """Until when the last action counts for its repetition; 0 where it does not."""
    if ago_s is None or not 0 <= ago_s < standing.cool_down_s:
        return 0.0
    return now + standing.cool_down_s - ago_s


def asked(state: Confirming, wanted: Action | Button, now: float) -> Already | None:
    """What is shown instead of recording this: the last action, if it was the same and is fresh.

    A button that was tapped stands for both halves of a pair: whoever taps "Break" twice has not ended it. An action
    that was chosen by its name is another one unless it is the very same.
    """
    last = state.last
    if last is None or now >= state.fresh_until:
        return None
    same = actions.button_for(last.action) is wanted if isinstance(wanted, Button) else last.action is wanted
    return _already(state, last, now) if same else None


def step(state: Already, event: ev.Event, now: float) -> Step:
    """Answer one event while it is said that it was recorded before."""
    match event:
        case ev.NotMeTapped():
            return moves.pad(state.standing.next(), actions.button_for(state.last.action), now), ()
        case ev.ChangeTapped():
            return _choosing(state, now), ()
        case _ if moves.leaves(event, state.until, now):
            return Idle(state.standing.next()), ()
        case _:
            return state, ()


def _already(state: Confirming, last: LastAction, now: float) -> Already:
    until = now + states.RECORDED_S
    return Already(state.standing, state.person, state.name, state.method, last, until, state.fresh_until)


def _choosing(state: Already, now: float) -> Confirming:
    return Confirming(
        state.standing,
        state.person,
        state.name,
        actions.suggested(state.last),
        state.method,
        state.last,
        choose=True,
        until=now + states.CONFIRM_S,
        fresh_until=state.fresh_until,
    )
