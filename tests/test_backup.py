"""A backup holds what the organisation needs for another device, opens with its key alone, and nothing of a face."""

import hashlib
import os
import stat
from pathlib import Path

import pytest
from backup_kit import ORGANISATION, RECIPIENT, config, enrol_again, identity_file, lived_in, opened
from pyrage import x25519
from store_kit import OPENED, Hands, contents, enrolled, key_of, new_store, reopened

from kiosk.config import Config, Storage
from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, Store, backup_box, backup_snapshot
from kiosk.store import backup as backup_module
from kiosk.store.backup import backup, last_backup, missed, overdue
from kiosk.store.backup_archive import Joined
from kiosk.store.backup_box import Target, read_identity
from kiosk.store.backup_manifest import Kind
from kiosk.store.erasure import erase_face
from kiosk.store.intents import IntentKind
from kiosk.store.ledger import month
from kiosk.store.schema import RECORDS

DAY = 24 * 3_600_000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def biometric_bytes(store: Store) -> list[bytes]:
    """Wrapped biometric and rotation keys, sealed references, and the ids that lead to them."""
    rows = store.database.rows("SELECT wrapped FROM keys WHERE kind IN ('biometric', 'rotation')")
    rows += store.database.rows("SELECT sealed FROM templates.template")
    rows += store.database.rows("SELECT sealed FROM quarantine WHERE sealed IS NOT NULL")
    ids = store.database.rows("SELECT template FROM faces")
    return [row[0][8:32] for row in rows] + [row[0].encode() for row in ids]


def damage_a_reference(store: Store) -> None:
    """One reference does not open any more: its sealed bytes move into quarantine."""
    with store.database.write():
        template = store.database.rows("SELECT template FROM faces")[0][0]
        sealed = store.database.rows("SELECT sealed FROM templates.template WHERE id = ?", template)[0][0]
        broken = sealed[:-1] + bytes([sealed[-1] ^ 1])
        store.database.run("UPDATE templates.template SET sealed = ? WHERE id = ?", broken, template)
    store.templates.references()
    assert store.database.rows("SELECT count(*) FROM quarantine WHERE sealed IS NOT NULL") == [(1,)]


def test_an_off_site_backup_holds_the_records_and_the_store_key_and_says_so_under_the_devices_signature(
    store: Store, tmp_path: Path
) -> None:
    lived_in(store)
    size, generation = store.ledger.size(), store.anchor.state().generation
    made = backup(store, config(tmp_path), Kind.OFFSITE)
    found = opened(made.path)
    assert list(found.members) == ["manifest.json", "store.key", "records.db"]
    assert found.members["store.key"] == store.keys.store_key()[0]
    said = found.manifest
    assert (said["store"], said["device"]) == (store.store_id, store.device_id)
    assert bytes.fromhex(said["device_public"]) == store.device_public
    assert (said["kind"], said["size"], said["generation"]) == ("offsite", size, generation)
    assert bytes.fromhex(said["head"]) == store.ledger.hash_at(size)
    assert said["checkpoint"] == store.ledger.note(size)
    assert said["members"] == [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in list(found.members.items())[1:]
    ]
    for rows in (
        "SELECT * FROM people ORDER BY id",
        "SELECT * FROM bases ORDER BY id",
        "SELECT * FROM accounts ORDER BY id",
        "SELECT * FROM undelivered ORDER BY seq",
        "SELECT s.*, b.* FROM spine s LEFT JOIN bodies b USING (seq) ORDER BY seq",
    ):
        assert found.rows(rows) == store.database.rows(rows)[: len(found.rows(rows))]
    assert found.rows("SELECT max(seq), count(*) FROM spine") == [(size, size)]
    assert found.rows("PRAGMA integrity_check") == [("ok",)]


