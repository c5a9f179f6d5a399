"""Who works there and when, as Frappe HR tells it: nothing more of a person is kept, and nobody leaves by mistake."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from frappe_desk import Reply, said
from frappe_kit import Place, place
from frappe_stand_in import Handler

from sync.contract import BackendDown
from wire import message
from wire.message import PEOPLE_LIMIT, Roster, Shift, Standing

PLANTED = {"religion": "PLANTED-RELIGION", "health_details": "PLANTED-HEALTH", "marital_status": "PLANTED-MARITAL"}
NOW = int(time.time() * 1000)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as found:
        yield found


def people(parts: tuple[Roster, ...]) -> dict[str, message.Entry]:
    return {entry.ref: entry for part in parts for entry in part.people}


def test_fields_that_nobody_needs_are_neither_asked_for_nor_kept(site: Place) -> None:
    site.employ("E-17", **PLANTED)

    def generous(_handler: Handler, act: Callable[[], Reply]) -> Reply:
        rows = [{**row, **PLANTED} for row in json.loads(act().body)["data"]]
        return said({"data": rows})

    site.server.faults.append(("GET", "/api/resource/Employee?", generous))
    backend = site.backend()
    parts, cursor = backend.pull_roster("", NOW)
    assert len(people(parts)) == 1
    sent = message.encode(message.Message("door-1", 0, NOW, parts[0]))
    asked = " ".join(path for verb, path, *_ in site.server.requests if verb == "GET")
    for planted in PLANTED.values():
        assert planted not in repr([asdict(part) for part in parts]) + cursor + repr(vars(backend))
        assert planted.encode() not in sent
    assert not [field for field in PLANTED if field in asked]


def test_each_status_has_its_standing_and_only_left_is_left(site: Place) -> None:
    names = {
        status: site.employ(f"E-{status}", status) for status in ("Active", "Inactive", "Suspended", "Left", "New")
    }
    over = site.employ("E-over", "Active", relieving_date="2020-01-31")
    found = people(site.backend().pull_roster("", NOW)[0])
    assert {status: found[name].standing for status, name in names.items()} == {
        "Active": Standing.ACTIVE,
        "Inactive": Standing.SUSPENDED,
        "Suspended": Standing.SUSPENDED,
        "Left": Standing.LEFT,
        "New": Standing.SUSPENDED,
    }
    assert found[over].standing is Standing.SUSPENDED


def test_a_code_is_the_device_id_or_else_the_name_of_the_employee(site: Place) -> None:
    with_code, without = site.employ("E-17", default_shift="Day"), site.employ(None)
    found = people(site.backend().pull_roster("", NOW)[0])
    assert (found[with_code].code, found[with_code].shift) == ("E-17", "Day")
    assert found[without].code == without


def test_two_thousand_people_come_in_pages_and_parts(site: Place) -> None:
    with site.server.base() as base:
        base.execute("BEGIN")
        base.executemany(
            'INSERT INTO "Employee" (name, employee_name, attendance_device_id, status, modified)'
            " VALUES (?, ?, ?, ?, ?)",
            [(f"HR-{n:05d}", f"Person {n}", f"C{n}", "Active", "2026-01-05 08:00:00.000001") for n in range(2_100)],
        )
        base.execute("COMMIT")
    base.close()
    parts, cursor = site.backend().pull_roster("", NOW)
    assert [(part.part, part.parts, len(part.people), part.full) for part in parts] == [
        (1, 2, PEOPLE_LIMIT, True),
        (2, 2, 2_100 - PEOPLE_LIMIT, True),
    ]
    assert len(people(parts)) == 2_100
    assert site.backend().pull_roster(cursor, NOW + 1) == ((), cursor)


def test_a_change_that_was_committed_late_is_found_by_the_overlap(site: Place) -> None:
    early, late = site.employ("E-1"), site.employ("E-2")
    backend = site.backend()
    _set_modified(site, early, "2026-01-05 08:00:00.000000")
    _set_modified(site, late, "2026-01-05 08:05:00.000000")
    _, cursor = backend.pull_roster("", NOW)
    assert backend.pull_roster(cursor, NOW) == ((), cursor)
    _set_modified(site, early, "2026-01-05 08:04:59.000000")  # before the latest that was seen
    changed, cursor = backend.pull_roster(cursor, NOW)
    assert early in people(changed)
    assert not changed[0].full
    assert backend.pull_roster(cursor, NOW) == ((), cursor)


def _set_modified(site: Place, name: str, modified: str) -> None:
    base = site.server.base()
    base.execute('UPDATE "Employee" SET modified = ? WHERE name = ?', (modified, name))
    base.close()


def test_versions_grow_although_the_clock_went_back(site: Place) -> None:
    name, backend = site.employ("E-17"), site.backend()
    first, cursor = backend.pull_roster("", NOW)
    site.change("Employee", name, status="Left")
    second, _ = backend.pull_roster(cursor, NOW - 86_400_000)
    assert second[0].version > first[0].version


def test_nobody_at_all_is_no_roster(site: Place) -> None:
    assert site.backend().pull_roster("", NOW) == ((), "")


def test_somebody_who_cannot_be_named_makes_nobody_leave(site: Place) -> None:
    name = site.employ("E-17")
    site.employ("E\u202e18")
    parts, _ = site.backend().pull_roster("", NOW)
    assert list(people(parts)) == [name]
    assert not parts[0].full


def test_a_damaged_cursor_asks_for_everybody(site: Place) -> None:
    site.employ("E-17")
    for cursor in ("x", "1 2026-99-99 08:00:00 0000000000000000"):
        try:
            parts, _ = site.backend().pull_roster(cursor, NOW)
        except BackendDown:
            continue
        assert parts[0].full


@pytest.mark.parametrize(
    "rows",
    [
        [{"name": "A", "modified": "2026-01-05 08:00:00"}] * 2,
        [{"name": "", "modified": "2026-01-05 08:00:00"}],
        [{"name": 7, "modified": "2026-01-05 08:00:00"}],
        [{"name": "A", "modified": "yesterday"}],
        [{"name": "A", "modified": "2026-01-05 08:00:00", "status": ["Active"]}],
        [{"name": f"{n}", "modified": "2026-01-05 08:00:00"} for n in range(500)],  # the same page without end
        ["A"],
        {"name": "A"},
        None,
    ],
)
def test_a_roster_that_makes_no_sense_changes_nothing(site: Place, rows: object) -> None:
    site.server.faults += [("GET", "/api/resource/Employee?", lambda _handler, _act: said({"data": rows}))] * 2
    with pytest.raises(BackendDown):
        site.backend().pull_roster("", NOW)


def test_a_shift_has_a_place_where_everybody_of_it_goes_to_the_same(site: Place) -> None:
    for name, begins, ends in (
        ("Day", "8:00:00", "17:00:00"),
        ("Night", "22:00:00", "6:00:00"),
        ("Odd", "x", "6:00:00"),
    ):
        site.make("Shift Type", name=name, start_time=begins, end_time=ends)
    for name, title in (("L1", "Front door"), ("L2", "Warehouse")):
        site.make("Shift Location", name=name, location_name=title)
    for shift, place_name in (("Day", "L1"), ("Day", "L1"), ("Night", "L1"), ("Night", "L2")):
        made = {"shift_type": shift, "shift_location": place_name, "status": "Active", "docstatus": 1}
        site.make("Shift Assignment", name=f"A{time.monotonic_ns()}", **made)
    policy = site.backend().pull_policy(NOW)
    assert policy is not None
    assert policy.shifts == (Shift("Day", "Day", 480, 1020, "Front door"), Shift("Night", "Night", 1320, 360, ""))


def test_a_site_without_shifts_has_no_policy(site: Place) -> None:
    assert site.backend().pull_policy(NOW) is None
