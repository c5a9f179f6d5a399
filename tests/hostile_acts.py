"""Every bad manner of a server, one function each; what it leads to stands in hostile_cases.py."""

import json
import socket
import ssl
import zlib
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hostile_hq import Act, Call, HostileHq, Reply, reset

JSON = "Content-Type: application/json\r\n"
OK = f"HTTP/1.1 200 OK\r\n{JSON}".encode()
ENOUGH_S = 4.0  # a slow server gives up in the end, so that a client without a deadline is seen, not waited for
TOO_MUCH = 48 << 20
STRANGE_ID = "018f0000-0000-7000-8000-000000000009"
STRANGE_BATCH = "00000000-0000-4000-8000-00000000000f"


def says(status: str, body: bytes = b"{}", *headers: str, kind: str = "application/problem+json") -> Reply:
    return lambda hq, call: hq.answer(call, status, body, *headers, kind=kind)


def forged(change: Callable[[HostileHq, Call, str, list[str]], bytes]) -> Reply:
    """A 200 in JSON from an HQ that keeps nothing."""

    def act(hq: HostileHq, call: Call) -> None:
        said = json.loads(call.body)
        hq.answer(call, "200 OK", change(hq, call, said["batch"], [one["id"] for one in said["events"]]))

    return act


def honest(hq: HostileHq, call: Call) -> None:
    hq.answer(call, "200 OK", hq.honest(call))


def skewed(hq: HostileHq, call: Call) -> None:
    batch, acked = hq.ledger.store(call.body)
    hq.answer(call, "200 OK", hq.reply(call, batch, acked, time_ms=915_148_800_000), f"Date: {formatdate(0)}")


def cut(hq: HostileHq, call: Call) -> None:
    """End the line, with FIN or with RST."""
    if hq.random.random() < 0.5:
        reset(call.line)
    else:
        socket.socket.shutdown(call.line, socket.SHUT_RDWR)


def drop_after_commit(hq: HostileHq, call: Call) -> None:
    hq.honest(call)
    cut(hq, call)


def drop_in_headers(hq: HostileHq, call: Call) -> None:
    hq.honest(call)
    hq.send(call, OK[: hq.random.randrange(1, len(OK))])
    cut(hq, call)


def truncated_body(hq: HostileHq, call: Call) -> None:
    reply = hq.honest(call)
    kept = reply[: hq.random.randrange(len(reply))]
    hq.send(call, OK + b"Content-Length: %d\r\n\r\n" % len(reply) + kept)
    cut(hq, call)


def truncated_chunk(hq: HostileHq, call: Call) -> None:
    reply = hq.honest(call)
    kept = reply[: hq.random.randrange(1, len(reply))]
    hq.send(call, OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(reply) + kept)
    cut(hq, call)


def truncated_tls(hq: HostileHq, call: Call) -> None:
    """The body ends with the connection, and the connection in the middle of a record."""
    reply = hq.honest(call)
    hq.send(call, OK + b"Connection: close\r\n\r\n" + reply[: hq.random.randrange(1, len(reply))])
    socket.socket.sendall(call.line, b"\x17\x03\x03\x01\x00" + bytes(99))
    socket.socket.shutdown(call.line, socket.SHUT_RDWR)


def slow(begin: bytes, piece: bytes) -> Reply:
    def act(hq: HostileHq, call: Call) -> None:
        call.line.sendall(begin)
        for _ in range(int(ENOUGH_S / 0.05)):
            if hq.pause(call.line, 0.05):
                return
            call.line.sendall(piece)

    return act


def hang(hq: HostileHq, call: Call) -> None:
    hq.pause(call.line, ENOUGH_S)


