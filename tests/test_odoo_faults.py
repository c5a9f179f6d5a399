"""What Odoo, or something before it, may answer or swallow: each answer is judged, and no event is stored twice."""

import json
import logging
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from odoo_site import KEY, Site, at, punch, standing_in, text
from odoo_stand_in import OdooStandIn, Reply, Trouble

from sync.backends import odoo_records
from sync.backends.odoo import OdooBackend
from sync.config import Actions
from sync.contract import BackendDown, BackendMisconfigured, Punch, Rejected, Result, Retry, Stored, Unknown, Why
from wire.event import Action

IN, OUT = Action.IN, Action.OUT
HTML = "text/html; charset=utf-8"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with standing_in(tmp_path_factory.mktemp("odoo")) as site:
        yield site


@pytest.fixture
def site(house: Site) -> Iterator[Site]:
    of(house).settle()
    yield house
    of(house).settle()


def of(site: Site) -> OdooStandIn:
    assert site.stand_in is not None
    return site.stand_in


def now() -> int:
    return int(time.time() * 1000)


def error(name: str, status: int) -> Reply:
    body = {"name": name, "message": "m", "arguments": ["m"], "context": {}, "debug": "Traceback"}
    return Reply(status, json.dumps(body).encode())


def plain(status: int, content_type: str = "application/json", **headers: str) -> Reply:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(status, b"{}", content_type, given)


def outcome(site: Site, one: Punch, moment: int | None = None) -> Result:
    (result,) = site.backend(total_s=5).push([one], now() if moment is None else moment)
    return result


# An answer that is lost on its way back

