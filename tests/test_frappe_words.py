"""What becomes of an event, and of a time; pure."""

from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from frappe_kit import check_in, clock, event_id, punch
from frappe_stand_in import utc
from hypothesis import given
from hypothesis import strategies as st

from sync.backends import frappe_words
from sync.backends.frappe_words import Decline, Log, Silence, Trip, intent, read_minutes, read_time, site_time
from sync.config import Actions
from sync.contract import Why
from wire.event import Action, ClockState, Correction, Dispute, Method, Notice, NoticeKind

MAPPED = Actions(break_start="out", break_end="in", overtime_start="in", overtime_end="out", trip="request")
NOTHING = Actions(overtime_start="", overtime_end="")
NOON = utc("2026-01-05T05:00:00Z")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("action", "mapped", "unmapped"),
    [
        (Action.IN, Log("IN"), Log("IN")),
        (Action.OUT, Log("OUT"), Log("OUT")),
        (Action.BREAK_START, Log("OUT"), Decline(Why.NOT_HELD, "break_start")),
        (Action.BREAK_END, Log("IN"), Decline(Why.NOT_HELD, "break_end")),
        (Action.OVERTIME_START, Log("IN"), Decline(Why.NOT_HELD, "overtime_start")),
        (Action.OVERTIME_END, Log("OUT"), Decline(Why.NOT_HELD, "overtime_end")),
        (Action.TRIP_LEAVE, Trip(returning=False), Decline(Why.NOT_HELD, "trip")),
        (Action.TRIP_RETURN, Trip(returning=True), Decline(Why.NOT_HELD, "trip")),
    ],
)
def test_each_act_goes_where_the_settings_say_or_becomes_a_task(
    action: Action, mapped: object, unmapped: object
) -> None:
    event = check_in("E-17", NOON, action)
    assert intent(event, MAPPED) == mapped
    assert intent(event, NOTHING) == unmapped


def test_corrections_and_disputes_are_tasks_and_notices_are_nothing() -> None:
    person = "E-17"
    corrected = Correction(event_id(), person, event_id(), Action.OUT, NOON, clock(), Method.PIN, "HQ")
    disputed = Dispute(event_id(), person, event_id(), NOON, clock(), "HQ")
    notice = Notice(event_id(), NoticeKind.ENROLLED, person, NOON, clock(), "HQ")
    assert intent(punch(corrected), MAPPED) == Decline(Why.NOT_HELD, "correction")
    assert intent(punch(disputed), MAPPED) == Decline(Why.NOT_HELD, "dispute")
    assert intent(punch(notice), MAPPED) == Silence()


def test_a_time_of_a_clock_that_was_never_set_waits_for_a_person() -> None:
    doubtful = check_in("E-17", NOON, state=ClockState.UNSYNCED)
    assert intent(doubtful, MAPPED) == Decline(Why.CLOCK_DOUBTFUL, "clock_never_set")
    assert intent(punch(doubtful.event, reviewed=True), MAPPED) == Log("IN")


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-03-29T00:59:59Z", "2026-03-29 01:59:59"),  # the last second before the clock goes forward
        ("2026-03-29T01:00:00Z", "2026-03-29 03:00:00"),
        ("2026-10-25T00:30:00Z", "2026-10-25 02:30:00"),  # the hour that is gone through twice
        ("2026-10-25T01:30:00Z", "2026-10-25 02:30:00"),
        ("2026-10-25T02:00:00Z", "2026-10-25 03:00:00"),
    ],
)
def test_times_are_what_the_clock_at_the_site_shows(moment: str, shown: str) -> None:
    assert site_time(utc(moment) + 999, AMSTERDAM) == shown


@given(st.integers(0, 4_102_444_800_000), st.sampled_from(["Asia/Jakarta", "Asia/Kathmandu", "Europe/Amsterdam"]))
def test_a_time_is_read_back_as_it_was_written(occurred_at: int, zone: str) -> None:
    shown = site_time(occurred_at, ZoneInfo(zone))
    assert read_time(shown) == read_time(f"{shown}.000000") == read_time(shown.replace(" ", "T")) == shown
    assert len(shown) == 19


@pytest.mark.parametrize("text", ["", "now", "2026-01-05", "2026-01-05 08:00", "2026-01-05 08:00:00Z", "x" * 10_000])
def test_what_is_no_moment_is_not_read(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("8:00:00", 480), ("08:30:59", 510), ("0:00:00", 0), ("23:59:59.5", 1439), ("24:00:00", None), ("1 day", None)],
)
def test_times_of_a_day_are_read(text: str, minutes: int | None) -> None:
    assert read_minutes(text) == minutes


def test_each_sentence_says_what_is_wrong_and_what_to_do() -> None:
    sentences = [*frappe_words._SENTENCES.values(), frappe_words.sentence("tls_expired")]
    assert len(sentences) >= 20
    assert all(sentence.endswith(".") and len(sentence.split()) >= 12 for sentence in sentences)
    assert all(one != other for one, other in pairwise(sorted(sentences)))
    assert "level 1" in frappe_words.sentence("time_differs")
