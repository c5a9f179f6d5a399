"""Promise: an erased face is gone from every file, and a certificate says so; whatever else is the person's stays."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from erasure_kit import CODE, FACE, NAME, Office, belongings, lying, matches, office, references
from store_kit import CONSENT, PIN, face, key_of

from kiosk.faults import Fault, FaultCode
from kiosk.store import PinAccepted, Store, erasure, erasure_rows
from kiosk.store.database import StoreDatabase
from kiosk.store.erasure import erase_face, open_erasures
from kiosk.store.resume import resume
from wire import certificate, checkpoint
from wire.certificate import Limit, Scope
from wire.errors import BadSignature, FormatError
from wire.event import CheckIn, Notice, NoticeKind
from wire.signing import SigningKey


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data")


def test_no_byte_of_an_erased_face_lies_in_any_file_and_everything_else_stays(at: Office) -> None:
    mine, other = belongings(at.store, at.leaver), belongings(at.store, at.stays, (8,))
    assert lying(at.data, mine, *FACE) == {
        ("state/templates.db", "reference"),
        ("state/records.db", "biometric key"),
    }
    done = erase_face(at.store, at.leaver)
    assert done is not None
    assert lying(at.data, mine, *FACE) == set()
    for store in (at.store, Store.open(at.state, key_of(at.state), clock=at.store.clock)):
        assert references(store) == {at.stays}
        assert not matches(store, at.leaver, 1)
        assert matches(store, at.stays, 8)
        assert store.basis.consent_of(at.leaver) is None
        store.accounts.cost = at.store.accounts.cost
        assert store.accounts.check_pin(CODE, PIN, 0, 10**9) == PinAccepted(at.leaver)
        assert [type(event) for event in store.history.events(at.leaver, 0, store.now_ms() + 1)] == [
            *[CheckIn] * 3,
            Notice,
        ]
        store.ledger.verify()
    store.close()
    assert lying(at.data, other, "reference", "biometric key") != set()


def test_the_certificate_counts_what_is_gone_and_is_covered_by_a_signed_checkpoint(at: Office) -> None:
    done = erase_face(at.store, at.leaver)
    assert done is not None
    found = at.certificate(done.certificate)
    assert (found.id, found.scope, found.subject) == (done.id, Scope.FACE, at.leaver)
    assert dict(found.destroyed) == {"biometric_keys": 1, "references": 3, "quarantined_copies": 0}
    assert found.pieces == 3 * 4
    assert sum(searched.files for searched in found.searched.values()) >= 4
    assert set(found.limits) == {Limit.EARLIER_COPIES, Limit.BACKUPS, Limit.FLASH, Limit.MEMORY}
    head = checkpoint.unverified(found.checkpoint)
    assert at.store.ledger.hash_at(head.size) == head.head
    acts = {seq: act for month in ("2026-11",) for seq, act in at.store.ledger.local_acts(month)}
    assert acts[found.seq]["kind"] == "erased"
    assert acts[found.seq]["detail"]["person"] == at.leaver


def test_headquarters_is_told_that_the_consent_was_withdrawn(at: Office) -> None:
    at.forward()
    assert erase_face(at.store, at.leaver) is not None
    at.forward()
    (told,) = [event for event in at.waiting() if isinstance(event, Notice)]
    assert (told.kind, told.person) == (NoticeKind.CONSENT_WITHDRAWN, CODE)


def test_erasing_what_is_not_there_is_harmless_and_an_unknown_person_is_a_fault(at: Office) -> None:
    assert erase_face(at.store, at.leaver) is not None
    size = at.store.ledger.size()
    assert erase_face(at.store, at.leaver) is None
    assert at.store.ledger.size() == size
    with pytest.raises(Fault) as raised:
        erase_face(at.store, "0" * 16)
    assert raised.value.code is FaultCode.PERSON_UNKNOWN


def test_a_person_may_be_enrolled_again_after_their_face_was_erased(at: Office) -> None:
    first = erase_face(at.store, at.leaver)
    at.store.basis.enrol(at.leaver, CONSENT, [face(at.leaver, 5)])
    assert matches(at.store, at.leaver, 5)
    second = erase_face(at.store, at.leaver)
    assert first is not None
    assert second is not None
    assert first.certificate != second.certificate
    assert not matches(at.store, at.leaver, 5)


def test_damaged_references_that_were_set_aside_go_too(at: Office) -> None:
    (template, sealed) = at.store.database.rows(
        "SELECT id, sealed FROM templates.template WHERE id IN (SELECT template FROM faces WHERE person = ?)", at.leaver
    )[0]
    with at.store.database.write():
        damaged = sealed[:200] + bytes((sealed[200] ^ 1,)) + sealed[201:]
        at.store.database.run("UPDATE templates.template SET sealed = ? WHERE id = ?", damaged, template)
    at.store.templates.references()
    mine = belongings(at.store, at.leaver)
    assert len(mine["set aside"]) == 1
    done = erase_face(at.store, at.leaver)
    assert done is not None
    assert lying(at.data, mine, *FACE) == set()
    assert at.certificate(done.certificate).destroyed["quarantined_copies"] == 1


def leave_bytes(at: Office) -> None:
    for schema in ("main", "templates"):
        at.store.database._connection.execute(f"PRAGMA {schema}.secure_delete = OFF")


def write_ahead(at: Office) -> None:
    """In a write-ahead log the older pages stay until somebody writes over them."""
    for schema in ("main", "templates"):
        assert at.store.database.rows(f"PRAGMA {schema}.journal_mode = wal") == [("wal",)]
    at.leaver = at.store.people.add("EMP-0418-XY", NAME)
    at.store.basis.enrol(at.leaver, CONSENT, [face(at.leaver, seed) for seed in (1, 2, 3)])


def test_bytes_that_sqlite_leaves_behind_are_found_and_the_files_written_anew(at: Office) -> None:
    leave_bytes(at)
    mine = belongings(at.store, at.leaver)
    done = erase_face(at.store, at.leaver)
    assert done is not None
    assert lying(at.data, mine, *FACE) == set()
    at.certificate(done.certificate)


@pytest.mark.parametrize(("broken", "where"), [(leave_bytes, "state/templates.db"), (write_ahead, "templates.db-wal")])
def test_nothing_is_called_done_while_a_file_still_holds_it(
    at: Office, broken: Callable[[Office], None], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(at)
    mine = belongings(at.store, at.leaver)
    with monkeypatch.context() as patched:
        patched.setattr(StoreDatabase, "rewrite", lambda _: None)
        with pytest.raises(Fault) as raised:
            erase_face(at.store, at.leaver)
    assert raised.value.code is FaultCode.ERASURE_INCOMPLETE
    assert where in raised.value.detail
    assert lying(at.data, mine, *FACE) != set()
    assert not (at.state / "certificates").exists()
    assert [each.person for each in open_erasures(at.store.database, at.store.intents)] == [at.leaver]
    assert resume(at.again()) == 0
    assert lying(at.data, mine, *FACE) == set()
    (path,) = (at.state / "certificates").iterdir()
    assert Limit.REWRITTEN in at.certificate(path).limits


def test_a_key_that_was_not_deleted_is_found(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tuple(
        erasure_rows._Class(each.name, each.sealed, ()) if each.name == "biometric_keys" else each
        for each in erasure_rows.FACE
    )
    with monkeypatch.context() as patched:
        patched.setattr(erasure_rows, "FACE", kept)
        with pytest.raises(Fault) as raised:
            erase_face(at.store, at.leaver)
    assert raised.value.code is FaultCode.ERASURE_INCOMPLETE
    assert raised.value.detail == "state/records.db"


@pytest.mark.parametrize("place", ["state/copy", "exchange/exchange.db.aside-1", "offsite/old.age", "notes/copy.db"])
def test_a_copy_anywhere_in_the_data_directory_is_found_and_named(at: Office, place: str) -> None:
    copy = at.data / place
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(b"x" * 5000 + (at.state / "templates.db").read_bytes())
    with pytest.raises(Fault) as raised:
        erase_face(at.store, at.leaver)
    assert raised.value.code is FaultCode.ERASURE_INCOMPLETE
    assert raised.value.detail == place
    assert references(at.store) == {at.stays}, "it is out of use at once all the same"
    copy.unlink()
    done = erase_face(at.store, at.leaver)
    assert done is not None
    at.certificate(done.certificate)


def test_what_a_backup_that_was_cut_off_has_left_is_deleted_and_not_found(at: Office) -> None:
    draft = at.state / ".backup"
    draft.mkdir()
    for name in ("records.db", "templates.db"):
        (draft / name).write_bytes((at.state / name).read_bytes())
    done = erase_face(at.store, at.leaver)
    assert done is not None
    at.certificate(done.certificate)
    assert list(draft.iterdir()) == []


def test_a_certificate_signed_by_another_key_is_refused(at: Office) -> None:
    done = erase_face(at.store, at.leaver)
    assert done is not None
    assert done.certificate is not None
    with pytest.raises(BadSignature):
        at.certificate(_signed_by_another(done.certificate))
    with pytest.raises(FormatError):
        at.certificate(_cut(done.certificate))


def _signed_by_another(path: Path) -> Path:
    forged = path.with_name("forged.json")
    forged.write_bytes(certificate.sign(certificate.unverified(path.read_bytes()), SigningKey.generate()))
    return forged


def _cut(path: Path) -> Path:
    cut = path.with_name("cut.json")
    cut.write_bytes(path.read_bytes()[:-2])
    return cut


def test_the_anchor_knows_of_the_erasure_so_that_the_store_of_before_is_refused(at: Office) -> None:
    before = {path.name: path.read_bytes() for path in at.state.glob("*.db")}
    assert erase_face(at.store, at.leaver) is not None
    at.store.database.close()
    for name, content in before.items():
        (at.state / name).write_bytes(content)
    with pytest.raises(Fault) as raised:
        at.again()
    assert raised.value.code is FaultCode.STORE_ROLLED_BACK


def test_the_anchor_knows_of_the_deletion_before_anything_was_searched_for(
    at: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unplugged(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("end_face", "prove"):  # accepted, and nothing deleted; then deleted, and not searched for
        before = {path.name: path.read_bytes() for path in at.state.glob("*.db")}
        with monkeypatch.context() as patched:
            patched.setattr(erasure, step, unplugged)
            with pytest.raises(KeyboardInterrupt):
                erase_face(at.store, at.leaver)
    at.store.database.close()
    for name, content in before.items():
        (at.state / name).write_bytes(content)
    with pytest.raises(Fault) as raised:
        at.again()
    assert raised.value.code is FaultCode.STORE_ROLLED_BACK


def test_another_process_that_erases_meanwhile_is_waited_for(at: Office) -> None:
    other = Store.open(at.state, key_of(at.state), clock=at.store.clock)
    try:
        assert erase_face(other, at.leaver) is not None
        assert erase_face(at.store, at.leaver) is None
        assert references(at.store) == {at.stays}
    finally:
        other.close()


def test_a_face_cannot_be_kept_of_somebody_who_left(at: Office) -> None:
    with at.store.database.write():
        at.store.database.run("UPDATE people SET state = 'left' WHERE id = ?", at.leaver)
    with pytest.raises(Fault) as raised:
        at.store.basis.enrol(at.leaver, CONSENT, [face(at.leaver, 4)])
    assert raised.value.code is FaultCode.PERSON_UNKNOWN


def test_a_copy_taken_before_opens_with_the_root_key_of_the_file_provider(at: Office, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in at.state.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "root.key").chmod(0o400)
    done = erase_face(at.store, at.leaver)
    assert done is not None
    assert Limit.EARLIER_COPIES in at.certificate(done.certificate).limits
    stolen = Store.open(copy, key_of(copy), clock=at.store.clock)
    assert matches(stolen, at.leaver, 1)
    stolen.close()


def test_the_store_speaks_sqlite_that_zeroes_what_it_deletes(at: Office) -> None:
    for schema in ("main", "templates"):
        assert at.store.database.rows(f"PRAGMA {schema}.secure_delete") == [(1,)]
    assert sqlite3.sqlite_version_info >= (3, 37)
