"""One flipped bit in a store of twenty people: nineteen are served as before, and the store says whose it was."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from ledger_kit import countersign
from store_kit import (
    CHEAP,
    CONSENT,
    DIM,
    HOUR,
    MODEL,
    OPENED,
    PIN,
    Hands,
    check_in,
    enrolled,
    face,
    here,
    key_of,
    new_store,
)

from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, PinAccepted, Store, outbox, retention, sweep
from kiosk.store.erasure import erase_person
from kiosk.store.erasure_orphans import drop_orphans
from kiosk.store.residue import residue
from sync.exchange import ExchangeFailed
from wire.errors import BrokenChain

PEOPLE = 20
VICTIM = "E-07"
MONTH = "2026-11"


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of twenty people with faces, PINs and a check-in each; every test works on a copy."""
    state = tmp_path_factory.mktemp("pattern") / "state"
    store = new_store(state)
    for number in range(PEOPLE):
        code = f"E-{number:02d}"
        person = enrolled(store, code, f"Person {number}", seeds=(number, 100 + number))
        store.ledger.append(check_in(store, code=code), person)
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


def victim_of(state: Path) -> str:
    store = opened(state)
    person = store.people.by_code(VICTIM)
    store.close()
    assert person is not None
    return person.id


def flip(state: Path, table: str, column: str, rule: str, at: int) -> None:
    """Flip one bit of a column, as a failing card does."""
    file = state / ("templates.db" if table == "template" else "records.db")
    connection = sqlite3.connect(file, isolation_level=None)
    rows = connection.execute(f"SELECT rowid, {column} FROM {table} WHERE {rule}").fetchall()  # noqa: S608
    assert rows, "there is nothing to flip"
    row, value = rows[0]
    changed = bytearray(value)
    changed[at] ^= 1 << (at % 8)
    connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (bytes(changed), row))  # noqa: S608
    connection.close()


# What is sealed for one person: table, column, and which row ("?" is the victim).
OF_ONE = {
    "profile": ("people", "profile", "id = '?'"),
    "profile key": ("keys", "wrapped", "kind = 'profile' AND person = '?'"),
    "PIN": ("accounts", "secret", "person = '?'"),
    "record key of the month": ("keys", "wrapped", "kind = 'record' AND person = '?'"),
    "body": ("bodies", "sealed", "seq = (SELECT seq FROM undelivered WHERE person = '?')"),
    "biometric key": ("keys", "wrapped", "kind = 'biometric' AND person = '?'"),
    "basis record": ("bases", "record", "person = '?'"),
    "digest of the basis": ("bases", "digest", "person = '?'"),
}
# What is sealed for all: a device key of a month, and what only some acts need.
OF_ALL = {
    "device key of the month": ("keys", "wrapped", "kind = 'device'"),
    "body about the device": ("bodies", "sealed", "audience = 0"),
    "exchange key": ("keys", "wrapped", "kind = 'exchange'"),
    "rotation key": ("keys", "wrapped", "kind = 'rotation'"),
}
# Header, name of the key, nonce, ciphertext, tag; a digest has 32 bytes.
POSITIONS = (0, 2, 5, 12, 25, -1)


def by_pin(store: Store, code: str) -> bool:
    """Whether somebody can check in with a PIN, from the first key to the receipt of it in their history."""
    now = store.clock()
    result = store.accounts.check_pin(code, PIN, now.wall_ms, now.clock.boottime_ms)
    if not isinstance(result, PinAccepted):
        return False
    store.people.admit(result.person_id, by_face=False)
    store.people.get(result.person_id)
    event = check_in(store, code=code)
    store.ledger.append(event, result.person_id)
    store.history.worked_today(result.person_id, now.wall_ms - HOUR, now.wall_ms + 1)
    last = store.history.last_action(result.person_id, now.wall_ms)
    return last is not None and last[1] == event.occurred_at


def by_face(store: Store) -> set[str]:
    """Codes of the people whose references are all there and who would be admitted."""
    found: dict[str, int] = {}
    for reference in store.templates.references():
        found[reference.person] = found.get(reference.person, 0) + 1
    people = {person.id: person.code for person in store.people.all()}
    for person in found:
        store.people.admit(person, by_face=True)
    return {people[person] for person, count in found.items() if count == 2 and person in people}


def codes() -> set[str]:
    return {f"E-{number:02d}" for number in range(PEOPLE)}


def served(store: Store) -> tuple[set[str], set[FaultCode]]:
    """Who can check in by PIN, and the faults of those who cannot."""
    found, faults = set(), set()
    for code in sorted(codes()):
        try:
            if by_pin(store, code):
                found.add(code)
        except Fault as fault:
            faults.add(fault.code)
    return found, faults


def verifies(store: Store, *, but_for_a_body: bool) -> None:
    """An altered body stays in the chain for everybody to see; it is never made to fit."""
    if but_for_a_body:
        with pytest.raises(BrokenChain, match="sealed body"):
            store.ledger.verify()
    else:
        store.ledger.verify()


