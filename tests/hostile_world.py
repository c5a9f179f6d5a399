"""A door, its real files, and the hostile HQ; the daemon in it is the real one, and only its clock is ours."""

import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hostile_hq import NAME, HostileHq
from sync_house import Authority, Door, server_context, write_config

from sync.backends.hq import HqBackend
from sync.config import read
from sync.daemon import Daemon
from sync.exchange import Exchange
from sync.journal import Journal
from sync.transport import Transport

CODE = "EMPLOYEE-4711"
MINUTE_MS = 60_000
TOTAL_S = 0.7
HOST = ["127.0.0.1"]


class World:
    """What a case plays in."""

    def __init__(self, place: Path, seed: int) -> None:
        self.place = place
        self.door = Door(place / "door")
        self.authority = Authority(place / "authority")
        self.context = server_context(self.authority.issue("server", HOST), self.authority.pem)
        self.hq = HostileHq(place, self.door.key.public, self.context, seed)
        self.client = self.authority.issue("door-1", [])
        self.config = self.write_config(self.door)

    def write_config(self, door: Door) -> Path:
        return write_config(door, self.hq.url, NAME, self.hq.public, self.authority.pem, *self.client)

    def close(self) -> None:
        self.hq.close()

    def faulty_tls(self, fault: str) -> ssl.SSLContext:
        """TLS that should not be believed, as named in the cases."""
        if fault == "expired":
            pair = self.authority.issue("old", HOST, begins=timedelta(-9), ends=timedelta(-2))
        elif fault == "not yet valid":
            pair = self.authority.issue("early", HOST, begins=timedelta(2))
        elif fault == "wrong CA":
            pair = Authority(self.place / "other").issue("server", HOST)
        elif fault == "wrong host":
            pair = self.authority.issue("elsewhere", ["hq.example", "127.0.0.2"])
        elif fault == "self-signed":
            pair = _self_signed(self.place)
        else:
            pair = self.authority.issue("weak", HOST)
        context = server_context(pair, None)
        if fault == "1.0":
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        return context


class Clockwork:
    """The real daemon over the real files, with a clock that a test moves."""

    def __init__(self, world: World, total_s: float = TOTAL_S) -> None:
        door, settings = world.door, read(world.config)
        self.world = world
        self.now = time.time_ns() // 1_000_000
        world.hq.clock = lambda: self.now
        self.exchange = Exchange.open(door.path)
        self.journal = Journal.open(door.folder / "sync.db", door.device, door.exchange_key)
        files = (settings.hq.ca, settings.hq.certificate, settings.hq.key)
        self.transport = Transport(frozenset(HOST), *files, total_s)
        self.daemon = Daemon(
            door.device,
            door.exchange_key,
            exchange=self.exchange,
            journal=self.journal,
            backend=HqBackend(settings.hq, settings.device_public, lambda: self.transport),
            clock=lambda: self.now,
            chance=lambda: 0.5,
        )

    def pass_by(self, minutes: float) -> None:
        """Let time go by, with every step that becomes due."""
        end = self.now + int(minutes * MINUTE_MS)
        while self.now < end:
            while self.daemon.step():
                pass
            later = self.daemon._plan.next_attempt_at
            self.now = min(end, later if later > self.now else self.now + MINUTE_MS)

    def waiting(self) -> int:
        return self.exchange.unsettled().events

    def close(self) -> None:
        self.transport.close()
        self.journal.close()
        self.exchange.close()


@contextmanager
def world(place: Path, seed: int = 1) -> Iterator[World]:
    """A world whose environment names the stranger as everybody's proxy."""
    place.mkdir(exist_ok=True)
    with closing(World(place, seed)) as made, pytest.MonkeyPatch.context() as environment:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            environment.setenv(name, f"http://127.0.0.1:{made.hq.stranger.port}")
        environment.delenv("NO_PROXY", raising=False)
        environment.delenv("no_proxy", raising=False)
        yield made


def nothing_lost_doubled_or_leaked(world: World, *, but: frozenset[str] = frozenset()) -> None:
    """What every case comes to in the end: HQ has each event, each once; nobody else has heard a byte."""
    assert world.hq.ledger.ids() == set(world.door.ids) - but
    assert world.hq.ledger.doubled() == 0
    assert (world.hq.stranger.connections, world.hq.stranger.bytes) == (0, 0)
    assert CODE.encode() not in world.hq.in_the_clear


def _self_signed(place: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(7))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    certificate, secret = place / "self.pem", place / "self.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(*pem))
    return certificate, secret
