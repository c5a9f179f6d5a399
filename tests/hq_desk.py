"""People at the desk of HQ: accounts with their passwords, signed in over real TLS, and a day to look at."""

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from html.parser import HTMLParser

import httpx
import pytest
from hq_site import Door, Site, broken, check_in, clock, correction, dispute, now_ms
from sqlalchemy import select

from hq import accounts, intake, passwords
from hq.__main__ import main
from hq.accounts import New, Prepared, Role
from hq.audit import SHELL, Actor
from hq.database import certificates, reading, writing
from hq.devices import Peer
from hq.office import Office, open_office
from wire import batch as batches
from wire.batch import Batch
from wire.event import Action, ClockState, Method

HOSTILE = '<script>alert(1)</script> & "O\'Neil"'
HOUR = 3_600_000
PASSWORD = "Kuda laut 7 menari pelan."  # noqa: S105 - of people who do not exist
AT_THE_SHELL = Actor(SHELL, SHELL)
EVERY_ROLE = (Role.VIEWER, Role.OFFICER, Role.ADMIN)


class Tags(HTMLParser):
    """Every element of a page and every attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs


CHEAP = broken("cheap-passwords")
"""HQ as a program whose passwords cost a millisecond, as they do in this process; tests/test_hq_browser.py pays it."""
passwords._COST |= {"n": 2**4, "p": 1}


def account(office: Office, name: str, *roles: Role, password: str = PASSWORD) -> str:
    """Make an account whose owner has chosen a password; returns its id."""
    made = accounts.prepare(office, name, password)
    assert isinstance(made, Prepared), made
    with writing(office.engine) as work:
        return accounts.add(work, office, AT_THE_SHELL, New(name, roles, made), now_ms())[0]


def accounts_of(site: Site, **people: tuple[Role, ...]) -> None:
    with closing(open_office(site.root)) as office:
        for name, roles in people.items():
            account(office, name, *roles)


@contextmanager
def signed_in(site: Site, name: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
    with site.client() as client:
        answer = client.post("/open", data={"name": name, "password": password})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), text_of(answer)
        yield client


def deliver(office: Office, door: Door, batch: Batch | None = None, *, at: int | None = None) -> None:
    """Hand a batch (else everything) to HQ inside this process: for a test that is not about the way there."""
    sent = batch or door.batch()
    with reading(office.engine) as view:
        serial = view.execute(select(certificates.c.serial).where(certificates.c.device == door.id)).scalars().one()
    peer, body = Peer(door.id, serial), batches.encode(sent)
    intake.receive(office, peer, body, f'"{sent.batch}"', now_ms() if at is None else at)


def hq(*arguments: object, typed: str = "") -> tuple[int, str]:
    """Run a command inside this process; returns its exit code and what it printed."""
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as said:
        patch.setattr(sys, "stdin", io.StringIO(typed))
        code = main([str(part) for part in arguments])
    return code, said.getvalue()


def text_of(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text)).strip()


def a_day(site: Site, door: Door) -> None:
    """Check-ins of today at one door, each kind of flag, and a second history that HQ refuses."""
    morning = check_in("E-1")
    swapped = check_in("E-3", Action.IN, method=Method.PIN)
    for happened in (
        morning,
        dispute(morning),
        check_in("E-2", Action.OUT, method=Method.CLAIMED),
        swapped,
        correction(swapped, Action.BREAK_START),
        replace(check_in("E-77", Action.TRIP_LEAVE), clock=clock(ClockState.UNSYNCED)),
        check_in("E-LASTWEEK", at=now_ms() - 7 * 24 * HOUR),
        replace(check_in("E-NOWHERE", at=253_402_300_799_999), clock=clock(zone="Not/AZone")),
    ):
        door.append(happened)
    assert site.send(door, door.batch()).status_code == 200
    other = Door(door.id, door.key, door.tls_key, door.certificate)
    other.append(check_in("E-1"))
    assert site.send(door, other.batch()).status_code == 409
