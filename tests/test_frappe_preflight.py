"""Whether a site is ready: each thing that may be missing is named, and nothing is written while looking."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from frappe_desk import Reply
from frappe_kit import TRIPS, Place, check_in, place
from frappe_stand_in import Site

from sync.backends.frappe import FrappeBackend
from sync.backends.frappe_words import site_time
from sync.config import Actions, Frappe
from sync.contract import BackendDown, BackendMisconfigured, Health, Rejected, Stored


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as found:
        yield found


def now() -> int:
    return int(time.time() * 1000)


def codes(health: Health) -> list[str]:
    return [remark.code for remark in health.remarks]


def kiosk(server: Site) -> str:
    return next(key for key, user in server.users.items() if user.name == "kiosk@site")


def test_nothing_is_written_while_looking(site: Place) -> None:
    assert site.backend(actions=TRIPS).preflight(now()).remarks == ()
    assert {verb for verb, *_ in site.server.requests} == {"GET"}


def test_a_missing_key_field_is_asked_for_only_where_it_is_needed(tmp_path: Path) -> None:
    with place(tmp_path, keyed=False) as site:
        health = site.backend().preflight(now())
        assert codes(health) == ["field_missing"]
        assert not health.usable
        assert "kiosk_event_id" in health.remarks[0].sentence
        site.server.describes = False
        assert codes(site.backend().preflight(now())) == ["field_missing"]
        assert site.backend("query").preflight(now()).usable


def test_a_key_field_that_is_not_unique_blocks(tmp_path: Path) -> None:
    with place(tmp_path, keyed=False) as site:
        site.server.add_key(unique=False)
        health = site.backend().preflight(now())
        assert (codes(health), health.usable) == (["field_not_unique"], False)
        site.server.describes = False
        assert codes(site.backend().preflight(now())) == ["field_not_unique"]


def test_a_key_field_that_cannot_be_seen_is_doubted_and_each_event_is_looked_for_first(site: Place) -> None:
    site.server.describes = False
    site.server.users[kiosk(site.server)].barred.add("Custom Field")
    backend = site.backend()
    health = backend.preflight(now())
    assert (codes(health), health.usable) == (["field_unproven"], True)
    site.employ("E-17")
    event = check_in("E-17", now())
    assert isinstance(backend.push([event], now())[0], Stored)
    posts = [path for verb, path, *_ in site.server.requests if verb == "POST"]
    assert posts[-1] == "/api/resource/Employee Checkin"
    result = backend.push([event], now())[0]
    assert isinstance(result, Stored)
    assert result.duplicate
    assert [path for verb, path, *_ in site.server.requests if verb == "POST"] == posts


@pytest.mark.parametrize(
    ("credential", "code"),
    [("wrong:key", "http_401"), ("no-colon", "credential_unusable"), ("a:b\r\nX-Evil: 1", "credential_unusable")],
)
def test_a_key_that_is_wrong_is_named_and_never_shown(site: Place, credential: str, code: str) -> None:
    site.settings.credential.write_text(credential)
    health = site.backend().preflight(now())
    assert (codes(health), health.usable) == ([code], False)
    assert credential not in health.remarks[0].sentence
    with pytest.raises(BackendMisconfigured) as caught:
        site.backend().push([check_in("E-17", now())], now())
    assert caught.value.detail == code
    assert credential not in repr(caught.value) + caught.value.sentence


def test_a_key_file_that_is_absent_or_open_to_others_is_named(site: Place) -> None:
    site.settings.credential.chmod(0o644)
    assert codes(site.backend().preflight(now())) == ["credential_unusable"]
    site.settings.credential.unlink()
    assert codes(site.backend().preflight(now())) == ["credential_unusable"]


@pytest.mark.parametrize("doctype", ["Employee", "Employee Checkin"])
def test_a_right_that_is_missing_blocks(site: Place, doctype: str) -> None:
    site.server.users[kiosk(site.server)].barred.add(doctype)
    health = site.backend().preflight(now())
    assert (codes(health), health.usable) == (["http_403"], False)


def test_rights_that_check_ins_do_not_need_do_not_block(site: Place) -> None:
    site.server.users[kiosk(site.server)].barred |= {"Attendance Request", "Shift Type"}
    health = site.backend(actions=TRIPS).preflight(now())
    assert (codes(health), health.usable) == (["requests_not_permitted", "shifts_not_permitted"], True)
    assert site.backend().pull_policy(now()) is None


def test_the_right_to_set_the_time_is_seen_before_anything_is_stored(site: Place) -> None:
    site.server.users[kiosk(site.server)].levels = {0}
    health = site.backend().preflight(now())
    assert (codes(health), health.usable) == (["time_not_permitted"], False)
    assert "level 1" in health.remarks[0].sentence


def test_without_the_right_to_read_the_time_nothing_is_written(site: Place) -> None:
    site.employ("E-17")
    site.server.users[kiosk(site.server)].levels = site.server.users[kiosk(site.server)].reads = {0}
    with pytest.raises(BackendMisconfigured) as caught:
        site.backend("query").push([check_in("E-17", now())], now())
    assert caught.value.detail == "time_not_permitted"
    assert site.rows("Employee Checkin", ("name",)) == []


@pytest.mark.parametrize("mode", ["keyed", "query"])
def test_a_time_that_the_server_replaced_pauses_everything_and_is_put_right_once_it_may_be(
    site: Place, mode: str
) -> None:
    names = [site.employ("E-17"), site.employ("E-18")]
    site.server.users[kiosk(site.server)].levels = {0}
    backend, late = site.backend(mode), now() - 3_600_000
    events = [check_in("E-17", late), check_in("E-18", late)]
    for _ in range(3):
        with pytest.raises(BackendMisconfigured) as caught:
            backend.push(events, now())
        assert caught.value.detail == "time_differs"
        assert "permission level 1" in caught.value.sentence
    assert len(site.rows("Employee Checkin", ("name",))) == 1  # it took one to see it, and no second was written
    site.server.users[kiosk(site.server)].levels = {0, 1}
    assert [type(result) for result in backend.push(events, now())] == [Stored, Stored]
    rows = [row for name in names for row in site.check_ins(name)]
    assert [row["time"] for row in rows] == [site_time(late, ZoneInfo(site.zone))] * 2


def test_after_a_restart_a_row_with_another_time_is_still_known_by_its_key(site: Place) -> None:
    name, event = site.employ("E-17"), check_in("E-17", now() - 3_600_000)
    site.server.users[kiosk(site.server)].levels = {0}
    with pytest.raises(BackendMisconfigured):
        site.backend().push([event], now())
    with pytest.raises(BackendMisconfigured):
        site.backend().reconcile([event], now())
    with pytest.raises(BackendMisconfigured):
        site.backend().push([event], now())
    site.server.users[kiosk(site.server)].levels = {0, 1}
    row = site.check_ins(name)[0]
    assert site.backend().reconcile([event], now()) == {event.event_id: row["name"]}
    assert [row["time"] for row in site.check_ins(name)] == [site_time(event.event.occurred_at, ZoneInfo(site.zone))]


def test_a_time_that_somebody_in_the_office_corrected_is_left_alone(site: Place) -> None:
    site.employ("E-17")
    backend, event = site.backend(), check_in("E-17", now() - 3_600_000)
    stored = backend.push([event], now())[0]
    assert isinstance(stored, Stored)
    site.change("Employee Checkin", stored.remote, time="2026-01-05 07:45:00")
    assert backend.push([event], now())[0] == Stored(event.event_id, stored.remote, duplicate=True)
    assert backend.reconcile([event], now()) == {event.event_id: stored.remote}
    assert site.rows("Employee Checkin", ("time",))[0]["time"] == "2026-01-05 07:45:00"


def test_a_host_that_the_server_does_not_know_is_told_from_a_missing_row(site: Place) -> None:
    url = site.settings.url.replace("127.0.0.1", "localhost")
    settings = Frappe(url, site.settings.ca, site.settings.credential, "keyed")
    line = site.connect()
    line._hosts = frozenset({"localhost"})
    backend = FrappeBackend(settings, "door-1", lambda: line, Actions())
    assert codes(backend.preflight(now())) == ["site_unknown"]


@pytest.mark.parametrize(
    ("ahead", "found"), [(0, []), (100, []), (-100, []), (150, ["clock_skew"]), (-150, ["clock_skew"])]
)
def test_clocks_that_are_more_than_two_minutes_apart_block(site: Place, ahead: int, found: list[str]) -> None:
    site.server.clock_ahead_s = ahead
    health = site.backend().preflight(now())
    assert (codes(health), health.usable) == (found, not found)


def test_the_zone_of_the_settings_must_be_that_of_the_site(site: Place) -> None:
    line = site.connect()
    settings = Frappe(site.settings.url, site.settings.ca, site.settings.credential, "keyed", "Asia/Makassar")
    backend = FrappeBackend(settings, "door-1", lambda: line, Actions())
    assert codes(backend.preflight(now())) == ["zone_differs"]
    with pytest.raises(BackendMisconfigured):
        backend.push([check_in("E-17", now())], now())
    site.server.zone = "Asia/Makassar"
    assert backend.preflight(now()).usable
    site.server.zone = "Mars/Olympus"
    assert codes(backend.preflight(now())) == ["zone_unknown"]


def test_a_site_that_wants_a_position_gets_the_surveyed_one(site: Place) -> None:
    site.server.geolocation = 1
    site.employ("E-17")
    assert codes(site.backend().preflight(now())) == ["position_needed"]
    assert isinstance(site.backend().push([check_in("E-17", now())], now())[0], Rejected)
    line = site.connect()
    settings = replace(site.settings, position="-6.2, 106.8")
    backend = FrappeBackend(settings, "door-1", lambda: line, Actions())
    assert backend.preflight(now()).usable
    assert isinstance(backend.push([check_in("E-17", now())], now())[0], Stored)
    rows = site.rows("Employee Checkin", ("latitude", "longitude"))
    assert rows == [{"latitude": -6.2, "longitude": 106.8}]


def test_a_server_that_is_away_is_down_and_not_wrong(site: Place) -> None:
    maintenance = Reply(503, b"{}", headers=(("Retry-After", "999999999"),))
    site.server.faults.append(("GET", "time_zone", lambda _handler, _act: maintenance))
    with pytest.raises(BackendDown) as caught:
        site.backend().preflight(now())
    assert (caught.value.detail, caught.value.retry_after_ms) == ("http_503", 3_600_000)


def test_a_wrong_row_that_the_office_removed_is_sent_again_and_one_that_it_corrected_is_left(site: Place) -> None:
    name = site.employ("E-17")
    late = now() - 3_600_000
    for number, mend in enumerate(("removed", "corrected")):
        backend, event = site.backend(), check_in("E-17", late + 60_000 * number)
        site.server.users[kiosk(site.server)].levels = {0}
        with pytest.raises(BackendMisconfigured):
            backend.push([event], now())
        later = site_time(late + 600_000, ZoneInfo(site.zone))
        wrong = next(row for row in site.check_ins(name) if str(row["time"]) > later)
        if mend == "removed":
            base = site.server.base()
            base.execute('DELETE FROM "Employee Checkin" WHERE name = ?', (wrong["name"],))
            base.close()
        else:
            site.change("Employee Checkin", str(wrong["name"]), time="2026-01-05 07:45:00")
        site.server.users[kiosk(site.server)].levels = {0, 1}
        result = backend.push([event], now())[0]
        assert isinstance(result, Stored)
        assert result.duplicate == (mend == "corrected")
    times = sorted(str(row["time"]) for row in site.check_ins(name))
    assert times == ["2026-01-05 07:45:00", site_time(late, ZoneInfo(site.zone))]
