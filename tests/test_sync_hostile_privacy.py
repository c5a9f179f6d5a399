"""Promise: what leaves the device is the spine and the events, and no log of either end says who came or what was sent.

A store with a face, a name, a PIN and a witness goes through a day; then the line is listened to behind its TLS.
"""

import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import independent_reader as outside
import pytest
from chaos_programs import Crew, wait_for
from hostile_acts import says
from hostile_hq import NAME as HQ_NAME
from hostile_hq import Act, HostileHq
from hostile_world import World, world
from store_kit import PIN, check_in, correction, dispute, face, here, new_store, notice
from sync_house import Door, write_config
from sync_real import Programs, RealHq, run
from test_store_secrecy import CODE, NAME, SEEDS, WITNESS, needles

from hq.__main__ import main as kiosk_hq
from kiosk.store import Consent, Store, outbox
from kiosk.store.erasure import erase_face
from sync.__main__ import main as kiosk_sync
from sync.exchange import Exchange
from wire.event import Action, NoticeKind

SAID_BY_SERVER = "WORDS-OF-THE-SERVER"
PARTS = {"device", "batch", "h_prev", "spine", "checkpoint", "events"}
SYNC_LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR) ambang\.sync [A-Za-z0-9_=,.: -]+\Z")
LEAVES = {CODE, "EMP-GONE", "0417"}
"""The employee codes are what headquarters is told; everything else that is looked for stays."""


@dataclass(frozen=True, slots=True)
class Lived:
    """A store after a day of every kind of work, handed over; and everything that must not be readable."""

    store: Store
    door: Door
    secrets: dict[str, bytes]


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[Lived]:
    store = new_store(tmp_path / "state")
    person = store.people.add(CODE, NAME, pin=PIN)
    store.basis.enrol(person, Consent("2026-1", "id", 1, WITNESS), [face(person, seed) for seed in SEEDS])
    leaver = store.people.add("EMP-GONE", "Sri Wahyuni", pin=PIN)
    store.basis.enrol(leaver, Consent("2026-1", "id", 1, WITNESS), [face(leaver, 4)])
    for action in Action:
        store.ledger.append(check_in(store, action, code=CODE), person)
    first = check_in(store, code=CODE)
    store.ledger.append(first, person)
    store.ledger.append(dispute(store, first.event_id, code=CODE), person)
    store.ledger.append(correction(store, first.event_id, Action.OUT, code=CODE), person)
    store.ledger.append(notice(store, NoticeKind.RESTRICTED, code=CODE), person)
    erase_face(store, leaver)
    door = Door(tmp_path / "handed over", device=store.device_id)
    door.path.unlink()
    (door.folder / "exchange.key").unlink()
    store.write_exchange_key(door.folder / "exchange.key")
    with closing(outbox.begin_anew(door.path)) as exchange:
        outbox.forward(here(store), exchange)
    yield Lived(store, door, needles(store))
    store.close()


def spelled(secrets: dict[str, bytes]) -> dict[str, bytes]:
    """Each secret as bytes, in hexadecimal, and in base64 at any place in a text."""
    forms: dict[str, bytes] = {}
    for name, secret in secrets.items():
        forms[name] = secret
        forms[f"{name} in hex"] = secret.hex().encode()
        for shift in range(3):
            text = b64encode(bytes(shift) + secret)
            forms[f"{name} in base64 {shift}"] = text[(0, 2, 3)[shift] : len(text) - len(text) % 4 - 4]
    return {name: form for name, form in forms.items() if len(form) >= 6}  # shorter ones come by chance


def readable(text: bytes, secrets: dict[str, bytes]) -> list[str]:
    return [name for name, form in secrets.items() if form in text]


def kept(secrets: dict[str, bytes]) -> dict[str, bytes]:
    """What must not even reach headquarters: all but the codes."""
    return {name: one for name, one in secrets.items() if name.rsplit(" ", 1)[0] not in LEAVES}


def hostile_world(made: World, lived: Lived) -> Path:
    made.hq._device_public = lived.store.device_public
    text = write_config(lived.door, made.hq.url, HQ_NAME, made.hq.public, made.authority.pem, *made.client)
    config = text.read_text().replace(lived.door.key.public.hex(), lived.store.device_public.hex())
    text.write_text(config)
    return text


