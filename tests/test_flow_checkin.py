import pytest
from door_script import BUDI, MORNING, SERIOUS, Screen

from kiosk.faults import FaultCode
from kiosk.flow import checkin, states
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Button, Method
from kiosk.flow.states import (
    Confirming,
    Disputed,
    Idle,
    Looking,
    NotRecognised,
    OutOfService,
    PadReason,
    PinPad,
    Recorded,
    Resolving,
    Saving,
    Standing,
)


def test_a_face_after_a_tap_is_recorded_and_shown_only_after_the_commit() -> None:
    screen = Screen()
    assert screen.on(ev.ButtonTapped(Button.IN)) == Looking(Standing(1), Button.IN, 108.0)
    assert screen.effects == [ef.StartLooking(1)]
    screen.on(ev.Guided(1, ev.Instruction.CLOSER, 1.7))
    assert isinstance(screen.state, Looking)
    assert (screen.state.instruction, screen.state.progress) == (ev.Instruction.CLOSER, 1.0)
    assert isinstance(screen.face(ev.Matched(BUDI)), Resolving)
    assert screen.effects[1:] == [ef.StopLooking(), ef.LookUp(2, BUDI, Method.FACE)]
    assert isinstance(screen.resolve(), Saving)
    assert screen.effects[-1] == ef.Save(3, BUDI, Action.IN, Method.FACE)
    recorded = screen.commit()
    assert isinstance(recorded, Recorded)
    assert (recorded.name, recorded.action, recorded.occurred_at) == ("Budi S.", Action.IN, MORNING)
    assert isinstance(screen.later(4.75), Recorded)
    assert isinstance(screen.later(0.25), Idle)


def test_a_pin_first_lets_the_person_choose_and_suggests_the_next_action() -> None:
    screen = Screen()
    screen.on(ev.PinTapped(), ev.KeyTouched(), ev.PinSubmitted("K-17", "4821"))
    assert screen.effects == [ef.CheckPin(1, "K-17", "4821")]
    screen.on(ev.PinSubmitted("K-17", "4821"), ev.KeyTouched())
    assert len(screen.effects) == 1
    screen.on(ev.PinAccepted(1, BUDI))
    asked = screen.resolve(Action.IN)
    assert isinstance(asked, Confirming)
    assert (asked.choose, asked.action) == (True, Action.OUT)
    assert screen.saves() == []
    screen.on(ev.ChangeActionTapped(Button.BREAK))
    assert screen.saves() == [ef.Save(3, BUDI, Action.BREAK_START, Method.PIN)]


def test_choosing_something_odd_is_asked_about_once_more() -> None:
    screen = Screen()
    screen.on(ev.PinTapped(), ev.PinSubmitted("K-17", "4821"), ev.PinAccepted(1, BUDI))
    screen.resolve(Action.IN)
    asked = screen.on(ev.ChangeActionTapped(Button.IN))
    assert isinstance(asked, Confirming)
    assert (asked.choose, asked.action) == (False, Action.IN)
    screen.on(ev.YesTapped())
    assert screen.saves() == [ef.Save(3, BUDI, Action.IN, Method.PIN)]


def test_an_action_that_looks_wrong_is_asked_about_and_silence_records_nothing() -> None:
    screen = Screen().until_saving(Button.IN, Action.IN)
    assert isinstance(screen.state, Confirming)
    screen.later(states.CONFIRM_S)
    assert isinstance(screen.state, Idle)
    assert screen.saves() == []
    changed = Screen().until_saving(Button.IN, Action.IN)
    changed.on(ev.ChangeActionTapped(Button.OUT))
    assert changed.saves() == [ef.Save(3, BUDI, Action.OUT, Method.FACE)]
    cancelled = Screen().until_saving(Button.IN, Action.IN)
    assert isinstance(cancelled.on(ev.CancelTapped()), Idle)


