"""The exchange between kiosk and sync: idempotent, linked, size-limited, and never a lock error."""

import multiprocessing
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sync_ledger import event_id, hand_over, ledger, note

from sync.exchange import (
    Exchange,
    ExchangeAbsent,
    ExchangeConflict,
    ExchangeError,
    ExchangeFailed,
    ExchangeForeign,
    OutboxEntry,
    State,
    Status,
    Unsettled,
)
from wire.spine import genesis

HOUR_MS = 3_600_000


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    made = Exchange.create(tmp_path / "exchange.db")
    yield made
    made.close()


def test_entries_travel_from_kiosk_to_sync_with_their_checkpoint(exchange: Exchange) -> None:
    entries = ledger(5)
    hand_over(exchange, entries)
    taken = exchange.take(500)
    assert taken is not None
    assert taken.h_prev is None
    assert list(taken.entries) == entries
    assert taken.note == note(entries)
    assert exchange.unsettled() == Unsettled(4, 1, 0)
    assert exchange.last_seq() == 5


def test_an_append_twice_is_an_append_once(exchange: Exchange) -> None:
    entries = ledger(5)
    hand_over(exchange, entries)
    resealed = [OutboxEntry(e.row, e.event_id, e.sealed and e.sealed + b"other nonce") for e in entries]
    hand_over(exchange, resealed + ledger(2, first=6, head=entries[-1].row.h))
    assert exchange.last_seq() == 7
    assert exchange.unsettled().events == 5


def test_other_content_for_a_sequence_number_is_refused(exchange: Exchange) -> None:
    hand_over(exchange, ledger(5))
    with pytest.raises(ExchangeConflict):
        hand_over(exchange, ledger(5, events=False))
    with pytest.raises(ExchangeConflict):
        hand_over(exchange, ledger(5, head=genesis("door-2")))


def test_a_gap_a_broken_link_and_a_foreign_checkpoint_are_refused(exchange: Exchange) -> None:
    entries = ledger(9)
    hand_over(exchange, entries[:3])
    with pytest.raises(ExchangeConflict, match="gap"):
        hand_over(exchange, entries[4:6])
    with pytest.raises(ExchangeConflict, match="follow"):
        hand_over(exchange, ledger(2, first=4, head=bytes(32)))
    with pytest.raises(ExchangeConflict, match="checkpoint"):
        exchange.append(entries[3:6], note(entries[:5]))
    with pytest.raises(ValueError, match="1 to 500"):
        exchange.append([], note(entries))
    assert exchange.last_seq() == 3


def test_an_event_belongs_to_one_entry_only(exchange: Exchange) -> None:
    first, second = ledger(2)
    with pytest.raises(ExchangeConflict):
        hand_over(exchange, [first, OutboxEntry(second.row, first.event_id, b"x")])
    assert exchange.last_seq() is None


def test_no_template_fits_into_the_exchange(exchange: Exchange) -> None:
    template = os.urandom(512 * 4)
    row = ledger(1)[0].row
    with pytest.raises(ExchangeConflict):
        hand_over(exchange, [OutboxEntry(row, event_id(1), template)])
    assert exchange.last_seq() is None


def test_batches_end_at_a_checkpoint_within_the_limit_if_one_is_near(exchange: Exchange) -> None:
    entries = ledger(200)
    for end in (10, 64, 200):
        hand_over(exchange, entries[:end][-136:])
    for limit, size in ((10, 10), (63, 10), (64, 64), (199, 64), (200, 200), (5, 10)):
        taken = exchange.take(limit)
        assert taken is not None
        assert taken.entries[-1].row.seq == size
        assert taken.note.split("\n")[1] == str(size)


