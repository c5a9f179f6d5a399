"""A store opens, or says in one word why not; it is never silently made anew."""

import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from store_kit import contents, key_of, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store import FileRootKey, Store, database
from kiosk.store.files import sync_directory

Damage = Callable[[Path], object]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    directory = tmp_path / "state"
    store = new_store(directory)
    with store.database.write():
        for number in range(40):
            store.people.add(f"E-{number}", "Budi Santoso")
    store.close()
    return directory


def fault_of(act: Callable[[], object]) -> FaultCode:
    with pytest.raises(Fault) as raised:
        act()
    return raised.value.code


def _opened(state: Path) -> Store:
    return Store.open(state, key_of(state))


def _replace_root_key(state: Path) -> None:
    (state / "root.key").unlink()
    key_of(state).obtain()


def _sql(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute(statement)
    connection.close()


def _overwrite(file: Path, at: int, content: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(content)


def _truncate(file: Path, to: int) -> None:
    with file.open("r+b") as opened:
        opened.truncate(to)


def _foreign(file: Path) -> None:
    file.unlink()
    _sql(file, "CREATE TABLE contacts (name TEXT)")


def _link_root_key(state: Path) -> None:
    (state / "root.key").rename(state / "elsewhere.key")
    (state / "root.key").symlink_to("elsewhere.key")


def _directory_for_key(state: Path) -> None:
    (state / "root.key").unlink()
    (state / "root.key").mkdir()


def _shorten_key(state: Path) -> None:
    (state / "root.key").chmod(0o600)
    _truncate(state / "root.key", 31)
    (state / "root.key").chmod(0o400)


def _alter_store_key(state: Path) -> None:
    _sql(
        state / "records.db",
        "UPDATE keys SET wrapped = CAST(substr(wrapped, 1, 40) || x'00000000' || substr(wrapped, 45) AS BLOB)"
        " WHERE kind = 'store'",
    )


def _other_stores_templates(state: Path) -> None:
    other = state.parent / "other"
    new_store(other).close()
    (state / "templates.db").write_bytes((other / "templates.db").read_bytes())


CASES: dict[str, tuple[Damage, FaultCode]] = {
    "records missing": (lambda s: (s / "records.db").unlink(), FaultCode.STORE_MISSING),
    "templates missing": (lambda s: (s / "templates.db").unlink(), FaultCode.STORE_MISSING),
    "records empty": (lambda s: _truncate(s / "records.db", 0), FaultCode.STORE_DAMAGED),
    "templates empty": (lambda s: _truncate(s / "templates.db", 0), FaultCode.STORE_DAMAGED),
    "cut inside the header": (lambda s: _truncate(s / "records.db", 60), FaultCode.STORE_DAMAGED),
    "cut to one page": (lambda s: _truncate(s / "records.db", 4096), FaultCode.STORE_DAMAGED),
    "last page gone": (
        lambda s: _truncate(s / "records.db", (s / "records.db").stat().st_size - 4096),
        FaultCode.STORE_DAMAGED,
    ),
    "templates cut": (lambda s: _truncate(s / "templates.db", 4096), FaultCode.STORE_DAMAGED),
    "first bytes overwritten": (lambda s: _overwrite(s / "records.db", 0, b"\0" * 16), FaultCode.STORE_DAMAGED),
    "a page overwritten": (lambda s: _overwrite(s / "records.db", 4096 * 3, b"\xa5" * 4096), FaultCode.STORE_DAMAGED),
    "text instead": (lambda s: (s / "records.db").write_bytes(b"dear diary " * 999), FaultCode.STORE_FOREIGN),
    "another program's database": (lambda s: _foreign(s / "records.db"), FaultCode.STORE_FOREIGN),
    "another program's templates": (lambda s: _foreign(s / "templates.db"), FaultCode.STORE_FOREIGN),
    "templates of another store": (_other_stores_templates, FaultCode.STORE_FOREIGN),
    "a newer version": (lambda s: _sql(s / "records.db", "PRAGMA user_version = 2"), FaultCode.STORE_FOREIGN),
    "a planted trigger": (
        lambda s: _sql(s / "records.db", "CREATE TRIGGER t AFTER DELETE ON keys BEGIN DELETE FROM spine; END"),
        FaultCode.STORE_FOREIGN,
    ),
    "a planted table": (lambda s: _sql(s / "templates.db", "CREATE TABLE names (name TEXT)"), FaultCode.STORE_FOREIGN),
    "key missing": (lambda s: (s / "root.key").unlink(), FaultCode.KEY_MISSING),
    "key of another store": (_replace_root_key, FaultCode.KEY_WRONG),
    "key readable by others": (lambda s: (s / "root.key").chmod(0o444), FaultCode.KEY_UNREADABLE),
    "key too short": (_shorten_key, FaultCode.KEY_UNREADABLE),
    "key is a link": (_link_root_key, FaultCode.KEY_UNREADABLE),
    "key is a directory": (_directory_for_key, FaultCode.KEY_UNREADABLE),
    "store key altered": (_alter_store_key, FaultCode.STORE_TAMPERED),
    "store key deleted": (
        lambda s: _sql(s / "records.db", "DELETE FROM keys WHERE kind = 'store'"),
        FaultCode.STORE_DAMAGED,
    ),
    "index key deleted": (
        lambda s: _sql(s / "records.db", "DELETE FROM keys WHERE kind = 'signing'"),
        FaultCode.STORE_DAMAGED,
    ),
    "device key exchanged": (
        lambda s: _sql(s / "records.db", "UPDATE store SET device_public = zeroblob(32)"),
        FaultCode.STORE_TAMPERED,
    ),
}


@pytest.mark.parametrize(("damage", "expected"), CASES.values(), ids=CASES)
def test_a_store_that_is_not_whole_is_refused_by_its_name_and_left_alone(
    state: Path, damage: Damage, expected: FaultCode
) -> None:
    damage(state)
    before = contents(state)
    assert fault_of(lambda: _opened(state)) is expected
    assert contents(state) == before


@pytest.mark.parametrize("first", ["records.db", "templates.db"])
def test_whoever_makes_a_store_first_keeps_it(tmp_path: Path, first: str) -> None:
    class Slow(FileRootKey):
        """Somebody else is faster while the root key is being made."""

        def obtain(self) -> bytes:
            (tmp_path / first).write_bytes(b"of the other")
            return super().obtain()

    assert fault_of(lambda: Store.create(tmp_path, provider=Slow(tmp_path / "root.key"))) is FaultCode.STORE_EXISTS
    assert {name: content for name, content in contents(tmp_path).items() if name != "root.key"} == {
        first: b"of the other"
    }
    assert not list(tmp_path.glob(".unfinished-*"))


def test_nothing_at_all_is_a_missing_store_and_stays_nothing(tmp_path: Path) -> None:
    assert fault_of(lambda: _opened(tmp_path)) is FaultCode.STORE_MISSING
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["records.db", "templates.db", "records.db-journal"])
def test_a_new_store_is_never_made_over_an_old_one_or_part_of_one(state: Path, left: str) -> None:
    for name in ("records.db", "templates.db"):
        if name != left:
            (state / name).unlink()
    (state / left).touch()
    before = contents(state)
    assert fault_of(lambda: Store.create(state, provider=key_of(state))) is FaultCode.STORE_EXISTS
    assert contents(state) == before


def test_an_interrupted_creation_leaves_no_store_and_the_next_one_succeeds(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-1234").mkdir()
    (tmp_path / ".unfinished-1234" / "records.db").write_bytes(b"half")
    store = new_store(tmp_path)
    assert store.people.all() == []
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith("-journal")) == [
        "anchor",
        "records.db",
        "root.key",
        "templates.db",
    ]


@pytest.mark.parametrize("at", [1, 2])
def test_a_creation_cut_off_between_its_files_does_not_stand_in_the_way(
    tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, cut = tmp_path / "state", tmp_path / "cut"
    calls = iter(range(1, 4))

    def keep_what_there_is(directory: Path) -> None:
        sync_directory(directory)
        if directory == state and next(calls) == at:
            shutil.copytree(state, cut, copy_function=os.link)

    monkeypatch.setattr("kiosk.store.unfinished.sync_directory", keep_what_there_is)
    Store.create(state, provider=key_of(state)).close()
    assert (cut / "templates.db").samefile(state / "templates.db")
    assert not (cut / "records.db").exists()
    store = new_store(cut)
    assert store.people.all() == []
    assert not list(cut.glob(".unfinished-*"))
    store.close()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_creation_that_fails_between_its_files_takes_back_those_it_has_placed(
    tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter(range(1, 4))

    def fail(directory: Path) -> None:
        if directory == tmp_path and next(calls) == at:
            raise OSError(errno.EIO, "the disk")

    monkeypatch.setattr("kiosk.store.unfinished.sync_directory", fail)
    assert fault_of(lambda: Store.create(tmp_path, provider=key_of(tmp_path))) is FaultCode.DISK_FAILED
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["root.key"]
    new_store(tmp_path).close()


def test_a_broken_store_can_be_set_aside_whole(state: Path) -> None:
    before = contents(state)
    _truncate(state / "records.db", 60)
    aside = Store.set_aside(state)
    assert aside is not None
    assert (aside / "templates.db").read_bytes() == before["templates.db"]
    assert (state / "root.key").read_bytes() == before["root.key"]
    new_store(state).close()
    assert Store.set_aside(state) != aside
    assert Store.set_aside(state) is None


def test_files_and_directory_belong_to_one_user(state: Path) -> None:
    assert state.stat().st_mode & 0o777 == 0o700
    for name in ("records.db", "templates.db"):
        assert (state / name).stat().st_mode & 0o777 == 0o600
    assert (state / "root.key").stat().st_mode & 0o777 == 0o400


def test_a_root_key_in_a_file_is_said_to_be_weak(state: Path, caplog: pytest.LogCaptureFixture) -> None:
    _opened(state).close()
    assert "security level weak" in caplog.text
    assert key_of(state).security_level == "weak"


@pytest.mark.parametrize(
    ("name", "value"),
    [("synchronous", 0), ("synchronous", 1), ("journal_mode", "delete"), ("journal_mode", "off"), ("secure_delete", 0)],
)
def test_a_connection_that_did_not_take_the_durability_rules_is_refused(
    state: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str | int
) -> None:
    real = database.StoreDatabase._insist

    def sabotaged(self: database.StoreDatabase, statement: str) -> sqlite3.Cursor:
        if statement.startswith(f"PRAGMA templates.{name} ="):
            statement = f"PRAGMA templates.{name} = {value}"
        return real(self, statement)

    monkeypatch.setattr(database.StoreDatabase, "_insist", sabotaged)
    with pytest.raises(RuntimeError, match=f"did not take templates.{name}"):
        _opened(state)


def test_every_setting_reads_back_from_an_open_store(state: Path) -> None:
    store = _opened(state)
    wanted = {"foreign_keys": 1, "trusted_schema": 0, "temp_store": 2, "cell_size_check": 1}
    assert {name: store.database.rows(f"PRAGMA {name}")[0][0] for name in wanted} == wanted
    for schema in ("main", "templates"):
        each = [
            store.database.rows(f"PRAGMA {schema}.{n}")[0][0] for n in ("journal_mode", "synchronous", "secure_delete")
        ]
        assert each == ["truncate", 2, 1]
        tables = [
            row for row in store.database.rows("PRAGMA table_list") if row[0] == schema and "sqlite_" not in row[1]
        ]
        assert tables
        assert all(row[5] == 1 for row in tables)
    store.close()


def test_a_store_belongs_to_the_thread_that_opened_it(state: Path) -> None:
    store, caught = _opened(state), []

    def elsewhere() -> None:
        try:
            store.people.all()
        except sqlite3.ProgrammingError as error:
            caught.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(caught) == 1
    store.close()


def test_a_write_outside_a_transaction_is_our_bug(state: Path) -> None:
    store = _opened(state)
    with pytest.raises(RuntimeError, match="one transaction"):
        store.database.run("DELETE FROM people")
    store.close()


def test_a_write_inside_a_read_is_our_bug(state: Path) -> None:
    store = _opened(state)
    with store.database.read(), pytest.raises(RuntimeError, match="rolled back"):
        store.people.add("E-lost", "Lost")
    assert store.people.by_code("E-lost") is None
    store.close()


def test_two_connections_wait_for_each_other(state: Path) -> None:
    one, other = _opened(state), _opened(state)
    released = threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(state / "records.db", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        released.set()
        threading.Event().wait(0.4)
        connection.execute("ROLLBACK")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert released.wait(5)
    person = one.people.add("E-waited", "Sri")
    assert other.people.get(person).name == "Sri"
    thread.join()
    one.close()
    other.close()
