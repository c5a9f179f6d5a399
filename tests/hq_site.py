"""A real HQ in its own process and devices that keep a real ledger, for the tests of hq/."""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from hq import office
from hq.__main__ import main
from hq.database import reading
from hq.export import everything
from wire import batch as batches
from wire import checkpoint, event, spine
from wire.batch import Batch
from wire.event import Action, CheckIn, Clock, ClockState, Correction, Dispute, Event, Method
from wire.signing import SigningKey
from wire.spine import SpineRow

ZONE = f"Etc/GMT{time.gmtime().tm_hour - 12:+d}"
"""A zone where it is about noon: no test of today runs across midnight."""
BOOT = "6f1dbe5c-4f7c-4f0e-9d3b-2a4d3c1b0a99"
PROBLEM = "application/problem+json"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def new_id(at: int | None = None) -> str:
    return event.uuid7(now_ms() if at is None else at, os.urandom(10))


def clock(state: ClockState = ClockState.SYNCED, zone: str = ZONE) -> Clock:
    return Clock(zone, 1_000, BOOT, state, 1)


def check_in(
    person: str = "E-1001",
    action: Action = Action.IN,
    *,
    method: Method = Method.FACE,
    at: int | None = None,
) -> CheckIn:
    moment = now_ms() if at is None else at
    return CheckIn(new_id(moment), person, action, moment, clock(), method, "Kantor")


def dispute(of: CheckIn) -> Dispute:
    return Dispute(new_id(), of.person, of.event_id, now_ms(), clock(), "Kantor")


def correction(of: CheckIn, action: Action) -> Correction:
    return Correction(new_id(), of.person, of.event_id, action, now_ms(), clock(), of.method, "Kantor")


@dataclass
class Door:
    """A device: a ledger key, a TLS key, and every row and event so far."""

    id: str
    key: SigningKey
    tls_key: Path
    certificate: Path
    rows: list[SpineRow] = field(default_factory=list)
    events: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)

    def append(self, happened: Event | None) -> int:
        """Put one entry into the ledger; None is an entry that is not meant for HQ. Returns its seq."""
        salt = os.urandom(16)
        body = event.clear(happened, self.id) if happened else os.urandom(40)
        seq = len(self.rows) + 1
        digest = spine.body_digest(os.urandom(80))
        self.rows.append(spine.link(self.head(seq - 1), seq, spine.commitment(salt, body), digest))
        if happened:
            self.events[seq] = (body, salt)
        return seq

    def head(self, seq: int) -> bytes:
        return self.rows[seq - 1].h if seq else spine.genesis(self.id)

    def batch(self, first: int = 1, last: int | None = None, *, batch_id: str = "") -> Batch:
        upto = last or len(self.rows)
        note = checkpoint.sign(checkpoint.Checkpoint(self.id, upto, self.head(upto)), self.key)
        sent = tuple(
            event.delivered(self.events[seq][0], seq, self.events[seq][1])
            for seq in range(first, upto + 1)
            if seq in self.events
        )
        rows = tuple(self.rows[first - 1 : upto])
        return Batch(self.id, batch_id or str(uuid.uuid4()), self.head(first - 1), rows, note, sent)

    def copy(self) -> "Door":
        """The same device with its history so far: from here on it can tell another story."""
        return Door(self.id, self.key, self.tls_key, self.certificate, list(self.rows), dict(self.events))


@dataclass
class Site:
    """One HQ: its directory, public name and key, the access code, and the address while it runs."""

    root: Path
    name: str
    public: bytes
    code: str
    url: str = ""
    log: Path = Path()

    def context(self, door: Door | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.root / "ca.pem")
        if door:
            context.load_cert_chain(door.certificate, door.tls_key)
        return context

    def client(self, door: Door | None = None) -> httpx.Client:
        return httpx.Client(base_url=self.url, verify=self.context(door), trust_env=False, timeout=30)

    def send(self, door: Door, batch: Batch) -> httpx.Response:
        return self.send_bytes(door, batches.encode(batch), batch.batch)

    def send_bytes(self, door: Door | None, body: bytes, key: str = "", **headers: str) -> httpx.Response:
        sent = {"Content-Type": "application/json", "Idempotency-Key": f'"{key}"'} | headers
        with self.client(door) as client:
            return client.post("/v1/events:batch", content=body, headers=sent)

    def door(self, name: str, label: str = "") -> Door:
        """A new device, registered by the command."""
        door = make_door(self.root.parent, name)
        register(self, door, label)
        return door

    def export(self) -> dict[str, Any]:
        with closing(office.open_office(self.root)) as opened:
            exported: dict[str, Any] = json.loads(json.dumps(everything(opened)))
        return exported

    def rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """What the database says to a question of our own, whichever it is."""
        with closing(office.open_office(self.root)) as opened, reading(opened.engine) as view:
            return [tuple(row) for row in view.execute(text(statement), values)]

    def events_of(self, door: Door) -> list[dict[str, Any]]:
        return [row for row in self.export()["events"] if row["device"] == door.id]


def make_door(folder: Path, name: str, *, common_name: str = "") -> Door:
    """Keys and a certificate request; the request stands beside the key as <name>.csr."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name or name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    tls_key = folder / f"{name}.key"
    no_password = serialization.NoEncryption()
    tls_key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password))
    (folder / f"{name}.csr").write_bytes(request.public_bytes(pem))
    return Door(name, SigningKey.generate(), tls_key, folder / f"{name}.pem")


def register(site: Site, door: Door, label: str = "") -> None:
    arguments = ["device", "add", "--data", str(site.root), "--id", door.id, "--public", door.key.public.hex()]
    request = door.tls_key.with_suffix(".csr")
    arguments += ["--csr", str(request), "--out", str(door.certificate), "--name", label]
    assert main(arguments) == 0


def found(folder: Path, url: str | None = None) -> Site:
    root = folder / "hq"
    new = office.found(root, "kantor", ["127.0.0.1", "localhost"], datetime.now(UTC), url)
    return Site(root, new.name, new.public, new.code)


def broken(how: str) -> tuple[str, ...]:
    """The program of an HQ with one thing broken on purpose, for `running`."""
    return (str(Path(__file__).with_name("hq_wrapped.py")), how)


@contextlib.contextmanager
def running(
    site: Site, *, program: tuple[str, ...] = ("-m", "hq"), options: tuple[str, ...] = ()
) -> Iterator["subprocess.Popen[bytes]"]:
    """HQ in its own process on a free port of the loopback; always ended, by its own id."""
    ready = site.root.parent / "ready"
    ready.unlink(missing_ok=True)
    site.log = site.root.parent / "hq.log"
    command = [sys.executable, *program, "serve", "--data", str(site.root), "--port", "0", "--ready-file", str(ready)]
    command += options
    with site.log.open("ab") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + 60
            while not ready.exists():
                assert process.poll() is None, site.log.read_text()
                assert time.monotonic() < deadline, "HQ did not start"
                time.sleep(0.02)
            site.url = ready.read_text().strip()
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
