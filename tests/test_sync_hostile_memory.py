"""A real kiosk-sync, in a process of its own, grows by less than 32 MiB whatever a server pours into it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from chaos_programs import Crew, Ear, memory_kib, wait_for
from hostile_cases import CASES
from hostile_client import GREEDY
from hostile_hq import Act
from hostile_world import CODE, World, nothing_lost_doubled_or_leaked, world

CLIENT = Path(__file__).with_name("hostile_client.py")
LIMIT_KIB = 32 * 1024
FLOODS = (
    "infinite body", "infinite chunks", "gzip bomb", "deflate bomb", "huge headers", "20,000 x 100-continue",
    "JSON depth 200,000", "JSON depth 60,000",
)  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as one:
        yield one


def growth_kib(made: World, program: tuple[str, ...], floods: Sequence[str]) -> int:
    """By how much a daemon grows while each flood comes once, and everything is delivered all the same."""
    with closing(Crew()) as programs, closing(Ear(made.place)) as ear:
        command = (*program, "run", "--config", str(made.config))
        daemon = programs.script(*command, log=made.place / "log", NOTIFY_SOCKET=str(ear.path))
        assert ear.ready()
        made.door.check_in(3, code=CODE)  # the first delivery brings in what every delivery needs
        wait_for(lambda: made.door.unsettled() == 0)
        before, _ = memory_kib(daemon.pid)
        for name in floods:
            act = CASES[name].act
            assert callable(act)
            made.hq.script = [Act(name, reply=act)]
            made.door.check_in(3, code=CODE, local_every=1000)
            wait_for(lambda: made.door.unsettled() == 0)
        assert set(floods) <= made.hq.served.keys()
        _, most = memory_kib(daemon.pid)
        daemon.terminate()
        assert daemon.wait(20) == 0
    return most - before


def test_no_flood_makes_a_daemon_grow_by_32_mib(made: World, rounds: Callable[[int, int], int]) -> None:
    grown = growth_kib(made, ("-m", "sync"), FLOODS * rounds(1, 3))
    assert grown < LIMIT_KIB, f"grew by {grown} KiB"
    nothing_lost_doubled_or_leaked(made)


def test_the_measure_sees_a_client_that_reads_any_length(made: World) -> None:
    assert growth_kib(made, (str(CLIENT), GREEDY), ("infinite body",)) > LIMIT_KIB
