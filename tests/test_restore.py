"""A backup becomes a store in another device: whole, under another root key, and without whoever was erased since."""

from pathlib import Path

import pytest
from backup_kit import config, lived_in
from restore_kit import Headquarters, headquarters, reopen, restored
from store_kit import Hands, check_in, close_all, contents, new_store

from kiosk.store import LocalKind, Store, erasure
from kiosk.store.audit import audit
from kiosk.store.backup import Made, backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.bodies import open_all
from kiosk.store.ledger import month
from kiosk.store.promises import Signer
from kiosk.store.restore import Newer
from wire import certificate

NIGHT = 12 * 3_600_000


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    (tmp_path / "old").mkdir()
    return new_store(tmp_path / "old/state", hands)


@pytest.fixture
def hq(tmp_path: Path, store: Store) -> Headquarters:
    known = headquarters(tmp_path / "headquarters")
    known.know(store)
    return known


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


def test_a_device_goes_on_with_its_ledger_where_headquarters_knows_it_to_be(
    store: Store, hq: Headquarters, hands: Hands, new: Path, tmp_path: Path
) -> None:
    people = lived_in(store)
    hq.take(store)
    sealed = made(store)
    for person, code in zip(people, ("E-0000", "E-0001", "E-0002"), strict=True):
        store.ledger.append(check_in(store, code=code), person)
    erasure.erase_face(store, people[1])
    hq.take(store)
    erasure.erase_person(store, people[0])
    hq.take(store)
    size, head = store.ledger.size(), store.ledger.hash_at(store.ledger.size())
    store.ledger.append(check_in(store, code="E-0002"), people[2])  # headquarters never hears of this one
    close_all()

    export = hq.export(store, tmp_path / "export", after=sealed.manifest.size)
    told = restored(sealed.path, new, Newer(export=export, headquarters=hq.keys), clock=hands)
    assert told.appended == size - sealed.manifest.size
    assert told.erased == 1
    again = reopen(new, clock=hands)
    assert again.people.by_code("E-0000") is None
    assert again.ledger.hash_at(size) == head
    assert whole(again) == told.entries == again.ledger.size()
    again.ledger.append(check_in(again, code="E-0002"), people[2])
    hq.take(again)
    assert whole(again) == again.ledger.size()