def infinite(begin: bytes, piece: bytes) -> Reply:
    def act(_hq: HostileHq, call: Call) -> None:
        call.line.sendall(begin)
        for _ in range(TOO_MUCH // len(piece)):
            call.line.sendall(piece)

    return act


@cache
def bomb(kind: str) -> bytes:
    """Half a GiB of zeros in about half a MiB: the same block again and again, which deflate allows after a flush."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\x03" if kind == "gzip" else b"\x78\x9c"
    return head + block * 512


def packed(kind: str) -> Reply:
    return lambda hq, call: hq.answer(call, "200 OK", bomb(kind), f"Content-Encoding: {kind}")


def huge_headers(hq: HostileHq, call: Call) -> None:
    call.line.sendall(b"HTTP/1.1 200 OK\r\n")
    if hq.random.random() < 0.5:
        call.line.sendall(b"X: " + b"y" * TOO_MUCH)
    else:
        call.line.sendall(b"X: y\r\n" * (TOO_MUCH // 6))


def continues(_: HostileHq, call: Call) -> None:
    call.line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000)


def garbage(hq: HostileHq, call: Call) -> None:
    hq.send(call, hq.random.randbytes(hq.random.randrange(1, 3000)))


def fail_after_commit(hq: HostileHq, call: Call) -> None:
    hq.honest(call)
    hq.answer(call, "500 Internal Server Error", b"{}")


def early_hint(hq: HostileHq, call: Call) -> None:
    hq.answer(call, "103 Early Hints", b"")
    hq.answer(call, "200 OK", hq.honest(call))
    hq.pause(call.line, ENOUGH_S)


def two_answers(hq: HostileHq, call: Call) -> None:
    """Each answer twice: who keeps the line finds the second one where the next should be."""
    asked: Call | None = call
    while asked is not None:
        reply = hq.honest(asked)
        for _ in range(2):
            hq.answer(asked, "200 OK", reply)
        asked = hq.read(asked.line)
        if asked is not None:
            hq.bodies.append(asked.body)


def in_twenty_seconds(status: str) -> Reply:
    return lambda hq, call: hq.answer(
        call, status, b"{}", f"Retry-After: {formatdate(hq.clock() / 1000 + 20, usegmt=True)}"
    )


def poison(status: str, *, kind: str = "application/problem+json") -> Reply:
    """Refuse whatever holds the third event, and be honest otherwise."""

    def act(hq: HostileHq, call: Call) -> None:
        if any(one["data"]["seq"] == hq.poison for one in json.loads(call.body)["events"]):
            hq.answer(call, status, b"{}", kind=kind)
        else:
            hq.answer(call, "200 OK", hq.honest(call))

    return act


def moved(status: str, where: str) -> Reply:
    """Send away: to the stranger, to ourselves without TLS, or to where it came from."""

    def act(hq: HostileHq, call: Call) -> None:
        place = where.format(stranger=hq.stranger.port, own=hq.port)
        hq.answer(call, status, b"", f"Location: {place}/v1/events:batch")

    return act


def unsigned(hq: HostileHq, call: Call, batch: str, acked: list[str]) -> bytes:
    reply = json.loads(hq.reply(call, batch, acked))
    del reply["receipt"]["sig"]
    return json.dumps(reply).encode()


def bad_signature(hq: HostileHq, call: Call, batch: str, acked: list[str]) -> bytes:
    stranger = Ed25519PrivateKey.generate()
    if hq.random.random() < 0.5:
        return hq.reply(call, batch, acked, key=stranger)
    reply = json.loads(hq.reply(call, batch, acked[1:]))
    reply["receipt"]["acked"] = acked
    return json.dumps(reply).encode()


def other_batch(hq: HostileHq, call: Call, _: str, acked: list[str]) -> bytes:
    return hq.reply(call, STRANGE_BATCH, acked)


def unknown_ids(hq: HostileHq, call: Call, batch: str, acked: list[str]) -> bytes:
    return hq.reply(call, batch, [STRANGE_ID] * bool(acked))


def partial_ack(hq: HostileHq, call: Call) -> None:
    batch, acked = hq.ledger.store(call.body)
    hq.answer(call, "200 OK", hq.reply(call, batch, acked[1:]))


def twice(hq: HostileHq, call: Call, batch: str, acked: list[str]) -> bytes:
    reply = hq.reply(call, batch, acked).decode()
    return f'{{"receipt":{{}},{reply[1:]}'.encode()


def marked(hq: HostileHq, call: Call, batch: str, acked: list[str]) -> bytes:
    return b"\xef\xbb\xbf" + hq.reply(call, batch, acked)


def not_a_number(hq: HostileHq, call: Call, batch: str, acked: list[str]) -> bytes:
    reply = hq.reply(call, batch, acked).decode()
    return reply.replace('"generation":7', '"generation":NaN').encode()


def other_type(hq: HostileHq, call: Call) -> None:
    hq.answer(call, "200 OK", hq.honest(call), kind=hq.random.choice(("text/plain", "application/octet-stream", "")))


def reset_on_accept(_: HostileHq, raw: socket.socket) -> None:
    reset(raw)


def drop_in_the_request(hq: HostileHq, raw: socket.socket) -> None:
    """The line is cut while the body comes."""
    line = hq.context.wrap_socket(raw, server_side=True)
    line.recv(hq.random.randrange(1, 2000))
    reset(line)


def over(context: ssl.SSLContext) -> Act:
    """A TLS that should not be believed; whoever goes on is served."""
    return Act("tls", entrance=lambda _, raw: context.wrap_socket(raw, server_side=True))


def plain_http(hq: HostileHq, raw: socket.socket) -> None:
    """No TLS at all: answer like a web server, and listen to what comes."""
    raw.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    with suppress(OSError):
        while piece := raw.recv(65536):
            hq.in_the_clear += piece
