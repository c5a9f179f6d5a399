"""What Odoo, or something before it, may answer or swallow: each answer is judged, and no event is stored twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from odoo_answers import HTML, error, now, of, outcome, plain
from odoo_site import Site, at, punch, standing_in, text
from odoo_stand_in import Reply, Trouble

from sync.backends import odoo_records
from sync.contract import BackendDown, BackendMisconfigured, Rejected, Retry, Stored, Unknown, Why
from wire.event import Action

IN, OUT = Action.IN, Action.OUT


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with standing_in(tmp_path_factory.mktemp("odoo")) as site:
        yield site


@pytest.fixture
def site(house: Site) -> Iterator[Site]:
    of(house).settle()
    yield house
    of(house).settle()


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
