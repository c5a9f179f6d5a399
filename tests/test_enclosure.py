"""What is plugged into the device and whether its case was opened stands in the signed ledger (policy KK8)."""

from pathlib import Path

import pytest
from admin_kit import acts
from store_kit import new_store, reopened

from kiosk import words
from kiosk.rights import plain_text, quarter, quarter_measures, review_report
from kiosk.rights.company import Company
from kiosk.rights.machine import Machine
from kiosk.store import Store, enclosure
from kiosk.store.acts import LocalKind
from kiosk.store.enclosure import Seen, changes, look


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def plug(usb: Path, port: str, vendor: str = "046d", product: str = "c31c") -> None:
    place = usb / port
    place.mkdir(parents=True)
    (place / "idVendor").write_text(f"{vendor}\n")
    (place / "idProduct").write_text(f"{product}\n")


def pull(usb: Path, port: str) -> None:
    for file in (usb / port).iterdir():
        file.unlink()
    (usb / port).rmdir()


def said(store: Store) -> list[tuple[str, dict[str, str | int]]]:
    return [act for act in acts(store) if act[0] in ("usb_changed", "case_opened")]


def test_what_is_plugged_in_and_pulled_out_is_written_down(store: Store, tmp_path: Path) -> None:
    usb, hwmon = tmp_path / "usb", tmp_path / "hwmon"
    plug(usb, "usb1", "1d6b", "0002")
    (usb / "1-0:1.0").mkdir()  # an interface of a device is none of its own
    assert enclosure.notice(store, look(usb, hwmon)) == 0
    plug(usb, "1-1.2")
    assert enclosure.notice(store, look(usb, hwmon)) == 1
    assert enclosure.notice(store, look(usb, hwmon)) == 0
    pull(usb, "1-1.2")
    enclosure.notice(store, look(usb, hwmon))
    assert said(store) == [("usb_changed", {"added": 1, "removed": 0}), ("usb_changed", {"added": 0, "removed": 1})]


def test_what_was_changed_while_the_kiosk_was_off_is_noticed_at_its_start(store: Store, tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    plug(usb, "1-1")
    enclosure.notice(store, look(usb, tmp_path))
    pull(usb, "1-1")
    plug(usb, "1-1", product="beef")  # another one in the same place
    again = reopened(store)
    enclosure.notice(again, look(usb, tmp_path))
    assert said(again) == [("usb_changed", {"added": 1, "removed": 1})]


def test_an_opened_case_is_written_down_once(store: Store, tmp_path: Path) -> None:
    switch = tmp_path / "hwmon" / "hwmon0" / "intrusion0_alarm"
    switch.parent.mkdir(parents=True)
    for word in ("0", "1", "1", "0", "1"):
        switch.write_text(f"{word}\n")
        enclosure.notice(store, look(tmp_path / "usb", tmp_path / "hwmon"))
    assert said(store) == [("case_opened", {}), ("case_opened", {})]


def test_a_device_without_ports_or_switch_claims_nothing(store: Store, tmp_path: Path) -> None:
    seen = look(tmp_path / "no", tmp_path / "nothing")
    assert seen == Seen(frozenset(), None)
    enclosure.notice(store, seen)
    assert said(store) == []


def test_a_case_that_is_open_at_the_first_look_is_written_down() -> None:
    assert [change.kind for change in changes(None, Seen(frozenset(), open=True))] == [LocalKind.CASE_OPENED]
    assert changes(None, Seen(frozenset({"a"}), open=None)) == ()


def test_nothing_that_tells_one_device_of_a_model_from_another_is_kept(store: Store, tmp_path: Path) -> None:
    plug(tmp_path / "usb", "1-1", "18d1", "4ee7")
    (tmp_path / "usb" / "1-1" / "serial").write_text("RATNAS-PHONE\n")
    enclosure.notice(store, look(tmp_path / "usb", tmp_path))
    kept = store.database.rows("SELECT value FROM settings WHERE name LIKE 'enclosure/%'")
    assert kept
    assert not any("18d1" in value or "RATNA" in value for (value,) in kept)


def test_both_stand_among_what_may_be_an_attack_in_the_review_of_the_quarter(store: Store, tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    enclosure.notice(store, look(usb, tmp_path / "hwmon"))
    plug(usb, "1-1.2")
    enclosure.notice(store, look(usb, tmp_path / "hwmon"))
    store.append_local(LocalKind.CASE_OPENED, {})
    assert {LocalKind.USB_CHANGED, LocalKind.CASE_OPENED} <= set(quarter_measures.ATTACKS)
    now = store.now_ms()
    found = quarter_measures.look(store, Company(), quarter.of(now), Machine(now, "1.0", now))
    for language in words.LANGUAGES:
        shown = " ".join(plain_text.text(review_report.report(found, language)).split())
        for kind in ("usb_changed", "case_opened"):
            assert f"{words.say(language, f'measures.event.{kind}')} 1 " in shown
    quiet = quarter_measures.look(store, Company(), quarter.Quarter(2020, 1), Machine(now, "1.0", now))
    assert quiet.count(LocalKind.USB_CHANGED) == quiet.count(LocalKind.CASE_OPENED) == 0
