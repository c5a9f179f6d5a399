"""The line to HQ: what cannot prove itself gets no byte of a body, and nothing holds it longer than the deadline."""

import resource
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sync_house import Authority, Behaviour, Call, FakeHq, reset, server_context
from sync_line import HEADERS, HOSTS, SECRET, line, refused, serving

from sync import transport
from sync.replies import Kind, Refusal
from sync.tls_key import make_request
from sync.transport import NotDelivered, Transport


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours")


def _ours(authority: Authority, _: Authority) -> tuple[Path, Path]:
    return authority.issue("server", ["127.0.0.1"])


CERTIFICATES: dict[str, tuple[Callable[[Authority, Authority], tuple[Path, Path]], str]] = {
    "of another authority": (lambda _, other: other.issue("server", ["127.0.0.1"]), "tls_untrusted"),
    "for another host": (lambda ours, _: ours.issue("server", ["hq.example"]), "tls_wrong_host"),
    "without any host": (lambda ours, _: ours.issue("127.0.0.1", []), "tls_wrong_host"),
    "expired": (
        lambda ours, _: ours.issue("server", ["127.0.0.1"], begins=timedelta(-9), ends=timedelta(-2)),
        "tls_expired",
    ),
    "not yet valid": (lambda ours, _: ours.issue("server", ["127.0.0.1"], begins=timedelta(2)), "tls_not_yet_valid"),
}


@pytest.mark.parametrize(("issue", "detail"), CERTIFICATES.values(), ids=CERTIFICATES)
def test_a_server_that_cannot_prove_itself_gets_no_body(
    tmp_path: Path, authority: Authority, issue: Callable[[Authority, Authority], tuple[Path, Path]], detail: str
) -> None:
    other = Authority(tmp_path / "other")
    with (
        serving(tmp_path, server_context(issue(authority, other), None)) as hq,
        closing(line(authority)) as sender,
    ):
        assert refused(sender, hq.url) == Refusal(Kind.CONFIG, detail)
        assert hq.bodies == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_an_old_tls_gets_no_body(tmp_path: Path, authority: Authority) -> None:
    context = server_context(authority.issue("server", ["127.0.0.1"]), None)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with serving(tmp_path, context) as hq, closing(line(authority)) as sender:
        assert refused(sender, hq.url) == Refusal(Kind.CONFIG, "tls_refused")
        assert hq.bodies == []


