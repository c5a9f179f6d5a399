"""What is taken from Odoo about people: what the door needs, and nothing else."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from odoo_site import Site, at, punch, standing_in
from odoo_stand_in import OdooStandIn, Reply, Trouble
from odoo_tables import FIELDS, PRIVATE

from sync.backends import odoo_records, odoo_roster
from sync.contract import BackendDown, BackendMisconfigured
from wire.event import Action
from wire.message import Entry, Standing

DAY_MS = 86_400_000


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


def everybody(site: Site, moment: int | None = None) -> dict[str, Entry]:
    parts, _ = site.backend().pull_roster("", now() if moment is None else moment)
    return {one.code: one for part in parts for one in part.people}


def test_nothing_but_what_the_door_needs_is_kept_of_a_person(site: Site) -> None:
    code = site.hire(name="Budi Santoso")
    of(site).tables.leaky = True
    parts, cursor = site.backend().pull_roster("", now())
    said = json.dumps([asdict(part) for part in parts], default=str) + cursor
    for planted in PRIVATE.values():
        assert str(planted) not in said
    assert parts[0].people == (Entry(str(site.id(code)), code, "Budi Santoso", Standing.ACTIVE),)


def test_only_six_fields_are_asked_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.hire()
    asked: list[object] = []
    call = of(site).tables.call

    def watched(
        model: str, method: str, ids: list[int], context: dict[str, object], arguments: dict[str, object]
    ) -> object:
        asked.append(arguments.get("fields"))
        return call(model, method, ids, context, arguments)

    monkeypatch.setattr(of(site).tables, "call", watched)
    site.backend().pull_roster("", now())
    assert asked == [None, *[["barcode", "name", "active", "write_date", "departure_date", "tz"]] * 2]


def test_a_field_that_this_version_does_not_have_is_left_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    code = site.hire()
    fewer = [one for one in FIELDS["hr.employee"] if one not in ("departure_date", "tz")]
    monkeypatch.setitem(FIELDS, "hr.employee", fewer)
    assert everybody(site)[code].standing is Standing.ACTIVE


def test_whoever_has_no_barcode_is_not_in_it(site: Site) -> None:
    code = site.hire()
    site.call("hr.employee", "create", vals_list=[{"name": "Somebody"}])
    assert list(everybody(site)) == [code]


def test_a_long_or_odd_name_takes_nobody_out(site: Site) -> None:
    names = [
        "a" * 200,
        "\u202eevil\u202c",
        "\u4eba" * 60,
        "  ",
        "tab\tin it",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") * 40,
    ]
    codes = [site.hire(name=name) for name in names]
    found = everybody(site)
    assert [found[code].name for code in codes] == [
        "a" * 64, "evil", "\u4eba" * 42, codes[3], "tabin it", "\U0001f600" * 32,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("last", "zone", "standing"),
    [
        ("2025-06-14", "Asia/Jakarta", Standing.LEFT),
        ("2025-06-15", "Asia/Jakarta", Standing.LEFT),  # there it is the 16th already
        ("2025-06-15", "America/New_York", Standing.ACTIVE),
        ("2025-06-15", "no/such/zone", Standing.ACTIVE),
        ("2025-06-15", "../../etc/passwd", Standing.ACTIVE),
        ("2025-06-16", "Asia/Jakarta", Standing.ACTIVE),
        (False, "Asia/Jakarta", Standing.ACTIVE),
    ],
)
def test_whoever_had_the_last_day_has_left(site: Site, last: object, zone: str, standing: Standing) -> None:
    code = site.hire(departure_date=last, tz=zone)
    moment = int(datetime(2025, 6, 15, 18, tzinfo=UTC).timestamp() * 1000)
    assert everybody(site, moment)[code].standing is standing


def test_many_people_come_in_pages_and_parts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odoo_roster, "PAGE", 3)
    monkeypatch.setattr(odoo_roster, "PEOPLE_LIMIT", 4)
    codes = {site.hire() for _ in range(10)}
    parts, _ = site.backend().pull_roster("", now())
    assert [(part.part, part.parts, len(part.people), part.full) for part in parts] == [
        (1, 3, 4, True), (2, 3, 4, True), (3, 3, 2, True),
    ]  # fmt: skip
    assert {one.code for part in parts for one in part.people} == codes
    assert len({part.version for part in parts}) == 1


def test_only_changes_follow_and_each_of_them_once(site: Site) -> None:
    odoo, begun = site.backend(), now()
    code = site.hire()
    parts, cursor = odoo.pull_roster("", begun)
    assert len(parts) == 1
    nothing, cursor = odoo.pull_roster(cursor, begun + 1)
    assert nothing == ()
    other = site.hire()
    (changed,), later = odoo.pull_roster(cursor, begun + 2)
    assert not changed.full
    assert other in {one.code for one in changed.people}
    assert odoo.pull_roster(later, begun + 3) == ((), later)
    assert changed.version > parts[0].version
    assert len(cursor) <= 128
    assert code not in cursor


def test_a_change_that_was_committed_late_is_not_missed(site: Site) -> None:
    """`write_date` is when a transaction began."""
    odoo, begun = site.backend(), now()
    site.hire()
    _, cursor = odoo.pull_roster("", begun)
    late = site.hire()
    of(site).tables.alter("UPDATE hr_employee SET write_date = datetime('now', '-10 minutes') WHERE barcode = ?", late)
    (changed,), _ = odoo.pull_roster(cursor, begun + 1)
    assert late in {one.code for one in changed.people}


def test_everybody_is_asked_for_once_a_day_and_versions_grow_with_a_clock_set_back(site: Site) -> None:
    odoo, begun = site.backend(), now()
    site.hire()
    (first,), cursor = odoo.pull_roster("", begun)
    (again,), cursor = odoo.pull_roster(cursor, begun + DAY_MS)
    assert again.full
    (back,), _ = odoo.pull_roster(cursor, begun - DAY_MS)
    assert back.full
    assert first.version < again.version < back.version


def test_an_empty_answer_takes_nobody_out(site: Site) -> None:
    assert site.backend().pull_roster("", now()) == ((), "")
    code = site.hire()
    _, cursor = site.backend().pull_roster("", now())
    of(site).tables.alter("UPDATE hr_employee SET barcode = NULL WHERE barcode = ?", code)
    assert site.backend().pull_roster(cursor, now() + DAY_MS) == ((), cursor)


def test_a_cursor_that_nobody_wrote_asks_for_everybody(site: Site) -> None:
    code = site.hire()
    for cursor in ("x", "1 2 3 4 5", "1 1 1 2026-13-01T00:00:00 a", "2 1 1 - a", " " * 4):
        (part,), _ = site.backend().pull_roster(cursor, now())
        assert part.full
        assert [one.code for one in part.people] == [code]


def page(*records: object) -> Reply:
    return Reply(200, json.dumps(records).encode())


PERSON = {"id": 7, "barcode": "A1", "name": "n", "active": True, "write_date": "2026-01-01 08:00:00"}
HOSTILE = {
    "the same person twice": page(PERSON, PERSON),
    "a code twice": page(PERSON, PERSON | {"id": 8}),
    "ids that go back": page(PERSON, PERSON | {"id": 3, "barcode": "B"}),
    "no id": page({**PERSON, "id": None}),
    "active is a word": page(PERSON | {"active": "yes"}),
    "a name that is a list": page(PERSON | {"name": ["n"]}),
    "a last day that is none": page(PERSON | {"departure_date": "2026-99-99"}),
    "a time that is none": page(PERSON | {"write_date": "yesterday"}),
    "no list": Reply(200, b'{"people": []}'),
    "a page": Reply(200, b"<html></html>", "text/html"),
    "a million rows": Reply(200, b"[" + b"{}," * 400_000 + b"{}]"),
    "an error": Reply(500, b"{}"),
    "a rule": Reply(422, b'{"name": "odoo.exceptions.UserError"}'),
}


@pytest.mark.parametrize("reply", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_roster_changes_nothing(site: Site, reply: Reply) -> None:
    of(site).troubles.append(Trouble("search_read", instead=reply))
    with pytest.raises(BackendDown):
        site.backend().pull_roster("", now())


def test_a_roster_without_end_is_cut_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odoo_roster, "PARTS_LIMIT", 1)
    monkeypatch.setattr(odoo_roster, "PEOPLE_LIMIT", 3)
    for _ in range(5):
        site.hire()
    with pytest.raises(BackendMisconfigured) as found:
        site.backend().pull_roster("", now())
    assert found.value.detail == "roster_too_large"


def test_people_are_remembered_for_a_minute_and_not_without_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odoo_records, "CACHE_SIZE", 2)
    odoo, begun = site.backend(), now()
    people = [site.hire() for _ in range(4)]
    for code in people:
        odoo.push([punch(code, Action.IN, at(8))], begun)
    assert list(odoo._records._known) == people[2:]
    asked = of(site).calls.count(("hr.employee", "search_read"))
    odoo.push([punch(people[3], Action.OUT, at(9))], begun + 59_000)
    assert of(site).calls.count(("hr.employee", "search_read")) == asked
    odoo.push([punch(people[3], Action.IN, at(10))], begun + 60_000)
    assert of(site).calls.count(("hr.employee", "search_read")) == asked + 1
