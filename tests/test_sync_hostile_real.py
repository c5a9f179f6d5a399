"""The real HQ behind a hostile line, both ends killed -9 again and again: once and only once."""

import re
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from chaos import drained, lives
from chaos_line import FAULTS, HostileLine
from hostile_world import CODE
from sync_house import Door
from sync_real import Programs, RealHq

GROWTH_KIB = 32 * 1024
HQ_LIVES = 12
LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR) ambang\.sync [A-Za-z0-9_=,.: -]+\Z")


class Mortal(RealHq):
    """An HQ that is killed where it stands, and started again at the same port."""

    deaths = 0

    def die(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)
        self._process = None
        self.deaths += 1
        self.start()


@pytest.mark.timeout(2000)
def test_the_real_hq_has_everything_once_through_a_hostile_line_and_kills(
    tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    events = rounds(300, 10_000)
    with closing(Programs()) as programs:
        hq = Mortal(tmp_path / "hq", programs)
        door = Door(tmp_path / "door")
        hq.register(door)
        with closing(HostileLine(hq.port, seed=3, most_in_a_row=rounds(2, 6))) as line:
            config = hq.config(door, line.port)
            with lives(config, tmp_path / "sync.log", seed=3) as lived:

                def now_and_then() -> None:
                    if lived.count % HQ_LIVES == HQ_LIVES // 4:
                        hq.die()

                seconds = drained(door, lived, events, seed=3, each_life=now_and_then)
            sys.stdout.write(
                f"{events} events in {seconds:.0f} s: {lived.count} kills of sync, {hq.deaths} of HQ, {line.faults} on "
                f"{line.connections} connections, memory grew by {lived.grown_kib} KiB\n"
            )
        said = hq.export()
        log = (tmp_path / "sync.log").read_text()
        at_hq = hq.log.read_text()
    assert Counter(event["id"] for event in said["events"]) == Counter(door.ids)
    assert said["spine"] == {door.device: door.seq}
    assert said["refused"] == 0, "HQ has never heard anything but the truth"
    assert lived.grown_kib < GROWTH_KIB
    assert hq.deaths >= rounds(1, 10)
    assert len(line.faults) >= rounds(1, len(FAULTS))
    assert CODE not in log + at_hq
    assert [one for one in log.splitlines() if not LINE.match(one)] == []