def test_a_receipt_settles_its_events_and_the_size_settles_the_rest(exchange: Exchange) -> None:
    entries = ledger(6)
    hand_over(exchange, entries)
    assert exchange.settle([event_id(1), event_id(2)], 6, "counter-signed 6", 1000) == 2
    assert exchange.settle([event_id(1), event_id(2)], 6, "counter-signed 6", 2000) == 0
    assert exchange.countersigned() == 6
    assert exchange.unsettled() == Unsettled(2, 4, 0)
    taken = exchange.take(500)
    assert taken is not None
    assert [e.row.seq for e in taken.entries if e.event_id] == [4, 5]
    assert taken.h_prev == entries[2].row.h
    assert exchange.inbox(0) == (), "the kiosk must not forget what still waits"
    assert exchange.settle([event_id(4), event_id(5)], 5, "counter-signed 5", 2000) == 2
    assert exchange.take(500) is None
    assert [(m.kind, m.body) for m in exchange.inbox(0)] == [("receipt", b"counter-signed 6")]


def test_a_size_beyond_what_was_handed_over_settles_nothing(exchange: Exchange) -> None:
    hand_over(exchange, ledger(3, events=False))
    exchange.settle([], 4, "a size from the future", 1000)
    assert exchange.countersigned() == 0
    assert exchange.inbox(0) == ()
    assert exchange.take(500) is not None


def test_a_parked_event_lets_the_others_go_on_and_can_be_tried_again(exchange: Exchange) -> None:
    entries = ledger(8)
    hand_over(exchange, entries)
    exchange.park([event_id(1)], "field_rejected")
    exchange.settle([e.event_id for e in entries[1:] if e.event_id], 8, "counter-signed 8", 1000)
    assert exchange.take(500) is None
    assert exchange.unsettled() == Unsettled(1, 1, 1)
    exchange.purge(1000 + 2 * HOUR_MS)
    exchange.park([event_id(1)], None)
    taken = exchange.take(500)
    assert taken is not None
    assert [e.event_id for e in taken.entries if e.event_id] == [event_id(1)]
    assert len(taken.entries) == 8


def test_the_bare_spine_can_go_first(exchange: Exchange) -> None:
    entries = ledger(8)
    hand_over(exchange, entries)
    for events in (0, 1, 3):
        taken = exchange.take(500, events)
        assert taken is not None
        assert sum(e.event_id is not None for e in taken.entries) == events
        assert len(taken.entries) == 8


def test_settled_rows_leave_after_an_hour_and_nothing_unsettled_ever_does(exchange: Exchange) -> None:
    entries = ledger(12)
    hand_over(exchange, entries)
    exchange.settle([event_id(s) for s in (1, 2, 4, 7, 8)], 9, "counter-signed 9", 1000)
    assert exchange.purge(1000 + HOUR_MS) == 0
    assert exchange.purge(1001 + HOUR_MS) == 3  # 4 stays: the hash before 5
    assert exchange.unsettled() == Unsettled(3, 5, 0)
    taken = exchange.take(500)
    assert taken is not None
    assert taken.h_prev == entries[3].row.h
    assert [e.row.seq for e in taken.entries if e.event_id] == [5, 10, 11]
    exchange.settle([event_id(s) for s in (5, 10, 11)], 12, "counter-signed 12", 2000)
    assert exchange.purge(9000 + HOUR_MS) == 8
    hand_over(exchange, ledger(2, first=13, head=entries[-1].row.h))
    taken = exchange.take(500)
    assert taken is not None
    assert taken.h_prev == entries[-1].row.h


def test_what_was_settled_by_a_clock_far_ahead_leaves_when_the_clock_is_right(exchange: Exchange) -> None:
    hand_over(exchange, ledger(6))
    year = 365 * 24 * HOUR_MS
    exchange.settle([event_id(s) for s in (1, 2, 4, 5)], 6, "counter-signed 6", 50 * year)
    assert exchange.purge(year) == 5
    assert exchange.last_seq() == 6


def test_events_that_are_set_aside_are_listed(exchange: Exchange) -> None:
    hand_over(exchange, ledger(6))
    assert exchange.parked() == ()
    exchange.park([event_id(2), event_id(5)], "field_rejected")
    exchange.settle([event_id(5)], 3, "counter-signed 3", 1000)
    assert exchange.parked() == (event_id(2),)


