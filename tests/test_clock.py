"""A step of the wall clock is noticed against the clock that nobody can set, and an event never hides it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_kit import MORNING, key_of, new_store

from kiosk import clock
from kiosk.clock import STEP_MS, Bearings, Look, Step, Watch, boot_number, judge, stated
from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, timekeeping
from wire.event import ClockState

BOOT = "7d4f3c1e-5b2a-4c6d-8e9f-0a1b2c3d4e5f"
HOUR = 3_600_000
DAY_S = 86_400


@dataclass
class Device:
    """Clocks at the edge: time passes, somebody sets the wall clock, a server does."""

    now: Look = field(default_factory=lambda: Look(MORNING, 1_000_000, 1_000.0, BOOT, MORNING - 60_000))
    starts: int = 0

    def __call__(self) -> Look:
        return self.now

    def wait(self, ms: int) -> None:
        now = self.now
        self.now = replace(
            now, wall_ms=now.wall_ms + ms, boottime_ms=now.boottime_ms + ms, monotonic_s=now.monotonic_s + ms / 1000
        )

    def set_by_hand(self, by_ms: int) -> None:
        self.now = replace(self.now, wall_ms=self.now.wall_ms + by_ms)

    def set_by_server(self, by_ms: int) -> None:
        self.set_by_hand(by_ms)
        self.now = replace(self.now, set_at_ms=self.now.wall_ms)

    def restart(self) -> None:
        self.starts += 1
        boot_id = f"00000000-0000-4000-8000-{self.starts:012x}"
        self.now = replace(self.now, boottime_ms=9_000, boot_id=boot_id, set_at_ms=None)


@pytest.fixture
def device() -> Device:
    return Device()


def steps(watch: Watch) -> tuple[Step, ...]:
    return watch.remembered()[1]


def test_a_clock_that_a_server_has_set_is_synced_and_drifts_slowly(device: Device) -> None:
    watch = Watch("Asia/Jakarta", device)
    assert (watch().clock.state, watch().clock.uncertainty_s) == (ClockState.SYNCED, 1)
    device.wait(DAY_S * 1000)
    assert watch().clock.uncertainty_s == 5  # 50 millionths of a day
    assert steps(watch) == ()


def test_a_clock_that_nobody_has_set_since_the_start_may_be_a_day_wrong(device: Device) -> None:
    device.restart()
    reading = Watch("UTC", device)()
    assert (reading.clock.state, reading.clock.uncertainty_s) == (ClockState.UNSYNCED, DAY_S)


@pytest.mark.parametrize("by_ms", [-40 * HOUR, -HOUR, -2001, 2001, HOUR, 400 * 24 * HOUR])
def test_a_clock_set_by_hand_owns_up_to_it_until_a_server_sets_it(device: Device, by_ms: int) -> None:
    watch = Watch("UTC", device)
    watch()
    device.wait(5000)
    device.set_by_hand(by_ms)
    stepped = watch().clock
    assert steps(watch) == (Step(by_ms, by_server=False),)
    assert stepped.state is ClockState.STEPPED
    assert abs(by_ms) / 1000 <= stepped.uncertainty_s <= abs(by_ms) / 1000 + 2
    device.wait(HOUR)
    assert watch().clock.state is ClockState.STEPPED
    device.set_by_server(-by_ms)
    assert (watch().clock.state, watch().clock.uncertainty_s) == (ClockState.SYNCED, 1)
    assert steps(watch) == (Step(by_ms, by_server=False), Step(-by_ms, by_server=True))


def test_a_clock_that_was_never_set_and_then_stepped_may_be_wrong_by_both(device: Device) -> None:
    device.restart()
    watch = Watch("UTC", device)
    watch()
    device.set_by_hand(HOUR)
    assert (watch().clock.state, watch().clock.uncertainty_s) == (ClockState.STEPPED, DAY_S + 3600)


def test_the_first_time_a_server_sets_the_clock_is_a_step_that_a_server_made(device: Device) -> None:
    device.restart()
    watch = Watch("UTC", device)
    watch()
    device.set_by_server(3 * HOUR)
    assert watch().clock.state is ClockState.SYNCED
    assert steps(watch) == (Step(3 * HOUR, by_server=True),)


def test_a_server_that_found_little_to_correct_makes_no_step(device: Device) -> None:
    watch = Watch("UTC", device)
    watch()
    for _ in range(100):
        device.wait(HOUR)
        device.set_by_server(400)
        assert watch().clock.state is ClockState.SYNCED
    assert steps(watch) == ()


def test_many_small_steps_add_up(device: Device) -> None:
    watch = Watch("UTC", device)
    watch()
    for _ in range(9):
        device.wait(1000)
        device.set_by_hand(-500)
        watch()
    assert steps(watch) == (Step(-2500, by_server=False),)
    assert watch().clock.uncertainty_s >= 4


def test_a_step_that_is_taken_back_leaves_the_clock_as_good_as_before(device: Device) -> None:
    watch = Watch("UTC", device)
    watch()
    device.set_by_hand(HOUR)
    watch()
    device.set_by_hand(-HOUR)
    assert watch().clock.state is ClockState.SYNCED
    assert len(steps(watch)) == 2


def test_a_clock_that_shows_a_time_before_the_server_set_it_was_set_back(device: Device) -> None:
    device.set_by_hand(-HOUR)
    watch = Watch("UTC", device)
    assert watch().clock.state is ClockState.STEPPED
    assert steps(watch) == (Step(60_000 - HOUR, by_server=False),)


MOVES = st.tuples(
    st.sampled_from(["wait", "hand", "server", "restart"]),
    st.integers(-400 * 24 * HOUR, 400 * 24 * HOUR) | st.integers(-3000, 3000),
)


@given(st.lists(MOVES, max_size=30))
def test_no_wall_clock_is_ever_believed_more_than_it_deserves(moves: list[tuple[str, int]]) -> None:
    """The true time is known here: a stated time is never further from it than its uncertainty says."""
    device, true_offset, known = Device(), MORNING - 1_000_000, None
    wrong_by, was_set = 0, True
    for what, ms in [("wait", 0), *moves]:
        match what:
            case "wait":
                device.wait(abs(ms))
            case "hand":
                device.set_by_hand(ms)
                wrong_by += ms
            case "server":
                device.set_by_server(-wrong_by)
                wrong_by, was_set = 0, True
            case _:
                device.restart()
                true_offset, wrong_by, was_set = device.now.wall_ms - 9_000, 0, False
        known, step = judge(known, device.now)
        state, uncertainty = stated(known, device.now)
        truth = true_offset + device.now.boottime_ms
        assert abs(device.now.wall_ms - truth) == abs(wrong_by)
        assert abs(wrong_by) <= uncertainty * 1000
        assert (state is ClockState.STEPPED) == (abs(wrong_by) > STEP_MS)
        assert step is None or abs(step.by_ms) > STEP_MS
        assert state is not ClockState.SYNCED or was_set


@given(
    st.integers(0, 2**60 - 1),
    st.integers(-(2**52), 2**52),
    st.integers(0, 2**40) | st.none(),
    st.integers(-(2**52), 2**52),
)
def test_whatever_was_remembered_an_event_can_spell_what_is_stated(
    boot: int, offset: int, set_at: int | None, error: int
) -> None:
    for known in (Bearings(boot, offset, set_at, error), Bearings(boot_number(BOOT), offset, set_at, error)):
        _, uncertainty = stated(judge(known, Device().now)[0], Device().now)
        assert 0 <= uncertainty < 2**31


# -- in the store


def acts(store: Store) -> list[dict[str, str | int]]:
    found = [act for period in ("2026-11", "2026-12") for _, act in store.ledger.local_acts(period)]
    return [act["detail"] for act in found if act["kind"] == "clock_stepped"]


def opened(state: Path, device: Device) -> tuple[Store, Watch]:
    watch = Watch("UTC", device)
    return Store.open(state, key_of(state), clock=watch), watch


def test_a_step_becomes_an_entry_once_and_the_entry_owns_up_to_it(tmp_path: Path, device: Device) -> None:
    new_store(tmp_path / "state").close()
    store, watch = opened(tmp_path / "state", device)
    assert timekeeping.notice(store, watch) == 0
    device.set_by_hand(HOUR)
    assert timekeeping.notice(store, watch) == 1
    assert timekeeping.notice(store, watch) == 0
    assert acts(store) == [{"by_ms": HOUR, "by": "unknown"}]
    (told,) = [act for _, act in store.ledger.local_acts("2026-11") if act["kind"] == "clock_stepped"]
    assert told["clock"]["state"] == "stepped"
    device.set_by_server(-HOUR)
    assert timekeeping.notice(store, watch) == 1
    assert acts(store)[-1] == {"by_ms": -HOUR, "by": "server"}
    store.close()


@pytest.mark.parametrize("told", ["before", "after"])
def test_a_step_is_noticed_and_owned_up_to_across_a_restart_of_the_program(
    tmp_path: Path, device: Device, told: str
) -> None:
    new_store(tmp_path / "state").close()
    store, watch = opened(tmp_path / "state", device)
    timekeeping.notice(store, watch)
    if told == "before":
        device.set_by_hand(-HOUR)
        timekeeping.notice(store, watch)
    store.close()
    if told == "after":
        device.set_by_hand(-HOUR)
    device.wait(5000)
    store, watch = opened(tmp_path / "state", device)
    assert timekeeping.notice(store, watch) == (told == "after")
    assert acts(store) == [{"by_ms": -HOUR, "by": "unknown"}]
    assert watch().clock.state is ClockState.STEPPED
    store.close()


def test_after_a_restart_of_the_device_nothing_can_be_compared(tmp_path: Path, device: Device) -> None:
    new_store(tmp_path / "state").close()
    store, watch = opened(tmp_path / "state", device)
    timekeeping.notice(store, watch)
    store.close()
    device.restart()
    store, watch = opened(tmp_path / "state", device)
    assert timekeeping.notice(store, watch) == 0
    assert watch().clock.state is ClockState.UNSYNCED
    assert timekeeping.known(store) == watch.remembered()[0]
    store.close()


def test_a_step_that_could_not_be_written_down_is_written_down_later(
    tmp_path: Path, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_store(tmp_path / "state").close()
    store, watch = opened(tmp_path / "state", device)
    timekeeping.notice(store, watch)
    device.set_by_hand(HOUR)

    def full(*_anything: object) -> None:
        raise Fault(FaultCode.DISK_FULL)

    with monkeypatch.context() as patch:
        patch.setattr(store, "append_local", full)
        with pytest.raises(Fault):
            timekeeping.notice(store, watch)
    assert timekeeping.notice(store, watch) == 1
    store.close()


def test_a_look_costs_no_write_while_nothing_happens(tmp_path: Path, device: Device) -> None:
    new_store(tmp_path / "state").close()
    store, watch = opened(tmp_path / "state", device)
    timekeeping.notice(store, watch)
    statements: list[str] = []
    store.database._connection.set_trace_callback(statements.append)
    for _ in range(20):
        device.wait(1000)
        device.set_by_server(3)
        timekeeping.notice(store, watch)
    assert not [each for each in statements if each.startswith(("BEGIN", "INSERT"))]
    store.close()


# -- on real clocks

NOTICE = """
import json, pathlib, sys
from kiosk.clock import Watch
from kiosk.store import FileRootKey, Store, timekeeping
state, watch = pathlib.Path(sys.argv[1]), Watch("UTC")
store = Store.open(state, FileRootKey(state / "root.key"), clock=watch)
count = timekeeping.notice(store, watch)
print(json.dumps([count, watch().clock.state.value, watch().clock.uncertainty_s]))
store.close()
"""


def noticed(state: Path, *before: str) -> tuple[int, str, int]:
    environment = {**os.environ, "PYTHONPATH": str(Path(clock.__file__).parents[1])}
    command = [*before, sys.executable, "-c", NOTICE, str(state)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    count, state_of_clock, uncertainty = json.loads(done.stdout)
    return count, state_of_clock, uncertainty


def test_a_process_whose_clocks_really_part_notices_it_at_its_start(tmp_path: Path) -> None:
    """A time namespace moves CLOCK_BOOTTIME and leaves the wall clock: to a process inside, a step like any other."""
    unshare = shutil.which("unshare")
    apart = [str(unshare), "--time", "--boottime", "3600"]
    if unshare is None or subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no time namespace can be made here: it takes root and Linux 5.6")
    state = tmp_path / "state"
    Store.create(state, provider=key_of(state)).close()
    assert noticed(state)[0] == 0
    count, state_of_clock, uncertainty = noticed(state, *apart)
    assert (count, state_of_clock) == (1, "stepped")
    assert uncertainty >= 3600
    assert noticed(state, *apart)[:2] == (0, "stepped")


def test_both_clocks_of_this_computer_are_read_at_one_moment() -> None:
    first, second = clock.look_now(), clock.look_now()
    assert abs((second.wall_ms - second.boottime_ms) - (first.wall_ms - first.boottime_ms)) < STEP_MS
    assert clock.read("UTC").clock.boot_id == first.boot_id
