"""A door with a real ledger, a private authority, and a small HQ over real TLS that can be told to misbehave."""

import json
import os
import socket
import ssl
import struct
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.exchange import Exchange, OutboxEntry
from wire import batch as batches
from wire import checkpoint, receipt
from wire.event import Action, CheckIn, Clock, ClockState, Method, clear, uuid7
from wire.sealed import Context, seal
from wire.signing import SigningKey
from wire.spine import body_digest, commitment, genesis, link

HQ_NAME = "ambang-hq/test"
BOOT = "00000000-0000-4000-8000-000000000001"


@dataclass
class Door:
    """What the kiosk would do: make events, seal them under the exchange key, sign checkpoints, hand them over."""

    folder: Path
    device: str = "door-1"
    key: SigningKey = field(default_factory=SigningKey.generate)
    exchange_key: bytes = bytes(range(32))
    seq: int = 0
    head: bytes = b""
    ids: list[str] = field(default_factory=list)
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self.head = genesis(self.device)
        self.folder.mkdir(exist_ok=True)
        (self.folder / "exchange.key").write_bytes(self.exchange_key)
        if not self.path.exists():
            Exchange.create(self.path).close()

    @property
    def path(self) -> Path:
        return self.folder / "exchange.db"

    def check_in(self, count: int = 1, *, local_every: int = 5, code: str = "E-17", step: int = 64) -> None:
        """Append `count` entries; every `local_every`-th is one that HQ only sees the spine of."""
        with closing(Exchange.open(self.path)) as exchange:
            entries: list[OutboxEntry] = []
            for number in range(count):
                entries.append(self.entry(code, local=(self.seq + 1) % local_every == 0))
                if len(entries) == step or number == count - 1:
                    exchange.append(entries, self.note())
                    entries = []

    def note(self) -> str:
        return checkpoint.sign(checkpoint.Checkpoint(self.device, self.seq, self.head), self.key)

    def unsettled(self) -> int:
        with closing(Exchange.open(self.path)) as exchange:
            return exchange.unsettled().events

    def entry(self, code: str, *, local: bool) -> OutboxEntry:
        self.seq += 1
        salt = self.seq.to_bytes(16, "big")
        event_id = uuid7(int(self.clock() * 1000), uuid.uuid4().bytes[:10])
        clock = Clock("Asia/Jakarta", self.seq, BOOT, ClockState.SYNCED, 0)
        event = CheckIn(event_id, code, Action.IN, 1_700_000_000_000 + self.seq, clock, Method.FACE, "HQ")
        said = clear(event, self.device)
        row = link(self.head, self.seq, commitment(salt, said), body_digest(said))
        self.head = row.h
        if local:
            return OutboxEntry(row)
        context = Context(store=self.device, table="outbox", column="event", row=str(self.seq))
        self.ids.append(event_id)
        return OutboxEntry(row, event_id, seal(self.exchange_key, salt + said, context, kid=b"EXCH"))


