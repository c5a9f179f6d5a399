"""HQ's schema from its first step to today's, on both databases: nothing is lost, and nothing goes back."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from draft_step import declare_every_table, draft
from hq_site import found, running
from pg_server import DATABASES, PgServer, new_database
from sqlalchemy import Engine, text

from hq import database, schema, sqlite
from hq.__main__ import main
from hq.house import House, write
from hq.office import open_office
from hq.refusals import Refused


@pytest.fixture(params=DATABASES)
def where(request: pytest.FixtureRequest) -> str | None:
    return new_database(request)


@pytest.fixture
def house(tmp_path: Path, where: str | None) -> House:
    house = House(tmp_path)
    if where is not None:
        write(house.database_url, where.encode())
    return house


@contextmanager
def opened(house: House) -> Iterator[Engine]:
    engine = database.connect(database.place_of(house))
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[object]:
    declare_every_table()
    with engine.connect() as view:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(view, opts=options), database.metadata))


FIRST: dict[str, list[dict[str, Any]]] = {
    "meta": [{"key": "name", "value": "ambang-hq/kantor"}],
    "devices": [
        {
            "id": "door-1",
            "label": "Front",
            "public": bytes(32),
            "added": 1_700_000_000_000,
            "last_contact": 2**52,
            "size": 1,
            "head": b"h" * 32,
            "note": "ambang/door-1\n1\n",
            "generation": 7,
        }
    ],
    "certificates": [{"serial": "0A", "device": "door-1", "not_after": 2**52, "revoked": None}],
    "spine": [{"device": "door-1", "seq": 1, "commitment": b"c" * 32, "body_digest": b"b" * 32, "h": b"h" * 32}],
    "events": [{"device": "door-1", "seq": 1, "event": b"e" * 32, "sealed": b"\0\xff" * 90, "received": 2**52}],
    "batches": [{"device": "door-1", "batch": "one", "digest": b"d" * 32}],
    "roster": [{"person": b"p" * 32, "sealed": b"s" * 180, "changed": 5}],
    "alarms": [{"device": "door-1", "kind": "gap", "seq": 2, "first_at": 1, "last_at": 2, "times": 3}],
    "counters": [{"name": "refused", "value": 11}, {"name": "duplicates", "value": 2**40}],
    "access": [{"id": 1, "salt": b"s" * 16, "digest": b"d" * 32, "failed": 2, "next_at": 0}],
    "sessions": [{"token": b"t" * 32, "opened": 1, "seen": 2}],
}


def make_first(house: House) -> None:
    """A database as the first schema had it, with a row in every table."""
    place = database.place_of(house)
    engine = sqlite.make(place) if isinstance(place, Path) else database.connect(place)
    with database.writing(engine) as work:
        schema.bring(work, 1)
        for name, rows in FIRST.items():
            work.execute(sa.table(name, *(sa.column(key) for key in rows[0])).insert(), rows)
        if isinstance(place, Path):
            work.exec_driver_sql("DROP TABLE alembic_version")  # the first HQ had no alembic
    engine.dispose()


ENDED = frozenset({"sessions"})  # of the one access code; whoever was signed in signs in again, by name


def everything(engine: Engine, *, but: frozenset[str] = frozenset()) -> dict[str, list[dict[str, object]]]:
    with database.reading(engine) as view:
        tables = {name: sa.select(sa.text("*")).select_from(sa.table(name)) for name in FIRST if name not in but}
        return {name: [dict(row) for row in view.execute(rows).mappings()] for name, rows in tables.items()}


def test_a_new_database_is_exactly_what_the_tables_say(house: House) -> None:
    schema.create(database.place_of(house)).dispose()
    with opened(house) as engine:
        assert differences(engine) == []
        with database.reading(engine) as view:
            assert database.revision(view) == database.SCHEMA
            assert view.execute(text("SELECT version_num FROM alembic_version")).scalar() == f"{database.SCHEMA:04}"


def test_the_first_schema_with_real_rows_becomes_today_s_and_loses_nothing(house: House) -> None:
    make_first(house)
    assert schema.upgrade(house) == (1, database.SCHEMA)
    with opened(house) as engine:
        assert differences(engine) == []
        after = everything(engine, but=ENDED)
    counted = [{"device": "", **row} for row in FIRST["counters"]]
    keys = [{**row, "stored": 0} for row in FIRST["batches"]]
    kept = {name: rows for name, rows in FIRST.items() if name not in ENDED}
    assert after == kept | {"counters": counted, "batches": keys}
    assert schema.upgrade(house) == (database.SCHEMA, database.SCHEMA)


def test_the_comparison_notices_a_column_that_is_missing(house: House) -> None:
    make_first(house)
    with opened(house) as engine:
        assert "add_column" in {change[0] for change in differences(engine)}  # type: ignore[index]


def test_an_upgrade_that_fails_half_way_changes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    make_first(house)
    with opened(house) as engine:
        before = everything(engine)

    def fails(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(op, "add_column", fails)  # by then the counters are new already
    with pytest.raises(ZeroDivisionError):
        schema.upgrade(house)
    monkeypatch.undo()
    with opened(house) as engine:
        assert everything(engine) == before
    assert schema.upgrade(house) == (1, database.SCHEMA)


def test_no_step_goes_back(house: House) -> None:
    schema.create(database.place_of(house)).dispose()
    config = Config()
    config.set_main_option("script_location", str(schema.STEPS))
    with opened(house) as engine:
        for step in range(database.SCHEMA - 1, -1, -1):
            with database.writing(engine) as work:
                config.attributes["connection"] = work
                with pytest.raises(Refused, match="does not go back"):
                    command.downgrade(config, f"{step:04}" if step else "base")
        assert differences(engine) == []


def test_a_draft_of_the_next_step_holds_what_the_last_one_lacks() -> None:
    assert "    pass\n" in draft(), "write the step: python tests/draft_step.py"
    added = database.table("planted", sa.Column("id", sa.Text, primary_key=True), sa.Column("at", database.Big))
    try:
        drafted = draft()
    finally:
        database.metadata.remove(added)
    assert "op.create_table('planted'," in drafted
    assert "with_variant(sa.Integer(), 'sqlite')" in drafted
    assert "sqlite_strict=True" in drafted


def test_the_number_in_the_program_is_that_of_the_last_step() -> None:
    steps = ScriptDirectory(str(schema.STEPS))
    assert steps.get_heads() == [f"{database.SCHEMA:04}"]
    assert [step.revision for step in steps.walk_revisions()] == [
        f"{number:04}" for number in range(database.SCHEMA, 0, -1)
    ]


@pytest.mark.parametrize(("found_there", "told"), [(1, "kiosk-hq database upgrade"), (99, "which a newer HQ made")])
def test_every_command_refuses_another_schema_with_a_sentence(
    house: House, capsys: pytest.CaptureFixture[str], found_there: int, told: str
) -> None:
    schema.create(database.place_of(house)).dispose()
    with opened(house) as engine, database.writing(engine) as work:
        work.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": f"{found_there:04}"})
        if work.dialect.name == "sqlite":
            sqlite.mark(work, found_there)
    for arguments in (["serve", "--port", "0"], ["export", "--json"]):
        assert main([*arguments, "--data", str(house.root)]) == 2
        said = capsys.readouterr().err
        assert told in said
        assert said.count("\n") == 1


def test_a_newer_schema_is_not_upgraded(house: House) -> None:
    schema.create(database.place_of(house)).dispose()
    with opened(house) as engine, database.writing(engine) as work:
        work.execute(text("UPDATE alembic_version SET version_num = '0099'"))
        if work.dialect.name == "sqlite":
            sqlite.mark(work, 99)
    with pytest.raises(Refused, match="a newer HQ made"):
        schema.upgrade(house)


def test_an_hq_that_runs_is_not_upgraded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = found(tmp_path)
    with running(site):
        assert main(["database", "upgrade", "--data", str(site.root)]) == 2
        assert "runs on this data directory" in capsys.readouterr().err
    assert main(["database", "upgrade", "--data", str(site.root)]) == 0
    assert capsys.readouterr().out == f"Schema: {database.SCHEMA}, as before\n"


def test_an_hq_that_runs_on_another_machine_is_not_upgraded(tmp_path: Path, postgresql: PgServer) -> None:
    root = found(tmp_path, postgresql.database()).root
    elsewhere = shutil.copytree(root, tmp_path / "elsewhere")
    with closing(open_office(elsewhere)), pytest.raises(Refused, match="Another HQ is connected"):
        schema.upgrade(House(root))
    assert schema.upgrade(House(root)) == (database.SCHEMA, database.SCHEMA)
