"""What the kiosk does by itself between two people at the door, and that nobody at the door waits for it."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from desk import Desk, Hand, acts, at_work, kinds, opened, person_of, save, until, with_hand
from running_kiosk import furnished
from store_kit import CONSENT, face, key_of, new_store

from kiosk import clerk, upkeep
from kiosk.clock import Watch
from kiosk.config import Config, Storage
from kiosk.faults import FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Method
from kiosk.store import LocalKind, Store, renew, reserve, rotate, sweep
from kiosk.store.database import FileCheck
from kiosk.store.erasure import erase_person
from kiosk.upkeep import Due, Upkeep

HOUR = 3_600_000


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return furnished(tmp_path)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clerk, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(upkeep, "RESUME_EVERY_S", 0.1)


# -- open acts


def rotation(store: Store) -> None:
    with store.database.write():
        rotate.begin(store)


def renewal(store: Store) -> None:
    with store.database.write():
        renew._begun(store)


@pytest.mark.parametrize("begin", [rotation, renewal])
def test_what_was_left_open_goes_on_while_people_check_in(config: Config, begin: Callable[[Store], None]) -> None:
    person = person_of(config)
    store = opened(config)
    store.basis.enrol(person, CONSENT, [face(person, 1), face(person, 2)])
    begin(store)
    store.close()
    with at_work(config) as desk:
        until(lambda: "keys_rotated" in kinds(config) or "templates_renewed" in kinds(config))
        save(desk, person)
    store = opened(config)
    assert store.intents.all_open() == []
    assert len(store.templates.references()) == 2
    store.ledger.verify()
    store.close()


def test_an_act_that_waits_is_tried_again_when_something_has_changed_and_else_once_a_minute(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    other = store.people.add("E-2", "Sri")
    begun: list[int] = []
    keeper = Upkeep(Config(data=tmp_path), Watch("UTC"), lambda: store)
    keeper._errands.start = lambda: begun.append(1)  # type: ignore[method-assign]
    for second in range(30):
        keeper.step(store, second * 10.0)
    assert begun == [], "nothing is open"
    with store.database.write():
        rotate.begin(store)
    for second in range(12):
        keeper.step(store, 300 + second * 5.0)
    assert len(begun) == 1
    keeper.step(store, 420)
    assert len(begun) == 2, "a minute has passed"
    erase_person(store, other)  # what is open has changed
    with store.database.write():
        renew._begun(store)
    keeper.step(store, 431)
    assert len(begun) == 3
    store.close()


def test_two_errands_never_go_on_at_once(config: Config) -> None:
    running, released, opens = threading.Event(), threading.Event(), []

    def reopen() -> Store:
        opens.append(1)
        running.set()
        released.wait(10)
        return opened(config)

    errands = upkeep.Errands(reopen)
    errands.start()
    assert running.wait(5)
    for _ in range(5):
        errands.start()
    released.set()
    errands.stop()
    assert len(opens) == 1


def test_an_errand_whose_store_does_not_open_ends_quietly(config: Config, tmp_path: Path) -> None:
    shutil.move(config.state / "records.db", tmp_path / "away")
    errands = upkeep.Errands(lambda: opened(config))
    errands.start()
    errands.stop()
    assert errands._thread is not None
    assert not errands._thread.is_alive()


# -- start and stop


def test_a_stop_in_good_order_is_the_last_word_and_a_start_the_first(config: Config) -> None:
    before = len(kinds(config))
    with at_work(config) as desk:
        save(desk, person_of(config))
    assert kinds(config)[before:] == ["started", "stopped"]
    store = opened(config)
    assert store.database.row("SELECT max(size) FROM checkpoints") == (store.ledger.size(),)
    store.close()


def test_an_anchor_that_could_not_be_written_is_tried_again(config: Config, tmp_path: Path) -> None:
    place = tmp_path / "partition" / "anchor"
    config = replace(config, storage=Storage(anchor=str(place)))
    with at_work(config) as desk:
        save(desk, person_of(config))
        for _ in range(70):
            save(desk, person_of(config))
        assert not place.exists()
        place.parent.mkdir()
        until(place.exists)
    assert place.read_bytes() == (config.state / "anchor").read_bytes()


# -- the night


NIGHT = datetime(2026, 11, 16, 3, 30, tzinfo=ZoneInfo("Asia/Jakarta"))


def at_night(config: Config, at: datetime = NIGHT) -> Desk:
    desk = Desk(config)
    with_hand(desk, Hand(at=at))
    return desk


def damage(config: Config) -> None:
    """Somebody's profile who does not come to the door."""
    store = opened(config)
    person = store.people.add("E-9", "Sri")
    with store.database.write():
        store.database.run("UPDATE people SET profile = zeroblob(300) WHERE id = ?", person)
    store.close()


