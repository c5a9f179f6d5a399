"""Who is expected now follows from the shifts that headquarters tells; nobody without one is ever left out."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roster_kit import UNSIGNED, changes, door, entry, whole
from store_kit import HOUR, Hands

from kiosk.__main__ import main
from kiosk.store.shifts import AROUND, Expected, expected, minute_of, runs
from wire.message import Policy, Shift

DAY = Shift("day", "Pagi", 480, 1020, "Jakarta")
NIGHT = Shift("night", "Malam", 1320, 360)


@pytest.mark.parametrize(
    ("shift", "minute", "holds"),
    [
        (DAY, 480, True),
        (DAY, 1019, True),
        (DAY, 480 - AROUND, True),
        (DAY, 480 - AROUND - 1, False),
        (DAY, 1020 + AROUND - 1, True),
        (DAY, 1020 + AROUND, False),
        (NIGHT, 1320, True),
        (NIGHT, 0, True),
        (NIGHT, 359, True),
        (NIGHT, 360 + AROUND, False),
        (NIGHT, 1320 - AROUND - 1, False),
        (replace(DAY, ends=480), 0, True),
    ],
)
def test_a_shift_runs_over_midnight_and_some_hours_around_it(shift: Shift, minute: int, holds: bool) -> None:  # noqa: FBT001
    assert runs(shift, minute) is holds


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_a_shift_runs_at_each_of_its_own_minutes(begins: int, ends: int, after: int) -> None:
    lasts = (ends - begins) % 1440 or 1440
    assert runs(Shift("s", "S", begins, ends), (begins + after % lasts) % 1440)


def test_whoever_has_no_shift_that_is_known_is_always_expected() -> None:
    of = {"a": "day", "b": "night", "c": "", "d": "unknown"}
    assert expected([DAY, NIGHT], of, 600) == frozenset({"a", "c", "d"})
    assert expected([DAY, NIGHT], of, 0) == frozenset({"b", "c", "d"})
    assert expected([], of, 600) is None, "without a policy everybody is"


def test_the_expected_follow_the_clock_of_the_door_the_policy_and_the_roster(tmp_path: Path) -> None:
    clock = Hands()  # 08:00 in Jakarta
    at = door(tmp_path, UNSIGNED, clock)
    who = Expected("Asia/Jakarta")
    assert minute_of(clock.wall_ms, "Asia/Jakarta") == 480
    at.live(whole(1, entry(1, shift="day"), entry(2, shift="night"), entry(3)))
    assert who.now(at.store) is None
    at.live(Policy(1, (DAY, NIGHT)))
    ids = {code: person.id for code, person in at.known().items()}
    assert who.now(at.store) == frozenset({ids["E-1"], ids["E-2"], ids["E-3"]}), "the night has ended two hours ago"
    clock.move(4 * HOUR)
    assert who.now(at.store) == frozenset({ids["E-1"], ids["E-3"]})
    clock.move(12 * HOUR)
    assert who.now(at.store) == frozenset({ids["E-2"], ids["E-3"]})
    at.live(changes(2, entry(2, shift="day")))
    assert who.now(at.store) == frozenset({ids["E-3"]})
    at.live(Policy(2, ()))
    assert who.now(at.store) is None


def test_the_shifts_are_shown_with_how_many_have_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = door(tmp_path, UNSIGNED)
    at.live(whole(1, entry(1, shift="day"), entry(2, shift="day"), entry(3)), Policy(1, (DAY, NIGHT)))
    at.store.close()
    assert main(["people", "shift", "--data", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["08:00-17:00", "Pagi", "2", "people", "Jakarta"],
        ["22:00-06:00", "Malam", "0", "people"],
    ]
    assert main(["people", "shift", "--data", str(tmp_path), "--code", "E-3"]) == 0
    assert capsys.readouterr().out == "No shift.\n"
    assert main(["device", "siblings", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "Headquarters has told of no other device.\n"
