"""What the tests of Frappe HR share: a site (the stand-in, or a live one), people in it, and events at a door."""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import pytest
from frappe_stand_in import ADMIN_KEY, ADMIN_SECRET, KEY, SECRET, Site
from odoo_site import _front
from sync_house import BOOT, Authority, server_context

from sync import strict_json
from sync.backends.frappe import FrappeBackend
from sync.backends.frappe_line import Line, Row, expect
from sync.config import Actions, Frappe
from sync.contract import Punch
from sync.transport import Transport
from wire.event import Action, CheckIn, Clock, ClockState, Event, Method, uuid7

TRIPS = Actions(trip="request")
CHECKIN_FIELDS = ("name", "employee", "time", "log_type", "device_id")


def clock(state: ClockState = ClockState.SYNCED) -> Clock:
    return Clock("Asia/Jakarta", 1, BOOT, state, 0)


def event_id(now_ms: int | None = None) -> str:
    return uuid7(int(time.time() * 1000) if now_ms is None else now_ms, uuid.uuid4().bytes[:10])


def check_in(  # noqa: PLR0913 - the parts of an act
    person: str,
    occurred_at: int,
    action: Action = Action.IN,
    *,
    method: Method = Method.FACE,
    state: ClockState = ClockState.SYNCED,
    reviewed: bool = False,
) -> Punch:
    return punch(CheckIn(event_id(), person, action, occurred_at, clock(state), method, "HQ"), reviewed=reviewed)


def punch(event: Event, *, reviewed: bool = False) -> Punch:
    return Punch(1, event, reviewed)


@dataclass
class Place:
    """A site, and the right of an administrator there, through the same interface that the kiosk uses."""

    settings: Frappe
    connect: Callable[[], Transport]
    admin: Line
    zone: str
    stand_in: Site | None
    device: str

    def backend(self, mode: str = "keyed", actions: Actions | None = None) -> FrappeBackend:
        """A backend with a line of its own."""
        settings = Frappe(self.settings.url, self.settings.ca, self.settings.credential, mode)
        line = self.connect()
        return FrappeBackend(settings, self.device, lambda: line, actions or Actions())

    @property
    def server(self) -> Site:
        assert self.stand_in is not None
        return self.stand_in

    def employ(self, code: str | None, status: str = "Active", **more: str) -> str:
        """Make an employee; returns its name (id)."""
        fields: dict[str, object] = {"status": status, "attendance_device_id": code, **more}
        if self.stand_in is None:
            fields |= self._person()
        else:
            fields["employee_name"] = f"Test {code}"
        return self._made("Employee", fields)

    def _person(self) -> dict[str, object]:
        company = self.rows("Company", ("name",))[0]["name"]
        gender = self.rows("Gender", ("name",))[0]["name"]
        days = {"date_of_birth": "1990-01-01", "date_of_joining": "2020-01-01"}
        return {"first_name": "Test", "company": company, "gender": gender, **days}

    def _made(self, doctype: str, fields: dict[str, object]) -> str:
        reply = expect(self.admin.insert(doctype, fields, 0))
        return strict_json.text(strict_json.record(reply.body["data"]), "name")

    def make(self, doctype: str, **fields: object) -> str:
        return self._made(doctype, fields)

    def change(self, doctype: str, name: str, **fields: object) -> None:
        expect(self.admin.update(doctype, name, fields, 0))

    def rows(self, doctype: str, fields: tuple[str, ...], *filters: tuple[str, str, str]) -> list[Row]:
        return self.admin.rows(doctype, fields, filters, 0)

    def check_ins(self, employee: str, *more: str) -> list[Row]:
        return self.rows("Employee Checkin", (*CHECKIN_FIELDS, *more), ("employee", "=", employee))


@contextmanager
def _lines(url: str, ca: Path, total_s: float) -> Iterator[Callable[[], Transport]]:
    """Makes lines to a site; all are closed at the end."""
    made: list[Transport] = []

    def connect() -> Transport:
        made.append(Transport(frozenset({urlsplit(url).hostname or ""}), ca, None, None, total_s))
        return made[-1]

    yield connect
    for line in made:
        line.close()


def _keep(path: Path, credential: str) -> None:
    path.touch(0o600)
    path.write_text(credential)


@contextmanager
def place(
    folder: Path, *, keyed: bool = True, zone: str = "Asia/Jakarta", total_s: float = 10.0, device: str = "door-1"
) -> Iterator[Place]:
    """A stand-in, served over TLS."""
    authority = Authority(folder / "authority")
    context = server_context(authority.issue("site", ["127.0.0.1", "localhost"]), None)
    site = Site(folder, context, keyed=keyed, zone=zone)
    try:
        url = f"https://{site.host}"
        _keep(folder / "kiosk.key", f"{KEY}:{SECRET}\n")
        _keep(folder / "admin.key", f"{ADMIN_KEY}:{ADMIN_SECRET}\n")
        settings = Frappe(url, authority.pem, folder / "kiosk.key", "keyed")
        admin_settings = Frappe(url, authority.pem, folder / "admin.key", "keyed")
        with _lines(url, authority.pem, total_s) as connect:
            line = connect()
            yield Place(settings, connect, Line(admin_settings, lambda: line), zone, site, device)
    finally:
        site.stop()


@contextmanager
def live(folder: Path) -> Iterator[Place]:
    """A running Frappe HR, whose key may make employees and fields; one behind plain http gets a TLS front of ours."""
    url, key, secret = (os.environ.get(f"AMBANG_LIVE_FRAPPE_{word}", "") for word in ("URL", "KEY", "SECRET"))
    if not (url and key and secret):
        pytest.skip("no live Frappe HR: AMBANG_LIVE_FRAPPE_URL, _KEY and _SECRET are not set")
    with ExitStack() as stack:
        ca = os.environ.get("AMBANG_LIVE_FRAPPE_CA") or certifi.where()
        if url.startswith("http://"):
            authority, named = Authority(folder / "authority"), urlsplit(url)
            front = stack.enter_context(_front(named.netloc, authority.issue("site", [named.hostname or "localhost"])))
            url, ca = (
                f"https://{named.hostname}:{urlsplit(front).port}",
                str(authority.pem),
            )  # a site is its host's name
        _keep(folder / "kiosk.key", f"{key}:{secret}\n")
        settings = Frappe(url, Path(ca), folder / "kiosk.key", "keyed")
        connect = stack.enter_context(_lines(url, Path(ca), 60.0))
        line = connect()
        admin = Line(settings, lambda: line)
        zone = strict_json.record(expect(admin.method("frappe.client.get_time_zone", {}, 0)).body["message"])
        filters = [("dt", "=", "Employee Checkin"), ("fieldname", "=", "kiosk_event_id")]
        if not admin.rows("Custom Field", ("name",), filters, 0):
            key_field = {"label": "Kiosk Event ID", "fieldtype": "Data", "unique": 1, "no_copy": 1}
            names = {"dt": "Employee Checkin", "fieldname": "kiosk_event_id"}
            expect(admin.insert("Custom Field", {**key_field, **names}, 0))
        device = f"door-{uuid.uuid4().hex[:8]}"
        yield Place(settings, connect, admin, strict_json.text(zone, "time_zone"), None, device)
