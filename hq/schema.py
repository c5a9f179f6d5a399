"""How HQ's schema is made and brought up to date, step by step in one transaction; refuses to go back."""

import logging
from contextlib import ExitStack
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from hq import postgresql, sqlite
from hq.database import SCHEMA, Place, place_of, revision, writing
from hq.house import House, alone_in
from hq.refusals import Refused

STEPS = Path(__file__).with_name("migrations")
logging.getLogger("alembic").setLevel(logging.WARNING)


def create(place: Place) -> Engine:
    """Make a new database with every table, and open it.

    Raises:
        Refused: there already is one, or PostgreSQL does not let HQ make tables.
    """
    engine = sqlite.make(place) if isinstance(place, Path) else postgresql.connect(place)
    with ExitStack() as unless_made:
        unless_made.callback(engine.dispose)
        try:
            with writing(engine) as work:
                if not isinstance(place, Path) and not postgresql.is_empty(work):
                    raise Refused("The PostgreSQL database holds tables already; give HQ an empty one.")
                bring(work, SCHEMA)
        except DBAPIError as error:
            raise Refused("HQ may not make its tables in this PostgreSQL; make its role own the database.") from error
        unless_made.pop_all()
    return engine


def upgrade(house: House) -> tuple[int, int]:
    """Bring the database of an HQ that nobody serves to this HQ's schema; returns its number before and after.

    Raises:
        Refused: it is running, it is newer, there is none, or PostgreSQL does not let HQ change it.
    """
    place = place_of(house)
    # SQLite makes tables anew to change them, which foreign keys would not allow; they are checked at the end instead.
    engine = sqlite.open_file(place, foreign_keys=False) if isinstance(place, Path) else postgresql.connect(place)
    with ExitStack() as held:
        held.callback(engine.dispose)
        held.enter_context(alone_in(house.root))
        work = held.enter_context(writing(engine))
        before = revision(work)
        if before == 0:
            raise Refused("The database holds no HQ; `kiosk-hq init` makes one.")
        if before > SCHEMA:
            raise Refused(f"The database has schema {before}, which a newer HQ made; this one knows schema {SCHEMA}.")
        if not isinstance(place, Path) and postgresql.others(work):
            raise Refused("Another HQ is connected to this PostgreSQL database; stop it first.")
        bring(work, SCHEMA)
    return before, SCHEMA


def bring(work: Connection, number: int) -> None:
    """Run what is missing up to step `number`, inside the caller's transaction.

    Raises:
        Refused: with SQLite, rows that belong together were torn apart by it.
    """
    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    config.attributes["connection"] = work
    before = revision(work)
    if before and work.dialect.name == "sqlite":
        command.stamp(config, f"{before:04}")  # a file of the first schema does not have alembic's own table yet
    command.upgrade(config, f"{number:04}")
    if work.dialect.name == "sqlite":
        if work.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise Refused("The upgrade would tear rows apart, so nothing was changed; the database was altered before.")
        sqlite.mark(work, number)
