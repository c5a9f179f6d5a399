"""A time that no server had set is set right from the same boot, and never claimed more exactly than it is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from store_kit import HOUR, MORNING

from kiosk.store.times import Corrected, Moment, corrected
from wire.event import Clock, ClockState

BOOT, OTHER = "7d4f3c1e-5b2a-4c6d-8e9f-0a1b2c3d4e5f", "00000000-0000-4000-8000-000000000002"
DAY = 24 * HOUR
UNSET = 86_400


def moment(wall_ms: int, boottime_ms: int, state: ClockState, uncertainty_s: int, boot: str = BOOT) -> Moment:
    return Moment(wall_ms, Clock("Asia/Jakarta", boottime_ms, boot, state, uncertainty_s))


EARLY = moment(0, 60_000, ClockState.UNSYNCED, UNSET)  # a clock without a battery begins in 1970
STATES = st.sampled_from(ClockState)
MOMENTS = st.builds(
    moment,
    st.integers(0, 2 * MORNING),
    st.integers(0, 400 * DAY),
    STATES,
    st.integers(0, 2**31 - 1),
    st.sampled_from([BOOT, OTHER]),
)


def test_a_check_in_before_the_first_server_is_put_where_it_belongs() -> None:
    later = moment(MORNING, 60_000 + HOUR, ClockState.SYNCED, 1)
    assert corrected(EARLY, [later]) == Corrected(MORNING - HOUR, 3, later)


def test_nothing_is_said_across_a_restart() -> None:
    later = moment(MORNING, 60_000 + HOUR, ClockState.SYNCED, 1, OTHER)
    assert corrected(EARLY, [later]) == Corrected(0, UNSET, None)


def test_a_clock_that_nobody_has_set_corrects_nothing() -> None:
    for state in (ClockState.UNSYNCED, ClockState.STEPPED):
        assert corrected(EARLY, [moment(MORNING, 120_000, state, 1)]).by is None


def test_the_reading_that_leaves_the_least_uncertainty_counts() -> None:
    near = moment(MORNING, 120_000, ClockState.SYNCED, 5)
    far = moment(MORNING + 10 * DAY, 120_000 + 10 * DAY, ClockState.SYNCED, 1)  # 44 s of drift
    assert corrected(EARLY, [far, near]).by == corrected(EARLY, [near, far]).by == near


def test_a_small_step_is_known_better_than_a_distant_reading_tells() -> None:
    stepped = moment(MORNING + 3000, 60_000, ClockState.STEPPED, 4)
    far = moment(MORNING + 10 * DAY, 60_000 + 10 * DAY, ClockState.SYNCED, 1)
    assert corrected(stepped, [far]).by is None
    near = moment(MORNING + 60_000, 120_000, ClockState.SYNCED, 1)
    assert corrected(stepped, [far, near]) == Corrected(MORNING, 3, near)


@given(MOMENTS, st.lists(MOMENTS, max_size=4))
def test_what_a_server_has_set_is_never_touched_and_no_time_gets_worse(one: Moment, readings: list[Moment]) -> None:
    found = corrected(one, readings)
    assert found.uncertainty_s <= one.clock.uncertainty_s
    if one.clock.state is ClockState.SYNCED:
        assert found == Corrected(one.wall_ms, one.clock.uncertainty_s, None)
    if found.by is not None:
        assert found.by in readings
        assert (found.by.clock.state, found.by.clock.boot_id) == (ClockState.SYNCED, one.clock.boot_id)
        assert found.wall_ms - found.by.wall_ms == one.clock.boottime_ms - found.by.clock.boottime_ms


@given(
    happened_ms=st.integers(0, 30 * DAY),
    looks=st.lists(st.tuples(st.integers(0, 60 * DAY), st.integers(0, 30), st.floats(-1, 1)), min_size=1, max_size=4),
    drift_ppm=st.floats(-50, 50),
    slewed_ms=st.integers(-399, 399),
    slewed_at=st.integers(0, 60 * DAY),
    wrong_by=st.integers(-MORNING, MORNING),
)
def test_the_true_time_lies_within_the_uncertainty(  # noqa: PLR0913 - a small world
    *,
    happened_ms: int,
    looks: list[tuple[int, int, float]],
    drift_ppm: float,
    slewed_ms: int,
    slewed_at: int,
    wrong_by: int,
) -> None:
    """A boot at MORNING; its crystal drifts, and a server once moves the clock without a step."""

    def boottime(since_ms: int) -> int:
        return max(0, int(since_ms * (1 + drift_ppm / 1_000_000)) + (slewed_ms if since_ms >= slewed_at else 0))

    one = moment(MORNING + happened_ms + wrong_by, boottime(happened_ms), ClockState.UNSYNCED, 2**31 - 1)
    readings = [
        moment(MORNING + at + int(error * 1000 * within), boottime(at), ClockState.SYNCED, within)
        for at, within, error in looks
    ]
    found = corrected(one, readings)
    assert found.by is not None
    assert abs(found.wall_ms - (MORNING + happened_ms)) <= found.uncertainty_s * 1000


def test_a_reading_before_the_moment_serves_as_well() -> None:
    before = moment(MORNING, 10_000, ClockState.SYNCED, 1)
    assert corrected(replace(EARLY, wall_ms=5), [before]) == Corrected(MORNING + 50_000, 3, before)
