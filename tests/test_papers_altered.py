"""Somebody with a hand in records.db writes over the plain columns of a paper: it must not count, or be missed."""

from pathlib import Path

import pytest
from store_kit import Hands, check_in, enrolled, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.rights import holds, retention
from kiosk.rights.company import Periods
from kiosk.store import Store, held, papers, sweep
from kiosk.store.erasure import begin_erasure, go_on
from kiosk.store.intents import IntentKind
from kiosk.store.papers import PaperKind

BY = "0123456789abcdef"
SOON = 90 * 86_400_000


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    return new_store(tmp_path / "state", hands)


def _written_over(store: Store, sql: str, *values: object) -> None:
    with store.database.write():
        assert store.database.run(f"UPDATE papers SET {sql}", *values) == 1  # noqa: S608 - our own text


@pytest.mark.parametrize(
    "sql",
    [
        "state = 'signed'",
        "due_at = due_at + 1",
        "due_at = NULL",
        "closed_at = 1",
        "created_at = created_at - 1",
        "changed_at = changed_at + 1",
        "kind = 'review'",
        "row_version = 2",
    ],
)
def test_a_plain_column_that_was_written_over_closes_the_paper(store: Store, sql: str) -> None:
    paper = papers.put(store, PaperKind.ASSESSMENT, {"n": 1}, state="draft", due_at=99)
    _written_over(store, sql)
    assert not [each for kind in PaperKind for each in papers.find(store, kind)]
    assert [(each.place, each.row) for each in store.quarantine.all()] == [("papers", paper)]


def test_a_paper_that_was_closed_does_not_open_again_by_a_null(store: Store) -> None:
    paper = papers.put(store, PaperKind.ANSWER, {"n": 1}, state="yes", person=enrolled(store))
    papers.revise(store, papers.get(store, paper), {"n": 1}, state="yes", closed=True)
    _written_over(store, "closed_at = NULL")
    assert papers.find(store, PaperKind.ANSWER) == ()


def test_the_nightly_sweep_finds_a_state_that_was_written_over(store: Store) -> None:
    paper = papers.put(store, PaperKind.ASSESSMENT, {"n": 1}, state="draft")
    _written_over(store, "state = 'signed'")
    for _ in sweep.steps(store):
        pass
    assert [(each.place, each.row) for each in store.quarantine.all()] == [("papers", paper)]


@pytest.mark.parametrize(
    "sql",
    ["state = 'off', closed_at = 1", "sealed = NULL, state = 'off'", "sealed = zeroblob(200), state = 'off'"],
)
@pytest.mark.parametrize("about", ["one", "everybody"])
def test_a_hold_that_was_ended_by_hand_goes_on_holding(store: Store, sql: str, about: str) -> None:
    person = enrolled(store)
    holds.place(store, person if about == "one" else "", "gugatan 12/2026", store.now_ms() + SOON, BY)
    _written_over(store, sql)
    assert holds.held(store).covers(person)
    with pytest.raises(Fault) as refused:
        holds.let_go(store, person)
    assert refused.value.code is FaultCode.LEGAL_HOLD
    go_on(store, begin_erasure(store, IntentKind.ERASE_PERSON, person))
    assert store.people.get(person)


def test_a_hold_that_was_released_holds_no_longer(store: Store) -> None:
    person = enrolled(store)
    hold = holds.place(store, person, "gugatan 12/2026", store.now_ms() + SOON, BY)
    holds.release(store, hold, "putusan tetap", BY)
    assert not holds.held(store).covers(person)
    holds.let_go(store, person)


@pytest.mark.parametrize("sql", ["closed_at = 1", "sealed = NULL", "state = 'released'"])
def test_a_held_check_in_that_was_closed_by_hand_is_not_lost_in_silence(store: Store, sql: str) -> None:
    person = enrolled(store)
    with store.database.write():
        store.database.run("UPDATE people SET attendance_restricted = 1 WHERE id = ?", person)
    store.ledger.append(check_in(store), person)
    _written_over(store, sql)
    with pytest.raises(Fault) as refused:
        held.release(store, person)
    assert refused.value.code is FaultCode.STORE_TAMPERED


def test_a_kind_that_there_is_not_stops_no_sweep(store: Store) -> None:
    papers.put(store, PaperKind.CASE, {"n": 1}, state="open")
    _written_over(store, "kind = 'nothing', closed_at = 1, changed_at = 1")
    assert retention.sweep_all(store, Periods()).report.gone["breaches"] == 0
    for _ in sweep.steps(store):
        pass
    assert len(store.quarantine.all()) == 1


def test_a_date_that_was_written_over_has_no_evidence_swept(store: Store, hands: Hands) -> None:
    case = papers.put(store, PaperKind.CASE, {"n": 1}, state="open")
    _written_over(store, "closed_at = 1, changed_at = 1")
    swept = retention.sweep_all(store, Periods())
    assert not swept.report.gone["breaches"]
    assert store.database.row("SELECT 1 FROM papers WHERE id = ?", case) == (1,)
    assert papers.find(store, PaperKind.CASE) == ()  # and is found out
    hands.move(10 * 366 * 86_400_000)
    swept = retention.sweep_all(store, Periods())  # what is damaged is not kept for ever either
    assert swept.report.gone["breaches"] == 1
