"""A real store, a real sync and a real HQ that do not know each other yet, for the tests of the devices' door."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hq_site import Site
from sync_real import run

from hq.__main__ import main as kiosk_hq
from kiosk.__main__ import main as kiosk
from kiosk.config import Config
from kiosk.store import FileRootKey, Store, outbox
from sync.__main__ import main as kiosk_sync
from sync.config import Settings, read
from sync.errand_memory import Memory
from sync.exchange import Exchange, Message
from wire import enclosed, invitation
from wire.invitation import Invitation

NAME = "{device}-20261126T0100{number:02d}Z-00000000{number:02d}.offsite.age"
RECIPIENT = ("name", "category", "purpose", "country", "ground", "evidence", "date")


@dataclass
class Kiosk:
    """A device whose store was just made: the directory holds state/, exchange/ and sync.toml."""

    folder: Path
    device: str = ""
    public: bytes = b""

    def __post_init__(self) -> None:
        self.folder.mkdir()
        assert run(kiosk, "store", "create", "--data", str(self.folder), "--json")[0] == 0
        with closing(Store.open(self.config.state, FileRootKey(self.config.state / "root.key"))) as store:
            self.device, self.public = store.device_id, store.device_public
        outbox.begin_anew(self.config.exchange).close()
        lines = [f'device = "{self.device}"', f'device_public = "{self.public.hex()}"']
        lines += ['exchange = "exchange/exchange.db"', 'exchange_key = "exchange.key"', 'journal = "sync/sync.db"']
        lines += ["[recipient]  # who receives", 'host = "127.0.0.1"']
        lines += [f'{word} = "a {word}"' for word in RECIPIENT]
        (self.folder / "sync").mkdir()
        self.toml.write_text("\n".join(lines) + "\n")

    @property
    def config(self) -> Config:
        return Config(data=self.folder)

    @property
    def toml(self) -> Path:
        return self.folder / "sync.toml"

    @property
    def settings(self) -> Settings:
        return read(self.toml)

    def enrol(self, *options: str) -> tuple[int, str, str]:
        return run(kiosk_sync, "enrol-device", "--config", str(self.toml), *options)

    def vouch(self, line: str) -> tuple[int, str, str]:
        return run(kiosk, "device", "enrol", "--data", str(self.folder), "--invitation", line)

    def sync(self, act: str) -> tuple[int, str, str]:
        return run(kiosk_sync, act, "--config", str(self.toml))

    def inbox(self, kind: str) -> list[Message]:
        with closing(Exchange.open(self.config.exchange)) as exchange:
            found: list[Message] = []
            while rows := exchange.inbox(found[-1].id if found else 0):
                found += rows
        key = (self.folder / "exchange.key").read_bytes()
        mine = [row for row in found if row.kind == kind]
        return [replace(row, body=enclosed.opened(key, self.device, row.body)) for row in mine]

    def request(self, kind: str, body: bytes) -> None:
        with closing(Exchange.open(self.config.exchange)) as exchange:
            exchange.request(kind, body)

    def requests(self) -> list[Message]:
        with closing(Exchange.open(self.config.exchange)) as exchange:
            return list(exchange.requests(0))


def invited(site: Site, device: str, *options: str) -> Invitation:
    """What `kiosk-hq device invite` prints, read again."""
    told = asked(site, "device", "invite", "--id", device, "--url", site.url, *options, "--json")
    return invitation.read(told["invitation"])


def asked(site: Site, *arguments: str) -> dict[str, Any]:
    """A command of HQ that answers as JSON."""
    done = run(kiosk_hq, *arguments[:2], "--data", str(site.root), *arguments[2:])
    assert done[0] == 0, done
    found: dict[str, Any] = json.loads(done[1])
    return found


def told(site: Site, *arguments: str) -> tuple[int, str, str]:
    """A command of HQ."""
    return run(kiosk_hq, *arguments[:2], "--data", str(site.root), *arguments[2:])


def at_home(site: Site, folder: Path) -> Kiosk:
    """A device that was enrolled the way a technician does it."""
    device = Kiosk(folder)
    assert device.enrol()[0] == 0
    line = invitation.write(invited(site, device.device))
    assert device.vouch(line)[0] == 0
    done = device.enrol()
    assert done[0] == 0, done
    return device


def wait_for(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def memory(device: Kiosk) -> Memory:
    return Memory.open(device.folder / "sync" / "errands.db")


def shown(site: Site, device: Kiosk) -> dict[str, Any]:
    return asked(site, "device", "show", "--id", device.device, "--json")


def spooled(device: Kiosk, number: int, content: bytes) -> Path:
    device.config.offsite.mkdir(exist_ok=True)
    path = device.config.offsite / NAME.format(device=device.device, number=number)
    path.write_bytes(content)
    return path
