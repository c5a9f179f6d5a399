"""What one caller cannot do to the others: hold a line, the write lock, the page or an old code."""

import json
import socket
import sqlite3
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from hq_desk import AT_THE_SHELL, PASSWORD, account
from hq_site import PROBLEM, Door, Site, broken, check_in, found, now_ms, running
from sqlalchemy.exc import TimeoutError as NoTurn

from hq import access, accounts, first_start, passwords, sessions, sqlite
from hq.access import Opened, Wrong, log_in
from hq.accounts import Role
from hq.alarms import ALARMS_OF_A_KIND
from hq.database import writing
from hq.office import Office, open_office
from hq.refusals import Kind, Problem
from hq.seals import Seals
from hq.today import look
from wire import batch as batches
from wire import canonical

HEADERS = {"Content-Type": "application/json", "Idempotency-Key": '"x"'}


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("impatient"))
    with running(site, program=broken("impatient")):
        yield site


@contextmanager
def connection(site: Site, door: Door | None = None) -> Iterator[ssl.SSLSocket]:
    url = httpx.URL(site.url)
    with (
        socket.create_connection((url.host, url.port or 0), timeout=10) as plain,
        site.context(door).wrap_socket(plain, server_hostname=url.host) as made,
    ):
        yield made


def is_cut(line: ssl.SSLSocket) -> None:
    started = time.monotonic()
    with suppress(ConnectionError, ssl.SSLError):
        while line.recv(65536):
            pass
    assert time.monotonic() - started < 5


def test_a_slow_body_is_cut(impatient: Site) -> None:
    def slow() -> Iterator[bytes]:
        yield b"{"
        time.sleep(2)
        yield b"}"

    with impatient.client(impatient.door("slow")) as client:
        answer = client.post("/v1/events:batch", content=slow(), headers=HEADERS)
    assert (answer.status_code, answer.headers["content-type"]) == (408, PROBLEM)
    assert answer.json()["type"] == f"urn:ambang:problem:{Kind.TOO_SLOW}"


FIRST = b"GET /style.css HTTP/1.1\r\nHost: hq\r\n\r\n"
HALF: dict[str, tuple[bytes, ...]] = {
    "nothing at all": (),
    "half a head": (b"POST /v1/events:batch HTTP/1.1\r\nHost: ",),
    "half of a second head": (FIRST, b"GET / HTTP/1.1\r\nHost: "),
    "a head that begins with the one before it": (FIRST + b"GET", b" / HTTP/1.1\r\nHost: "),
}


@pytest.mark.parametrize("pieces", HALF.values(), ids=HALF)
def test_a_line_that_waits_for_its_caller_is_cut(impatient: Site, pieces: tuple[bytes, ...]) -> None:
    with connection(impatient) as line:
        for piece in pieces:
            line.sendall(piece)
            time.sleep(0.2)
        is_cut(line)


def test_a_body_that_trickles_on_after_its_refusal_is_cut(impatient: Site) -> None:
    with connection(impatient) as line:
        line.sendall(b"POST /v1/events:batch HTTP/1.1\r\nHost: hq\r\nContent-Length: 99999999\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 403")
        started = time.monotonic()
        with suppress(ConnectionError, ssl.SSLError):
            while time.monotonic() - started < 8:
                line.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - started < 5


def test_a_line_that_is_used_again_and_again_is_not_cut(impatient: Site) -> None:
    with impatient.client() as client:
        for _ in range(6):
            assert client.get("/style.css").status_code == 200
            time.sleep(0.3)


def test_the_alarms_of_one_device_do_not_fill_the_page(impatient: Site) -> None:
    door = impatient.door("noisy")
    for _ in range(ALARMS_OF_A_KIND + 9):
        door.append(check_in())
    with impatient.client(door) as client:
        for last in range(1, ALARMS_OF_A_KIND + 10):
            batch = door.batch(1, last)
            value = json.loads(batches.encode(batch))
            value["spine"][-1]["commitment"] = "00" * 32
            headers = HEADERS | {"Idempotency-Key": f'"{batch.batch}"'}
            client.post("/v1/events:batch", content=canonical.encode(value), headers=headers)
    with closing(open_office(impatient.root)) as office:
        shown = [alarm for alarm in look(office, now_ms()).alarms if alarm.door == "noisy"]
    assert len(shown) == ALARMS_OF_A_KIND + 1
    assert sum(alarm.times for alarm in shown) == ALARMS_OF_A_KIND + 9
    assert [alarm.times for alarm in shown if alarm.seq == 0] == [9]


def test_a_guessed_token_does_not_ask_for_the_write_lock(tmp_path: Path) -> None:
    site = found(tmp_path)
    with closing(open_office(site.root)) as office, closing(sqlite3.connect(site.root / "hq.db")) as holder:
        account(office, "Sari", Role.VIEWER)
        opened = log_in(office, "Sari", PASSWORD, now_ms())
        assert isinstance(opened, Opened)
        holder.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        assert sessions.visitor(office, "guessed", now_ms()) is None
        assert sessions.visitor(office, opened.token, now_ms()) is not None
        assert sessions.end(office, "guessed") is None
        assert time.monotonic() - started < 5
        holder.rollback()
        assert sessions.end(office, opened.token)
        assert sessions.visitor(office, opened.token, now_ms()) is None


def test_who_waits_too_long_for_a_turn_to_write_is_told_to_come_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with closing(open_office(found(tmp_path).root)) as office, ThreadPoolExecutor(1) as other:
        with writing(office.engine), pytest.raises(NoTurn):
            other.submit(new_code_of, office).result(10)
        assert other.submit(new_code_of, office).result(10)


def new_code_of(office: Office) -> str:
    with writing(office.engine) as work:
        return first_start.new_code(work)


def test_a_code_that_is_renewed_while_it_is_looked_at_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = found(tmp_path)
    honest = first_start._digest
    with closing(open_office(site.root)) as office:

        def renewed(letters: str, salt: bytes) -> bytes:
            monkeypatch.setattr(first_start, "_digest", honest)
            with writing(office.engine) as work:
                first_start.new_code(work)
            return honest(letters, salt)

        monkeypatch.setattr(first_start, "_digest", renewed)
        assert first_start.try_code(office.engine, site.code, now_ms()) is False


def test_an_account_that_is_reset_while_its_password_is_looked_at_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = found(tmp_path)
    honest = accounts.stretched
    with closing(open_office(site.root)) as office:
        mine = account(office, "Sari", Role.VIEWER)

        def reset(seals: Seals, password: str, salt: bytes) -> bytes:
            monkeypatch.setattr(access, "stretched", honest)
            with writing(office.engine) as work:
                accounts.reset(work, office, AT_THE_SHELL, mine, now_ms())
            return honest(seals, password, salt)

        monkeypatch.setattr(access, "stretched", reset)
        assert log_in(office, "Sari", PASSWORD, now_ms()) == Wrong(locked=False)


def test_no_more_than_two_passwords_are_stretched_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_PATIENCE_S", 0.01)
    assert passwords.stretch(b"one", b"salt" * 4)
    with passwords._AT_ONCE, passwords._AT_ONCE, pytest.raises(Problem) as refused:
        passwords.stretch(b"three", b"salt" * 4)
    assert refused.value.kind is Kind.BUSY
