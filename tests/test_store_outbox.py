"""What is meant for headquarters goes into the exchange, sealed, once; a lost exchange is filled again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_kit import check_in, enrolled, new_store, notice, reopened

from kiosk.store import Store, outbox
from kiosk.store.keys import FileRootKey, KeyKind
from sync.exchange import Exchange, ExchangeConflict, OutboxEntry
from wire import checkpoint
from wire.event import CheckIn, NoticeKind, parse
from wire.sealed import Context, unseal
from wire.signing import SigningKey
from wire.spine import commitment, genesis, verify

HQ = SigningKey.from_bytes(bytes(range(32)))
NAME = "ambang-hq/main"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    opened = outbox.open_exchange(tmp_path / "exchange" / "exchange.db")
    yield opened
    opened.close()


def append(store: Store, person: str, count: int) -> list[CheckIn]:
    events = [check_in(store) for _ in range(count)]
    with store.database.write():
        for event in events:
            store.ledger.append(event, person)
    return events


def taken(exchange: Exchange, limit: int = 500) -> tuple[OutboxEntry, ...]:
    found = exchange.take(limit)
    assert found is not None
    return found.entries


def countersign(store: Store, exchange: Exchange, size: int, key: SigningKey = HQ, name: str = NAME) -> None:
    exchange.inbox_add("receipt", checkpoint.cosign(store.ledger.note(size), name, key).encode())


def test_headquarters_can_check_the_chain_and_open_its_events_and_no_other(store: Store, exchange: Exchange) -> None:
    person = enrolled(store)
    events = append(store, person, 3)
    assert outbox.forward(store, exchange) == store.ledger.size()
    entries = taken(exchange)
    head = verify([entry.row for entry in entries], genesis(store.device_id), 1)
    assert head == store.ledger.hash_at(store.ledger.size())
    key = store.keys.need(KeyKind.EXCHANGE)
    opened = []
    for entry in entries:
        if entry.sealed is not None:
            where = Context(store=store.device_id, table="outbox", column="event", row=str(entry.row.seq))
            plain = unseal(key, entry.sealed, where)
            assert commitment(plain[:16], plain[16:]) == entry.row.commitment
            opened.append(parse(plain[16:])[0])
    assert opened == events
    assert [entry.event_id for entry in entries if entry.event_id] == [event.event_id for event in events]
    assert sum(entry.sealed is None for entry in entries) == store.ledger.size() - 3


def test_forwarding_again_adds_nothing_and_new_entries_follow(store: Store, exchange: Exchange) -> None:
    person = enrolled(store)
    append(store, person, 2)
    outbox.forward(store, exchange)
    assert outbox.forward(store, exchange) == 0
    assert outbox.unsent(store, exchange) == 2
    append(store, person, 1)
    assert outbox.unsent(store, exchange) == 3
    assert outbox.forward(store, exchange) == 1
    assert outbox.unsent(store, exchange) == 3
    again = reopened(store)
    assert outbox.forward(again, exchange) == 0


def test_a_long_backlog_goes_in_parts_that_each_end_at_a_checkpoint(store: Store, exchange: Exchange) -> None:
    person = enrolled(store)
    append(store, person, 600)
    assert outbox.forward(store, exchange) == store.ledger.size()
    assert exchange.last_seq() == store.ledger.size()
    found = exchange.take(500)
    assert found is not None
    read, _ = checkpoint.read(found.note, {f"ambang/{store.device_id}": store.device_public})
    assert read.size == found.entries[-1].row.seq


def test_a_lost_exchange_is_filled_again_from_what_headquarters_has(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "exchange" / "exchange.db"
    exchange = outbox.open_exchange(path)
    person = enrolled(store)
    append(store, person, 10)
    outbox.forward(store, exchange)
    countersign(store, exchange, 5)
    assert outbox.collect(store, exchange, {NAME: HQ.public}) == 5
    exchange.close()
    for file in path.parent.iterdir():
        file.unlink()
    exchange = outbox.open_exchange(path)
    assert outbox.unsent(store, exchange) == store.ledger.size() - 5
    outbox.forward(store, exchange)
    entries = taken(exchange)
    assert entries[0].row.seq == 6
    assert verify([entry.row for entry in entries], store.ledger.hash_at(5), 6) == store.ledger.hash_at(
        store.ledger.size()
    )
    assert [act["kind"] for _, act in store.ledger.local_acts("2026-11")][-1] == "exchange_rebuilt"
    assert outbox.forward(store, exchange) == 0
    exchange.close()


@pytest.mark.parametrize("damage", ["empty", "text"])
def test_a_damaged_exchange_is_set_aside_and_filled_again(tmp_path: Path, store: Store, damage: str) -> None:
    path = tmp_path / "exchange" / "exchange.db"
    path.parent.mkdir()
    path.write_bytes(b"" if damage == "empty" else b"not a database" * 500)
    append(store, enrolled(store), 3)
    exchange = outbox.open_exchange(path)
    assert outbox.forward(store, exchange) == store.ledger.size()
    assert path.with_name("exchange.db.aside-1").exists() == (damage == "text")
    exchange.close()


def test_an_exchange_that_claims_more_than_the_ledger_has_is_not_believed(
    tmp_path: Path, store: Store, exchange: Exchange
) -> None:
    longer = new_store(tmp_path / "other")
    append(longer, enrolled(longer), 30)
    outbox.forward(longer, exchange)
    with pytest.raises(ExchangeConflict):
        outbox.forward(store, exchange)


def test_only_a_counter_signature_of_this_ledger_by_a_known_headquarters_counts(
    tmp_path: Path, store: Store, exchange: Exchange
) -> None:
    append(store, enrolled(store), 10)
    other = new_store(tmp_path / "other")
    append(other, enrolled(other), 10)
    trusted = {NAME: HQ.public}
    countersign(store, exchange, 4, SigningKey.generate())
    countersign(store, exchange, 4, HQ, "ambang-hq/other")
    countersign(other, exchange, 4)
    exchange.inbox_add("receipt", store.ledger.note(4).encode())
    exchange.inbox_add("receipt", b"\xff\xfe garbage")
    exchange.inbox_add("receipt", b"")
    exchange.inbox_add("roster", checkpoint.cosign(store.ledger.note(4), NAME, HQ).encode())
    assert outbox.collect(store, exchange, trusted) == 0
    countersign(store, exchange, 4)
    assert outbox.collect(store, exchange, {}) == 0
    assert outbox.collect(store, exchange, trusted) == 4
    countersign(store, exchange, 2)
    assert outbox.collect(store, exchange, trusted) == 4


def test_what_headquarters_has_no_longer_links_an_entry_to_a_person(store: Store, exchange: Exchange) -> None:
    person = enrolled(store)
    append(store, person, 6)
    size = store.ledger.size()
    countersign(store, exchange, size - 2)
    outbox.collect(store, exchange, {NAME: HQ.public})
    assert store.database.rows("SELECT seq FROM undelivered") == [(size - 1,), (size,)]
    assert store.ledger.verify() == size


def test_counter_signatures_do_not_pile_up(store: Store, exchange: Exchange) -> None:
    append(store, enrolled(store), 140)
    for size in (10, 64, 70, 100, 130):
        countersign(store, exchange, size)
        assert outbox.collect(store, exchange, {NAME: HQ.public}) == size
    rows = store.database.rows("SELECT size, countersigned IS NOT NULL FROM checkpoints ORDER BY size")
    assert rows == [(64, 1), (128, 0), (130, 1)]
    store.ledger.verify()


def test_a_notice_travels_like_a_check_in(store: Store, exchange: Exchange) -> None:
    person = enrolled(store)
    store.basis.withdraw(person, notice=notice(store, NoticeKind.CONSENT_WITHDRAWN))
    outbox.forward(store, exchange)
    assert outbox.unsent(store, exchange) == 1


def test_the_exchange_key_is_written_once_for_sync_alone(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "exchange.key"
    store.write_exchange_key(path)
    assert path.read_bytes() == store.keys.need(KeyKind.EXCHANGE)
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.read_bytes() != FileRootKey(tmp_path / "state" / "root.key").read()
