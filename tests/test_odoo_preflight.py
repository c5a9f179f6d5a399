"""What a preflight of Odoo finds: key, version, clock, database and rights, and which of it stops the delivery."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from odoo_site import Site, standing_in
from odoo_stand_in import OdooStandIn, Reply, Trouble

from sync.contract import BackendDown, Remark


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with standing_in(tmp_path_factory.mktemp("odoo")) as site:
        yield site


@pytest.fixture
def site(house: Site) -> Site:
    of(house).settle()
    return house


def of(site: Site) -> OdooStandIn:
    assert site.stand_in is not None
    return site.stand_in


def now() -> int:
    return int(time.time() * 1000)


def codes(remarks: tuple[Remark, ...]) -> list[tuple[str, bool]]:
    return [(one.code, one.blocks) for one in remarks]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (90, []),
        (15, []),
        (14, [("key_expires_soon", False)]),
        (0, [("key_expires_soon", False)]),
        (-1, [("key_expired", True)]),
        (-400, [("key_expired", True)]),
    ],
)
def test_a_key_that_ends_is_told_two_weeks_ahead(site: Site, days: int, expected: list[tuple[str, bool]]) -> None:
    last = datetime.now(UTC).date() + timedelta(days)
    health = site.backend(key_expires=last.isoformat()).preflight(now())
    assert codes(health.remarks) == expected
    assert health.usable == (days >= 0)
    assert all(str(last) in one.sentence for one in health.remarks)


def test_a_day_that_is_none_is_told(site: Site) -> None:
    assert codes(site.backend(key_expires="soon").preflight(now()).remarks) == [("key_expires_unreadable", False)]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ([19, 0, 0, "final", 0, ""], []),
        (["saas~19", 2, 0, "final", 0, ""], []),
        ([20, 0], []),
        ([18, 0, 0, "final", 0, ""], [("version_too_old", True)]),
        (["saas~18", 4], [("version_too_old", True)]),
        (None, []),
        ("19", []),
    ],
)
def test_an_old_odoo_is_refused(site: Site, version: object, expected: list[tuple[str, bool]]) -> None:
    of(site).version = version
    assert codes(site.backend().preflight(now()).remarks) == expected


def test_a_server_that_does_not_tell_its_version_may_do(site: Site) -> None:
    for reply in (Reply(404, b"", "text/html"), Reply(200, b"[" * 50_000), Reply(200, b"")):
        of(site).troubles.append(Trouble("/web/version", instead=reply))
        assert site.backend().preflight(now()).usable


@pytest.mark.parametrize(("minutes", "apart"), [(0, False), (1.9, False), (2.1, True), (-2.1, True), (60 * 24, True)])
def test_clocks_that_are_apart_are_told(site: Site, minutes: float, *, apart: bool) -> None:
    health = site.backend().preflight(now() + int(minutes * 60_000))
    assert codes(health.remarks) == ([("clock_skew", True)] if apart else [])


def test_a_date_that_is_none_is_no_reason(site: Site) -> None:
    for text in ("yesterday", "Thu, 99 Foo 2026 00:00:00 GMT", "1" * 1_000, "Thu, 01 Jan 999999 00:00:00 GMT", ""):
        of(site).troubles.append(Trouble("/web/version", instead=Reply(200, b"{}", headers=(("Date", text),))))
        assert site.backend().preflight(now()).usable


@pytest.mark.parametrize(
    "right", ["hr.attendance:create", "hr.attendance:write", "hr.attendance:read", "hr.employee:read"]
)
def test_a_right_that_lacks_is_told(site: Site, right: str) -> None:
    of(site).tables.rights.remove(right)
    health = site.backend().preflight(now())
    assert codes(health.remarks) == [("http_403", True)]
    assert "Attendances: Administrator" in health.remarks[0].sentence


def test_a_server_that_cannot_be_asked_for_rights_is_given_the_benefit(site: Site) -> None:
    for reply in (Reply(404, b'{"name": "werkzeug.exceptions.NotFound"}'), Reply(500, b"{}"), Reply(403, b"{}")):
        of(site).troubles += [Trouble("has_access", instead=reply)] * 2
        assert site.backend().preflight(now()).usable


def test_an_app_that_is_not_installed_is_told(site: Site) -> None:
    of(site).troubles.append(Trouble("search_read", instead=Reply(404, b'{"name": "werkzeug.exceptions.NotFound"}')))
    (remark,) = site.backend().preflight(now()).remarks
    assert remark.code == "call_unknown"
    assert "Attendances" in remark.sentence


def test_a_preflight_writes_nothing_and_shows_the_key_to_no_page_that_needs_none(site: Site) -> None:
    of(site).calls.clear()
    of(site).seen_keys.clear()
    assert site.backend().preflight(now()).remarks == ()
    methods = [method for _, method in of(site).calls]
    assert methods == ["/web/version", "search_read", "search_read", "has_access", "has_access"]
    assert of(site).seen_keys[0] is None
    assert all(of(site).seen_keys[1:])


def test_a_server_that_is_down_says_nothing(site: Site) -> None:
    for method in ("/web/version", "search_read"):
        of(site).troubles.append(Trouble(method, instead="reset"))
        with pytest.raises(BackendDown):
            site.backend().preflight(now())
