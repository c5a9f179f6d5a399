"""HQ on a real PostgreSQL: which URLs it takes, several processes, locks, failures of the database, and its secrets."""

import stat
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from hq_desk import PASSWORD, account
from hq_site import PROBLEM, Door, Site, check_in, found, now_ms, running
from pg_server import PgServer
from sqlalchemy import select

from hq import access, intake, sessions
from hq.__main__ import main
from hq.accounts import Role
from hq.continuation import continuation
from hq.database import certificates, devices, reading
from hq.devices import Peer
from hq.office import Office, open_office
from hq.postgresql import read_url
from hq.refusals import Kind, Problem, Refused
from hq.today import look
from hq.verdict import judge
from wire import batch as batches

HERE = (
    "postgresql://hq@/ambang",
    "postgresql+psycopg://hq@/ambang",
    "postgresql://hq@localhost/ambang",
    "postgresql://hq:secret@127.0.0.1:5433/ambang",
    "postgresql://hq@[::1]/ambang",
    "postgresql://hq@/ambang?host=/run/postgresql&port=5433",
    "postgresql://hq@db.example/ambang?sslmode=verify-full&sslrootcert=/etc/ambang/ca.pem",
)


@pytest.mark.parametrize("url", HERE)
def test_a_database_of_this_machine_or_with_a_proven_certificate_is_taken(url: str) -> None:
    assert read_url(f"{url}\n").drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "is not a URL"),
        ("hq.db", "is not a URL"),
        ("postgresql://hq@localhost:many/ambang", "is not a URL"),
        ("sqlite:///hq.db", "knows no other database"),
        ("mysql://hq@localhost/ambang", "knows no other database"),
        ("postgresql+psycopg2://hq@localhost/ambang", "knows no other database"),
        ("postgresql://hq@localhost", "does not name one"),
        ("postgresql://hq@db.example/ambang", "sslmode=verify-full"),
        ("postgresql://hq@192.0.2.7/ambang?sslmode=require", "sslmode=verify-full"),
        ("postgresql://hq@/ambang?host=db.example", "sslmode=verify-full"),
        ("postgresql://hq@/ambang?host=/run/postgresql&host=db.example:5432", "sslmode=verify-full"),
        ("postgresql://hq@/ambang?host=localhost,db.example", "sslmode=verify-full"),
        ("postgresql://hq@localhost/ambang?hostaddr=192.0.2.7", "does not know: hostaddr"),
        ("postgresql://hq@localhost/ambang?service=elsewhere", "does not know: service"),
        ("postgresql://hq@localhost/ambang?options=-c%20synchronous_commit%3Doff", "does not know: options"),
    ],
)
def test_a_url_that_is_none_or_leads_elsewhere_unproven_is_refused(url: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        read_url(url)


def test_the_url_is_kept_for_its_owner_alone_and_its_password_is_not_shown(
    tmp_path: Path, postgresql: PgServer, capfd: pytest.CaptureFixture[str]
) -> None:
    url = postgresql.database().replace("hq@", "hq:so-secret@")
    assert main(["init", "--data", str(tmp_path / "hq"), "--name", "kantor", "--database", url]) == 0
    kept = tmp_path / "hq/database.url"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400
    assert "so-secret" in kept.read_text()
    assert not (tmp_path / "hq/hq.db").exists()
    assert main(["export", "--data", str(tmp_path / "hq"), "--json"]) == 0
    wrong = url.replace("/hq_", "/none_")
    assert main(["init", "--data", str(tmp_path / "two"), "--name", "kantor", "--database", wrong]) == 2
    said = capfd.readouterr()
    assert "does not answer" in said.err
    assert "so-secret" not in said.out + said.err
    kept.chmod(0o440)
    assert main(["export", "--data", str(tmp_path / "hq"), "--json"]) == 2
    assert "database.url can be read by others" in capfd.readouterr().err


def test_a_database_that_holds_something_is_not_moved_into(
    tmp_path: Path, postgresql: PgServer, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgresql.database()
    found(tmp_path, url)
    assert main(["init", "--data", str(tmp_path / "two"), "--name", "kantor", "--database", url]) == 2
    assert "holds tables already" in capsys.readouterr().err
    assert not (tmp_path / "two").exists()


def test_the_keys_of_another_hq_do_not_open_a_database(tmp_path: Path, postgresql: PgServer) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = found(tmp_path / "one", postgresql.database())
    two = found(tmp_path / "two", postgresql.database())
    (two.root / "database.url").unlink()
    (one.root / "database.url").rename(two.root / "database.url")
    with pytest.raises(Refused, match=r"does not open with seal\.key"):
        open_office(two.root)


def test_a_role_that_may_not_make_tables_gets_a_sentence(
    tmp_path: Path, postgresql: PgServer, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgresql.database()
    with psycopg.connect(url, autocommit=True) as work:
        work.execute("DROP ROLE IF EXISTS guest")
        work.execute("CREATE ROLE guest LOGIN")
    guest = url.replace("hq@", "guest@")
    assert main(["init", "--data", str(tmp_path / "hq"), "--name", "kantor", "--database", guest]) == 2
    assert "may not make its tables" in capsys.readouterr().err


@pytest.fixture
def office(tmp_path: Path, postgresql: PgServer) -> Iterator[Office]:
    with closing(open_office(found(tmp_path, postgresql.database()).root)) as office:
        yield office


@pytest.fixture
def door(office: Office) -> Door:
    return Site(office.house.root, office.name, office.signing.public, "").door("door-1")


def deliver(office: Office, door: Door, first: int = 1) -> bytes:
    batch = door.batch(first)
    with reading(office.engine) as view:
        serial = view.execute(select(certificates.c.serial).where(certificates.c.device == door.id)).scalars().first()
    peer = Peer(door.id, str(serial))
    return intake.receive(office, peer, batches.encode(batch), f'"{batch.batch}"', now_ms())


def stored(office: Office) -> list[int]:
    with reading(office.engine) as view:
        return list(view.exec_driver_sql("SELECT seq FROM events ORDER BY device, seq").scalars())


def url_of(office: Office) -> str:
    return office.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def test_one_device_waits_for_its_own_row_and_no_other_does(office: Office, door: Door) -> None:
    other = Site(office.house.root, office.name, office.signing.public, "").door("door-2")
    for one in (door, other):
        one.append(check_in())
    with psycopg.connect(url_of(office)) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("SELECT 1 FROM devices WHERE id = 'door-1' FOR UPDATE")
        waiting = pool.submit(deliver, office, door)
        deliver(office, other)
        time.sleep(0.3)
        assert not waiting.done()
        holder.rollback()
        waiting.result(10)
    assert stored(office) == [1, 1]


def test_the_page_and_every_command_work_there_too(
    office: Office, door: Door, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(office.house.root)
    (tmp_path / "roster.csv").write_text("code,name\nE-1001,Sari Dewi\n")
    for _ in range(2):
        assert main(["roster", "import", "--data", root, str(tmp_path / "roster.csv")]) == 0
    door.append(check_in())
    deliver(office, door)
    shown = look(office, now_ms())
    assert [(line.name, line.door) for line in shown.lines] == [("Sari Dewi", "door-1")]
    assert [one["seq"] for one in list(continuation(office, "door-1", 0))[1:]] == [1]
    assert main(["device", "revoke", "--data", root, "--id", "door-1"]) == 0
    with pytest.raises(Problem):
        deliver(office, door)
    capsys.readouterr()
    assert main(["access", "renew", "--data", root]) == 0
    account(office, "ida", Role.OFFICER)
    opened = access.log_in(office, "ida", PASSWORD, now_ms())
    assert isinstance(opened, access.Opened)
    assert sessions.visitor(office, opened.token, now_ms()) is not None
    assert sessions.end(office, opened.token)
    assert sessions.visitor(office, opened.token, now_ms()) is None
    assert main(["verify", "--data", root]) == 0


TROUBLE = """
CREATE SEQUENCE tries;
CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '{code}'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trouble BEFORE INSERT ON spine FOR EACH ROW EXECUTE FUNCTION trouble();
"""


@pytest.mark.parametrize("code", ["40001", "40P01", "23505"])
def test_what_was_in_each_other_s_way_is_tried_again(office: Office, door: Door, code: str) -> None:
    with psycopg.connect(url_of(office)) as work:
        work.execute(TROUBLE.format(times=2, code=code))
    door.append(check_in())
    deliver(office, door)
    assert stored(office) == [1]


def test_a_database_that_stays_in_trouble_is_busy_and_stores_nothing(tmp_path: Path, postgresql: PgServer) -> None:
    site = found(tmp_path, postgresql.database())
    door = site.door("door")
    door.append(check_in())
    with (
        psycopg.connect((site.root / "database.url").read_text().replace("+psycopg", ""), autocommit=True) as admin,
        running(site),
    ):
        for code in ("40001", "53100", "25006", "57014"):  # serialization, disk full, a standby now, cancelled
            trouble = TROUBLE.format(times=99, code=code)
            admin.execute(trouble)
            answer = site.send(door, door.batch())
            assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM), code
            assert answer.json()["type"] == f"urn:ambang:problem:{Kind.BUSY}"
            assert answer.headers["retry-after"] == "5"
            assert site.events_of(door) == []
            admin.execute("DROP FUNCTION trouble CASCADE")
            admin.execute("DROP SEQUENCE tries")
        assert site.send(door, door.batch()).status_code == 200


def test_lines_that_broke_are_made_again(office: Office, door: Door) -> None:
    door.append(check_in())
    deliver(office, door)
    honest = intake._insert_rows

    def cut(*arguments: object) -> None:
        intake._insert_rows = honest
        with psycopg.connect(url_of(office)) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kiosk-hq'")
        honest(*arguments)  # type: ignore[arg-type]

    intake._insert_rows = cut  # type: ignore[assignment]
    door.append(check_in())
    deliver(office, door, 2)
    assert stored(office) == [1, 2]


def test_a_writer_that_forgets_the_lock_still_stores_nothing_twice(
    office: Office, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken on purpose: two read the same size, then both insert; the constraints decide."""
    both_have_read = threading.Barrier(2)
    honest: Callable[..., object] = judge

    def together(*arguments: object) -> object:
        with suppress(threading.BrokenBarrierError):  # the second try comes alone
            both_have_read.wait(2)
        return honest(*arguments)

    monkeypatch.setattr(intake, "judge", together)
    monkeypatch.setattr(intake, "_alone_with", lambda device: select(devices).where(devices.c.id == device))
    for _ in range(30):
        door.append(check_in())
    with ThreadPoolExecutor(2) as pool:
        replies = [one.result(30) for one in [pool.submit(deliver, office, door) for _ in range(2)]]
    assert len(replies) == 2
    assert stored(office) == list(range(1, 31))
    with reading(office.engine) as view:
        counted = view.exec_driver_sql("SELECT name, value FROM counters").all()
    assert [tuple(row) for row in counted] == [("duplicates", 30)]


def test_every_commit_is_durable_whatever_the_server_says(office: Office) -> None:
    with psycopg.connect(url_of(office), autocommit=True) as admin:
        admin.execute("ALTER ROLE hq SET synchronous_commit = off")
    try:
        office.engine.dispose()
        with reading(office.engine) as view:
            assert view.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
            assert view.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
    finally:
        with psycopg.connect(url_of(office), autocommit=True) as admin:
            admin.execute("ALTER ROLE hq RESET synchronous_commit")


def test_a_server_that_does_not_write_through_is_warned_about(
    tmp_path: Path, postgresql: PgServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgresql.database()
    root = found(tmp_path, url).root
    with psycopg.connect(url, autocommit=True) as admin:
        for value, warned in (("off", True), ("on", False)):
            admin.execute(f"ALTER SYSTEM SET full_page_writes = {value}")
            admin.execute("SELECT pg_reload_conf()")
            _wait_until(admin, value)
            caplog.clear()
            open_office(root).close()
            assert ("full_page_writes off" in caplog.text) == warned


def _wait_until(admin: "psycopg.Connection[tuple[str, ...]]", value: str) -> None:
    deadline = time.monotonic() + 20
    while admin.execute("SHOW full_page_writes").fetchone() != (value,):
        assert time.monotonic() < deadline
        time.sleep(0.02)
