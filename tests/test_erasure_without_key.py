"""Promise: a person can be erased although the root key is missing or wrong; what needs it is made when it is back."""

import secrets
from pathlib import Path

import pytest
from erasure_kit import CODE, Office, belongings, lying, matches, office, references
from store_kit import Hands

from kiosk.faults import Fault, FaultCode
from kiosk.store.database import StoreDatabase
from kiosk.store.erasure import erase_face, erase_person, open_erasures
from kiosk.store.erasure_keyless import erase_without_key, locked
from kiosk.store.erasure_orphans import drop_orphans
from kiosk.store.intents import Intents
from kiosk.store.keys import KeyKind
from kiosk.store.resume import resume
from wire.certificate import Limit, Scope
from wire.event import Notice, NoticeKind


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data")


def lose_key(at: Office, *, wrong: bool = False) -> bytes:
    """The store is closed and cannot be opened."""
    at.store.database.close()
    path = at.state / "root.key"
    key = path.read_bytes()
    path.unlink()
    if wrong:
        path.write_bytes(secrets.token_bytes(32))
        path.chmod(0o400)
    with pytest.raises(Fault) as raised:
        at.again()
    assert raised.value.code in (FaultCode.KEY_MISSING, FaultCode.KEY_WRONG)
    return key


def find_key(at: Office, key: bytes) -> None:
    path = at.state / "root.key"
    path.unlink(missing_ok=True)
    path.write_bytes(key)
    path.chmod(0o400)
    at.again()


@pytest.mark.parametrize("wrong", [False, True])
def test_rows_and_wrapped_keys_go_without_the_root_key_and_the_proof_follows_with_it(
    at: Office, *, wrong: bool
) -> None:
    at.delivered()
    found = belongings(at.store, at.leaver)
    key = lose_key(at, wrong=wrong)
    erased = erase_without_key(at.state, at.leaver, Hands())
    assert (erased.certificate, erased.waiting) == (None, 0)
    assert lying(at.data, found) == set()
    assert not (at.state / "certificates").exists()
    find_key(at, key)
    (waits,) = open_erasures(at.store.database, at.store.intents)
    assert waits.id == erased.id
    assert resume(at.store) == 0
    signed = at.certificate(at.state / "certificates" / f"{erased.id}.json")
    assert (signed.scope, signed.subject) == (Scope.PERSON, at.leaver)
    assert signed.destroyed["references"] == 3
    assert signed.destroyed["record_keys"] == 2
    assert signed.destroyed["attendance_delivered"] == 3
    assert Limit.CODE_UNKNOWN in signed.limits
    at.forward()
    assert [(event.kind, event.person) for event in at.waiting() if isinstance(event, Notice)] == [
        (NoticeKind.ERASED, at.leaver)
    ]
    erased_acts = [act for _, act in at.store.ledger.local_acts("2026-11") if act["kind"] == "erased"]
    assert [act["detail"]["person"] for act in erased_acts] == [at.leaver]
    assert len(at.store.history.events(at.stays, 0, at.store.now_ms() + 1)) == 3
    assert references(at.store) == {at.stays}
    at.store.ledger.verify()


def test_attendance_that_headquarters_has_not_signed_for_is_not_lost(at: Office) -> None:
    found = belongings(at.store, at.leaver)
    key = lose_key(at)
    assert erase_without_key(at.state, at.leaver, Hands()).waiting == 3
    gone = [kind for kind in found if kind not in {"record key", "entry"}]
    assert lying(at.data, found, *gone) == set()
    assert lying(at.data, found, "record key", "entry") != set()
    find_key(at, key)
    assert resume(at.store) == 1
    at.forward()
    assert [event.person for event in at.waiting()].count(CODE) == 3
    at.delivered()
    assert resume(at.store) == 0
    assert lying(at.data, found) == set()
    at.store.ledger.verify()


