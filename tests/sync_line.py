"""A line to a server of ours, for the tests of the transport."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sync_house import Authority, Door, FakeHq

from sync.replies import Refusal
from sync.transport import NotDelivered, Transport

SECRET = b"EMPLOYEE-4711"
HEADERS = {"Content-Type": "application/json"}
HOSTS = frozenset({"127.0.0.1", "nowhere.invalid"})


@contextmanager
def serving(tmp_path: Path, context: ssl.SSLContext | None) -> Iterator[FakeHq]:
    hq = FakeHq(Door(tmp_path / "door"), context)
    hq.every_path = True
    hq.always = lambda _, call: call.answer("200 OK", b"{}")
    try:
        yield hq
    finally:
        hq.close()


def line(authority: Authority, *, total_s: float = 10.0, client: tuple[Path, Path] | None = None) -> Transport:
    certificate, key = client or authority.issue("door-1", [])
    return Transport(HOSTS, authority.pem, certificate, key, total_s)


def refused(sender: Transport, url: str, body: bytes = SECRET) -> Refusal:
    with pytest.raises(NotDelivered) as caught:
        sender.post(url, body, HEADERS)
    return caught.value.refusal
