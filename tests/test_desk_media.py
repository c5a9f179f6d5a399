"""E23: a register of removable media and laptops; evidence and backups go to no other, nor to one that has run out."""

import json
import time
from pathlib import Path

import pytest
from admin_kit import GOOD, RATNA
from backup_kit import RECIPIENT
from desk_people_kit import OFFICER, SARI, Shell, closed, manned
from store_kit import MORNING, Hands

from kiosk.faults import Fault, FaultCode
from kiosk.rights import dates, media
from kiosk.rights.media import Medium, MediumKind
from kiosk.store import papers
from kiosk.store.papers import PaperKind

UNTIL = MORNING + 30 * dates.DAY_MS


def stick(until: int = UNTIL) -> Medium:
    return media.new(MediumKind.STICK, "SN-4711", "Red stick, safe 2", "LUKS2", "DPO-2026-9", until)


@pytest.fixture
def plugged(tmp_path: Path) -> Path:
    place = tmp_path / "stick"
    place.mkdir()
    return place


def test_a_registered_medium_is_known_by_its_mark(tmp_path: Path, plugged: Path) -> None:
    store, _, officer = manned(tmp_path / "data" / "state")
    found = media.register(store, stick(), officer, plugged)
    assert media.need(store, found, plugged).medium.serial == "SN-4711"
    (paper,) = papers.find(store, PaperKind.MEDIUM)
    assert (paper.state, paper.due_at) == ("registered", UNTIL)
    assert "SN-4711" not in (plugged / media.MARK).read_text()


def test_nothing_is_written_to_a_medium_that_is_unknown_withdrawn_expired_or_another(
    tmp_path: Path, plugged: Path
) -> None:
    clock = Hands()
    store, admin, officer = manned(tmp_path / "data" / "state", clock)

    def why(medium: str, place: Path) -> str:
        with pytest.raises(Fault) as refused:
            media.need(store, medium, place)
        assert refused.value.code is FaultCode.OUTPUT_REFUSED
        return refused.value.detail

    found = media.register(store, stick(), officer, plugged)
    assert "not registered" in why("0123456789abcdef", plugged)
    other = tmp_path / "other"
    other.mkdir()
    assert "another medium" in why(found, other)
    for forged in (
        b"",
        b"{}",
        b"\xff",
        json.dumps({"format": media.FORMAT, "medium": found, "token": "00" * 16}).encode(),
    ):
        (other / media.MARK).write_bytes(forged)
        assert "another medium" in why(found, other)
    second = media.register(store, stick(), officer)
    assert "another medium" in why(second, plugged)
    clock.move(UNTIL - MORNING - 1)
    media.need(store, found, plugged)
    clock.move(1)
    assert "run out" in why(found, plugged)
    third = media.register(store, stick(UNTIL + 5), officer, plugged)
    media.withdraw(store, third, admin)
    assert "withdrawn" in why(third, plugged)
    with pytest.raises(Fault):
        media.withdraw(store, third, admin)


def test_only_the_officer_registers_encrypted_media_and_for_a_year_at_most(tmp_path: Path, plugged: Path) -> None:
    store, admin, officer = manned(tmp_path / "data" / "state")
    with pytest.raises(Fault):
        media.register(store, stick(), admin, plugged)
    for until in (MORNING, MORNING + 2 * dates.YEAR_MS):
        with pytest.raises(Fault):
            media.register(store, stick(until), officer, plugged)
    with pytest.raises(Fault) as bare:
        media.new(MediumKind.STICK, "SN-4711", "Red stick", "", "DPO-2026-9", UNTIL)
    assert "encryption" in bare.value.detail
    for place in (tmp_path / "data", tmp_path / "data" / "state", tmp_path / "missing"):
        with pytest.raises(Fault):
            media.register(store, stick(), officer, place)
    assert media.listed(store) == ()
    assert list(plugged.iterdir()) == []


def test_a_mark_that_cannot_be_written_leaves_no_line_in_the_register(
    tmp_path: Path, plugged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _, officer = manned(tmp_path / "data" / "state")

    def full(*_: object) -> None:
        raise Fault(FaultCode.DISK_FULL)

    monkeypatch.setattr(media, "replace_file", full)
    with pytest.raises(Fault):
        media.register(store, stick(), officer, plugged)
    assert media.listed(store) == ()


def test_a_backup_goes_to_no_removable_medium_but_a_registered_one(tmp_path: Path, plugged: Path) -> None:
    clock = Hands()
    store, _, officer = manned(tmp_path / "data" / "state", clock)
    media.fit_for_backup(store, plugged, removable=False)
    with pytest.raises(Fault, match="not registered"):
        media.fit_for_backup(store, plugged, removable=True)
    media.register(store, stick(), officer, plugged)
    media.fit_for_backup(store, plugged, removable=True)
    clock.move(UNTIL - MORNING)
    for removable in (True, False):
        with pytest.raises(Fault, match="run out"):
            media.fit_for_backup(store, plugged, removable=removable)


def test_whether_a_directory_can_be_pulled_out_is_read_from_the_kernel(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    devices, disk = tmp_path / "block", tmp_path / "devices" / "sda"
    (disk / "sda1").mkdir(parents=True)
    devices.mkdir()
    (devices / f"{device >> 8 & 0xFFF}:{device & 0xFF}").symlink_to(disk / "sda1")
    assert media.is_removable(tmp_path, devices) is False
    for flag, expected in (("1\n", True), ("0\n", False)):
        (disk / "removable").write_text(flag)
        assert media.is_removable(tmp_path, devices) is expected
    assert media.is_removable(tmp_path / "missing", devices) is False


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    (tmp_path / "data").mkdir()
    return Shell(tmp_path / "data", monkeypatch, capsys)


def test_the_register_at_a_shell_and_a_backup_to_what_was_withdrawn(shell: Shell, plugged: Path) -> None:
    closed(manned(shell.data / "state")[0])
    add = ("privacy", "media", "add", "--kind", "stick", "--serial", "SN-4711", "--label", "Red stick", "--at", plugged)
    more = ("--encrypted-with", "LUKS2", "--reference", "DPO-9", "--by")
    assert "for dpo" in shell(*add, *more, RATNA, "--until", "2027-03-31", typed=(GOOD,), code=2)[1]
    assert "is no day" in shell(*add, *more, SARI, "--until", "31.3.2027", code=2)[1]
    medium = shell.asked(*add, *more, SARI, "--until", _in_a_month(), typed=(OFFICER,))["medium"]
    (shell.data / "kiosk.toml").write_text(f'[storage]\nrecipient = "{RECIPIENT}"\nonsite = "{plugged}"\n')
    shell("store", "backup", "--onsite")
    assert "Red stick (SN-4711)" in shell("privacy", "media", "list", "--by", SARI, typed=(OFFICER,))[0]
    shell("privacy", "media", "withdraw", "--medium", medium, "--by", RATNA, typed=(GOOD,))
    assert "the medium: withdrawn" in shell("store", "backup", "--onsite", code=2)[1]
    assert "withdrawn" in shell("privacy", "media", "list", "--by", SARI, typed=(OFFICER,))[0]


def _in_a_month() -> str:
    return dates.day(round(time.time() * 1000) + 30 * dates.DAY_MS)  # commands read the real clock
