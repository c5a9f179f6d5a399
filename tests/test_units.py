"""The units hold the wall between faces and network; read here as text, and by systemd itself where it is installed."""

import os
import re
import shutil
import stat
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SYSTEMD = ROOT / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
NAMES = [unit.stem for unit in UNITS]
LASTING = ["ambang-display", "ambang-kiosk", "ambang-sync"]

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to the new users of a stage")


def settings(unit: str) -> dict[str, list[str]]:
    """Every setting of a unit with its values in order; "~" lists and repeated lines stay apart."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (SYSTEMD / f"{unit}.service").read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name].append(value)
    return found


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """An empty device with our units, the programs they start and the targets they name."""
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    for unit in (*UNITS, *SYSTEMD.glob("*.timer")):
        shutil.copy(unit, units)
    for target in ("sysinit", "basic", "shutdown", "network-online", "multi-user", "timers", "time-set", "time-sync"):
        (units / f"{target}.target").write_text("[Unit]\nDescription=stage\n")
    (units / "seatd.service").write_text("[Service]\nExecStart=/bin/sh\n")
    for program in ("opt/ambang/venv/bin/kiosk", "opt/ambang/venv/bin/kiosk-sync", "usr/bin/cage", "bin/sh"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / program).write_text("#!\n")
        (tmp_path / program).chmod(0o755)
    return tmp_path


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_there_is_a_unit_for_each_process() -> None:
    assert set(NAMES) == {"ambang-backup", *LASTING}


def test_the_process_with_faces_has_no_network() -> None:
    kiosk = settings("ambang-kiosk")
    assert kiosk["PrivateNetwork"] == ["yes"]
    assert kiosk["RestrictAddressFamilies"] == ["AF_UNIX AF_NETLINK"]
    assert kiosk["IPAddressDeny"] == ["any"]
    assert kiosk["IPAddressAllow"] == []
    assert "/var/lib/ambang/sync" in kiosk["InaccessiblePaths"][0]


def test_the_process_with_the_network_has_no_faces() -> None:
    sync = settings("ambang-sync")
    assert "/var/lib/ambang/state" in sync["InaccessiblePaths"][0]
    assert sync["PrivateDevices"] == ["yes"]
    assert sync["SupplementaryGroups"] == ["ambang"]
    assert sync["LoadCredential"] + sync["LoadCredentialEncrypted"] == []
    assert sync["IPAddressDeny"] == ["any"]
    assert sync["ReadWritePaths"] == ["/var/lib/ambang/sync /var/lib/ambang/exchange"]


def test_the_compositor_holds_no_secret() -> None:
    display = settings("ambang-display")
    assert display["PrivateNetwork"] == ["yes"]
    assert "/var/lib/ambang" in display["InaccessiblePaths"][0]
    assert "ambang" not in display["SupplementaryGroups"][0].split()
    assert display["LoadCredential"] + display["LoadCredentialEncrypted"] == []


def test_the_nightly_backup_has_the_kiosks_user_and_walls_and_no_camera() -> None:
    backup, kiosk = settings("ambang-backup"), settings("ambang-kiosk")
    assert backup["User"] == backup["Group"] == kiosk["User"]
    assert backup["Type"] == ["oneshot"]
    assert backup["PrivateDevices"] == ["yes"]
    assert backup["DeviceAllow"] == []
    own = {"ExecStart", "Type", "SupplementaryGroups", "Environment", "Restart", "RestartSec", "DeviceAllow"}
    own |= {"RuntimeDirectory", "RuntimeDirectoryMode", "Description", "WantedBy", "Wants", "PartOf", "After"}
    walls = {name: values for name, values in kiosk.items() if name not in own | {"StartLimitIntervalSec"}}
    assert {name: backup[name] for name in walls} == walls
    timer = (SYSTEMD / "ambang-backup.timer").read_text(encoding="utf-8")
    assert re.search(r"^OnCalendar=\*-\*-\* \d\d:\d\d:00$", timer, re.MULTILINE)
    assert "Persistent=yes" in timer


@pytest.mark.parametrize("unit", LASTING)
def test_no_unit_is_root_or_listens_or_stays_down(unit: str) -> None:
    found = settings(unit)
    assert found["User"] == found["Group"] == [unit.replace("ambang-", "kiosk-").replace("kiosk-kiosk", "kiosk")]
    assert found["SocketBindDeny"] == ["any"]
    assert found["CapabilityBoundingSet"] == [""]
    assert found["Restart"] == ["always"]
    assert found["StartLimitIntervalSec"] == ["0"]
    assert list(SYSTEMD.glob("*.socket")) == []


def test_the_kiosk_outlives_a_crash_of_the_compositor() -> None:
    kiosk = settings("ambang-kiosk")
    assert kiosk["Wants"] == kiosk["PartOf"] == kiosk["After"] == ["ambang-display.service"]
    assert kiosk["Requires"] + kiosk["BindsTo"] == []


def test_only_the_kiosk_may_copy_the_screen() -> None:
    joined = {unit: " ".join(settings(unit)["SupplementaryGroups"]).split() for unit in NAMES}
    assert [unit for unit, groups in joined.items() if "kiosk-display" in groups] == ["ambang-kiosk"]
    sysusers = (SYSTEMD / "sysusers.d/ambang.conf").read_text(encoding="utf-8")
    assert not re.search(r"^m ", sysusers, re.MULTILINE)


def test_every_user_and_every_writable_place_is_declared() -> None:
    users = re.findall(r"^u (\S+)", (SYSTEMD / "sysusers.d/ambang.conf").read_text(encoding="utf-8"), re.MULTILINE)
    places = re.findall(r"^d (\S+)", (SYSTEMD / "tmpfiles.d/ambang.conf").read_text(encoding="utf-8"), re.MULTILINE)
    for unit in NAMES:
        assert settings(unit)["User"][0] in users
        assert set(" ".join(settings(unit)["ReadWritePaths"]).split()) <= set(places)


@needs_systemd
def test_systemd_reads_every_unit_without_a_word(stage: Path) -> None:
    done = _run(
        "systemd-analyze",
        "verify",
        f"--root={stage}",
        "--man=no",
        *(unit.name for unit in (*UNITS, *SYSTEMD.glob("*.timer"))),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
def test_a_unit_whose_program_is_missing_is_noticed(stage: Path) -> None:
    (stage / "opt/ambang/venv/bin/kiosk-sync").unlink()
    done = _run("systemd-analyze", "verify", f"--root={stage}", "--man=no", "ambang-sync.service")
    assert done.returncode != 0


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=NAMES)
def test_every_unit_is_exposed_by_at_most_two_of_ten(unit: Path) -> None:
    done = _run("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(unit))
    assert done.returncode == 0, done.stdout


@needs_systemd
def test_an_open_unit_fails_the_same_gate(tmp_path: Path) -> None:
    unit = tmp_path / "open.service"
    unit.write_text("[Service]\nExecStart=/bin/true\n")
    done = _run("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(unit))
    assert done.returncode != 0


@needs_systemd
@needs_root
def test_two_users_can_share_the_exchange_and_nothing_else(stage: Path) -> None:
    made = _run("systemd-sysusers", f"--root={stage}", str(SYSTEMD / "sysusers.d/ambang.conf"))
    assert made.returncode == 0, made.stderr
    laid = _run("systemd-tmpfiles", f"--root={stage}", "--create", str(SYSTEMD / "tmpfiles.d/ambang.conf"))
    assert (laid.returncode, laid.stderr) == (0, "")
    users = _ids(stage / "etc/passwd")
    groups = _ids(stage / "etc/group")
    assert _owner(stage / "var/lib/ambang/state") == (users["kiosk"], groups["kiosk"], 0o700)
    assert _owner(stage / "var/lib/ambang/sync") == (users["kiosk-sync"], groups["kiosk-sync"], 0o700)
    assert _owner(stage / "var/lib/ambang/exchange") == (users["kiosk"], groups["ambang"], 0o2770)
    assert _owner(stage / "var/lib/ambang/offsite") == (users["kiosk"], groups["kiosk-sync"], 0o2750)
    assert _owner(stage / "var/lib/ambang/exchange/exchange.db") == (users["kiosk"], groups["ambang"], 0o660)


def _ids(table: Path) -> dict[str, int]:
    rows = (line.split(":") for line in table.read_text().splitlines())
    return {row[0]: int(row[2]) for row in rows}


def _owner(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)