def test_a_site_may_want_a_tap_on_every_name() -> None:
    screen = Screen(checkin.start(always_confirm=True)).until_saving()
    assert isinstance(screen.state, Confirming)
    assert screen.saves() == []
    screen.on(ev.YesTapped())
    assert len(screen.saves()) == 1


@pytest.mark.parametrize("choose", [True, False])
def test_not_me_before_recording_records_nothing_and_offers_the_pin(choose: bool) -> None:  # noqa: FBT001 - a case
    screen = Screen()
    if choose:
        screen.on(ev.PinTapped(), ev.PinSubmitted("a", "b"), ev.PinAccepted(1, BUDI))
        screen.resolve()
    else:
        screen.until_saving(Button.OUT)
    pad = screen.on(ev.NotMeTapped())
    assert isinstance(pad, PinPad)
    assert pad.button is (None if choose else Button.OUT)
    assert screen.saves() == []


def test_not_me_after_recording_is_a_record_of_its_own_and_offers_the_pin() -> None:
    screen = Screen().until_recorded(Button.OUT, Action.IN)
    event_id = screen.state.event_id if isinstance(screen.state, Recorded) else ""
    screen.on(ev.NotMeTapped())
    assert screen.saves()[-1] == ef.SaveDispute(4, event_id, BUDI)
    disputed = screen.commit()
    assert isinstance(disputed, Disputed)
    assert not hasattr(disputed, "name")
    pad = screen.on(ev.PinTapped())
    assert isinstance(pad, PinPad)
    assert pad.button is Button.OUT
    again = Screen().until_recorded()
    again.on(ev.NotMeTapped())
    again.commit()
    assert isinstance(again.later(states.RECORDED_S), Idle)
    assert isinstance(again.on(ev.CancelTapped()), Idle)


def test_the_recorded_action_can_be_changed_within_its_seconds() -> None:
    screen = Screen().until_recorded(Button.BREAK, Action.IN)
    screen.on(ev.ChangeActionTapped(Button.OUT))
    assert len(screen.saves()) == 1, "the choice must be open first"
    screen.on(ev.ChangeTapped(), ev.ChangeActionTapped(Button.BREAK))
    assert isinstance(screen.saves()[-1], ef.SaveCorrection)
    assert screen.saves()[-1] == ef.SaveCorrection(4, "event-3", BUDI, Action.BREAK_END, Method.FACE)
    screen.commit()
    screen.on(ev.ChangeTapped(), ev.ChangeActionTapped(Button.BREAK))
    assert screen.saves()[-1] == ef.SaveCorrection(5, "event-3", BUDI, Action.BREAK_START, Method.FACE)
    screen.commit()
    screen.on(ev.ChangeTapped(), ev.ChangeActionTapped(Button.OUT))
    assert screen.saves()[-1] == ef.SaveCorrection(6, "event-3", BUDI, Action.OUT, Method.FACE)
    screen.commit()
    screen.on(ev.NotMeTapped())
    assert screen.saves()[-1] == ef.SaveDispute(7, "event-3", BUDI), "it is the check-in that is disputed"


def test_choosing_the_same_action_again_or_leaving_the_choice_changes_nothing() -> None:
    screen = Screen().until_recorded()
    screen.on(ev.ChangeTapped(), ev.ChangeActionTapped(Button.IN))
    assert len(screen.saves()) == 1
    screen.on(ev.ChangeTapped(), ev.CancelTapped())
    assert isinstance(screen.state, Recorded)
    assert isinstance(screen.on(ev.CancelTapped()), Idle)


def test_a_near_match_leads_to_the_pin_pad_and_names_nobody() -> None:
    screen = Screen()
    screen.on(ev.ButtonTapped(Button.IN))
    pad = screen.face(ev.Near())
    assert pad == PinPad(Standing(2, refused_at=(100.0,)), Button.IN, 120.0, PadReason.NEAR)
    assert screen.effects == [ef.StartLooking(1), ef.StopLooking()]