def heard(hq: HostileHq) -> bytes:
    return b"\n".join([*hq.heads, *hq.bodies])


def test_headquarters_hears_the_spine_and_the_events_and_nothing_else(tmp_path: Path, lived: Lived) -> None:
    secrets = spelled(kept(lived.secrets))
    with world(tmp_path / "world") as made, closing(Crew()) as programs:
        config = hostile_world(made, lived)
        rude = f"<html>{SAID_BY_SERVER}</html>".encode()
        made.hq.script = [
            Act("500", reply=says("500 Internal Server Error", rude, f"X-Said: {SAID_BY_SERVER}", kind="text/html")),
            Act("portal", reply=says(f"200 {SAID_BY_SERVER}", rude, kind="text/html")),
        ]
        log = tmp_path / "sync.log"
        programs.script("-m", "sync", "run", "--config", str(config), "--log-level", "DEBUG", log=log)
        wait_for(lambda: lived.door.unsettled() == 0)
        said = heard(made.hq)
        for body in made.hq.bodies:
            read = outside.read_json(body)
            assert set(read) == PARTS
            outside.batch({"body": body.decode()})  # a closed reader: no field that is not in the format
        kinds = {row[0] for row in made.hq.ledger.ask("SELECT json_extract(clear, '$.type') FROM events")}
    assert CODE.encode() in said, "the code is there, so what is looked for can be found"
    assert readable(said, secrets) == []
    assert kinds == {f"com.ambang.{one}.v1" for one in ("checkin", "corrected", "disputed", "notice")}
    text = log.read_text()
    assert "outcome=receipted" in text
    assert readable(text.encode(), spelled(lived.secrets)) == []
    assert SAID_BY_SERVER not in text
    assert [line for line in text.splitlines() if not SYNC_LINE.match(line)] == []


@pytest.mark.parametrize("leak", ["vector", "name", "vector in the log"])
def test_the_search_finds_what_it_looks_for(lived: Lived, leak: str) -> None:
    (reference, *_) = lived.store.templates.references()
    found = {
        "vector": b64encode(b"?" + reference.vector.tobytes()),
        "name": b'{"person":"' + NAME.encode() + b'"}',
        "vector in the log": b"INFO ambang.sync " + reference.vector.tobytes().hex().encode(),
    }[leak]
    assert readable(found, spelled(kept(lived.secrets)))


class Chatty(Programs):
    """Everything that is started says all that it can."""

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        return super().start(*arguments, "--log-level", "DEBUG", log=log)


def test_no_log_of_the_real_programs_says_who_came(tmp_path: Path, lived: Lived) -> None:
    with closing(Chatty()) as programs:
        hq = RealHq(tmp_path / "hq", programs)
        config = hq.config(lived.door, hq.port)
        config.write_text(config.read_text().replace(lived.door.key.public.hex(), lived.store.device_public.hex()))
        (tmp_path / "roster.csv").write_text(f"code,name\n{CODE},{NAME}\n")
        data = ("--data", str(hq.data))
        assert run(kiosk_hq, "roster", "import", *data, str(tmp_path / "roster.csv"))[0] == 0
        assert run(kiosk_sync, "enrol-device", "--config", str(config))[0] == 0
        request, certificate = str(lived.door.folder / "tls.csr"), str(lived.door.folder / "tls.pem")
        key = lived.store.device_public.hex()
        files = ("--public", key, "--csr", request, "--out", certificate)
        assert run(kiosk_hq, "device", "add", *data, "--id", lived.door.device, *files)[0] == 0
        copy = tmp_path / "copy.db"
        shutil.copy(lived.door.path, copy)
        log = tmp_path / "sync.log"
        programs.start("sync", "run", "--config", str(config), log=log)
        wait_for(lambda: lived.door.unsettled() == 0)
        codes = {event["person"] for event in hq.export()["events"]}
        hq.stop()
        with closing(Exchange.open(copy)) as exchange:
            assert exchange.unsettled().events == len(hq.export()["events"])
    assert CODE in codes
    logs = hq.log.read_bytes() + log.read_bytes()
    assert b"batch stored" in logs
    assert b"outcome=receipted" in logs
    assert readable(logs, spelled(lived.secrets)) == []
    assert lived.door.folder.joinpath("exchange.key").read_bytes() not in logs
