"""A badge at the door: it stands in the place of the code, or records alone where a site wants that; tells no cause."""

from dataclasses import replace

import pytest
from door_script import BUDI, Screen

from kiosk.faults import FaultCode
from kiosk.flow import checkin, states
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Button, Method
from kiosk.flow.states import Badge, BadgeRule, Idle, Looking, OutOfService, PadReason, PinPad, Recorded, Resolving
from wire import event as wire_event
from wire import slip

MINE = "AB1mine"
ALONE = checkin.start(badge=BadgeRule.ALONE)


def seen(screen: Screen, text: str = MINE) -> Screen:
    screen.on(ev.BadgeSeen(screen.attempt, text))
    return screen


def accepted(screen: Screen, *, face: bool = False, verify: bool = False) -> Screen:
    screen.on(ev.BadgeAccepted(screen.attempt, BUDI, face, verify))
    return screen


def refused(screen: Screen) -> Screen:
    screen.on(ev.BadgeRefused(screen.attempt))
    return screen


def resolved_by(screen: Screen) -> Method:
    assert isinstance(screen.state, Resolving)
    return screen.state.method


def test_the_words_that_flow_knows_are_those_of_the_wire() -> None:
    assert states.SLIP == slip.PREFIX
    assert {each.value for each in Method} <= {each.value for each in wire_event.Method}


@pytest.mark.parametrize("site", [checkin.start(), checkin.start(face=False), checkin.start(verify=True)])
def test_a_badge_and_its_pin_record_without_any_code_being_typed(site: Idle) -> None:
    screen = Screen(site)
    screen.on(ev.QrTapped())
    assert screen.effects == [ef.StartScanning(screen.attempt)]
    seen(screen)
    assert screen.effects[-2:] == [ef.StopLooking(), ef.CheckBadge(screen.attempt, MINE)]
    pad = accepted(screen).state
    assert isinstance(pad, PinPad)
    assert (pad.holder, pad.reason) == (BUDI, PadReason.BADGE)
    screen.on(ev.PinSubmitted("somebody", "482165"))
    assert screen.state == pad, "a code of somebody else goes nowhere beside a badge"
    screen.on(ev.HolderPinSubmitted("482165"))
    assert screen.effects[-1] == ef.CheckHolderPin(screen.attempt, BUDI, "482165")
    screen.on(ev.PinAccepted(screen.attempt, BUDI))
    screen.resolve()
    screen.on(ev.YesTapped())
    recorded = screen.commit()
    assert isinstance(recorded, Recorded)
    assert recorded.method is Method.BADGE


def test_a_badge_held_up_after_an_action_keeps_the_action() -> None:
    screen = Screen(ALONE)
    screen.on(ev.ButtonTapped(Button.IN), ev.QrTapped())
    assert screen.effects[-2:] == [ef.StopLooking(), ef.StartScanning(screen.attempt)]
    accepted(seen(screen))
    screen.resolve()
    recorded = screen.commit()
    assert isinstance(recorded, Recorded)
    assert recorded.method is Method.BADGE


def test_a_badge_alone_asks_for_a_yes_where_every_name_is_confirmed() -> None:
    screen = Screen(checkin.start(badge=BadgeRule.ALONE, always_confirm=True))
    screen.on(ev.PinTapped(), ev.QrTapped())
    accepted(seen(screen))
    screen.resolve()
    assert screen.saves() == []


@pytest.mark.parametrize("rule", [BadgeRule.ALONE, BadgeRule.WITH_PIN])
def test_a_site_that_verifies_compares_the_face_with_the_holder_s_alone_and_loses_nothing_by_it(
    rule: BadgeRule,
) -> None:
    screen = Screen(checkin.start(verify=True, badge=rule))
    screen.on(ev.ButtonTapped(Button.IN), ev.QrTapped())
    accepted(seen(screen), face=True)
    if rule is BadgeRule.WITH_PIN:
        screen.on(ev.HolderPinSubmitted("482165"))
        screen.on(ev.PinAccepted(screen.attempt, BUDI, face=True))
    assert isinstance(screen.state, Looking)
    assert screen.effects[-1] == ef.StartLooking(screen.attempt, BUDI)
    by_face = replace(screen, effects=[])
    by_face.face(ev.Matched(BUDI))
    assert resolved_by(by_face) is Method.FACE
    by_face.on(ev.SaveFailed(by_face.attempt, FaultCode.CONSENT_MISSING))
    assert resolved_by(by_face) is Method.BADGE
    screen.later(5)
    assert resolved_by(screen) is Method.BADGE


