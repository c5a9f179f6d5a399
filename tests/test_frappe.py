"""What Frappe HR has to do for us, tried on the stand-in and, where one is named, on a running server."""

import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from frappe_kit import TRIPS, Place, check_in, clock, event_id, live, place, punch

from sync.backends.frappe_words import site_time
from sync.config import Actions
from sync.contract import Punch, Rejected, Result, Stored, Why
from wire.event import Action, Method, TripDetails, TripReason


@pytest.fixture(scope="module", params=["stand-in", "live"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("frappe")
    with place(folder) if request.param == "stand-in" else live(folder) as found:
        yield found


@pytest.fixture
def code() -> str:
    return f"T{uuid.uuid4().hex[:10]}"


def now() -> int:
    return int(time.time() * 1000)


def moment(days_ago: int = 1, minutes: int = 0) -> int:
    """A whole second some days ago, far from the hours in which clocks change."""
    day = datetime.now(ZoneInfo("UTC")).replace(hour=3, minute=0, second=0, microsecond=0)
    return int((day - timedelta(days=days_ago) + timedelta(minutes=minutes)).timestamp() * 1000)


def only(results: tuple[Result, ...]) -> Result:
    assert len(results) == 1
    return results[0]


def test_a_site_that_is_set_up_has_nothing_to_remark(site: Place) -> None:
    assert site.backend().preflight(now()).remarks == ()


@pytest.mark.parametrize("mode", ["keyed", "query"])
def test_in_and_out_become_two_rows_at_the_times_of_the_site(site: Place, code: str, mode: str) -> None:
    name, backend = site.employ(code), site.backend(mode)
    arrived, left = check_in(code, moment() + 765), check_in(code, moment(minutes=485), Action.OUT)
    results = backend.push([arrived, left], now())
    assert [type(result) for result in results] == [Stored, Stored]
    rows = sorted(site.check_ins(name), key=lambda row: str(row["time"]))
    zone = ZoneInfo(site.zone)
    assert [row["log_type"] for row in rows] == ["IN", "OUT"]
    assert [row["time"] for row in rows] == [site_time(moment(), zone), site_time(moment(minutes=485), zone)]
    assert {row["device_id"] for row in rows} == {site.device}
    assert {row["name"] for row in rows} == {result.remote for result in results if isinstance(result, Stored)}


def test_an_employee_without_a_device_code_is_known_by_its_id(site: Place) -> None:
    name = site.employ(None)
    for mode, minutes in (("keyed", 0), ("query", 1)):
        assert isinstance(only(site.backend(mode).push([check_in(name, moment(minutes=minutes))], now())), Stored)
    assert len(site.check_ins(name)) == 2


@pytest.mark.parametrize("mode", ["keyed", "query"])
def test_the_same_event_again_is_stored_once(site: Place, code: str, mode: str) -> None:
    name, event = site.employ(code), check_in(code, moment())
    first = only(site.backend(mode).push([event], now()))
    again = only(site.backend(mode).push([event], now()))
    assert isinstance(first, Stored)
    assert again == Stored(event.event_id, first.remote, duplicate=True)
    assert len(site.check_ins(name)) == 1


def test_ten_pairs_at_once_are_stored_once_by_the_key(site: Place, code: str) -> None:
    name = site.employ(code)
    backends = [site.backend(), site.backend()]
    if site.stand_in:
        site.server.window = threading.Barrier(2)
    for backend in backends:
        assert backend.preflight(now()).usable  # the key is known to be unique: nobody looks before sending
    for number in range(10):
        event = check_in(code, moment(minutes=number))
        results = _at_once([(backend, event) for backend in backends])
        assert sorted(result.duplicate for result in results if isinstance(result, Stored)) == [False, True], results
        assert len({result.remote for result in results if isinstance(result, Stored)}) == 1
    if site.stand_in:
        site.server.window = None
    assert len(site.check_ins(name)) == 10


def _at_once(pairs: list[tuple[object, Punch]]) -> list[Result]:
    results: list[Result] = []

    def send(backend: object, event: Punch) -> None:
        results.append(only(backend.push([event], now())))  # type: ignore[attr-defined]

    threads = [threading.Thread(target=send, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("mode", ["keyed", "query"])
def test_a_question_tells_what_is_there_and_what_is_not(site: Place, code: str, mode: str) -> None:
    site.employ(code)
    sent, unsent = check_in(code, moment()), check_in(code, moment(minutes=1))
    backend = site.backend(mode)
    stored = only(backend.push([sent], now()))
    assert isinstance(stored, Stored)
    assert backend.reconcile([sent, unsent], now()) == {sent.event_id: stored.remote, unsent.event_id: None}


def test_a_code_that_nobody_has_is_set_aside(site: Place, code: str) -> None:
    event = check_in(code, moment())
    assert only(site.backend().push([event], now())) == Rejected(event.event_id, Why.UNKNOWN_EMPLOYEE, "code_not_found")
    assert site.backend().reconcile([event], now()) == {event.event_id: None}


@pytest.mark.parametrize("status", ["Left", "Suspended", "Inactive"])
def test_whoever_has_left_or_is_suspended_is_set_aside_although_the_server_would_take_it(
    site: Place, code: str, status: str
) -> None:
    name, backend = site.employ(code), site.backend()
    assert isinstance(only(backend.push([check_in(code, moment())], now())), Stored)
    left = {"relieving_date": f"{datetime.now(ZoneInfo(site.zone)):%Y-%m-%d}"} if status == "Left" else {}
    site.change("Employee", name, status=status, **left)
    event = check_in(code, moment(minutes=1))
    assert only(backend.push([event], now())) == Rejected(event.event_id, Why.INACTIVE, "not_active")
    assert len(site.check_ins(name)) == 1


def test_another_event_of_the_same_second_is_shown_to_a_person(site: Place, code: str) -> None:
    name, backend = site.employ(code), site.backend()
    first, second = check_in(code, moment() + 100), check_in(code, moment() + 900)
    results = backend.push([first, second], now())
    assert isinstance(results[0], Stored)
    assert results[1] == Rejected(second.event_id, Why.OVERLAP, "same_second")
    assert len(site.check_ins(name)) == 1


def test_breaks_and_overtime_go_where_the_settings_send_them(site: Place, code: str) -> None:
    name = site.employ(code)
    acts = [Action.BREAK_START, Action.BREAK_END, Action.OVERTIME_START, Action.OVERTIME_END]
    events = [check_in(code, moment(minutes=number), act) for number, act in enumerate(acts)]
    results = site.backend().push(events, now())
    assert [type(result) for result in results] == [Rejected, Rejected, Stored, Stored]
    assert {result.why for result in results if isinstance(result, Rejected)} == {Why.NOT_HELD}
    site.backend(actions=Actions(break_start="out", break_end="in")).push(events, now())
    rows = sorted(site.check_ins(name), key=lambda row: str(row["time"]))
    assert [row["log_type"] for row in rows] == ["OUT", "IN", "IN", "OUT"]


def test_a_claim_is_sent_once_a_person_has_looked(site: Place, code: str) -> None:
    name = site.employ(code)
    claim = check_in(code, moment(), method=Method.CLAIMED)
    assert only(site.backend().push([claim], now())) == Rejected(claim.event_id, Why.REVIEW, "claimed")
    assert site.check_ins(name) == []
    assert isinstance(only(site.backend().push([punch(claim.event, reviewed=True)], now())), Stored)
    assert len(site.check_ins(name)) == 1


def test_a_trip_becomes_one_draft_that_grows_until_the_return(site: Place, code: str) -> None:
    name, backend = site.employ(code), site.backend(actions=TRIPS)
    leave = check_in(code, moment(days_ago=9), Action.TRIP_LEAVE)
    back = check_in(code, moment(days_ago=7, minutes=600), Action.TRIP_RETURN)
    results = backend.push([leave, back], now())
    if site.stand_in is None and any(isinstance(result, Rejected) for result in results):
        pytest.skip("this site takes no Attendance Request: has a new employee no holiday list?")
    assert [type(result) for result in results] == [Stored, Stored]
    fields = ("name", "from_date", "to_date", "reason", "docstatus", "explanation")
    rows = site.rows("Attendance Request", fields, ("employee", "=", name))
    assert len(rows) == 1
    zone = ZoneInfo(site.zone)
    assert rows[0]["from_date"] == site_time(moment(days_ago=9), zone)[:10]
    assert rows[0]["to_date"] == site_time(moment(days_ago=7, minutes=600), zone)[:10]
    assert (rows[0]["reason"], rows[0]["docstatus"]) == ("On Duty", 0)
    assert leave.event_id in str(rows[0]["explanation"])
    assert back.event_id in str(rows[0]["explanation"])
    again = backend.push([leave, back], now())
    assert [result.duplicate for result in again if isinstance(result, Stored)] == [True, True]
    assert backend.reconcile([leave, back], now()) == dict.fromkeys((leave.event_id, back.event_id), rows[0]["name"])
    assert only(site.backend().push([leave], now())) == Rejected(leave.event_id, Why.NOT_HELD, "trip")


def test_the_details_of_a_trip_go_into_the_explanation_of_its_draft_and_no_further(site: Place, code: str) -> None:
    name, backend = site.employ(code), site.backend(actions=TRIPS)
    leave = check_in(code, moment(days_ago=9), Action.TRIP_LEAVE)
    at = moment(days_ago=9, minutes=5)
    said = punch(
        TripDetails(
            event_id(),
            code,
            leave.event_id,
            at,
            clock(),
            "back from a business trip 1",
            TripReason.CLIENT,
            "",
            "SPD-1",
            "",
        )
    )
    back = check_in(code, moment(days_ago=7), Action.TRIP_RETURN)
    assert only(backend.push([said], now())) == Rejected(said.event_id, Why.NOT_HELD, "trip_details")
    results = backend.push([leave, said, back], now())
    if site.stand_in is None and any(isinstance(result, Rejected) for result in results):
        pytest.skip("this site takes no Attendance Request: has a new employee no holiday list?")
    assert [type(result) for result in results] == [Stored, Stored, Stored]
    (row,) = site.rows("Attendance Request", ("name", "explanation", "to_date"), ("employee", "=", name))
    assert f": trip to back from a business trip 1; reason: client; reference: SPD-1 ({said.event_id})" in str(
        row["explanation"]
    )
    assert len(str(row["explanation"]).splitlines()) == 3
    assert row["to_date"] == site_time(moment(days_ago=7), ZoneInfo(site.zone))[:10]
    assert [one.duplicate for one in backend.push([said], now()) if isinstance(one, Stored)] == [True]
    assert backend.reconcile([said], now()) == {said.event_id: row["name"]}
    if site.stand_in is not None:
        later = punch(replace(said.event, event_id=event_id()))
        site.change("Attendance Request", str(row["name"]), docstatus=1)
        assert only(backend.push([later], now())) == Rejected(later.event_id, Why.NOT_HELD, "trip_approved")


def test_the_roster_comes_whole_and_then_only_what_has_changed(site: Place, code: str) -> None:
    name, backend = site.employ(code), site.backend()
    parts, cursor = backend.pull_roster("", now())
    assert all(part.full for part in parts)
    known = {one.ref: one for part in parts for one in part.people}
    assert (known[name].code, known[name].standing) == (code, "active")
    assert backend.pull_roster(cursor, now()) == ((), cursor)
    site.change("Employee", name, status="Suspended")
    changed, later = backend.pull_roster(cursor, now())
    assert not any(part.full for part in changed)
    assert changed[0].version > parts[0].version
    assert {one.ref: one.standing for part in changed for one in part.people}[name] == "suspended"
    assert backend.pull_roster(later, now()) == ((), later)


def test_shifts_are_read(site: Place) -> None:
    shift = f"Shift {uuid.uuid4().hex[:6]}"
    site.make("Shift Type", name=shift, start_time="22:00:00", end_time="06:30:00")
    policy = site.backend().pull_policy(now())
    assert policy is not None
    found = next(one for one in policy.shifts if one.id == shift)
    assert (found.begins, found.ends) == (22 * 60, 6 * 60 + 30)
