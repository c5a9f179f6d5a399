"""Where the line leads: registered hosts alone, by a name that proves itself, and within the deadline."""

import socket
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sync_house import Authority, server_context
from sync_line import HEADERS, SECRET, line, refused, serving

from sync.replies import Kind, Refusal
from sync.transport import Transport


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours")


ADDRESSES = ["https://localhost:{}", "http://127.0.0.1:{}", "https://u:p@127.0.0.1:{}", "https://127.0.0.2:{}", "x", ""]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_host_that_is_not_registered_is_refused_before_a_byte_leaves(
    tmp_path: Path, authority: Authority, address: str
) -> None:
    with (
        serving(tmp_path, server_context(authority.issue("server", ["127.0.0.1"]), None)) as hq,
        closing(line(authority)) as sender,
    ):
        assert refused(sender, address.format(hq.port)) == Refusal(Kind.CONFIG, "host_not_registered")
        assert hq.connections == 0


def test_nobody_there_and_an_unknown_name_are_outages(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with closing(line(authority)) as sender:
        assert refused(sender, f"https://127.0.0.1:{port}/") == Refusal(Kind.DOWN, "unreachable")
        assert refused(sender, "https://nowhere.invalid/") == Refusal(Kind.DOWN, "name_unknown")


def test_a_name_that_stands_only_in_the_common_name_proves_nothing(tmp_path: Path, authority: Authority) -> None:
    with serving(tmp_path, server_context(authority.issue("localhost", []), None)) as hq:
        certificate, key = authority.issue("door-1", [])
        with closing(Transport(frozenset({"localhost"}), authority.pem, certificate, key, 10.0)) as sender:
            assert refused(sender, f"https://localhost:{hq.port}/") == Refusal(Kind.CONFIG, "tls_wrong_host")
        assert hq.bodies == []


def test_a_resolver_that_hangs_is_not_waited_for(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        over.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    begun = time.monotonic()
    with closing(line(authority, total_s=0.5)) as sender:
        assert refused(sender, "https://nowhere.invalid/") == Refusal(Kind.DOWN, "deadline")
    assert time.monotonic() - begun < 3
    over.set()


def test_a_name_with_many_addresses_where_nobody_answers_is_cut(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        found = socket.getaddrinfo("127.0.0.1", full.getsockname()[1], type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found * 20)
        begun = time.monotonic()
        with closing(line(authority, total_s=0.7)) as sender:
            assert refused(sender, "https://nowhere.invalid/") == Refusal(Kind.DOWN, "deadline")
        assert time.monotonic() - begun < 3


def test_a_name_is_tried_at_each_of_its_addresses(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = socket.getaddrinfo("127.0.0.1", taken.getsockname()[1], type=socket.SOCK_STREAM)
    with (
        serving(tmp_path, server_context(authority.issue("server", ["127.0.0.1"]), None)) as hq,
        closing(line(authority)) as sender,
    ):
        open_one = socket.getaddrinfo("127.0.0.1", hq.port, type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: closed + open_one)
        assert sender.post(hq.url, SECRET, HEADERS).status == 200
