"""A PostgreSQL of our own for tests: Debian's programs, a new cluster, one socket in a directory, ended by its id."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from process_kit import ending

if TYPE_CHECKING:
    from typing import LiteralString


class PgServer:
    """A cluster that only answers on a unix socket; every test asks it for an empty database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = 0

    def database(self) -> str:
        """The URL of a new, empty database, which its role owns."""
        self._made += 1
        name = f"hq_{self._made}"
        self._do("CREATE DATABASE {} STRATEGY FILE_COPY", name)
        return self.url(name)

    def drop(self, url: str) -> None:
        """Make room; whoever is still connected is thrown out."""
        self._do("DROP DATABASE {} WITH (FORCE)", url.partition("?")[0].rpartition("/")[2])

    def _do(self, statement: "LiteralString", name: str) -> None:
        import psycopg  # noqa: PLC0415 - not for the tests that need no PostgreSQL
        from psycopg import sql  # noqa: PLC0415

        with psycopg.connect(self.url("postgres"), autocommit=True) as work:
            work.execute(sql.SQL(statement).format(sql.Identifier(name)))

    def url(self, name: str) -> str:
        return f"postgresql://hq@/{name}?host={self.folder}"


@cache
def programs() -> Path | None:
    """Where Debian keeps initdb and postgres, which are not on the PATH; the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _user() -> pwd.struct_passwd:
    """PostgreSQL refuses to be root: then it is `postgres`, whom Debian's package has made."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


@contextmanager
def serving(place: Path) -> Iterator[PgServer]:
    """A running cluster with a new directory in `place`, whose path must be short because of the socket's."""
    bin_ = programs()
    if bin_ is None:
        pytest.skip("PostgreSQL is not installed")
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="ambang-pg-", dir=place))
    os.chown(folder, user.pw_uid, user.pw_gid)
    start = ["setpriv", "--pdeathsig=QUIT"]  # should the tests be killed, the server ends as well
    if os.geteuid() == 0:
        start += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    data = str(folder / "data")
    options = ("--username=hq", "--auth=trust", "--encoding=UTF8", "--no-sync")
    try:
        make = [*start, f"{bin_}/initdb", "--pgdata", data, *options]
        subprocess.run(make, check=True, capture_output=True, env=environment, cwd=folder)
        settings = ("listen_addresses=", f"unix_socket_directories={folder}", "max_connections=60", "max_wal_size=64MB")
        command = [*start, f"{bin_}/postgres", "-D", data, *(part for one in settings for part in ("-c", one))]
        with (
            (folder / "log").open("ab") as log,
            ending(subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)) as server,
        ):
            try:
                _wait(folder, server)
                yield PgServer(folder)
            finally:
                server.send_signal(signal.SIGQUIT)  # at once, without writing what is thrown away anyway
                server.wait(30)
    finally:
        shutil.rmtree(folder)


def _wait(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    ready = folder / "data/postmaster.pid"
    while not (ready.exists() and ready.read_text().splitlines()[7:8] == ["ready   "]):
        assert server.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, "PostgreSQL did not start"
        time.sleep(0.02)


DATABASES = ("sqlite", "postgresql")
POSTGRESQL_WITH_LONG = ("sqlite", pytest.param("postgresql", marks=pytest.mark.long))
"""For what does not reach the database, or is tried on both elsewhere."""


def new_database(request: pytest.FixtureRequest) -> str | None:
    """For a fixture with `params=DATABASES`: the URL of an empty database, or None for SQLite's file."""
    if request.param == "sqlite":
        return None
    server: PgServer = request.getfixturevalue("postgresql")
    url = server.database()
    request.addfinalizer(lambda: server.drop(url))
    return url


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PgServer]:
    """One for each worker, started when the first test asks for it."""
    memory = Path("/dev/shm")  # noqa: S108 - tmpfs, and the directory in it is our own
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    with serving(memory if roomy else Path(tempfile.gettempdir())) as server:
        yield server
