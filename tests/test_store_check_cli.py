"""`kiosk store check` says of a sound store that it is whole, and of any other what is wrong and where."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_kit import Hands, check_in, contents, enrolled, key_of, new_store

from kiosk.cli import store as command
from kiosk.cli.store_check import _RULES, PARTS
from kiosk.clock import Watch
from kiosk.store import Store, sweep, timekeeping
from kiosk.store.consistency import contradictions

Damage = Callable[[Path], object]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = new_store(tmp_path / "state")
    for number in range(3):
        person = enrolled(store, f"E-{number}", "Budi Santoso", seeds=(number, 9 + number))
        store.ledger.append(check_in(store, code=f"E-{number}"), person)
    store.close()
    return tmp_path


def checked(data: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any]]:
    code = command.main(["check", "--data", str(data), "--json", *options])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == (0 if found["well"] else 1)
    assert found["well"] == (found["wrong"] == [])
    return code, found


def told(data: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    command.main(["check", "--data", str(data), *options])
    return capsys.readouterr().out


def sql(state: Path, file: str, *statements: str) -> None:
    connection = sqlite3.connect(state / file, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def records(*statements: str) -> Damage:
    return lambda state: sql(state, "records.db", *statements)


def overwrite(state: Path, page: int) -> None:
    with (state / "records.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


def anchor_altered(state: Path) -> None:
    (state / "anchor").write_bytes((state / "anchor").read_bytes()[:-9])


# What is done to the store, in which part it is found, and whether --quick finds it too.
WRONG: dict[str, tuple[Damage, str, bool]] = {
    "records missing": (lambda s: (s / "records.db").unlink(), "files", True),
    "templates empty": (lambda s: (s / "templates.db").write_bytes(b""), "files", True),
    "another program's file": (lambda s: (s / "records.db").write_bytes(b"dear diary" * 999), "files", True),
    "a page overwritten": (lambda s: overwrite(s, 5), "pages", True),
    "a row without its person": (
        records("PRAGMA foreign_keys = OFF", "UPDATE faces SET person = 'ffffffffffffffff' WHERE rowid = 1"),
        "pages",
        False,
    ),
    "a planted trigger": (
        records("CREATE TRIGGER t AFTER DELETE ON keys BEGIN DELETE FROM spine; END"),
        "opening",
        True,
    ),
    "key missing": (lambda s: (s / "root.key").unlink(), "opening", True),
    "store key altered": (records("UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'store'"), "opening", True),
    "anchor missing": (lambda s: (s / "anchor").unlink(), "anchor", True),
    "anchor altered": (anchor_altered, "anchor", True),
    "doubted by headquarters": (
        records("INSERT INTO watermarks VALUES ('rollback/doubted', 999)"),
        "anchor",
        True,
    ),
    "a template deleted": (lambda s: sql(s, "templates.db", "DELETE FROM template WHERE rowid = 1"), "rows", True),
    "a body deleted": (records("DELETE FROM bodies WHERE audience = 1"), "rows", True),
    "a profile altered": (records("UPDATE people SET profile = zeroblob(300) WHERE rowid = 1"), "records", False),
    "a PIN altered": (records("UPDATE accounts SET secret = zeroblob(99) WHERE rowid = 1"), "records", False),
    "an entry altered": (records("UPDATE spine SET commitment = zeroblob(32) WHERE seq = 2"), "ledger", False),
    "an entry deleted": (
        records("PRAGMA foreign_keys = OFF", "DELETE FROM spine WHERE seq = 2", "DELETE FROM bodies WHERE seq = 2"),
        "ledger",
        False,
    ),
}


def test_a_sound_store_is_whole_and_everything_was_looked_at(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = checked(data, capsys)
    assert code == 0
    assert found["looked_at"] == list(PARTS)
    assert found["not_looked_at"] == []
    assert found["opened"]["profiles"] == 3
    assert found["opened"]["templates"] == 6
    assert found["damaged"] == []
    assert found["entries"] > 0
    said = told(data, capsys)
    assert said.startswith("The store is whole.\nOpened: ")


def test_a_quick_look_leaves_records_and_ledger_out_and_says_so_to_a_program(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(data / "state")
    _, found = checked(data, capsys, "--quick")
    assert found["looked_at"] == ["files", "pages", "opening", "anchor", "rows"]
    assert found["not_looked_at"] == []
    assert "opened" not in found
    assert contents(data / "state") == before, "a quick look writes nothing"


@pytest.mark.parametrize("what", WRONG)
def test_whatever_is_wrong_is_named_and_ends_with_1(data: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    damage, part, quick_too = WRONG[what]
    damage(data / "state")
    _, quick = checked(data, capsys, "--quick")
    assert bool([wrong for wrong in quick["wrong"] if wrong["part"] == part]) == quick_too
    assert set(quick["looked_at"]) | set(quick["not_looked_at"]) | {"records", "ledger"} == set(PARTS)
    said = told(data, capsys)
    assert f"{part}: " in said
    assert "whole" not in said
    for sentence in said.splitlines():
        assert sentence.endswith(".")
        assert "Budi" not in sentence


def test_the_sentences_name_the_row_that_does_not_open(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open(data / "state", key_of(data / "state"))
    (person,) = store.database.row("SELECT id FROM people LIMIT 1") or ("",)
    with store.database.write():
        store.database.run("UPDATE people SET profile = zeroblob(length(profile)) WHERE id = ?", person)
    store.close()
    capsys.readouterr()
    assert command.main(["check", "--data", str(data)]) == 1
    assert f"Does not open: people {person}." in capsys.readouterr().out


def test_what_does_not_open_is_set_aside_and_the_rest_is_served(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql(data / "state", "records.db", "UPDATE people SET profile = zeroblob(300) WHERE rowid = 1")
    _, found = checked(data, capsys)
    (damaged,) = found["damaged"]
    assert damaged["place"] == "people"
    store = Store.open(data / "state", key_of(data / "state"), clock=Hands())
    assert [(each.place, each.row) for each in store.quarantine.all()] == [("people", damaged["row"])]
    assert found["quarantined"] == 1
    assert len(store.people.all()) == 2
    assert [act["kind"] for _, act in store.ledger.local_acts(month_of(store))][-1] == "swept"
    assert sweep.last_day(store) > 0
    store.close()


def month_of(store: Store) -> str:
    return str(store.database.rows("SELECT period FROM keys WHERE kind = 'device' ORDER BY period")[-1][0])


def test_a_store_that_its_anchors_refuse_is_looked_at_and_left_as_it_is(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = data / "state"
    sql(state, "records.db", "UPDATE people SET profile = zeroblob(300) WHERE rowid = 1")
    (state / "anchor").unlink()
    before = contents(state)
    _, found = checked(data, capsys)
    assert {wrong["part"] for wrong in found["wrong"]} == {"anchor", "records"}
    assert [damaged["place"] for damaged in found["damaged"]] == ["people"]
    assert contents(state) == before


CONTRADICTIONS = {
    "faces_without_template": "DELETE FROM templates.template WHERE id = (SELECT template FROM faces LIMIT 1)",
    "templates_without_face": "INSERT INTO templates.template (id, sealed) VALUES ('ffffffffffffffff', x'00')",
    "faces_without_key": "DELETE FROM keys WHERE kind = 'biometric'",
    "faces_without_consent": "UPDATE bases SET state = 'ended'",
    "face_keys_without_consent": "UPDATE bases SET state = 'ended'",
    "face_keys_without_face": "DELETE FROM faces",
    "people_without_key": "DELETE FROM keys WHERE kind = 'profile'",
    "keys_without_person": "UPDATE keys SET person = 'ffffffffffffffff' WHERE rowid ="
    " (SELECT rowid FROM keys WHERE kind = 'profile' LIMIT 1)",
    "accounts_without_key": "INSERT INTO accounts (id, role, secret, changed_at)"
    " VALUES ('ffffffffffffffff', 'admin', x'00', 1)",
    "account_keys_without_account": "UPDATE keys SET kind = 'account' WHERE kind = 'exchange'",
    "undelivered_without_body": "DELETE FROM bodies WHERE audience = 1",
    "store_keys_without_rotation": "INSERT INTO keys (kind, epoch, wrapped, wrapped_by, created_at)"
    " VALUES ('store', 0, x'00', 1, 1)",
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_rows_that_contradict_each_other_are_counted(data: Path, name: str) -> None:
    store = Store.open(data / "state", key_of(data / "state"), clock=Hands())
    assert contradictions(store.database) == {}
    with store.database.write():
        assert store.database.run(CONTRADICTIONS[name]) > 0
    assert contradictions(store.database)[name] >= 1
    store.database.close()


def test_every_contradiction_has_a_sentence() -> None:
    assert CONTRADICTIONS.keys() == _RULES.keys()


def test_a_command_owns_up_to_a_clock_that_the_kiosk_found_moved(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = Watch("UTC")
    store = Store.open(data / "state", key_of(data / "state"), clock=watch)
    timekeeping.notice(store, watch)
    with store.database.write():
        store.database.run("UPDATE watermarks SET value = value - 7200000 WHERE name = 'clock/offset_ms'")
    store.close()
    checked(data, capsys)
    store = Store.open(data / "state", key_of(data / "state"), clock=Watch("UTC"))
    (act,) = [act for _, act in store.ledger.local_acts(month_of(store)) if act["kind"] == "swept"]
    assert act["clock"]["state"] == "stepped"
    assert act["clock"]["uncertainty_s"] >= 7200
    store.close()
