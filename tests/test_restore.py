"""A backup becomes a store in another device: whole, under another root key, and without whoever was erased since."""

import contextlib
from pathlib import Path

import pytest
from backup_kit import config, enrol_again, lived_in
from restore_kit import reopen, restored
from store_kit import PIN, Hands, check_in, close_all, contents, key_of, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, PinAccepted, Store, erasure, sweep
from kiosk.store.audit import audit
from kiosk.store.backup import Made, backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.bodies import open_all
from kiosk.store.keys import KeyKind
from kiosk.store.ledger import month
from kiosk.store.promises import Signer
from kiosk.store.restore import Newer
from wire import certificate
from wire.certificate import Limit

NIGHT = 12 * 3_600_000


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    (tmp_path / "old").mkdir()
    return new_store(tmp_path / "old/state", hands)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    return tmp_path / "new/state"


def made(store: Store, kind: Kind = Kind.OFFSITE, *, templates: bool = False) -> Made:
    return backup(store, config(store.database.directory.parent, templates=templates), kind)


def erased(store: Store, person: str) -> Path:
    """Everything of a person is gone; what headquarters has not signed for was handed over."""
    to = store.database.directory.parent.parent / f"handed-{person}.json"
    done = erasure.erase_person(store, person, hand_over=to)
    assert done.certificate is not None
    return done.certificate


def whole(store: Store) -> int:
    """The number of entries of a ledger that verifies, with every body that has a key."""
    audited = audit(store.database, Signer(store.device_id, store.device_public, {}))
    assert open_all(store).missing == 0
    return audited.walked.entries


def test_yesterdays_backup_restores_into_an_empty_device_under_another_root_key_without_whoever_was_erased_since(
    store: Store, hands: Hands, new: Path
) -> None:
    people = lived_in(store)
    public = store.device_public
    sealed = made(store).path
    hands.move(NIGHT)
    store.ledger.append(check_in(store, code="E-0001"), people[1])
    profile, wrapped = store.database.rows(
        "SELECT profile, wrapped FROM people p JOIN keys k ON k.person = p.id AND k.kind = 'profile' WHERE p.id = ?",
        people[0],
    )[0]
    proof = erased(store, people[0])
    close_all()

    told = restored(sealed, new, Newer(erasures=[proof]), clock=hands)
    again = reopen(new, clock=hands)
    assert (told.erased, told.people, told.appended) == (1, 2, None)
    assert (new / "root.key").read_bytes() != (store.database.directory / "root.key").read_bytes()
    assert whole(again) == told.entries
    assert [person.code for person in again.people.all()] == ["E-0001", "E-0002"]
    assert again.history.events(people[1], 0, hands.wall_ms)
    assert again.people.by_code("E-0000") is None
    everything = b"".join(contents(new).values())
    assert profile[8:40] not in everything
    assert wrapped[8:40] not in everything
    assert people[0].encode() not in b"".join(row[0].encode() for row in again.database.rows("SELECT id FROM people"))
    assert certificate.read(proof.read_bytes(), again.device_public).subject == people[0]
    assert (again.device_public, again.device_id) == (public, store.device_id)
    _, act = again.ledger.local_acts(month(hands.wall_ms))[-1]
    assert act["kind"] == LocalKind.RESTORED.value
    assert act["detail"] == {"kind": "offsite", "generation": 0, "entries": 19, "appended": 0, "erased": 1}


def test_somebody_whose_erasure_had_only_begun_is_not_admitted_after_a_restore_and_then_goes(
    store: Store, new: Path
) -> None:
    people = lived_in(store)
    sealed = made(store, Kind.ONSITE, templates=True).path
    begun = erasure.erase_person(store, people[0])
    assert begun.certificate is None
    proof = store.database.directory / "certificates" / f"{begun.id}.json"
    signed = certificate.read(proof.read_bytes(), store.device_public)
    assert Limit.RECORDS_WAIT in signed.limits
    assert (signed.destroyed["references"], signed.destroyed["profiles"]) == (3, 0)
    close_all()
    told = restored(sealed, new, Newer(erasures=[proof]))
    again = reopen(new)
    assert (told.erased, told.people, told.references) == (1, 3, 6)
    with pytest.raises(Fault) as raised:
        again.people.admit(people[0], by_face=False)
    assert raised.value.code is FaultCode.PERSON_UNKNOWN
    assert again.history.events(people[0], 0, again.now_ms() + 1), "nobody else has these yet"
    (waits,) = erasure.open_erasures(again.database, again.intents)
    assert (waits.person, waits.waiting > 0) == (people[0], True)
    done = erasure.erase_person(again, people[0], hand_over=new.parent.parent / "handed.json")
    assert done.certificate is not None
    assert again.people.by_code("E-0000") is None


