"""What the door says when a save, a person or the store fails, and what it never says."""

import pytest
from door_script import BUDI, Screen

from kiosk.faults import FaultCode
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow import states
from kiosk.flow.actions import Button
from kiosk.flow.states import (
    Disputed,
    Idle,
    NotRecognised,
    OutOfService,
    PinPad,
    Recorded,
    Saving,
)


@pytest.mark.parametrize("fault", sorted(states.PERSONAL_FAULTS))
def test_what_is_about_one_person_does_not_put_the_device_out_of_service(fault: FaultCode) -> None:
    screen = Screen().until_saving()
    assert isinstance(screen.on(ev.SaveFailed(3, fault)), NotRecognised)
    early = Screen()
    early.on(ev.ButtonTapped(Button.IN))
    early.face(ev.Matched(BUDI))
    assert isinstance(early.on(ev.SaveFailed(2, fault)), NotRecognised)


@pytest.mark.parametrize("fault", sorted(states.PERSONAL_FAULTS))
@pytest.mark.parametrize("tap", [ev.NotMeTapped(), ev.ChangeActionTapped(Button.OUT)])
def test_a_recorded_check_in_is_never_said_not_to_be(tap: ev.Event, fault: FaultCode) -> None:
    screen = Screen().until_recorded()
    screen.on(ev.ChangeTapped(), tap)
    assert isinstance(screen.state, Saving)
    assert isinstance(screen.on(ev.SaveFailed(screen.attempt, fault)), Idle)


def test_a_repair_of_before_does_not_forget_a_save_that_nobody_has_answered() -> None:
    screen = Screen().until_saving()
    screen.later(states.ANSWER_S)
    assert isinstance(screen.on(ev.Repaired()), OutOfService)
    assert isinstance(screen.commit(), Recorded)
    failed = Screen().until_saving()
    failed.later(states.ANSWER_S)
    failed.on(ev.SaveFailed(failed.attempt, FaultCode.DISK_FULL))
    assert isinstance(failed.on(ev.Repaired()), Idle)


def test_a_late_answer_about_one_person_is_no_fault_of_the_store() -> None:
    screen = Screen().until_saving()
    out = screen.later(states.ANSWER_S)
    assert isinstance(out, OutOfService)
    told = screen.on(ev.SaveFailed(3, FaultCode.PERSON_UNKNOWN))
    assert isinstance(told, OutOfService)
    assert (told.fault, told.pending) == (FaultCode.SAVE_TIMED_OUT, None)


def pin_alone() -> Screen:
    """Somebody typed code and PIN without an action, and is waiting for the answer."""
    screen = Screen()
    screen.on(ev.PinTapped(), ev.PinSubmitted("K1", "482165"))
    return screen


def test_whose_own_record_is_damaged_is_told_so_and_the_next_one_is_served() -> None:
    told = [Screen().until_saving().on(ev.SaveFailed(3, FaultCode.PERSON_DAMAGED))]
    early = Screen()
    early.on(ev.ButtonTapped(Button.IN))
    early.face(ev.Matched(BUDI))
    told.append(early.on(ev.SaveFailed(2, FaultCode.PERSON_DAMAGED)))
    typed = pin_alone()
    told.append(typed.on(ev.SaveFailed(typed.attempt, FaultCode.PERSON_DAMAGED)))
    for state in told:
        assert isinstance(state, NotRecognised)
        assert state.damaged
        assert state.standing.broken is None
    assert isinstance(typed.on(ev.RetryTapped()), PinPad)
    assert isinstance(early.later(states.REFUSED_S), Idle)
    others = Screen().until_saving().on(ev.SaveFailed(3, FaultCode.PERSON_UNKNOWN))
    assert isinstance(others, NotRecognised)
    assert not others.damaged


def test_a_store_that_fails_at_the_pin_puts_the_device_out_of_service() -> None:
    screen = pin_alone()
    assert isinstance(screen.on(ev.SaveFailed(screen.attempt, FaultCode.STORE_TAMPERED)), OutOfService)


