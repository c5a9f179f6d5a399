"""A consent whose time is over carries no face until the person has answered; then the same face goes on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from store_kit import CONSENT, MORNING, PIN, Hands, enrolled, face, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import PinAccepted, Store
from kiosk.store.erasure import erase_face
from kiosk.store.erasure_proof import leave_nothing
from kiosk.store.matchable import matchable
from kiosk.store.residue import residue

DAY = 86_400_000
AGAIN = replace(CONSENT, text_version="2026-2", given_at=MORNING + DAY, witness="Ratna")


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    return new_store(tmp_path / "state", hands)


def limited(store: Store, person: str, until: int | None) -> None:
    with store.database.write():
        store.basis.limit(person, until)


def renewed(store: Store, person: str) -> bytes:
    with store.database.write():
        return store.basis.renew(person, AGAIN)


def _twice(store: Store) -> Iterator[Store]:
    """The store, and then the same one after a restart."""
    yield store
    yield reopened(store)


def faces(store: Store) -> list[str]:
    return [each.person for each in store.templates.references()]


def test_a_lapsed_face_is_not_in_the_gallery_may_not_be_admitted_and_the_pin_goes_on(
    store: Store, hands: Hands
) -> None:
    person, other = enrolled(store, seeds=(1,)), enrolled(store, "E-2", "Sri", seeds=(2,))
    limited(store, person, hands.wall_ms + DAY)
    store.people.admit(person, by_face=True)
    before, seen = matchable(store.database, store.now_ms()), store.gallery_version()
    assert set(faces(store)) == {person, other}
    hands.move(DAY - 1)
    store.people.admit(person, by_face=True)
    hands.move(1)
    assert faces(store) == [other]
    assert matchable(store.database, store.now_ms()) != before, "a running door reads its gallery anew"
    assert store.gallery_version() == seen, "time alone has done it"
    with pytest.raises(Fault) as refused:
        store.people.admit(person, by_face=True)
    assert refused.value.code is FaultCode.CONSENT_MISSING
    store.people.admit(person, by_face=False)
    assert isinstance(store.accounts.check_pin("E-0417", PIN, hands.wall_ms, hands.boottime_ms), PinAccepted)


def test_the_same_face_goes_on_after_the_answer_under_a_new_record(store: Store, hands: Hands) -> None:
    person = enrolled(store)
    before = [each.vector.tobytes() for each in store.templates.references()]
    limited(store, person, hands.wall_ms)
    assert faces(store) == []
    renewed(store, person)
    for at in _twice(store):
        assert [one.vector.tobytes() for one in at.templates.references()] == before
        at.people.admit(person, by_face=True)
        assert at.basis.consent_of(person) == AGAIN
    assert [(given.consent, given.ended_at) for given in at.basis.history(person)] == [
        (CONSENT, hands.wall_ms),
        (AGAIN, None),
    ]


def test_the_key_hangs_on_the_new_record_and_no_longer_on_the_old_one(store: Store) -> None:
    person = enrolled(store)
    old = store.database.rows("SELECT digest FROM bases WHERE person = ?", person)[0][0]
    renewed(store, person)
    with store.database.write():
        store.database.run("UPDATE bases SET digest = ?2 WHERE person = ?1 AND state = 'active'", person, old)
    assert faces(reopened(store)) == []


def test_the_old_wrap_of_the_key_is_in_no_file_and_an_erasure_still_leaves_nothing(
    store: Store, tmp_path: Path
) -> None:
    person = enrolled(store)
    gone = renewed(store, person)
    leave_nothing(store.database, [gone])
    assert residue(tmp_path / "state", [gone]) == ()
    kept = [row[0] for row in store.database.rows("SELECT wrapped FROM keys WHERE kind = 'biometric'")]
    assert residue(tmp_path / "state", kept) == ("records.db",)
    erase_face(store, person)
    assert residue(tmp_path / "state", [gone, *kept]) == ()
    assert [each.ended_at is not None for each in store.basis.history(person)] == [True, True]


def test_an_answer_of_somebody_without_a_face_is_refused_and_changes_nothing(store: Store) -> None:
    person = store.people.add("E-1", "Sri")
    for consent in (AGAIN, replace(AGAIN, text_version="")):
        with pytest.raises(Fault) as refused, store.database.write():
            store.basis.renew(person, consent)
        assert refused.value.code is FaultCode.CONSENT_MISSING
    assert store.basis.history(person) == []


def test_an_answer_that_fails_half_way_leaves_the_old_consent_in_force(store: Store) -> None:
    person = enrolled(store)

    def failing() -> None:
        with store.database.write():
            store.basis.renew(person, AGAIN)
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        failing()
    assert store.basis.consent_of(person) == CONSENT
    assert faces(reopened(store)) == [person] * 3


def test_enrolling_anew_ends_the_limit_too(store: Store, hands: Hands) -> None:
    person = enrolled(store)
    limited(store, person, hands.wall_ms)
    store.basis.enrol(person, AGAIN, [face(person, 7)])
    assert faces(store) == [person]
