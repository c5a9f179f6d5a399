"""Renewal: new turns, keys and ids for all references, with nobody called back and nothing old left behind."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from renewal_kit import (
    PEOPLE,
    SEEDS,
    Floats,
    as_enrolled,
    biometric_keys,
    careless,
    five_people,
    quickly,
    sealed,
    stack,
)
from store_kit import DIM, MODEL, Hands, contents, enrolled, face, key_of, new_store, reopened

from kiosk.__main__ import main
from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, Reference, Store, residue
from kiosk.store.database import RECORDS_FILE, TEMPLATES_FILE
from kiosk.store.intents import IntentKind
from kiosk.store.ledger import month
from kiosk.store.renew import Renewal, renew
from kiosk.store.resume import resume
from wire.errors import FormatError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return five_people(tmp_path / "state")


def test_a_renewal_changes_every_record_key_and_id_and_no_comparison(store: Store) -> None:
    before, old, ids = stack(store), sealed(store), set(store.database.rows("SELECT template FROM faces"))
    keys = biometric_keys(store)
    done = quickly(store)
    assert (done.people, done.references) == (PEOPLE, 2 * PEOPLE)
    after = stack(store)
    assert np.abs(after @ after.T - before @ before.T).max() < 1e-6
    assert np.abs(np.sum(after * before, axis=1)).max() < 0.6, "the vectors themselves are others"
    assert set(sealed(store)).isdisjoint(old)
    assert len(keys | biometric_keys(store)) == 2 * PEOPLE
    assert set(store.database.rows("SELECT template FROM faces")).isdisjoint(ids)
    assert store.database.rows("SELECT DISTINCT epoch FROM faces") == [(2,)]
    assert store.database.rows("SELECT period, epoch FROM keys WHERE kind = 'rotation'") == [(MODEL, 2)]
    assert np.array_equal(stack(reopened(store)), after)


def test_a_probe_turned_by_the_new_matrix_finds_everybody(store: Store) -> None:
    quickly(store)
    references, matrix = store.templates.gallery(MODEL, DIM)
    probes = as_enrolled() @ matrix.T
    scores = stack(store) @ probes.T
    assert len(references) == 2 * PEOPLE
    assert np.abs(scores - as_enrolled() @ as_enrolled().T).max() < 1e-6


def test_the_key_hangs_on_the_same_consent_and_dies_with_it(store: Store) -> None:
    quickly(store)
    person = store.people.all()[0]
    consent = store.basis.consent_of(person.id)
    assert consent is not None
    (row,) = store.database.rows("SELECT digest FROM bases WHERE person = ? AND state = 'active'", person.id)
    with store.database.write():
        store.database.run("UPDATE bases SET digest = zeroblob(32) WHERE person = ?", person.id)
    again = reopened(store)
    assert person.id not in {reference.person for reference in again.templates.references()}
    assert bytes(row[0]) != bytes(32)


def test_quality_time_and_order_of_references_stay(store: Store) -> None:
    person = enrolled(store, "E-9", "Nine", seeds=(1, 2, 3, 4, 5))
    before = [r for r in store.templates.references() if r.person == person]
    quickly(store)
    after = [r for r in store.templates.references() if r.person == person]
    assert [(r.quality, r.taken_at, r.model) for r in after] == [(r.quality, r.taken_at, r.model) for r in before]
    _, matrix = store.templates.gallery(MODEL, DIM)
    for reference, seed in zip(after, (1, 2, 3, 4, 5), strict=True):
        assert float(reference.vector @ (matrix @ face("", seed).vector)) > 0.99999


def test_people_under_restriction_are_renewed_too(store: Store) -> None:
    first, second = store.people.all()[:2]
    with store.database.write():
        store.database.run("UPDATE people SET face_restricted = 1 WHERE id = ?", first.id)
        store.database.run("UPDATE people SET state = 'suspended' WHERE id = ?", second.id)
    assert quickly(store).people == PEOPLE
    with store.database.write():
        store.database.run("UPDATE people SET face_restricted = 0, state = 'active'")
    assert len(store.templates.references()) == 2 * PEOPLE


def test_two_models_are_renewed_each_in_its_own_epoch(store: Store) -> None:
    person = store.people.add("E-X", "Two Models")
    other = [face(person, 71, 64, "other/1"), face(person, 72)]
    store.basis.enrol(person, store.basis.consent_of(store.people.all()[0].id), other)
    assert quickly(store).references == 2 * PEOPLE + 2
    found = sorted(store.database.rows("SELECT period, epoch FROM keys WHERE kind = 'rotation'"))
    assert found == [(MODEL, 2), ("other/1", 2)]
    references, matrix = store.templates.gallery("other/1", 64)
    (reference,) = [r for r in references if r.model == "other/1"]
    assert float(reference.vector @ (matrix @ face("", 71, 64).vector)) > 0.99999


def test_nothing_of_before_is_in_any_file(store: Store, tmp_path: Path) -> None:
    old = sealed(store)
    assert residue.residue(tmp_path / "state", old) == (RECORDS_FILE, TEMPLATES_FILE)
    quickly(store)
    for name, content in contents(tmp_path / "state").items():
        assert not [record for record in old if record[8:40] in content or record[-32:] in content], name


def test_what_sqlite_left_behind_is_found_and_rewritten(store: Store) -> None:
    old = sealed(store)
    careless(store)
    assert quickly(store).rewritten
    assert residue.residue(store.database.directory, old) == ()


def test_nothing_is_rewritten_where_nothing_was_left(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether SQLite leaves something behind depends on where rows happen to lie."""
    monkeypatch.setattr(residue.Pieces, "found_in", lambda *_: ())
    monkeypatch.setattr(store.database, "rewrite", lambda: pytest.fail("rewritten"))
    assert not quickly(store).rewritten


