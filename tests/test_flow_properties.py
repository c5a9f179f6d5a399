from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from door_script import BUDI, MORNING, SITI, Screen
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.faults import FaultCode
from kiosk.flow import checkin
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Button, LastAction, Method, button_for
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
    PinPad,
    Recorded,
    Resolving,
    Saving,
    Standing,
    State,
)

attempts = st.integers(0, 6)
people = st.sampled_from([BUDI, SITI])
buttons = st.sampled_from(Button)
faults = st.sampled_from(FaultCode)
agos = st.none() | st.floats(-5, 90)
lasts = st.none() | st.builds(LastAction, st.sampled_from(Action), st.just(MORNING))
outcomes = st.builds(ev.Matched, people) | st.builds(ev.Near, st.booleans()) | st.just(ev.NotMatched())
EVENTS: dict[type, st.SearchStrategy[ev.Event]] = {
    ev.ButtonTapped: st.builds(ev.ButtonTapped, buttons),
    ev.PinTapped: st.just(ev.PinTapped()),
    ev.QrTapped: st.just(ev.QrTapped()),
    ev.CancelTapped: st.just(ev.CancelTapped()),
    ev.YesTapped: st.just(ev.YesTapped()),
    ev.NotMeTapped: st.just(ev.NotMeTapped()),
    ev.RetryTapped: st.just(ev.RetryTapped()),
    ev.ChangeTapped: st.just(ev.ChangeTapped()),
    ev.ChangeActionTapped: st.builds(ev.ChangeActionTapped, buttons),
    ev.KeyTouched: st.just(ev.KeyTouched()),
    ev.PinSubmitted: st.builds(ev.PinSubmitted, st.sampled_from(["", "K-17"]), st.sampled_from(["", "4821"])),
    ev.HolderPinSubmitted: st.builds(ev.HolderPinSubmitted, st.sampled_from(["", "4821"])),
    ev.BadgeSeen: st.builds(ev.BadgeSeen, attempts, st.sampled_from(["", "AB1x", "AB1y", "AS1x", "DROP TABLE"])),
    ev.BadgeAccepted: st.builds(ev.BadgeAccepted, attempts, people, st.booleans(), st.booleans()),
    ev.BadgeRefused: st.builds(ev.BadgeRefused, attempts),
    ev.FaceDecided: st.builds(ev.FaceDecided, attempts, outcomes),
    ev.Guided: st.builds(ev.Guided, attempts, st.sampled_from(ev.Instruction), st.floats(-1, 2)),
    ev.PinAccepted: st.builds(ev.PinAccepted, attempts, people, st.booleans()),
    ev.PinRefused: st.builds(ev.PinRefused, attempts, st.floats(0, 900)),
    ev.Resolved: st.builds(
        ev.Resolved, attempts, people, st.sampled_from(["Budi Santoso", "Ani", ""]), lasts, ago_s=agos
    ),
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
Script = list[tuple[ev.Event, float, bool]]
scripts = st.lists(steps, max_size=60)
sites = st.sampled_from(
    [
        checkin.start(),
        checkin.start(verify=True),
        checkin.start(face=False),
        checkin.start(always_confirm=True),
        checkin.start(cool_down_s=0),
        checkin.start(badge=BadgeRule.ALONE),
        checkin.start(verify=True, badge=BadgeRule.ALONE),
        checkin.start(badge=BadgeRule.OFF),
    ]
)
ANSWERS = get_args(ev.Answer)


def aimed(event: ev.Event, attempt: int) -> ev.Event:
    """The same answer, but to the question that is open now."""
    return replace(event, attempt=attempt) if isinstance(event, ev.Answer) else event


def walk(
    script: Sequence[tuple[ev.Event, float, bool]], site: Idle
) -> list[tuple[State, ev.Event, State, tuple[ef.Effect, ...]]]:
    state: State = site
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


@given(scripts, sites)
@settings(max_examples=150, deadline=None)
def test_nothing_is_recorded_without_an_act_of_that_person(script: Script, site: Idle) -> None:
    tapped, known = False, set[str]()
    for before, event, _, effects in walk(script, site):
        if isinstance(before, Idle):
            tapped, known = False, set()
        tapped = tapped or isinstance(event, ev.ButtonTapped | ev.PinTapped | ev.QrTapped | ev.RetryTapped)
        current = not isinstance(event, ANSWERS) or event.attempt == before.standing.attempt
        if isinstance(event, ev.FaceDecided) and isinstance(event.outcome, ev.Matched) and current:
            known.add(event.outcome.person)
        if isinstance(event, ev.PinAccepted) and current:
            known.add(event.person)
        if isinstance(event, ev.BadgeAccepted) and current and site.standing.badge is BadgeRule.ALONE:
            known.add(event.person)  # with a PIN the badge alone is not enough
        for effect in effects:
            if isinstance(effect, ef.Save | ef.SaveCorrection):
                assert tapped
                assert effect.person in known
            if isinstance(effect, ef.StartLooking) and effect.claimed:
                assert isinstance(event, ev.PinAccepted | ev.BadgeAccepted)
                assert current
                assert event.face, "who has no face enrolled is not looked at"
                assert event.person == effect.claimed
            elif isinstance(effect, ef.StartLooking):
                assert isinstance(event, ev.ButtonTapped | ev.RetryTapped)


@given(scripts, sites)
@settings(max_examples=150, deadline=None)
def test_recorded_comes_only_after_a_commit_of_the_open_question(script: Script, site: Idle) -> None:
    for before, event, after, _ in walk(script, site):
        if isinstance(after, Recorded) and not isinstance(before, Recorded):
            assert isinstance(event, ev.Committed)
            assert event.attempt == before.standing.attempt
            assert isinstance(before, Saving | OutOfService)


@given(scripts, sites)
@settings(max_examples=150, deadline=None)
def test_from_everywhere_time_alone_leads_home_or_to_a_repair_check(script: Script, site: Idle) -> None:
    screen = Screen(site)
    for event, gap, aim in script:
        screen.now += gap
        screen.on(aimed(event, screen.attempt) if aim else event)
    screen.effects.clear()
    screen.later(40)
    if isinstance(screen.state, OutOfService):
        assert ef.CheckHealth() in screen.effects
        screen.on(ev.SaveFailed(screen.attempt, FaultCode.STORE_BUSY))  # every save is answered
        screen.on(ev.Repaired())
    assert isinstance(screen.state, Idle)


@given(scripts, sites)
@settings(max_examples=100, deadline=None)
def test_stale_answers_change_nothing(script: Script, site: Idle) -> None:
    for before, event, after, effects in walk(script, site):
        if isinstance(event, ANSWERS) and event.attempt != before.standing.attempt:
            assert (after, effects) == (before, ())


@given(scripts, sites)
@settings(max_examples=100, deadline=None)
def test_a_name_is_shown_only_after_a_match_or_an_accepted_pin(script: Script, site: Idle) -> None:
    for before, event, after, _ in walk(script, site):
        if hasattr(after, "name") and not hasattr(before, "name") and not isinstance(before, OutOfService):
            assert isinstance(before, Resolving)
            assert isinstance(event, ev.Resolved)
        if isinstance(event, ev.FaceDecided) and isinstance(event.outcome, ev.Near | ev.NotMatched):
            assert not hasattr(after, "person") or after == before


@given(scripts, sites)
@settings(max_examples=100, deadline=None)
def test_the_camera_looks_exactly_while_the_screen_says_so(script: Script, site: Idle) -> None:
    looking: int | None = None
    for _, _, after, effects in walk(script, site):
        for effect in effects:
            if isinstance(effect, ef.StartLooking | ef.StartScanning):
                looking = effect.attempt
                assert isinstance(effect, ef.StartLooking) == isinstance(after, Looking)
            if isinstance(effect, ef.StopLooking):
                looking = None
        works = isinstance(after, Looking) or (isinstance(after, Badge) and not after.checking)
        assert looking == (after.standing.attempt if works else None)


@given(scripts, sites)
@settings(max_examples=150, deadline=None)
def test_a_face_is_recorded_only_after_it_matched_and_beside_a_pin_only_its_own(script: Script, site: Idle) -> None:
    matched, by_pin, by_badge = set[str](), set[str](), set[str]()
    for before, event, _, effects in walk(script, site):
        if isinstance(before, Idle):
            matched, by_pin, by_badge = set(), set(), set()
        current = not isinstance(event, ANSWERS) or event.attempt == before.standing.attempt
        if isinstance(event, ev.PinAccepted) and current:
            by_pin.add(event.person)
        if isinstance(event, ev.BadgeAccepted) and current:
            by_badge.add(event.person)
        if isinstance(event, ev.FaceDecided) and isinstance(event.outcome, ev.Matched) and current:
            matched.add(event.outcome.person)
        for effect in effects:
            if isinstance(effect, ef.Save):
                assert effect.method is not Method.FACE or effect.person in matched
                assert effect.method is not Method.BADGE or effect.person in by_badge
                alone = site.standing.badge is BadgeRule.ALONE and effect.person in by_badge
                if site.standing.verify or effect.method is not Method.FACE:
                    assert effect.person in by_pin or (alone and effect.method is not Method.PIN)
            if isinstance(effect, ef.StartLooking):
                assert site.standing.face, "a site without faces"
                assert effect.claimed or not site.standing.verify, "a site that verifies identifies nobody"


@given(scripts, sites)
@settings(max_examples=150, deadline=None)
def test_no_face_takes_back_what_a_pin_has_given(script: Script, site: Idle) -> None:
    for before, event, after, _ in walk(script, site):
        if isinstance(before, Looking) and before.claimed and not isinstance(event, ev.CancelTapped):
            assert isinstance(after, Looking | Resolving | OutOfService)
            if isinstance(after, Resolving):
                assert (after.person, after.button, after.by_pin) == (before.claimed, before.button, True)


@given(scripts, sites)
@settings(max_examples=100, deadline=None)
def test_three_refusals_in_half_a_minute_pause_the_camera_at_every_site(script: Script, site: Idle) -> None:
    now, refused = 0.0, list[float]()
    for (_, gap, _), (before, event, after, effects) in zip(script, walk(script, site), strict=True):
        now += gap
        if any(isinstance(effect, ef.StartLooking) for effect in effects):
            assert sum(now - at < 30 for at in refused) < 3
        if isinstance(event, ev.BadgeRefused) and isinstance(before, Badge) and after is not before:
            refused.append(now)
        if any(isinstance(effect, ef.StartScanning) for effect in effects):
            assert sum(now - at < 30 for at in refused) < 3, "badges wait with the faces"
        answered = isinstance(before, Looking) and isinstance(event, ev.FaceDecided)
        if answered and before.standing.attempt != after.standing.attempt:
            theirs = isinstance(after, Resolving) and after.method is Method.FACE
            refused += [] if theirs else [now]


tapped = st.one_of(EVENTS[ev.YesTapped], EVENTS[ev.ChangeTapped], EVENTS[ev.ChangeActionTapped], EVENTS[ev.Tick])
wanted = st.sampled_from(["same", "none", *Button])


@given(
    sites, wanted, st.sampled_from(Action), st.floats(-5, 90), st.lists(st.tuples(tapped, st.floats(0, 9)), min_size=1)
)
@settings(max_examples=300, deadline=None)
def test_what_was_recorded_a_moment_ago_is_not_recorded_again(
    site: Idle, wanted: str, last: Action, ago: float, script: list[tuple[ev.Event, float]]
) -> None:
    """Whatever somebody taps who is known, with or without an action, until the cool-down is over."""
    button = button_for(last) if wanted == "same" else None if wanted == "none" else Button(wanted)
    screen = Screen(Resolving(site.standing, BUDI, button, Method.PIN, 105.0, by_pin=True))
    whole = site.standing.cool_down_s
    fresh = screen.now + whole - ago if 0 <= ago < whole else 0.0
    screen.resolve(last, ago_s=ago)
    assert not isinstance(screen.state, Already) or screen.now < fresh
    for event, gap in script:
        before, screen.now = screen.state, screen.now + gap
        after = screen.on(event)
        saved = [effect.action for effect in screen.effects if isinstance(effect, ef.Save)]
        assert screen.now >= fresh or last not in saved
        assert not (isinstance(after, Already) and isinstance(before, Confirming)) or screen.now < fresh
        if not isinstance(after, Already | Confirming):
            break


def some_of_each() -> list[State]:
    base = Standing(4)
    saving = Saving(base, BUDI, "Budi S.", Action.IN, Method.FACE, None, 5.0)
    return [
        Idle(base),
        Looking(base, Button.IN, 8.0),
        Looking(base, Button.IN, 4.0, claimed=BUDI),
        PinPad(base, None, 20.0),
        PinPad(base, Button.IN, 20.0, checking=True),
        PinPad(base, Button.IN, 20.0, checking=True, verify=True),
        PinPad(base, Button.IN, 20.0, holder=BUDI),
        Badge(base, None, 20.0),
        Badge(base, Button.IN, 20.0, checking=True, held="AB1x"),
        Badge(base, Button.IN, 20.0, refused=True, held="AB1x", verify=True),
        Resolving(base, BUDI, Button.IN, Method.FACE, 5.0),
        Confirming(base, BUDI, "Budi S.", Action.IN, Method.FACE, None, choose=False, until=9.0),
        Already(base, BUDI, "Budi S.", Method.FACE, LastAction(Action.IN, MORNING), 5.0, 50.0),
        saving,
        Recorded(base, "e", BUDI, "Budi S.", Action.IN, Method.FACE, None, MORNING, 1, 5.0),
        Disputed(base, Button.IN, 5.0),
        NotRecognised(base, Button.IN, 8.0, 1),
        NotRecognised(base, None, 8.0, 1, damaged=True),
        OutOfService(base, FaultCode.DISK_FULL, 5.0, saving),
    ]


@given(st.sampled_from(some_of_each()), any_event, st.floats(0, 60))
@settings(max_examples=400, deadline=None)
def test_every_pair_of_state_and_event_is_defined(state: State, event: ev.Event, now: float) -> None:
    after, effects = checkin.step(state, event, now)
    assert isinstance(after, get_args(State))
    assert all(isinstance(e, get_args(ef.Effect)) for e in effects)


def test_every_state_is_reachable() -> None:
    assert {type(state) for state in some_of_each()} == set(get_args(State))
    reached: set[type] = {Idle}
    screen = Screen()
    for event in (ev.ButtonTapped(Button.OUT), ev.PinTapped(), ev.CancelTapped(), ev.ButtonTapped(Button.OUT)):
        reached.add(type(screen.on(event)))
    reached.add(type(screen.face(ev.NotMatched())))
    reached.add(type(screen.on(ev.RetryTapped())))
    reached.add(type(screen.face(ev.Matched(BUDI))))
    reached.add(type(screen.resolve(Action.OUT, ago_s=9.0)))
    screen.on(ev.CancelTapped(), ev.ButtonTapped(Button.OUT))
    screen.face(ev.Matched(BUDI))
    reached.add(type(screen.resolve()))
    reached.add(type(screen.on(ev.YesTapped())))
    reached.add(type(screen.commit()))
    screen.on(ev.NotMeTapped())
    reached.add(type(screen.commit()))
    reached.add(type(screen.on(ev.CancelTapped(), ev.FaultRaised(FaultCode.KEY_WRONG))))
    assert isinstance(screen.on(ev.Repaired(), ev.QrTapped()), Badge)
    assert reached | {Badge} == set(get_args(State))
