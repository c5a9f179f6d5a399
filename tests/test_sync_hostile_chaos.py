"""A door, half of whose connections are hostile and whose sync is killed all the time, is delivered exactly once."""

import re
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from chaos import chaos
from hostile_world import CODE, nothing_lost_doubled_or_leaked, world

from sync.exchange import Exchange

GROWTH_KIB = 32 * 1024
LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR) ambang\.sync [A-Za-z0-9_=,.: -]+\Z")


@pytest.mark.timeout(2000)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_everything_arrives_once_through_chaos(tmp_path: Path, rounds: Callable[[int, int], int]) -> None:
    with world(tmp_path, seed=5) as made:
        figures = chaos(made, events=rounds(400, 10_000), seed=5, most_in_a_row=rounds(2, 6))
        sys.stdout.write(f"{figures}\n")
        nothing_lost_doubled_or_leaked(made)
        with closing(Exchange.open(made.door.path)) as exchange:
            assert exchange.countersigned() == made.door.seq
            assert exchange.unsettled().events == 0
        log = (made.place / "sync.log").read_text()
    assert figures.grown_kib < GROWTH_KIB
    assert figures.hostile > figures.connections // 5
    assert figures.kinds >= rounds(3, 30)
    assert figures.lives >= rounds(8, 100)
    assert CODE not in log
    assert [line for line in log.splitlines() if not LINE.match(line)] == []
