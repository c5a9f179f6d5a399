"""Rows are put back as they were, or taken away, by a hand in records.db: the ledger knows better, and it is found."""

from pathlib import Path
from typing import Any

import pytest
from admin_kit import another, first_admin
from store_kit import Hands, enrolled, new_store, reopened

from kiosk.rights import restriction
from kiosk.store import Store, papers, sweep
from kiosk.store.account_acts import remove
from kiosk.store.approval import Role
from kiosk.store.erasure import erase_face, erase_person
from kiosk.store.face_mode import FaceMode, mark_minor, set_mode
from kiosk.store.papers import PaperKind

BY = "0123456789abcdef"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    return new_store(tmp_path / "state", hands)


def swept(store: Store) -> sweep.Swept:
    walk = sweep.steps(store)
    while True:
        try:
            next(walk)
        except StopIteration as ended:
            found: sweep.Swept = ended.value
            return found


def rows(store: Store, table: str, rule: str = "1") -> list[tuple[Any, ...]]:
    return store.database.rows(f"SELECT * FROM {table} WHERE {rule}")  # noqa: S608 - our own text


def put_back(store: Store, table: str, kept: list[tuple[Any, ...]]) -> None:
    with store.database.write():
        for row in kept:
            marks = ", ".join("?" * len(row))
            store.database.run(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", *row)  # noqa: S608 - our own text


def written(store: Store, sql: str, *values: object) -> None:
    with store.database.write():
        assert store.database.run(sql, *values)


def signed(store: Store) -> str:
    paper = papers.put(store, PaperKind.ASSESSMENT, {"n": 1}, state="draft")
    papers.revise(store, papers.get(store, paper), {"n": 1}, state="signed")
    return paper


def test_a_sound_store_contradicts_nothing(store: Store) -> None:
    person = enrolled(store)
    mark_minor(store, person, minor=True, by=BY)
    mark_minor(store, person, minor=False, by=BY)
    set_mode(store, person, FaceMode.OFF, by=BY)
    signed(store)
    papers.drop(store, papers.get(store, signed(store)))
    papers.put(store, PaperKind.REQUEST, {}, state="open", person=person)
    erase_face(store, person)
    assert swept(store).otherwise == ()
    erase_person(store, person)
    assert swept(store).otherwise == ()
    assert swept(reopened(store)).otherwise == ()


def test_a_paper_that_was_put_back_as_it_was_before_is_found(store: Store) -> None:
    paper = signed(store)
    before = rows(store, "papers")
    papers.revise(store, papers.get(store, paper), {"n": 1}, state="withdrawn", closed=True)
    put_back(store, "papers", before)
    assert papers.get(store, paper).state == "signed", "it opens: nothing in the row itself tells"
    assert swept(store).otherwise == (("papers", paper),)
    assert [(each.place, each.row) for each in store.quarantine.all()] == [("papers", paper)]


@pytest.mark.parametrize("months", [0, 1])
def test_a_paper_that_was_taken_away_is_found_also_months_later(store: Store, hands: Hands, months: int) -> None:
    paper = papers.put(store, PaperKind.CASE, {"n": 1}, state="open")
    hands.move(months * 31 * 86_400_000)
    papers.put(store, PaperKind.CASE, {"n": 2}, state="open")
    written(store, "DELETE FROM papers WHERE id = ?", paper)
    assert swept(store).otherwise == (("papers", paper),)


def test_a_paper_that_was_dropped_and_put_back_is_found(store: Store) -> None:
    paper = signed(store)
    before = rows(store, "papers")
    papers.drop(store, papers.get(store, paper))
    put_back(store, "papers", before)
    assert swept(store).otherwise == (("papers", paper),)


def test_an_account_that_was_taken_away_by_hand_is_found(store: Store) -> None:
    ratna = first_admin(store)
    officer, gone = (another(store, ratna, name=name, role=Role.DPO) for name in ("Sri Lestari", "Dewi Anggraini"))
    remove(store, gone.account, ratna)
    assert swept(store).otherwise == ()
    written(store, "DELETE FROM keys WHERE person = ?", officer.account)
    written(store, "DELETE FROM accounts WHERE id = ?", officer.account)
    assert swept(store).otherwise == (("accounts", officer.account),)


def test_what_changes_while_the_sweep_goes_on_is_no_finding(store: Store) -> None:
    kept, dropped = signed(store), signed(store)
    person = enrolled(store)
    mark_minor(store, person, minor=True, by=BY)
    walk = sweep.steps(store)
    next(walk)
    papers.drop(store, papers.get(store, dropped))
    papers.revise(store, papers.get(store, kept), {"n": 2}, state="withdrawn")
    mark_minor(store, person, minor=False, by=BY)
    while True:
        try:
            next(walk)
        except StopIteration as ended:
            assert (ended.value.otherwise, store.quarantine.all()) == ((), [])  # noqa: PT017
            return


@pytest.mark.parametrize(
    "sql",
    [
        "minor = 0",
        "face_mode = 'site'",
        "face_restricted = 0",
        "attendance_restricted = 0",
        "minor = 0, face_mode = 'site'",
    ],
)
def test_a_protection_of_a_person_that_was_written_over_is_found(store: Store, sql: str) -> None:
    person = enrolled(store)
    mark_minor(store, person, minor=True, by=BY)
    set_mode(store, person, FaceMode.OFF, by=BY)
    for purpose in restriction.Restricted:
        restriction.begin(store, person, purpose, "gugatan", by=BY)
    assert swept(store).otherwise == ()
    written(store, f"UPDATE people SET {sql} WHERE id = ?", person)  # noqa: S608 - our own text
    assert swept(store).otherwise == (("people", person),)


def test_a_face_that_was_erased_and_put_back_from_a_copy_is_found(store: Store) -> None:
    person = enrolled(store)
    kept = {
        "templates.template": rows(store, "templates.template"),
        "faces": rows(store, "faces"),
        "keys": rows(store, "keys", "kind = 'biometric'"),
        "bases": rows(store, "bases"),
    }
    erase_face(store, person)
    written(store, "DELETE FROM bases WHERE person = ?", person)
    for table in ("bases", "keys", "faces", "templates.template"):
        put_back(store, table, kept[table])
    store = reopened(store)
    assert swept(store).otherwise == (("bases", person), ("keys", f"biometric/{person}"))


def test_a_consent_that_was_taken_back_and_is_in_force_again_is_found(store: Store) -> None:
    person = enrolled(store)
    erase_face(store, person)
    written(store, "UPDATE bases SET state = 'active', ended_at = NULL WHERE person = ?", person)
    assert store.basis.consent_of(person) is not None, "nothing in the row itself tells"
    assert swept(store).otherwise == (("bases", person),)


def test_a_ledger_without_its_first_months_accuses_nobody(store: Store) -> None:
    paper = signed(store)
    written(store, "DELETE FROM keys WHERE kind = 'device'")
    assert swept(store).otherwise == ()
    assert papers.get(store, paper).version == 2
