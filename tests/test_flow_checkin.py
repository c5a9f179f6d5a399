from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.faults import FaultCode
from kiosk.flow import checkin, states
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Button, LastAction, Method
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
    State,
)

BUDI, SITI = "b0d1", "5171"
SERIOUS = sorted(set(FaultCode) - states.FACE_FAULTS - {FaultCode.PERSON_UNKNOWN})
MORNING = 1_700_000_000_000


@dataclass
class Screen:
    """A door that is driven by hand: remembers effects, never answers by itself."""

    state: State = field(default_factory=checkin.start)
    now: float = 100.0
    effects: list[ev.Effect] = field(default_factory=list)

    def on(self, *events: ev.Event) -> State:
        for event in events:
            self.state, done = checkin.step(self.state, event, self.now)
            self.effects += done
        return self.state

    def later(self, seconds: float) -> State:
        """Let time pass with a tick four times a second, as the door does."""
        for _ in range(round(seconds * 4)):
            self.now += 0.25
            self.on(ev.Tick())
        return self.state

    @property
    def attempt(self) -> int:
        return self.state.standing.attempt

    def face(self, outcome: ev.Matched | ev.Near | ev.NotMatched) -> State:
        return self.on(ev.FaceDecided(self.attempt, outcome))

    def resolve(self, last: Action | None = None, person: str = BUDI, name: str = "Budi Santoso") -> State:
        before = None if last is None else LastAction(last, MORNING)
        return self.on(ev.Resolved(self.attempt, person, name, before))

    def commit(self) -> State:
        return self.on(ev.Committed(self.attempt, f"event-{self.attempt}", MORNING, 60))

    def until_saving(self, button: Button = Button.IN, last: Action | None = None) -> "Screen":
        self.on(ev.ButtonTapped(button))
        self.face(ev.Matched(BUDI))
        self.resolve(last)
        return self

    def until_recorded(self, button: Button = Button.IN, last: Action | None = None) -> "Screen":
        self.until_saving(button, last).commit()
        return self

    def saves(self) -> list[ev.Effect]:
        return [e for e in self.effects if isinstance(e, ev.Save | ev.SaveCorrection | ev.SaveDispute)]


def test_a_face_after_a_tap_is_recorded_and_shown_only_after_the_commit() -> None:
    screen = Screen()
    assert screen.on(ev.ButtonTapped(Button.IN)) == Looking(Standing(1), Button.IN, 108.0)
    assert screen.effects == [ev.StartLooking(1)]
    screen.on(ev.Guided(1, ev.Instruction.CLOSER, 1.7))
    assert isinstance(screen.state, Looking)
    assert (screen.state.instruction, screen.state.progress) == (ev.Instruction.CLOSER, 1.0)
    assert isinstance(screen.face(ev.Matched(BUDI)), Resolving)
    assert screen.effects[1:] == [ev.StopLooking(), ev.LookUp(2, BUDI)]
    assert isinstance(screen.resolve(), Saving)
    assert screen.effects[-1] == ev.Save(3, BUDI, Action.IN, Method.FACE)
    recorded = screen.commit()
    assert isinstance(recorded, Recorded)
    assert (recorded.name, recorded.action, recorded.occurred_at) == ("Budi S.", Action.IN, MORNING)
    assert isinstance(screen.later(4.75), Recorded)
    assert isinstance(screen.later(0.25), Idle)


def test_a_pin_first_lets_the_person_choose_and_suggests_the_next_action() -> None:
    screen = Screen()
    screen.on(ev.PinTapped(), ev.KeyTouched(), ev.PinSubmitted("K-17", "4821"))
    assert screen.effects == [ev.CheckPin(1, "K-17", "4821")]
    screen.on(ev.PinSubmitted("K-17", "4821"), ev.KeyTouched())
    assert len(screen.effects) == 1
    screen.on(ev.PinAccepted(1, BUDI))
    asked = screen.resolve(Action.IN)
    assert isinstance(asked, Confirming)
    assert (asked.choose, asked.action) == (True, Action.OUT)
    assert screen.saves() == []
    screen.on(ev.ChangeActionTapped(Button.BREAK))
    assert screen.saves() == [ev.Save(3, BUDI, Action.BREAK_START, Method.PIN)]