def test_a_refused_badge_is_asked_about_once_while_it_is_held_up_and_another_is_asked_about() -> None:
    screen = Screen()
    screen.on(ev.QrTapped())
    refused(seen(screen))
    assert isinstance(screen.state, Badge)
    assert screen.state.refused
    before = len(screen.effects)
    seen(seen(screen))
    assert len(screen.effects) == before
    seen(screen, "AB1other")
    assert screen.effects[-1] == ef.CheckBadge(screen.attempt, "AB1other")


def test_a_code_that_can_be_no_badge_is_refused_without_the_store_and_counts() -> None:
    screen = Screen()
    screen.on(ev.QrTapped())
    seen(screen, "")
    assert isinstance(screen.state, Badge)
    assert screen.state.refused
    assert not any(isinstance(effect, ef.CheckBadge) for effect in screen.effects)
    assert len(screen.state.standing.refused_at) == 1


def test_three_refused_badges_in_half_a_minute_lead_to_the_pin_and_pause_the_face_too() -> None:
    screen = Screen()
    screen.on(ev.QrTapped())
    for text in ("AB1a", "AB1b", "AB1c"):
        refused(seen(screen, text))
    assert isinstance(screen.state, PinPad)
    assert screen.state.reason is PadReason.PAUSED
    screen.on(ev.QrTapped())
    assert isinstance(screen.state, PinPad)
    screen.on(ev.CancelTapped(), ev.ButtonTapped(Button.IN))
    assert isinstance(screen.state, PinPad)
    screen.on(ev.CancelTapped())
    screen.later(31)
    screen.on(ev.QrTapped())
    assert isinstance(screen.state, Badge)


def test_a_slip_is_shown_and_records_nothing() -> None:
    screen = Screen()
    screen.on(ev.QrTapped())
    seen(screen, "AS1slip")
    assert screen.effects[-2:] == [ef.StopLooking(), ef.ShowSlip("AS1slip")]
    assert isinstance(screen.state, Idle)


def test_a_lost_camera_leads_to_the_pin_and_a_missing_model_changes_nothing() -> None:
    screen = Screen()
    screen.on(ev.FaceLost(FaultCode.MODEL_MISSING), ev.QrTapped())
    assert isinstance(screen.state, Badge)
    screen.on(ev.FaceLost(FaultCode.MODEL_UNFIT))
    assert isinstance(screen.state, Badge)
    screen.on(ev.FaceLost(FaultCode.CAMERA_LOST))
    assert isinstance(screen.state, PinPad)
    assert screen.state.reason is PadReason.BLIND
    screen.on(ev.QrTapped())
    assert isinstance(screen.state, PinPad)
    unreleased = Screen()
    unreleased.on(ev.FaceLost(FaultCode.FACE_NOT_RELEASED), ev.QrTapped())
    assert isinstance(unreleased.state, PinPad), "that camera was never opened"


def test_the_screen_of_the_badge_is_left_by_cancel_by_pin_and_by_time_and_never_hangs_on_the_store() -> None:
    for event, wanted in ((ev.CancelTapped(), Idle), (ev.PinTapped(), PinPad)):
        for asked in (False, True):
            screen = Screen()
            screen.on(ev.QrTapped())
            if asked:
                seen(screen)
            screen.on(event)
            assert isinstance(screen.state, wanted)
    screen = Screen()
    screen.on(ev.QrTapped())
    assert isinstance(screen.later(20.5), Idle)
    screen.on(ev.QrTapped())
    seen(screen).later(5.5)
    assert isinstance(screen.state, OutOfService)


def test_a_damaged_record_is_refused_like_any_other_and_a_broken_store_is_out_of_service() -> None:
    screen = Screen()
    screen.on(ev.QrTapped())
    seen(screen).on(ev.SaveFailed(screen.attempt, FaultCode.PERSON_DAMAGED))
    assert isinstance(screen.state, Badge)
    assert screen.state.refused
    seen(screen, "AB1b").on(ev.SaveFailed(screen.attempt, FaultCode.DISK_FAILED))
    assert isinstance(screen.state, OutOfService)


def test_a_site_without_badges_has_no_such_screen() -> None:
    for events in ((), (ev.PinTapped(),), (ev.ButtonTapped(Button.IN),)):
        screen = Screen(checkin.start(badge=BadgeRule.OFF))
        screen.on(*events)
        before = screen.state
        assert screen.on(ev.QrTapped()) == before
