"""An exchange that is slow, spoiled, hostile or gone keeps nobody from checking in, and the door says what waits."""

import sqlite3
import time
from pathlib import Path

import pytest
from desk import at_work, person_of, save
from running_kiosk import furnished, recorded

from kiosk import bugs, messenger
from kiosk.config import Config
from kiosk.messenger import Queue
from sync.exchange import Exchange


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return furnished(tmp_path)


def test_an_exchange_that_lies_is_set_aside_and_filled_again(config: Config, tmp_path: Path) -> None:
    other = furnished(tmp_path / "other")
    with at_work(other) as desk:
        save(desk, person_of(other))
        save(desk, person_of(other))
        desk.until_unsent(2)
    config.exchange.parent.mkdir(exist_ok=True)
    other.exchange.rename(config.exchange)  # rows of another ledger, and more of them
    with at_work(config) as desk:
        save(desk, person_of(config))
        desk.until_unsent(1)
    assert [path.name for path in config.exchange.parent.glob("*aside*")] == ["exchange.db.aside-1"]
    exchange = Exchange.open(config.exchange)
    assert exchange.unsettled().events == 1
    exchange.close()


def test_an_exchange_that_cannot_be_opened_keeps_nobody_from_checking_in(config: Config) -> None:
    config.exchange.mkdir(parents=True)
    with at_work(config) as desk:
        save(desk, person_of(config))
    assert len(recorded(config)) == 1


def test_a_lock_that_somebody_holds_on_the_exchange_keeps_nobody_waiting(config: Config) -> None:
    person = person_of(config)
    with at_work(config) as desk:
        save(desk, person)
        desk.until_unsent(1)
        held = sqlite3.connect(config.exchange, isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        for _ in range(3):
            save(desk, person)
        assert time.monotonic() - begun < 3
        held.rollback()
        held.close()
        desk.until_unsent(4)


def test_a_lock_that_somebody_holds_on_the_exchange_does_not_keep_the_program_from_ending(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    bugs_seen: list[BaseException] = []
    monkeypatch.setattr(bugs, "end", lambda _where, error: bugs_seen.append(error))
    monkeypatch.setattr(messenger, "LEAVE_BEHIND_S", 0.5)
    with at_work(config) as desk:
        save(desk, person_of(config))
        desk.until_unsent(1)
        held = sqlite3.connect(config.exchange, isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")
        save(desk, person_of(config))
        begun = time.monotonic()
    assert time.monotonic() - begun < 3
    held.rollback()
    held.close()
    left_behind = desk.clerk._messenger._thread
    left_behind.join(15)
    assert not left_behind.is_alive()
    assert bugs_seen == []
    assert len(recorded(config)) == 2


SPOILS = {
    "a short hash": "UPDATE outbox SET h = x'00'",
    "an impossible seq": "UPDATE outbox SET seq = -9 WHERE seq = 1",
    "a body that is no body": "INSERT INTO inbox (kind, body) VALUES ('Receipt; drop', x'00')",
    "text that is no text": "INSERT INTO status VALUES (1, CAST(x'ff' AS TEXT), NULL, CAST(x'fe' AS TEXT))",
    "rows that are gone": "DELETE FROM outbox",
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_no_content_of_the_exchange_ends_the_program_or_stops_the_handing_on(
    config: Config, spoil: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bugs_seen: list[BaseException] = []
    monkeypatch.setattr(bugs, "end", lambda _where, error: bugs_seen.append(error))
    with at_work(config) as desk:
        save(desk, person_of(config))
        desk.until_unsent(1)
        hostile = sqlite3.connect(config.exchange, isolation_level=None)
        hostile.execute("PRAGMA ignore_check_constraints = 1")
        hostile.execute(SPOILS[spoil])
        hostile.close()
        save(desk, person_of(config))
        desk.until_unsent(2)
    assert bugs_seen == []
    exchange = Exchange.open(config.exchange)
    assert exchange.unsettled().events == 2
    exchange.close()


@pytest.mark.parametrize("gone", ["removed", "replaced"])
def test_an_exchange_that_is_taken_away_is_missed(config: Config, gone: str) -> None:
    with at_work(config) as desk:
        save(desk, person_of(config))
        desk.until_unsent(1)
        config.exchange.unlink()
        if gone == "replaced":
            config.exchange.touch()
        save(desk, person_of(config))
        desk.until_unsent(2)
    exchange = Exchange.open(config.exchange)
    assert exchange.unsettled().events == 2
    exchange.close()


def test_whoever_spoils_the_exchange_again_and_again_does_not_wear_out_the_disk(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messenger, "EVERY_S", 0.05)
    with at_work(config) as desk:
        save(desk, person_of(config))
        desk.until_unsent(1)
        for _ in range(10):
            config.exchange.write_bytes(b"spoiled" * 1000)
            time.sleep(0.2)
        desk.until(lambda queue: queue == Queue(1, "offline"))
        assert 0 < len(list(config.exchange.parent.glob("*aside-?"))) < messenger.ANEW_MOST
        monkeypatch.setattr(messenger, "ANEW_WITHIN_S", 0.0)
        desk.until(lambda queue: queue == Queue(1, "starting"))
