"""What happens when something goes wrong in the middle: of a push, of a trip, of putting right, of a roster."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frappe_desk import Reply, html, said
from frappe_kit import TRIPS, Place, check_in, place
from frappe_stand_in import Handler

from sync.contract import BackendDown, BackendMisconfigured, Rejected, Retry, Stored, Unknown, Why
from wire.event import Action

GONE = said({"exc_type": "DoesNotExistError"}, 404)
HELD = said({"exc_type": "ValidationError"}, 417)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as found:
        for number in range(4):
            found.employ(f"E-{number}")
        yield found


def now() -> int:
    return int(time.time() * 1000)


def spoil(site: Place, verb: str, path: str, reply: Reply) -> None:
    site.server.faults.append((verb, path, lambda _handler, _act: reply))


def let_pass(site: Place, verb: str, path: str) -> None:
    site.server.faults.append((verb, path, lambda _handler, act: act()))


def levels(site: Place, *numbers: int) -> None:
    next(user for user in site.server.users.values() if user.name == "kiosk@site").levels = set(numbers)


def test_a_right_that_is_taken_away_in_the_middle_of_a_push_stops_it_there(site: Place) -> None:
    backend = site.backend()
    assert backend.preflight(now()).usable
    events = [check_in(f"E-{number}", now() - 3_600_000) for number in range(4)]
    let_pass(site, "POST", "Employee Checkin")

    def revoke(_handler: Handler, act: Callable[[], Reply]) -> Reply:
        levels(site, 0)
        return act()

    site.server.faults.append(("POST", "Employee Checkin", revoke))
    results = backend.push(events, now())
    assert [type(result) for result in results] == [Stored, Unknown, Retry, Retry]
    with pytest.raises(BackendMisconfigured):
        backend.push(events[2:], now())
    levels(site, 0, 1)
    assert [type(result) for result in backend.push(events[1:], now())] == [Stored] * 3
    assert len(site.rows("Employee Checkin", ("name",))) == 4


def test_a_key_that_expires_in_the_middle_of_a_push_costs_nothing_that_was_stored(site: Place) -> None:
    backend = site.backend()
    events = [check_in(f"E-{number}", now()) for number in range(3)]
    let_pass(site, "POST", "Employee Checkin")
    spoil(site, "POST", "Employee Checkin", said({"exc_type": "AuthenticationError"}, 401))
    results = backend.push(events, now())
    assert [type(result) for result in results] == [Stored, Retry, Retry]
    assert [result.detail for result in results if isinstance(result, Retry)] == ["http_401", "after_another"]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (said({"exc_type": "PermissionError"}, 403), BackendMisconfigured),
        (html(503), Unknown),  # a draft has no key: whatever was answered, it is asked for first
        (said({}, 500), Unknown),
        (said({"data": {}}), Unknown),
        (HELD, Rejected),
        (said({"exc_type": "OverlappingAttendanceRequestError"}, 417), Retry),
    ],
)
def test_a_trip_that_is_not_taken_in_is_said_to_be_so(
    site: Place, reply: Reply, outcome: type[Unknown | Rejected | Retry | BackendMisconfigured]
) -> None:
    leave = check_in("E-1", now(), Action.TRIP_LEAVE)
    backend = site.backend(actions=TRIPS)
    spoil(site, "POST", "Attendance Request", reply)
    if outcome is BackendMisconfigured:
        with pytest.raises(BackendMisconfigured):
            backend.push([leave], now())
    else:
        result = backend.push([leave], now())[0]
        assert isinstance(result, outcome)
        assert not isinstance(result, Rejected) or result.why is Why.NOT_HELD
    assert isinstance(backend.push([leave], now())[0], Stored)
    assert len(site.rows("Attendance Request", ("name",))) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (said({}, 500), BackendDown),
        (said([]), BackendDown),
        (HELD, BackendMisconfigured),
        (said({"exc_type": "PermissionError"}, 403), BackendMisconfigured),
        (GONE, None),
    ],
)
def test_a_row_that_cannot_be_put_right_stays_wrong_and_nothing_else_is_written(
    site: Place, reply: Reply, error: type[Exception] | None
) -> None:
    backend, event = site.backend(), check_in("E-1", now() - 3_600_000)
    levels(site, 0)
    with pytest.raises(BackendMisconfigured):
        backend.push([event], now())
    levels(site, 0, 1)
    spoil(site, "PUT", "Employee Checkin", reply)
    if error is not None:
        with pytest.raises(error):
            backend.push([event], now())
        assert len(site.rows("Employee Checkin", ("name",))) == 1
    assert isinstance(backend.push([event], now())[0], Stored)
    assert len(site.rows("Employee Checkin", ("name",))) == 1


def test_a_code_that_is_the_id_of_somebody_else_belongs_to_who_carries_it(site: Place) -> None:
    plain = site.employ(None)
    carrier = site.employ(plain)
    parts, _ = site.backend().pull_roster("", now())
    found = {entry.ref: entry.code for part in parts for entry in part.people}
    assert found[carrier] == plain
    assert plain not in found
    assert not parts[0].full  # the other one cannot be told apart, and has not left
    assert isinstance(site.backend().push([check_in(plain, now())], now())[0], Stored)
    assert len(site.check_ins(carrier)) == 1
    assert site.check_ins(plain) == []


@pytest.mark.parametrize("doctype", ["Shift Assignment", "Shift Location"])
def test_shifts_are_shown_without_places_where_these_may_not_be_read(site: Place, doctype: str) -> None:
    site.make("Shift Type", name="Day", start_time="8:00:00", end_time="17:00:00")
    made = {"shift_type": "Day", "shift_location": "L1", "status": "Active", "docstatus": 1}
    site.make("Shift Assignment", name="A1", **made)
    next(user for user in site.server.users.values() if user.name == "kiosk@site").barred.add(doctype)
    policy = site.backend().pull_policy(now())
    assert policy is not None
    assert [shift.place for shift in policy.shifts] == ["" if doctype == "Shift Assignment" else "L1"]