@pytest.mark.parametrize("at", POSITIONS)
@pytest.mark.parametrize("what", OF_ONE)
def test_what_is_damaged_for_one_person_stops_none_of_the_others(state: Path, what: str, at: int) -> None:
    person = victim_of(state)
    table, column, rule = OF_ONE[what]
    flip(state, table, column, rule.replace("?", person), at)
    store = opened(state)
    found, faults = served(store)
    faces = by_face(store)
    assert codes() - found <= {VICTIM}
    assert codes() - faces <= {VICTIM}
    assert faults <= {FaultCode.PERSON_DAMAGED}
    verifies(store, but_for_a_body=what == "body")
    store.quarantine.settle()
    touched = {each.person for each in store.quarantine.all()}
    if what != "basis record":  # nobody at the door needs it; the nightly sweep opens it
        assert touched == {person}
        kinds = [act["kind"] for _, act in store.ledger.local_acts(MONTH)]
        assert "tampered" in kinds
    store.close()
    again = opened(state)
    assert codes() - served(again)[0] <= {VICTIM}
    again.close()


@pytest.mark.parametrize("at", POSITIONS)
def test_a_damaged_template_leaves_the_other_one_and_everybody_else(state: Path, at: int) -> None:
    person = victim_of(state)
    records = sqlite3.connect(state / "records.db")
    (template,) = records.execute("SELECT template FROM faces WHERE person = ?", (person,)).fetchone()
    records.close()
    flip(state, "template", "sealed", f"id = '{template}'", at)
    store = opened(state)
    assert len(store.templates.references()) == 2 * PEOPLE - 1
    assert [(each.place, each.person) for each in store.quarantine.all()] == [("template", person)]
    assert by_face(store) == codes() - {VICTIM}
    assert served(store) == (codes(), set())
    store.close()


@pytest.mark.parametrize("at", POSITIONS)
@pytest.mark.parametrize("what", OF_ALL)
def test_what_is_damaged_for_all_still_lets_everybody_check_in_with_a_pin(
    state: Path, tmp_path: Path, what: str, at: int
) -> None:
    table, column, rule = OF_ALL[what]
    flip(state, table, column, rule, at)
    store = opened(state)
    assert served(store) == (codes(), set())
    exchange = outbox.begin_anew(tmp_path / "exchange.db")
    if what == "exchange key":
        with pytest.raises(ExchangeFailed):
            outbox.forward(here(store), exchange)
        assert outbox.unsent(here(store), exchange) == 2 * PEOPLE
    else:
        outbox.forward(here(store), exchange)
        assert exchange.unsettled().events == 2 * PEOPLE
    exchange.close()
    if what == "rotation key":
        with pytest.raises(Fault) as raised:
            store.templates.gallery(MODEL, DIM)
        assert raised.value.code is FaultCode.STORE_TAMPERED
    else:
        assert by_face(store) == codes()
    verifies(store, but_for_a_body=what == "body about the device")
    store.close()


@pytest.mark.parametrize("kind", ["index", "pepper"])
def test_without_the_keys_of_every_pin_no_pin_works_and_every_face_does(state: Path, kind: str) -> None:
    flip(state, "keys", "wrapped", f"kind = '{kind}'", 40)
    store = opened(state)
    assert by_face(store) == codes()
    assert served(store) == (set(), {FaultCode.STORE_TAMPERED})
    person = store.people.all()[0]
    store.ledger.append(check_in(store, code=person.code), person.id)
    store.close()


@pytest.mark.parametrize("kind", ["store", "signing"])
def test_without_the_keys_of_everything_the_store_says_tampered(state: Path, kind: str) -> None:
    flip(state, "keys", "wrapped", f"kind = '{kind}'", 40)
    with pytest.raises(Fault) as raised:
        opened(state)
    assert raised.value.code is FaultCode.STORE_TAMPERED


def test_without_the_key_of_the_anchor_two_people_must_decide(state: Path) -> None:
    flip(state, "keys", "wrapped", "kind = 'anchor'", 40)
    with pytest.raises(Fault) as raised:
        opened(state)
    assert raised.value.code is FaultCode.ANCHOR_LOST
    store = Store.open(state, key_of(state), clock=Hands(), anchored=False)
    store.anchor.accept()
    store.close()
    again = opened(state)
    assert ("keys", "anchor//") in [(each.place, each.row) for each in again.quarantine.all()]
    again.close()


def test_a_damaged_key_of_a_month_is_kept_for_a_look_and_goes_with_the_month_or_the_person(state: Path) -> None:
    person = victim_of(state)
    flip(state, "keys", "wrapped", f"kind = 'record' AND person = '{person}'", 40)
    flip(state, "keys", "wrapped", "kind = 'device'", 40)
    store = opened(state)
    assert by_pin(store, VICTIM)
    kept = dict(store.database.rows("SELECT row, length(sealed) FROM quarantine WHERE place = 'keys'"))
    assert kept.keys() == {f"record/{person}/{MONTH}", f"device//{MONTH}"}
    assert set(kept.values()) == {68}  # a sealed key, whole
    with store.database.write():
        assert len(store.quarantine.forget_month(MONTH)) == 2
        assert store.quarantine.forget_month(MONTH) == []
    assert store.database.rows("SELECT 1 FROM quarantine WHERE sealed IS NOT NULL") == []
    assert len(store.quarantine.all()) == 2, "that it happened is not forgotten"
    store.close()


