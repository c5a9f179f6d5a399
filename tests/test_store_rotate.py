"""A new store key: everything opens as before, the old one is gone, and nobody at the door notices."""

import shutil
from pathlib import Path

import pytest
from store_kit import DIM, MODEL, MORNING, OPENED, Hands, adopted, check_in, enrolled, key_of, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, Store, rotate
from kiosk.store.intents import IntentKind
from kiosk.store.keys import KeyKind
from kiosk.store.resume import resume
from wire.errors import FormatError

CODES = ("E-1", "E-2", "E-3", "E-4")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def furnished(store: Store) -> list[str]:
    people = [enrolled(store, code, f"Person {code}", seeds=(at,)) for at, code in enumerate(CODES)]
    for person, code in zip(people, CODES, strict=True):
        store.ledger.append(check_in(store, code=code), person)
    return people


def everything(store: Store, people: list[str]) -> list[object]:
    """All that the store keeps, opened anew: names, references, matrices, actions, keys, and what did not open."""
    for forget in store.database.forget:
        forget()
    matrix = store.templates.rotation(MODEL, DIM).tobytes()
    shown = [(each.code, each.name) for each in (store.people.get(person) for person in people)]
    references = [(each.person, each.vector.tobytes()) for each in store.templates.references()]
    acts = [store.history.last_action(person, MORNING + 1) for person in people]
    keys = [store.keys.need(kind) for kind in (KeyKind.PEPPER, KeyKind.INDEX, KeyKind.EXCHANGE, KeyKind.SIGNING)]
    return [matrix, shown, sorted(references), acts, keys, store.quarantine.all()]


def wraps(store: Store) -> list[tuple[bytes, int, int]]:
    return store.database.rows("SELECT wrapped, wrapped_by, row_version FROM keys WHERE kind <> 'store'")


@pytest.fixture
def people(store: Store) -> list[str]:
    return furnished(store)


def test_after_a_rotation_everything_opens_and_every_wrap_is_another(store: Store, people: list[str]) -> None:
    before, old, (old_key, _) = everything(store, people), wraps(store), store.keys.store_key()
    assert rotate.rotate(store) == rotate.Rotated(2, 2, len(old), 0)
    again = reopened(store)
    assert everything(again, people) == before
    assert again.keys.store_key()[0] != old_key
    assert again.keys.store_key()[1] == 2
    assert {wrap[0] for wrap in old}.isdisjoint(wrap[0] for wrap in wraps(again))
    assert {wrap[1:] for wrap in wraps(again)} == {(2, 2)}
    assert again.database.rows("SELECT epoch, wrapped_by FROM keys WHERE kind = 'store'") == [(2, 2)]
    assert again.intents.all_open() == []
    acts = [(act["kind"], act["detail"]) for _, act in again.ledger.local_acts("2026-11")]
    assert (LocalKind.KEYS_ROTATED, {"store_key_epoch": 2, "kek_epoch": 2, "keys": len(old), "damaged": 0}) in acts
    assert again.ledger.verify() == again.ledger.size()


def test_a_second_rotation_follows_the_first(store: Store, people: list[str]) -> None:
    before = everything(store, people)
    for epoch in (2, 3, 4):
        assert rotate.rotate(store).store_key_epoch == epoch
    assert everything(reopened(store), people) == before