def test_choosing_something_odd_is_asked_about_once_more() -> None:
    screen = Screen()
    screen.on(ev.PinTapped(), ev.PinSubmitted("K-17", "4821"), ev.PinAccepted(1, BUDI))
    screen.resolve(Action.IN)
    asked = screen.on(ev.ChangeActionTapped(Button.IN))
    assert isinstance(asked, Confirming)
    assert (asked.choose, asked.action) == (False, Action.IN)
    screen.on(ev.YesTapped())
    assert screen.saves() == [ev.Save(3, BUDI, Action.IN, Method.PIN)]


def test_an_action_that_looks_wrong_is_asked_about_and_silence_records_nothing() -> None:
    screen = Screen().until_saving(Button.IN, Action.IN)
    assert isinstance(screen.state, Confirming)
    screen.later(states.CONFIRM_S)
    assert isinstance(screen.state, Idle)
    assert screen.saves() == []
    changed = Screen().until_saving(Button.IN, Action.IN)
    changed.on(ev.ChangeActionTapped(Button.OUT))
    assert changed.saves() == [ev.Save(3, BUDI, Action.OUT, Method.FACE)]
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
    assert screen.saves()[-1] == ev.SaveDispute(4, event_id, BUDI)
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
    assert isinstance(screen.saves()[-1], ev.SaveCorrection)
    assert screen.saves()[-1] == ev.SaveCorrection(4, "event-3", BUDI, Action.BREAK_END, Method.FACE)
    screen.commit()
    screen.on(ev.ChangeTapped(), ev.ChangeActionTapped(Button.BREAK))
    assert screen.saves()[-1] == ev.SaveCorrection(5, "event-4", BUDI, Action.BREAK_START, Method.FACE)
    screen.commit()
    screen.on(ev.ChangeTapped(), ev.ChangeActionTapped(Button.OUT))
    assert screen.saves()[-1] == ev.SaveCorrection(6, "event-5", BUDI, Action.OUT, Method.FACE)


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
    assert pad == PinPad(Standing(2), Button.IN, 120.0, PadReason.NEAR)
    assert screen.effects == [ev.StartLooking(1), ev.StopLooking()]


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
    assert screen.effects[-1] == ev.CheckPin(2, "K-17", "4821")


def test_pins_and_codes_do_not_show_in_a_repr() -> None:
    for value in (ev.PinSubmitted("K-17", "4821"), ev.CheckPin(1, "K-17", "4821")):
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
    assert screen.effects[-1] == ev.StopLooking()
    screen.on(ev.CancelTapped(), ev.ButtonTapped(Button.OUT))
    assert isinstance(screen.state, PinPad)
    attempt = screen.attempt + 1
    screen.on(ev.PinSubmitted("K-17", "4821"), ev.PinAccepted(attempt, BUDI))
    screen.resolve(Action.IN)
    assert isinstance(screen.commit(), Recorded)
    screen.on(ev.FaceBack(), ev.CancelTapped(), ev.ButtonTapped(Button.IN))
    assert isinstance(screen.state, Looking)


@pytest.mark.parametrize("fault", SERIOUS)
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
        assert screen.effects[-1] == ev.CheckHealth()
        assert isinstance(screen.on(ev.Repaired()), Idle)
        assert screen.state.standing.broken is None


def test_a_person_who_was_erased_meanwhile_is_not_a_broken_device() -> None:
    screen = Screen().until_saving()
    assert isinstance(screen.on(ev.SaveFailed(3, FaultCode.PERSON_UNKNOWN)), NotRecognised)
    early = Screen()
    early.on(ev.ButtonTapped(Button.IN))
    early.face(ev.Matched(BUDI))
    assert isinstance(early.on(ev.SaveFailed(2, FaultCode.PERSON_UNKNOWN)), NotRecognised)
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
    assert looking.effects[-1] == ev.StopLooking()
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


# -- over all scripts -------------------------------------------------------------------------------------------------

