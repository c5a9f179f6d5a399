"""Furnishes a throw-away office: HQ, store, made-up people with recorded demo consent; refuses a directory in use."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kiosk.config import Config, Device, Headquarters
from kiosk.faults import Fault, FaultCode
from kiosk.rights.release import demonstrate
from kiosk.store import Consent, Reference, Store, roots
from kiosk.vision.film import SampleFilm
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.ready import ready as ready_pack

READY_WITHIN_S: Final = 30.0
VISITOR: Final = "demo"
_KIOSK_TOML: Final = """[device]
site = "{site}"
contact = "{contact}"
notice = "{notice}"

[headquarters]
name = "{name}"
public = "{public}"
"""
_SYNC_TOML: Final = """device = "{device}"
device_public = "{public}"
exchange = "exchange/exchange.db"
exchange_key = "exchange.key"
journal = "sync/sync.db"

[hq]
url = "{url}"
ca = "{ca}"
certificate = "sync/tls.pem"
key = "sync/tls.key"
name = "{name}"
public = "{hq_public}"

[recipient]
name = "Demo HQ"
host = "{host}"
category = "controller"
purpose = "attendance"
country = "ID"
ground = "same machine"
evidence = "demo"
date = "2026-11-21"
"""


@dataclass(frozen=True, slots=True)
class Cast:
    """One made-up person; `subject` is who plays them in the sample film, None for one who only has a PIN."""

    code: str
    name: str
    subject: str | None
    pin: str = field(repr=False)


PEOPLE: Final = (
    Cast("21-1001", "Ayu Lestari", "astronaut", "271904"),
    Cast("21-1002", "Bima Prasetyo", "t1-2", "830562"),
    Cast("21-1003", "Citra Wulandari", "t1-3", "495713"),
    Cast("21-1004", "Dewi Anggraini", "t1-5", "618247"),
    Cast("21-1005", "Eko Nugroho", None, "739268"),
)


@dataclass(frozen=True, slots=True)
class Office:
    """What the demo runs on."""

    config: Config
    sync_toml: Path
    hq: Path
    password: str = field(repr=False)


def found(data: Path) -> tuple[Config, Mapping[str, str]]:
    """Found an HQ and an empty store in `data`; returns the kiosk's configuration and what HQ told of itself.

    Raises:
        Fault: STORE_EXISTS when the directory is in use.
    """
    told: dict[str, str] = json.loads(command("hq", "init", "--data", data / "hq", "--name", "demo", "--json"))
    config = Config(
        data=data,
        device=Device(site="Kantor Contoh", contact="Sari, 4102", notice="demo-1"),
        headquarters=Headquarters(told["name"], told["public"]),
    )
    (data / "kiosk.toml").write_text(
        _KIOSK_TOML.format(
            site=config.device.site,
            contact=config.device.contact,
            notice=config.device.notice,
            name=config.headquarters.name,
            public=config.headquarters.public,
        ),
        encoding="utf-8",
    )
    (data / "sync").mkdir(mode=0o700)
    store = Store.create(config.state, provider=roots.of(config.state))
    store.write_exchange_key(config.exchange_key)
    demonstrate(store)
    store.close()
    return config, told


def connect(config: Config, told: Mapping[str, str], address: str) -> Office:
    """Introduce the device to the HQ that listens at `address`: TLS key, request, certificate, roster."""
    hq, sync_toml = config.data / "hq", config.data / "sync.toml"
    store = Store.open(config.state, roots.of(config.state))
    device, public = store.device_id, store.device_public.hex()
    store.close()
    host = urlsplit(address).hostname
    sync_toml.write_text(
        _SYNC_TOML.format(
            device=device,
            public=public,
            url=address,
            ca=told["ca"],
            name=told["name"],
            hq_public=told["public"],
            host=host,
        ),
        encoding="utf-8",
    )
    request = Path(command("sync", "enrol-device", "--config", sync_toml).strip())
    certificate = config.data / "sync" / "tls.pem"
    registered = ("--id", device, "--public", public, "--csr", request, "--out", certificate, "--name", "Kantor Contoh")
    command("hq", "device", "add", "--data", hq, *registered)
    roster = config.data / "roster.csv"
    roster.write_text("code,name\n" + "".join(f"{each.code},{each.name}\n" for each in PEOPLE), encoding="utf-8")
    command("hq", "roster", "import", "--data", hq, roster)
    roster.unlink()
    return Office(config, sync_toml, hq, _visitor(hq))


def _visitor(hq: Path) -> str:
    """Make an account that may see every room of HQ's page; returns its password."""
    password = f"Pintu-{secrets.token_hex(3)}-{secrets.token_hex(3)}-7"
    roles = [part for role in ("viewer", "officer", "admin") for part in ("--role", role)]
    command("hq", "account", "add", "--data", hq, "--name", VISITOR, *roles, "--own-password", typed=password)
    return password


