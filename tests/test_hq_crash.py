"""HQ dies at its worst moments, or the device does; what was sent ends up stored exactly once."""

import signal
import socket
import ssl
import time
from pathlib import Path

import httpx
import pytest
from hq_site import Door, Site, broken, check_in, found, running
from pg_server import POSTGRESQL_WITH_LONG, new_database

from wire import batch as batches
from wire import receipt
from wire.batch import Batch


@pytest.fixture(params=POSTGRESQL_WITH_LONG)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return found(tmp_path, new_database(request))


@pytest.fixture
def door(site: Site) -> Door:
    return filled(site, "door")


def filled(site: Site, name: str) -> Door:
    door = site.door(name)
    for number in range(50):
        door.append(check_in(f"E-{number}"))
    return door


def rows_of(site: Site) -> int:
    ((number,),) = site.rows("SELECT count(*) FROM events")
    return int(number)


def is_stored_once(site: Site, door: Door, batch: Batch) -> None:
    answer = site.send(door, batch)
    signed, _ = receipt.read_reply(answer.content, site.name, site.public, door.key.public)
    sent = [item.event.event_id for item in batch.events]
    assert list(signed.acked) == sent
    assert [row["id"] for row in site.events_of(door)] == sent


@pytest.mark.parametrize(("breakage", "kept"), [("die-after-commit", 50), ("die-before-commit", 0)])
def test_a_kill_around_the_commit_ends_in_exactly_once(site: Site, door: Door, breakage: str, kept: int) -> None:
    batch = door.batch()
    with running(site, program=broken(breakage)) as process:
        with pytest.raises(httpx.TransportError):
            site.send(door, batch)
        assert process.wait(10) == -signal.SIGKILL
    assert rows_of(site) == kept
    with running(site):
        is_stored_once(site, door, batch)


def test_a_kill_the_moment_the_rows_are_there_ends_in_exactly_once(site: Site, door: Door) -> None:
    batch = door.batch()
    with running(site) as process:
        client = _send_and_do_not_wait(site, door, batch)
        deadline = time.monotonic() + 20
        while not rows_of(site):
            assert time.monotonic() < deadline
        process.kill()
        client.close()
    assert rows_of(site) == 50
    with running(site):
        is_stored_once(site, door, batch)


def test_a_device_that_hangs_up_after_sending_and_sends_again_is_stored_once(site: Site) -> None:
    pauses = (0.0, 0.01, 0.03, 0.1)
    with running(site):
        for number, pause in enumerate(pauses, 1):
            door = filled(site, f"door-{number}")
            batch = door.batch()
            client = _send_and_do_not_wait(site, door, batch)
            time.sleep(pause)
            client.close()
            is_stored_once(site, door, batch)
            assert rows_of(site) == 50 * number


def test_a_batch_cut_off_half_way_leaves_nothing(site: Site, door: Door) -> None:
    batch = door.batch()
    with running(site):
        client = _send_and_do_not_wait(site, door, batch, share=0.5)
        client.close()
        assert rows_of(site) == 0
        is_stored_once(site, door, batch)


def _send_and_do_not_wait(site: Site, door: Door, batch: Batch, share: float = 1.0) -> ssl.SSLSocket:
    url = httpx.URL(site.url)
    body = batches.encode(batch)
    head = (
        f"POST /v1/events:batch HTTP/1.1\r\nHost: {url.host}\r\nContent-Type: application/json\r\n"
        f'Idempotency-Key: "{batch.batch}"\r\nContent-Length: {len(body)}\r\n\r\n'
    )
    plain = socket.create_connection((url.host, url.port or 0), timeout=10)
    connection = site.context(door).wrap_socket(plain, server_hostname=url.host)
    connection.sendall(head.encode() + body[: int(len(body) * share)])
    return connection
