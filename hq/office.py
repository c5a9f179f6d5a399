"""One HQ with its keys in hand: founded once, opened by every command; refuses a data directory that is in use."""

import json
import secrets
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert, select

from hq import ca, database, first_start, postgresql, schema
from hq import tables_desk as _tables_desk  # noqa: F401 - so that its tables are known
from hq import tables_door as _tables_door  # noqa: F401 - the same
from hq.house import NAME, SECRET_BYTES, House, locked, read_key, read_secret, write
from hq.refusals import Refused
from hq.seals import Seals
from wire.signing import SigningKey

RENEWED_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Office:
    """An open HQ: where it lives, its database, its seals, its signer name and its signing key."""

    house: House
    engine: Engine = field(repr=False)
    seals: Seals
    name: str
    signing: SigningKey = field(repr=False)

    def close(self) -> None:
        """Let go of every database connection."""
        self.engine.dispose()


@dataclass(frozen=True, slots=True)
class Founded:
    """What a new HQ tells once: signer name, public key (32 bytes) and the code for the first account."""

    name: str
    public: bytes
    code: str = field(repr=False)


def found(root: Path, name: str, hosts: Sequence[str], now: datetime, url: str | None = None) -> Founded:
    """Make a new HQ in a directory that is missing or empty; it appears whole or not at all.

    Args:
        root: the data directory.
        name: with or without `ambang-hq/`.
        hosts: names and addresses for the server certificate.
        now: when the certificates begin.
        url: of an empty PostgreSQL database to use instead of a file in the directory.

    Raises:
        Refused: the name is not plain, the directory or the database holds something, or there is no such database.
    """
    plain = name.removeprefix("ambang-hq/")
    if not NAME.fullmatch(plain):
        raise Refused("The name is 1 to 48 small letters, digits and dashes, and starts with a letter or digit.")
    if root.exists() and any(root.iterdir()):
        raise Refused(f"{root} is not empty; HQ never moves in over something else.")
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".hq-", dir=root.parent) as scratch:
        house = House(Path(scratch) / "hq")
        house.root.mkdir(mode=0o700)
        signer = f"ambang-hq/{plain}"
        key = SigningKey.generate()
        write(house.seal_key, secrets.token_bytes(SECRET_BYTES))
        write(house.signing_key, key.private_bytes())
        authority = ca.found(signer, now)
        write(house.ca, authority.certificate, 0o444)
        write(house.ca_key, authority.key)
        _renew_server(house, list(hosts), now)
        if url is not None:
            write(house.database_url, postgresql.read_url(url).render_as_string(hide_password=False).encode())
        engine = schema.create(database.place_of(house))
        with database.writing(engine) as work:
            told = {"name": signer, "hosts": json.dumps(list(hosts)), "keys": _mark_of_keys(house, signer)}
            work.execute(insert(database.meta), [{"key": key, "value": value} for key, value in told.items()])
            code = first_start.new_code(work)
        engine.dispose()
        house.root.rename(root)
    return Founded(signer, key.public, code)


def open_office(root: Path) -> Office:
    """Open an HQ.

    Raises:
        Refused: a file is missing, foreign, or a key can be read by others; the database is another HQ's or schema.
    """
    house = House(root)
    engine = database.open_database(database.place_of(house))
    with ExitStack() as unless_open:
        unless_open.callback(engine.dispose)
        with database.reading(engine) as view:
            told = {row.key: row.value for row in view.execute(select(database.meta))}
        name = told["name"]
        # a database that the first schema made does not know its keys
        if "keys" in told and told["keys"] != _mark_of_keys(house, name):
            raise Refused("The database does not open with seal.key and signing.key here; it is another HQ's.")
        seals = Seals(name, read_key(house.seal_key))
        office = Office(house, engine, seals, name, SigningKey.from_bytes(read_key(house.signing_key)))
        unless_open.pop_all()
    return office


def authority(office: Office) -> ca.Authority:
    """The private authority of this HQ, read for one signature."""
    return ca.Authority(office.house.ca.read_bytes(), read_secret(office.house.ca_key))


def keep_server_certificate(office: Office, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Make a new server certificate where the present one is missing or has less than 30 days left."""
    with locked(office.house.ca_key):  # two that start at once would mix up certificate and key
        _keep_server_certificate(office, now)


def _keep_server_certificate(office: Office, now: Callable[[], datetime]) -> None:
    house = office.house
    if house.server.exists() and ca.last_day(house.server.read_bytes()) - now() > RENEWED_BEFORE:
        return
    with database.reading(office.engine) as view:
        stored = view.execute(select(database.meta.c.value).where(database.meta.c.key == "hosts")).scalar_one()
    _renew_server(house, json.loads(stored), now())


def _mark_of_keys(house: House, name: str) -> str:
    """Tells nothing of the keys, but whether a database was begun with these."""
    public = SigningKey.from_bytes(read_key(house.signing_key)).public
    return Seals(name, read_key(house.seal_key)).index("keys", public.hex()).hex()


def _renew_server(house: House, hosts: Sequence[str], now: datetime) -> None:
    issued, key = ca.issue_server(ca.Authority(house.ca.read_bytes(), read_secret(house.ca_key)), hosts, now)
    write(house.server_key, key)
    write(house.server, issued.certificate, 0o444)
