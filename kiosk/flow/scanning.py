"""What follows while the camera reads codes: whose badge is it, or whose slip; refuses to tell why one is refused."""

# ruff: noqa: PLR0911 - one return a row: each function is the table of its screen

from dataclasses import replace

from kiosk.faults import FaultCode
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow import looking, moves, states
from kiosk.flow.actions import Method
from kiosk.flow.moves import Step
from kiosk.flow.states import Badge, BadgeRule, Idle, PadReason


def step(state: Badge, event: ev.Event, now: float) -> Step:
    """Answer one event while codes are read, or while the store is asked about one."""
    return _checking(state, event, now) if state.checking else _reading(state, event, now)


def _reading(state: Badge, event: ev.Event, now: float) -> Step:
    rest = (ef.StopLooking(),)
    match event:
        case ev.BadgeSeen(_, text) if state.refused and text == state.held:
            return state, ()
        case ev.BadgeSeen(_, ""):
            return _refused(state, "", now, rest)
        case ev.BadgeSeen(_, text) if text.startswith(states.SLIP):
            return Idle(state.standing.next()), (*rest, ef.ShowSlip(text))
        case ev.BadgeSeen(_, text):
            standing = state.standing.next()
            asked = replace(state, standing=standing, checking=True, refused=False, held=text)
            return replace(asked, until=now + states.ANSWER_S), (*rest, ef.CheckBadge(standing.attempt, text))
        case ev.PinTapped():
            return moves.pad(state.standing.next(), state.button, now), rest
        case _ if moves.leaves(event, state.until, now):
            return Idle(state.standing.next()), rest
        case _:
            return state, ()


def _checking(state: Badge, event: ev.Event, now: float) -> Step:
    match event:
        case ev.BadgeAccepted() if state.standing.badge is BadgeRule.ALONE:
            return looking.accepted(state, event, Method.BADGE, now)
        case ev.BadgeAccepted(_, person):
            pad = moves.pad(state.standing.next(), state.button, now, PadReason.BADGE)
            return replace(pad, holder=person, verify=state.verify), ()
        case ev.BadgeRefused():
            return _refused(state, state.held, now)
        case ev.SaveFailed(_, fault) if fault in states.PERSONAL_FAULTS:
            return _refused(state, state.held, now)
        case ev.SaveFailed(_, fault):
            return moves.out(state.standing, fault, now), ()
        case ev.PinTapped():
            return moves.pad(state.standing.next(), state.button, now), ()
        case ev.CancelTapped():
            return Idle(state.standing.next()), ()
        case ev.Tick() if now >= state.until:
            return moves.out(state.standing.next(), FaultCode.STORE_BUSY, now), ()
        case _:
            return state, ()


def _refused(state: Badge, held: str, now: float, rest: tuple[ef.Effect, ...] = ()) -> Step:
    """Say so and go on reading; the third within half a minute leads to the PIN, as with faces."""
    standing = moves.refuse(moves.recent(state.standing, now), now)
    if moves.paused(standing):
        return moves.pad(standing, state.button, now, PadReason.PAUSED), rest
    shown = Badge(standing, state.button, now + states.BADGE_S, refused=True, held=held, verify=state.verify)
    return shown, (*rest, ef.StartScanning(standing.attempt))
