"""An HQ that shares no code with ours: raw TLS, a reader of its own, a ledger in SQLite, and every bad manner on order.

It keeps what it hears line by line and never merges, so that a double would show.
"""

import hashlib
import json
import random
import socket
import sqlite3
import ssl
import struct
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import independent_reader as outside
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAME = "ambang-hq/hostile"
GENERATION = 7
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read whole: the line to answer on, its head and its body."""

    line: socket.socket
    head: bytes
    body: bytes


Reply = Callable[["HostileHq", Call], None]
Entrance = Callable[["HostileHq", socket.socket], "ssl.SSLSocket | None"]


@dataclass(frozen=True, slots=True)
class Act:
    """One bad manner: at the door before TLS, or with a request that was read; the line is closed after it."""

    name: str
    reply: Reply | None = None
    entrance: Entrance | None = None


@dataclass
class Stranger:
    """Another host on the network: it takes every connection, and counts what it hears."""

    bytes: int = 0
    connections: int = 0
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    def __post_init__(self) -> None:
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with one, suppress(OSError):
                one.settimeout(1.0)
                while piece := one.recv(65536):
                    self.bytes += len(piece)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


class Ledger:
    """What this HQ has stored, a line for each event of each delivery, in a real database."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA synchronous = OFF")  # this HQ never loses power
        self._database.execute("CREATE TABLE heard (batch TEXT, digest TEXT, device TEXT, first INT, last INT)")
        self._database.execute("CREATE TABLE events (batch TEXT, device TEXT, seq INT, id TEXT, clear TEXT)")
        self._database.commit()

    def store(self, body: bytes) -> tuple[str, list[str]]:
        """Read a batch with the independent reader and keep it; returns its id and those of its events."""
        said = outside.batch({"body": body.decode()})
        value = json.loads(body)
        lines = [(said["batch"], said["device"], one["data"]["seq"], one["id"], _clear(one)) for one in value["events"]]
        last = said["first"] + len(value["spine"]) - 1
        with self._lock, self._database:
            digest = hashlib.sha256(body).hexdigest()
            heard = (said["batch"], digest, said["device"], said["first"], last)
            self._database.execute("INSERT INTO heard VALUES (?, ?, ?, ?, ?)", heard)
            self._database.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", lines)
        return said["batch"], said["events"]

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(question).fetchall()

    def ids(self) -> set[str]:
        return {row[0] for row in self.ask("SELECT DISTINCT id FROM events")}

    def doubled(self) -> int:
        """Events told twice as something else: one id with two contents or places, one place with two ids."""
        kinds = self.ask(
            "SELECT count(DISTINCT device || seq || id || clear), count(DISTINCT device || id) FROM events"
        )
        places = self.ask("SELECT count(DISTINCT device || '/' || seq) FROM events")
        batches = self.ask("SELECT count(DISTINCT batch || digest), count(DISTINCT batch) FROM heard")
        return int(kinds[0][0] - kinds[0][1] + abs(kinds[0][1] - places[0][0]) + batches[0][0] - batches[0][1])

    def close(self) -> None:
        self._database.close()


def _clear(event: dict[str, Any]) -> str:
    data = {name: value for name, value in event["data"].items() if name not in ("seq", "salt")}
    return outside.spell({**event, "data": data})