def test_without_the_replay_the_erased_person_would_be_back(
    store: Store, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above would find: it calibrates its bar."""
    people = lived_in(store)
    sealed = made(store).path
    proof = erased(store, people[0])
    close_all()
    monkeypatch.setattr(erasure, "replay", lambda _store, _subjects: 0)
    restored(sealed, new, Newer(erasures=[proof]))
    again = reopen(new)
    assert again.people.by_code("E-0000") is not None


def test_a_face_that_was_erased_before_the_backup_and_enrolled_again_stays(store: Store, new: Path) -> None:
    people = lived_in(store)
    erasure.erase_face(store, people[0])
    erasure.erase_face(store, people[1])
    enrol_again(store, people[0], 99)
    sealed = made(store, Kind.ONSITE, templates=True)
    erasure.erase_face(store, people[2])
    close_all()
    told = restored(sealed.path, new, Newer(erasures=[store.database.directory / "certificates"]))
    again = reopen(new)
    assert (told.erased, told.references) == (1, 1)
    assert [person.has_face for person in again.people.all()] == [True, False, False]
    assert [each.person for each in again.templates.references()] == [people[0]]


def test_an_on_site_backup_brings_the_references_back(store: Store, new: Path) -> None:
    lived_in(store)
    before = [each.vector.tobytes() for each in store.templates.references()]
    sealed = made(store, Kind.ONSITE, templates=True)
    close_all()
    assert restored(sealed.path, new).references == len(before) == 9
    assert [each.vector.tobytes() for each in reopen(new).templates.references()] == before


def test_a_person_of_an_off_site_backup_is_enrolled_anew_and_the_pin_goes_on_working(store: Store, new: Path) -> None:
    people = lived_in(store)
    sealed = made(store)
    close_all()
    restored(sealed.path, new)
    again = reopen(new)
    assert again.templates.references() == []
    now = again.now_ms(), int(again.clock().monotonic_s * 1000)
    assert isinstance(again.accounts.check_pin("E-0001", PIN, *now), PinAccepted)
    enrol_again(again, people[1], 5)
    assert len(again.templates.references()) == 1
    swept = sweep.steps(again)
    with contextlib.suppress(StopIteration):
        while True:
            next(swept)
    assert again.quarantine.all() == []


def test_certificates_beside_the_old_place_count_without_being_named(store: Store) -> None:
    people = lived_in(store)
    sealed = made(store)
    erased(store, people[0])
    close_all()
    state = store.database.directory
    with pytest.raises(Fault) as raised:
        restored(sealed.path, state)
    assert raised.value.code is FaultCode.STORE_EXISTS
    aside = Store.set_aside(state)
    assert aside is not None
    told = restored(sealed.path, state)
    assert (told.erased, told.people) == (1, 2)
    assert reopen(state).people.by_code("E-0000") is None


def test_a_certificate_of_this_device_that_does_not_fit_stops_the_restore_and_another_devices_is_passed_over(
    store: Store, new: Path, tmp_path: Path
) -> None:
    people = lived_in(store)
    sealed = made(store)
    proof = erased(store, people[0])
    (tmp_path / "other").mkdir()
    other = new_store(tmp_path / "other/state")
    foreign = erased(other, lived_in(other)[0])
    close_all()
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "foreign.json").write_bytes(foreign.read_bytes())
    (papers / "note.txt").write_text("not a certificate")
    bad = papers / "bad.json"
    for content in (b"{}\n", b"hello", proof.read_bytes().replace(b'"scope":"person"', b'"scope":"face"')):
        bad.write_bytes(content)
        with pytest.raises(Fault) as raised:
            restored(sealed.path, new, Newer(erasures=[papers]))
        assert raised.value.code is FaultCode.CERTIFICATE_INVALID
        assert "bad.json" in raised.value.detail
    bad.write_bytes(proof.read_bytes())
    assert restored(sealed.path, new, Newer(erasures=[papers])).erased == 1
    with pytest.raises(Fault) as raised:
        restored(sealed.path, tmp_path / "new/again", Newer(erasures=[tmp_path / "nothing"]))
    assert raised.value.code is FaultCode.CERTIFICATE_INVALID


def test_a_certificate_that_says_it_is_another_devices_is_told(store: Store, new: Path) -> None:
    people = lived_in(store)
    sealed = made(store).path
    proof = erased(store, people[0])
    altered = proof.with_name("altered.json")
    altered.write_bytes(proof.read_bytes().replace(store.device_id.encode(), b"0" * 16))
    close_all()
    told = restored(sealed, new, Newer(erasures=[altered]))
    assert (told.erased, told.passed_over) == (0, ("altered.json",))


def test_an_anchor_on_another_partition_that_knows_a_newer_state_is_brought_in_line(
    store: Store, new: Path, tmp_path: Path
) -> None:
    lived_in(store)
    sealed = made(store)
    close_all()
    place = tmp_path / "other-partition"
    older = Store.open(store.database.directory, key_of(store.database.directory), clock=Hands(), places=[place])
    with older.database.write():
        older.database.advance()
    older.anchor.write()
    older.database.close()
    assert place.exists()
    restored(sealed.path, new, places=[place])
    reopen(new, places=[place]).anchor.check()


def test_the_exchange_key_comes_back_with_the_store_and_another_stores_is_not_written_over(
    store: Store, new: Path
) -> None:
    lived_in(store)
    key = store.keys.need(KeyKind.EXCHANGE)
    sealed = made(store)
    close_all()
    place = new.parent / "exchange.key"
    place.write_bytes(b"x" * 32)
    with pytest.raises(Fault) as raised:
        restored(sealed.path, new, exchange_key=place)
    assert raised.value.code is FaultCode.STORE_EXISTS
    place.unlink()
    restored(sealed.path, new, exchange_key=place)
    assert place.read_bytes() == key