def test_bytes_that_cannot_be_removed_keep_the_act_open(store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "state" / "left-behind"
    copy.write_bytes(b"x" * 777 + sealed(store)[3] + b"y")
    with pytest.raises(Fault) as raised:
        quickly(store)
    assert (raised.value.code, raised.value.detail) == (FaultCode.ERASURE_INCOMPLETE, "left-behind")
    assert [intent.kind for intent in store.intents.all_open()] == [IntentKind.RENEW_TEMPLATES]
    copy.unlink()
    assert resume(store) == 0


def test_the_ledger_and_the_generation_say_that_it_happened(store: Store) -> None:
    generations = [store.anchor.state().generation]

    def step(_done: int, _all: int) -> None:
        generations.append(store.anchor.state().generation)

    renew(store, step=step, at_once=PEOPLE, rest_s=0)
    assert generations[0] < generations[1] < generations[2], "at the beginning, and when the old turns are gone"
    acts = [act for _, act in store.ledger.local_acts(month(store.now_ms()))]
    assert acts[-1]["kind"] == LocalKind.TEMPLATES_RENEWED
    assert acts[-1]["detail"] == {"people": PEOPLE, "references": 2 * PEOPLE, "models": 1}
    assert store.intents.all_open() == []


def test_the_running_kiosk_hears_of_it(store: Store) -> None:
    beside = Store.open(store.database.directory, key_of(store.database.directory), clock=Hands())
    here, there = store.gallery_version(), beside.gallery_version()
    quickly(store)
    assert store.gallery_version() != here
    assert beside.gallery_version() != there
    beside.close()


def test_an_old_copy_of_the_templates_opens_nowhere(store: Store, tmp_path: Path) -> None:
    state = tmp_path / "state"
    old = (state / TEMPLATES_FILE).read_bytes()
    quickly(store)
    store.close()
    (state / TEMPLATES_FILE).write_bytes(old)
    again = Store.open(state, key_of(state), clock=Hands())
    assert again.templates.references() == []
    assert len(again.quarantine.all()) == 2 * PEOPLE
    again.close()


def test_an_old_record_under_a_new_id_does_not_open(store: Store) -> None:
    person = enrolled(store, "E-9", "Nine", seeds=(1,))
    mine = "SELECT template FROM faces WHERE person = ?"
    ((record,),) = store.database.rows(f"SELECT sealed FROM templates.template WHERE id = ({mine})", person)  # noqa: S608
    quickly(store)
    with store.database.write():
        store.database.run(f"UPDATE templates.template SET sealed = ? WHERE id = ({mine})", record, person)  # noqa: S608
    assert person not in {reference.person for reference in store.templates.references()}
    assert [found.person for found in store.quarantine.all()] == [person]


def test_a_reference_that_does_not_open_is_set_aside_and_does_not_stop_the_others(store: Store) -> None:
    first, second, *_ = store.people.all()
    with store.database.write():
        store.database.run(
            "UPDATE templates.template SET sealed = zeroblob(length(sealed)) WHERE id ="
            " (SELECT template FROM faces WHERE person = ? ORDER BY rowid LIMIT 1)",
            first.id,
        )
        store.database.run("UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'biometric' AND person = ?", second.id)
    again = reopened(store)
    done = quickly(again)
    assert (done.people, done.references) == (PEOPLE, 2 * PEOPLE - 3)
    assert sorted(found.person for found in again.quarantine.all()) == sorted([first.id, second.id, second.id])
    assert len(again.templates.references()) == 2 * PEOPLE - 3
    kept = again.database.rows("SELECT person FROM quarantine WHERE sealed IS NOT NULL")
    assert kept == [(second.id,), (second.id,)], "what was sealed under a key that is gone is gone, too"


def found(store: Store, references: list[Reference], matrix: Floats) -> float:
    """How well the probe of somebody enrolled compares."""
    (person,) = [person.id for person in store.people.all() if person.code == "E-0"]
    mine = next(reference for reference in references if reference.person == person)
    return float(mine.vector @ (matrix @ face("", SEEDS["E-0"][0]).vector))


def test_a_gallery_is_of_one_epoch_whenever_another_process_renews(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = store.database.directory
    beside = Store.open(directory, key_of(directory), clock=Hands())
    references = store.templates.references()
    quickly(beside)
    assert abs(found(store, references, store.templates.rotation(MODEL, DIM))) < 0.6, "two reads are of two epochs"
    renewals = []
    for name in ("read", "write"):
        begin = getattr(store.database, name)

        def interrupted(begin: Callable[[], object] = begin) -> object:
            if not store.database._connection.in_transaction:
                renewals.append(quickly(beside))
            return begin()

        monkeypatch.setattr(store.database, name, interrupted)
    taken = store.templates.gallery(MODEL, DIM)
    assert renewals
    monkeypatch.undo()
    assert found(store, *taken) > 0.99999
    beside.close()


def test_a_renewal_of_a_store_without_a_face_is_harmless(tmp_path: Path) -> None:
    empty = new_store(tmp_path / "empty")
    assert quickly(empty) == Renewal(0, 0, rewritten=False)
    references, matrix = empty.templates.gallery(MODEL, DIM)
    assert references == []
    assert matrix.shape == (DIM, DIM)
    assert quickly(empty) == Renewal(0, 0, rewritten=False)
    assert empty.database.rows("SELECT epoch FROM keys WHERE kind = 'rotation'") == [(2,)]


def test_somebody_enrolled_meanwhile_is_of_the_new_epoch_and_is_left_alone(store: Store) -> None:
    added: list[str] = []

    def step(_done: int, _all: int) -> None:
        if not added:
            added.append(enrolled(store, "E-NEW", "New", seeds=(99,)))

    assert renew(store, step=step, at_once=2, rest_s=0).people == PEOPLE
    _, matrix = store.templates.gallery(MODEL, DIM)
    (mine,) = [r for r in store.templates.references() if r.person == added[0]]
    assert float(mine.vector @ (matrix @ face("", 99).vector)) > 0.99999


def test_many_pieces_are_found_as_surely_as_few(tmp_path: Path) -> None:
    records = [os.urandom(100) for _ in range(200)]
    for number, (record, place) in enumerate(((records[3], 0), (records[150], (1 << 20) - 9), (records[199], 1 << 21))):
        file = tmp_path / f"file{number}"
        file.write_bytes(os.urandom(place) + record[-24:] + os.urandom(5))
        assert residue.residue(tmp_path, records) == (file.name,)
        assert residue.residue(tmp_path, records[:3]) == ()
        file.unlink()
    (tmp_path / "short").write_bytes(b"ab")
    (tmp_path / "empty").touch()
    (tmp_path / "zeros").write_bytes(bytes(1 << 20))
    for few in (records, [], [bytes(100)], [bytes(100), records[0]]):
        assert residue.residue(tmp_path, few) == ()


def test_the_rotation_key_of_a_copy_from_before_is_not_in_the_new_files(store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with closing(sqlite3.connect(tmp_path / "state" / RECORDS_FILE)) as source, closing(sqlite3.connect(copy)) as into:
        source.backup(into)
        query = "SELECT wrapped FROM keys WHERE kind = 'rotation'"
        ((wrapped,),) = into.execute(query).fetchall()
    quickly(store)
    with pytest.raises(FormatError):
        store.templates._matrix(MODEL, 1, DIM)
    assert residue.residue(tmp_path / "state", [wrapped]) == ()


def test_the_command_says_how_many_it_renewed(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    state = store.database.directory
    store.close()
    assert main(["store", "renew-templates", "--data", str(state.parent), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"people": PEOPLE, "references": 2 * PEOPLE, "rewritten": found["rewritten"]}
    assert main(["store", "renew-templates", "--data", str(state.parent)]) == 0
    assert capsys.readouterr().out.startswith(f"{2 * PEOPLE} references of {PEOPLE} people are renewed.")
    again = Store.open(state, key_of(state), clock=Hands())
    assert again.database.rows("SELECT DISTINCT epoch FROM faces") == [(3,)]
    again.close()
