"""Code and PIN first, the face second: the face may add to a PIN, and takes nothing from it."""

import pytest
from door_script import BUDI, SITI, Screen

from kiosk.faults import FaultCode
from kiosk.flow import checkin, states
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Button, Method
from kiosk.flow.states import Confirming, Idle, Looking, OutOfService, PadReason, PinPad, Recorded, Resolving, Saving

CODE, PIN = "K-17", "482165"


def verifying_site(*, always_confirm: bool = False) -> Screen:
    return Screen(checkin.start(verify=True, always_confirm=always_confirm))


def typed(screen: Screen, *, face: bool = True, person: str = BUDI) -> Screen:
    """Code and PIN are typed and right."""
    screen.on(ev.PinSubmitted(CODE, PIN))
    screen.on(ev.PinAccepted(screen.attempt, person, face))
    return screen


def looked_at() -> Screen:
    screen = verifying_site()
    screen.on(ev.ButtonTapped(Button.IN))
    return typed(screen)


def method_of(screen: Screen) -> Method:
    """How a person whose last action is unknown ends up recorded."""
    assert isinstance(screen.resolve(), Saving), screen.state
    saves = screen.saves()
    assert len(saves) == 1
    assert isinstance(saves[0], ef.Save)
    assert saves[0].person == BUDI
    return saves[0].method


def test_the_pin_comes_first_and_the_camera_then_looks_for_that_very_person() -> None:
    screen = verifying_site()
    pad = screen.on(ev.ButtonTapped(Button.IN))
    assert isinstance(pad, PinPad)
    assert (pad.reason, pad.button) == (PadReason.ASKED, Button.IN)
    assert screen.effects == []
    looking = typed(screen).state
    assert isinstance(looking, Looking)
    assert looking.claimed == BUDI
    assert looking.until == screen.now + states.VERIFY_S
    assert screen.effects[-1] == ef.StartLooking(looking.standing.attempt, BUDI)


def test_a_face_that_is_theirs_is_recorded_as_a_face() -> None:
    screen = looked_at()
    screen.face(ev.Matched(BUDI))
    assert screen.effects[-2:] == [ef.StopLooking(), ef.LookUp(screen.attempt, BUDI, Method.FACE)]
    assert method_of(screen) is Method.FACE
    assert isinstance(screen.commit(), Recorded)


NO_FACE: dict[str, ev.Event | ev.Matched | ev.Near | ev.NotMatched] = {
    "not theirs": ev.NotMatched(),
    "nearly theirs": ev.Near(),
    "somebody else's": ev.Matched(SITI),
    "not wanted": ev.PinTapped(),
    "no camera": ev.FaceLost(FaultCode.CAMERA_LOST),
    "no model": ev.FaultRaised(FaultCode.MODEL_ALTERED),
}


@pytest.mark.parametrize("why", NO_FACE)
def test_without_the_face_the_pin_records_all_the_same(why: str) -> None:
    screen, event = looked_at(), NO_FACE[why]
    if isinstance(event, ev.Matched | ev.Near | ev.NotMatched):
        screen.face(event)
    else:
        screen.on(event)
    assert isinstance(screen.state, Resolving)
    assert screen.effects[-2:] == [ef.StopLooking(), ef.LookUp(screen.attempt, BUDI, Method.PIN)]
    assert method_of(screen) is Method.PIN


def test_the_camera_looks_for_four_seconds_at_most() -> None:
    screen = looked_at()
    screen.on(ev.Guided(screen.attempt, ev.Instruction.CLOSER, 0.4))
    assert isinstance(screen.later(3.75), Looking)
    assert isinstance(screen.later(0.25), Resolving)
    assert method_of(screen) is Method.PIN


def test_leaving_while_the_camera_looks_records_nothing() -> None:
    screen = looked_at()
    assert isinstance(screen.on(ev.YesTapped(), ev.CancelTapped()), Idle)
    assert screen.effects[-1] == ef.StopLooking()
    assert screen.saves() == []


def test_a_fault_of_the_store_while_the_camera_looks_is_said() -> None:
    screen = looked_at()
    assert isinstance(screen.on(ev.FaultRaised(FaultCode.DISK_FAILED)), OutOfService)
    assert screen.effects[-1] == ef.StopLooking()


def test_whoever_has_no_face_enrolled_is_not_looked_at() -> None:
    screen = verifying_site()
    screen.on(ev.ButtonTapped(Button.IN))
    assert isinstance(typed(screen, face=False).state, Resolving)
    assert not any(isinstance(effect, ef.StartLooking) for effect in screen.effects)
    assert method_of(screen) is Method.PIN


def test_whoever_asks_for_the_pin_is_not_looked_at() -> None:
    screen = verifying_site()
    screen.on(ev.PinTapped())
    assert isinstance(typed(screen).state, Resolving)
    assert not any(isinstance(effect, ef.StartLooking) for effect in screen.effects)


