"""Every write of the store begins with the write lock, and every rule of durability holds where the kiosk runs."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, at_work, person_of, save
from ledger_kit import countersign
from running_kiosk import CODE, PIN, furnished
from store_kit import (
    CHEAP,
    CONSENT,
    HOUR,
    Hands,
    check_in,
    correction,
    dispute,
    enrolled,
    face,
    here,
    key_of,
    new_store,
)

from kiosk.config import Config
from kiosk.faults import Fault
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Method
from kiosk.store import LocalKind, Store, account_acts, database, outbox, renew, retention, rotate, sweep
from kiosk.store.approval import Role
from kiosk.store.erasure import erase_face, erase_person
from kiosk.store.logins import log_in
from kiosk.store.resume import resume
from wire import checkpoint
from wire.event import Action as Did
from wire.signing import SigningKey

PHRASE = "Seven-grey-herons-at-dawn-7"
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER")
HQ = SigningKey.from_bytes(bytes(range(32)))
NAME = "ambang-hq/main"


def offences(statements: list[str]) -> tuple[list[str], int]:
    """Writes of one connection outside a transaction that began with the write lock; and how many writes there were."""
    found, writes, begun = [], 0, ""
    for statement in statements:
        text = " ".join(statement.split()).upper()
        if text.startswith("--"):  # what SQLite does inside a VACUUM
            continue
        if text.startswith("BEGIN"):
            begun = text
        elif text.startswith(("COMMIT", "ROLLBACK", "END")):
            begun = ""
        elif text.startswith(WRITES):
            writes += 1
            if begun != "BEGIN IMMEDIATE":
                found.append(f"{begun or 'no transaction'}: {text[:60]}")
    return found, writes


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What each connection to a store is told to do, in order."""
    connections: list[list[str]] = []
    real = sqlite3.connect

    def connect(address: str, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - sqlite3's own
        connection: sqlite3.Connection = real(address, **options)
        if "records.db" in address:
            connections.append([])
            connection.set_trace_callback(connections[-1].append)
        return connection

    monkeypatch.setattr(database.sqlite3, "connect", connect)  # type: ignore[attr-defined]
    return connections


def test_the_reading_of_a_trace_finds_what_it_should() -> None:
    good = ["BEGIN IMMEDIATE", "insert into a values (1)", "COMMIT", "BEGIN", "SELECT 1", "ROLLBACK"]
    assert offences(good) == ([], 1)
    assert offences(["INSERT INTO a VALUES (1)"])[0] == ["no transaction: INSERT INTO A VALUES (1)"]
    assert offences(["BEGIN", "DELETE FROM a", "COMMIT"])[0] == ["BEGIN: DELETE FROM A"]
    assert offences(["BEGIN IMMEDIATE", "COMMIT", "UPDATE a SET b = 1"])[0] == ["no transaction: UPDATE A SET B = 1"]


def morning(store: Store, clock: Hands, first: str) -> None:
    """People, PINs, check-ins and what they think of them."""
    event = check_in(store)
    store.ledger.append(event, first)
    store.ledger.append(correction(store, event.event_id, Did.OUT), first)
    store.ledger.append(dispute(store, event.event_id), first)
    store.people.set_pin(first, "918273")
    for pin in ("918273", "000000"):
        store.accounts.check_pin("E-0417", pin, clock.wall_ms, clock.boottime_ms)
    store.history.last_action(first, clock.wall_ms)
    store.templates.references()
    store.ledger.checkpoint()


def noon(store: Store, exchange_file: Path) -> None:
    """Hand-over, receipt, accounts."""
    exchange = outbox.begin_anew(exchange_file)
    outbox.forward(here(store), exchange)
    exchange.inbox_add("receipt", checkpoint.cosign(store.ledger.note(), NAME, HQ).encode())
    outbox.collect(here(store), exchange, {NAME: HQ.public})
    exchange.close()
    login = account_acts.begin(store, account_acts.first_start_code(store), "Ani", PHRASE)
    account_acts.add(store, "Sari", Role.AUDITOR, login)
    log_in(store, "Ani", "not the password")
    log_in(store, "Ani", PHRASE)


def evening(store: Store, clock: Hands, first: str, second: str) -> None:
    """Rotation, renewal, erasure, damage, retention."""
    store.basis.enrol(first, CONSENT, [face(first, 3)])
    rotate.rotate(store)
    renew.renew(store, rest_s=0.0)
    erase_face(store, first)
    erase_person(store, second)
    with store.database.write():
        store.database.run("UPDATE people SET profile = zeroblob(200) WHERE id = ?", first)
        rotate.begin(store)
    store.people.all()
    resume(store)
    clock.move(62 * 24 * HOUR)
    store.append_local(LocalKind.STARTED, {})
    countersign(store)
    assert retention.drop_before(store, "2026-12").bodies > 0


def night(store: Store) -> None:
    """The sweep, and a receipt of another ledger."""
    walk = sweep.steps(store)
    found: sweep.Swept | None = None
    while found is None:
        try:
            next(walk)
        except StopIteration as ended:
            found = ended.value
    sweep.finish(store, found, 1)
    store.anchor.doubt(9_000)


def test_every_write_of_a_whole_day_holds_the_write_lock_from_its_first_statement(
    tmp_path: Path, traced: list[list[str]]
) -> None:
    state, clock = tmp_path / "state", Hands()
    store = new_store(state, clock)
    store.admins.cost = CHEAP
    first, second = enrolled(store), enrolled(store, "E-2", "Sri", seeds=(7, 8))
    morning(store, clock, first)
    noon(store, tmp_path / "exchange.db")
    evening(store, clock, first, second)
    night(store)
    store.close()
    with pytest.raises(Fault):
        Store.open(state, key_of(state), clock=clock)
    store = Store.open(state, key_of(state), clock=clock, anchored=False)
    store.anchor.accept()
    store.close()
    seen = [offences(statements) for statements in traced]
    assert [found for found, _ in seen if found] == []
    assert sum(writes for _, writes in seen) > 200


def test_every_write_of_the_running_kiosk_holds_the_write_lock_from_its_first_statement(
    tmp_path: Path, traced: list[list[str]]
) -> None:
    config = furnished(tmp_path)
    person = person_of(config)
    with at_work(config) as desk:
        desk.clerk.check_pin(1, CODE, PIN)
        desk.answer(ev.PinAccepted)
        committed = save(desk, person)
        desk.clerk.save_correction(2, committed.event_id, person, Action.OUT, Method.PIN)
        desk.answer(ev.Committed)
        desk.clerk.check_health()
        desk.answer(ev.Repaired)
        desk.until_unsent(2)
    seen = [offences(statements) for statements in traced]
    assert [found for found, _ in seen if found] == []
    assert sum(writes for _, writes in seen) > 10


RULES = {
    "foreign_keys": 1,
    "trusted_schema": 0,
    "temp_store": 2,
    "cell_size_check": 1,
    "cache_spill": 0,
    "recursive_triggers": 0,
    "main.journal_mode": "truncate",
    "templates.journal_mode": "truncate",
    "main.synchronous": 2,
    "templates.synchronous": 2,
    "main.secure_delete": 1,
    "templates.secure_delete": 1,
    "main.application_id": 0x414D4252,
    "templates.application_id": 0x414D4254,
    "main.user_version": 1,
    "templates.user_version": 1,
}


def rules_of(desk: Desk) -> dict[str, Any]:
    return desk.clerk._ask(lambda store: {name: store.database.rows(f"PRAGMA {name}")[0][0] for name in RULES})


def test_every_rule_of_durability_holds_in_the_running_kiosk_before_and_after_people_came(config: Config) -> None:
    with at_work(config) as desk:
        save(desk, person_of(config))
        assert rules_of(desk) == RULES
        desk.clerk.save(1, "0" * 16, Action.IN, Method.PIN)  # a refused act leaves nothing changed
        desk.answer(ev.SaveFailed)
        assert rules_of(desk) == RULES
        assert desk.clerk._ask(lambda store: store.database._connection.isolation_level) is None


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return furnished(tmp_path)
