"""Consent, key and references live and die together."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from store_kit import CONSENT, DIM, MODEL, PIN, enrolled, face, key_of, new_store, notice, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import PinAccepted, Reference, Store
from kiosk.store.erasure import erase_face
from kiosk.store.erasure_proof import leave_nothing
from kiosk.store.residue import residue
from wire.errors import Tampered
from wire.event import NoticeKind


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def _sql(store: Store, statement: str, *values: object) -> None:
    with store.database.write():
        store.database.run(statement, *values)


def test_no_face_is_kept_without_consent(store: Store) -> None:
    person = store.people.add("E-1", "Sri")
    lacking = (replace(CONSENT, text_version=""), replace(CONSENT, language=""), replace(CONSENT, witness=""))
    for consent in (None, *lacking):
        with pytest.raises(Fault) as raised:
            store.basis.enrol(person, consent, [face(person, 1)])
        assert raised.value.code is FaultCode.CONSENT_MISSING
    assert store.templates.references() == []
    assert store.database.rows("SELECT * FROM bases") == []


def test_the_consent_record_keeps_text_language_time_and_witness(store: Store) -> None:
    person = enrolled(store)
    assert store.basis.consent_of(person) == CONSENT
    assert reopened(store).basis.consent_of(person) == CONSENT


def test_a_key_that_hangs_on_another_consent_does_not_open(store: Store) -> None:
    person = enrolled(store)
    _sql(store, "UPDATE bases SET digest = zeroblob(32) WHERE person = ?", person)
    with pytest.raises(Tampered):
        store.basis.consent_of(person)
    again = reopened(store)
    assert again.templates.references() == []
    assert {entry.place for entry in again.quarantine.all()} == {"template"}


def test_an_enrolment_that_fails_half_way_leaves_nothing(store: Store) -> None:
    person = store.people.add("E-1", "Sri")
    earlier = notice(store, NoticeKind.ENROLLED)
    store.ledger.append(earlier, person)
    size = store.ledger.size()
    clash = replace(earlier, kind=NoticeKind.RESTRICTED)
    with pytest.raises(ValueError, match="another event"):
        store.basis.enrol(person, CONSENT, [face(person, 1)], notice=clash)
    assert store.ledger.size() == size
    assert store.templates.references() == []
    assert store.database.rows("SELECT * FROM keys WHERE kind = 'biometric'") == []
    assert store.database.rows("SELECT * FROM templates.template") == []
    store.basis.enrol(person, CONSENT, [face(person, 1)])
    assert len(store.templates.references()) == 1


def test_enrolling_again_replaces_the_face_and_ends_the_older_consent(store: Store) -> None:
    person = enrolled(store, seeds=(1, 2, 3))
    store.basis.enrol(person, replace(CONSENT, text_version="2026-2"), [face(person, 9)])
    (reference,) = store.templates.references()
    assert float(reference.vector @ (store.templates.rotation(MODEL, DIM) @ face(person, 9).vector)) > 0.99
    assert store.database.rows("SELECT state, count(*) FROM bases GROUP BY state ORDER BY state") == [
        ("active", 1),
        ("ended", 1),
    ]
    found = store.basis.consent_of(person)
    assert found is not None
    assert found.text_version == "2026-2"


def test_withdrawing_ends_key_and_references_in_every_file_and_leaves_the_pin(store: Store, tmp_path: Path) -> None:
    person, other = enrolled(store), enrolled(store, "E-2", "Sri Wahyuni", seeds=(8,))
    mine = "SELECT sealed FROM templates.template WHERE id IN (SELECT template FROM faces WHERE person = ?)"
    gone = [row[0] for row in store.database.rows(mine, person)]
    gone += [
        row[0] for row in store.database.rows("SELECT wrapped FROM keys WHERE kind='biometric' AND person=?", person)
    ]
    assert len(gone) == 4
    assert residue(tmp_path / "state", gone) == ("records.db", "templates.db")
    erase_face(store, person)
    assert residue(tmp_path / "state", gone) == ()
    assert [reference.person for reference in store.templates.references()] == [other]
    assert not store.people.get(person).has_face
    assert store.basis.consent_of(person) is None
    assert store.accounts.check_pin("E-0417", PIN, 0, 10**9) == PinAccepted(person)
    again = reopened(store)
    assert [reference.person for reference in again.templates.references()] == [other]
    again.ledger.verify()


def test_bytes_that_sqlite_left_behind_are_found_and_rewritten(store: Store, tmp_path: Path) -> None:
    person = enrolled(store)
    store.database._connection.execute("PRAGMA templates.secure_delete = OFF")
    gone = [row[0] for row in store.database.rows("SELECT sealed FROM templates.template")]
    with store.database.write():
        store.database.run("DELETE FROM templates.template")
    assert residue(tmp_path / "state", gone) == ("templates.db",)
    leave_nothing(store.database, gone)
    assert residue(tmp_path / "state", gone) == ()
    assert store.people.get(person).has_face


def test_withdrawing_what_was_never_given_is_harmless(store: Store) -> None:
    person = store.people.add("E-1", "Sri")
    size = store.ledger.size()
    erase_face(store, person)
    assert store.ledger.size() == size


def test_another_process_sees_an_enrolment_and_a_withdrawal(store: Store) -> None:
    other = Store.open(store.database.directory, key_of(store.database.directory), clock=store.clock)
    before = store.gallery_version()
    person = enrolled(other)
    assert store.gallery_version() != before
    assert len(store.templates.references()) == 3
    before = other.gallery_version()
    erase_face(store, person)
    assert other.gallery_version() != before
    assert other.templates.references() == []
    other.close()


BAD: dict[str, Reference] = {
    "another person": face("0" * 16, 1),
    "float64": replace(face("", 1), vector=face("", 1).vector.astype(np.float64)),
    "not unit": replace(face("", 1), vector=face("", 1).vector * np.float32(1.1)),
    "zero": replace(face("", 1), vector=np.zeros(DIM, np.float32)),
    "not a number": replace(face("", 1), vector=np.full(DIM, np.nan, np.float32)),
    "a matrix": replace(face("", 1), vector=face("", 1).vector.reshape(2, -1)),
    "one number": replace(face("", 1), vector=np.ones(1, np.float32)),
    "no model": replace(face("", 1), model=""),
}


@pytest.mark.parametrize("name", BAD)
def test_a_vector_that_no_gallery_could_use_is_refused(store: Store, name: str) -> None:
    person = store.people.add("E-1", "Sri")
    bad = BAD[name] if name == "another person" else replace(BAD[name], person=person)
    with pytest.raises(ValueError, match="reference"):
        store.basis.enrol(person, CONSENT, [face(person, 1), bad])
    for count in (0, 6):
        with pytest.raises(ValueError, match="1 to 5"):
            store.basis.enrol(person, CONSENT, [face(person, seed) for seed in range(count)])


def test_a_restricted_or_suspended_face_is_not_matched(store: Store) -> None:
    person = enrolled(store)
    _sql(store, "UPDATE people SET face_restricted = 1 WHERE id = ?", person)
    assert store.templates.references() == []
    assert store.people.get(person).restricted
    _sql(store, "UPDATE people SET face_restricted = 0, state = 'suspended' WHERE id = ?", person)
    assert store.templates.references() == []


def test_no_repr_shows_a_vector_a_name_or_a_code(store: Store) -> None:
    person = enrolled(store)
    shown = repr(store.templates.references()) + repr(store.people.get(person))
    assert "Budi" not in shown
    assert "0417" not in shown
    assert "array" not in shown
    assert "0.9" not in shown


def test_the_person_of_an_enrolment_must_exist(store: Store) -> None:
    with pytest.raises(Fault) as raised:
        store.basis.enrol("f" * 16, CONSENT, [face("f" * 16, 1)])
    assert raised.value.code is FaultCode.PERSON_UNKNOWN


def test_one_person_has_one_active_consent(store: Store) -> None:
    person = enrolled(store)
    with pytest.raises(sqlite3.IntegrityError):
        _sql(
            store,
            "INSERT INTO bases (id, person, state, digest, record, began_at)"
            " SELECT 'aaaaaaaaaaaaaaaa', person, state, digest, record, began_at FROM bases WHERE person = ?",
            person,
        )