@contextmanager
def eavesdropper(answer: bytes, *, hang_up: bool = False) -> Iterator[tuple[int, bytearray]]:
    """A plain listener that notes every byte; answers the first ones, or resets the connection."""
    heard = bytearray()
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        try:
            one, _ = listener.accept()
        except OSError:
            return
        with one:
            heard.extend(one.recv(65536))
            if hang_up:
                reset(one)
                return
            one.sendall(answer)
            try:
                while piece := one.recv(65536):
                    heard.extend(piece)
            except OSError:
                return

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def test_plain_http_behind_an_https_address_gets_no_body(authority: Authority) -> None:
    with eavesdropper(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (port, heard), closing(line(authority)) as sender:
        assert refused(sender, f"https://127.0.0.1:{port}/") == Refusal(Kind.CONFIG, "tls_refused")
    assert heard
    assert SECRET not in heard


def test_a_reset_in_the_handshake_is_an_outage(authority: Authority) -> None:
    with eavesdropper(b"", hang_up=True) as (port, heard), closing(line(authority)) as sender:
        assert refused(sender, f"https://127.0.0.1:{port}/") == Refusal(Kind.DOWN, "unreachable")
    assert SECRET not in heard


def test_a_handshake_that_hangs_is_cut(authority: Authority) -> None:
    with eavesdropper(b"") as (port, heard), closing(line(authority, total_s=0.5)) as sender:
        begun = time.monotonic()
        assert refused(sender, f"https://127.0.0.1:{port}/") == Refusal(Kind.DOWN, "deadline")
        assert time.monotonic() - begun < 3
    assert SECRET not in heard


def test_a_handshake_that_hangs_is_given_up_after_the_connect_time(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CONNECT_S", 0.5)
    with eavesdropper(b"") as (port, _), closing(line(authority)) as sender:
        assert refused(sender, f"https://127.0.0.1:{port}/") == Refusal(Kind.DOWN, "connect_timeout")


def test_a_server_that_does_not_know_us_is_for_a_person(tmp_path: Path, authority: Authority) -> None:
    stranger = Authority(tmp_path / "stranger").issue("door-1", [])
    with (
        serving(tmp_path, server_context(_ours(authority, authority), authority.pem)) as hq,
        closing(line(authority, client=stranger)) as sender,
    ):
        assert refused(sender, hq.url) == Refusal(Kind.CONFIG, "tls_refused_by_server")
        assert hq.bodies == []


def test_a_cookie_is_neither_kept_nor_sent_back(tmp_path: Path, authority: Authority) -> None:
    heads: list[bytes] = []

    def bake(_: FakeHq, call: Call) -> None:
        heads.append(call.head)
        call.answer("200 OK", b"{}", *(f"Set-Cookie: c{number}=track; Path=/" for number in range(50)))

    with (
        serving(tmp_path, server_context(_ours(authority, authority), None)) as hq,
        closing(line(authority)) as sender,
    ):
        hq.always = bake
        sender.post(hq.url, SECRET, HEADERS)
        sender.post(hq.url, SECRET, HEADERS)
        assert len(sender._session.cookies) == 0
    assert b"cookie" not in heads[1].lower()


def test_a_deadline_that_came_too_late_does_not_cut_the_next_one(tmp_path: Path, authority: Authority) -> None:
    with (
        serving(tmp_path, server_context(_ours(authority, authority), None)) as hq,
        closing(line(authority)) as sender,
    ):
        sender.post(hq.url, SECRET, HEADERS)
        late = sender._watch._timer
        assert late is not None

        def gone_off(_: FakeHq, call: Call) -> None:
            late.function(*late.args, **late.kwargs)
            call.answer("200 OK", b"{}")

        hq.script = [gone_off]
        assert sender.post(hq.url, SECRET, HEADERS).status == 200


def test_proxies_and_bundles_of_the_environment_are_not_asked(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Authority(tmp_path / "other")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other.pem))
    with (
        eavesdropper(b"") as (port, heard),
        serving(tmp_path, server_context(_ours(authority, authority), authority.pem)) as hq,
        closing(line(authority)) as sender,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        assert sender.post(hq.url, SECRET, HEADERS).status == 200
    assert not heard


def test_what_is_sent_asks_for_no_compression_and_says_nothing_of_the_device(
    tmp_path: Path, authority: Authority
) -> None:
    heads: list[bytes] = []

    def note(_: FakeHq, call: Call) -> None:
        heads.append(call.head)
        call.answer("200 OK", b"{}")

    with (
        serving(tmp_path, server_context(_ours(authority, authority), None)) as hq,
        closing(line(authority)) as sender,
    ):
        hq.always = note
        sender.post(f"{hq.url}/v1/events:batch", SECRET, {**HEADERS, "Idempotency-Key": '"k"'})
    names = {one.split(b":")[0].lower(): one.split(b":", 1)[1].strip() for one in heads[0].split(b"\r\n")[1:]}
    assert heads[0].startswith(b"POST /v1/events:batch HTTP/1.1\r\n")
    assert names[b"accept-encoding"] == b"identity"
    assert names[b"user-agent"] == b"ambang"
    assert set(names) == {
        b"host", b"user-agent", b"accept-encoding", b"accept", b"content-type", b"idempotency-key",
        b"content-length",
    }  # fmt: skip


def _streams(begin: bytes, piece: bytes, pause_s: float = 0.0) -> Behaviour:
    def act(hq: FakeHq, call: Call) -> None:
        call.line.sendall(begin)
        while not hq.pause(pause_s):
            call.line.sendall(piece)

    return act


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ENDLESS: dict[str, tuple[Behaviour, str]] = {
    "slow headers": (_streams(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.1), "deadline"),
    "a slow body": (_streams(OK + b"Content-Length: 900000\r\n\r\n", b"x", 0.1), "deadline"),
    "a slow body of no stated length": (_streams(OK + b"\r\n", b"x", 0.1), "deadline"),
    "slow chunks": (_streams(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.1), "deadline"),
    "silence": (_streams(b"", b"", 0.1), "deadline"),
    "a hundred continues": (_streams(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), "deadline"),
    "an endless body": (_streams(OK + b"\r\n", bytes(65536)), "reply_too_long"),
    "endless chunks": (
        _streams(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"ffff\r\n" + bytes(65535) + b"\r\n"),
        "reply_too_long",
    ),
    "an endless header": (_streams(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65536), "interrupted"),
    "endless headers": (_streams(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000), "interrupted"),
}


@pytest.mark.parametrize(("act", "detail"), ENDLESS.values(), ids=ENDLESS)
def test_no_server_holds_the_line_or_the_memory(
    tmp_path: Path, authority: Authority, act: Behaviour, detail: str
) -> None:
    with (
        serving(tmp_path, server_context(_ours(authority, authority), None)) as hq,
        closing(line(authority, total_s=0.6)) as sender,
    ):
        hq.script = [act]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.monotonic()
        assert refused(sender, hq.url) == Refusal(Kind.UNKNOWN, detail)
        assert time.monotonic() - begun < 4
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024
        assert sender.post(hq.url, SECRET, HEADERS).status == 200, "and the next one goes through"


def test_a_body_that_bombs_when_unpacked_is_not_unpacked(tmp_path: Path, authority: Authority) -> None:
    with (
        serving(tmp_path, server_context(_ours(authority, authority), None)) as hq,
        closing(line(authority)) as sender,
    ):
        hq.script = [lambda _, call: call.answer("200 OK", b"\x1f\x8b\x08bomb", "Content-Encoding: gzip")]
        answer = sender.post(hq.url, SECRET, HEADERS)
    assert answer.body == b"\x1f\x8b\x08bomb"
    assert answer.content_type == ""


def test_one_line_is_kept_for_a_row_of_batches_and_not_for_long(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(tmp_path, server_context(_ours(authority, authority), None)) as hq,
        closing(line(authority)) as sender,
    ):
        for _ in range(3):
            sender.post(hq.url, SECRET, HEADERS)
        assert hq.connections == 1
        monkeypatch.setattr(transport, "IDLE_S", 0.0)
        time.sleep(0.01)
        sender.post(hq.url, SECRET, HEADERS)
        assert hq.connections == 2


def test_a_line_can_be_cut_from_outside_and_stays_cut(tmp_path: Path, authority: Authority) -> None:
    with (
        serving(tmp_path, server_context(_ours(authority, authority), None)) as hq,
        closing(line(authority)) as sender,
    ):
        hq.script = [_streams(b"", b"", 0.1)]
        threading.Timer(0.3, sender.stop).start()
        assert refused(sender, hq.url) == Refusal(Kind.UNKNOWN, "stopped")
        assert refused(sender, hq.url) == Refusal(Kind.DOWN, "stopped")
        assert len(hq.bodies) == 1


def test_a_missing_or_wrong_certificate_is_for_a_person(tmp_path: Path, authority: Authority) -> None:
    certificate, key = authority.issue("door-1", [])
    _, other_key = authority.issue("door-2", [])
    (tmp_path / "empty").touch()
    for parts in (
        (tmp_path / "none", certificate, key),
        (authority.pem, tmp_path / "none", key),
        (authority.pem, certificate, other_key),
        (authority.pem, tmp_path / "empty", key),
    ):
        with pytest.raises(NotDelivered) as caught:
            Transport(HOSTS, *parts)
        assert caught.value.refusal == Refusal(Kind.CONFIG, "certificate_unusable")


def test_the_device_makes_its_own_key_once(tmp_path: Path) -> None:
    key = tmp_path / "tls.key"
    request = x509.load_pem_x509_csr(make_request(key, "door-1"))
    made = key.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o400
    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == "CN=door-1"
    again = x509.load_pem_x509_csr(make_request(key, "door-1"))
    assert key.read_bytes() == made
    assert again.public_key() == request.public_key()
    assert list(tmp_path.iterdir()) == [key]
