"""The ledger proves what happened, forgets what it must, and knows a person's day."""

from collections.abc import Callable
from pathlib import Path

import pytest
from store_kit import HOUR, MORNING, Hands, check_in, correction, dispute, enrolled, moved, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import Entry, FileRootKey, LocalKind, Store
from kiosk.store.history import acts, worked
from kiosk.store.keys import KeyKind
from kiosk.store.vault import tag
from wire import checkpoint
from wire.errors import BrokenChain, FormatError
from wire.event import Action, Event
from wire.spine import genesis, link, verify

CODE = "E-0417"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    return new_store(tmp_path / "state", hands)


@pytest.fixture
def person(store: Store) -> str:
    return store.people.add(CODE, "Budi Santoso")


def _sql(store: Store, statement: str, *values: object) -> None:
    with store.database.write():
        store.database.run(statement, *values)


def fill(store: Store, person: str, count: int) -> list[Entry]:
    with store.database.write():
        return [store.ledger.append(check_in(store), person) for _ in range(count)]


# the chain


def test_entries_are_numbered_and_linked_from_the_genesis_of_the_device(store: Store, person: str) -> None:
    entries = fill(store, person, 5)
    first = entries[0].seq
    assert [entry.seq for entry in entries] == list(range(first, first + 5))
    rows = [stored.row for stored in store.ledger.entries_since(0)]
    assert verify(rows, genesis(store.device_id), 1) == store.ledger.hash_at(entries[-1].seq)
    assert store.ledger.verify() == store.ledger.size() == entries[-1].seq
    assert [stored.for_headquarters for stored in store.ledger.entries_since(0)] == [False] * (first - 1) + [True] * 5


def test_the_same_event_again_is_one_entry(store: Store, person: str) -> None:
    event = check_in(store)
    entry = store.ledger.append(event, person)
    size = store.ledger.size()
    assert store.ledger.append(event, person) == entry
    again = reopened(store)
    assert again.ledger.append(event, person) == entry
    assert again.ledger.size() == size


def test_an_id_is_not_used_for_two_events(store: Store, person: str) -> None:
    event = check_in(store)
    store.ledger.append(event, person)
    with pytest.raises(FormatError, match="another event"):
        store.ledger.append(moved(event, 1), person)


def test_an_event_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(Fault) as raised:
        store.ledger.append(check_in(store), "0" * 16)
    assert raised.value.code is FaultCode.PERSON_UNKNOWN
    assert store.database.rows("SELECT * FROM keys WHERE kind = 'record'") == []


def test_a_checkpoint_is_signed_every_64_entries_on_demand_and_at_the_end(store: Store, person: str) -> None:
    fill(store, person, 130)
    sizes = [row[0] for row in store.database.rows("SELECT size FROM checkpoints ORDER BY size")]
    assert sizes == [64, 128]
    note = store.ledger.checkpoint()
    found, names = checkpoint.read(note, {f"ambang/{store.device_id}": store.device_public})
    assert (found.size, found.head) == (store.ledger.size(), store.ledger.hash_at(store.ledger.size()))
    assert names == {f"ambang/{store.device_id}"}
    assert store.ledger.checkpoint() == note
    fill(store, person, 1)
    again = reopened(store)
    assert [row[0] for row in again.database.rows("SELECT size FROM checkpoints ORDER BY size")] == [64, 128, 133]
    assert again.ledger.verify() == 133


def _forge_spine(store: Store) -> None:
    """Whoever has no keys can still make a chain that follows: only the checkpoint shows it."""
    head = store.ledger.hash_at(69)
    for seq in range(70, store.ledger.size() + 1):
        row = link(head, seq, bytes([seq]) * 32, bytes([seq]) * 32)
        _sql(
            store,
            "UPDATE spine SET commitment = ?, body_digest = ?, h = ? WHERE seq = ?",
            *(row.commitment, row.body_digest, row.h, seq),
        )
        _sql(store, "DELETE FROM undelivered WHERE seq = ?", seq)
        _sql(store, "DELETE FROM bodies WHERE seq = ?", seq)
        head = row.h


SWAP = """UPDATE spine SET commitment = (SELECT commitment FROM spine WHERE seq = 71),
    body_digest = (SELECT body_digest FROM spine WHERE seq = 71) WHERE seq = 70"""
ATTACKS: dict[str, tuple[Callable[[Store], object], int]] = {
    "cut off at the end": (lambda s: _remove(s, 90, 1000), 90),
    "cut off before all": (lambda s: _remove(s, 1, 3), 1),
    "removed from the middle": (lambda s: _remove(s, 70, 70), 70),
    "exchanged": (lambda s: _sql(s, SWAP), 70),
    "commitment altered": (lambda s: _flip(s, "spine", "commitment"), 70),
    "hash altered": (lambda s: _flip(s, "spine", "h"), 70),
    "body altered": (lambda s: _flip(s, "bodies", "sealed"), 70),
    "body lost before it was delivered": (lambda s: _sql(s, "DELETE FROM bodies WHERE seq = 70"), 70),
    "written anew": (_forge_spine, 100),
    "a checkpoint altered": (lambda s: _sql(s, "UPDATE checkpoints SET note = replace(note, '64', '63')"), 64),
    "a checkpoint moved": (lambda s: _sql(s, "UPDATE checkpoints SET size = 65 WHERE size = 64"), 65),
}


