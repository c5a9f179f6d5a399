"""The decisions about one event and about the line, one by one."""

import pytest

from sync.banner import level
from sync.contract import BackendMisconfigured, Rejected, Result, Retry, Stored, Unknown, Why
from sync.entries import Level
from sync.punches import (
    Dead,
    Faults,
    Inflight,
    Open,
    Paused,
    Pending,
    Settled,
    State,
    Track,
    Uncertain,
    after_ask,
    after_push,
    blocks,
    line_after,
    line_down,
    line_due,
    not_taken,
    paused,
    unanswered,
    unreadable,
)
from wire.event import Action, CheckIn, Clock, ClockState, Method, Notice, NoticeKind

NOW = 1_800_000_000_000
DAY = 86_400_000
ID = "018f0000-0000-7000-8000-000000000001"
CLOCK = Clock("Asia/Jakarta", 1, "00000000-0000-4000-8000-000000000001", ClockState.SYNCED, 0)
EVENT = CheckIn(ID, "E-17", Action.IN, NOW, CLOCK, Method.FACE, "HQ")
FLYING = Track(Inflight(2, NOW - 10))
ASKING = Track(Uncertain(2, NOW - 200_000))


def notice(kind: NoticeKind) -> Notice:
    return Notice(ID, kind, "E-17", NOW, CLOCK, "HQ")


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (Stored(ID, "row"), Settled("stored")),
        (Stored(ID, "row", duplicate=True), Settled("duplicate")),
        (Rejected(ID, Why.INACTIVE, "left"), Dead(Why.INACTIVE, "left", 2, NOW - 10)),
        (Retry(ID, "http_503"), Pending(2, NOW + 2_000)),
        (Retry(ID, "http_503", 60_000), Pending(2, NOW + 60_000)),
        (Retry(ID, "http_503", 10**12), Pending(2, NOW + 3_600_000)),
        (Unknown(ID, "read_timeout"), Uncertain(2, NOW - 10)),
    ],
)
def test_what_a_result_makes_of_an_event(result: Result, state: State) -> None:
    assert after_push(FLYING, result, EVENT, NOW, 0.5) == Track(state)


def test_nobody_has_to_do_anything_about_an_enrolment_that_a_backend_has_no_place_for() -> None:
    result = Rejected(ID, Why.NOT_HELD, "notice")
    settled = after_push(FLYING, result, notice(NoticeKind.ENROLLED), NOW, 0.5)
    assert settled.state == Settled("nothing_to_hold")
    for event in (notice(NoticeKind.ERASED), EVENT):
        assert isinstance(after_push(FLYING, result, event, NOW, 0.5).state, Dead)
    other = Rejected(ID, Why.UNKNOWN_EMPLOYEE, "nobody")
    assert isinstance(after_push(FLYING, other, notice(NoticeKind.ENROLLED), NOW, 0.5).state, Dead)


def test_only_what_is_in_flight_has_a_result_and_only_what_is_uncertain_an_answer() -> None:
    with pytest.raises(TypeError):
        after_push(Track(), Stored(ID, "row"), EVENT, NOW, 0.5)
    with pytest.raises(TypeError):
        after_ask(Track(), ID, {}, 0, NOW, 0.5)
    assert not_taken(ASKING) == unanswered(ASKING) == ASKING


def test_an_answer_settles_sends_again_or_leaves_open() -> None:
    assert after_ask(ASKING, ID, {ID: "row-1"}, 0, NOW, 0.5).state == Settled("found")
    assert after_ask(ASKING, ID, {ID: None}, 0, NOW, 0.5).state == Pending(2, NOW + 1_000)
    assert after_ask(ASKING, ID, {}, 0, NOW, 0.5).state == Uncertain(3, NOW - 200_000, NOW + 4_000)
    never_sent = Track(Uncertain(0, 0))
    assert after_ask(never_sent, ID, {ID: None}, 0, NOW, 0.5).state == Pending(0, NOW)