def test_no_sealed_event_outlives_its_receipt_by_more_than_an_hour(exchange: Exchange, tmp_path: Path) -> None:
    entries = ledger(3)
    secret = b"sealed-and-rather-unique-0123456789"
    hand_over(exchange, [entries[0], OutboxEntry(entries[1].row, event_id(2), secret), entries[2]])
    exchange.settle([event_id(2)], 3, "counter-signed 3", 1000)  # the first one still waits
    exchange.purge(1001 + HOUR_MS)
    assert exchange.unsettled().events == 1
    assert not [f for f in tmp_path.iterdir() if secret in f.read_bytes()]


def test_a_lost_exchange_is_rebuilt_from_the_counter_signed_size(exchange: Exchange) -> None:
    entries = ledger(10)
    with pytest.raises(ExchangeConflict, match="rebuilt"):
        hand_over(exchange, entries[6:])
    exchange.append(entries[6:], note(entries), h_prev=entries[5].row.h)
    taken = exchange.take(500)
    assert taken is not None
    assert taken.h_prev == entries[5].row.h
    assert [e.row.seq for e in taken.entries] == [7, 8, 9, 10]
    assert exchange.countersigned() == 6


def test_status_requests_and_inbox_cross_the_border(exchange: Exchange, tmp_path: Path) -> None:
    other = Exchange.open(tmp_path / "exchange.db")
    assert exchange.status() == Status(State.STARTING, None, "")
    before = exchange.version()
    other.put_status(Status(State.CONFIG, 12, "tls_untrusted"))
    assert exchange.version() != before
    assert exchange.status() == Status(State.CONFIG, 12, "tls_untrusted")
    assert exchange.request("roster_now", b"{}") == 1
    assert [(m.kind, m.body) for m in other.requests(0)] == [("roster_now", b"{}")]
    first = other.inbox_add("announcement", b"one")
    other.inbox_add("announcement", b"two")
    assert [m.body for m in exchange.inbox(first)] == [b"two"]
    for bad in ("Roster now", "", "x" * 65):
        with pytest.raises(ValueError, match="plain"):
            other.inbox_add(bad, b"")
    with pytest.raises(ValueError, match="plain"):
        other.put_status(Status(State.OK, None, "A Name"))
    with pytest.raises(ExchangeConflict):
        other.inbox_add("announcement", bytes((1 << 20) + 1))
    other.close()


HOSTILE = {
    "a state that is none": "UPDATE status SET state = 'evil'",
    "a detail that is prose": "UPDATE status SET detail = 'Please type your PIN'",
}


@pytest.mark.parametrize("sql", HOSTILE.values(), ids=HOSTILE)
def test_a_status_that_is_none_reads_as_offline(exchange: Exchange, tmp_path: Path, sql: str) -> None:
    exchange.put_status(Status(State.OK, 1, ""))
    _vandalise(tmp_path, sql)
    assert exchange.status() == Status(State.OFFLINE, None, "status_unreadable")


ROWS = {
    "a flipped hash": "UPDATE outbox SET h = zeroblob(32) WHERE seq = 2",
    "a short hash": "UPDATE outbox SET commitment = x'00' WHERE seq = 2",
    "a missing row": "DELETE FROM outbox WHERE seq = 2",
    "a large event": "UPDATE outbox SET sealed = zeroblob(2048) WHERE seq = 2",
    "an identifier that is none": "UPDATE outbox SET event_id = substr(event_id, 1, 35) || '!' WHERE seq = 2",
    "a size out of reach": "UPDATE notes SET size = 9999",
    "a large checkpoint": "UPDATE notes SET note = hex(zeroblob(9000))",
    "no row before the first": "UPDATE progress SET base = 3",
}


@pytest.mark.parametrize("sql", ROWS.values(), ids=ROWS)
def test_sync_refuses_rows_that_no_honest_kiosk_writes(exchange: Exchange, tmp_path: Path, sql: str) -> None:
    hand_over(exchange, ledger(3))
    _vandalise(tmp_path, sql)
    with pytest.raises(ExchangeForeign):
        exchange.take(500)


MESSAGES = {
    "a word that is none": "INSERT INTO inbox (kind, body) VALUES ('DROP TABLE', x'')",
    "a gigabyte": "INSERT INTO inbox (kind, body) VALUES ('roster', zeroblob(5000000))",
}


