"""A kiosk-sync that is killed at each point of the protocol, and two at once: HQ has everything once."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from chaos_programs import Crew
from hostile_acts import honest
from hostile_client import FORGETFUL, POINTS
from hostile_hq import Act, Call, HostileHq
from hostile_world import CODE, World, nothing_lost_doubled_or_leaked, world
from sync_real import run

from sync.__main__ import main as kiosk_sync
from sync.exchange import Exchange

CLIENT = Path(__file__).with_name("hostile_client.py")
KILLED = -signal.SIGKILL


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as one:
        yield one


@pytest.fixture
def programs() -> Iterator[Crew]:
    with closing(Crew()) as started:
        yield started


def delivered_by_the_next(made: World) -> None:
    status, said, _ = run(kiosk_sync, "once", "--config", str(made.config))
    assert (status, said.split(",")[0]) == (0, "waiting 0")
    with closing(Exchange.open(made.door.path)) as exchange:
        assert exchange.countersigned() == made.door.seq
        assert [message.kind for message in exchange.inbox(0) if message.kind != "sending"] == ["receipt"]
    nothing_lost_doubled_or_leaked(made)


HEARD_AND_WAITING = {
    "before journal.send": (0, 4),
    "after journal.send": (0, 4),
    "after the reply was read": (1, 4),
    "before exchange.settle": (1, 4),
    "after exchange.settle": (1, 0),
    "after journal.finish": (1, 0),
}


@pytest.mark.parametrize("point", POINTS)
def test_a_client_that_is_killed_at_any_point_delivers_once(made: World, programs: Crew, point: str) -> None:
    made.door.check_in(5, code=CODE)
    command = (str(CLIENT), point, "run", "--config", str(made.config))
    victim = programs.script(*command, log=made.place / "log")
    assert victim.wait(30) == KILLED, (made.place / "log").read_text()
    heard = list(made.hq.bodies)
    assert (len(heard), made.door.unsettled()) == HEARD_AND_WAITING[point]
    delivered_by_the_next(made)
    assert len(set(made.hq.bodies)) == 1, "the same bytes, if any, went again"
    assert len(made.hq.bodies) == len(heard) + (point != "after journal.finish")


def killed_after_the_bytes_were_sent(made: World, programs: Crew, program: tuple[str, ...], *, stored: bool) -> None:
    made.door.check_in(5, code=CODE)

    def kill(hq: HostileHq, call: Call) -> None:
        if stored:
            hq.honest(call)
        victim.kill()
        victim.wait(20)

    made.hq.script = [Act("kill", reply=kill)]
    victim = programs.script(*program, "run", "--config", str(made.config), log=made.place / "log")
    assert victim.wait(30) == KILLED
    assert made.hq.ledger.ids() == (set(made.door.ids) if stored else set())
    delivered_by_the_next(made)
    assert len(made.hq.bodies) == 2


@pytest.mark.parametrize("stored", [False, True], ids=["before the commit", "after the commit"])
def test_a_client_that_is_killed_after_the_bytes_were_sent_delivers_once(
    made: World,
    programs: Crew,
    stored: bool,  # noqa: FBT001 - one parameter of a test
) -> None:
    killed_after_the_bytes_were_sent(made, programs, ("-m", "sync"), stored=stored)
    assert len(set(made.hq.bodies)) == 1


def test_the_bytes_show_a_client_that_sends_before_it_remembers(made: World, programs: Crew) -> None:
    killed_after_the_bytes_were_sent(made, programs, (str(CLIENT), FORGETFUL), stored=True)
    assert len(set(made.hq.bodies)) == 2


def test_a_batch_cut_off_while_it_is_sent_by_a_kill_arrives_once(made: World, programs: Crew) -> None:
    made.door.check_in(60, code=CODE)

    def kill(hq: HostileHq, raw: socket.socket) -> None:
        line = hq.context.wrap_socket(raw, server_side=True)
        if line.recv(1000).startswith(b"POST /v1/events:batch "):  # an errand may come first, on a line of its own
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait(20)
        line.close()

    made.hq.choose = lambda: Act("kill", entrance=kill)
    victim = programs.start("sync", "run", "--config", str(made.config), log=made.place / "log")
    assert victim.wait(30) == KILLED
    assert made.hq.bodies == []
    made.hq.choose = None
    delivered_by_the_next(made)


def test_two_daemons_at_once_with_a_journal_each_deliver_once(made: World, programs: Crew) -> None:
    """The lock is beside the journal; whoever gets round it with a second journal meets HQ's idempotency."""
    made.door.check_in(400, code=CODE)
    second = made.door.folder / "second.toml"
    second.write_text(made.config.read_text().replace('"sync.db"', '"second.db"'))

    def late(hq: HostileHq, call: Call) -> None:
        time.sleep(0.05)  # that they overlap
        honest(hq, call)

    made.hq.always = late
    both = [
        programs.start("sync", "run", "--config", str(config), log=made.place / "log")
        for config in (made.config, second)
    ]
    deadline = time.monotonic() + 60
    while made.door.unsettled():
        assert time.monotonic() < deadline
        assert [one.poll() for one in both] == [None, None], (made.place / "log").read_text()
        time.sleep(0.1)
    for one in both:
        one.terminate()
        assert one.wait(20) == 0
    assert made.hq.connections >= 2
    twice = made.hq.ledger.ask("SELECT count(*) - count(DISTINCT id) FROM events")[0][0]
    assert twice > 0, "they did meet"
    delivered_by_the_next(made)