def test_a_person_who_was_erased_after_their_pin_is_back_at_the_pad() -> None:
    by_pin = Screen()
    by_pin.on(ev.PinTapped(), ev.PinSubmitted("a", "b"), ev.PinAccepted(1, BUDI))
    assert isinstance(by_pin.on(ev.SaveFailed(2, FaultCode.PERSON_UNKNOWN)), PinPad)


def test_a_store_that_fails_or_stays_silent_before_saving_is_out_of_service() -> None:
    pad = Screen()
    pad.on(ev.PinTapped(), ev.PinSubmitted("a", "b"))
    silent_pad = Screen()
    silent_pad.on(ev.PinTapped(), ev.PinSubmitted("a", "b"))
    lookup = Screen()
    lookup.on(ev.ButtonTapped(Button.IN))
    lookup.face(ev.Matched(BUDI))
    silent_lookup = Screen()
    silent_lookup.on(ev.ButtonTapped(Button.IN))
    silent_lookup.face(ev.Matched(BUDI))
    for screen in (pad, lookup):
        screen.on(ev.SaveFailed(screen.attempt, FaultCode.DISK_FAILED))
    for screen in (silent_pad, silent_lookup):
        screen.later(states.ANSWER_S)
    for screen in (pad, lookup, silent_pad, silent_lookup):
        assert isinstance(screen.state, OutOfService)
        assert screen.saves() == []


def test_a_fault_on_any_other_screen_shows_at_once_and_rests_the_camera() -> None:
    looking = Screen()
    looking.on(ev.ButtonTapped(Button.IN), ev.FaultRaised(FaultCode.DISK_FULL))
    assert isinstance(looking.state, OutOfService)
    assert looking.effects[-1] == ef.StopLooking()
    idle = Screen()
    idle.on(ev.FaultRaised(FaultCode.DISK_FULL), ev.FaultRaised(FaultCode.DISK_FAILED))
    assert isinstance(idle.state, OutOfService)
    assert idle.state.fault is FaultCode.DISK_FAILED


def test_a_fault_while_a_record_is_shown_waits_at_most_three_seconds() -> None:
    screen = Screen().until_recorded()
    screen.on(ev.FaultRaised(FaultCode.DISK_FULL))
    assert isinstance(screen.state, Recorded)
    assert isinstance(screen.later(3.0), OutOfService)
    mended = Screen().until_recorded()
    mended.on(ev.FaultRaised(FaultCode.DISK_FULL), ev.Repaired())
    assert isinstance(mended.later(3.0), Idle)
    disputed = Screen().until_recorded()
    disputed.on(ev.NotMeTapped())
    disputed.commit()
    disputed.on(ev.FaultRaised(FaultCode.DISK_FULL), ev.PinTapped())
    assert isinstance(disputed.state, Disputed)
    assert isinstance(disputed.on(ev.CancelTapped()), OutOfService)


def test_a_commit_that_comes_late_is_shown_while_the_person_may_still_stand_there() -> None:
    screen = Screen().until_saving()
    assert isinstance(screen.later(states.ANSWER_S), OutOfService)
    screen.later(1.0)
    assert isinstance(screen.commit(), Recorded)
    assert isinstance(screen.later(states.RECORDED_S), Idle)
    gone = Screen().until_saving()
    gone.later(states.ANSWER_S + states.LATE_COMMIT_S + 1.0)
    assert isinstance(gone.commit(), Idle)
    broken = Screen().until_saving()
    broken.on(ev.FaultRaised(FaultCode.DISK_FULL))
    assert isinstance(broken.commit(), Recorded)
    assert isinstance(broken.later(states.RECORDED_S), OutOfService)
    failed = Screen().until_saving()
    failed.later(states.ANSWER_S)
    failed.on(ev.SaveFailed(failed.attempt, FaultCode.DISK_FULL))
    assert isinstance(failed.state, OutOfService)
    assert failed.state.fault is FaultCode.DISK_FULL
    assert isinstance(failed.commit(), OutOfService)