def test_nothing_of_a_face_is_in_an_off_site_backup_nor_what_deleted_rows_left(store: Store, tmp_path: Path) -> None:
    lived_in(store)
    withdrawn = enrolled(store, "E-0900", "Sari")
    gone = [row[0] for row in store.database.rows("SELECT wrapped FROM keys WHERE person = ?", withdrawn)]
    erase_face(store, withdrawn)
    damage_a_reference(store)
    wanted = biometric_bytes(store)
    assert len(wanted) > 20
    found = opened(backup(store, config(tmp_path, templates=True), Kind.OFFSITE).path)
    assert [piece for piece in wanted if piece in found.everything] == []
    assert found.rows("SELECT count(*) FROM faces") == [(0,)]
    assert found.rows("SELECT count(*), count(sealed) FROM quarantine") == [(1, 0)]
    assert found.rows("SELECT DISTINCT kind FROM keys WHERE kind IN ('store', 'biometric', 'rotation')") == []
    present = [row[0] for row in store.database.rows("SELECT wrapped FROM keys WHERE person = ?", withdrawn)]
    assert [key for key in gone if key not in present and key[8:32] in found.everything] == []
    assert found.rows("PRAGMA freelist_count") == [(0,)]


def test_an_on_site_backup_holds_references_only_where_that_is_configured(store: Store, tmp_path: Path) -> None:
    lived_in(store)
    bare = opened(backup(store, config(tmp_path), Kind.ONSITE).path)
    assert list(bare.members) == ["manifest.json", "store.key", "records.db"]
    assert [piece for piece in biometric_bytes(store) if piece in bare.everything] == []
    full = opened(backup(store, config(tmp_path, templates=True), Kind.ONSITE).path)
    assert list(full.members) == ["manifest.json", "store.key", "records.db", "templates.db"]
    assert [piece for piece in biometric_bytes(store) if piece not in full.everything] == []


