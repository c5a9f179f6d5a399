"""An Odoo to test with, the stand-in or a live one, arranged and looked at through its own API by another client."""

# ruff: noqa: ANN401 - the values of a JSON tree

import os
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
from odoo_stand_in import OdooStandIn
from sync_house import BOOT, Authority

from sync.backends.odoo import OdooBackend
from sync.config import Actions, Odoo
from sync.contract import Punch
from sync.transport import Transport
from wire.event import Action, CheckIn, Clock, ClockState, Method, uuid7

KEY = "planted-api-key-0123456789abcdef"
DAY = 1_750_000_000_000 // 86_400_000 * 86_400_000  # a midnight in UTC


@dataclass
class Site:
    """One Odoo and a second client that may write there."""

    url: str
    ca: Path
    database: str
    key: str
    folder: Path
    stand_in: OdooStandIn | None = None
    made: list[int] = field(default_factory=list)
    lines: list[Transport] = field(default_factory=list)
    client: requests.Session = field(default_factory=requests.Session)

    def call(self, model: str, method: str, **arguments: Any) -> Any:
        answer = self.client.post(
            f"{self.url}/json/2/{model}/{method}",
            json=arguments,
            headers={"Authorization": f"bearer {self.key}", "X-Odoo-Database": self.database},
            verify=str(self.ca),
            timeout=60,
        )
        answer.raise_for_status()
        return answer.json()

    def hire(self, *, active: bool = True, **values: Any) -> str:
        """Make an employee with a new barcode, and return it."""
        code = f"AMB{secrets.token_hex(6)}"
        made = self.call("hr.employee", "create", vals_list=[{"name": "Ambang test", "barcode": code, **values}])
        self.made += made
        if not active:
            self.call("hr.employee", "write", ids=made, vals={"active": False})
        return code

    def id(self, code: str) -> int:
        found = self.call(
            "hr.employee", "search", domain=[["barcode", "=", code]], context={"active_test": False}, limit=1
        )
        return int(found[0])

    def enter(self, code: str, begins: str, ends: str = "") -> int:
        """Enter a row by hand."""
        values = {"employee_id": self.id(code), "check_in": begins} | ({"check_out": ends} if ends else {})
        return int(self.call("hr.attendance", "create", vals_list=[values])[0])

    def rows(self, code: str) -> list[tuple[str, str]]:
        """Everything that is stored for somebody, in order."""
        found = self.call(
            "hr.attendance",
            "search_read",
            domain=[["employee_id", "=", self.id(code)]],
            fields=["check_in", "check_out"],
            order="check_in",
        )
        return [(one["check_in"], one["check_out"] or "") for one in found]

    def settings(self, **other: Any) -> Odoo:
        credential = self.folder / "odoo.key"
        if not credential.exists():
            credential.touch(0o600)
            credential.write_text(self.key + "\n")
        given: dict[str, Any] = {
            "url": self.url,
            "ca": self.ca,
            "database": self.database,
            "credential": credential,
        } | other
        return Odoo(**given)

    def backend(self, *, total_s: float = 60.0, actions: Actions | None = None, **other: Any) -> OdooBackend:
        host = urlsplit(self.url).hostname
        assert host is not None
        line = Transport(frozenset({host}), self.ca, None, None, total_s)
        self.lines.append(line)
        return OdooBackend(self.settings(**other), "door-1", lambda: line, actions or Actions())

    def leave(self) -> None:
        """Take back what was made, as far as the server lets us."""
        for line in self.lines:
            line.close()
        with self.client:
            if self.stand_in is None and self.made:
                self._take_back()

    def _take_back(self) -> None:
        rows = self.call("hr.attendance", "search", domain=[["employee_id", "in", self.made]])
        self.call("hr.attendance", "unlink", ids=rows)
        try:
            self.call("hr.employee", "unlink", ids=self.made)
        except requests.HTTPError:
            self.call("hr.employee", "write", ids=self.made, vals={"active": False, "barcode": False})


def punch(  # noqa: PLR0913 - an event has these parts
    code: str,
    action: Action,
    at: int,
    *,
    method: Method = Method.FACE,
    clock: ClockState = ClockState.SYNCED,
    reviewed: bool = False,
) -> Punch:
    """An event of a person, `at` ms since 1970."""
    event_id = uuid7(int(time.time() * 1000), secrets.token_bytes(10))
    event = CheckIn(event_id, code, action, at, Clock("Asia/Jakarta", 1, BOOT, clock, 0), method, "HQ")
    return Punch(1, event, reviewed)


def at(hour: int, minute: int = 0, second: int = 0, ms: int = 0) -> int:
    """A moment of the one day all tests are on, in UTC."""
    return DAY + ((hour * 60 + minute) * 60 + second) * 1000 + ms


def text(hour: int, minute: int = 0, second: int = 0) -> str:
    """The same, as Odoo spells it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at(hour, minute, second) // 1000))


@contextmanager
def standing_in(folder: Path) -> Iterator[Site]:
    authority = Authority(folder / "authority")
    house = OdooStandIn(folder, authority.issue("odoo", ["127.0.0.1"]), KEY)
    site = Site(house.url, authority.pem, house.database, KEY, folder, house)
    try:
        yield site
    finally:
        site.leave()
        house.close()


@contextmanager
def live(folder: Path) -> Iterator[Site]:
    """The Odoo that the environment names; one behind plain http gets a TLS front of our own on the loopback."""
    url, ca = os.environ["AMBANG_LIVE_ODOO_URL"].rstrip("/"), os.environ.get("AMBANG_LIVE_ODOO_CA")
    with ExitStack() as stack:
        if url.startswith("http://"):
            authority = Authority(folder / "authority")
            url = stack.enter_context(_front(urlsplit(url).netloc, authority.issue("odoo", ["127.0.0.1"])))
            ca = str(authority.pem)
        trusted = Path(ca) if ca else Path(certifi.where())
        site = Site(url, trusted, os.environ["AMBANG_LIVE_ODOO_DB"], os.environ["AMBANG_LIVE_ODOO_KEY"], folder)
        stack.callback(site.leave)
        yield site


@contextmanager
def _front(target: str, certificate: tuple[Path, Path]) -> Iterator[str]:
    host, _, port = target.partition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def serve(raw: socket.socket) -> None:
        with (
            suppress(OSError),
            closing(context.wrap_socket(raw, server_side=True)) as line,
            closing(socket.create_connection((host, int(port or 80)))) as behind,
        ):
            back = threading.Thread(target=pump, args=(behind, line))
            back.start()
            pump(line, behind)
            back.join()

    def listen() -> None:
        with suppress(OSError):
            while True:
                threads.append(threading.Thread(target=serve, args=(listener.accept()[0],)))
                threads[-1].start()

    accepting = threading.Thread(target=listen)
    accepting.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(10)
        for thread in threads:
            thread.join(10)
