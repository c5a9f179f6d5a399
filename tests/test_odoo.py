"""The same sentences against the stand-in and, where the environment names one, against a live Odoo 19."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from odoo_site import Site, at, live, punch, standing_in, text

from sync.config import Actions
from sync.contract import BackendMisconfigured, Punch, Rejected, Retry, Stored, Why
from wire.event import Action, ClockState, Correction, Dispute, Method, Notice, NoticeKind, uuid7
from wire.message import Standing

IN, OUT = Action.IN, Action.OUT
NAMES = ("AMBANG_LIVE_ODOO_URL", "AMBANG_LIVE_ODOO_DB", "AMBANG_LIVE_ODOO_KEY")


@pytest.fixture(params=["stand-in", "live"], scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("odoo")
    if request.param == "stand-in":
        with standing_in(folder) as house:
            yield house
        return
    missing = [name for name in NAMES if not os.environ.get(name)]
    if missing:
        pytest.skip(f"no live Odoo: {', '.join(missing)} not set")
    with live(folder) as house:
        yield house


def now() -> int:
    return int(time.time() * 1000)


def test_an_in_and_an_out_are_one_row(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    assert isinstance(odoo.push([punch(code, IN, at(8, 0, 0, 999))], now())[0], Stored)
    assert site.rows(code) == [(text(8), "")]
    (closed,) = odoo.push([punch(code, OUT, at(17, 0, 1, 1))], now())
    assert isinstance(closed, Stored)
    assert not closed.duplicate
    assert site.rows(code) == [(text(8), text(17, 0, 1))]


def test_an_event_that_comes_again_is_the_same_row(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    first, second = punch(code, IN, at(8)), punch(code, OUT, at(17))
    stored = [*odoo.push([first], now()), *odoo.push([second], now())]
    again = [*odoo.push([first], now()), *odoo.push([second], now())]
    assert [one.remote for one in stored if isinstance(one, Stored)] == [
        one.remote for one in again if isinstance(one, Stored) and one.duplicate
    ]
    assert site.rows(code) == [(text(8), text(17))]


def test_a_query_finds_what_is_stored_and_nothing_else(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    first, second, unknown = punch(code, IN, at(8)), punch(code, OUT, at(17)), punch("AMBNOBODY", IN, at(8))
    assert odoo.reconcile([first, second, unknown], now()) == dict.fromkeys(
        [first.event_id, second.event_id, unknown.event_id]
    )
    (stored,) = odoo.push([first], now())
    assert isinstance(stored, Stored)
    assert odoo.reconcile([first, second], now()) == {first.event_id: stored.remote, second.event_id: None}


def test_a_check_in_while_checked_in_needs_a_person(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    odoo.push([punch(code, IN, at(8))], now())
    late = punch(code, IN, at(20))
    assert odoo.push([late], now()) == (Rejected(late.event_id, Why.MISSING_CHECKOUT, "still_checked_in"),)
    assert site.rows(code) == [(text(8), "")]


def test_a_check_out_without_a_check_in_needs_a_person(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    out = punch(code, OUT, at(17))
    assert odoo.push([out], now()) == (Rejected(out.event_id, Why.MISSING_CHECKOUT, "not_checked_in"),)
    assert site.rows(code) == []


def test_a_late_check_in_before_an_open_row_needs_a_person(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    site.enter(code, text(13))
    late = punch(code, IN, at(8))
    assert odoo.push([late], now()) == (Rejected(late.event_id, Why.OVERLAP, "later_row_open"),)
    assert site.rows(code) == [(text(13), "")]


def test_a_late_pair_before_an_open_row_is_stored_as_one(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    site.enter(code, text(13))
    pair = [punch(code, IN, at(8)), punch(code, OUT, at(12))]
    results = odoo.push(pair, now())
    assert all(isinstance(one, Stored) for one in results)
    assert site.rows(code) == [(text(8), text(12)), (text(13), "")]
    again = odoo.push(pair, now())
    assert all(isinstance(one, Stored) and one.duplicate for one in again)
    assert len(site.rows(code)) == 2


def test_a_late_pair_that_runs_into_the_open_row_needs_a_person(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    site.enter(code, text(13))
    pair = [punch(code, IN, at(8)), punch(code, OUT, at(14))]
    rejected, waiting = odoo.push(pair, now())
    assert rejected == Rejected(pair[0].event_id, Why.OVERLAP, "later_row_open")
    assert waiting == Retry(pair[1].event_id, "waits_for_the_one_before")
    assert site.rows(code) == [(text(13), "")]


def test_both_ends_in_one_push_are_one_row(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    results = odoo.push([punch(code, IN, at(8)), punch(code, OUT, at(17))], now())
    assert all(isinstance(one, Stored) for one in results)
    assert site.rows(code) == [(text(8), text(17))]


def test_a_row_entered_by_hand_is_not_overlapped(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    site.enter(code, text(9), text(17))
    for one in (punch(code, IN, at(10)), punch(code, OUT, at(10))):
        assert odoo.push([one], now()) == (Rejected(one.event_id, Why.OVERLAP, "row_covers_it"),)
    assert isinstance(odoo.push([punch(code, IN, at(8))], now())[0], Stored)
    over = punch(code, OUT, at(18))
    assert odoo.push([over], now()) == (Rejected(over.event_id, Why.OVERLAP, "rows_in_between"),)
    assert site.rows(code) == [(text(8), ""), (text(9), text(17))]


def test_an_in_and_an_out_in_the_same_second_are_a_row_of_no_length(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    results = [odoo.push([punch(code, action, at(8, 0, 0, ms))], now())[0] for action, ms in ((IN, 100), (OUT, 900))]
    assert all(isinstance(one, Stored) and not one.duplicate for one in results)
    assert site.rows(code) == [(text(8), text(8))]


def test_an_out_and_the_next_in_may_share_a_second(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    for action, moment in ((IN, at(8)), (OUT, at(12)), (IN, at(12, 0, 0, 500)), (OUT, at(17))):
        assert isinstance(odoo.push([punch(code, action, moment)], now())[0], Stored)
    assert site.rows(code) == [(text(8), text(12)), (text(12), text(17))]


def test_two_check_ins_in_the_same_second_are_the_same(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    odoo.push([punch(code, IN, at(8, 0, 0, 100))], now())
    (second,) = odoo.push([punch(code, IN, at(8, 0, 0, 900))], now())
    assert isinstance(second, Stored)
    assert second.duplicate
    assert site.rows(code) == [(text(8), "")]


def test_nobody_is_checked_in_who_is_unknown_or_archived(site: Site) -> None:
    odoo = site.backend()
    gone, nobody = punch(site.hire(active=False), IN, at(8)), punch("AMBNOBODY", IN, at(8))
    assert odoo.push([gone], now()) == (Rejected(gone.event_id, Why.INACTIVE, "archived"),)
    assert odoo.push([nobody], now()) == (Rejected(nobody.event_id, Why.UNKNOWN_EMPLOYEE, "no_such_barcode"),)
    assert site.rows(gone.event.person) == []


def test_an_employee_who_is_archived_later_is_noticed_after_a_minute(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    begun = now()
    odoo.push([punch(code, IN, at(8))], begun)
    site.call("hr.employee", "write", ids=[site.id(code)], vals={"active": False})
    out = punch(code, OUT, at(17))
    assert odoo.push([out], begun + 60_000) == (Rejected(out.event_id, Why.INACTIVE, "archived"),)


def test_what_odoo_cannot_hold_is_a_task(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    clock = punch(code, IN, at(8)).event.clock
    other = uuid7(now(), bytes(10))
    one, two, three = (uuid7(now(), bytes([n] * 10)) for n in (1, 2, 3))
    correction = Correction(one, code, other, Action.OUT, at(8), clock, Method.FACE, "HQ")
    dispute, notice = (
        Dispute(two, code, other, at(8), clock, "HQ"),
        Notice(three, NoticeKind.ERASED, code, at(8), clock, ""),
    )
    cases = [
        (punch(code, Action.TRIP_LEAVE, at(8)), Why.NOT_HELD, "trip"),
        (punch(code, Action.BREAK_START, at(8)), Why.NOT_HELD, "action_not_mapped"),
        (Punch(1, correction), Why.NOT_HELD, "correction"),
        (Punch(1, dispute), Why.NOT_HELD, "dispute"),
        (punch(code, IN, at(8), method=Method.CLAIMED), Why.REVIEW, "claimed"),
        (punch(code, IN, at(8), clock=ClockState.UNSYNCED), Why.CLOCK_DOUBTFUL, "clock_never_set"),
    ]
    for one_punch, why, detail in cases:
        assert odoo.push([one_punch], now()) == (Rejected(one_punch.event_id, why, detail),)
    assert odoo.push([Punch(1, notice)], now()) == (Stored(three, ""),)
    assert site.rows(code) == []


def test_what_somebody_has_reviewed_is_stored(site: Site) -> None:
    code, odoo = site.hire(), site.backend()
    claimed = punch(code, IN, at(8), method=Method.CLAIMED, reviewed=True)
    assert isinstance(odoo.push([claimed], now())[0], Stored)
    assert site.rows(code) == [(text(8), "")]


def test_breaks_and_overtime_open_and_close_where_they_are_mapped(site: Site) -> None:
    code, odoo = site.hire(), site.backend(actions=Actions(break_start="out", break_end="in"))
    day = [
        (IN, 8), (Action.BREAK_START, 12), (Action.BREAK_END, 13), (OUT, 17),
        (Action.OVERTIME_START, 18), (Action.OVERTIME_END, 20),
    ]  # fmt: skip
    for action, hour in day:
        assert isinstance(odoo.push([punch(code, action, at(hour))], now())[0], Stored)
    assert site.rows(code) == [(text(8), text(12)), (text(13), text(17)), (text(18), text(20))]


def test_the_preflight_of_a_right_server_finds_nothing(site: Site) -> None:
    odoo = site.backend()
    assert odoo.preflight(now()).usable
    assert odoo.pull_policy(now()) is None


def test_a_wrong_key_and_a_wrong_database_are_named(site: Site, tmp_path: Path) -> None:
    code = site.hire()
    wrong = tmp_path / "wrong.key"
    wrong.touch(0o600)
    wrong.write_text("0123456789abcdef0123456789abcdef01234567")
    for odoo, detail in (
        (site.backend(credential=wrong), "http_401"),
        (site.backend(database="no_such_database"), "http_404"),
    ):
        with pytest.raises(BackendMisconfigured) as found:
            odoo.push([punch(code, IN, at(8))], now())
        assert found.value.detail == detail
        health = odoo.preflight(now())
        assert [one.code for one in health.remarks] == [detail]
        assert not health.usable
    assert site.rows(code) == []


def test_the_roster_has_everybody_with_a_barcode(site: Site) -> None:
    here, gone = site.hire(), site.hire(active=False)
    odoo = site.backend()
    parts, cursor = odoo.pull_roster("", now())
    assert all(part.full and part.parts == len(parts) for part in parts)
    people = {one.code: one for part in parts for one in part.people}
    assert people[here].standing is Standing.ACTIVE
    assert people[here].ref == str(site.id(here))
    assert people[gone].standing is Standing.LEFT
    assert odoo.pull_roster(cursor, now() + 1)[0] == ()
    site.call("hr.employee", "write", ids=[site.id(here)], vals={"active": False})
    changed, later = odoo.pull_roster(cursor, now() + 2)
    assert not any(part.full for part in changed)
    assert {one.code: one.standing for part in changed for one in part.people}[here] is Standing.LEFT
    assert changed[0].version > parts[0].version
    assert odoo.pull_roster(later, now() + 3)[0] == ()
