"""The papers of the data-protection desk: sealed, versioned, bound to their place, gone with their person."""

from pathlib import Path

import pytest
from admin_kit import acts
from store_kit import enrolled, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, papers
from kiosk.store.erasure import erase_person
from kiosk.store.papers import PaperKind


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def test_a_paper_comes_back_as_it_was_filed_also_after_a_restart(store: Store) -> None:
    person = enrolled(store)
    said = {"text": "Saya minta salinan", "pages": 3}
    paper = papers.put(store, PaperKind.REQUEST, said, state="open", person=person, due_at=99)
    found = papers.get(reopened(store), paper)
    assert found.content == said
    assert (found.kind, found.person, found.state, found.due_at) == (PaperKind.REQUEST, person, "open", 99)
    assert (found.version, found.closed_at) == (1, None)


def test_nothing_of_a_paper_lies_open_in_a_file(store: Store) -> None:
    papers.put(store, PaperKind.CASE, {"text": "kartu hilang di gudang"}, state="open")
    papers.put(store, PaperKind.REQUEST, {"text": "kartu hilang di gudang"}, state="open", person=enrolled(store))
    for file in store.database.directory.rglob("*"):
        if file.is_file():
            assert b"gudang" not in file.read_bytes(), file.name


def test_two_who_change_one_paper_do_not_overwrite_each_other(store: Store) -> None:
    paper = papers.put(store, PaperKind.CASE, {"n": 1}, state="open")
    read = papers.get(store, paper)
    papers.revise(store, read, {"n": 2}, state="assessed")
    with pytest.raises(Fault) as late:
        papers.revise(store, read, {"n": 3}, state="closed", closed=True)
    assert late.value.code is FaultCode.PAPER_CHANGED
    assert papers.get(store, paper).content == {"n": 2}


def test_only_kind_state_and_dates_are_left_of_the_papers_of_somebody_erased(store: Store) -> None:
    person = enrolled(store)
    paper = papers.put(store, PaperKind.REQUEST, {"text": "rahasia"}, state="open", person=person)
    mine = papers.get(store, paper)
    erase_person(store, person)
    left = papers.get(store, paper)
    assert left.content is None
    assert (left.kind, left.state, left.created_at) == (mine.kind, mine.state, mine.created_at)
    with pytest.raises(Fault):
        papers.revise(store, mine, {"text": "again"}, state="open")


def test_a_paper_that_was_moved_does_not_open_and_is_noted(store: Store) -> None:
    first = papers.put(store, PaperKind.CASE, {"n": 1}, state="open")
    second = papers.put(store, PaperKind.CASE, {"n": 2}, state="open")
    with store.database.write():
        row = store.database.row("SELECT sealed FROM papers WHERE id = ?", first)
        assert row is not None
        store.database.run("UPDATE papers SET sealed = ? WHERE id = ?", row[0], second)
    assert [paper.id for paper in papers.find(store, PaperKind.CASE)] == [first]
    assert [(each.place, each.row) for each in store.quarantine.all()] == [("papers", second)]


def test_the_ledger_says_who_filed_changed_and_dropped_and_not_what(store: Store) -> None:
    paper = papers.put(store, PaperKind.HOLD, {"why": "gugatan"}, state="on", by="0123456789abcdef")
    papers.revise(store, papers.get(store, paper), {"why": "selesai"}, state="off", closed=True, by="0123456789abcdef")
    papers.drop(store, papers.get(store, paper))
    said = [(kind, detail) for kind, detail in acts(store) if kind.startswith("paper_")]
    assert [kind for kind, _ in said] == ["paper_filed", "paper_changed", "paper_dropped"]
    assert {detail["paper"] for _, detail in said} == {paper}
    assert "gugatan" not in repr(said)


def test_a_paper_about_nobody_known_is_refused(store: Store) -> None:
    with pytest.raises(Fault) as refused:
        papers.put(store, PaperKind.REQUEST, {}, state="open", person="0123456789abcdef")
    assert refused.value.code is FaultCode.PERSON_UNKNOWN
