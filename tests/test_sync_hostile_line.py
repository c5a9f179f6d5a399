"""A line that spoils, stalls or cuts what passes, one fault at a time: an outage, never a matter for a person."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from chaos_line import Fate, HostileLine
from hostile_hq import NAME
from hostile_world import CODE, Clockwork, nothing_lost_doubled_or_leaked, world
from sync_house import write_config

from sync.exchange import State

INTO_THE_BATCH = 6000  # bytes; after the handshake, before the end


class OneFault(HostileLine):
    """The first connection has this fault, the others none."""

    def __init__(self, target: int, fate: Fate) -> None:
        self._first = fate
        super().__init__(target, 1, 0)

    def _fate(self) -> Fate:
        return self._first if self.connections == 1 else Fate("", 0, 0.0)


@contextmanager
def behind(place: Path, fate: Fate) -> Iterator[Clockwork]:
    with world(place) as made, closing(OneFault(made.hq.port, fate)) as line:
        url = f"https://127.0.0.1:{line.port}"
        made.config = write_config(made.door, url, NAME, made.hq.public, made.authority.pem, *made.client)
        with closing(Clockwork(made, total_s=1.5)) as day:
            yield day


@pytest.mark.parametrize("fault", ["spoil", "reset up", "end up", "stall up", "reset down", "end down"])
def test_a_fault_of_the_line_is_an_outage_and_everything_arrives_once(tmp_path: Path, fault: str) -> None:
    after = INTO_THE_BATCH if "down" not in fault else 2500
    with behind(tmp_path, Fate(fault, after, 0.0)) as day:
        made = day.world
        made.door.check_in(60, code=CODE)
        day.daemon.step()
        assert (day.exchange.status().state, day.waiting()) == (State.OFFLINE, 48), day.exchange.status()
        day.pass_by(5)
        assert day.waiting() == 0
        nothing_lost_doubled_or_leaked(made)