def test_a_face_alone_goes_without_the_root_key_too(at: Office) -> None:
    found = belongings(at.store, at.leaver)
    key = lose_key(at)
    erased = erase_without_key(at.state, at.leaver, Hands(), scope=Scope.FACE)
    assert lying(at.data, found, "reference", "biometric key") == set()
    find_key(at, key)
    assert resume(at.store) == 0
    signed = at.certificate(at.state / "certificates" / f"{erased.id}.json")
    assert (signed.scope, signed.destroyed["references"]) == (Scope.FACE, 3)
    at.forward()
    (told,) = [event for event in at.waiting() if isinstance(event, Notice)]
    assert (told.kind, told.person) == (NoticeKind.CONSENT_WITHDRAWN, CODE)
    assert erase_face(at.store, at.leaver) is None


def test_a_store_that_lost_rows_without_its_key_is_no_older_copy(at: Office) -> None:
    at.delivered()
    generation = at.store.anchor.state().generation
    key = lose_key(at)
    erase_without_key(at.state, at.leaver, Hands())
    find_key(at, key)
    assert at.store.anchor.state().generation > generation


def test_an_erasure_that_waits_for_headquarters_goes_on_without_the_key(at: Office) -> None:
    left = erase_person(at.store, at.leaver)
    at.delivered()
    key = lose_key(at)
    found = erase_without_key(at.state, at.leaver, Hands())
    assert found.id == left.id
    find_key(at, key)
    assert resume(at.store) == 0
    assert at.certificate(at.state / "certificates" / f"{left.id}.json").destroyed["references"] == 3


def test_doing_it_again_is_harmless_and_an_unknown_person_is_a_fault(at: Office) -> None:
    at.delivered()
    lose_key(at)
    first = erase_without_key(at.state, at.leaver, Hands())
    assert erase_without_key(at.state, at.leaver, Hands()).id == first.id
    with pytest.raises(Fault) as raised:
        erase_without_key(at.state, "0" * 16, Hands())
    assert raised.value.code is FaultCode.PERSON_UNKNOWN


def test_what_waits_can_be_listed_without_the_root_key(at: Office) -> None:
    erase_person(at.store, at.leaver)
    lose_key(at)
    erase_without_key(at.state, at.stays, Hands(), scope=Scope.FACE)
    database = StoreDatabase.open(at.state)
    try:
        waits = open_erasures(database, Intents(locked(database, Hands())))
    finally:
        database.close()
    assert {(each.scope, each.person, each.waiting) for each in waits} == {
        (Scope.PERSON, at.leaver, 3),
        (Scope.FACE, at.stays, 0),
    }


def test_only_bodies_that_no_key_opens_are_orphans(at: Office) -> None:
    at.delivered()
    with at.store.database.write():
        assert drop_orphans(at.store) == []
    with at.store.database.write():
        at.store.keys.drop(KeyKind.RECORD, person=at.leaver)
        assert len(drop_orphans(at.store)) == 3
    assert len(at.store.history.events(at.stays, 0, at.store.now_ms() + 1)) == 3


def test_a_damaged_key_makes_no_orphans_of_what_it_would_open(at: Office) -> None:
    at.delivered()
    with at.store.database.write():
        wrong = "UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'record' AND person = ? AND period = '2026-11'"
        at.store.database.run(wrong, at.stays)
        at.store.keys.drop(KeyKind.RECORD, person=at.leaver)
        gone = drop_orphans(at.store)
    assert len(gone) == 1, "the month with the damaged key is passed over"


def test_what_is_not_delivered_is_no_orphan(at: Office) -> None:
    with at.store.database.write():
        at.store.keys.drop(KeyKind.RECORD, person=at.leaver)
        assert drop_orphans(at.store) == []


def test_the_other_person_still_matches(at: Office) -> None:
    at.delivered()
    key = lose_key(at)
    erase_without_key(at.state, at.leaver, Hands())
    find_key(at, key)
    assert matches(at.store, at.stays, 8)
    assert not matches(at.store, at.leaver, 1)
