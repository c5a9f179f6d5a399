"""Frappe HR on a bad day: each answer gets its class, no event is lost or doubled, and the key goes nowhere else."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frappe_desk import Reply, html, said
from frappe_kit import TRIPS, Place, check_in, place
from frappe_stand_in import Fault, Handler

from sync.contract import BackendDown, BackendMisconfigured, Punch, Rejected, Result, Retry, Stored, Unknown, Why
from wire.event import Action

POST = "Employee Checkin"
ADD = "add_log_based"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("hostile"), total_s=0.5) as found:
        yield found


@pytest.fixture
def site(served: Place) -> Iterator[Place]:
    served.server.faults.clear()
    served.server.requests.clear()
    yield served
    assert served.server.faults == [], "a fault was never met"


def now() -> int:
    return int(time.time() * 1000)


def answering(reply: Reply) -> Fault:
    """Answer without doing anything."""
    return lambda _handler, _act: reply


def answering_after(reply: Reply) -> Fault:
    """Do it, then answer something else."""

    def fault(_handler: Handler, act: Callable[[], Reply]) -> Reply:
        act()
        return reply

    return fault


def reset_before(handler: Handler, _act: Callable[[], Reply]) -> None:
    handler.cut()


def reset_after(handler: Handler, act: Callable[[], Reply]) -> None:
    act()
    handler.cut()


def silent_after(_handler: Handler, act: Callable[[], Reply]) -> None:
    act()
    time.sleep(0.7)


def late_commit(_handler: Handler, act: Callable[[], Reply]) -> None:
    """The server goes on after the client has given up, and commits then."""
    time.sleep(0.7)
    act()


def half(_handler: Handler, act: Callable[[], Reply]) -> Reply:
    whole = act()
    return Reply(200, whole.body[: len(whole.body) // 2])


def trickle(handler: Handler, act: Callable[[], Reply]) -> None:
    """Never ends, a byte at a time."""
    act()
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
    for _ in range(10):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def endless(handler: Handler, _act: Callable[[], Reply]) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n")
    for _ in range(64):
        handler.wfile.write(b" " * 65_536)


def retry(after: str) -> tuple[tuple[str, str], ...]:
    return (("Retry-After", after),)


BOMB = b'{"data":' + b"[" * 200_000
LOST = {
    "reset before it was done": reset_before,
    "reset after the commit": reset_after,
    "no answer after the commit": silent_after,
    "a commit after the client has gone": late_commit,
    "cut in the middle": half,
    "a trickle": trickle,
    "no end": endless,
    "500": answering(said({"exc_type": "TypeError"}, 500)),
    "500 after the commit": answering_after(said({"exc_type": "TypeError"}, 500)),
    "501": answering(said({}, 501)),
    "nothing": answering_after(Reply(200, b"")),
    "204": answering_after(Reply(204, b"")),
    "201": answering_after(said({"data": {}}, 201)),
    "another type": answering_after(Reply(200, b"{}", "text/plain")),
    "no JSON": answering_after(Reply(200, b"<html>")),
    "a byte order mark": answering_after(Reply(200, b'\xef\xbb\xbf{"data": {}}')),
    "NaN": answering_after(Reply(200, b'{"data": {"name": "X", "time": NaN}}')),
    "a huge number": answering_after(Reply(200, b'{"data": {"name": 1' + b"0" * 5000 + b"}}")),
    "infinity in disguise": answering_after(Reply(200, b'{"data": {"latitude": 1e999}}')),
    "a depth bomb": answering_after(Reply(200, BOMB)),
    "depth": answering_after(Reply(200, b'{"data":' * 9 + b"1" + b"}" * 9)),
    "duplicate keys": answering_after(
        Reply(200, b'{"data": {"name": "EMP-CKIN-1", "name": "EMP-CKIN-2", "time": "2026-01-05 08:00:00"}}')
    ),
    "no name": answering_after(said({"data": {"time": "2026-01-05 08:00:00"}})),
    "no time": answering_after(said({"data": {"name": "EMP-CKIN-1"}})),
    "a name that is a list": answering_after(said({"data": {"name": ["EMP-CKIN-1"], "time": "2026-01-05 08:00:00"}})),
    "a name that misleads": answering_after(said({"data": {"name": "EMP\u202e1", "time": "2026-01-05 08:00:00"}})),
    "a list": answering_after(said([])),
    "null": answering_after(said({"data": None})),
}
DOWN = {
    "503": Reply(503, b"{}"),
    "503 of maintenance": html(503),
    "429": Reply(429, b"{}", headers=retry("7")),
    "425": Reply(425, b"{}"),
    "508": said({"exc_type": "QueryDeadlockError"}, 508),
}
GATEWAYS = {
    "408": Reply(408, b""),
    "502": html(502),
    "504": html(504, "<html>nginx</html>"),
    "a captive portal": html(200, "<html>please log in</html>"),
}
WRONG = {
    "401": (said({"exc_type": "AuthenticationError"}, 401), "http_401"),
    "403": (said({"exc_type": "PermissionError"}, 403), "http_403"),
    "407": (html(407), "http_407"),
    "404 in HTML": (html(404), "site_unknown"),
    "302": (Reply(302, b"", headers=(("Location", "https://elsewhere.invalid/"),)), "redirected"),
    "307": (Reply(307, b"", headers=(("Location", "http://127.0.0.1/"),)), "redirected"),
    "417 in HTML": (html(417), "not_frappe"),
    "405": (html(405), "not_frappe"),
}
REFUSED = {
    "ValidationError": Why.FIELD_REJECTED,
    "MandatoryError": Why.FIELD_REJECTED,
    "SomethingNew": Why.FIELD_REJECTED,
    "": Why.FIELD_REJECTED,
    "LinkValidationError": Why.UNKNOWN_EMPLOYEE,
    "InactiveEmployeeStatusError": Why.INACTIVE,
    "CheckinRadiusExceededError": Why.OUTSIDE_GEOFENCE,
}


def someone(site: Place) -> tuple[str, Punch]:
    """A new employee and a check-in of theirs."""
    code = f"E-{time.monotonic_ns()}"
    return site.employ(code), check_in(code, now() - 3_600_000)


def one(site: Place, mode: str, event: Punch, fault: Fault) -> Result:
    site.server.faults.append(("POST", POST if mode == "keyed" else ADD, fault))
    return site.backend(mode).push([event], now())[0]


@pytest.mark.parametrize("mode", ["keyed", "query"])
@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
def test_a_lost_or_strange_answer_is_unknown_and_the_event_ends_up_there_once(
    site: Place, mode: str, fault: Fault
) -> None:
    name, event = someone(site)
    result = one(site, mode, event, fault)
    assert isinstance(result, Unknown), result
    if fault is late_commit:
        _until(lambda: len(site.check_ins(name)) == 1)  # the contract waits 180 s before it asks
    backend = site.backend(mode)
    found = backend.reconcile([event], now())[event.event_id]
    if found is None:
        assert site.check_ins(name) == []
        again = backend.push([event], now())[0]
        assert isinstance(again, Stored)
        found = again.remote
    assert [row["name"] for row in site.check_ins(name)] == [found]


def _until(done: Callable[[], bool]) -> None:
    for _ in range(100):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("mode", ["keyed", "query"])
@pytest.mark.parametrize("reply", DOWN.values(), ids=DOWN)
def test_a_server_that_is_busy_or_away_has_taken_nothing_in(site: Place, mode: str, reply: Reply) -> None:
    name, event = someone(site)
    with pytest.raises(BackendDown) as caught:
        one(site, mode, event, answering(reply))
    assert caught.value.retry_after_ms == (7_000 if reply.status == 429 else None)
    assert site.check_ins(name) == []
    assert isinstance(site.backend(mode).push([event], now())[0], Stored)


@pytest.mark.parametrize("reply", GATEWAYS.values(), ids=GATEWAYS)
def test_a_gateway_that_gives_up_is_harmless_with_a_key_and_unknown_without(site: Place, reply: Reply) -> None:
    for mode, kind in (("keyed", Retry), ("query", Unknown)):
        name, event = someone(site)
        assert isinstance(one(site, mode, event, answering_after(reply)), kind)
        assert isinstance(site.backend(mode).push([event], now())[0], Stored)
        assert len(site.check_ins(name)) == 1


@pytest.mark.parametrize(("reply", "code"), WRONG.values(), ids=WRONG)
def test_what_a_person_must_repair_pauses_everything(site: Place, reply: Reply, code: str) -> None:
    name, event = someone(site)
    for mode in ("keyed", "query"):
        with pytest.raises(BackendMisconfigured) as caught:
            one(site, mode, event, answering(reply))
        assert caught.value.detail == code
    assert site.check_ins(name) == []


@pytest.mark.parametrize(("exc_type", "why"), REFUSED.items())
def test_a_business_error_is_known_by_its_class(site: Place, exc_type: str, why: Why) -> None:
    name, event = someone(site)
    texts = {"_server_messages": json.dumps(["UniqueValidationError: Kiosk Event ID must be unique"]), "exc": "[]"}
    for mode in ("keyed", "query"):
        result = one(site, mode, event, answering(said({"exc_type": exc_type, **texts}, 417)))
        assert result == Rejected(event.event_id, why, "http_417")
    assert site.check_ins(name) == []


@pytest.mark.parametrize("exc_type", ["UniqueValidationError", "ValidationError", "DuplicateEntryError", ""])
def test_a_refusal_of_what_is_there_is_a_duplicate_whatever_it_is_called(site: Place, exc_type: str) -> None:
    for mode in ("keyed", "query"):
        name, event = someone(site)
        result = one(site, mode, event, answering_after(said({"exc_type": exc_type}, 417)))
        assert result == Stored(event.event_id, str(site.check_ins(name)[0]["name"]), duplicate=True)


def test_missing_and_too_large_are_about_the_event(site: Place) -> None:
    _, event = someone(site)
    gone = one(site, "keyed", event, answering(said({"exc_type": "DoesNotExistError"}, 404)))
    assert gone == Rejected(event.event_id, Why.UNKNOWN_EMPLOYEE, "http_404")
    large = one(site, "keyed", event, answering(html(413)))
    assert large == Rejected(event.event_id, Why.FIELD_REJECTED, "http_413")


def test_after_a_lost_answer_the_rest_waits_and_what_was_stored_stays_known(site: Place) -> None:
    backend = site.backend()
    assert backend.preflight(now()).usable
    events = [someone(site)[1] for _ in range(4)]
    site.server.faults += [("POST", POST, lambda _handler, act: act()), ("POST", POST, reset_after)]
    kinds = [type(result) for result in backend.push(events, now())]
    assert kinds == [Stored, Unknown, Retry, Retry]
    site.server.faults += [("POST", POST, lambda _handler, act: act()), ("POST", POST, answering(html(503)))]
    again = backend.push(events[2:], now())
    assert [type(result) for result in again] == [Stored, Retry]


def test_a_question_that_is_answered_badly_is_asked_again_later(site: Place) -> None:
    _, event = someone(site)
    odd = [{"name": 1, "attendance_device_id": 1, "kiosk_event_id": 1}]
    for reply in (Reply(200, BOMB), said({"data": odd}), said({"data": {}}), said({"exc_type": "TypeError"}, 500)):
        fault = answering(reply)
        site.server.faults.append(("GET", "/api/resource/Employee?", fault))
        with pytest.raises(BackendDown):
            site.backend().push([event], now())
        site.server.faults.append(("GET", "/api/resource/Employee Checkin?", fault))
        with pytest.raises(BackendDown):
            site.backend().reconcile([event], now())


def test_a_site_without_frappe_hr_is_told_from_a_missing_row(site: Place) -> None:
    site.server.faults.append(("GET", "Employee Checkin", answering(said({"exc_type": "DoesNotExistError"}, 404))))
    assert [remark.code for remark in site.backend().preflight(now()).remarks] == ["hr_missing"]


@pytest.mark.parametrize("fault", [reset_after, half, silent_after], ids=["reset", "half", "silence"])
def test_a_trip_whose_answer_was_lost_becomes_one_draft(site: Place, fault: Fault) -> None:
    code = f"E-{time.monotonic_ns()}"
    name, leave = site.employ(code), check_in(code, now() - 172_800_000, Action.TRIP_LEAVE)
    back = check_in(code, now(), Action.TRIP_RETURN)
    for event, verb in ((leave, "POST"), (back, "PUT")):
        site.server.faults.append((verb, "Attendance Request", fault))
        backend = site.backend(actions=TRIPS)
        assert isinstance(backend.push([event], now())[0], Unknown)
        found = backend.reconcile([event], now())[event.event_id]
        assert backend.push([event], now())[0] == Stored(event.event_id, str(found), duplicate=True)
    rows = site.rows("Attendance Request", ("from_date", "to_date"), ("employee", "=", name))
    assert len(rows) == 1
    assert rows[0]["from_date"] != rows[0]["to_date"]


def test_a_day_that_is_spent_otherwise_is_shown_to_a_person(site: Place) -> None:
    code = f"E-{time.monotonic_ns()}"
    name, leave = site.employ(code), check_in(code, now(), Action.TRIP_LEAVE)
    day = {"from_date": "2000-01-01", "to_date": "2100-01-01"}
    other = site.make("Attendance Request", employee=name, reason="Work From Home", **day)
    backend = site.backend(actions=TRIPS)
    assert backend.push([leave], now())[0] == Rejected(leave.event_id, Why.OVERLAP, "other_request")
    site.change("Attendance Request", other, reason="On Duty")
    assert backend.push([leave], now())[0] == Stored(leave.event_id, other, duplicate=True)


def test_two_at_once_without_a_key_are_stored_twice_which_is_why_the_key_is_recommended(site: Place) -> None:
    name, event = someone(site)
    site.server.window = threading.Barrier(2)
    backends = [site.backend("query"), site.backend("query")]
    threads = [threading.Thread(target=backend.push, args=([event], now())) for backend in backends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    site.server.window = None
    assert len(site.check_ins(name)) == 2


def test_a_late_commit_and_a_hasty_repetition_are_stored_once_by_the_key(site: Place) -> None:
    name, event = someone(site)
    backend = site.backend()
    assert backend.preflight(now()).usable  # from here nothing is looked up before it is sent
    site.server.faults.append(("POST", POST, late_commit))
    assert isinstance(backend.push([event], now())[0], Unknown)
    assert isinstance(backend.push([event], now())[0], Stored)
    time.sleep(0.4)
    assert len(site.check_ins(name)) == 1


def test_an_answer_without_the_key_stops_the_next_event(tmp_path: Path) -> None:
    with place(tmp_path, keyed=False) as site:
        site.employ("E-17")
        backend = site.backend()
        backend._unique = True  # as if the field had been removed after the preflight
        assert isinstance(backend.push([check_in("E-17", now() - 5_000)], now())[0], Stored)
        with pytest.raises(BackendMisconfigured) as caught:
            backend.push([check_in("E-17", now())], now())
        assert caught.value.detail == "field_missing"
        assert len(site.rows("Employee Checkin", ("name",))) == 1


def test_a_row_from_before_the_key_is_recognised(tmp_path: Path) -> None:
    with place(tmp_path, keyed=False) as site:
        name, event = site.employ("E-17"), check_in("E-17", now())
        stored = site.backend("query").push([event], now())[0]
        assert isinstance(stored, Stored)
        site.server.add_key()
        assert site.backend().reconcile([event], now()) == {event.event_id: stored.remote}
        assert site.backend().push([event], now())[0] == Stored(event.event_id, stored.remote, duplicate=True)
        assert len(site.check_ins(name)) == 1