def test_the_store_key_never_lies_open_on_the_disk_and_the_device_cannot_open_what_it_made(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived_in(store)
    key = store.keys.store_key()[0]
    seen: list[str] = []
    sealing = backup_box.seal

    def looking(source: Joined, target: Target, recipient: str) -> None:
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        seen.extend(path.name for path in files)
        assert [path for path in files if key in path.read_bytes()] == []
        assert stat.S_IMODE((tmp_path / "state/.backup").stat().st_mode) == 0o700
        sealing(source, target, recipient)

    monkeypatch.setattr(backup_module, "seal", looking)
    made = backup(store, config(tmp_path), Kind.OFFSITE)
    assert "records.db" in seen
    assert key not in made.path.read_bytes()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or key not in path.read_bytes()
    assert list((tmp_path / "state/.backup").iterdir()) == []


def test_sync_can_read_a_backup_and_nobody_else(store: Store, tmp_path: Path) -> None:
    made = backup(store, config(tmp_path), Kind.OFFSITE)
    assert made.path.parent == tmp_path / "offsite"
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o640
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o750
    assert made.path.name == f"{store.device_id}-20261116T010000Z-{made.manifest.generation:010d}.offsite.age"
    assert hashlib.sha256(made.path.read_bytes()).digest() == made.sha256
    assert made.path.stat().st_size == made.size


def test_sync_can_read_the_spool_whatever_the_umask_of_the_unit_is(store: Store, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        made = backup(store, config(tmp_path), Kind.OFFSITE)
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o750
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o640


def test_devices_that_share_a_directory_leave_each_others_unfinished_files_alone(store: Store, tmp_path: Path) -> None:
    (tmp_path / "offsite").mkdir()
    name = "-20261116T000000Z-0000000001.offsite.age.partial"
    (tmp_path / "offsite" / f".{'0' * 16}{name}").write_bytes(b"another device's")
    (tmp_path / "offsite" / f".{store.device_id}{name}").write_bytes(b"left by a power cut")
    backup(store, config(tmp_path), Kind.OFFSITE)
    assert [path.name for path in (tmp_path / "offsite").glob(".*")] == [f".{'0' * 16}{name}"]


def test_what_is_overdue_is_told_for_each_kind_that_is_configured(store: Store, tmp_path: Path) -> None:
    assert overdue(store, config(tmp_path)) == [Kind.OFFSITE, Kind.ONSITE]
    backup(store, config(tmp_path), Kind.OFFSITE)
    assert overdue(store, config(tmp_path)) == [Kind.ONSITE]
    assert overdue(store, Config(data=tmp_path)) == [], "without a recipient there are no backups"


def test_a_backup_is_written_down_in_the_ledger_with_its_hash_and_moves_the_generation(
    store: Store, tmp_path: Path
) -> None:
    made = backup(store, config(tmp_path), Kind.OFFSITE)
    _, act = store.ledger.local_acts(month(store.now_ms()))[-1]
    assert (act["kind"], act["detail"]) == (
        LocalKind.BACKED_UP.value,
        {
            "kind": "offsite",
            "generation": made.manifest.generation,
            "entries": made.manifest.size,
            "sha256": made.sha256.hex(),
        },
    )
    assert store.anchor.state().generation > made.manifest.generation
    assert not store.anchor.behind


def test_the_last_backup_of_each_kind_is_remembered_and_a_missed_day_can_be_told(tmp_path: Path) -> None:
    hands = Hands()
    store = new_store(tmp_path / "state", hands)
    assert last_backup(store) == {}
    assert missed(None, hands.wall_ms)
    backup(store, config(tmp_path), Kind.OFFSITE)
    first = hands.wall_ms
    hands.move(DAY)
    backup(store, config(tmp_path), Kind.ONSITE)
    known = last_backup(reopened(store))
    assert known == {Kind.OFFSITE: first, Kind.ONSITE: first + DAY}
    assert not missed(known[Kind.OFFSITE], first + DAY)
    assert missed(known[Kind.OFFSITE], first + 2 * DAY)
    assert missed(known[Kind.OFFSITE], first - 1)


def test_so_many_of_each_kind_stay_and_the_oldest_go_first(tmp_path: Path) -> None:
    hands = Hands()
    store, where = new_store(tmp_path / "state", hands), config(tmp_path, keep=3)
    made = []
    for _ in range(5):
        made.append(backup(store, where, Kind.OFFSITE))
        hands.move(DAY)
    other = backup(store, where, Kind.ONSITE)
    foreign = tmp_path / "offsite" / f"{'0' * 16}-20200101T000000Z-0000000000.offsite.age"
    foreign.write_bytes(b"another device's")
    last = backup(store, where, Kind.OFFSITE)
    left = {path.name for path in (tmp_path / "offsite").iterdir()}
    assert left == {each.path.name for each in (made[3], made[4], last)} | {foreign.name}
    assert other.path.exists()
    assert [each.removed for each in made] == [0, 0, 0, 1, 1]


def test_the_backup_that_was_just_made_stays_even_where_the_clock_was_set_back(tmp_path: Path) -> None:
    hands = Hands()
    store, where = new_store(tmp_path / "state", hands), config(tmp_path, keep=1)
    backup(store, where, Kind.OFFSITE)
    hands.wall_ms -= 30 * DAY
    made = backup(store, where, Kind.OFFSITE)
    assert list((tmp_path / "offsite").iterdir()) == [made.path]


@pytest.mark.parametrize(
    "recipient",
    ["", "age1", RECIPIENT[:-1] + ("x" if RECIPIENT[-1] != "x" else "y"), str(ORGANISATION), "ssh-ed25519 AAAA"],
    ids=[
        "empty",
        "begun",
        "mistyped",
        "private",
        "of another kind",
    ],  # not the keys: they are new in each process
)
def test_a_device_without_a_usable_recipient_makes_no_backup(store: Store, tmp_path: Path, recipient: str) -> None:
    before = contents(tmp_path / "state")
    with pytest.raises(Fault) as raised:
        backup(store, config(tmp_path, recipient=recipient), Kind.OFFSITE)
    assert raised.value.code is FaultCode.BACKUP_RECIPIENT
    assert str(ORGANISATION) not in str(raised.value)
    assert contents(tmp_path / "state") == before
    assert not (tmp_path / "offsite").exists()


def test_an_on_site_backup_needs_a_place(store: Store, tmp_path: Path) -> None:
    nowhere = Config(data=tmp_path, storage=Storage(recipient=RECIPIENT))
    with pytest.raises(Fault) as raised:
        backup(store, nowhere, Kind.ONSITE)
    assert raised.value.code is FaultCode.CONFIG_INVALID


def test_every_table_of_the_store_has_its_rule_for_a_backup() -> None:
    names = {table.name for table in RECORDS}
    assert set(backup_snapshot.WITHOUT_FACES) == set(backup_snapshot.WITH_FACES) == names
    assert set(backup_snapshot.GROWING) <= names


def test_a_backup_begun_while_another_is_made_is_refused(store: Store, tmp_path: Path) -> None:
    other = beside(store)

    def meanwhile(done: int, total: int) -> None:
        with pytest.raises(Fault) as raised:
            backup(other, config(tmp_path), Kind.OFFSITE)
        assert raised.value.code is FaultCode.STORE_BUSY
        called.append((done, total))

    called: list[tuple[int, int]] = []
    backup(store, config(tmp_path), Kind.OFFSITE, step=meanwhile)
    assert len(called) == 1


def beside(store: Store) -> Store:
    """The same store, opened once more, as another process would."""
    again = Store.open(store.database.directory, key_of(store.database.directory), clock=store.clock)
    OPENED.append(again)
    return again


def test_what_a_killed_backup_has_left_is_cleared_away(store: Store, tmp_path: Path) -> None:
    left = tmp_path / "state/.backup"
    left.mkdir(mode=0o700)
    (left / "records.db").write_bytes(b"half")
    (tmp_path / "offsite").mkdir()
    (tmp_path / f"offsite/.{store.device_id}-x.offsite.age.partial").write_bytes(b"half")
    made = backup(store, config(tmp_path), Kind.OFFSITE)
    assert list((tmp_path / "offsite").iterdir()) == [made.path]
    assert list(left.iterdir()) == []


def test_a_store_whose_key_is_being_changed_is_not_backed_up(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_module, "resume", lambda _store: 1)  # another process is at it
    with store.database.write():
        store.intents.open(IntentKind.ROTATE_KEYS)
    with pytest.raises(Fault) as raised:
        backup(store, config(tmp_path), Kind.OFFSITE)
    assert raised.value.code is FaultCode.STORE_BUSY
    assert not (tmp_path / "offsite").exists()


def test_a_face_that_is_enrolled_again_while_a_backup_is_sealed_is_not_in_it_with_the_old_consent(
    store: Store, tmp_path: Path
) -> None:
    person = lived_in(store)[0]
    old = store.database.rows("SELECT wrapped FROM keys WHERE kind = 'biometric' AND person = ?", person)[0][0]
    rounds: list[int] = []

    def meanwhile(done: int, _total: int) -> None:
        rounds.append(done)
        if len(rounds) == 1:
            enrol_again(store, person, 77)

    made = backup(store, config(tmp_path, templates=True), Kind.ONSITE, step=meanwhile)
    assert len(rounds) == 2
    assert old[8:32] not in opened(made.path).everything


def test_the_identity_of_the_organisation_is_read_only_where_others_cannot(tmp_path: Path) -> None:
    assert len(read_identity(identity_file(tmp_path)).keys) == 1
    for mode in (0o604, 0o640, 0o644, 0o700, 0o666):
        with pytest.raises(Fault) as raised:
            read_identity(identity_file(tmp_path, mode=mode))
        assert raised.value.code is FaultCode.BACKUP_IDENTITY
    link = tmp_path / "link"
    link.symlink_to(identity_file(tmp_path))
    for path in (link, tmp_path / "nothing", tmp_path):
        with pytest.raises(Fault) as raised:
            read_identity(path)
        assert raised.value.code is FaultCode.BACKUP_IDENTITY


@pytest.mark.parametrize("text", ["", "# only a comment\n", "age1xyz\n", "AGE-SECRET-KEY-1XYZ\n", "\xff", "x" * 70_000])
def test_a_file_without_a_private_key_is_no_identity(tmp_path: Path, text: str) -> None:
    path = identity_file(tmp_path)
    path.write_text(text, encoding="latin-1")
    with pytest.raises(Fault) as raised:
        read_identity(path)
    assert raised.value.code is FaultCode.BACKUP_IDENTITY


def test_several_keys_of_one_organisation_may_stand_in_one_file(tmp_path: Path) -> None:
    path = identity_file(tmp_path)
    path.write_text(f"{x25519.Identity.generate()}\n\n{ORGANISATION}\n")
    assert len(read_identity(path).keys) == 2
    assert str(ORGANISATION) not in repr(read_identity(path))
