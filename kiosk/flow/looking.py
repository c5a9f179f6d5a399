"""What follows while the camera looks: who is it, or is it whose PIN was given; refuses to take a PIN back."""

from dataclasses import replace

from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow import moves, states
from kiosk.flow.actions import Method
from kiosk.flow.moves import Step
from kiosk.flow.states import Badge, Idle, Looking, PadReason, PinPad, Standing


def accepted(state: PinPad | Badge, event: ev.PinAccepted | ev.BadgeAccepted, method: Method, now: float) -> Step:
    """Record who is known by code, badge and PIN, after a look at their face where it may say more, and never less."""
    standing = moves.recent(state.standing, now)
    able = event.face and standing.blind is None and not moves.paused(standing)
    if not ((state.verify or event.verify) and able and state.button is not None):
        by_pin = isinstance(state, PinPad)
        return moves.resolve(standing, event.person, state.button, method, now, by_pin=by_pin)
    standing = standing.next()
    until = now + states.VERIFY_S
    state_of_looking = Looking(standing, state.button, until, claimed=event.person, proved=method)
    return state_of_looking, (ef.StartLooking(standing.attempt, event.person),)


def step(state: Looking, event: ev.Event, now: float) -> Step:
    """Answer one event while the camera looks."""
    if isinstance(event, ev.Guided):
        return _guided(state, event, now), ()
    if state.acting and (isinstance(event, ev.PinTapped | ev.QrTapped) or moves.leaves(event, state.until, now)):
        state = replace(state, standing=moves.refuse(state.standing, now))
    return _verifying(state, event, now) if state.claimed else _identifying(state, event, now)


def _guided(state: Looking, event: ev.Guided, now: float) -> Looking:
    """Say what to do; an act that is asked for has the time that it needs, once."""
    acting = event.instruction in states.ACTS
    until = max(state.until, now + states.ACT_S) if acting and not state.acting else state.until
    progress = min(1.0, max(0.0, event.progress))
    return replace(state, instruction=event.instruction, progress=progress, until=until, acting=state.acting or acting)


def _verifying(state: Looking, event: ev.Event, now: float) -> Step:
    """Code and PIN were right: the camera can add the face to them, and can take nothing from them."""
    match event:
        case ev.FaceDecided(_, ev.Matched(person)) if person == state.claimed:
            resolving, asks = moves.resolve(
                state.standing, person, state.button, Method.FACE, now, by_pin=True, proved=state.proved
            )
            return resolving, (ef.StopLooking(), *asks)
        case ev.FaceDecided(_, ev.NotMatched(nobody=True)) | ev.PinTapped():
            return by_pin_alone(state, state.standing, now)
        case ev.FaceDecided():
            return by_pin_alone(state, moves.refuse(state.standing, now), now)
        case ev.CancelTapped():
            return Idle(state.standing.next()), (ef.StopLooking(),)
        case ev.Tick() if now >= state.until:
            return by_pin_alone(state, state.standing, now)
        case _:
            return state, ()


def by_pin_alone(state: Looking, standing: Standing, now: float) -> Step:
    """Go on with the person whose code and PIN were right, as if the camera had not been asked."""
    resolving, asks = moves.resolve(standing, state.claimed, state.button, state.proved, now, by_pin=True)
    return resolving, (ef.StopLooking(), *asks)


def _identifying(state: Looking, event: ev.Event, now: float) -> Step:  # noqa: PLR0911 - one return a row of its table
    rest = (ef.StopLooking(),)
    standing = state.standing.next()
    match event:
        case ev.FaceDecided(_, ev.Matched(person)):
            resolving, asks = moves.resolve(state.standing, person, state.button, Method.FACE, now)
            return resolving, rest + asks
        case ev.FaceDecided(_, ev.Near(lookalike)):
            # Counted like a refusal: whoever is nearly somebody gets no endless tries either.
            near = moves.pad(moves.refuse(state.standing, now), state.button, now, PadReason.NEAR)
            return replace(near, verify=lookalike), rest
        case ev.FaceDecided(_, ev.NotMatched(nobody=True)):
            return moves.refused(standing, state.button, now, state.failures + 1), rest
        case ev.FaceDecided(_, ev.NotMatched()):
            return moves.refused(moves.refuse(state.standing, now), state.button, now, state.failures + 1), rest
        case ev.PinTapped():
            return moves.pad(standing, state.button, now), rest
        case ev.QrTapped() if moves.badges(standing):
            after, begins = moves.scan(standing, state.button, now)
            return after, rest + begins
        case ev.CancelTapped():
            return Idle(standing), rest
        case ev.Tick() if now >= state.until:
            return moves.refused(standing, state.button, now, state.failures + 1), rest
        case _:
            return state, ()
