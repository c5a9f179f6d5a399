"""The sweep opens every sealed record, names what is damaged, and never keeps the door waiting."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from store_kit import CHEAP, OPENED, PIN, Hands, check_in, enrolled, key_of, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, database, sweep
from kiosk.store.database import FileCheck
from kiosk.store.erasure import erase_person
from kiosk.store.sweep import Swept, due

PEOPLE = 6
JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("pattern") / "state"
    clock = Hands()
    store = new_store(state, clock)
    for number in range(PEOPLE):
        enrolled(store, f"E-{number}", f"Person {number}", seeds=(number, 100 + number))
    for month in range(2):
        for person in store.people.all():
            for _ in range(5):
                store.ledger.append(check_in(store, code=person.code), person.id)
        clock.move(31 * 86_400_000 * (1 - month))
    store.close()
    return state


@pytest.fixture
def state(pattern: Path, tmp_path: Path) -> Path:
    shutil.copytree(pattern, tmp_path / "state")
    return tmp_path / "state"


def opened(state: Path) -> Store:
    store = Store.open(state, key_of(state), clock=Hands())
    store.accounts.cost = CHEAP
    OPENED.append(store)
    return store


def swept(store: Store, at_once: int = 4) -> Swept:
    return drain(sweep.steps(store, at_once=at_once), most=at_once)


def drain(walk: sweep.Steps, *, most: int = sweep.AT_ONCE, between: Callable[[int], object] = lambda _: None) -> Swept:
    """Take every step, and do something between any two."""
    turn = 0
    while True:
        try:
            looked_at = next(walk)
        except StopIteration as ended:
            found = ended.value
            break
        assert looked_at <= most
        turn += 1
        between(turn)
    assert isinstance(found, Swept)
    return found


def alter(state: Path, file: str, statement: str) -> None:
    connection = sqlite3.connect(state / file, isolation_level=None)
    assert connection.execute(statement).rowcount == 1
    connection.close()


FLIPPED = "CAST(substr({0}, 1, 40) || x'00000000' || substr({0}, 45) AS BLOB)"


def flipped(table: str, column: str, rule: str) -> str:
    where = f"rowid = (SELECT rowid FROM {table} WHERE {rule} LIMIT 1)"  # noqa: S608
    return f"UPDATE {table} SET {column} = {FLIPPED.format(column)} WHERE {where}"  # noqa: S608


def test_a_whole_store_is_opened_record_by_record(state: Path) -> None:
    store = opened(state)
    bodies = store.ledger.size()
    found = swept(store)
    keys = store.database.row("SELECT count(*) FROM keys WHERE kind <> 'store'")
    assert keys is not None
    assert found.opened == {
        "keys": keys[0],
        "profiles": PEOPLE,
        "bases": PEOPLE,
        "pins": PEOPLE,
        "badges": 0,
        "accounts": 0,
        "templates": 2 * PEOPLE,
        "papers": 0,
        "bodies": bodies,
        "chained": bodies,
    }
    assert (found.damaged, found.without_key) == (0, 0)
    assert store.quarantine.all() == []
    store.close()


DAMAGED: dict[str, tuple[str, str, str]] = {
    "a profile": ("records.db", flipped("people", "profile", "1"), "people"),
    "a profile's key": ("records.db", flipped("keys", "wrapped", "kind = 'profile'"), "keys"),
    "a biometric key": ("records.db", flipped("keys", "wrapped", "kind = 'biometric'"), "keys"),
    "a record key": ("records.db", flipped("keys", "wrapped", "kind = 'record'"), "keys"),
    "a device key": ("records.db", flipped("keys", "wrapped", "kind = 'device'"), "keys"),
    "the exchange key": ("records.db", flipped("keys", "wrapped", "kind = 'exchange'"), "keys"),
    "a rotation key": ("records.db", flipped("keys", "wrapped", "kind = 'rotation'"), "keys"),
    "a basis": ("records.db", flipped("bases", "record", "1"), "bases"),
    "the digest of a basis": (
        "records.db",
        "UPDATE bases SET digest = zeroblob(32) WHERE rowid = 1",
        "bases",
    ),
    "a PIN": ("records.db", flipped("accounts", "secret", "role = 'employee'"), "accounts"),
    "a body": ("records.db", flipped("bodies", "sealed", "audience = 1"), "bodies"),
    "a body about the device": ("records.db", flipped("bodies", "sealed", "audience = 0"), "bodies"),
    "a template": ("templates.db", flipped("template", "sealed", "1"), "template"),
    "a template that is gone": ("templates.db", "DELETE FROM template WHERE rowid = 1", "template"),
    "a record moved to another row": (
        "records.db",
        "UPDATE people SET profile = (SELECT profile FROM people WHERE rowid = 2) WHERE rowid = 1",
        "people",
    ),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_every_damaged_record_is_found_quarantined_and_counted_every_night(state: Path, what: str) -> None:
    file, statement, place = DAMAGED[what]
    alter(state, file, statement)
    store = opened(state)
    found = swept(store)
    assert found.damaged >= 1
    assert place in {each.place for each in store.quarantine.all()}
    reported = len(store.quarantine.all())
    again = swept(store)
    assert len(store.quarantine.all()) == reported
    replaced = what in {"a device key", "a record key"} or place == "template"  # these have left their tables
    assert again.damaged >= (0 if replaced else 1)
    sweep.finish(store, found, 1)
    assert store.ledger.size() > 0
    store.close()


def test_a_body_without_a_key_is_counted_and_a_damaged_one_of_them_is_found(state: Path) -> None:
    store = opened(state)
    gone = store.people.all()[0].id
    mine = [row[0] for row in store.database.rows("SELECT seq FROM undelivered WHERE person = ?", gone)]
    with store.database.write():
        store.database.run("DELETE FROM keys WHERE kind = 'record' AND person = ?", gone)
        store.database.run("UPDATE bodies SET sealed = zeroblob(300) WHERE seq = ?", mine[0])
    found = swept(store)
    assert (found.without_key, found.damaged) == (len(mine), 1)
    assert [(each.place, each.row) for each in store.quarantine.all()] == [("bodies", str(mine[0]))]
    store.close()


def test_people_may_come_change_and_be_erased_between_two_steps(state: Path) -> None:
    store = opened(state)

    def meanwhile(turn: int) -> None:
        if turn % 7 == 0:
            enrolled(store, f"N-{turn}", "New", seeds=(turn,))
        if turn == 10:
            erase_person(store, store.people.all()[0].id)
        if turn == 12:
            store.people.set_pin(store.people.all()[0].id, PIN)

    assert drain(sweep.steps(store, at_once=2), between=meanwhile).damaged == 0
    assert store.quarantine.all() == []
    store.ledger.verify()
    store.close()


def test_a_page_that_cannot_be_read_ends_one_table_and_not_the_sweep(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = sqlite3.connect(state / "records.db")
    (page,) = pages.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'bases'").fetchone()
    pages.close()
    with (state / "records.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
    monkeypatch.setattr(database, "CHECKED_AT_OPEN", 0)
    monkeypatch.setattr(database, "GROWING", database.GROWING | {"bases"})
    store = opened(state)
    found = swept(store)
    unread = {(kind, "") for kind in ("keys", "bases", "templates")}  # each needs the table of the bases
    assert {(each.place, each.row) for each in store.quarantine.all()} == unread
    assert found.damaged == len(unread)
    assert found.opened["profiles"] == PEOPLE
    assert found.opened["chained"] == found.opened["bodies"] > 0
    store.close()


def test_a_sweep_is_written_down_with_its_counts_and_its_day(state: Path) -> None:
    store = opened(state)
    assert sweep.last_day(store) == 0
    sweep.finish(store, swept(store), 20)
    assert sweep.last_day(store) == 20
    (act,) = [act for _, act in store.ledger.local_acts("2026-11") if act["kind"] == "swept"]
    assert act["detail"]["damaged"] == 0
    assert act["detail"]["profiles"] == PEOPLE
    store.close()


def test_the_kiosk_sweeps_once_a_night_between_two_and_five_at_the_door() -> None:
    night = datetime(2026, 11, 16, tzinfo=JAKARTA)
    hours = [hour for hour in range(24) if due(night.replace(hour=hour, minute=59), 0)]
    assert hours == [2, 3, 4]
    assert not due(night.replace(hour=3), night.toordinal())
    assert due(night.replace(hour=3), night.toordinal() - 1)
    assert due(night.replace(hour=3), night.toordinal() + 400), "a clock that ran ahead stops no sweep"


# -- files that are too large to be checked at each start


def large(state: Path, mib: int) -> None:
    connection = sqlite3.connect(state / "records.db", isolation_level=None)
    connection.execute("BEGIN")
    for number in range(mib * 64):
        connection.execute("INSERT INTO watermarks (name, value) VALUES (?, 1)", (f"{number:08d}" + "x" * 16_000,))
    connection.execute("COMMIT")
    connection.close()


def test_a_file_that_is_too_large_for_the_start_is_checked_by_the_sweep(state: Path) -> None:
    large(state, 34)
    store = opened(state)
    found = drain(sweep.steps(store, check=lambda check: check.run()))
    assert found.files == {"records.db": []}
    page = store.database.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'people'")[0][0]
    with (state / "records.db").open("r+b") as file:
        file.seek(page * 4096 - 4096 + 8)  # where the pointers to its rows begin
        file.write(b"\xff" * 8)
    found = drain(sweep.steps(store, check=lambda check: check.run()))
    assert found.files["records.db"]
    assert found.detail()["broken_files"] == 1
    assert ("records.db", "") in [(each.place, each.row) for each in store.quarantine.all()]
    store.database.close()


def test_a_check_that_is_broken_off_lets_the_writer_in_and_begins_again_later(state: Path) -> None:
    large(state, 34)
    store = opened(state)
    calls: list[FileCheck] = []

    def disturbed_once(check: FileCheck) -> list[str] | None:
        calls.append(check)
        if len(calls) == 1:
            answers: list[list[str] | None] = []
            checking = threading.Thread(target=lambda: answers.append(check.run()))
            checking.start()
            check.stop()
            person = store.people.all()[0]
            store.ledger.append(check_in(store, code=person.code), person.id)
            checking.join()
            assert answers == [None]
            return answers[0]
        return check.run()

    assert drain(sweep.steps(store, check=disturbed_once)).files == {"records.db": []}
    assert len(calls) == 2
    store.close()


def test_a_check_says_what_the_file_system_refuses(tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        FileCheck(tmp_path / "nothing.db").run()
    assert raised.value.code is FaultCode.DISK_FAILED


def test_a_check_that_was_stopped_before_it_began_says_that_it_knows_nothing(state: Path) -> None:
    check = FileCheck(state / "records.db")
    assert check.run() == []
    check.stop()
    assert check.run() is None
