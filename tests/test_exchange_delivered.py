"""The exchange where nobody signs: what settles, what the kiosk is told, and the level beside the status."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sync_ledger import event_id, hand_over, ledger

from sync.exchange import Exchange, Level, State, Status


def delivered(exchange: Exchange) -> list[bytes]:
    return [message.body for message in exchange.inbox(0) if message.kind == "delivered"]


def test_events_settle_without_a_signature_and_the_kiosk_is_told_once_nothing_below_waits(tmp_path: Path) -> None:
    with closing(Exchange.create(tmp_path / "exchange.db")) as exchange:
        hand_over(exchange, ledger(7))  # 3 and 6 carry no event
        assert exchange.settle_delivered([event_id(2), event_id(4)], 1_000) == 2
        assert delivered(exchange) == []
        assert exchange.settle_delivered([event_id(1), event_id(1), "unknown"], 1_000) == 1
        assert delivered(exchange) == [b'{"size": 4}']
        assert exchange.told() == 4
        assert exchange.settle_delivered([event_id(5), event_id(7)], 1_000) == 2
        assert delivered(exchange) == [b'{"size": 7}']
        assert exchange.countersigned() == 0
        assert exchange.purge(1_000 + 3_600_001) == 6
        assert exchange.settle_delivered([], 1_000) == 0
        assert delivered(exchange) == [b'{"size": 7}']


def test_the_level_travels_with_the_status_and_an_old_reader_sees_a_plain_word(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    with closing(Exchange.create(path)) as exchange:
        for level in Level:
            for detail in ("", "http_503", "redirected"):
                status = Status(State.CONFIG, 5, detail, level)
                exchange.put_status(status)
                assert exchange.status() == status
        with closing(sqlite3.connect(path)) as raw:
            assert raw.execute("SELECT detail FROM status").fetchone() == ("red_redirected",)
        for detail in ("amber", "red_x", "Not plain"):
            with pytest.raises(ValueError, match="plain code"):
                exchange.put_status(Status(State.OK, None, detail))