def test_a_key_that_is_damaged_twice_is_reported_once_and_replaced_twice(state: Path) -> None:
    person = victim_of(state)
    for _ in range(2):
        flip(state, "keys", "wrapped", f"kind = 'record' AND person = '{person}'", 40)
        store = opened(state)
        assert by_pin(store, VICTIM)
        store.ledger.verify()
        store.close()
    store = opened(state)
    assert len(store.quarantine.all()) == 1
    store.close()


def test_entries_under_a_new_key_are_found_though_those_under_the_damaged_one_were_counted(state: Path) -> None:
    person = victim_of(state)
    store = opened(state)
    assert by_pin(store, VICTIM)
    with store.database.write():
        store.database.run("UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'record' AND person = ?", person)
    store.keys._open.clear()  # as after any act that deletes a key
    for _ in range(3):
        assert by_pin(store, VICTIM)
    store.close()
    again = opened(state)
    assert len(again.history.events(person, again.now_ms() - HOUR, again.now_ms() + 1)) == 3
    again.close()


def test_an_act_on_a_person_whose_key_is_damaged_says_that_it_is_that_person(state: Path) -> None:
    person = victim_of(state)
    flip(state, "keys", "wrapped", f"kind = 'profile' AND person = '{person}'", 40)
    store = opened(state)
    for act in (
        lambda: store.people.set_pin(person, PIN),
        lambda: store.basis.enrol(person, CONSENT, [face(person, 1)]),
        lambda: store.people.get(person),
    ):
        with pytest.raises(Fault) as raised:
            act()
        assert raised.value.code is FaultCode.PERSON_DAMAGED
    assert len(store.people.all()) == PEOPLE - 1
    store.close()


# -- the keys of a month, once they are in quarantine


def swept(store: Store) -> None:
    for _ in sweep.steps(store):
        pass


def kept_keys(store: Store) -> set[str]:
    rows = store.database.rows("SELECT row FROM quarantine WHERE place = 'keys' AND sealed IS NOT NULL")
    return {row[0] for row in rows}


def later(state: Path) -> Store:
    """The store two months on, with everything of the old month signed for by headquarters."""
    clock = Hands()
    clock.move(61 * 86_400_000)
    store = Store.open(state, key_of(state), clock=clock)
    store.accounts.cost = CHEAP
    OPENED.append(store)
    store.append_local(LocalKind.STARTED, {})
    countersign(store)
    return store


def test_the_damaged_keys_of_an_old_month_go_with_that_month(state: Path) -> None:
    person = victim_of(state)
    flip(state, "keys", "wrapped", f"kind = 'record' AND person = '{person}'", 40)
    flip(state, "keys", "wrapped", "kind = 'device'", 40)
    store = later(state)
    swept(store)
    names = {f"record/{person}/{MONTH}", f"device//{MONTH}"}
    assert kept_keys(store) == names
    held = retention.drop_before(store, "2026-12", held=[person])
    assert held.keys == PEOPLE - 1 + 1  # the others', and the device's
    assert store.database.row("SELECT count(*) FROM bodies WHERE period = ?", MONTH) != (0,)
    assert kept_keys(store) == {f"record/{person}/{MONTH}"}
    retention.drop_before(store, "2026-12")
    assert kept_keys(store) == set()
    assert store.database.row("SELECT count(*) FROM bodies WHERE period = ?", MONTH) == (0,)
    store.ledger.verify()
    store.close()


def test_bodies_whose_key_is_in_quarantine_are_not_taken_for_those_of_an_erased_person(state: Path) -> None:
    person = victim_of(state)
    flip(state, "keys", "wrapped", f"kind = 'record' AND person = '{person}'", 40)
    store = opened(state)
    swept(store)
    countersign(store)
    before = store.database.row("SELECT count(*) FROM bodies")
    with store.database.write():
        assert drop_orphans(store) == []
    assert store.database.row("SELECT count(*) FROM bodies") == before
    store.close()


def test_the_damaged_key_of_an_erased_person_goes_with_that_person(state: Path) -> None:
    person = victim_of(state)
    flip(state, "keys", "wrapped", f"kind = 'record' AND person = '{person}'", 40)
    store = opened(state)
    swept(store)
    sealed = store.database.row("SELECT sealed FROM quarantine WHERE person = ?", person)
    assert sealed is not None
    assert residue(state, [sealed[0]]) == ("records.db",)
    countersign(store)
    erase_person(store, person)
    assert kept_keys(store) == set()
    assert residue(state, [sealed[0]]) == ()
    store.close()
