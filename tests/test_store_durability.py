"""What was said to be recorded is recorded: through a full disk, and a disk that fails."""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_kit import CONSENT, check_in, enrolled, face, key_of, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", place], check=True)


def fill_disk(place: Path) -> Path:
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 512, 1):
            while True:
                try:
                    if file.write(b"\0" * size) < size:
                        break
                except OSError:
                    break
    return filler


def fails_with(store: Store, person: str) -> FaultCode:
    """Append until it fails; whatever was returned before is kept."""
    with pytest.raises(Fault) as raised:
        append_many(store, person, 2000)
    return raised.value.code


def append_many(store: Store, person: str, count: int) -> None:
    for _ in range(count):
        store.ledger.append(check_in(store), person)


def test_a_full_disk_is_said_and_loses_nothing_and_the_same_store_goes_on_when_there_is_room(
    small_disk: Path,
) -> None:
    store = new_store(small_disk / "state")
    person = store.people.add("E-0417", "Budi Santoso")
    store.ledger.append(check_in(store), person)
    filler = fill_disk(small_disk)
    assert fails_with(store, person) is FaultCode.DISK_FULL
    size = store.ledger.size()
    for _ in range(3):
        assert fails_with(store, person) is FaultCode.DISK_FULL
    assert store.ledger.size() == size
    with pytest.raises(Fault) as raised:
        store.basis.enrol(person, CONSENT, [face(person, 1)])
    assert raised.value.code is FaultCode.DISK_FULL
    assert store.templates.references() == []
    filler.unlink()
    entry = store.ledger.append(check_in(store), person)
    assert entry.seq == size + 1
    store.basis.enrol(person, CONSENT, [face(person, 1)])
    assert len(store.templates.references()) == 1
    again = reopened(store)
    again.ledger.verify()
    again.close()


@pytest.mark.parametrize("room", [0, 4096, 8192, 65_536])
def test_a_store_is_not_begun_on_a_full_disk_and_leaves_nothing_in_the_way(small_disk: Path, room: int) -> None:
    filler = fill_disk(small_disk)
    os.truncate(filler, filler.stat().st_size - room)
    with pytest.raises(Fault) as raised:
        new_store(small_disk / "state")
    assert raised.value.code is FaultCode.DISK_FULL
    filler.unlink()
    store = new_store(small_disk / "state")
    assert store.people.all() == []
    store.close()


def test_closing_on_a_full_disk_still_closes(small_disk: Path) -> None:
    store = new_store(small_disk / "state")
    person = store.people.add("E-0417", "Budi Santoso")
    fill_disk(small_disk)
    fails_with(store, person)
    store.close()


@pytest.fixture
def file_limit() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def limit_files(size: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


@pytest.mark.usefixtures("file_limit")
def test_a_write_that_the_disk_refuses_is_said_and_undone_and_the_same_store_goes_on(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    person = enrolled(store)
    records = tmp_path / "state" / "records.db"
    before = records.stat().st_size
    limit_files(before)
    code = fails_with(store, person)
    limit_files(resource.RLIM_INFINITY)
    assert code is FaultCode.DISK_FAILED
    assert records.stat().st_size == before
    size = store.ledger.size()
    assert store.ledger.append(check_in(store), person).seq == size + 1
    again = reopened(store)
    again.ledger.verify()
    again.close()


@pytest.mark.parametrize("limit", [512, 4096, 12_288, 32_768, 65_536, 131_072, 163_840, 196_608, 1_000_000])
@pytest.mark.usefixtures("file_limit")
def test_an_enrolment_over_two_files_happens_whole_or_not_at_all(tmp_path: Path, limit: int) -> None:
    store = new_store(tmp_path / "state")
    person = store.people.add("E-0417", "Budi Santoso")
    references = [face(person, seed, 256) for seed in range(5)]
    store.templates.rotation(references[0].model, 256)
    size = store.ledger.size()
    limit_files(limit)
    code = None
    try:
        store.basis.enrol(person, CONSENT, references)
    except Fault as fault:
        code = fault.code
    limit_files(resource.RLIM_INFINITY)
    found = (len(store.templates.references()), store.people.get(person).has_face, store.ledger.size() - size)
    assert limit > 32_768 or code is FaultCode.DISK_FAILED
    assert limit < 1_000_000 or code is None
    if code is None:
        assert found == (5, True, 1)
    else:
        assert code is FaultCode.DISK_FAILED
        assert found == (0, False, 0)
        store.basis.enrol(person, CONSENT, references)
        assert len(store.templates.references()) == 5
    again = reopened(store)
    again.ledger.verify()
    again.close()


def test_a_disk_that_becomes_read_only_is_said(small_disk: Path) -> None:
    store = new_store(small_disk / "state")
    person = store.people.add("E-0417", "Budi Santoso")
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    store = Store.open(small_disk / "state", key_of(small_disk / "state"))
    assert store.people.get(person).name == "Budi Santoso"
    with pytest.raises(Fault) as raised:
        store.ledger.append(check_in(store), person)
    assert raised.value.code is FaultCode.DISK_FAILED
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    store.close()
