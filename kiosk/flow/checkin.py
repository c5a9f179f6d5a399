"""The check-in screen: `step(state, event, now)` gives the next state and effects; it never records without an act."""

# ruff: noqa: C901, PLR0911, PLR0912 - one arm and one return a row: each function is the table of its screen

from dataclasses import replace
from typing import assert_never

from kiosk.faults import FaultCode
from kiosk.flow import actions, already, looking, moves, scanning, states
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Button, Method
from kiosk.flow.moves import Step
from kiosk.flow.states import (
    Already,
    Badge,
    BadgeRule,
    Confirming,
    Disputed,
    Idle,
    Looking,
    NotRecognised,
    OutOfService,
    PadReason,
    PinPad,
    Purpose,
    Recorded,
    Resolving,
    Saving,
    Standing,
    State,
)


def start(
    *,
    always_confirm: bool = False,
    face: bool = True,
    verify: bool = False,
    cool_down_s: float = states.COOL_DOWN_S,
    badge: BadgeRule = BadgeRule.WITH_PIN,
) -> Idle:
    """Return the first state.

    Args:
        always_confirm: the site wants a tap on every name that a face alone gave.
        face: without it the kiosk is a PIN clock.
        verify: code and PIN come first, and the face is compared with that very person's alone.
        cool_down_s: for so long the same action again is the one that was recorded; 0 for never.
        badge: what a badge may do here.
    """
    return Idle(Standing(always_confirm=always_confirm, face=face, verify=verify, cool_down_s=cool_down_s, badge=badge))


def step(state: State, event: ev.Event, now: float) -> Step:
    """Answer one event.

    Args:
        state: where the screen is.
        event: what happened; an answer whose attempt is not the latest is ignored.
        now: monotonic seconds, never going back.

    Returns:
        The next state and the effects to carry out in order; every pair of state and event is defined.
    """
    match event:
        case ev.FaceLost(fault):
            return _face_lost(state, fault, now)
        case ev.FaceBack():
            return replace(state, standing=replace(state.standing, blind=None)), ()
        case ev.FaultRaised(fault) if fault in states.FACE_FAULTS:
            return _face_lost(state, fault, now)
        case ev.FaultRaised(fault):
            return _fault(state, fault, now)
        case ev.Repaired():
            return _repaired(state)
        case _ if isinstance(event, ev.Answer) and event.attempt != state.standing.attempt:
            return state, ()
        case _:
            return _in_state(state, event, now)


def _in_state(state: State, event: ev.Event, now: float) -> Step:
    match state:
        case Idle():
            return _idle(state, event, now)
        case Looking():
            return looking.step(state, event, now)
        case PinPad():
            return _pin_pad(state, event, now)
        case Badge():
            return scanning.step(state, event, now)
        case Resolving():
            return _resolving(state, event, now)
        case Confirming():
            return _confirming(state, event, now)
        case Already():
            return already.step(state, event, now)
        case Saving():
            return _saving(state, event, now)
        case Recorded():
            return _recorded(state, event, now)
        case Disputed():
            return _disputed(state, event, now)
        case NotRecognised():
            return _not_recognised(state, event, now)
        case OutOfService():
            return _out_of_service(state, event, now)
        case _:
            assert_never(state)


def _save(asked: Confirming, action: actions.Action, now: float) -> Step:
    standing = asked.standing.next()
    state = Saving(standing, asked.person, asked.name, action, asked.method, asked.last, now + states.ANSWER_S)
    return state, (ef.Save(standing.attempt, asked.person, action, asked.method),)


def _face_lost(state: State, fault: FaultCode, now: float) -> Step:
    standing = replace(state.standing, blind=fault)
    if isinstance(state, Looking) and state.claimed:
        return looking.by_pin_alone(state, standing, now)
    if isinstance(state, Looking):
        return moves.pad(standing.next(), state.button, now, PadReason.BLIND), (ef.StopLooking(),)
    if isinstance(state, Badge) and not state.checking and fault in states.CAMERA_FAULTS:
        return moves.pad(standing.next(), state.button, now, PadReason.BLIND), (ef.StopLooking(),)
    return replace(state, standing=standing), ()


def _fault(state: State, fault: FaultCode, now: float) -> Step:
    match state:
        case Recorded() | Disputed():
            standing = replace(state.standing, broken=fault)
            return replace(state, standing=standing, until=min(state.until, now + states.FAULT_SHOWN_WITHIN_S)), ()
        case Looking() | Badge(checking=False):
            return moves.out(state.standing.next(), fault, now), (ef.StopLooking(),)
        case Saving():
            return moves.out(state.standing, fault, now, state), ()
        case OutOfService():
            return replace(state, standing=replace(state.standing, broken=fault), fault=fault), ()
        case _:
            return moves.out(state.standing.next(), fault, now), ()