def test_a_wrong_pin_opens_no_camera_and_the_right_one_after_it_does() -> None:
    screen = verifying_site()
    screen.on(ev.ButtonTapped(Button.IN), ev.PinSubmitted(CODE, "111"))
    screen.on(ev.PinRefused(screen.attempt, 1.0))
    assert screen.effects == [ef.CheckPin(1, CODE, "111")]
    screen.later(1.0)
    assert isinstance(typed(screen).state, Looking)


def test_three_refused_faces_in_half_a_minute_pause_the_camera_and_not_the_pin() -> None:
    screen = verifying_site()
    for outcome in (ev.NotMatched(), ev.Near(), ev.Matched(SITI)):
        screen.on(ev.ButtonTapped(Button.IN))
        typed(screen).face(outcome)
        screen.resolve()
        screen.commit()
        screen.on(ev.CancelTapped())
    pad = screen.on(ev.ButtonTapped(Button.IN))
    assert isinstance(pad, PinPad)
    assert pad.reason is PadReason.PAUSED
    assert isinstance(typed(screen).state, Resolving)
    screen.resolve()
    screen.commit()
    screen.later(states.PAUSE_WINDOW_S)
    screen.on(ev.ButtonTapped(Button.IN))
    assert isinstance(typed(screen).state, Looking)


def test_faces_that_were_paused_or_lost_while_a_pin_was_typed_stay_so() -> None:
    screen = verifying_site()
    screen.on(ev.ButtonTapped(Button.IN), ev.FaceLost(FaultCode.CAMERA_LOST))
    assert isinstance(typed(screen).state, Resolving)


@pytest.mark.parametrize("answer", [ev.Matched(BUDI), ev.NotMatched()])
def test_a_site_that_wants_a_tap_on_every_name_does_not_want_it_after_a_pin(answer: ev.Matched | ev.NotMatched) -> None:
    screen = verifying_site(always_confirm=True)
    screen.on(ev.ButtonTapped(Button.IN))
    typed(screen).face(answer)
    assert isinstance(screen.resolve(), Saving)
    odd = verifying_site()
    odd.on(ev.ButtonTapped(Button.IN))
    typed(odd).face(answer)
    assert isinstance(odd.resolve(Action.IN), Confirming), "what looks wrong is asked about, whoever it is"


def test_a_consent_withdrawn_while_the_camera_looked_leaves_the_pin() -> None:
    screen = looked_at()
    screen.face(ev.Matched(BUDI))
    screen.on(ev.SaveFailed(screen.attempt, FaultCode.CONSENT_MISSING))
    assert screen.effects[-1] == ef.LookUp(screen.attempt, BUDI, Method.PIN)
    assert method_of(screen) is Method.PIN


def test_a_look_alike_is_asked_for_the_pin_in_the_same_words_and_then_verified() -> None:
    screen = Screen()
    screen.on(ev.ButtonTapped(Button.IN))
    pad = screen.face(ev.Near(lookalike=True))
    assert isinstance(pad, PinPad)
    assert pad.reason is PadReason.NEAR
    assert isinstance(typed(screen).state, Looking)
    screen.face(ev.Matched(BUDI))
    assert method_of(screen) is Method.FACE


def test_a_look_alike_after_two_refusals_is_paused_like_everybody_and_recorded_by_pin() -> None:
    screen = Screen()
    for outcome in (ev.NotMatched(), ev.NotMatched(), ev.Near(lookalike=True)):
        screen.on(ev.CancelTapped(), ev.ButtonTapped(Button.IN))
        screen.face(outcome)
    assert isinstance(typed(screen).state, Resolving)
    assert method_of(screen) is Method.PIN


def test_a_near_match_that_is_no_look_alike_is_not_looked_at_again() -> None:
    screen = Screen()
    screen.on(ev.ButtonTapped(Button.IN))
    screen.face(ev.Near())
    assert isinstance(typed(screen).state, Resolving)
    assert method_of(screen) is Method.PIN


def test_a_site_without_faces_never_opens_the_camera() -> None:
    for verify in (False, True):
        screen = Screen(checkin.start(face=False, verify=verify))
        screen.on(ev.ButtonTapped(Button.IN))
        assert isinstance(typed(screen).state, Resolving)
        assert not any(isinstance(effect, ef.StartLooking) for effect in screen.effects)


def test_nobody_to_compare_with_is_no_refusal_of_a_face() -> None:
    screen = looked_at()
    screen.face(ev.NotMatched(nobody=True))
    assert method_of(screen) is Method.PIN
    assert screen.state.standing.refused_at == ()


@pytest.mark.parametrize("act", sorted(states.ACTS))
def test_an_act_that_is_asked_for_late_still_has_its_time(act: ev.Instruction) -> None:
    screen = looked_at()
    screen.later(states.VERIFY_S - 1)
    screen.on(ev.Guided(screen.attempt, act, 0.0))
    asked = screen.now
    screen.later(states.ACT_S - 0.5)
    assert isinstance(screen.state, Looking)
    screen.on(ev.Guided(screen.attempt, act, 0.5))
    assert screen.state.until == asked + states.ACT_S, "once"
    screen.later(1.0)
    assert method_of(screen) is Method.PIN
    assert len(screen.state.standing.refused_at) == 1
