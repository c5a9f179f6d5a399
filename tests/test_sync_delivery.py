"""What follows from a reply: backoff, classes, and the search for the event that a server will not have."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.delivery import (
    CAP_MS,
    LONGEST_WAIT_MS,
    MOST_ROWS,
    PROBE_MS,
    STRIKES,
    Plan,
    Reason,
    Rebuild,
    Resend,
    Sent,
    Settle,
    backoff_ms,
    due,
    letter_due,
    next_step,
)
from sync.replies import Accepted, Kind, Refusal, classify, retry_after

NOW = 1_750_000_000_000
HOUR_MS = 3_600_000
plans = st.builds(
    Plan,
    attempts=st.integers(0, 10**6),
    next_attempt_at=st.integers(0, NOW * 2),
    rows=st.integers(1, MOST_ROWS),
    events=st.none() | st.integers(0, MOST_ROWS),
    strikes=st.integers(0, 100),
    suspects=st.integers(0, 100),
)
sents = st.builds(
    Sent,
    rows=st.integers(1, MOST_ROWS),
    events=st.lists(st.uuids().map(str), max_size=20, unique=True).map(tuple),
    waiting=st.integers(0, MOST_ROWS),
    spine_known=st.booleans(),
)
refusals = st.builds(Refusal, st.sampled_from(Kind), st.just("x"), st.none() | st.integers(-5, 10**15))
accepted = st.builds(
    Accepted,
    acked=st.lists(st.uuids().map(str)).map(frozenset),
    size=st.integers(1),
    note=st.text(),
    time_ms=st.integers(0),
)
chances = st.floats(0, 1, exclude_max=True)


@given(plans, sents, refusals, chances)
def test_nothing_settles_without_a_receipt(plan: Plan, sent: Sent, reply: Refusal, chance: float) -> None:
    _, act = next_step(plan, sent, reply, NOW, chance)
    assert isinstance(act, (Resend, Rebuild))


@given(plans, sents, refusals, chances)
def test_the_next_attempt_is_never_further_away_than_an_hour(
    plan: Plan, sent: Sent, reply: Refusal, chance: float
) -> None:
    following, _ = next_step(plan, sent, reply, NOW, chance)
    assert NOW <= following.next_attempt_at <= NOW + LONGEST_WAIT_MS
    assert due(following, following.next_attempt_at)


@given(plans, sents, accepted, chances)
def test_a_receipt_settles_only_what_was_sent(plan: Plan, sent: Sent, reply: Accepted, chance: float) -> None:
    following, act = next_step(plan, sent, reply, NOW, chance)
    assert isinstance(act, Settle)
    assert act.events == reply.acked & set(sent.events)
    assert set(act.parked) == set(sent.events) - reply.acked
    assert 1 <= following.rows <= MOST_ROWS
    assert (following.attempts, following.next_attempt_at) == (0, 0)


@given(plans, sents, st.sampled_from([Kind.DOWN, Kind.CONFIG]), chances)
def test_an_outage_parks_nothing_and_changes_no_byte(plan: Plan, sent: Sent, kind: Kind, chance: float) -> None:
    _, act = next_step(plan, sent, Refusal(kind, "x"), NOW, chance)
    assert act == Resend()


@given(plans, sents, refusals, chances)
def test_only_a_single_event_beside_a_known_spine_is_ever_blamed(
    plan: Plan, sent: Sent, reply: Refusal, chance: float
) -> None:
    _, act = next_step(plan, sent, reply, NOW, chance)
    if isinstance(act, Rebuild) and act.parked:
        assert act.parked == sent.events
        assert len(sent.events) == 1
        assert sent.spine_known
        assert reply.kind in (Kind.PERMANENT, Kind.TOO_LARGE, Kind.FAULT, Kind.UNKNOWN)


@given(st.integers(1, 10**9), chances)
def test_backoff_is_full_jitter_under_a_cap(attempts: int, chance: float) -> None:
    assert 0 <= backoff_ms(attempts, chance) <= CAP_MS
    assert backoff_ms(attempts, 0.0) == 0


def test_backoff_doubles_from_two_seconds_to_a_quarter_of_an_hour() -> None:
    almost_one = 1 - 2**-40
    waits = [round(backoff_ms(attempts, almost_one) / 1000) for attempts in range(1, 12)]
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_the_schedule_survives_a_clock_that_jumps() -> None:
    plan = Plan(next_attempt_at=NOW)
    assert not due(plan, NOW - 1)
    assert not due(plan, NOW - LONGEST_WAIT_MS)
    assert due(plan, NOW - LONGEST_WAIT_MS - 1)
    assert due(plan, NOW)
    assert due(plan, 0)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [(None, 0), (0, 1_000), (-5, 1_000), (30_000, 30_000), (10**12, HOUR_MS)],
)
def test_retry_after_is_clamped_between_a_second_and_an_hour(asked: int | None, wait: int) -> None:
    plan, _ = next_step(Plan(), Sent(1, (), 0, True), Refusal(Kind.DOWN, "http_503", asked), NOW, 0.0)  # noqa: FBT003
    assert plan.next_attempt_at == NOW + wait


def test_a_batch_that_never_gets_through_a_slow_line_becomes_smaller() -> None:
    plan, sent = Plan(rows=500), Sent(480, ("a",), 1, spine_known=False)
    for _ in range(STRIKES - 1):
        plan, act = next_step(plan, sent, Refusal(Kind.UNKNOWN, "deadline"), NOW, 0.5)
        assert act == Resend()
    plan, act = next_step(plan, sent, Refusal(Kind.UNKNOWN, "deadline"), NOW, 0.5)
    assert act == Rebuild()
    assert plan.rows == 64


def test_another_history_is_asked_about_with_a_batch_made_anew() -> None:
    plan, act = next_step(Plan(), Sent(5, ("a",), 1, spine_known=True), Refusal(Kind.HISTORY, "x"), NOW, 0.5)
    assert act == Rebuild()
    assert plan == Plan(next_attempt_at=NOW + PROBE_MS)


def test_a_line_that_fails_whatever_it_carries_costs_no_more_than_one_event() -> None:
    plan, sent = Plan(), Sent(5, ("a",), 9, spine_known=True)
    parked: list[str] = []
    for _ in range(200):
        plan, act = next_step(plan, sent, Refusal(Kind.UNKNOWN, "interrupted"), NOW, 0.5)
        if isinstance(act, Rebuild):
            parked += act.parked
            sent = Sent(5, ("b",) if plan.events else (), 8, spine_known=True)
    assert parked == ["a"]
    assert act == Resend()
    assert plan.next_attempt_at > NOW


def test_a_bare_spine_that_is_refused_waits_for_a_person() -> None:
    plan, act = next_step(Plan(), Sent(5, (), 3, spine_known=False), Refusal(Kind.PERMANENT, "x"), NOW, 0.5)
    assert act == Rebuild()
    assert plan.next_attempt_at == NOW + PROBE_MS


@given(
    st.integers(1, 300),
    st.sets(st.integers(0, 299), max_size=4),
    st.sampled_from([Kind.PERMANENT, Kind.FAULT, Kind.UNKNOWN]),
)
def test_the_search_parks_the_poisoned_events_and_no_other(count: int, numbers: set[int], kind: Kind) -> None:
    events = [f"event {number}" for number in range(count)]
    poison = {events[number] for number in numbers if number < count}
    parked: list[str] = []
    waiting, known, plan = list(events), False, Plan(rows=MOST_ROWS)
    for _ in range(3000):
        if known and not waiting:
            break
        sent = Sent(count, tuple(waiting[: len(waiting) if plan.events is None else plan.events]), len(waiting), known)
        if poison & set(sent.events):
            plan, act = next_step(plan, sent, Refusal(kind, "x"), NOW, 0.5)
        else:
            plan, act = next_step(plan, sent, Accepted(frozenset(sent.events), count, "", NOW), NOW, 0.5)
            known = True
        gone: set[str] = set()
        if isinstance(act, Settle):
            gone = set(act.events)
        elif isinstance(act, Rebuild) and act.parked:
            parked += act.parked
            gone = set(act.parked)
        waiting = [event for event in waiting if event not in gone]
    assert set(parked) == poison
    assert waiting == []


CLASSES = {
    Kind.DOWN: [425, 429, 502, 503, 504, 508, 511],
    Kind.CONFIG: [301, 302, 303, 307, 308, 401, 403, 405, 407, 415, 421, 426],
    Kind.PERMANENT: [400, 404, 409, 410, 417, 422],
    Kind.FAULT: [500, 501, 507, 520, 999],
    Kind.UNKNOWN: [408, 201, 204, 206],
    Kind.TOO_LARGE: [413],
}


@pytest.mark.parametrize(("kind", "status"), [(kind, status) for kind in CLASSES for status in CLASSES[kind]])
def test_every_status_has_its_class(kind: Kind, status: int) -> None:
    refusal = classify(status, "application/problem+json; charset=utf-8", None)
    assert refusal is not None
    assert refusal.kind is kind


def test_a_page_from_something_before_the_server_blames_no_event() -> None:
    for status in CLASSES[Kind.PERMANENT]:
        refusal = classify(status, "text/html", None)
        assert refusal is not None
        assert refusal.kind is Kind.CONFIG
    portal = classify(200, "Text/HTML", None)
    assert portal == Refusal(Kind.DOWN, "captive_portal")
    assert classify(200, "application/json", None) is None
    assert classify(200, "", None) == Refusal(Kind.UNKNOWN, "reply_invalid")


@given(st.integers(100, 999), st.text(max_size=40))
def test_an_answer_that_is_not_200_is_always_a_refusal(status: int, content_type: str) -> None:
    assert (classify(status, content_type, None) is None) <= (status == 200)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        (None, None),
        ("120", 120_000),
        (" 7 ", 7_000),
        ("9" * 40, 10**12),
        ("9" * 65, None),
        ("-3", None),
        ("1.5", None),
        ("soon", None),
        ("\u0663", None),
        ("Sun, 15 Jun 2025 15:07:40 GMT", 60_000),
        ("Sun, 15 Jun 2025 15:07:40", 60_000),
        ("Sun, 15 Jun 1994 15:07:40 GMT", 0),
        ("Mon, 99 Xxx 2025 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(text: str | None, wait: int | None) -> None:
    assert retry_after(text, NOW) == wait  # NOW is Sun, 15 Jun 2025 15:06:40 GMT


@given(st.text(max_size=80))
def test_no_retry_after_breaks_the_reader(text: str) -> None:
    wait = retry_after(text, NOW)
    assert wait is None or wait >= 0


def test_letters_are_tried_again_where_time_can_help() -> None:
    assert not letter_due(Reason.FIELD_REJECTED, 1, 0, 0, NOW)
    assert not letter_due(Reason.UNREADABLE, 1, 0, 0, NOW)
    assert not letter_due(Reason.SERVER_BUG, 1, NOW, NOW, NOW + HOUR_MS - 1)
    assert letter_due(Reason.SERVER_BUG, 1, NOW, NOW, NOW + HOUR_MS)
    assert letter_due(Reason.SERVER_BUG, 9, NOW, NOW + HOUR_MS, NOW + 23 * HOUR_MS)
    assert letter_due(Reason.SERVER_BUG, 4, NOW, NOW, NOW + 48 * HOUR_MS)
    assert not letter_due(Reason.SERVER_BUG, 5, NOW, NOW, NOW + 24 * HOUR_MS)
    assert letter_due(Reason.NOT_ACKNOWLEDGED, 1, NOW, NOW, NOW + 60_000)
    assert not letter_due(Reason.NOT_ACKNOWLEDGED, 2, NOW, NOW, NOW + 60_000)
    assert letter_due(Reason.NOT_ACKNOWLEDGED, 40, NOW, NOW, NOW + HOUR_MS)
    assert letter_due(Reason.NOT_ACKNOWLEDGED, 400, NOW, NOW + 9 * 24 * HOUR_MS, NOW + 10 * 24 * HOUR_MS)
    assert letter_due(Reason.SERVER_BUG, 1, NOW, NOW, NOW - 1), "a clock that was set back"


def test_a_smaller_row_limit_never_reaches_zero() -> None:
    plan = Plan(rows=64)
    for _ in range(20):
        plan, act = next_step(plan, Sent(plan.rows, ("a", "b"), 2, True), Refusal(Kind.TOO_LARGE, "x"), NOW, 0.5)  # noqa: FBT003
        assert isinstance(act, Rebuild)
        assert act.parked == ()
        plan = replace(plan, next_attempt_at=0)
    assert plan.rows == 1
    assert plan.events == 1
