"""A clock that somebody moves is noticed at once, and written down before the check-in that follows."""

from pathlib import Path

import pytest
from desk import Desk, Hand, acts, kinds, opened, person_of, save, until, with_hand
from running_kiosk import furnished

from kiosk import clerk
from kiosk.config import Config

HOUR = 3_600_000


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return furnished(tmp_path)


def test_a_step_is_written_down_before_the_check_in_that_follows_it(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerk, "LOOK_EVERY_S", 600.0)  # no tick comes first
    desk = Desk(config)
    hand = with_hand(desk, Hand())
    desk.clerk.start()
    person = person_of(config)
    save(desk, person)
    hand.by_ms = -HOUR
    late = save(desk, person)
    desk.clerk.stop()
    store = opened(config)
    (seq,) = store.database.row("SELECT seq FROM bodies WHERE event_id = ?", late.event_id) or (0,)
    month = store.database.rows("SELECT period FROM keys WHERE kind = 'device'")[-1][0]
    steps = [seq for seq, act in store.ledger.local_acts(month) if act["kind"] == "clock_stepped"]
    assert steps == [seq - 1]
    event = store.history.events(person, late.occurred_at, late.occurred_at + 1)[0]
    assert event.clock.state.value == "stepped"
    assert event.clock.uncertainty_s >= 3600
    store.close()


def test_a_step_is_noticed_when_nobody_comes(config: Config) -> None:
    desk = Desk(config)
    hand = with_hand(desk, Hand())
    desk.clerk.start()
    save(desk, person_of(config))
    hand.by_ms = HOUR
    until(lambda: "clock_stepped" in kinds(config))
    hand.by_ms = 0
    until(lambda: kinds(config).count("clock_stepped") == 2)
    desk.clerk.stop()
    steps = [act["detail"]["by_ms"] for act in acts(config) if act["kind"] == "clock_stepped"]
    assert [round(by_ms / 60_000) for by_ms in steps] == [60, -60]
