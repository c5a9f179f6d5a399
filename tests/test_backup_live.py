"""A backup of a store that is in use: of one moment, and without whoever is erased while it is made."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backup_kit import config, enrol_again, identity_file, lived_in, opened
from process_kit import ending
from restore_kit import reopen, restored
from store_kit import OPENED, check_in, close_all, enrolled, key_of, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, backup_snapshot, erasure, rotate
from kiosk.store.backup import Made, backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.database import StoreDatabase
from kiosk.store.restore_check import check

WRITER = Path(__file__).with_name("store_writer.py")


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of a hundred entries is copied in as many pieces as one of a hundred thousand."""
    monkeypatch.setattr(backup_snapshot, "CHUNK", 8)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


@contextlib.contextmanager
def writing(state: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that appends check-ins as fast as it can; ended by its own id."""
    command = [sys.executable, str(WRITER), str(state)]
    with ending(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
        child = int(process.stdout.readline().split()[1])
        process.stdout.readline()  # it has begun
        try:
            yield process
        finally:
            subprocess.run(["kill", "-9", str(child)], check=True)
            process.communicate()


def test_a_backup_of_a_store_that_another_process_writes_to_is_of_one_moment(store: Store, tmp_path: Path) -> None:
    lived_in(store, days=10)
    pieces: list[int] = []

    def slowly(done: int, _total: int) -> None:
        pieces.append(done)
        time.sleep(0.01)

    made: list[Made] = []
    with writing(tmp_path / "state"):
        before = store.ledger.size()
        made.extend(backup(store, config(tmp_path), Kind.OFFSITE, step=slowly) for _ in range(3))
        after = store.ledger.size()
    assert len(pieces) > 20
    sizes = [each.manifest.size for each in made]
    assert before <= sizes[0] < sizes[1] < sizes[2] < after
    identity = identity_file(tmp_path)
    for each in made:
        checked = check(each.path, identity, device_public=store.device_public)
        assert checked.well
        assert checked.opened["bodies"] == each.manifest.size
        found = opened(each.path)
        assert found.rows("SELECT count(*), max(seq) FROM spine") == [(each.manifest.size, each.manifest.size)]
        assert found.rows("SELECT count(*) FROM bodies") == [(each.manifest.size,)]
        assert found.rows("SELECT count(*) FROM bodies WHERE audience = 1") == found.rows(
            "SELECT count(*) FROM undelivered"
        )


def traces(store: Store, person: str) -> list[bytes]:
    """Pieces of everything that is sealed of a person, keys and bodies included."""
    rows = store.database.rows("SELECT wrapped FROM keys WHERE person = ?", person)
    rows += store.database.rows("SELECT profile FROM people WHERE id = ?", person)
    rows += store.database.rows("SELECT sealed FROM bodies JOIN undelivered USING (seq) WHERE person = ?", person)
    return [row[0][8:40] for row in rows]


def once(act: Callable[[], None], at: int) -> Callable[[int, int], None]:
    """A step that does something when `at` entries are copied, the first time."""
    left = [act]

    def step(done: int, _total: int) -> None:
        if done >= at and left:
            left.pop()()

    return step


def erasing(store: Store, person: str, tmp_path: Path) -> Callable[[], None]:
    """Everything of a person is destroyed, by the same call as ever; it does not wait for the backup."""

    def erase() -> None:
        done = erasure.erase_person(store, person, hand_over=tmp_path.parent / f"{tmp_path.name}-{person}.json")
        assert done.certificate is not None

    return erase


@pytest.mark.parametrize("at", [8, 64, 1_000_000], ids=["at the first piece", "in the middle", "when all is copied"])
def test_who_is_erased_while_a_backup_is_made_is_not_in_it(store: Store, tmp_path: Path, at: int) -> None:
    people = lived_in(store, days=10)
    wanted = traces(store, people[1])
    assert len(wanted) > 20
    size = store.ledger.size()
    made = backup(store, config(tmp_path), Kind.OFFSITE, step=once(erasing(store, people[1], tmp_path), min(at, size)))
    assert [piece for piece in wanted if piece in opened(made.path).everything] == []
    assert check(made.path, identity_file(tmp_path)).well


def test_an_erasure_while_the_copy_is_sealed_begins_the_backup_anew(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = lived_in(store)
    wanted = traces(store, people[1])
    from kiosk.store import backup as module  # noqa: PLC0415
    from kiosk.store import backup_box  # noqa: PLC0415

    sealing, rounds = backup_box.seal, []

    def meanwhile(*given: object) -> None:
        rounds.append(1)
        sealing(*given)  # type: ignore[arg-type]
        if len(rounds) == 1:
            erasing(store, people[1], tmp_path)()

    monkeypatch.setattr(module, "seal", meanwhile)
    made = backup(store, config(tmp_path), Kind.OFFSITE)
    assert len(rounds) == 2
    assert [piece for piece in wanted if piece in opened(made.path).everything] == []
    assert list((tmp_path / "offsite").iterdir()) == [made.path]


def test_erasures_without_end_leave_no_backup_and_say_so(store: Store, tmp_path: Path) -> None:
    people = iter(lived_in(store, people=6))

    def again(_done: int, total: int) -> None:
        if _done == total:
            erasing(store, next(people), tmp_path)()

    with pytest.raises(Fault) as raised:
        backup(store, config(tmp_path), Kind.OFFSITE, step=again)
    assert raised.value.code is FaultCode.STORE_BUSY
    assert not (tmp_path / "offsite").exists()
    assert list((tmp_path / "state/.backup").iterdir()) == []


def test_what_headquarters_signs_for_while_a_backup_is_made_does_not_wait_again(store: Store, tmp_path: Path) -> None:
    lived_in(store, days=10)

    def settle() -> None:
        with store.database.write():
            store.database.run("DELETE FROM undelivered WHERE seq <= 40")

    made = backup(store, config(tmp_path), Kind.OFFSITE, step=once(settle, 48))
    assert opened(made.path).rows("SELECT min(seq) > 40, count(*) FROM undelivered") == store.database.rows(
        "SELECT 1, count(*) FROM undelivered"
    )


def test_retention_while_a_backup_is_made_holds_for_the_backup_too(store: Store, tmp_path: Path) -> None:
    lived_in(store, days=10)
    gone = store.database.rows("SELECT sealed FROM bodies WHERE seq BETWEEN 20 AND 30")

    def drop() -> None:
        with store.database.write():
            store.database.run("DELETE FROM undelivered WHERE seq BETWEEN 20 AND 30")
            store.database.run("DELETE FROM bodies WHERE seq BETWEEN 20 AND 30")

    dropping, pieces = once(drop, 48), []

    def step(done: int, total: int) -> None:
        pieces.append(done)
        dropping(done, total)

    made = backup(store, config(tmp_path), Kind.OFFSITE, step=step)
    assert pieces.count(8) == 1  # nothing was begun anew
    found = opened(made.path)
    assert [row for row in gone if row[0][8:40] in found.everything] == []
    assert found.rows("SELECT count(*) FROM bodies WHERE seq BETWEEN 20 AND 30") == [(0,)]


def test_a_second_opening_of_the_store_sees_the_backup_and_goes_on(store: Store, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "state", key_of(tmp_path / "state"), clock=store.clock)
    OPENED.append(other)
    person = enrolled(other)

    def meanwhile(_done: int, _total: int) -> None:
        other.ledger.append(check_in(other), person)

    made = backup(store, config(tmp_path), Kind.OFFSITE, step=meanwhile)
    assert other.ledger.verify() > made.manifest.size
    other.anchor.check()
    close_all()
    (tmp_path / "new").mkdir()
    restored(made.path, tmp_path / "new/state")
    assert reopen(tmp_path / "new/state").ledger.verify() == made.manifest.size + 1


def test_references_that_come_and_go_while_they_are_copied_are_those_of_one_moment(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = lived_in(store)
    copying = backup_snapshot._references

    def meanwhile(store: Store, draft: StoreDatabase) -> frozenset[str]:
        copied = copying(store, draft)
        if len(copied) == 9:
            enrol_again(store, people[0], 77)
        return copied

    monkeypatch.setattr(backup_snapshot, "_REFERENCES", 2)
    monkeypatch.setattr(backup_snapshot, "_references", meanwhile)
    made = backup(store, config(tmp_path, templates=True), Kind.ONSITE)
    everything = "SELECT id, sealed FROM {0}template ORDER BY id"
    assert opened(made.path).rows(everything.format(""), "templates.db") == store.database.rows(
        everything.format("templates.")
    )
    checked = check(made.path, identity_file(tmp_path))
    assert (checked.well, checked.opened["templates"]) == (True, 7)


@pytest.mark.parametrize("at", [48, 1_000_000], ids=["while it is copied", "when all is copied"])
def test_a_store_key_that_is_renewed_while_a_backup_is_made_opens_the_backup_or_the_one_before_does(
    store: Store, tmp_path: Path, at: int
) -> None:
    lived_in(store, days=10)
    before, size = store.keys.store_key(), store.ledger.size()

    def renew() -> None:
        rotate.rotate(store)

    made = backup(store, config(tmp_path), Kind.OFFSITE, step=once(renew, min(at, size)))
    assert store.keys.store_key() != before
    assert (opened(made.path).members["store.key"] == before[0]) == (at > size)
    assert check(made.path, identity_file(tmp_path)).well
    (tmp_path / "new").mkdir()
    assert restored(made.path, tmp_path / "new/state").people == 3
