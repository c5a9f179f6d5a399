"""A full disk stops check-ins and nothing else: forgetting, settling and a clean end have room of their own."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_kit import check_in, enrolled, here, key_of, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, outbox, reserve
from kiosk.store.erasure import erase_face
from wire import checkpoint
from wire.signing import SigningKey

HQ = SigningKey.from_bytes(bytes(range(32)))
NAME = "ambang-hq/main"
MIB = 1024 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 16 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def store(disk: Path) -> Store:
    return new_store(disk / "state")


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return filler
    raise AssertionError("the disk did not fill")


def allocated(state: Path) -> int:
    return (state / reserve.FILE).stat().st_blocks * 512


def appended(store: Store, person: str, count: int = 400) -> FaultCode | None:
    """How check-ins end."""
    try:
        for _ in range(count):
            store.ledger.append(check_in(store), person)
    except Fault as fault:
        return fault.code
    return None


def test_the_reserve_is_really_allocated_and_made_once(disk: Path, store: Store) -> None:
    state = disk / "state"
    before = os.statvfs(disk).f_bavail
    assert reserve.keep(state)
    made = (state / reserve.FILE).stat()
    assert made.st_size == 4 * MIB
    assert allocated(state) >= 4 * MIB
    assert (before - os.statvfs(disk).f_bavail) * os.statvfs(disk).f_frsize >= 4 * MIB
    assert made.st_mode & 0o777 == 0o600
    assert reserve.keep(state)
    assert (state / reserve.FILE).stat().st_mtime_ns == made.st_mtime_ns
    store.close()


def test_no_reserve_is_begun_where_it_would_take_the_room_of_check_ins(disk: Path, store: Store) -> None:
    filler = fill(disk)
    os.truncate(filler, filler.stat().st_size - 5 * MIB)
    assert not reserve.keep(disk / "state")
    assert not (disk / "state" / reserve.FILE).exists()
    store.close()


def test_check_ins_stop_on_a_full_disk_and_leave_the_reserve_alone(disk: Path, store: Store) -> None:
    person = enrolled(store)
    reserve.keep(disk / "state")
    fill(disk)
    for _ in range(3):
        assert appended(store, person) is FaultCode.DISK_FULL
        assert allocated(disk / "state") >= 4 * MIB
    store.close()


def withdraw(store: Store, person: str) -> None:
    erase_face(store, person)
    assert store.templates.references() == []


def settle(store: Store, _person: str) -> None:
    size = store.ledger.size()
    outbox._keep(store, size, checkpoint.cosign(store.ledger.note(size), NAME, HQ))
    assert outbox.countersigned(store) == size
    assert outbox.undelivered(store) == 0


def end(store: Store, _person: str) -> None:
    store.ledger.checkpoint()


FORGETTING: dict[str, Callable[[Store, str], None]] = {
    "a withdrawal": withdraw,
    "a settlement": settle,
    "a closing checkpoint": end,
}


@pytest.mark.parametrize("act", FORGETTING)
def test_what_forgets_or_ends_finds_room_on_a_full_disk_and_check_ins_find_none_afterwards(
    disk: Path, store: Store, act: str
) -> None:
    state, person = disk / "state", enrolled(store)
    reserve.keep(state)
    fill(disk)
    assert appended(store, person) is FaultCode.DISK_FULL
    reserve.within(state, lambda: FORGETTING[act](store, person))
    assert not store.anchor.behind
    assert appended(store, person) is FaultCode.DISK_FULL
    assert allocated(state) > 3 * MIB
    store.ledger.verify()
    store.close()


def test_without_a_reserve_the_same_acts_fail(disk: Path, store: Store) -> None:
    person = enrolled(store)
    fill(disk)
    appended(store, person)
    with pytest.raises(Fault) as raised:
        reserve.within(disk / "state", lambda: withdraw(store, person))
    assert raised.value.code is FaultCode.DISK_FULL
    store.close()


def test_a_reserve_that_was_given_up_takes_the_first_room_there_is(disk: Path, store: Store) -> None:
    state, person = disk / "state", enrolled(store)
    reserve.keep(state)
    filler = fill(disk)
    (state / reserve.FILE).write_bytes(b"")  # as a power cut leaves it in the middle of an act
    eaten = state / "eaten by the act"
    eaten.write_bytes(bytes(MIB))
    assert not reserve.keep(state)
    assert 2 * MIB < allocated(state) <= 3 * MIB
    assert appended(store, person) is FaultCode.DISK_FULL
    os.truncate(filler, filler.stat().st_size - 3 * MIB)
    assert reserve.keep(state)
    assert appended(store, person, 20) is None
    store.close()


def test_a_fault_that_is_no_want_of_room_gives_nothing_up(disk: Path, store: Store) -> None:
    reserve.keep(disk / "state")
    calls = []

    def fails() -> None:
        calls.append(1)
        raise Fault(FaultCode.DISK_FAILED)

    with pytest.raises(Fault) as raised:
        reserve.within(disk / "state", fails)
    assert raised.value.code is FaultCode.DISK_FAILED
    assert len(calls) == 1
    assert allocated(disk / "state") >= 4 * MIB
    store.close()


def test_an_act_within_an_act_does_not_wait_for_itself(disk: Path, store: Store) -> None:
    state = disk / "state"
    reserve.keep(state)
    calls = []

    def full() -> None:
        calls.append(allocated(state))
        raise Fault(FaultCode.DISK_FULL)

    with pytest.raises(Fault):
        reserve.within(state, lambda: reserve.within(state, full))
    assert calls[0] >= 4 * MIB
    assert 0 in calls
    assert reserve.keep(state)
    store.close()


def test_nobody_lets_it_grow_back_while_an_act_needs_the_room(disk: Path, store: Store) -> None:
    state = disk / "state"
    reserve.keep(state)
    seen: list[bool] = []

    def act() -> None:
        if not seen:
            seen.append(reserve.keep(state))
            raise Fault(FaultCode.DISK_FULL)
        seen.append(reserve.keep(state))

    reserve.within(state, act)
    assert seen == [True, False]
    assert allocated(state) >= 4 * MIB
    store.close()


def test_closing_a_store_on_a_full_disk_signs_for_what_it_holds(disk: Path, store: Store) -> None:
    state, person = disk / "state", enrolled(store)
    reserve.keep(state)
    store.ledger.append(check_in(store), person)
    fill(disk)
    appended(store, person)
    size = store.ledger.size()
    store.close()
    again = Store.open(state, key_of(state))
    assert again.database.row("SELECT max(size) FROM checkpoints") == (size,)
    again.close()


def test_a_receipt_is_kept_on_a_full_disk(disk: Path, store: Store) -> None:
    state, person = disk / "state", enrolled(store)
    reserve.keep(state)
    exchange = outbox.begin_anew(disk.parent / "exchange.db")
    appended(store, person, 70)
    fill(disk)
    appended(store, person)
    size = store.ledger.size()
    exchange.inbox_add("receipt", checkpoint.cosign(store.ledger.note(size), NAME, HQ).encode())
    outbox.collect(here(store), exchange, {NAME: HQ.public})
    assert outbox.undelivered(store) == 0
    exchange.close()
    store.close()