def test_the_store_is_swept_at_night_once_and_people_are_served_meanwhile(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "AT_ONCE", 2)
    damage(config)
    desk = at_night(config)
    desk.clerk.start()
    person = person_of(config)
    while "swept" not in kinds(config):
        save(desk, person)
    time.sleep(0.3)
    desk.clerk.stop()
    swept = [act["detail"] for act in acts(config) if act["kind"] == "swept"]
    assert [each["damaged"] for each in swept] == [1]
    store = opened(config)
    assert [each.place for each in store.quarantine.all()] == ["people"]
    store.close()
    desk = at_night(config)
    desk.clerk.start()
    save(desk, person)
    time.sleep(0.3)
    desk.clerk.stop()
    assert kinds(config).count("swept") == 1, "once a night, over restarts too"


def test_nobody_sweeps_in_the_daytime(config: Config) -> None:
    desk = at_night(config, NIGHT.replace(hour=9))
    desk.clerk.start()
    save(desk, person_of(config))
    time.sleep(0.3)
    desk.clerk.stop()
    assert "swept" not in kinds(config)


def test_a_sweep_that_the_night_was_too_short_for_goes_on_in_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "AT_ONCE", 1)
    hand = Hand(at=NIGHT.replace(hour=4, minute=59))
    watch = Watch("Asia/Jakarta", hand)
    state = tmp_path / "state"
    store = Store.create(state, provider=key_of(state), clock=watch)
    keeper = Upkeep(Config(data=tmp_path), watch, lambda: store)
    keeper.step(store, 0)
    walk = keeper._sweep
    assert walk is not None
    hand.at = NIGHT.replace(hour=5, minute=1)
    for second in range(60):
        keeper.step(store, second)
    assert keeper._sweep is walk
    assert sweep.last_day(store) == 0
    hand.at = NIGHT + timedelta(days=1)
    for second in range(60):
        keeper.step(store, second)
    assert keeper._sweep is None
    assert sweep.last_day(store) == hand.at.toordinal()
    store.close()


def test_a_check_of_a_large_file_makes_way_for_whoever_comes(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "CHECKED_AT_OPEN", 0)
    checking = threading.Event()
    real = FileCheck.run

    def endless(self: FileCheck, *, whole: bool = False) -> list[str] | None:
        """The check of a file so large that it would go on all night."""
        checking.set()
        assert self._stopped.wait(30), "nobody broke it off"
        return real(self, whole=whole)

    monkeypatch.setattr(FileCheck, "run", endless)
    desk = at_night(config)
    desk.clerk.start()
    person = person_of(config)
    for _ in range(3):
        assert checking.wait(10)
        checking.clear()
        save(desk, person)
    monkeypatch.setattr(FileCheck, "run", real)
    desk.clerk.check_health()
    until(lambda: "swept" in kinds(config))
    desk.clerk.stop()


# -- a full disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 16 MiB."""
    where = tmp_path / "disk"
    where.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(where)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small file system can only be mounted by root")
    yield where
    subprocess.run(["umount", "--lazy", str(where)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return filler
    raise AssertionError("the disk did not fill")


def test_on_a_full_disk_check_ins_stop_the_store_stays_open_and_a_stop_is_written_down(disk: Path) -> None:
    config = furnished(disk)
    person = person_of(config)
    with at_work(config) as desk:
        save(desk, person)
        until((config.state / reserve.FILE).exists)
        filler = fill(disk)
        refused = 0
        for _ in range(400):
            desk.clerk.save(1, person, Action.IN, Method.PIN)
            said = desk.said.get(timeout=10)
            refused += said == ev.SaveFailed(1, FaultCode.DISK_FULL)
            if refused == 3:
                break
        assert refused == 3
        assert desk.clerk._store is not None
        desk.clerk.check_health()
        assert desk.answer(ev.FaultRaised) == ev.FaultRaised(FaultCode.DISK_FULL)
        assert (config.state / reserve.FILE).stat().st_blocks * 512 >= reserve.SIZE
    stopped = Store.open(config.state, key_of(config.state))
    assert stopped.ledger.local_acts(month_of(stopped))[-1][1]["kind"] == LocalKind.STOPPED
    stopped.database.close()
    filler.unlink()
    with at_work(config) as desk:
        save(desk, person)


def month_of(store: Store) -> str:
    return str(store.database.rows("SELECT period FROM keys WHERE kind = 'device' ORDER BY period")[-1][0])


def test_something_that_is_due_is_done_at_once_and_then_every_so_often() -> None:
    due = Due()
    assert [second for second in range(100, 200) if due.now(second, 30)] == [100, 130, 160, 190]


# -- the gallery


def test_a_renewal_does_not_make_the_door_read_every_face_again_and_again(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renew, "PEOPLE_AT_ONCE", 2)
    monkeypatch.setattr(renew, "_REST_S", 0.05)
    store = opened(config)
    for number in range(24):
        person = store.people.add(f"E-{number}", "Budi")
        store.basis.enrol(person, CONSENT, [face(person, number)])
    renewal(store)
    store.close()
    with at_work(config) as desk:
        until(lambda: "templates_renewed" in kinds(config))
        save(desk, person_of(config))
        time.sleep(0.2)
        read = desk.galleries.qsize()
    assert 2 <= read <= 3, "at the start, and when it had ended; once more if the first came early"