LOST = {
    "reset": "reset",
    "cut off": Reply(200, b"[1", length=400),
    "not JSON": Reply(200, b"<html>welcome</html>"),
    "a page": Reply(200, b"<html>welcome</html>", HTML),
    "empty": Reply(200, b""),
    "no content": Reply(204, b""),
    "error of the server": error("builtins.ValueError", 500),
    "gateway gives up": plain(504, HTML),
    "gateway breaks": plain(502, HTML),
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
@pytest.mark.parametrize("end", ["in", "out", "pair"])
def test_a_reply_lost_after_the_commit_is_stored_once(site: Site, end: str, lost: Reply | str) -> None:
    code, odoo = site.hire(), site.backend()
    first, second = punch(code, IN, at(8)), punch(code, OUT, at(12))
    if end == "out":
        odoo.push([first], now())
    if end == "pair":
        site.enter(code, text(13))
    of(site).troubles.append(Trouble("write" if end == "out" else "create", afterwards=lost))
    sent = {"in": [first], "out": [second], "pair": [first, second]}[end]
    results = odoo.push(sent, now())
    assert all(isinstance(one, Unknown) for one in results)
    found = odoo.reconcile(sent, now())
    assert all(found[one.event_id] is not None for one in sent)
    again = odoo.push(sent, now())
    assert [one.remote for one in again if isinstance(one, Stored) and one.duplicate] == list(found.values())
    begins, ends = text(8), "" if end == "in" else text(12)
    assert site.rows(code) == [(begins, ends)] + ([(text(13), "")] if end == "pair" else [])


@pytest.mark.parametrize("lost", ["reset", Reply(500, b"{}"), plain(502, HTML)], ids=["reset", "500", "502"])
@pytest.mark.parametrize("end", [IN, OUT])
def test_a_request_lost_before_the_commit_is_found_absent(site: Site, end: Action, lost: Reply | str) -> None:
    code, odoo = site.hire(), site.backend()
    if end is OUT:
        odoo.push([punch(code, IN, at(8))], now())
    one = punch(code, end, at(12))
    of(site).troubles.append(Trouble("create" if end is IN else "write", instead=lost))
    assert isinstance(odoo.push([one], now())[0], Unknown)
    assert odoo.reconcile([one], now()) == {one.event_id: None}
    (stored,) = odoo.push([one], now())
    assert isinstance(stored, Stored)
    assert not stored.duplicate
    assert site.rows(code) == [(text(12), "") if end is IN else (text(8), text(12))]


def test_a_commit_after_the_time_is_over_is_found(site: Site) -> None:
    code = site.hire()
    one = punch(code, IN, at(8))
    of(site).troubles.append(Trouble("create", afterwards="hang"))
    odoo = site.backend(total_s=0.6)
    assert odoo.push([one], now()) == (Unknown(one.event_id, "deadline"),)
    of(site).release.set()
    assert odoo.reconcile([one], now())[one.event_id] is not None
    assert site.rows(code) == [(text(8), "")]
    of(site).release.clear()


def test_what_cannot_be_read_back_is_not_called_stored(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    one = punch(code, IN, at(8))
    server = of(site)
    server.before = lambda _model, method: (
        server.troubles.append(Trouble("search_read", instead=plain(503))) if method == "create" else None
    )
    assert odoo.push([one], now()) == (Unknown(one.event_id, "http_503"),)
    server.before = lambda _model, _method: None
    assert odoo.reconcile([one], now())[one.event_id] is not None


def test_without_looking_first_a_lost_answer_would_become_a_dead_letter(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, odoo = site.hire(), site.backend()
    one = punch(code, IN, at(8))
    of(site).troubles.append(Trouble("create", afterwards="reset"))
    odoo.push([one], now())
    monkeypatch.setattr(odoo_records.Records, "rows", lambda *_: ())
    assert isinstance(odoo.push([one], now())[0], Rejected)


# What a status means

DOWN = (425, 429, 503, 508)


@pytest.mark.parametrize("status", [408, *DOWN, 502, 504])
def test_while_it_only_looks_a_server_that_is_down_takes_nothing(site: Site, status: int) -> None:
    code = site.hire()
    of(site).troubles.append(Trouble("search_read", instead=plain(status, HTML)))
    with pytest.raises(BackendDown) as down:
        outcome(site, punch(code, IN, at(8)))
    assert down.value.detail == f"http_{status}"


@pytest.mark.parametrize("status", [408, *DOWN])
def test_what_refuses_to_take_an_event_in_is_down(site: Site, status: int) -> None:
    code = site.hire()
    of(site).troubles.append(Trouble("create", instead=plain(status, HTML)))
    with pytest.raises(BackendDown):
        outcome(site, punch(code, IN, at(8)))
    assert site.rows(code) == []


@pytest.mark.parametrize(
    ("header", "wait"),
    [("5", 5_000), ("0", 1_000), ("99999999", 3_600_000), ("soon", None), ("Fri, 31 Dec 2100 23:59:59 GMT", 3_600_000)],
)
def test_retry_after_is_kept_between_a_second_and_an_hour(site: Site, header: str, wait: int | None) -> None:
    code = site.hire()
    of(site).troubles.append(Trouble("search_read", instead=plain(503, Retry_After=header)))
    with pytest.raises(BackendDown) as down:
        outcome(site, punch(code, IN, at(8)))
    assert down.value.retry_after_ms == wait


CONFIG = {
    "unauthorised": (error("werkzeug.exceptions.Unauthorized", 401), "http_401"),
    "forbidden": (error("odoo.exceptions.AccessError", 403), "http_403"),
    "a page that is not found": (plain(404, HTML), "http_404"),
    "a proxy": (plain(407, HTML), "http_407"),
    "moved": (plain(302, HTML, Location="https://127.0.0.1:1/"), "redirected"),
    "an unknown model": (error("werkzeug.exceptions.NotFound", 404), "call_unknown"),
    "arguments that do not fit": (error("werkzeug.exceptions.UnprocessableEntity", 422), "call_unknown"),
}


@pytest.mark.parametrize(("reply", "detail"), CONFIG.values(), ids=CONFIG)
@pytest.mark.parametrize("method", ["search_read", "create"])
def test_what_a_person_must_repair_blames_no_event(site: Site, method: str, reply: Reply, detail: str) -> None:
    code = site.hire()
    one = punch(code, IN, at(8))
    of(site).troubles.append(Trouble(method, instead=reply))
    with pytest.raises(BackendMisconfigured) as found:
        outcome(site, one)
    assert found.value.detail == detail
    assert found.value.sentence.endswith(".")
    assert isinstance(outcome(site, one), Stored)


REFUSED = {
    "of a rule of its own": (error("odoo.exceptions.ValidationError", 422), Rejected, "odoo_refused"),
    "of another name": (error("company.rules.Strange", 422), Rejected, "odoo_refused"),
    "without a name": (Reply(422, b"[]"), Rejected, "odoo_refused"),
    "bad request": (error("werkzeug.exceptions.BadRequest", 400), Rejected, "http_400"),
    "too large": (error("werkzeug.exceptions.RequestEntityTooLarge", 413), Rejected, "http_413"),
    "locked": (error("odoo.exceptions.LockError", 409), Retry, "row_busy"),
}


@pytest.mark.parametrize(("reply", "kind", "detail"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_about_this_event(site: Site, reply: Reply, kind: type, detail: str) -> None:
    code = site.hire()
    of(site).troubles.append(Trouble("create", instead=reply))
    result = outcome(site, punch(code, IN, at(8)))
    assert isinstance(result, kind)
    assert isinstance(result, Rejected | Retry)
    assert result.detail == detail


def test_a_row_that_is_gone_is_looked_for_again(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    odoo.push([punch(code, IN, at(8))], now())
    of(site).troubles.append(Trouble("write", instead=error("odoo.exceptions.MissingError", 404)))
    out = punch(code, OUT, at(12))
    assert odoo.push([out], now()) == (Retry(out.event_id, "row_gone"),)
    assert isinstance(odoo.push([out], now())[0], Stored)


def test_nothing_listens(site: Site, tmp_path: Path) -> None:
    code = site.hire()
    with pytest.raises(BackendDown) as down:
        site.backend(url="https://127.0.0.1:1").push([punch(code, IN, at(8))], now())
    assert down.value.detail == "unreachable"
    with pytest.raises(BackendMisconfigured) as found:
        site.backend(credential=tmp_path / "none").push([punch(code, IN, at(8))], now())
    assert found.value.detail == "credential_unreadable"


# Other hands at the same time


def between(site: Site, method: str, act: str, *arguments: object) -> None:
    """Somebody else does something after we have looked and before we write."""
    server = of(site)

    def step(_model: str, called: str) -> None:
        if called == method:
            server.before = lambda _model, _method: None
            getattr(site, act)(*arguments)

    server.before = step


def test_a_row_entered_between_the_look_and_the_write_is_seen_by_a_second_look(site: Site) -> None:
    for entered, why, detail in (
        ((text(7), ""), Why.MISSING_CHECKOUT, "still_checked_in"),
        ((text(9), ""), Why.OVERLAP, "later_row_open"),
        ((text(7), text(9)), Why.OVERLAP, "row_covers_it"),
    ):
        code = site.hire()
        between(site, "create", "enter", code, *entered)
        one = punch(code, IN, at(8))
        assert outcome(site, one) == Rejected(one.event_id, why, detail)
        assert site.rows(code) == [entered]


def test_two_devices_with_the_same_second_store_one_row(site: Site) -> None:
    code = site.hire()
    between(site, "create", "enter", code, text(8))
    result = outcome(site, punch(code, IN, at(8)))
    assert isinstance(result, Stored)
    assert result.duplicate
    assert site.rows(code) == [(text(8), "")]


def test_somebody_who_was_deleted_a_moment_ago_is_unknown(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    odoo.push([punch(code, IN, at(8)), punch(code, OUT, at(9))], now())
    site.call("hr.employee", "unlink", ids=[site.id(code)])
    one = punch(code, IN, at(10))
    assert odoo.push([one], now()) == (Rejected(one.event_id, Why.UNKNOWN_EMPLOYEE, "no_such_barcode"),)


def test_a_server_that_stores_its_own_time_is_stopped(site: Site) -> None:
    code = site.hire()
    of(site).tables.stores_its_own_now = True
    with pytest.raises(BackendMisconfigured) as found:
        outcome(site, punch(code, IN, at(8)))
    assert found.value.detail == "time_differs"


# Several events in one push


def test_an_outage_in_the_middle_keeps_what_is_stored(site: Site) -> None:
    first, second = punch(site.hire(), IN, at(8)), punch(site.hire(), IN, at(8))
    odoo, server = site.backend(), of(site)
    server.before = lambda _model, _method: (
        server.troubles.append(Trouble("create", instead=plain(503, Retry_After="7")))
        if server.count("create") == made + 2
        else None
    )
    made = server.count("create")
    stored, later = odoo.push([first, second], now())
    server.before = lambda _model, _method: None
    assert isinstance(stored, Stored)
    assert later == Retry(second.event_id, "http_503", 7_000)


def test_after_a_line_that_broke_the_others_wait_for_the_next_push(site: Site) -> None:
    first, second = punch(site.hire(), IN, at(8)), punch(site.hire(), IN, at(8))
    of(site).troubles.append(Trouble("create", afterwards="reset"))
    assert site.backend().push([first, second], now()) == (
        Unknown(first.event_id, "interrupted"),
        Retry(second.event_id, "not_tried"),
    )


def test_one_person_does_not_hold_up_another(site: Site) -> None:
    one, other = site.hire(), site.hire()
    site.enter(one, text(6))
    refused, later, another = punch(one, IN, at(8)), punch(one, OUT, at(9)), punch(other, IN, at(8))
    results = site.backend().push([refused, later, another], now())
    assert results[0] == Rejected(refused.event_id, Why.MISSING_CHECKOUT, "still_checked_in")
    assert results[1] == Retry(later.event_id, "waits_for_the_one_before")
    assert isinstance(results[2], Stored)


def test_a_late_pair_is_found_among_the_events_of_others(site: Site) -> None:
    one, other = site.hire(), site.hire()
    site.enter(one, text(13))
    sent = [punch(one, IN, at(8)), punch(other, IN, at(8)), punch(one, OUT, at(12))]
    assert all(isinstance(result, Stored) for result in site.backend().push(sent, now()))
    assert site.rows(one) == [(text(8), text(12)), (text(13), "")]


# Hostile answers

DEEP = b"[" * 200_000 + b"]" * 200_000
HOSTILE = {
    "a depth bomb": DEEP,
    "nine deep": b"[[[[[[[[[1]]]]]]]]]",
    "NaN": b'[{"id": NaN}]',
    "an infinite fraction": b"[1e999]",
    "a key twice": b'[{"id": 1, "id": 2}]',
    "a byte order mark": b"\xef\xbb\xbf[1]",
    "half of a letter": b'["\xff"]',
    "huge": b"[" + b"1," * 600_000 + b"1]",
    "a huge number": b"[" + b"9" * 10_000 + b"]",
    "another type": b'{"result": [1]}',
    "a list of nothing": b"[null]",
    "a negative id": b"[-1]",
    "true for an id": b"[true]",
    "a record without anything": b"[{}]",
    "a record with a wrong time": b'[{"id": 1, "check_in": "2026-13-45 08:00:00", "check_out": false}]',
    "a record with a zone": b'[{"id": 1, "check_in": "2026-01-01T08:00:00Z", "check_out": false}]',
    "text": b'"ok"',
    "null": b"null",
    "false": b"false",
    "cut off": b'[{"id":',
    "a page": b"<!DOCTYPE html><html></html>",
}


EACH = [(method, name) for method in ("search_read", "create", "write") for name in HOSTILE]


@pytest.mark.parametrize(
    ("method", "body"),
    # a look takes them all; to what writes goes every fourth, beginning elsewhere
    [(method, HOSTILE[name]) for at, (method, name) in enumerate(EACH) if method == "search_read" or at % 4 == 0],
    ids=[f"{method}-{name}" for at, (method, name) in enumerate(EACH) if method == "search_read" or at % 4 == 0],
)
def test_a_hostile_answer_leaves_it_unknown_and_the_next_push_stores_once(site: Site, method: str, body: bytes) -> None:
    code, odoo = site.hire(), site.backend()
    if method == "write":
        odoo.push([punch(code, IN, at(8))], now())
    one = punch(code, OUT if method == "write" else IN, at(12))
    of(site).troubles.append(Trouble(method, afterwards=Reply(200, body)))
    (result,) = odoo.push([one], now())
    assert isinstance(result, Unknown)
    assert result.detail in ("reply_invalid", "reply_too_long")
    assert isinstance(odoo.push([one], now())[0], Stored)
    assert site.rows(code) == [(text(8), text(12)) if method == "write" else (text(12), "")]


def test_neither_the_key_nor_a_name_is_ever_said(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    code = site.hire()
    said = [repr(site.settings()), repr(site.backend())]
    for reply in (plain(401), plain(403), plain(302, Location="/"), plain(500), plain(503), "reset", plain(422)):
        for method in ("search_read", "create"):
            of(site).troubles.append(Trouble(method, instead=reply))
            try:
                said.append(repr(site.backend().push([punch(code, IN, at(8))], now())))
            except (BackendDown, BackendMisconfigured):
                said.append(traceback.format_exc())
            of(site).troubles.clear()
    everything = "\n".join(said) + caplog.text
    assert "http_401" in everything
    assert KEY not in everything
    assert code not in everything


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_takes_the_key_to_nobody(site: Site, tmp_path: Path, status: int) -> None:
    code = site.hire()
    with standing_in(tmp_path) as other:
        for method in ("search_read", "create", "/web/version"):
            of(site).troubles.append(
                Trouble(method, instead=plain(status, HTML, Location=f"{other.url}/json/2/hr.attendance/create"))
            )
            if method == "/web/version":
                assert [one.code for one in site.backend().preflight(now()).remarks] == []
            else:
                with pytest.raises(BackendMisconfigured):
                    outcome(site, punch(code, IN, at(8)))
        assert of(other).calls == []


def test_another_host_gets_no_byte(site: Site, tmp_path: Path) -> None:
    with standing_in(tmp_path) as other:
        line = site.backend()
        settings = site.settings(url=other.url.replace("127.0.0.1", "localhost"))
        strayed = OdooBackend(settings, "door-1", line._line._transport, Actions())
        with pytest.raises(BackendMisconfigured) as found:
            strayed.push([punch("E17", IN, at(8))], now())
        assert found.value.detail == "host_not_registered"
        assert of(other).calls == []


def test_a_pair_that_odoo_refuses_is_explained_and_its_end_waits(site: Site) -> None:
    code = site.hire()
    site.enter(code, text(13))
    pair = [punch(code, IN, at(8)), punch(code, OUT, at(12))]
    of(site).troubles.append(Trouble("create", instead=error("odoo.exceptions.ValidationError", 422)))
    assert site.backend().push(pair, now()) == (
        Rejected(pair[0].event_id, Why.OVERLAP, "later_row_open"),
        Retry(pair[1].event_id, "waits_for_the_one_before"),
    )
    of(site).troubles.append(Trouble("create", instead=error("odoo.exceptions.LockError", 409)))
    assert site.backend().push(pair, now())[0] == Retry(pair[0].event_id, "row_busy")
    assert site.rows(code) == [(text(13), "")]


def test_a_late_check_in_is_paired_with_a_check_out_only(site: Site) -> None:
    code = site.hire()
    site.enter(code, text(13))
    twice = [punch(code, IN, at(8)), punch(code, IN, at(9)), punch(code, OUT, at(12))]
    first, *rest = site.backend().push(twice, now())
    assert first == Rejected(twice[0].event_id, Why.OVERLAP, "later_row_open")
    assert all(isinstance(one, Retry) for one in rest)
    assert site.rows(code) == [(text(13), "")]


def test_a_row_that_nobody_can_see_afterwards_is_unknown(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    server = of(site)
    server.before = lambda _model, method: (
        server.troubles.append(Trouble("search_read", afterwards=Reply(200, b"[]"))) if method == "create" else None
    )
    one = punch(code, IN, at(8))
    assert odoo.push([one], now()) == (Unknown(one.event_id, "not_read_back"),)


def test_a_query_that_fails_over_one_event_answers_about_the_others(site: Site) -> None:
    one, other = punch(site.hire(), IN, at(8)), punch(site.hire(), IN, at(8))
    odoo = site.backend()
    for reply in (plain(500), Reply(200, b"null"), error("odoo.exceptions.UserError", 422)):
        of(site).troubles.append(Trouble("search_read", instead=reply))
        assert odoo.reconcile([one, other], now()) == {other.event_id: None}
    of(site).troubles += [Trouble("search_read", afterwards=Reply(200, b"[]")), Trouble("search_read", instead="reset")]
    assert odoo.reconcile([one, other], now()) == {one.event_id: None}


def test_a_query_that_gets_no_answer_says_nothing_about_the_event(site: Site) -> None:
    code = site.hire()
    one = punch(code, IN, at(8))
    for reply in ("reset", plain(500), plain(503), Reply(200, b"null"), error("odoo.exceptions.UserError", 422)):
        of(site).troubles.append(Trouble("search_read", instead=reply))
        with pytest.raises(BackendDown):
            site.backend().reconcile([one], now())
