"""The measurements of HQ in short: nothing about time, everything about exactly once; and that they notice a loss."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from bench_drain import drain
from bench_hq import SHORT, Load, Sent, measure, prepare, read_options, verify
from hq_site import Site, found, now_ms
from pg_server import new_database
from sync_real import Programs

from hq.database import writing
from hq.devices import Peer
from hq.intake import receive
from hq.office import open_office


@pytest.fixture(params=("postgresql", pytest.param("sqlite", marks=pytest.mark.long)))
def where(request: pytest.FixtureRequest) -> str | None:
    return new_database(request)


@pytest.fixture
def programs() -> Iterator[Programs]:
    programs = Programs()
    yield programs
    programs.close()


def test_two_processes_of_hq_store_what_many_devices_send_once(tmp_path: Path, where: str | None) -> None:
    found = measure(tmp_path, where, read_options(SHORT))
    assert (found.events, found.batches, found.again) == (800, 40, 8)


def test_one_device_drains_what_waited_through_a_kill(tmp_path: Path, programs: Programs) -> None:
    assert drain(tmp_path, programs, 1000, kills=1).events == 1000


@pytest.fixture
def delivered(tmp_path: Path) -> tuple[Site, Load, Sent]:
    site = found(tmp_path)
    load = prepare(site.door("door"), 20, 10)
    ((serial,),) = site.rows("SELECT serial FROM certificates")
    with closing(open_office(site.root)) as office:
        peer = Peer("door", serial)
        replies = [receive(office, peer, body, f'"{key}"', now_ms()) for key, body in load.batches]
    return site, load, Sent(replies=replies)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM events WHERE seq = 7",
        "UPDATE events SET sealed = (SELECT sealed FROM events WHERE seq = 8) WHERE seq = 7",
        "UPDATE spine SET h = zeroblob(32) WHERE seq = 7",
        "UPDATE devices SET size = 19",
    ],
)
def test_the_measurement_notices_a_row_that_is_not_as_it_was_sent(
    delivered: tuple[Site, Load, Sent], change: str
) -> None:
    site, load, sent = delivered
    verify(site, [load], [sent])
    with closing(open_office(site.root)) as office, writing(office.engine) as work:
        work.exec_driver_sql(change)
    with pytest.raises((AssertionError, ValueError)):
        verify(site, [load], [sent])


def test_the_measurement_notices_a_receipt_that_never_came(delivered: tuple[Site, Load, Sent]) -> None:
    site, load, sent = delivered
    with pytest.raises(AssertionError):
        verify(site, [load], [Sent(replies=sent.replies[:1])])