def enrol(config: Config, film: SampleFilm, looks_like: Mapping[str, str]) -> int:
    """Add the people, with consent and references from the film's portraits; returns how many.

    Args:
        config: whose store.
        film: draws the portraits.
        looks_like: employee code to the film's subject whose face is enrolled under it.

    Raises:
        Fault: what the store raises. Without a model nobody's face is enrolled, and everybody has a PIN.
    """
    try:
        pipeline = ready_pack(config.models, config.recognition.pack)
    except Fault:
        pipeline, looks_like = None, {}
    store = Store.open(config.state, roots.of(config.state))
    try:
        for each in PEOPLE:
            person = store.people.add(each.code, each.name, pin=each.pin)
            if pipeline is not None and each.code in looks_like:
                consent = Consent("demo-1", "id", store.now_ms(), "demo")
                store.basis.enrol(person, consent, _references(pipeline, film, person, looks_like[each.code]))
    finally:
        store.close()
    return len(PEOPLE)


def _references(pipeline: Pipeline, film: SampleFilm, person: str, subject: str) -> list[Reference]:
    found: list[Reference] = []
    for image in film.portrait(subject):
        for face in pipeline.detect(image)[:1]:
            analysis = pipeline.analyse(image, face)
            probe, now_ms = analysis.embedding, time.time_ns() // 1_000_000
            found.append(Reference(person, probe.vector, probe.model, 1.0, now_ms))
    return found


def command(module: str, *arguments: str | Path, typed: str = "") -> str:
    """Run `kiosk-hq` or `kiosk-sync` to its end, with `typed` as its input, and return what it printed.

    Raises:
        Fault: DEMO_FAILED with the command's own sentence.
    """
    ended = subprocess.run(  # noqa: S603 - our own programs, no shell
        [sys.executable, "-m", module, *map(str, arguments)], capture_output=True, text=True, check=False, input=typed
    )
    if ended.returncode != 0:
        raise Fault(FaultCode.DEMO_FAILED, ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else module)
    return ended.stdout


@contextmanager
def running(log: Path, module: str, *arguments: str | Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `kiosk-hq` or `kiosk-sync` beside us with its log in a file; it ends, by its id, when the block does.

    If we are killed, or crash, the kernel ends it (PR_SET_PDEATHSIG, which setpriv of util-linux asks for).
    """
    setpriv = shutil.which("setpriv")
    with_us = [] if setpriv is None else [setpriv, "--pdeathsig", "TERM"]
    with log.open("ab") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            [*with_us, sys.executable, "-m", module, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def ready(file: Path, process: "subprocess.Popen[bytes]") -> str:
    """Wait until HQ has written its address and return it.

    Raises:
        Fault: DEMO_FAILED when it ends or stays silent for 30 s.
    """
    until = time.monotonic() + READY_WITHIN_S
    while process.poll() is None and time.monotonic() < until:
        if file.exists() and (address := file.read_text(encoding="utf-8").strip()):
            return address
        time.sleep(0.05)
    raise Fault(FaultCode.DEMO_FAILED, "HQ did not start")


def plans_of(people: Sequence[Cast]) -> dict[str, str]:
    """Return whose face is enrolled under which code: everybody's own."""
    return {each.code: each.subject for each in people if each.subject is not None}