def _flip(store: Store, table: str, column: str, seq: int = 70) -> None:
    ((blob,),) = store.database.rows(f"SELECT {column} FROM {table} WHERE seq = ?", seq)  # noqa: S608 - our own names
    altered = blob[:20] + bytes([blob[20] ^ 1]) + blob[21:]
    _sql(store, f"UPDATE {table} SET {column} = ? WHERE seq = ?", altered, seq)  # noqa: S608 - our own names


def _remove(store: Store, first: int, last: int) -> None:
    for table in ("undelivered", "bodies", "spine"):
        _sql(store, f"DELETE FROM {table} WHERE seq BETWEEN ? AND ?", first, last)  # noqa: S608 - our own names


@pytest.mark.parametrize(("attack", "seq"), ATTACKS.values(), ids=ATTACKS)
def test_the_verifier_names_the_first_entry_that_is_wrong(
    store: Store, person: str, attack: Callable[[Store], object], seq: int
) -> None:
    fill(store, person, 98)
    store.ledger.checkpoint()
    assert store.ledger.verify() == 100
    attack(store)
    with pytest.raises(BrokenChain) as raised:
        store.ledger.verify()
    assert raised.value.seq == seq


# forgetting


def test_when_the_key_of_a_month_is_gone_its_entries_are_unreadable_unlinkable_and_still_prove_the_chain(
    store: Store, person: str
) -> None:
    other = enrolled(store, "E-2", "Sri")
    for _ in range(3):
        store.ledger.append(check_in(store), person)
        store.ledger.append(check_in(store, code="E-2"), other)
    key = store.keys.get(KeyKind.RECORD, person=person, period="2026-11")
    assert key is not None
    assert store.ledger.count(person, "2026-11") == 3
    with store.database.write():
        store.keys.drop(KeyKind.RECORD, person=person)
        store.database.run("DELETE FROM undelivered WHERE person = ?", person)
    assert store.history.events(person, MORNING - HOUR, MORNING + HOUR) == []
    assert len(store.history.events(other, MORNING - HOUR, MORNING + HOUR)) == 3
    tags = [row[0] for row in store.database.rows("SELECT tag FROM bodies")]
    assert len(set(tags)) == len(tags)
    assert {tag(key, number) for number in range(3)} <= set(tags)
    columns = store.database.rows("SELECT seq, event_id, period, audience FROM bodies WHERE audience = 1")
    assert person not in str(columns)
    store.ledger.verify()


def test_an_entry_that_does_not_open_is_set_aside_and_the_day_goes_on(store: Store, person: str) -> None:
    store.ledger.append(check_in(store, Action.IN), person)
    entry = store.ledger.append(check_in(store, Action.OUT, at=MORNING + HOUR), person)
    _flip(store, "bodies", "sealed", entry.seq)
    assert store.history.last_action(person, MORNING + HOUR) == (Action.IN, MORNING)
    assert [(found.place, found.row) for found in store.quarantine.all()] == [("bodies", str(entry.seq))]


# the day of a person


def test_the_last_action_holds_for_16_hours_and_across_midnight_and_month(store: Store, person: str) -> None:
    late = 1_796_057_400_000  # 2026-11-30 23:30 UTC
    store.ledger.append(check_in(store, Action.IN, at=late), person)
    assert store.history.last_action(person, late + HOUR) == (Action.IN, late)
    assert store.history.last_action(person, late + 16 * HOUR) == (Action.IN, late)
    assert store.history.last_action(person, late + 16 * HOUR + 1) is None
    store.ledger.append(check_in(store, Action.OUT, at=late + HOUR), person)
    assert store.history.last_action(person, late + 2 * HOUR) == (Action.OUT, late + HOUR)


def test_a_clock_set_back_does_not_hide_the_last_action(store: Store, person: str) -> None:
    store.ledger.append(check_in(store, Action.IN, at=MORNING), person)
    store.ledger.append(check_in(store, Action.OUT, at=MORNING - 2 * HOUR), person)
    assert store.history.last_action(person, MORNING - 2 * HOUR) == (Action.OUT, MORNING - 2 * HOUR)


def test_nobody_sees_anothers_action(store: Store, person: str) -> None:
    other = enrolled(store, "E-2", "Sri")
    store.ledger.append(check_in(store), person)
    assert store.history.last_action(other, MORNING) is None


