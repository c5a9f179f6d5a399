"""A file too large to be checked as a whole at each start: what is small in it is, and what grows is not waited for."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from store_kit import check_in, enrolled, key_of, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, database
from kiosk.store.schema import RECORDS, TEMPLATES

PAGE = 4096
PLACES = [("records.db", table.name) for table in RECORDS] + [("templates.db", table.name) for table in TEMPLATES]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    with closing(new_store(tmp_path / "state")) as store:
        store.ledger.append(check_in(store), enrolled(store))
    return tmp_path / "state"


def spoil(state: Path, file: str, table: str) -> None:
    """Write rubbish over the first page of a table, as a card does that loses one."""
    with closing(sqlite3.connect(state / file)) as pages:
        (page,) = pages.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    with (state / file).open("r+b") as content:
        content.seek((page - 1) * PAGE)
        content.write(b"\xa5" * PAGE)


def refusal(state: Path) -> FaultCode | None:
    try:
        Store.open(state, key_of(state)).database.close()
    except Fault as fault:
        return fault.code
    return None


@pytest.mark.parametrize(("file", "table"), PLACES)
def test_a_spoiled_page_is_found_at_the_start_in_every_table_of_a_small_file(
    state: Path, file: str, table: str
) -> None:
    assert refusal(state) is None
    spoil(state, file, table)
    assert refusal(state) is FaultCode.STORE_DAMAGED


@pytest.mark.parametrize(("file", "table"), PLACES)
def test_and_in_a_large_one_in_every_table_that_does_not_grow_with_the_years(
    state: Path, file: str, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "CHECKED_AT_OPEN", 0)
    assert refusal(state) is None
    spoil(state, file, table)
    served = table in ("bodies", "template")  # the head of the chain is read at each start all the same
    assert refusal(state) is (None if served else FaultCode.STORE_DAMAGED)
