"""The surveyed place of a door goes into its report; no event has a place, nobody's way is kept (policy KK5, E26)."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hq_desk import deliver
from hq_site import Site, check_in, found, now_ms
from store_kit import check_in as at_the_door
from store_kit import enrolled, here, new_store
from test_wire_invitation import REPORT
from wire_samples import events

from hq import csv_export, doors, reports, words
from hq.attendance import EVERYTHING, attendance
from hq.devices import Device
from hq.facts import Fact, Form, read
from hq.office import Office, open_office
from kiosk import config
from kiosk.faults import Fault, FaultCode
from kiosk.store.telling import Telling
from sync.exchange import Exchange
from wire import canonical, checks, event, report
from wire.errors import FormatError

PLACE = "-6.2088, 106.8456"
DAY_MS = 86_400_000
GOOD = (PLACE, "90, 180", "-90,-180", "0.1234567, -0.1", "")
BAD = ("-6.2088", "91, 0", "0, 180.5", "nan, 0", "1e1, 0", "6 S, 106 E", "05, 1", "1, 2\n", " 1, 2", "-6.20881234, 1")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Site, Office]]:
    site = found(tmp_path)
    with closing(open_office(site.root)) as opened:
        yield site, opened


# the setting


def test_a_place_on_earth_has_one_spelling_and_nothing_else_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    for text in GOOD:
        file.write_text(f"[device]\nposition = {json.dumps(text)}\n")
        assert config.load(file).device.position == text
    for text in BAD:
        file.write_text(f"[device]\nposition = {json.dumps(text)}\n")
        with pytest.raises(Fault) as refused:
            config.load(file)
        assert refused.value.code is FaultCode.CONFIG_INVALID
        assert "device.position" in refused.value.detail
        with pytest.raises(ValueError, match="position"):
            checks.position(text)
    assert checks.degrees(PLACE) == (-6.2088, 106.8456)


# the report


def test_the_kiosk_tells_its_place_in_its_report_and_keeps_it_nowhere(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    person = enrolled(store)
    store.ledger.append(at_the_door(store), person)
    with closing(Exchange.create(tmp_path / "exchange.db")) as exchange:
        Telling(tmp_path / "certificates", PLACE).round(here(store), exchange)
        (asked,) = [row for row in exchange.requests(0, 9) if row.kind == "report"]
    assert report.decode_welfare(asked.body).position == PLACE
    store.close()
    for path in (tmp_path / "state").iterdir():
        assert b"106.8456" not in path.read_bytes()


# headquarters


def told(office: Office, device: str, position: str, at: int) -> None:
    assert REPORT.welfare is not None
    said = replace(REPORT, device=device, welfare=replace(REPORT.welfare, position=position))
    reports.receive(office, Device(device, said_key(office, device)), report.encode(said), at)


def said_key(office: Office, device: str) -> bytes:
    with office.engine.connect() as view:
        return bytes(view.exec_driver_sql("SELECT public FROM devices WHERE id = ?", (device,)).scalar_one())


def rows(office: Office) -> dict[str, dict[str, str]]:
    text = csv_export.table(attendance(office, EVERYTHING).lines)
    return {row["code"]: row for row in csv.DictReader(io.StringIO(text))}


def test_headquarters_tells_the_surveyed_place_of_the_door_of_each_check_in(office: tuple[Site, Office]) -> None:
    site, hq = office
    front, back = site.door("front", "Depan"), site.door("back", "Belakang")
    for door, person in ((front, "E-1"), (back, "E-2")):
        door.append(check_in(person))
        deliver(hq, door)
    told(hq, "front", "0, 0", now_ms() - 1_000)
    told(hq, "front", PLACE, now_ms())
    told(hq, "back", "", now_ms())
    found = rows(hq)
    assert (found["E-1"]["position"], found["E-2"]["position"]) == (f"'{PLACE}", "")
    known, _ = doors.look(hq, now_ms())
    facts = {door.id: door.report.facts for door in known if door.report is not None}
    place = Fact("position", Form.TEXT, PLACE)
    assert place in facts["front"]
    assert "position" not in {fact.key for fact in facts["back"]}
    for language in words.LANGUAGES:
        assert words.say(language, "report_position")
        assert words.fact(language, place, now_ms()) == PLACE


def test_no_event_has_a_place_and_headquarters_keeps_one_for_the_door_alone(office: tuple[Site, Office]) -> None:
    """Policy KK5: never a track of the person."""
    spelled = {name: json.loads(event.clear(one, "door-1")) for name, one in events().items()}
    allowed = {
        *("person", "clock", "site", "action", "method", "kind", "refers_to", "decided_at", "decision"),
        *("destination", "reason", "note", "reference", "cost_centre"),
    }
    for whole in spelled.values():
        assert set(whole["data"]) <= allowed
        assert not [value for value in leaves(whole) if isinstance(value, float)]
        for name in ("position", "latitude", "geo"):
            with pytest.raises(FormatError, match="unknown"):
                event.parse(canonical.encode(whole | {"data": whole["data"] | {name: PLACE}}))
    site, hq = office
    door = site.door("front")
    door.append(check_in("E-1"))
    deliver(hq, door)
    told(hq, "front", PLACE, now_ms())
    with hq.engine.connect() as view:
        tables = view.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        holding = [
            name
            for name in tables
            if any("106.8456" in str(row) for row in view.exec_driver_sql(f"SELECT * FROM {name}"))  # noqa: S608 - its own names
        ]
    assert holding == ["reports"]


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    return [value]


@pytest.mark.parametrize(("days", "worry"), [(0, False), (183, False), (184, True), (900, True)])
def test_a_system_that_went_six_months_without_an_update_stands_out_at_headquarters(*, days: int, worry: bool) -> None:
    """Policy E26: security updates within six months."""
    now = 2_000 * DAY_MS
    body = report.encode(replace(REPORT, system_updated=now - days * DAY_MS)).decode()
    (fact,) = [fact for fact in read(now, body).facts if fact.key == "system_updated"]
    assert (fact.value, fact.worry) == (now - days * DAY_MS, worry)
    unknown = report.encode(replace(REPORT, system_updated=None)).decode()
    assert "system_updated" not in {fact.key for fact in read(now, unknown).facts}
