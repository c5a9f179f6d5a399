"""sync.db can be damaged, lost or sealed with yesterday's key: everything is delivered all the same."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sync_day import Day, everything_arrived_once, raw
from sync_house import House, house

from sync import memory
from sync.delivery import Reason
from sync.exchange import Unsettled
from sync.journal import Journal
from sync.punch_journal import PunchJournal


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """A house whose HQ broke off while the first batch was on its way."""
    with house(tmp_path) as made:
        made.door.check_in(3)
        made.hq.script = [raw(b"")]
        with closing(Day(made)) as day:
            day.daemon.step()
            assert day.journal.outgoing() is not None
        yield made


def _delivers(home: House) -> None:
    with closing(Day(home)) as day:
        day.pass_by(60)
        assert everything_arrived_once(day)


@pytest.mark.parametrize("sql", ["UPDATE outgoing SET sealed = zeroblob(200)", "UPDATE outgoing SET state = 'flown'"])
def test_a_stored_batch_that_is_spoilt_is_made_anew(home: House, sql: str) -> None:
    with closing(sqlite3.connect(home.door.folder / "sync.db", isolation_level=None)) as edit:
        edit.execute(sql)
    _delivers(home)


@pytest.mark.parametrize("how", ["cut off", "overwritten", "a page of noise"])
def test_a_damaged_journal_is_set_aside_and_begun_anew(home: House, how: str) -> None:
    path = home.door.folder / "sync.db"
    whole = path.read_bytes()
    damage = {
        "cut off": whole[: len(whole) // 2],
        "overwritten": b"no database" * 1000,
        "a page of noise": whole[:4096] + b"\xa5" * (len(whole) - 4096),
    }[how]
    path.write_bytes(damage)
    path.with_name("sync.db-journal").write_bytes(b"left over")
    _delivers(home)
    assert path.with_name("sync.db.damaged").read_bytes() == damage


def test_events_that_a_lost_journal_had_set_aside_are_offered_again(home: House) -> None:
    with closing(Day(home)) as day:
        day.exchange.park(home.door.ids[:1], Reason.NOT_ACKNOWLEDGED)
    (home.door.folder / "sync.db").unlink()
    _delivers(home)


def test_events_that_were_set_aside_stay_so_while_the_journal_knows_why(home: House) -> None:
    with closing(Day(home)) as day:
        day.journal.set_aside(home.door.ids[:1], Reason.FIELD_REJECTED, day.now)
        day.exchange.park(home.door.ids[:1], Reason.FIELD_REJECTED)
    with closing(Day(home)) as day:
        assert day.exchange.unsettled() == Unsettled(3, 1, 1)


def test_a_memory_of_the_first_version_is_brought_up_to_date_and_keeps_what_it_knows(tmp_path: Path) -> None:
    path = tmp_path / "sync.db"
    old = memory._opened(path, 1, create=True)
    with old.write() as database:
        database.execute("INSERT INTO letters VALUES ('an event', 'field_rejected', 1, 5, 5)")
    old.close()
    with closing(Journal.open(path, "door-1", bytes(32))) as journal:
        assert [one.event_id for one in journal.letters()] == ["an event"]
    with closing(PunchJournal.open(path, "door-1", bytes(32))) as punches:
        assert punches.counts() == {}
    assert not list(tmp_path.glob("*.damaged"))