def _repaired(state: State) -> Step:
    if isinstance(state, OutOfService) and state.pending is not None and state.fault is FaultCode.SAVE_TIMED_OUT:
        return state, ()  # it answers an older question: what became of the save is told first
    standing = replace(state.standing, broken=None)
    if isinstance(state, OutOfService):
        return Idle(standing.next()), ()
    return replace(state, standing=standing), ()


def _idle(state: Idle, event: ev.Event, now: float) -> Step:
    match event:
        case ev.ButtonTapped(button):
            return moves.look(state.standing, button, now)
        case ev.PinTapped():
            return moves.pad(state.standing, None, now), ()
        case ev.QrTapped() if moves.badges(state.standing):
            return moves.scan(state.standing, None, now)
        case _:
            return state, ()


def _pin_pad(state: PinPad, event: ev.Event, now: float) -> Step:
    match event:
        case ev.PinSubmitted(code, pin) if code and pin and not state.holder and _may_ask(state, now):
            checking = _asked(state, now)
            return checking, (ef.CheckPin(checking.standing.attempt, code, pin),)
        case ev.HolderPinSubmitted(pin) if pin and state.holder and _may_ask(state, now):
            checking = _asked(state, now)
            return checking, (ef.CheckHolderPin(checking.standing.attempt, state.holder, pin),)
        case ev.PinAccepted() if state.checking:
            return looking.accepted(state, event, Method.BADGE if state.holder else Method.PIN, now)
        case ev.PinRefused(_, wait_s) if state.checking:
            until = now + states.PAD_S
            refused = replace(state, checking=False, refused=True, locked_until=now + wait_s, until=until)
            return replace(refused, tries=state.tries + 1), ()
        case ev.SaveFailed(_, fault) if state.checking:
            return _failed(state.standing, state.button, now, fault), ()
        case ev.KeyTouched() if not state.checking:
            return replace(state, refused=False, until=max(state.until, now + states.PAD_S)), ()
        case ev.CancelTapped() if state.tries and not state.checking:
            return moves.refused(state.standing.next(), state.button, now, 1), ()
        case ev.QrTapped() if moves.badges(state.standing) and not state.checking:
            return moves.scan(state.standing, state.button, now, verify=state.verify)
        case ev.CancelTapped():
            return Idle(state.standing.next()), ()
        case ev.Tick() if now >= state.until:
            if state.checking:
                return moves.out(state.standing.next(), FaultCode.STORE_BUSY, now), ()
            return Idle(state.standing), ()
        case _:
            return state, ()


def _may_ask(state: PinPad, now: float) -> bool:
    return not state.checking and now >= state.locked_until


def _asked(state: PinPad, now: float) -> PinPad:
    return replace(state, standing=state.standing.next(), checking=True, refused=False, until=now + states.ANSWER_S)


def _resolving(state: Resolving, event: ev.Event, now: float) -> Step:
    match event:
        case ev.Resolved(_, person, name, last, _, ago_s) if person == state.person:
            action = actions.suggested(last) if state.button is None else actions.action_for(state.button, last)
            asked = Confirming(
                state.standing,
                person,
                actions.short_name(name),
                action,
                state.method,
                last,
                choose=state.button is None,
                until=now + states.CONFIRM_S,
                fresh_until=already.fresh_until(state.standing, ago_s, now),
            )
            if state.button is not None and (before := already.asked(asked, state.button, now)) is not None:
                return before, ()
            wants_a_tap = state.standing.always_confirm and not state.by_pin
            if asked.choose or wants_a_tap or actions.looks_wrong(action, last):
                return asked, ()
            return _save(asked, action, now)
        case ev.SaveFailed(_, FaultCode.CONSENT_MISSING) if state.by_pin and state.method is Method.FACE:
            return moves.resolve(state.standing, state.person, state.button, state.proved, now, by_pin=True)
        case ev.SaveFailed(_, fault):
            return _failed(state.standing, state.button, now, fault), ()
        case ev.Tick() if now >= state.until:
            return moves.out(state.standing.next(), FaultCode.STORE_BUSY, now), ()
        case _:
            return state, ()


def _failed(standing: Standing, button: Button | None, now: float, fault: FaultCode) -> State:
    if fault not in states.PERSONAL_FAULTS:
        return moves.out(standing, fault, now)
    standing = standing.next()
    if fault is FaultCode.PERSON_DAMAGED:
        return replace(moves.refused(standing, button, now, 1), damaged=True)
    return moves.pad(standing, None, now) if button is None else moves.refused(standing, button, now, 1)


def _confirming(state: Confirming, event: ev.Event, now: float) -> Step:
    match event:
        case ev.YesTapped():
            return _save(state, state.action, now)
        case ev.ChangeActionTapped(button):
            action = actions.action_for(button, state.last)
            if (before := already.asked(state, action, now)) is not None:
                return before, ()
            if state.choose and actions.looks_wrong(action, state.last):
                return replace(state, action=action, choose=False, until=now + states.CONFIRM_S), ()
            return _save(state, action, now)
        case ev.NotMeTapped():
            button_or_none = None if state.choose else actions.button_for(state.action)
            return moves.pad(state.standing.next(), button_or_none, now), ()
        case _ if moves.leaves(event, state.until, now):
            return Idle(state.standing.next()), ()
        case _:
            return state, ()


