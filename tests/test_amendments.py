"""What a human decides about an act supersedes it, at the door, at HQ and in every backend; nothing is rewritten."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hq_desk import deliver
from hq_site import Door, clock, found, new_id, now_ms
from hq_site import check_in as seen
from hq_site import correction as corrected_at
from hq_site import dispute as disputed_at
from store_kit import HOUR, MORNING, check_in, correction, dispute, enrolled, new_store
from test_store_history_times import Unset

from hq import csv_export
from hq.attendance import EVERYTHING, Line, attendance
from hq.export import everything
from hq.office import open_office
from kiosk.store import Store
from sync.amend import Amendment as Changed
from sync.amend import applied
from sync.backends import frappe_words, odoo_acts
from sync.backends.csv_drop import COLUMNS, CsvBackend
from sync.config import Actions, Csv
from sync.contract import Punch, Rejected, Why
from wire.event import Action, Amendment, CheckIn, ClockState, Decision, Event, Method

MIDNIGHT = MORNING - HOUR


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


@pytest.fixture
def person(store: Store) -> str:
    return enrolled(store)


def decided(store: Store, decision: Decision, about: str, action: Action, at: int) -> Amendment:
    now = store.clock()
    event_id = check_in(store).event_id
    return Amendment(event_id, "E-0417", about, decision, action, at, now.wall_ms, now.clock, "Lobby")


def log(store: Store, person: str, *events: Event) -> None:
    for event in events:
        store.ledger.append(event, person)


def hours(store: Store, person: str) -> float:
    return store.history.worked_today(person, MIDNIGHT, MORNING + 12 * HOUR) / 3600


def test_an_added_act_counts_at_its_own_time_and_is_not_the_last_one(store: Store, person: str) -> None:
    came, went = check_in(store, Action.IN, at=MORNING), check_in(store, Action.IN, at=MORNING + 8 * HOUR)
    log(store, person, came, went)
    assert hours(store, person) == 12
    log(store, person, decided(store, Decision.ADDED, "", Action.OUT, MORNING + 4 * HOUR))
    assert store.history.last_action(person, MORNING + 9 * HOUR) == (Action.IN, MORNING + 8 * HOUR)
    assert hours(store, person) == 4 + 4


def test_a_changed_time_counts_and_the_old_one_does_not(store: Store, person: str) -> None:
    came, went = check_in(store, Action.IN, at=MORNING), check_in(store, Action.OUT, at=MORNING + 8 * HOUR)
    log(store, person, came, went, decided(store, Decision.TIME, came.event_id, Action.IN, MORNING - HOUR // 2))
    assert hours(store, person) == 8.5


def test_a_changed_action_counts(store: Store, person: str) -> None:
    wrong = check_in(store, Action.OUT, at=MORNING)
    log(store, person, wrong, decided(store, Decision.ACTION, wrong.event_id, Action.IN, MORNING))
    assert store.history.last_action(person, MORNING) == (Action.IN, MORNING)


def test_what_is_annulled_never_happened(store: Store, person: str) -> None:
    came, other = check_in(store, Action.IN, at=MORNING), check_in(store, Action.OUT, at=MORNING + HOUR)
    log(store, person, came, other, decided(store, Decision.ANNULLED, other.event_id, Action.OUT, MORNING + HOUR))
    assert store.history.last_action(person, MORNING + HOUR) == (Action.IN, MORNING)


def test_a_confirmed_act_counts_again_after_a_dispute(store: Store, person: str) -> None:
    came = check_in(store, Action.IN, at=MORNING)
    log(store, person, came, dispute(store, came.event_id))
    assert store.history.last_action(person, MORNING) is None
    log(store, person, decided(store, Decision.CONFIRMED, came.event_id, Action.IN, MORNING))
    assert store.history.last_action(person, MORNING) == (Action.IN, MORNING)


def test_the_last_decision_counts_also_about_what_was_added(store: Store, person: str) -> None:
    added = decided(store, Decision.ADDED, "", Action.IN, MORNING)
    later = decided(store, Decision.TIME, added.event_id, Action.IN, MORNING + HOUR)
    log(store, person, added, later)
    assert store.history.last_action(person, MORNING + HOUR) == (Action.IN, MORNING + HOUR)
    log(store, person, decided(store, Decision.ANNULLED, added.event_id, Action.IN, MORNING + HOUR))
    assert store.history.last_action(person, MORNING + HOUR) is None


def test_a_decision_outweighs_what_was_corrected_before_it(store: Store, person: str) -> None:
    wrong = check_in(store, Action.OUT, at=MORNING)
    log(store, person, wrong, correction(store, wrong.event_id, Action.TRIP_LEAVE))
    log(store, person, decided(store, Decision.ACTION, wrong.event_id, Action.BREAK_START, MORNING))
    assert store.history.last_action(person, MORNING) == (Action.BREAK_START, MORNING)


def test_a_claimed_record_counts_as_recorded_until_a_human_decides_otherwise(store: Store, person: str) -> None:
    """No automated decision is ever used for pay (policy E19)."""
    claimed = replace(check_in(store, Action.IN, at=MORNING), method=Method.CLAIMED)
    log(store, person, claimed, check_in(store, Action.OUT, at=MORNING + 8 * HOUR))
    assert hours(store, person) == 8
    log(store, person, decided(store, Decision.ANNULLED, claimed.event_id, Action.IN, MORNING))
    assert hours(store, person) == 0


def test_the_clock_of_the_decision_does_not_move_the_time_that_was_decided(tmp_path: Path) -> None:
    clock = Unset(wrong_by=-20 * HOUR, state=ClockState.UNSYNCED)
    store = new_store(tmp_path / "other", clock)
    person = enrolled(store)
    log(store, person, decided(store, Decision.ADDED, "", Action.IN, MORNING - HOUR))
    clock.move(HOUR)
    clock.set_by_server()
    assert store.history.last_action(person, MORNING + HOUR) == (Action.IN, MORNING - HOUR)


# HQ


def amended(of: CheckIn, decision: Decision, *, action: Action | None = None, at: int | None = None) -> Amendment:
    about = "" if decision is Decision.ADDED else of.event_id
    at = of.occurred_at if at is None else at
    return Amendment(new_id(), of.person, about, decision, action or of.action, at, now_ms(), clock(), "Kantor")


def shown(tmp_path: Path, *events: Event) -> tuple[list[Line], str, list[dict[str, object]]]:
    site = found(tmp_path)
    door: Door = site.door("front", "Pintu depan")
    for event in events:
        door.append(event)
    office = open_office(site.root)
    try:
        deliver(office, door)
        lines = list(attendance(office, EVERYTHING).lines)
        rows = everything(office)["events"]
        assert isinstance(rows, list)
        return lines, csv_export.table(lines), rows
    finally:
        office.close()


def test_hq_shows_what_counts_and_what_stood_there_before(tmp_path: Path) -> None:
    at = now_ms() - 5 * HOUR
    late, other, claimed = (
        seen("E-1", at=at),
        seen("E-2", at=at + 1000),
        seen("E-3", method=Method.CLAIMED, at=at + 2000),
    )
    disputed = disputed_at(other)
    added = amended(late, Decision.ADDED, action=Action.OUT, at=at + HOUR)
    lines, table, rows = shown(
        tmp_path,
        late,
        other,
        claimed,
        disputed,
        amended(late, Decision.TIME, at=at - HOUR),
        amended(other, Decision.ANNULLED),
        amended(claimed, Decision.CONFIRMED),
        added,
    )
    by_id = {line.event_id: line for line in lines}
    assert len(by_id) == len(lines) == 4
    moved = by_id[late.event_id]
    assert (moved.decision, moved.counts) == ("time", True)
    assert moved.was_at is not None
    assert int((moved.was_at - moved.at).total_seconds()) == 3600
    gone = by_id[other.event_id]
    assert (gone.counts, gone.disputed, gone.decision) == (False, False, "annulled")
    kept = by_id[claimed.event_id]
    assert (kept.claimed, kept.counts, kept.decision) == (False, True, "confirmed")
    more = by_id[added.event_id]
    assert (more.action, more.method, more.decision, more.code) == ("out", "decided", "added", "E-1")
    told = {row["event"]: row for row in csv.DictReader(io.StringIO(table))}
    assert {row["decision"] for row in told.values()} == {"time", "annulled", "confirmed", "added"}
    assert told[late.event_id]["time_before"].startswith(moved.was_at.date().isoformat())
    assert [row["decision"] for row in rows if row["type"] == "com.ambang.amended.v1"] == [
        "time", "annulled", "confirmed", "added",
    ]  # fmt: skip


def test_a_clock_in_doubt_is_shown_until_a_human_has_decided_the_time(tmp_path: Path) -> None:
    at = now_ms() - 5 * HOUR
    first, second = (replace(seen("E-1", at=at + n), clock=clock(ClockState.UNSYNCED)) for n in (0, 1))
    unset = replace(amended(first, Decision.ADDED, at=at), clock=clock(ClockState.UNSYNCED))
    lines, _, _ = shown(
        tmp_path, first, second, amended(first, Decision.TIME, at=at + HOUR), amended(second, Decision.CONFIRMED), unset
    )
    doubtful = {line.decision: line.doubtful for line in lines}
    assert doubtful == {"time": False, "confirmed": True, "added": False}


def test_a_correction_of_a_correction_counts_at_hq(tmp_path: Path) -> None:
    came = seen("E-1")
    first = corrected_at(came, Action.OUT)
    second = replace(first, event_id=new_id(), refers_to=first.event_id, action=Action.BREAK_START)
    lines, _, _ = shown(tmp_path, came, first, second, replace(disputed_at(came), refers_to=second.event_id))
    assert [(line.action, line.was, line.disputed) for line in lines] == [("break_start", "in", True)]


# backends


ALL = [decision for decision in Decision if decision is not Decision.ADDED]
ADDED = amended(seen("E-1"), Decision.ADDED, action=Action.OUT)


@pytest.mark.parametrize("decision", ALL)
def test_what_frappe_and_odoo_have_no_place_for_becomes_a_task_that_says_what(decision: Decision) -> None:
    punch = Punch(7, amended(seen("E-1"), decision))
    said = f"amended_{decision}"
    assert frappe_words.intent(punch, Actions()) == frappe_words.Decline(Why.NOT_HELD, said)
    assert odoo_acts.side(punch, Actions()) == Rejected(punch.event_id, Why.NOT_HELD, said)


def test_what_was_added_becomes_a_row_in_frappe_and_a_task_in_odoo() -> None:
    punch = Punch(7, ADDED)
    assert frappe_words.intent(punch, Actions()) == frappe_words.Log("OUT")
    assert odoo_acts.side(punch, Actions()) == Rejected(punch.event_id, Why.NOT_HELD, "amended_added")
    assert applied(ADDED, Changed(action=Action.IN)) == replace(ADDED, action=Action.IN)


def test_a_folder_gets_a_row_of_its_kind_with_the_time_that_counts(tmp_path: Path) -> None:
    at = now_ms() - HOUR
    event = replace(amended(seen("E-1"), Decision.TIME, at=at), clock=clock(zone="Asia/Jakarta"))
    backend = CsvBackend(Csv(folder=tmp_path), "door-1")
    backend.push([Punch(7, event)], now_ms())
    (file,) = tmp_path.glob("*.csv")
    (row,) = csv.DictReader(io.StringIO(file.read_text()))
    assert tuple(row) == COLUMNS
    assert (row["kind"], row["action"], row["refers_to"]) == ("amended_time", "in", event.refers_to)
    assert (
        row["local_time"] == f"{datetime.fromtimestamp(at / 1000, ZoneInfo('Asia/Jakarta')):%Y-%m-%d %H:%M:%S.%f}"[:23]
    )