attempts = st.integers(0, 6)
people = st.sampled_from([BUDI, SITI])
buttons = st.sampled_from(Button)
faults = st.sampled_from(FaultCode)
lasts = st.none() | st.builds(LastAction, st.sampled_from(Action), st.just(MORNING))
outcomes = st.builds(ev.Matched, people) | st.just(ev.Near()) | st.just(ev.NotMatched())
EVENTS: dict[type, st.SearchStrategy[ev.Event]] = {
    ev.ButtonTapped: st.builds(ev.ButtonTapped, buttons),
    ev.PinTapped: st.just(ev.PinTapped()),
    ev.CancelTapped: st.just(ev.CancelTapped()),
    ev.YesTapped: st.just(ev.YesTapped()),
    ev.NotMeTapped: st.just(ev.NotMeTapped()),
    ev.RetryTapped: st.just(ev.RetryTapped()),
    ev.ChangeTapped: st.just(ev.ChangeTapped()),
    ev.ChangeActionTapped: st.builds(ev.ChangeActionTapped, buttons),
    ev.KeyTouched: st.just(ev.KeyTouched()),
    ev.PinSubmitted: st.builds(ev.PinSubmitted, st.sampled_from(["", "K-17"]), st.sampled_from(["", "4821"])),
    ev.FaceDecided: st.builds(ev.FaceDecided, attempts, outcomes),
    ev.Guided: st.builds(ev.Guided, attempts, st.sampled_from(ev.Instruction), st.floats(-1, 2)),
    ev.PinAccepted: st.builds(ev.PinAccepted, attempts, people),
    ev.PinRefused: st.builds(ev.PinRefused, attempts, st.floats(0, 900)),
    ev.Resolved: st.builds(ev.Resolved, attempts, people, st.sampled_from(["Budi Santoso", "Ani", ""]), lasts),
    ev.Committed: st.builds(ev.Committed, attempts, st.just("event"), st.just(MORNING)),
    ev.SaveFailed: st.builds(ev.SaveFailed, attempts, faults),
    ev.FaceLost: st.builds(ev.FaceLost, faults),
    ev.FaceBack: st.just(ev.FaceBack()),
    ev.FaultRaised: st.builds(ev.FaultRaised, faults),
    ev.Repaired: st.just(ev.Repaired()),
    ev.Tick: st.just(ev.Tick()),
}
any_event = st.one_of(*EVENTS.values())
steps = st.tuples(any_event, st.floats(0, 9), st.booleans())
scripts = st.lists(steps, max_size=60)
ANSWERS = (ev.FaceDecided, ev.Guided, ev.PinAccepted, ev.PinRefused, ev.Resolved, ev.Committed, ev.SaveFailed)


def aimed(event: ev.Event, attempt: int) -> ev.Event:
    """The same answer, but to the question that is open now."""
    if isinstance(event, ev.Resolved):
        return ev.Resolved(attempt, event.person, event.name, event.last)
    if isinstance(event, ev.FaceDecided):
        return ev.FaceDecided(attempt, event.outcome)
    if isinstance(event, ev.Committed):
        return ev.Committed(attempt, event.event_id, event.occurred_at)
    if isinstance(event, ev.SaveFailed):
        return ev.SaveFailed(attempt, event.fault)
    if isinstance(event, ev.PinAccepted):
        return ev.PinAccepted(attempt, event.person)
    return event


def walk(script: Sequence[tuple[ev.Event, float, bool]]) -> list[tuple[State, ev.Event, State, tuple[ev.Effect, ...]]]:
    state: State = checkin.start()
    now, trail = 0.0, []
    for event, gap, aim in script:
        now += gap
        given_event = aimed(event, state.standing.attempt) if aim else event
        after, effects = checkin.step(state, given_event, now)
        trail.append((state, given_event, after, effects))
        state = after
    return trail


def test_the_strategies_cover_every_event() -> None:
    assert set(EVENTS) == set(get_args(ev.Event))


@given(scripts)
@settings(max_examples=150, deadline=None)
def test_nothing_is_recorded_without_an_act_of_that_person(script: list[tuple[ev.Event, float, bool]]) -> None:
    tapped, known = False, set[str]()
    for before, event, _, effects in walk(script):
        if isinstance(before, Idle):
            tapped, known = False, set()
        tapped = tapped or isinstance(event, ev.ButtonTapped | ev.PinTapped | ev.RetryTapped)
        current = not isinstance(event, ANSWERS) or event.attempt == before.standing.attempt
        if isinstance(event, ev.FaceDecided) and isinstance(event.outcome, ev.Matched) and current:
            known.add(event.outcome.person)
        if isinstance(event, ev.PinAccepted) and current:
            known.add(event.person)
        for effect in effects:
            if isinstance(effect, ev.Save | ev.SaveCorrection):
                assert tapped
                assert effect.person in known
            if isinstance(effect, ev.StartLooking):
                assert isinstance(event, ev.ButtonTapped | ev.RetryTapped)


@given(scripts)
@settings(max_examples=150, deadline=None)
def test_recorded_comes_only_after_a_commit_of_the_open_question(script: list[tuple[ev.Event, float, bool]]) -> None:
    for before, event, after, _ in walk(script):
        if isinstance(after, Recorded) and not isinstance(before, Recorded):
            assert isinstance(event, ev.Committed)
            assert event.attempt == before.standing.attempt
            assert isinstance(before, Saving | OutOfService)


