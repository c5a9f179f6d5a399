"""A restore that dies, or finds no room, leaves no store or a whole one; a second try works."""

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from backup_kit import config, identity_file, lived_in, opened
from process_kit import ending
from restore_kit import reopen, restored
from store_kit import check_in, close_all, new_store

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, erasure
from kiosk.store.backup import backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.restore import Newer

SCRIPT = Path(__file__).with_name("restore_crash.py")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "old").mkdir()
    return new_store(tmp_path / "old/state")


@pytest.fixture
def sealed(store: Store, tmp_path: Path) -> tuple[Path, Path]:
    """A backup, and the directory with the certificate of somebody who was erased since."""
    people = lived_in(store)
    path = backup(store, config(tmp_path / "old"), Kind.OFFSITE).path
    erasure.erase_person(store, people[0], hand_over=tmp_path / "handed.json")
    close_all()
    return path, tmp_path / "old/state/certificates"


def test_a_restore_that_dies_at_any_step_leaves_no_store_or_a_whole_one_and_can_be_done_again(
    sealed: tuple[Path, Path], tmp_path: Path
) -> None:
    command = [sys.executable, str(SCRIPT), str(sealed[0]), str(identity_file(tmp_path)), str(sealed[1])]
    died, left_whole, number = [], 0, 0
    with ending(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        while True:
            number += 1
            state = tmp_path / f"new-{number}/state"
            state.parent.mkdir()
            process.stdin.write(f"{number} {state}\n")
            process.stdin.flush()
            said = process.stdout.readline().split()
            if said == ["whole"]:
                break
            assert said[:1] == ["dead"], said
            died.append(said[1])
            whole = _whole(state)
            left_whole += whole
            if not whole:
                assert restored(sealed[0], state, Newer(erasures=[sealed[1]])).erased == 1
                _is_right(state)
        process.stdin.close()
    assert {"link", "fsync", "unlink", "_insist"} <= set(died)
    assert len(died) > 30
    assert 0 < left_whole < len(died)


def _whole(state: Path) -> bool:
    """Whether there is a store after the crash; if it opens, it is the right one."""
    if (state / "records.db").exists():
        _is_right(state)
        return True
    with pytest.raises(Fault) as raised:
        reopen(state)
    assert raised.value.code is FaultCode.STORE_MISSING
    return False


def _is_right(state: Path) -> None:
    again = reopen(state)
    assert [person.code for person in again.people.all()] == ["E-0001", "E-0002"]
    assert again.ledger.verify() == again.ledger.size()
    again.database.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield place
    close_all()
    subprocess.run(["umount", str(place)], check=True)


def _fill(place: Path, room: int) -> None:
    """Leave so many bytes free."""
    space = os.statvfs(place)
    (place / "filler").write_bytes(bytes(space.f_bavail * space.f_frsize - room))


def test_a_full_disk_in_the_middle_of_a_backup_leaves_nothing_half_and_the_door_goes_on(small_disk: Path) -> None:
    store = new_store(small_disk / "state")
    person = lived_in(store)[0]
    where = config(small_disk)
    full = 0
    for room in range(16_384, 700_000, 49_152):
        _fill(small_disk, room)
        if _full(store, where):
            full += 1
            assert not list(small_disk.rglob("*.age*"))
            assert not list((small_disk / "state/.backup").iterdir())
        (small_disk / "filler").unlink()
        store.ledger.append(check_in(store, code="E-0000"), person)
        for path in (small_disk / "offsite").glob("*.age"):
            path.unlink()
    assert full >= 3
    made = backup(store, where, Kind.OFFSITE)
    assert opened(made.path).rows("SELECT count(*) FROM spine") == [(made.manifest.size,)]


def _full(store: Store, where: Config) -> bool:
    try:
        backup(store, where, Kind.OFFSITE)
    except Fault as fault:
        if fault.code is FaultCode.DISK_FULL:
            return True
        raise
    return False


def test_a_restore_without_room_is_refused_before_anything_is_written(
    sealed: tuple[Path, Path], small_disk: Path
) -> None:
    _fill(small_disk, 300_000)
    with pytest.raises(Fault) as raised:
        restored(sealed[0], small_disk / "state")
    assert raised.value.code is FaultCode.DISK_FULL
    assert "the backup needs" in raised.value.detail
    assert list((small_disk / "state").iterdir()) == []


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the disk fails in the middle of one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fails_in_the_middle_of_a_restore_leaves_nothing_and_the_second_try_works(
    sealed: tuple[Path, Path], tmp_path: Path
) -> None:
    state = tmp_path / "new/state"
    state.parent.mkdir()
    with files_of_at_most(100_000), pytest.raises(Fault) as raised:
        restored(sealed[0], state)
    assert raised.value.code is FaultCode.DISK_FAILED
    assert list(state.iterdir()) == []
    assert restored(sealed[0], state).people == 3


def test_a_disk_that_fails_in_the_middle_of_a_backup_leaves_nothing(store: Store, tmp_path: Path) -> None:
    lived_in(store)
    for limit in (50_000, 150_000):
        with files_of_at_most(limit), pytest.raises(Fault) as raised:
            backup(store, config(tmp_path / "old"), Kind.OFFSITE)
        assert raised.value.code in (FaultCode.DISK_FAILED, FaultCode.DISK_FULL)
        assert not list((tmp_path / "old").rglob("*.age*"))
        assert not list((tmp_path / "old/state/.backup").iterdir())
    assert backup(store, config(tmp_path / "old"), Kind.OFFSITE).size > 150_000
