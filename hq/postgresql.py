"""HQ's database as a PostgreSQL by URL; refuses a URL that leads to another machine without proof of which one."""

import logging
from ipaddress import ip_address

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from hq.refusals import Refused

DRIVER = "postgresql+psycopg"
APPLICATION = "kiosk-hq"
CONNECTIONS = 12
"""For each process. A transaction takes milliseconds; more at once would only wait for each other."""
_MUST_BE_ON = ("fsync", "full_page_writes")
_log = logging.getLogger("ambang.hq")
_ALLOWED = frozenset(
    {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile", "connect_timeout"},
)
"""What may follow the question mark; `service` or `hostaddr` could lead elsewhere than the host that was checked."""
_SESSION = {
    "timezone": "UTC",
    "synchronous_commit": "on",  # a receipt is only signed for what a power cut cannot take away
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}


def read_url(given: str) -> URL:
    """Read the URL of a database; `postgresql://` and `postgresql+psycopg://` mean the same.

    Raises:
        Refused: it is no such URL, or leads to another machine whose certificate would not be checked.
    """
    try:
        url = make_url(given.strip())
    except (ArgumentError, ValueError) as error:
        raise Refused("The database is not a URL such as postgresql://hq@/ambang?host=/run/postgresql.") from error
    if url.drivername not in {"postgresql", DRIVER}:
        raise Refused("HQ keeps its data in SQLite or in postgresql://...; it knows no other database.")
    if not url.database:
        raise Refused("The URL of the database does not name one: postgresql://hq@/NAME?host=/run/postgresql.")
    if strange := sorted(url.query.keys() - _ALLOWED):
        raise Refused(f"The URL of the database has a setting that HQ does not know: {', '.join(strange)}.")
    if not all(_is_here(host) for host in _hosts(url)) and url.query.get("sslmode") != "verify-full":
        raise Refused("A database on another machine needs sslmode=verify-full and sslrootcert=FILE in its URL.")
    return url.set(drivername=DRIVER)


def connect(url: URL) -> Engine:
    """An engine on this database.

    Raises:
        Refused: it does not answer.
    """
    settings = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    engine = create_engine(
        url,
        connect_args={"options": settings, "application_name": APPLICATION, "connect_timeout": 10},
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=0,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # an exception in the journal must not carry what was being stored
    )
    try:
        with engine.connect() as view:
            unsafe = [name for name in _MUST_BE_ON if view.exec_driver_sql(f"SHOW {name}").scalar() != "on"]
    except DBAPIError as error:
        engine.dispose()
        raise Refused("PostgreSQL does not answer, or does not let HQ in; the URL is in database.url.") from error
    for name in unsafe:
        _log.warning("PostgreSQL runs with %s off: a power cut may take away what HQ has receipted", name)
    return engine


def is_empty(view: Connection) -> bool:
    """Whether there is no table yet where ours would be made."""
    return not inspect(view).get_table_names()


def others(view: Connection) -> int:
    """How many connections of HQ there are beside this one."""
    mine = text("datname = current_database() AND application_name = :name AND pid <> pg_backend_pid()")
    counted = select(text("count(*)")).select_from(text("pg_stat_activity")).where(mine)
    found: int = view.execute(counted, {"name": APPLICATION}).scalar_one()
    return found


def revision(view: Connection) -> int:
    """The schema the database says it has, 0 for none."""
    if not inspect(view).has_table("alembic_version"):
        return 0
    return int(view.execute(select(text("version_num")).select_from(text("alembic_version"))).scalar_one())


def _hosts(url: URL) -> list[str]:
    asked = url.query.get("host", ())
    more = (asked,) if isinstance(asked, str) else asked
    return [host.partition(":")[0] if host.count(":") == 1 else host for host in (url.host or "", *more)]


def _is_here(host: str) -> bool:
    """Nothing and a path are sockets of this machine."""
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