@pytest.mark.parametrize("sql", MESSAGES.values(), ids=MESSAGES)
def test_the_kiosk_refuses_messages_that_are_none(exchange: Exchange, tmp_path: Path, sql: str) -> None:
    _vandalise(tmp_path, sql)
    with pytest.raises(ExchangeForeign):
        exchange.inbox(0)


SCHEMAS = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON outbox BEGIN DELETE FROM outbox; END",
    "a view": "CREATE VIEW v AS SELECT 1",
    "another version": "PRAGMA user_version = 99",
    "another application": "PRAGMA application_id = 1",
}


@pytest.mark.parametrize("sql", SCHEMAS.values(), ids=SCHEMAS)
def test_a_file_with_other_tables_is_not_opened(exchange: Exchange, tmp_path: Path, sql: str) -> None:
    exchange.close()
    _vandalise(tmp_path, sql)
    with pytest.raises(ExchangeForeign):
        Exchange.open(tmp_path / "exchange.db")


def _vandalise(folder: Path, sql: str) -> None:
    connection = sqlite3.connect(folder / "exchange.db", isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints = 1")
    connection.execute(sql)
    connection.close()


def test_a_missing_or_empty_file_is_absent_and_one_of_ours_is_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    with pytest.raises(ExchangeAbsent):
        Exchange.open(path)
    path.touch()
    with pytest.raises(ExchangeAbsent):
        Exchange.open(path)
    Exchange.create(path).close()
    with pytest.raises(ExchangeConflict):
        Exchange.create(path)
    Exchange.open(path).close()


def test_a_file_that_is_moved_away_while_it_is_opened_is_not_made_again(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "exchange.db"
    exchange.close()
    connect = sqlite3.connect

    def late(*arguments: Any, **named: Any) -> sqlite3.Connection:  # noqa: ANN401 - the signature of sqlite3
        if arguments != (":memory:",):
            path.unlink()
        made: sqlite3.Connection = connect(*arguments, **named)
        return made

    monkeypatch.setattr("sync.database.sqlite3.connect", late)
    with pytest.raises(ExchangeError):
        Exchange.open(path)
    assert not path.exists()


def test_a_place_where_no_file_can_be_is_a_plain_failure(tmp_path: Path) -> None:
    with pytest.raises(ExchangeFailed):
        Exchange.create(tmp_path / "no folder" / "exchange.db")
    (tmp_path / "file").touch()
    with pytest.raises(ExchangeFailed):
        Exchange.open(tmp_path / "file" / "exchange.db")


def test_a_file_of_another_kind_is_foreign_and_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    path.write_bytes(b"not a database at all" * 400)
    with pytest.raises(ExchangeForeign):
        Exchange.open(path)
    with pytest.raises(ExchangeForeign):
        Exchange.create(path)
    assert path.read_bytes() == b"not a database at all" * 400


def test_a_replaced_file_is_noticed(exchange: Exchange, tmp_path: Path) -> None:
    assert not exchange.replaced()
    (tmp_path / "exchange.db").rename(tmp_path / "aside.db")
    assert exchange.replaced()
    Exchange.create(tmp_path / "exchange.db").close()
    assert exchange.replaced()


def test_a_lock_that_is_never_let_go_becomes_a_plain_failure(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.database.BUSY_PATIENCE_S", 0.2)
    exchange._file._connection.execute("PRAGMA busy_timeout = 50")
    holder = sqlite3.connect(tmp_path / "exchange.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ExchangeFailed, match="locked"):
        exchange.request("roster_now", b"")
    holder.close()
    assert exchange.request("roster_now", b"") == 1


def test_the_kiosk_does_not_load_the_network_with_the_exchange() -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.apply(_modules_with_the_exchange) == []


def _modules_with_the_exchange() -> list[str]:
    import importlib  # noqa: PLC0415 - in a process of its own
    import sys  # noqa: PLC0415

    importlib.import_module("sync.exchange")
    return sorted(set(sys.modules) & {"requests", "urllib3", "sync.transport"})