def test_the_pin_comes_forward_after_two_failures_or_four_seconds() -> None:
    screen = Screen()
    looking = screen.on(ev.ButtonTapped(Button.IN))
    assert isinstance(looking, Looking)
    assert not looking.pin_forward(screen.now + 3.9)
    assert looking.pin_forward(screen.now + 4.0)
    refused = screen.face(ev.NotMatched())
    assert isinstance(refused, NotRecognised)
    assert not refused.pin_forward
    screen.on(ev.RetryTapped())
    again = screen.later(states.LOOK_S)
    assert isinstance(again, NotRecognised)
    assert (again.failures, again.pin_forward) == (2, True)
    third = screen.on(ev.RetryTapped())
    assert isinstance(third, Looking)
    assert third.pin_forward(screen.now)
    assert isinstance(screen.on(ev.PinTapped()), PinPad)


def test_no_match_and_running_out_of_time_look_the_same() -> None:
    one, two = Screen(), Screen()
    one.on(ev.ButtonTapped(Button.IN))
    two.on(ev.ButtonTapped(Button.IN))
    one.now += states.LOOK_S
    one.face(ev.NotMatched())
    two.later(states.LOOK_S)
    seen = [(s.state.button, s.state.until, s.state.failures) for s in (one, two) if isinstance(s.state, NotRecognised)]
    assert seen == [(Button.IN, 116.0, 1)] * 2


def test_three_refused_faces_in_half_a_minute_pause_the_face_but_never_the_pin() -> None:
    screen = Screen()
    screen.on(ev.ButtonTapped(Button.IN))
    screen.face(ev.NotMatched())
    for _ in range(2):
        screen.on(ev.RetryTapped())
        screen.face(ev.NotMatched())
    pad = screen.on(ev.RetryTapped())
    assert isinstance(pad, PinPad)
    assert pad.reason is PadReason.PAUSED
    screen.on(ev.CancelTapped())
    screen.later(states.PAUSE_WINDOW_S)
    assert isinstance(screen.on(ev.ButtonTapped(Button.IN)), Looking)


@pytest.mark.parametrize("leaving", [ev.CancelTapped(), ev.PinTapped(), None])
def test_whoever_leaves_an_act_that_was_asked_for_cannot_choose_another_one_for_ever(leaving: ev.Event | None) -> None:
    screen = Screen()
    for _ in range(states.PAUSE_REFUSALS):
        screen.on(ev.ButtonTapped(Button.IN))
        screen.on(ev.Guided(screen.attempt, ev.Instruction.TURN_LEFT, 0.0))
        if leaving is None:
            screen.later(states.LOOK_S)
        else:
            screen.on(leaving)
        screen.on(ev.CancelTapped())
    pad = screen.on(ev.ButtonTapped(Button.IN))
    assert isinstance(pad, PinPad)
    assert pad.reason is PadReason.PAUSED


def test_nobody_enrolled_is_no_refusal_of_a_face() -> None:
    screen = Screen()
    screen.on(ev.ButtonTapped(Button.IN))
    screen.face(ev.NotMatched(nobody=True))
    assert isinstance(screen.state, NotRecognised)
    assert screen.state.standing.refused_at == ()


def test_near_matches_pause_the_face_like_refusals() -> None:
    screen = Screen()
    for _ in range(3):
        screen.on(ev.ButtonTapped(Button.IN))
        assert isinstance(screen.state, Looking)
        screen.face(ev.Near())
        screen.on(ev.CancelTapped())
    pad = screen.on(ev.ButtonTapped(Button.IN))
    assert isinstance(pad, PinPad)
    assert pad.reason is PadReason.PAUSED