class HostileHq:
    """Listens on the loopback; honest unless `script` or `choose` says otherwise.

    Args:
        folder: for the ledger.
        device_public: the door's signing key, 32 bytes.
        context: TLS as an honest HQ would have it.
        seed: how answers are cut into pieces and when.
    """

    def __init__(self, folder: Path, device_public: bytes, context: ssl.SSLContext, seed: int = 1) -> None:
        self.ledger = Ledger(folder / "ledger.db")
        self.stranger = Stranger()
        self.context = context
        self.random = random.Random(seed)  # noqa: S311 - a script that can be repeated, no secret
        self.script: list[Act] = []
        self.always: Reply | None = None
        self.choose: Callable[[], Act | None] | None = None
        self.connections = 0
        self.clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000
        self.bodies: list[bytes] = []
        self.heads: list[bytes] = []
        self.served: dict[str, int] = {}
        self.body_bytes = 0
        self.in_the_clear = bytearray()
        self.poison = 0
        self.key = Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw()
        self._device_public = device_public
        self._stopping = threading.Event()
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.port = 0
        self.listen()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._threads.append(threading.Thread(target=self._accept, args=(self._listener,)))
        self._threads[-1].start()

    def hang_up(self) -> None:
        """Stop listening and cut every line; connections are refused until `listen`."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in list(self._lines):
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)

    def close(self) -> None:
        self._stopping.set()
        self.hang_up()
        for thread in self._threads:
            thread.join(20)
        self.stranger.close()
        self.ledger.close()

    def honest(self, call: Call) -> bytes:
        """Store, then sign for it."""
        return self.reply(call, *self.ledger.store(call.body))

    def reply(  # noqa: PLR0913 - each is a way to lie
        self,
        call: Call,
        batch: str,
        acked: Sequence[str],
        *,
        key: Ed25519PrivateKey | None = None,
        time_ms: int | None = None,
        note: str | None = None,
    ) -> bytes:
        said = {"acked": list(acked), "batch": batch, "generation": GENERATION}
        said["time"] = self.clock() if time_ms is None else time_ms
        signed = {**said, "sig": (key or self.key).sign(outside.spell(said).encode()).hex()}
        return outside.spell({"receipt": signed, "checkpoint": note or self._cosigned(call)}).encode()

    def _cosigned(self, call: Call) -> str:
        note: str = json.loads(call.body)["checkpoint"]
        device, text, _ = outside.note_parts(note)
        own = {f"ambang/{device['device']}": self._device_public.hex()}
        outside.checkpoint({"note": note, "keys": own})
        token = outside.sha(NAME.encode(), b"\n\x01", self.public)[:4] + self.key.sign(text.encode())
        return f"{note}\u2014 {NAME} {b64encode(token).decode()}\n"

    def send(self, call: Call, data: bytes) -> None:
        """Send in pieces of any size, some of them late."""
        while data:
            size = self.random.choice((1, 7, 300, 1400, 65536, 65536))
            call.line.sendall(data[:size])
            data = data[size:]
            if self.random.random() < 0.1:
                time.sleep(self.random.random() * 0.003)

    def answer(self, call: Call, status: str, body: bytes, *headers: str, kind: str = "application/json") -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", f"Content-Type: {kind}", *headers]
        self.send(call, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def pause(self, line: socket.socket, seconds: float) -> bool:
        """Wait; True if it is over, because the other side has gone or this HQ ends."""
        line.settimeout(seconds)
        try:
            return not line.recv(65536) or self._stopping.is_set()
        except TimeoutError:
            return self._stopping.is_set()
        finally:
            with suppress(OSError):
                line.settimeout(PATIENCE_S)

    def _at_the_door(self) -> tuple[Act | None, int]:
        """What to do with a new connection, and after how many honest answers."""
        if self.choose is not None:
            act = self.choose()
            return act, 0 if act is not None and act.entrance else self.random.choice((0, 0, 1, 2))
        if self.script and self.script[0].entrance is not None:
            return self.script.pop(0), 0
        return None, 0

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                line, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(line,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        self._lines.add(line)
        try:
            with suppress(OSError, ValueError):
                self._converse(line)
        finally:
            line.close()
            self._lines.discard(line)

    def _converse(self, raw: socket.socket) -> None:
        raw.settimeout(PATIENCE_S)
        self.connections += 1
        act, honest_first = self._at_the_door()
        if act is not None and act.entrance is not None:
            self._count(act)
            line = act.entrance(self, raw)
            if line is None:
                return
        else:
            line = self.context.wrap_socket(raw, server_side=True)
        self._lines.add(line)
        try:
            while (call := self.read(line)) is not None:
                if not call.head.startswith(b"POST /v1/events:batch "):  # whatever else a device may ask for
                    self.answer(call, "404 Not Found", b"{}", kind="application/problem+json")
                    continue
                self.bodies.append(call.body)
                if act is None and self.script and self.script[0].reply is not None:
                    act = self.script.pop(0)
                if act is not None and act.reply is not None and honest_first <= 0:
                    self._count(act)
                    act.reply(self, call)
                    return
                honest_first -= 1
                self._count(None)
                if self.always is not None:
                    self.always(self, call)
                else:
                    self.answer(call, "200 OK", self.honest(call))
        finally:
            self._lines.discard(line)
            line.close()

    def _count(self, act: Act | None) -> None:
        name = "honest" if act is None else act.name
        self.served[name] = self.served.get(name, 0) + 1

    def read(self, line: socket.socket) -> Call | None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = line.recv(65536)
            if not piece:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [int(one[15:]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:")]
        length = lengths[0] if lengths else 0
        self.body_bytes += len(body)
        while len(body) < length:
            piece = line.recv(65536)
            if not piece:
                return None
            self.body_bytes += len(piece)
            body += piece
        self.heads.append(head)
        return Call(line, head, body)


def reset(line: socket.socket) -> None:
    """Close with RST instead of FIN."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(line.detach())
