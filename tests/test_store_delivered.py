"""Where no headquarters signs: the word of sync, what it lets this device forget, and what it never claims."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from store_kit import check_in, enrolled, here, new_store

from kiosk.store import Store, bodies, outbox
from sync.exchange import Exchange


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def append(store: Store, person: str, count: int) -> None:
    with store.database.write():
        for _ in range(count):
            store.ledger.append(check_in(store), person)


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with closing(outbox.begin_anew(tmp_path / "exchange" / "exchange.db")) as made:
        yield made


def deliver(exchange: Exchange, count: int) -> None:
    """Settle the oldest `count` events, as the courier does."""
    exchange.settle_delivered([row.event_id for row in exchange.waiting(0, count)], 1_800_000_000_000)


def collect(store: Store, exchange: Exchange) -> None:
    outbox.collect(here(store), exchange, {}, unsigned=True)


def test_what_sync_has_delivered_is_no_longer_kept_for_a_lost_exchange(store: Store, exchange: Exchange) -> None:
    append(store, enrolled(store), 10)
    outbox.forward(here(store), exchange)
    waiting = outbox.undelivered(store)
    deliver(exchange, waiting - 4)
    collect(store, exchange)
    assert outbox.undelivered(store) == 4
    assert outbox.countersigned(store) == 0
    assert outbox.settled(store) == store.ledger.size() - 4 > 0
    assert bodies.open_all(store).stranded == 0
    deliver(exchange, 4)
    collect(store, exchange)
    assert outbox.undelivered(store) == outbox.unsent(here(store), exchange) == 0


def test_a_lost_exchange_is_filled_again_without_what_was_delivered(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "exchange" / "exchange.db"
    append(store, enrolled(store), 6)
    with closing(outbox.begin_anew(path)) as exchange:
        outbox.forward(here(store), exchange)
        ids = [row.event_id for row in exchange.waiting(0, 100)]
        deliver(exchange, len(ids) - 2)
        collect(store, exchange)
    for file in path.parent.iterdir():
        file.unlink()
    with closing(outbox.begin_anew(path)) as exchange:
        outbox.forward(here(store), exchange)
        assert [row.event_id for row in exchange.waiting(0, 100)] == ids[-2:]
        assert exchange.last_seq() == store.ledger.size()


def test_where_headquarters_signs_the_word_of_sync_counts_for_nothing(store: Store, exchange: Exchange) -> None:
    append(store, enrolled(store), 3)
    outbox.forward(here(store), exchange)
    before = outbox.undelivered(store)
    exchange.inbox_add("delivered", b'{"size": %d}' % store.ledger.size())
    outbox.collect(here(store), exchange, {})
    assert outbox.undelivered(store) == before > 0


@pytest.mark.parametrize(
    "body",
    [b'{"size": 10000}', b'{"size": 0}', b'{"size": -1}', b'{"size": true}', b'{"size": 1.5}', b"[]", b"", b"\xff",
     b'{"size": 1, "size": 2}', b'{"size": 1, "more": 1}', b'{"size": "1"}', b"x" * 100_000],
)  # fmt: skip
def test_a_word_that_goes_beyond_the_ledger_or_is_none_is_ignored(
    store: Store, exchange: Exchange, body: bytes
) -> None:
    append(store, enrolled(store), 3)
    outbox.forward(here(store), exchange)
    before = outbox.undelivered(store)
    exchange.inbox_add("delivered", body)
    collect(store, exchange)
    assert outbox.undelivered(store) == before
    assert outbox.settled(store) == 0


def test_an_older_word_takes_nothing_back(store: Store, exchange: Exchange) -> None:
    append(store, enrolled(store), 3)
    outbox.forward(here(store), exchange)
    size = store.ledger.size()
    for said in (size, 1):
        exchange.inbox_add("delivered", b'{"size": %d}' % said)
        collect(store, exchange)
    assert outbox.settled(store) == size
    assert outbox.undelivered(store) == 0
