"""The device at the screen: figures of the real parts, with what they were measured on, and no face and no name."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from assess_kit import DEWI
from device_kit import JOKO, Office, office
from pages_kit import Guest
from store_kit import CONSENT, HOUR, check_in, face

from kiosk.config import Recognition, Storage
from kiosk.evaluation.budget import Span
from kiosk.faults import FaultCode
from kiosk.flow.events import Instruction
from kiosk.pages.admin import device as pages
from kiosk.pages.admin.device_copies import Copies
from kiosk.pages.admin.device_seeing import Looked
from kiosk.pages.admin.device_speed import Speed
from kiosk.pages.admin.device_system import ClockPage
from kiosk.pages.admin.home import Home
from kiosk.pages.page import CameraGone, Measured, Official, Use
from kiosk.pages.sheet import Meter, Preview
from kiosk.rights import hardware
from kiosk.rights.hardware import Disk
from kiosk.store import local_log
from kiosk.store.acts import LocalKind
from kiosk.store.backup_manifest import Kind
from kiosk.vision import honesty
from kiosk.vision.bench import Bench, Timing
from kiosk.vision.honesty import Card, Counts
from kiosk.vision.known import default_directory, find

NAME, CODE = "Budi Santoso", "E-0417"
SPACE = find(default_directory(), "faceplugin").embedding_space


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path)


@pytest.fixture
def guest(at: Office) -> Guest:
    return at.technician().tap("device")


def known(guest: Guest) -> str:
    """Somebody with a face, who has just come in."""
    store = guest.store
    person = store.people.add(CODE, NAME, pin="482913")
    store.basis.enrol(person, CONSENT, [face(person, seed, 512, SPACE) for seed in (1, 2, 3)])
    store.ledger.append(check_in(store), person)
    return person


def test_no_page_of_the_device_shows_a_technician_a_face_a_name_or_a_code(guest: Guest) -> None:
    known(guest)
    seen = []
    for key in pages.PAGES:
        guest.tap(key)
        if guest.fault is None:
            seen.append(guest.texts)
            assert not any(isinstance(block, Preview) for block in guest.sheet.body), key
        guest.back()
    assert len(seen) >= len(pages.PAGES) - 1
    assert not re.search(f"{NAME}|Budi|{CODE}|{DEWI}|{JOKO}", "\n".join(seen))


def test_who_may_not_look_is_refused_before_anything_is_read(at: Office, guest: Guest) -> None:
    officer = Official(at.staff.officer, DEWI)
    for key in pages.PAGES:
        guest.begin(pages.Overview(()), officer).tap(key)
        assert key == "bench" or guest.fault is FaultCode.DESK_REFUSED, key
    guest.begin(Speed(), officer).tap("go")
    assert guest.fault is FaultCode.DESK_REFUSED
    assert "device" not in guest.begin(Home(), officer).keys


def test_the_overview_marks_what_needs_somebody(at: Office, guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(guest.page, pages.Overview)
    assert guest.page.warned == ("copies",), "nobody is named whom a backup could be sealed for"
    monkeypatch.setattr(hardware, "disk", lambda _: Disk(100, 10))
    assert at.technician().tap("device").page == pages.Overview(("storage", "copies"))
    monkeypatch.setattr(hardware, "disk", lambda _: None)
    monkeypatch.setattr(hardware, "temperature", lambda: 81.0)
    assert at.technician().tap("device").page == pages.Overview(("storage", "copies"))


def test_the_camera_is_measured_and_an_administrator_sees_the_mirror(at: Office, guest: Guest) -> None:
    guest.tap("camera")
    assert guest.uses[-1] is Use.PREVIEW
    guest.see(Measured(30.0, 0.60, Instruction.MORE_LIGHT))
    light, sharp = (block for block in guest.sheet.body if isinstance(block, Meter))
    assert (light.good, sharp.good) == (False, True)
    guest.see(Measured(120.0, 0.30, Instruction.HOLD_STILL))
    light, sharp = (block for block in guest.sheet.body if isinstance(block, Meter))
    assert (light.good, sharp.good) == (True, False)
    assert "0.30; at least 0.44" in guest.texts
    assert guest.watching is not None, "the same look goes on"
    guest.see(CameraGone())
    assert isinstance(guest.page, Looked)
    assert guest.sheet.warn
    at.admin().tap("device", "camera").see(Measured(120.0, 0.60, None))
    assert any(isinstance(block, Preview) for block in guest.sheet.body)


def card(guest: Guest, camera: str) -> Card:
    made = Card(
        made_on=date(2026, 11, 2),
        camera=camera,
        pack="faceplugin",
        files={"a.onnx": "00"},
        fused=False,
        rehearsal=False,
        attack=0.2,
        bona_fide=0.6,
        counts={"bona_fide": Counts(10, 9, 0, 1, 0, 0), "print": Counts(10, 1, 9, 0, 0, 0)},
    )
    (guest.config.data / honesty.FILE).write_text(honesty.text(made))
    return made


def test_the_self_test_is_shown_with_its_bounds_and_one_of_another_camera_says_so(guest: Guest) -> None:
    assert "not tested" in guest.tap("liveness").texts
    card(guest.back(), guest.config.camera.source)
    guest.tap("liveness")
    assert "taken for an attack 0 of 10 (0.0 to 30.8 %)" in guest.texts
    assert "taken for a person 1 of 10 (0.3 to 44.5 %)" in guest.texts
    assert not guest.sheet.warn
    card(guest.back(), "v4l:/dev/video9")
    assert guest.tap("liveness").sheet.warn
    card(guest.back(), guest.config.camera.source)
    file = guest.config.data / honesty.FILE
    file.write_text(file.read_text().replace('"rehearsal": false', '"rehearsal": true'))
    assert "not tested" in guest.tap("liveness").texts, "a rehearsal is no test"
    file.write_text("{")
    assert guest.back().tap("liveness").fault is FaultCode.CONFIG_INVALID


def test_the_budget_comes_from_the_people_of_this_door_and_promises_nothing_of_few(guest: Guest) -> None:
    known(guest)
    assert "Too few" in guest.tap("budget").texts
    assert "reach" not in guest.texts
    for number in range(40):
        person = guest.store.people.add(f"E-1{number:03}", f"Orang {number}")
        guest.store.basis.enrol(person, CONSENT, [face(person, 100 + number, 512, SPACE)])
    guest.back().tap("budget")
    assert "Expect one wrong person in" in guest.texts
    assert "With 95 % certainty it takes at least" in guest.texts
    assert "1640 comparisons" in guest.texts, "41 people, each with 40 others"
    assert "164 records a day on 365 days" in guest.texts


def test_a_rate_a_year_is_said_as_a_span() -> None:
    assert [Span.of(rate) for rate in (None, 0.0, 1e-9)] == [Span()] * 3
    assert Span.of(0.05) == Span(years=20.0)
    assert Span.of(1.0) == Span(years=1.0)
    assert Span.of(2.0) == Span(days=182.5)


def test_what_was_measured_stands_with_what_it_was_measured_on(at: Office, guest: Guest) -> None:
    whole = (Timing("detect", 40.0, 44.0, 10), Timing("whole", 120.0, 130.0, 10))
    bench = Bench("faceplugin", 100, whole, 8.3, 118.0, 1.5, 0.05, 300.0, (), (), ())
    guest.begin(Speed(bench, "Raspberry Pi 5", 4), Official(at.staff.technician, JOKO))
    assert "Raspberry Pi 5, 4 cores" in guest.texts
    assert "faceplugin, 100 people" in guest.texts
    assert guest.texts.index("From picture to decision") < guest.texts.index("Finding a face"), "the whole first"
    assert "1.5, on 4 cores" in guest.texts


def test_without_a_model_the_speed_is_a_fault_and_no_figure(guest: Guest, tmp_path: Path) -> None:
    guest.config = replace(guest.config, models=tmp_path / "nowhere", recognition=Recognition())
    guest.tap("bench", "go")
    assert guest.fault is FaultCode.MODEL_MISSING


@pytest.mark.long
def test_the_speed_is_measured_with_the_real_pack(guest: Guest) -> None:
    guest.tap("bench", "go")
    assert isinstance(guest.page, Speed)
    assert guest.page.found is not None
    assert guest.page.found.frames_per_s > 0


def test_storage_counts_and_names_the_anchors(guest: Guest) -> None:
    known(guest)
    guest.tap("storage")
    assert "1, 1 of them with a face" in guest.texts
    assert "records.db" in guest.texts
    assert "Anchor 1" in guest.texts
    assert "as new as the data" in guest.texts


def test_clock_and_versions_say_what_a_record_would_say(guest: Guest) -> None:
    guest.tap("clock")
    assert "set by a time server" in guest.texts
    assert "1 s" in guest.texts
    guest.back().tap("versions")
    assert "the memory card" in guest.texts, "a key beside the data is said to be weak"
    assert guest.store.device_id in guest.texts


def test_backups_say_what_is_late_and_that_the_key_of_the_drill_is_elsewhere(guest: Guest) -> None:
    assert "no backups" in guest.tap("copies").texts
    guest.config = replace(guest.config, storage=Storage(recipient="age1" + "q" * 58, onsite="copies"))
    guest.back().tap("copies")
    assert guest.page == Copies((Kind.OFFSITE, Kind.ONSITE), {}, (Kind.OFFSITE, Kind.ONSITE))
    assert "overdue" in guest.texts
    assert "--check" in guest.texts


def test_the_log_shows_the_last_acts_newest_first_also_of_the_month_before(at: Office, guest: Guest) -> None:
    store = guest.store
    store.append_local(LocalKind.SWEPT, {"damaged": 0})
    at.hands.move(24 * 30 * HOUR)
    for number in range(3):
        store.append_local(LocalKind.VIEWED, {"list": "people", "count": number})
    found = local_log.last(store, 4)
    assert [each.kind for each in found] == ["viewed", "viewed", "viewed", "swept"]
    assert [each.detail.get("count") for each in found[:3]] == [2, 1, 0]
    assert len(local_log.last(store, 1)) == 1
    assert "list looked at" in guest.tap("log").texts


def test_a_sensor_that_is_absent_or_mad_gives_no_temperature(tmp_path: Path) -> None:
    assert hardware.temperature(tmp_path / "none") is None
    for number, text in enumerate(("", "warm", "999000", "-70000", "47123")):
        zone = tmp_path / f"thermal_zone{number}"
        zone.mkdir()
        (zone / "temp").write_text(text)
    assert hardware.temperature(tmp_path) == 47.123
    model = tmp_path / "model"
    model.write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    assert hardware.machine((tmp_path / "none", model)) == "Raspberry Pi 5 Model B Rev 1.0"
    assert hardware.machine((), tmp_path / "none") == ""
    assert hardware.disk(tmp_path / "nowhere") is None


def test_an_uncertainty_is_said_in_a_unit_that_people_read(at: Office, guest: Guest) -> None:
    reading = guest.store.clock()
    visitor = Official(at.staff.technician, JOKO)
    for seconds, said in ((2, "2 s"), (600, "10 min"), (86_400, "24 hours")):
        clock = replace(reading.clock, uncertainty_s=seconds)
        assert said in guest.begin(ClockPage(reading.wall_ms, clock, None, 0), visitor).texts
