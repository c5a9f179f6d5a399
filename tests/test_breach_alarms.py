"""What a device notices becomes a case of breach by itself: one a kind and day, within a minute."""

from contextlib import closing
from pathlib import Path

import pytest
from admin_kit import WRONG, acts
from assess_kit import DEWI, officer
from store_kit import HOUR, MORNING, Hands, enrolled, new_store

from kiosk.clock import Watch
from kiosk.config import Config
from kiosk.rights import breach_acts, breach_alarms
from kiosk.rights.breach import Gravity, Happening
from kiosk.rights.breach_risk import least
from kiosk.store import LocalKind, Store, papers
from kiosk.store.logins import log_in
from kiosk.store.papers import PaperKind
from kiosk.upkeep import Upkeep
from sync.exchange import Exchange

DAY = 24 * HOUR


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    return new_store(tmp_path / "state", hands)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path)


def alarms(store: Store) -> list[Happening]:
    return [each.case.happening for each in breach_acts.every(store)]


def test_an_alarm_opens_one_case_a_kind_and_day(store: Store, config: Config, hands: Hands) -> None:
    store.append_local(LocalKind.TAMPERED, {"place": "people", "row": "x"})
    store.append_local(LocalKind.TAMPERED, {"place": "people", "row": "y"})
    assert breach_alarms.look(store, config) == 1
    store.append_local(LocalKind.TAMPERED, {"place": "people", "row": "z"})
    store.append_local(LocalKind.ROLLBACK_ACCEPTED, {"first": "", "second": "", "why": "anchor_lost", "people": 0})
    assert breach_alarms.look(store, config) == 1
    assert breach_alarms.look(store, config) == 0
    hands.move(DAY)
    store.append_local(LocalKind.TAMPERED, {"place": "people", "row": "w"})
    assert breach_alarms.look(store, config) == 1
    assert alarms(store) == [Happening.TAMPERING, Happening.ROLLBACK, Happening.TAMPERING]
    first = breach_acts.every(store)[0]
    assert first.case.alarm == "tampering/2026-11-16"
    assert first.paper.due_at == MORNING + 72 * HOUR


@pytest.mark.parametrize(("why", "opens"), [("bad_signature", 1), ("unsigned", 1), ("form", 0), ("old_version", 0)])
def test_a_forged_word_of_headquarters_is_an_alarm_and_a_stale_one_is_none(
    store: Store, config: Config, why: str, opens: int
) -> None:
    store.append_local(LocalKind.MESSAGE_REFUSED, {"kind": "roster", "why": why})
    assert breach_alarms.look(store, config) == opens


def test_one_locked_account_is_a_forgotten_password_and_three_a_day_are_a_storm(
    store: Store, config: Config, hands: Hands
) -> None:
    for _ in range(2):
        store.append_local(LocalKind.LOCKED_OUT, {"account": "a"})
        assert breach_alarms.look(store, config) == 0
    hands.move(DAY)
    for locked in range(1, 5):
        store.append_local(LocalKind.LOCKED_OUT, {"account": "a"})
        assert breach_alarms.look(store, config) == (locked == 3)
    assert alarms(store) == [Happening.LOCKOUT_STORM]


def test_a_real_lock_is_what_the_storm_counts(store: Store, config: Config, hands: Hands) -> None:
    officer(store)
    for name in (DEWI, "nobody", "no one"):
        for _ in range(10):
            log_in(store, name, WRONG)
            hands.boottime_ms += HOUR  # waits run on it; all of this happens within one day
    assert [kind for kind, _ in acts(store)].count("locked_out") == 3
    breach_alarms.look(store, config)
    assert Happening.LOCKOUT_STORM in alarms(store)


def test_a_long_ledger_is_looked_through_piece_by_piece(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breach_alarms, "AT_ONCE", 2)
    for _ in range(3):
        store.append_local(LocalKind.STARTED, {})
    store.append_local(LocalKind.TAMPERED, {"place": "people", "row": "x"})
    assert [breach_alarms.look(store, config) for _ in range(4)] == [0, 0, 1, 0]


def test_a_clock_that_was_set_back_keeps_no_alarm_from_its_case(store: Store, config: Config, hands: Hands) -> None:
    store.append_local(LocalKind.TAMPERED, {"place": "people", "row": "x"})
    hands.wall_ms -= DAY
    assert breach_alarms.look(store, config) == 1


def test_two_devices_with_one_identity_as_headquarters_tells_are_a_case(store: Store, config: Config) -> None:
    enrolled(store)
    assert breach_alarms.look(store, config, "hq_gap") == 0
    assert breach_alarms.look(store, config, breach_alarms.FORKED) == 1
    assert breach_alarms.look(store, config, breach_alarms.FORKED) == 0
    (found,) = breach_acts.every(store)
    assert found.case.happening is Happening.CLONE
    assert least(found.case.exposure) is Gravity.HIGH


def test_the_running_kiosk_opens_the_case_by_itself(
    store: Store, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    enrolled(store)
    paper = papers.put(store, PaperKind.HOLD, {"why": "x"}, state="on")
    with store.database.write():
        store.database.run("UPDATE papers SET sealed = zeroblob(200) WHERE id = ?", paper)
    assert papers.find(store, PaperKind.HOLD) == ()
    keeper = Upkeep(config, Watch("UTC"), lambda: store)
    keeper.step(store, 0.0)
    assert alarms(store) == [Happening.TAMPERING]
    assert "1 cases of breach were opened" in caplog.text
    assert "Budi" not in caplog.text


def test_what_sync_says_is_read_and_a_broken_exchange_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "exchange" / "exchange.db"
    assert breach_alarms.told_by_sync(path) == ""
    path.parent.mkdir()
    path.write_bytes(b"no database")
    assert breach_alarms.told_by_sync(path) == ""
    path.unlink()
    with closing(Exchange.create(path)):
        assert breach_alarms.told_by_sync(path) == ""


def test_an_alarm_does_not_wait_for_a_privacy_toml_that_can_be_read(store: Store, config: Config) -> None:
    (config.data / "privacy.toml").write_text("[controler]")
    store.append_local(LocalKind.TAMPERED, {"place": "people", "row": "x"})
    assert breach_alarms.look(store, config) == 1