def test_the_same_fault_five_times_over_a_day_while_others_pass_is_a_bug_of_the_server() -> None:
    track, now = FLYING, NOW
    for count in range(1, 6):
        track = after_push(Track(Inflight(count, now), track.faults), Unknown(ID, "http_500"), EVENT, now, 0.5)
        assert track.faults == Faults(count, NOW)
        now += DAY // 4
    others_pass = NOW + 1
    assert isinstance(after_ask(track, ID, {ID: None}, others_pass, NOW + DAY - 1, 0.5).state, Pending)
    assert isinstance(after_ask(track, ID, {ID: None}, NOW, NOW + DAY, 0.5).state, Pending), "nothing passes"
    dead = after_ask(track, ID, {ID: None}, others_pass, NOW + DAY, 0.5).state
    assert isinstance(dead, Dead)
    assert dead.why is Why.SERVER_BUG
    four = Track(ASKING.state, Faults(4, NOW))
    assert isinstance(after_ask(four, ID, {ID: None}, others_pass, NOW + 9 * DAY, 0.5).state, Pending)
    assert after_ask(track, ID, {ID: "row"}, others_pass, NOW + DAY, 0.5).state == Settled("found")


def test_a_fault_from_before_the_clock_was_set_back_counts_from_now() -> None:
    later = Track(FLYING.state, Faults(3, NOW + DAY))
    assert after_push(later, Unknown(ID, "http_500"), EVENT, NOW, 0.5).faults == Faults(4, NOW)


@pytest.mark.parametrize(
    ("state", "punches", "pairs"),
    [
        (Pending(), True, True),
        (Inflight(1, NOW), True, True),
        (Uncertain(1, NOW), True, True),
        (Settled("stored"), False, False),
        (Dead(Why.OVERLAP, "", 1, NOW), False, True),
        (Dead(Why.NOT_HELD, "", 1, NOW), False, False),
        (unreadable().state, False, False),
    ],
)
def test_who_waits_for_whom(state: State, punches: bool, pairs: bool) -> None:  # noqa: FBT001
    assert blocks(state, pairs=False) is punches
    assert blocks(state, pairs=True) is pairs


def test_what_was_not_taken_in_counts_as_not_tried_and_what_was_not_answered_is_uncertain() -> None:
    assert not_taken(FLYING).state == Pending(1)
    assert unanswered(FLYING).state == Uncertain(2, NOW - 10)


def test_one_event_that_fails_waits_alone_and_three_hold_the_line() -> None:
    line = Open()
    for name in ("a", "a", "b"):
        line = line_after(line, (Unknown(name, "read_timeout"),), NOW, 0.5)
        assert line_due(line, NOW)
    line = line_after(line, (Retry("c", "http_503", 60_000), Retry("d", "http_503")), NOW, 0.5)
    assert line == Open(1, NOW + 60_000, frozenset("abcd"))
    assert not line_due(line, NOW)
    assert line_due(line, NOW + 60_000)
    assert line_due(line, NOW - 2 * 3_600_000), "a clock that was set back blocks nobody for longer than an hour"
    assert line_after(line, (Retry("c", "http_503"), Stored("e", "row")), NOW, 0.5) == Open()


def test_a_line_that_is_down_backs_off_and_one_that_is_wrong_is_probed() -> None:
    line = line_down(Open(1, 0, frozenset("a")), None, NOW, 0.5)
    assert line == Open(2, NOW + 2_000, frozenset("a"))
    assert line_down(Open(60), None, NOW, 1.0).next_attempt_at == NOW + 900_000
    wrong = paused(BackendMisconfigured("http_403", "Give it the role."), NOW)
    assert wrong == Paused("http_403", "Give it the role.", NOW + 900_000)
    assert line_down(wrong, 5_000, NOW, 0.5) == Open(1, NOW + 5_000)


@pytest.mark.parametrize(
    ("hours", "dead", "config", "disk", "expected"),
    [
        (None, 0, False, 0.5, Level.GREEN),
        (4, 0, False, 0.8, Level.GREEN),
        (4.01, 0, False, 0.5, Level.AMBER),
        (None, 1, False, 0.5, Level.AMBER),
        (72, 3, False, 0.5, Level.AMBER),
        (72.01, 0, False, 0.5, Level.RED),
        (None, 0, True, 0.5, Level.RED),
        (None, 0, False, 0.81, Level.RED),
    ],
)
def test_the_level_of_the_banner(
    hours: float | None,
    dead: int,
    config: bool,  # noqa: FBT001
    disk: float,
    expected: Level,
) -> None:
    oldest = None if hours is None else int(hours * 3_600_000)
    assert level(oldest_ms=oldest, dead=dead, config=config, disk=disk) is expected
