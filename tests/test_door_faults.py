"""What the world can break, and what the door does then: PIN goes on, or OutOfService says so; no row is lost."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from running_kiosk import LANGUAGE, furnished, recorded, running, says, unplugged

from kiosk import words
from kiosk.faults import Fault, FaultCode
from kiosk.vision.camera import Camera


class Silent:
    """A camera that opens and never delivers."""

    def read(self, timeout_s: float) -> None:
        raise Fault(FaultCode.CAMERA_LOST, f"nothing in {timeout_s} s")

    def close(self) -> None:
        return


def test_without_a_model_the_pin_works_under_a_banner(tmp_path: Path) -> None:
    config = furnished(tmp_path, models=tmp_path / "nothing")
    with running(config, unplugged) as scene:
        scene.until(lambda: words.say(LANGUAGE, "banner.model") in scene.texts())
        scene.check_in_by_pin()
    assert len(recorded(config)) == 1


@pytest.mark.parametrize("camera", [unplugged, Silent])
def test_a_camera_that_never_delivers_leaves_the_pin_under_a_banner(tmp_path: Path, camera: type[Camera]) -> None:
    config = furnished(tmp_path)
    with running(config, camera) as scene:
        banners = {words.say(LANGUAGE, "banner.camera"), words.say(LANGUAGE, "banner.model")}
        scene.until(lambda: bool(banners & set(scene.texts())), within_s=4)
        scene.check_in_by_pin()
    assert len(recorded(config)) == 1


def test_the_door_shows_the_time_of_its_own_zone_whatever_the_system_s_is(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    with running(replace(config, device=replace(config.device, zone="Pacific/Kiritimati")), unplugged) as scene:
        assert scene.kiosk.door._wall().utcoffset() == timedelta(hours=14)


def test_a_key_that_others_could_read_is_out_of_service_until_it_is_repaired(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    key = config.state / "root.key"
    key.chmod(0o444)
    with running(config, unplugged) as scene:
        says(scene, FaultCode.KEY_UNREADABLE)
        key.chmod(0o400)
        scene.wait_for("idle")
        scene.check_in_by_pin()
    assert len(recorded(config)) == 1


def overwrite(path: Path, content: bytes, start: int = 0) -> None:
    """Change a file in place, as a failing card does it."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


def test_a_database_that_is_damaged_at_the_start_is_out_of_service_until_it_is_repaired(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    records = config.state / "records.db"
    whole = records.read_bytes()
    overwrite(records, b"\x5a" * (len(whole) - 4096), start=4096)
    with running(config, unplugged) as scene:
        says(scene, FaultCode.STORE_DAMAGED)
        overwrite(records, whole)
        scene.wait_for("idle")
        scene.check_in_by_pin()
    assert len(recorded(config)) == 1


def test_a_database_that_is_overwritten_between_two_check_ins_is_out_of_service(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    records = config.state / "records.db"
    with running(config, unplugged) as scene:
        scene.check_in_by_pin()
        whole = records.read_bytes()
        scene.touch("action.out")
        scene.wait_for("pin")
        overwrite(records, b"\x5a" * len(whole))
        says(scene, FaultCode.STORE_FOREIGN)
        overwrite(records, whole)
        scene.wait_for("idle")
        scene.touch("action.out")
        scene.type_pin()
        scene.wait_for("recorded")
    assert [event.action.value for event in recorded(config)] == ["in", "out"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MiB."""
    where = tmp_path / "disk"
    where.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(where)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small file system can only be mounted by root")
    yield where
    subprocess.run(["umount", str(where)], check=True)


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            return ballast


def test_a_disk_that_is_full_at_the_moment_of_saving_is_out_of_service(small_disk: Path) -> None:
    config = furnished(small_disk)
    with running(config, unplugged) as scene:
        scene.check_in_by_pin()
        scene.touch("action.out")
        scene.wait_for("pin")
        ballast = fill(small_disk)
        scene.type_pin()
        says(scene, FaultCode.DISK_FULL)
        ballast.unlink()
        scene.wait_for("idle")
        scene.touch("action.out")
        scene.type_pin()
        scene.wait_for("recorded")
    assert [event.action.value for event in recorded(config)] == ["in", "out"]


def test_a_store_that_is_gone_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    away = tmp_path / "away"
    shutil.move(config.state / "records.db", away)
    with running(config, unplugged) as scene:
        says(scene, FaultCode.STORE_MISSING)
        assert not (config.state / "records.db").exists()
        shutil.move(away, config.state / "records.db")
        scene.wait_for("idle")
        scene.check_in_by_pin()
    assert len(recorded(config)) == 1