def test_another_process_goes_on_reading_and_writing_at_every_step(
    store: Store, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Store.open(store.database.directory, key_of(store.database.directory), clock=store.clock)
    OPENED.append(other)
    before, seen = everything(other, people), []

    def step(done: int, total: int) -> None:
        seen.append((done, total))
        assert everything(other, people) == before
        month = other.clock().wall_ms + 40 * 86_400_000 * len(seen)  # a new record key each time
        other.ledger.append(check_in(other, code=CODES[0], at=month), people[0])

    monkeypatch.setattr(rotate, "CHUNK", 7)
    rotated = rotate.rotate(store, step=step)
    assert len(seen) > 3
    assert rotated.damaged == 0
    assert everything(other, people) == before
    assert other.keys.store_key() == store.keys.store_key()
    assert {wrap[1] for wrap in wraps(other)} == {2}
    enrolled(other, "E-9", "Wati", seeds=(9,))
    assert len(reopened(store).templates.references()) == len(CODES) + 1


def test_a_key_asked_for_outside_of_a_transaction_is_found_after_another_process_has_rotated(store: Store) -> None:
    state, pepper = store.database.directory, store.keys.need(KeyKind.PEPPER)
    other = Store.open(state, key_of(state), clock=store.clock)
    OPENED.append(other)
    rotate.rotate(store)
    rotate.rotate(store)
    assert other.keys.get(KeyKind.PEPPER) == pepper


def test_a_copy_from_before_still_opens_with_the_same_root_key(store: Store, people: list[str], tmp_path: Path) -> None:
    """What a rotation does not do: only a provider that destroys the old root key makes old copies useless."""
    shutil.copytree(store.database.directory, tmp_path / "copy")
    rotate.rotate(store)
    copy = Store.open(tmp_path / "copy", key_of(tmp_path / "copy"), clock=Hands())
    OPENED.append(copy)
    assert len(copy.templates.references()) == len(people)


def test_the_copy_from_before_in_the_place_of_the_store_is_refused(store: Store, people: list[str]) -> None:
    assert people
    state = store.database.directory
    old = (state / "records.db").read_bytes()
    rotate.rotate(store)
    store.close()
    (state / "records.db").write_bytes(old)
    with pytest.raises(Fault) as raised:
        Store.open(state, key_of(state))
    assert raised.value.code is FaultCode.STORE_ROLLED_BACK


def test_the_newest_store_key_opens_everything_in_the_middle_of_a_rotation(
    store: Store, people: list[str], tmp_path: Path
) -> None:
    """A backup that is taken then holds this one key, and the rotation goes on where it is restored."""
    before = everything(store, people)
    with store.database.write():
        rotate.begin(store)
    key, epoch = store.keys.store_key()
    store.database.close()
    other = key_of(tmp_path)
    adopted(store.database.directory, store.store_id, key, epoch, other.obtain())
    again = Store.open(store.database.directory, other, clock=Hands())
    OPENED.append(again)
    assert everything(again, people) == before
    assert resume(again) == 0
    assert everything(again, people) == before
    assert again.database.rows("SELECT epoch, wrapped_by FROM keys WHERE kind = 'store'") == [(2, 3)]


class Cut(BaseException):
    """The power goes."""


def test_a_rotation_goes_on_after_a_power_cut_at_every_transaction(
    store: Store, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, monkeyed = everything(store, people), 0
    monkeypatch.setattr(rotate, "CHUNK", 5)
    insist = type(store.database)._insist
    for last in range(1, 200):
        left = last

        def cut(self: object, statement: str) -> object:
            nonlocal left
            if statement == "COMMIT":
                left -= 1
                if left == 0:
                    raise Cut
            return insist(self, statement)  # type: ignore[arg-type]

        with monkeypatch.context() as patched:
            patched.setattr(type(store.database), "_insist", cut)
            try:
                rotate.rotate(store)
            except Cut:
                monkeyed += 1
        store.database.close()
        store = Store.open(store.database.directory, key_of(store.database.directory), clock=store.clock)
        OPENED.append(store)
        assert everything(store, people) == before
        finished = left > 0
        assert resume(store) == 0
        assert store.database.rows("SELECT count(*) FROM keys WHERE kind = 'store'") == [(1,)]
        assert store.intents.all_open() == []
        if finished:
            break
    assert monkeyed > 8
    assert finished
    rotations = [act for _, act in store.ledger.local_acts("2026-11") if act["kind"] == LocalKind.KEYS_ROTATED]
    assert [act["detail"]["store_key_epoch"] for act in rotations] == list(range(2, 2 + len(rotations)))
    assert everything(store, people) == before


def test_a_transaction_that_fails_leaves_the_old_store_key_in_use(store: Store, people: list[str]) -> None:
    before, key = everything(store, people), store.keys.store_key()

    def undone() -> None:
        with store.database.write():
            rotate.begin(store)
            assert store.keys.store_key() != key
            raise Fault(FaultCode.DISK_FULL)

    with pytest.raises(Fault):
        undone()
    assert store.keys.store_key() == key
    assert everything(store, people) == before
    assert rotate.rotate(store).kek_epoch == 2


def test_two_rotations_at_once_are_refused(store: Store, people: list[str]) -> None:
    assert people
    with store.database.write():
        rotate.begin(store)
    with pytest.raises(Fault) as raised, store.database.write():
        rotate.begin(store)
    assert raised.value.code is FaultCode.STORE_BUSY
    assert resume(store) == 0


def test_a_wrapped_key_that_does_not_open_is_reported_and_holds_nobody_up(store: Store) -> None:
    people = furnished(store)
    altered = "CAST(substr(wrapped, 1, 40) || x'00000000' || substr(wrapped, 45) AS BLOB)"
    with store.database.write():
        store.database.run(
            f"UPDATE keys SET wrapped = {altered} WHERE kind = 'record' AND person = ?",  # noqa: S608 - a constant
            people[1],
        )
    again = reopened(store)
    rotated = rotate.rotate(again)
    assert rotated.damaged == 1
    assert [(each.place, each.row) for each in again.quarantine.all()] == [("keys", f"record/{people[1]}/2026-11")]
    assert again.history.last_action(people[0], MORNING + 1) is not None
    assert again.history.last_action(people[1], MORNING + 1) is None
    assert rotate.rotate(again).damaged == 1


def test_the_wrap_of_a_biometric_key_stays_bound_to_the_consent(store: Store, people: list[str]) -> None:
    rotate.rotate(store)
    with store.database.write():
        store.database.run("UPDATE bases SET digest = zeroblob(32) WHERE person = ?", people[0])
    again = reopened(store)
    wrapped, version = again.database.rows(
        "SELECT wrapped, row_version FROM keys WHERE kind = 'biometric' AND person = ?", people[0]
    )[0]
    with pytest.raises(FormatError):
        again.keys.opened((KeyKind.BIOMETRIC, people[0], "", 1), wrapped, version, bytes(32))
    for other in people[1:]:
        assert other in {each.person for each in again.templates.references()}


def test_the_old_wrap_is_in_no_file_and_a_file_that_still_holds_it_is_noticed(
    store: Store, people: list[str], tmp_path: Path
) -> None:
    assert people
    old = store.database.rows("SELECT wrapped FROM keys WHERE kind = 'store'")[0][0]
    stray = tmp_path / "state" / "core"
    stray.write_bytes(b"-" * 1000 + old + b"-" * 1000)
    with pytest.raises(Fault) as raised:
        rotate.rotate(store)
    assert (raised.value.code, raised.value.detail) == (FaultCode.DISK_FAILED, "the old store key is still in core")
    assert [intent.kind for intent in store.intents.all_open()] == [IntentKind.ROTATE_KEYS]
    again = reopened(store)
    assert resume(again) == 1
    stray.unlink()
    assert resume(again) == 0
    for path in (tmp_path / "state").iterdir():
        assert old[8:32] not in path.read_bytes()
