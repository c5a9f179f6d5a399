"""Promise: nothing that a thief of the files could read says who works here, when they came, or how they look."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from store_kit import DIM, MODEL, PIN, check_in, contents, enrolled, face, here, new_store

from kiosk.store import Store, outbox
from kiosk.store.basis import Consent
from kiosk.store.erasure import erase_face
from kiosk.store.rotation import turned
from kiosk.store.schema import RECORDS, TEMPLATES
from sync.exchange import Exchange
from wire.event import Action

NAME, CODE, WITNESS = "Budi Santoso-Wijaya", "EMP-0417-XY", "Ibu Ratna Kusuma"
SEEDS = (1, 2, 3)


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[tuple[Store, Path]]:
    """A store after a day of every kind of work, its files beside it still open."""
    store = new_store(tmp_path / "state")
    person = store.people.add(CODE, NAME, pin=PIN)
    store.basis.enrol(person, Consent("2026-1", "id", 1, WITNESS), [face(person, seed) for seed in SEEDS])
    leaver = enrolled(store, "EMP-GONE", "Sri Wahyuni", seeds=(4,))
    for action in Action:
        store.ledger.append(check_in(store, action, code=CODE), person)
    store.accounts.check_pin(CODE, PIN, 0, 10**9)
    store.accounts.check_pin(CODE, "110011", 0, 10**9)
    erase_face(store, leaver)
    exchange = outbox.begin_anew(tmp_path / "exchange" / "exchange.db")
    outbox.forward(here(store), exchange)
    yield store, tmp_path
    exchange.close()
    store.close()


def files(directory: Path) -> dict[str, bytes]:
    found = contents(directory / "state") | contents(directory / "exchange")
    del found["root.key"]
    assert {"records.db", "templates.db", "exchange.db"} <= found.keys()
    return found


def needles(store: Store) -> dict[str, bytes]:
    """Everything that must not be readable; a vector is known by any four of its floats in a row."""
    wanted: dict[str, bytes] = {}
    for text in (NAME, CODE, WITNESS, PIN, "Wijaya", "0417", "Sri Wahyuni", "EMP-GONE"):
        wanted[f"{text} utf-8"] = text.encode()
        wanted[f"{text} utf-16"] = text.encode("utf-16-le")
        wanted[f"{text} hex"] = text.encode().hex().encode()
    matrix = store.templates._matrix(MODEL, 1, DIM)
    for seed in (*SEEDS, 4):
        vector = face("", seed).vector
        for label, floats in (("clear", vector), ("turned", turned(matrix, vector))):
            for kind in ("<f4", ">f4", "<f8", "<f2"):
                for at in (0, 40, DIM - 4):
                    wanted[f"vector {seed} {label} {kind} {at}"] = floats[at : at + 4].astype(kind).tobytes()
    for reference in store.templates.references():
        wanted[f"stored vector of {reference.person}"] = reference.vector[:4].tobytes()
    return wanted


def readable(found: dict[str, bytes], wanted: dict[str, bytes]) -> set[tuple[str, str]]:
    return {(file, what) for file, content in found.items() for what, needle in wanted.items() if needle in content}


def test_no_file_holds_a_name_a_code_a_pin_or_a_vector(lived: tuple[Store, Path]) -> None:
    store, directory = lived
    assert readable(files(directory), needles(store)) == set()


@pytest.mark.parametrize("leak", ["turned vector", "clear vector", "name", "code in the exchange"])
def test_the_search_finds_a_store_that_leaks(lived: tuple[Store, Path], leak: str) -> None:
    store, directory = lived
    wanted = needles(store)
    (reference, *_) = store.templates.references()
    exchange = Exchange.open(directory / "exchange" / "exchange.db")
    with store.database.write():
        if leak == "turned vector":
            store.database.run("UPDATE templates.template SET sealed = ?", reference.vector.tobytes())
        elif leak == "clear vector":
            store.database.run("UPDATE templates.template SET sealed = ?", face("", 1).vector.tobytes())
        elif leak == "name":
            store.database.run("UPDATE people SET profile = ?", NAME.encode())
    if leak == "code in the exchange":
        exchange.request("ping", CODE.encode())
    exchange.close()
    assert readable(files(directory), wanted) != set()


def test_the_file_of_templates_knows_no_person(lived: tuple[Store, Path]) -> None:
    store, directory = lived
    content = files(directory)["templates.db"]
    people = [person.id for person in store.people.all()]
    assert len(people) == 2
    for person in people:
        assert person.encode() not in content
        assert bytes.fromhex(person) not in content
    assert {column.name for table in TEMPLATES for column in table.columns} == {"only_one", "store_id", "id", "sealed"}


def test_records_of_one_person_share_no_bytes_that_would_link_them(lived: tuple[Store, Path]) -> None:
    store, _ = lived
    for query in ("SELECT sealed FROM templates.template", "SELECT sealed FROM bodies", "SELECT wrapped FROM keys"):
        heads = [row[0][4:8] for row in store.database.rows(query)]
        assert len(heads) > 2
        assert len(set(heads)) == len(heads)


def test_sealed_records_of_short_and_long_names_are_equally_long(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    for code, name in (("1", "Li"), ("EMP-2026-000417", "Raden Mas Bambang Sudirman Kusumodiningrat-Hadi")):
        store.people.add(code, name)
    assert len(store.database.rows("SELECT DISTINCT length(profile) FROM people")) == 1
    store.close()


def test_every_column_says_what_it_holds_why_and_for_how_long(lived: tuple[Store, Path]) -> None:
    store, _ = lived
    listed = {
        (schema, table.name, column.name)
        for schema, tables in (("main", RECORDS), ("templates", TEMPLATES))
        for table in tables
        for column in table.columns
    }
    found = {
        (schema, table, column)
        for schema in ("main", "templates")
        for owner, table, *_ in store.database.rows("PRAGMA table_list")
        if owner == schema and not table.startswith("sqlite_")
        for _, column, *_ in store.database.rows(f"PRAGMA {schema}.table_info({table})")
    }
    assert found == listed
    documented = (Path(__file__).parents[1] / "docs" / "columns.md").read_text(encoding="utf-8")
    for schema, tables in (("records.db", RECORDS), ("templates.db", TEMPLATES)):
        for table in tables:
            for column in table.columns:
                line = (
                    f"| {schema} | {table.name} | {column.name} | {column.holds} | {column.purpose} | {column.kept} |"
                )
                assert line in documented, line


def test_probes_and_references_never_print_their_numbers(lived: tuple[Store, Path]) -> None:
    store, _ = lived
    for reference in store.templates.references():
        assert not any(str(np.float32(number)) in repr(reference) for number in reference.vector[:20])