def _saving(state: Saving, event: ev.Event, now: float) -> Step:
    match event:
        case ev.Committed():
            return _saved(state, event, now), ()
        case ev.SaveFailed(_, fault) if fault in states.PERSONAL_FAULTS and state.purpose is not Purpose.RECORD:
            return Idle(state.standing.next()), ()  # "nothing is recorded yet" would be untrue
        case ev.SaveFailed(_, fault):
            return _failed(state.standing, actions.button_for(state.action), now, fault), ()
        case ev.Tick() if now >= state.until:
            return moves.out(state.standing, FaultCode.SAVE_TIMED_OUT, now, state), ()
        case _:
            return state, ()


def _saved(saving: Saving, event: ev.Committed, now: float) -> State:
    until = now + states.RECORDED_S
    if saving.purpose is Purpose.DISPUTE:
        return Disputed(saving.standing, actions.button_for(saving.action), until)
    until = now + states.RECORDED_S * event.beside.screens
    return Recorded(
        saving.standing,
        saving.replaces or event.event_id,
        saving.person,
        saving.name,
        saving.action,
        saving.method,
        saving.last,
        event.occurred_at,
        event.worked_s,
        until,
        beside=event.beside,
    )


def _again(state: Recorded, action: actions.Action, purpose: Purpose, now: float) -> Saving:
    return Saving(
        state.standing.next(),
        state.person,
        state.name,
        action,
        state.method,
        state.last,
        now + states.ANSWER_S,
        purpose,
        state.event_id,
    )


def _recorded(state: Recorded, event: ev.Event, now: float) -> Step:
    match event:
        case ev.NotMeTapped():
            saving = _again(state, state.action, Purpose.DISPUTE, now)
            return saving, (ef.SaveDispute(saving.standing.attempt, state.event_id, state.person),)
        case ev.ChangeTapped():
            return replace(state, changing=True, until=now + states.CHANGING_S), ()
        case ev.ChangeActionTapped(button) if state.changing:
            return _corrected(state, button, now)
        case ev.CancelTapped() if state.changing:
            return replace(state, changing=False, until=now + states.RECORDED_S), ()
        case _ if moves.leaves(event, state.until, now):
            return moves.home(state.standing, now)
        case _:
            return state, ()


def _corrected(state: Recorded, button: Button, now: float) -> Step:
    if button is actions.button_for(state.action):
        first, second = actions.pair(button)
        action = second if state.action is first else first
    else:
        action = actions.action_for(button, state.last)
    if action is state.action:
        return replace(state, changing=False, until=now + states.RECORDED_S), ()
    saving = _again(state, action, Purpose.CORRECTION, now)
    effect = ef.SaveCorrection(saving.standing.attempt, state.event_id, state.person, action, state.method)
    return saving, (effect,)


def _disputed(state: Disputed, event: ev.Event, now: float) -> Step:
    match event:
        case ev.PinTapped() if state.standing.broken is None:
            return moves.pad(state.standing, state.button, now), ()
        case _ if moves.leaves(event, state.until, now):
            return moves.home(state.standing, now)
        case _:
            return state, ()


def _not_recognised(state: NotRecognised, event: ev.Event, now: float) -> Step:
    match event:
        case ev.RetryTapped():
            return moves.look(state.standing, state.button, now, state.failures)
        case ev.PinTapped():
            return moves.pad(state.standing, state.button, now), ()
        case ev.QrTapped() if moves.badges(state.standing):
            return moves.scan(state.standing, state.button, now)
        case _ if moves.leaves(event, state.until, now):
            return Idle(state.standing), ()
        case _:
            return state, ()


def _out_of_service(state: OutOfService, event: ev.Event, now: float) -> Step:
    match event:
        case ev.Committed() if state.pending is not None:
            return _late(state, state.pending, event, now)
        case ev.SaveFailed(_, fault) if state.pending is not None:
            shown = state.fault if fault in states.PERSONAL_FAULTS else fault
            return replace(state, standing=replace(state.standing, broken=shown), fault=shown, pending=None), ()
        case ev.Tick() if now >= state.next_check:
            return replace(state, next_check=now + states.HEALTH_EVERY_S), (ef.CheckHealth(),)
        case _:
            return state, ()


def _late(state: OutOfService, pending: Saving, event: ev.Committed, now: float) -> Step:
    answered = state.fault is FaultCode.SAVE_TIMED_OUT
    standing = replace(state.standing, broken=None if answered else state.fault)
    if now - pending.until > states.LATE_COMMIT_S:
        return moves.home(standing, now)
    return _saved(replace(pending, standing=standing), event, now), ()