@given(scripts)
@settings(max_examples=150, deadline=None)
def test_from_everywhere_time_alone_leads_home_or_to_a_repair_check(script: list[tuple[ev.Event, float, bool]]) -> None:
    screen = Screen()
    for event, gap, aim in script:
        screen.now += gap
        screen.on(aimed(event, screen.attempt) if aim else event)
    screen.effects.clear()
    screen.later(40)
    if isinstance(screen.state, OutOfService):
        assert ev.CheckHealth() in screen.effects
        screen.on(ev.Repaired())
    assert isinstance(screen.state, Idle)


@given(scripts)
@settings(max_examples=100, deadline=None)
def test_stale_answers_change_nothing(script: list[tuple[ev.Event, float, bool]]) -> None:
    for before, event, after, effects in walk(script):
        if isinstance(event, ANSWERS) and event.attempt != before.standing.attempt:
            assert (after, effects) == (before, ())


@given(scripts)
@settings(max_examples=100, deadline=None)
def test_a_name_is_shown_only_after_a_match_or_an_accepted_pin(script: list[tuple[ev.Event, float, bool]]) -> None:
    for before, event, after, _ in walk(script):
        if hasattr(after, "name") and not hasattr(before, "name") and not isinstance(before, OutOfService):
            assert isinstance(before, Resolving)
            assert isinstance(event, ev.Resolved)
        if isinstance(event, ev.FaceDecided) and isinstance(event.outcome, ev.Near | ev.NotMatched):
            assert not hasattr(after, "person") or after == before


@given(scripts)
@settings(max_examples=100, deadline=None)
def test_the_camera_looks_exactly_while_the_screen_says_so(script: list[tuple[ev.Event, float, bool]]) -> None:
    looking: int | None = None
    for _, _, after, effects in walk(script):
        for effect in effects:
            if isinstance(effect, ev.StartLooking):
                looking = effect.attempt
            if isinstance(effect, ev.StopLooking):
                looking = None
        assert looking == (after.standing.attempt if isinstance(after, Looking) else None)


def one_of_each() -> dict[type, State]:
    base = Standing(4)
    saving = Saving(base, BUDI, "Budi S.", Action.IN, Method.FACE, None, 5.0)
    found: list[State] = [
        Idle(base),
        Looking(base, Button.IN, 8.0),
        PinPad(base, None, 20.0),
        PinPad(base, Button.IN, 20.0, checking=True),
        Resolving(base, BUDI, Button.IN, Method.FACE, 5.0),
        Confirming(base, BUDI, "Budi S.", Action.IN, Method.FACE, None, choose=False, until=9.0),
        saving,
        Recorded(base, "e", BUDI, "Budi S.", Action.IN, Method.FACE, None, MORNING, 1, 5.0),
        Disputed(base, Button.IN, 5.0),
        NotRecognised(base, Button.IN, 8.0, 1),
        OutOfService(base, FaultCode.DISK_FULL, 5.0, saving),
    ]
    return {type(s): s for s in found}


@given(st.sampled_from(sorted(one_of_each(), key=lambda t: t.__name__)), any_event, st.floats(0, 60))
@settings(max_examples=400, deadline=None)
def test_every_pair_of_state_and_event_is_defined(kind: type, event: ev.Event, now: float) -> None:
    after, effects = checkin.step(one_of_each()[kind], event, now)
    assert isinstance(after, get_args(State))
    assert all(isinstance(e, get_args(ev.Effect)) for e in effects)


def test_every_state_is_reachable() -> None:
    assert set(one_of_each()) == set(get_args(State))
    reached: set[type] = {Idle}
    screen = Screen()
    for event in (ev.ButtonTapped(Button.OUT), ev.PinTapped(), ev.CancelTapped(), ev.ButtonTapped(Button.OUT)):
        reached.add(type(screen.on(event)))
    reached.add(type(screen.face(ev.NotMatched())))
    reached.add(type(screen.on(ev.RetryTapped())))
    reached.add(type(screen.face(ev.Matched(BUDI))))
    reached.add(type(screen.resolve()))
    reached.add(type(screen.on(ev.YesTapped())))
    reached.add(type(screen.commit()))
    screen.on(ev.NotMeTapped())
    reached.add(type(screen.commit()))
    reached.add(type(screen.on(ev.CancelTapped(), ev.FaultRaised(FaultCode.KEY_WRONG))))
    assert reached == set(get_args(State))