def test_a_disputed_check_in_never_happened_and_a_corrected_one_happened_otherwise(store: Store, person: str) -> None:
    store.ledger.append(check_in(store, Action.IN, at=MORNING), person)
    wrong = check_in(store, Action.OUT, at=MORNING + HOUR)
    store.ledger.append(wrong, person)
    assert store.history.last_action(person, MORNING + HOUR) == (Action.OUT, MORNING + HOUR)
    first = correction(store, wrong.event_id, Action.TRIP_LEAVE)
    store.ledger.append(first, person)
    assert store.history.last_action(person, MORNING + HOUR) == (Action.TRIP_LEAVE, MORNING + HOUR)
    second = correction(store, first.event_id, Action.BREAK_START)
    store.ledger.append(second, person)
    assert store.history.last_action(person, MORNING + HOUR) == (Action.BREAK_START, MORNING + HOUR)
    store.ledger.append(dispute(store, second.event_id), person)
    assert store.history.last_action(person, MORNING + HOUR) == (Action.IN, MORNING)


Day = list[tuple[Action, float]]
DAYS: dict[str, tuple[Day, float]] = {
    "nothing": ([], 0),
    "in and out": ([(Action.IN, 8), (Action.OUT, 17)], 9),
    "with a break": ([(Action.IN, 8), (Action.BREAK_START, 12), (Action.BREAK_END, 13), (Action.OUT, 17)], 8),
    "overtime after out": (
        [(Action.IN, 8), (Action.OUT, 17), (Action.OVERTIME_START, 18), (Action.OVERTIME_END, 20)],
        11,
    ),
    "overtime within": ([(Action.IN, 8), (Action.OVERTIME_START, 17), (Action.OVERTIME_END, 20)], 12),
    "a trip": ([(Action.IN, 8), (Action.TRIP_LEAVE, 10), (Action.TRIP_RETURN, 15), (Action.OUT, 17)], 4),
    "twice in": ([(Action.IN, 8), (Action.IN, 8.5), (Action.OUT, 10)], 2),
    "out alone": ([(Action.OUT, 10)], 0),
    "still here": ([(Action.IN, 20)], 4),
    "since yesterday": ([(Action.IN, -2), (Action.OUT, 6)], 6),
    "forgot to go yesterday": ([(Action.IN, -17), (Action.OUT, 6)], 0),
    "forgot to go and came again": ([(Action.IN, -10), (Action.IN, 8), (Action.OUT, 10)], 2),
    "forgot, still open": ([(Action.IN, 1)], 0),
    "until tomorrow": ([(Action.IN, 22), (Action.OUT, 25)], 2),
}


@pytest.mark.parametrize(("day", "hours"), DAYS.values(), ids=DAYS)
def test_the_hours_of_a_day(store: Store, person: str, day: Day, hours: float) -> None:
    midnight = MORNING - 8 * HOUR
    done = [(action, midnight + int(at * HOUR)) for action, at in day]
    assert worked(done, midnight, midnight + 24 * HOUR) == hours * HOUR
    for action, at in done:
        store.ledger.append(check_in(store, action, at=at), person)
    assert store.history.worked_today(person, midnight, midnight + 24 * HOUR) == hours * 3600


def test_what_happened_is_read_newest_first(store: Store) -> None:
    events: list[Event] = [check_in(store, Action.OUT, at=MORNING + 1), check_in(store, Action.IN)]
    assert list(acts(events)) == [(Action.OUT, MORNING + 1), (Action.IN, MORNING)]


def test_own_events_are_found_among_many(store: Store, person: str) -> None:
    others = [enrolled(store, f"E-{number}", "Sri", seeds=(number,)) for number in range(1, 4)]
    with store.database.write():
        for _ in range(40):
            for other in others:
                store.ledger.append(check_in(store), other)
            store.ledger.append(check_in(store), person)
    again = reopened(store)
    assert len(again.history.events(person, MORNING, MORNING + 1)) == 40
    assert again.history.events(person, MORNING + 1, MORNING + HOUR) == []


def test_two_processes_give_out_no_number_twice(store: Store, person: str) -> None:
    other = Store.open(store.database.directory, FileRootKey(store.database.directory / "root.key"), clock=store.clock)
    for _ in range(4):
        store.ledger.append(check_in(store), person)
        other.ledger.append(check_in(store), person)
        other.ledger.append(check_in(store), person)
    assert store.ledger.verify() == other.ledger.verify() == 14
    assert len(store.history.events(person, MORNING, MORNING + 1)) == 12
    other.close()


def test_local_acts_are_entries_that_headquarters_never_reads(store: Store, hands: Hands) -> None:
    hands.move(3_000)
    entry = store.append_local(LocalKind.CLOCK_STEPPED, {"by_ms": 3000})
    (stored,) = store.ledger.entries_since(entry.seq - 1)
    assert not stored.for_headquarters
    seq, act = store.ledger.local_acts("2026-11")[-1]
    assert (seq, act["kind"], act["detail"]) == (entry.seq, "clock_stepped", {"by_ms": 3000})
    assert act["occurred_at"] == MORNING + 3_000
    assert act["clock"]["boottime_ms"] == hands.boottime_ms