def test_a_refused_pin_waits_and_then_counts_again() -> None:
    screen = Screen()
    screen.on(ev.PinTapped(), ev.PinSubmitted("K-17", "0000"), ev.PinRefused(1, 3.0))
    assert isinstance(screen.state, PinPad)
    assert (screen.state.refused, screen.state.locked_until) == (True, 103.0)
    screen.on(ev.PinSubmitted("K-17", "4821"))
    assert len(screen.effects) == 1
    screen.later(3.0)
    assert isinstance(screen.state, PinPad)
    screen.on(ev.KeyTouched())
    assert isinstance(screen.state, PinPad)
    assert not screen.state.refused
    screen.on(ev.PinSubmitted("K-17", ""), ev.PinSubmitted("", "4821"))
    assert len(screen.effects) == 1
    screen.on(ev.PinSubmitted("K-17", "4821"))
    assert screen.effects[-1] == ef.CheckPin(2, "K-17", "4821")


def test_no_state_and_no_event_shows_a_name_in_its_repr() -> None:
    screen = Screen()
    screen.on(ev.ButtonTapped(Button.IN))
    screen.face(ev.Matched(BUDI))
    answer = repr(ev.Resolved(2, BUDI, "Budi Santoso", None))
    asked, saving, recorded = repr(screen.resolve(Action.IN)), repr(screen.on(ev.YesTapped())), repr(screen.commit())
    assert recorded.startswith("Recorded(")
    assert "Budi" not in answer + asked + saving + recorded


def test_pins_and_codes_do_not_show_in_a_repr() -> None:
    for value in (ev.PinSubmitted("K-17", "4821"), ef.CheckPin(1, "K-17", "4821")):
        assert "K-17" not in repr(value)
        assert "4821" not in repr(value)


def test_a_site_without_faces_asks_for_the_pin_after_every_action() -> None:
    screen = Screen(checkin.start(face=False))
    pad = screen.on(ev.ButtonTapped(Button.OUT))
    assert isinstance(pad, PinPad)
    assert (pad.button, pad.reason, screen.effects) == (Button.OUT, PadReason.ASKED, [])


@pytest.mark.parametrize("fault", sorted(states.FACE_FAULTS))
def test_a_lost_camera_or_model_leaves_the_pin_working_under_a_banner(fault: FaultCode) -> None:
    screen = Screen()
    screen.on(ev.ButtonTapped(Button.IN), ev.FaultRaised(fault))
    assert isinstance(screen.state, PinPad)
    assert (screen.state.reason, screen.state.standing.blind) == (PadReason.BLIND, fault)
    assert screen.effects[-1] == ef.StopLooking()
    screen.on(ev.CancelTapped(), ev.ButtonTapped(Button.OUT))
    assert isinstance(screen.state, PinPad)
    attempt = screen.attempt + 1
    screen.on(ev.PinSubmitted("K-17", "4821"), ev.PinAccepted(attempt, BUDI))
    screen.resolve(Action.IN)
    assert isinstance(screen.commit(), Recorded)
    screen.on(ev.FaceBack(), ev.CancelTapped(), ev.ButtonTapped(Button.IN))
    assert isinstance(screen.state, Looking)


@pytest.mark.parametrize("fault", [each for each in SERIOUS if each is not FaultCode.SAVE_TIMED_OUT])
def test_a_store_key_or_disk_fault_at_saving_ends_out_of_service_and_repair_leads_home(fault: FaultCode) -> None:
    for event in (ev.SaveFailed(3, fault), ev.FaultRaised(fault)):
        screen = Screen().until_saving()
        assert screen.attempt == 3
        out = screen.on(event)
        assert isinstance(out, OutOfService)
        assert out.fault is fault
        screen.on(*(ev.ButtonTapped(b) for b in Button), ev.PinTapped())
        assert screen.state == out
        screen.later(states.HEALTH_EVERY_S)
        assert screen.effects[-1] == ef.CheckHealth()
        assert isinstance(screen.on(ev.Repaired()), Idle)
        assert screen.state.standing.broken is None


def test_whoever_is_not_recognised_may_go_on_with_the_pin() -> None:
    screen = Screen()
    screen.on(ev.ButtonTapped(Button.OUT))
    screen.face(ev.NotMatched())
    pad = screen.on(ev.PinTapped())
    assert isinstance(pad, PinPad)
    assert (pad.button, pad.reason) == (Button.OUT, PadReason.ASKED)
