"""What is meant for headquarters goes into the exchange, sealed, once; a lost exchange is filled again."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_kit import check_in, enrolled, here, new_store, reopened

from kiosk.store import Store, outbox
from kiosk.store.erasure import erase_face
from kiosk.store.keys import KeyKind
from kiosk.store.roots import FileRootKey
from sync.exchange import Exchange, ExchangeAbsent, ExchangeConflict, ExchangeForeign, OutboxEntry
from wire import checkpoint
from wire.event import CheckIn, parse
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
    opened = outbox.begin_anew(tmp_path / "exchange" / "exchange.db")
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
    assert outbox.forward(here(store), exchange) == store.ledger.size()
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
    outbox.forward(here(store), exchange)
    assert outbox.forward(here(store), exchange) == 0
    assert outbox.unsent(here(store), exchange) == 2
    append(store, person, 1)
    assert outbox.unsent(here(store), exchange) == 3
    assert outbox.forward(here(store), exchange) == 1
    assert outbox.unsent(here(store), exchange) == 3
    again = reopened(store)
    assert outbox.forward(here(again), exchange) == 0


def test_a_long_backlog_goes_in_parts_that_each_end_at_a_checkpoint(store: Store, exchange: Exchange) -> None:
    person = enrolled(store)
    append(store, person, 600)
    assert outbox.forward(here(store), exchange) == store.ledger.size()
    assert exchange.last_seq() == store.ledger.size()
    found = exchange.take(500)
    assert found is not None
    read, _ = checkpoint.read(found.note, {f"ambang/{store.device_id}": store.device_public})
    assert read.size == found.entries[-1].row.seq


def test_a_lost_exchange_is_filled_again_from_what_headquarters_has(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "exchange" / "exchange.db"
    exchange = outbox.begin_anew(path)
    person = enrolled(store)
    append(store, person, 10)
    outbox.forward(here(store), exchange)
    countersign(store, exchange, 5)
    outbox.collect(here(store), exchange, {NAME: HQ.public})
    assert outbox.countersigned(store) == 5
    exchange.close()
    for file in path.parent.iterdir():
        file.unlink()
    exchange = outbox.begin_anew(path)
    assert outbox.unsent(here(store), exchange) == store.ledger.size() - 5
    outbox.forward(here(store), exchange)
    entries = taken(exchange)
    assert entries[0].row.seq == 6
    assert verify([entry.row for entry in entries], store.ledger.hash_at(5), 6) == store.ledger.hash_at(
        store.ledger.size()
    )
    assert [act["kind"] for _, act in store.ledger.local_acts("2026-11")][-1] == "exchange_rebuilt"
    assert outbox.forward(here(store), exchange) == 0
    exchange.close()


KINDS: dict[str, Callable[[Path], object]] = {
    "empty": Path.touch,
    "text": lambda path: path.write_bytes(b"not a database" * 500),
    "directory": Path.mkdir,
    "pipe": os.mkfifo,
    "link": lambda path: path.symlink_to(path.with_name("elsewhere")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_exchange_is_set_aside_and_made_anew(tmp_path: Path, store: Store, kind: str) -> None:
    path = tmp_path / "exchange" / "exchange.db"
    path.parent.mkdir()
    KINDS[kind](path)
    append(store, enrolled(store), 3)
    with pytest.raises(ExchangeAbsent if kind == "empty" else ExchangeForeign):
        outbox.open_exchange(path)
    exchange = outbox.begin_anew(path)
    assert outbox.forward(here(store), exchange) == store.ledger.size()
    exchange.close()
    assert os.path.lexists(path.with_name("exchange.db.aside-1")) == (kind != "empty")
    assert not path.with_name("elsewhere").exists()


def test_what_is_set_aside_does_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    for number in range(6):
        path.write_bytes(b"%d" % number)
        outbox.begin_anew(path).close()
    aside = sorted(path.parent.glob("*aside-?"))
    assert [each.name for each in aside] == ["exchange.db.aside-1", "exchange.db.aside-2", "exchange.db.aside-3"]


def test_the_other_user_may_write_to_a_new_exchange_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        outbox.begin_anew(tmp_path / "exchange.db").close()
    finally:
        os.umask(before)
    assert (tmp_path / "exchange.db").stat().st_mode & 0o777 == 0o660


def test_an_exchange_that_claims_more_than_the_ledger_has_is_not_believed(
    tmp_path: Path, store: Store, exchange: Exchange
) -> None:
    longer = new_store(tmp_path / "other")
    append(longer, enrolled(longer), 30)
    outbox.forward(here(longer), exchange)
    with pytest.raises(ExchangeConflict):
        outbox.forward(here(store), exchange)


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
    outbox.collect(here(store), exchange, trusted)
    assert outbox.countersigned(store) == 0
    countersign(store, exchange, 4)
    outbox.collect(here(store), exchange, {})
    assert outbox.countersigned(store) == 0
    outbox.collect(here(store), exchange, trusted)
    assert outbox.countersigned(store) == 4
    countersign(store, exchange, 2)
    outbox.collect(here(store), exchange, trusted)
    assert outbox.countersigned(store) == 4


def test_nothing_waits_only_once_headquarters_has_signed_for_it(store: Store, exchange: Exchange) -> None:
    events = append(store, enrolled(store), 3)
    outbox.forward(here(store), exchange)
    exchange.settle([event.event_id for event in events], store.ledger.size(), "no signature at all", 1)
    assert exchange.unsettled().events == 0
    outbox.collect(here(store), exchange, {NAME: HQ.public})
    assert outbox.unsent(here(store), exchange) == 3
    countersign(store, exchange, store.ledger.size())
    outbox.collect(here(store), exchange, {NAME: HQ.public})
    assert outbox.unsent(here(store), exchange) == 0


def test_a_receipt_is_found_behind_any_number_of_other_messages(store: Store, exchange: Exchange) -> None:
    append(store, enrolled(store), 3)
    for _ in range(150):
        exchange.inbox_add("roster", b"{}")
    countersign(store, exchange, 3)
    read_to = 0
    for _ in range(4):
        read_to = outbox.collect(here(store), exchange, {NAME: HQ.public}, read_to)
    assert (read_to, outbox.countersigned(store)) == (151, 3)


def test_what_headquarters_has_no_longer_links_an_entry_to_a_person(store: Store, exchange: Exchange) -> None:
    person = enrolled(store)
    append(store, person, 6)
    size = store.ledger.size()
    countersign(store, exchange, size - 2)
    outbox.collect(here(store), exchange, {NAME: HQ.public})
    assert store.database.rows("SELECT seq FROM undelivered") == [(size - 1,), (size,)]
    assert store.ledger.verify() == size


def test_counter_signatures_do_not_pile_up(store: Store, exchange: Exchange) -> None:
    append(store, enrolled(store), 140)
    for size in (10, 64, 70, 100, 130):
        countersign(store, exchange, size)
        outbox.collect(here(store), exchange, {NAME: HQ.public})
    assert outbox.countersigned(store) == size
    rows = store.database.rows("SELECT size, countersigned IS NOT NULL FROM checkpoints ORDER BY size")
    assert rows == [(64, 1), (128, 0), (130, 1)]
    store.ledger.verify()


def test_a_notice_travels_like_a_check_in(store: Store, exchange: Exchange) -> None:
    person = enrolled(store)
    erase_face(store, person)
    outbox.forward(here(store), exchange)
    assert outbox.unsent(here(store), exchange) == 1


def test_the_exchange_key_is_written_once_for_sync_alone(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "exchange.key"
    store.write_exchange_key(path)
    assert path.read_bytes() == store.keys.need(KeyKind.EXCHANGE)
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.read_bytes() != FileRootKey(tmp_path / "state" / "root.key").read()