class Authority:
    """A private CA in a folder."""

    def __init__(self, folder: Path, name: str = "test authority") -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._sign(self._subject, self._key.public_key(), [], timedelta(-1), timedelta(30), ca=True)
        self.pem = folder / "ca.pem"
        self.pem.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(
        self, name: str, hosts: list[str], *, begins: timedelta = timedelta(-1), ends: timedelta = timedelta(7)
    ) -> tuple[Path, Path]:
        """Make a key and a certificate; returns their files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._sign(subject, key.public_key(), hosts, begins, ends, ca=False)
        certificate, secret = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, secret

    def _sign(  # noqa: PLR0913 - a certificate has these parts
        self,
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey,
        hosts: list[str],
        begins: timedelta,
        ends: timedelta,
        *,
        ca: bool,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins)
            .not_valid_after(now + ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if hosts:
            names = [_name(host) for host in hosts]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


@dataclass
class Call:
    """One request that the server has read, and the line to answer on."""

    line: socket.socket
    head: bytes
    body: bytes

    def answer(self, status: str, body: bytes, *headers: str, kind: str = "application/json") -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", f"Content-Type: {kind}", *headers]
        self.line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


Behaviour = Callable[["FakeHq", Call], None]


def nothing_here(_hq: "FakeHq", call: Call) -> None:
    call.answer("404 Not Found", b"{}")


class FakeHq:
    """Verifies and stores like the real one; the next calls can be given other behaviours."""

    def __init__(self, door: Door, context: ssl.SSLContext | None) -> None:
        self.door = door
        self.key = SigningKey.generate()
        self.stored: dict[str, bytes] = {}
        self.doubled = 0
        self.bodies: list[bytes] = []
        self.script: list[Behaviour] = []
        self.always: Behaviour | None = None
        self.beside: Behaviour | None = None  # for everything but batches
        self.connections = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._stopping = threading.Event()
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in list(self._lines):
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def honest(self, call: Call, *, drop: int = 0, extra: tuple[str, ...] = ()) -> bytes:
        """Store the batch once and return the reply; leave `drop` ids out of the receipt, put `extra` in."""
        batch = batches.decode(call.body)
        checkpoint.read(batch.checkpoint, {f"ambang/{batch.device}": self.door.key.public})
        for one in batch.events:
            before = self.stored.setdefault(one.event.event_id, one.clear)
            self.doubled += before != one.clear
        acked = tuple(one.event.event_id for one in batch.events)[drop:] + extra
        signed = receipt.sign(receipt.Receipt(batch.batch, acked, 1, int(time.time() * 1000)), self.key)
        return receipt.reply(signed, checkpoint.cosign(batch.checkpoint, HQ_NAME, self.key))

    def pause(self, seconds: float) -> bool:
        return self._stopping.wait(seconds)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._lines.add(line)
            thread = threading.Thread(target=self._serve, args=(line,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        with suppress(OSError, ValueError):
            line.settimeout(30)
            if self._context is not None:
                raw = line
                line = self._context.wrap_socket(raw, server_side=True)
                self._lines.add(line)
            while (call := self._read(line)) is not None:
                if b" /v1/events:batch " not in call.head:
                    (self.beside or nothing_here)(self, call)
                    continue
                self.bodies.append(call.body)
                act = self.script.pop(0) if self.script else self.always
                if act is None:
                    call.answer("200 OK", self.honest(call))
                else:
                    act(self, call)
        line.close()

    @staticmethod
    def _read(line: socket.socket) -> Call | None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = line.recv(65536)
            if not piece:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(one.split(b":")[1]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length")), 0
        )
        while len(body) < length:
            piece = line.recv(65536)
            if not piece:
                return None
            body += piece
        return Call(line, head, body)


def reset(line: socket.socket) -> None:
    """Close with RST instead of FIN."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(line.detach())


def server_context(certificate: tuple[Path, Path], clients: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    return context


@dataclass
class House:
    """A door, an authority and a fake HQ that trust each other, and the sync.toml that joins them."""

    door: Door
    authority: Authority
    hq: FakeHq
    client: tuple[Path, Path]
    config: Path


@contextmanager
def house(folder: Path) -> Iterator[House]:
    door = Door(folder / "door")
    authority = Authority(folder / "authority")
    certificate = authority.issue("server", ["127.0.0.1", "localhost"])
    client = authority.issue("door-1", [])
    hq = FakeHq(door, server_context(certificate, authority.pem))
    try:
        config = write_config(door, hq.url, HQ_NAME, hq.key.public, authority.pem, *client)
        yield House(door, authority, hq, client, config)
    finally:
        hq.close()


def write_config(  # noqa: PLR0913, PLR0917 - the parts of sync.toml
    door: Door, url: str, name: str, public: bytes, ca: Path, certificate: Path, key: Path
) -> Path:
    def line(key: str, value: object) -> str:
        return f"{key} = {json.dumps(str(value))}\n"

    text = line("device", door.device) + line("device_public", door.key.public.hex())
    text += line("exchange", "exchange.db") + line("exchange_key", "exchange.key") + line("journal", "sync.db")
    text += "[hq]\n" + line("url", url) + line("name", name) + line("public", public.hex())
    text += line("ca", ca) + line("certificate", certificate) + line("key", key)
    text += "[recipient]\n" + line("host", "127.0.0.1")
    for word in ("name", "category", "purpose", "country", "ground", "evidence", "date"):
        text += line(word, f"a {word}")
    path = door.folder / "sync.toml"
    path.write_text(text)
    return path
