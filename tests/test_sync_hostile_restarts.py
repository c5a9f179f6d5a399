"""A restart is how a person says that something was repaired; one that is cut short has said it, too."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hostile_acts import says
from hostile_hq import Act
from hostile_world import CODE, Clockwork, World, nothing_lost_doubled_or_leaked, world

from sync.exchange import State


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as one:
        yield one


def refused(made: World) -> None:
    made.door.check_in(3, code=CODE)
    made.hq.script = [Act("401", reply=says("401 Unauthorized"))]


def goes_at_once(made: World) -> bool:
    with closing(Clockwork(made)) as day:
        while day.daemon.step():
            pass
        return day.waiting() == 0


def test_a_restart_that_is_killed_before_its_first_attempt_still_counts(made: World) -> None:
    refused(made)
    with closing(Clockwork(made)) as day:
        day.daemon.step()
        assert day.exchange.status().state is State.CONFIG
    with closing(Clockwork(made)):
        pass  # started, and killed before it did anything
    assert goes_at_once(made)
    nothing_lost_doubled_or_leaked(made)


def test_a_kill_between_the_schedule_and_the_banner_does_not_leave_a_pause_that_nobody_sees(made: World) -> None:
    refused(made)
    with closing(Clockwork(made)) as day:

        def power_cut(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        keep = day.journal.finish

        def finish_and_die(*given: object, **more: object) -> None:
            keep(*given, **more)  # type: ignore[arg-type]
            power_cut()

        day.journal.finish = finish_and_die  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            day.daemon.step()
        assert day.exchange.status().state is State.CONFIG, "the banner is there before the pause begins"
    assert goes_at_once(made)
    nothing_lost_doubled_or_leaked(made)


def test_an_attempt_that_a_kill_has_cut_off_is_not_told_as_the_next_one(made: World) -> None:
    made.door.check_in(3, code=CODE)
    with closing(Clockwork(made)) as day:

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        day.journal.finish = killed  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            day.daemon.step()
    with closing(Clockwork(made)) as day:
        day.daemon.step()
        told = [(ended is None, outcome) for _, _, ended, outcome in day.journal.attempts()]
    assert told == [(False, "receipted"), (True, "unknown")]
