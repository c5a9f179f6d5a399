"""What a hostile server may answer for Odoo, and what must never leave: the key, a name, a byte to another host."""

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from odoo_answers import HTML, error, now, of, outcome, plain
from odoo_site import KEY, Site, at, punch, standing_in, text
from odoo_stand_in import Reply, Trouble

from sync.backends.odoo import OdooBackend
from sync.config import Actions
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
