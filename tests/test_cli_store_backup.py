"""`kiosk store backup` and `restore`: what they say, how they end, and that no key is ever shown."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from backup_kit import ORGANISATION, RECIPIENT, identity_file, lived_in, opened
from pyrage import x25519
from restore_kit import Headquarters, headquarters, reopen
from store_kit import close_all, new_store

from kiosk.__main__ import main
from kiosk.store import erasure


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a store in it, configured for backups."""
    place = tmp_path / "data"
    place.mkdir()
    (place / "kiosk.toml").write_text(f'[storage]\nrecipient = "{RECIPIENT}"\nonsite = "copies"\nkeep = 2\n')
    lived_in(new_store(place / "state"))
    close_all()
    return place


def run(capsys: pytest.CaptureFixture[str], *given: str | Path, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["store", *map(str, given), "--json"]) == code
    told = capsys.readouterr()
    assert str(ORGANISATION) not in told.out + told.err
    found: dict[str, Any] = json.loads(told.out) if told.out else {"said": told.err}
    return found


def sealed(capsys: pytest.CaptureFixture[str], data: Path) -> Path:
    return Path(run(capsys, "backup", "--data", data, "--offsite")["backups"][0]["file"])


def test_both_kinds_are_made_unless_one_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = [each["kind"] for each in run(capsys, "backup", "--data", data)["backups"]]
    assert kinds == ["offsite", "onsite"]
    only = run(capsys, "backup", "--data", data, "--onsite")["backups"]
    assert [each["kind"] for each in only] == ["onsite"]
    assert Path(only[0]["file"]).parent == data / "copies"
    assert only[0]["references_included"] is False
    made = [run(capsys, "backup", "--config", data / "kiosk.toml", "--offsite")["backups"][0] for _ in range(3)]
    assert [each["removed"] for each in made] == [0, 1, 1]
    assert len(list((data / "offsite").iterdir())) == 2


def test_a_device_without_a_recipient_says_what_to_configure(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "kiosk.toml").unlink()
    assert "storage.recipient" in run(capsys, "backup", "--data", data, code=2)["said"]


def test_the_drill_says_what_is_in_a_backup_and_keeps_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sealed(capsys, data)
    key = tmp_path / "device.pub"
    run(capsys, "device-key", "--data", data, "--out", key)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    told = run(capsys, "restore", "--check", path, "--identity", identity_file(tmp_path), "--device-key", key)
    assert told["well"]
    assert told["device_key_checked"]
    counts = {"profiles": 3, "bases": 3, "pins": 3, "templates": 0, "keys": 12, "bodies": 19, "chained": 19}
    assert {kind: told["opened"][kind] for kind in counts} == counts
    assert (told["damaged"], told["missing"], told["without_key"]) == (0, 0, 0)
    assert list(scratch.iterdir()) == []
    main(["store", "restore", "--check", str(path), "--identity", str(identity_file(tmp_path))])
    said = capsys.readouterr().out
    assert "ledger of 19 entries are good" in said
    assert "only the backup itself says" in said


def test_the_drill_ends_with_one_for_a_backup_that_cannot_be_used_and_two_for_a_key_that_does_not_open_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sealed(capsys, data)
    broken = tmp_path / "broken.age"
    broken.write_bytes(path.read_bytes()[:-1])
    told = run(capsys, "restore", "--check", broken, "--identity", identity_file(tmp_path), code=1)
    assert told == {"well": False, "why": "altered or cut"}
    other = tmp_path / "other"
    other.mkdir()
    foreign = identity_file(other, x25519.Identity.generate())
    assert "key does not open" in run(capsys, "restore", "--check", path, "--identity", foreign, code=2)["said"]
    readable = identity_file(tmp_path, mode=0o644)
    assert "0644" in run(capsys, "restore", "--check", path, "--identity", readable, code=2)["said"]


def test_a_damaged_record_is_in_the_backup_as_it_was_on_the_device_and_the_drill_says_so(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = reopen(data / "state")
    with store.database.write():
        store.database.run("UPDATE bodies SET sealed = zeroblob(200) WHERE seq = 7")
    close_all()
    path = sealed(capsys, data)
    told = run(capsys, "restore", "--check", path, "--identity", identity_file(tmp_path), code=1)
    assert told["damaged"] == 1
    assert "bodies 7" in told["set_aside"]
    again = run(capsys, "restore", path, "--identity", identity_file(tmp_path), "--data", tmp_path / "new")
    assert again["people"] == 3


def test_a_restore_from_a_shell_makes_a_device_that_goes_on(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, key, new = sealed(capsys, data), tmp_path / "device.pub", tmp_path / "new"
    run(capsys, "device-key", "--data", data, "--out", key)
    store = reopen(data / "state")
    person = store.people.all()[0]
    erasure.erase_person(store, person.id, hand_over=tmp_path / "handed.json")
    close_all()
    given = ("restore", path, "--identity", identity_file(tmp_path), "--data", new, "--key-provider", "file")
    told = run(capsys, *given, "--device-key", key, "--erasures", data / "state/certificates")
    assert (told["people"], told["erased_again"], told["appended"]) == (2, 1, None)
    assert (new / "exchange.key").stat().st_size == 32
    assert json.loads((new / "state/root.json").read_text())["provider"] == "file"
    assert run(capsys, "verify-ledger", "--data", new)["well"]
    assert "already" in run(capsys, *given, code=2)["said"]


def test_a_restore_goes_on_where_headquarters_is(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hq: Headquarters = headquarters(tmp_path / "headquarters")
    store = reopen(data / "state")
    hq.know(store)
    hq.take(store)
    close_all()
    path = sealed(capsys, data)
    store = reopen(data / "state")
    hq.take(store)
    size = store.ledger.size()
    export = hq.export(store, tmp_path / "export")
    close_all()
    new = tmp_path / "new"
    new.mkdir()
    (new / "kiosk.toml").write_text(f'[headquarters]\nname = "{hq.site.name}"\npublic = "{hq.site.public.hex()}"\n')
    given = ("restore", path, "--identity", identity_file(tmp_path), "--data", new, "--hq-export", export)
    assert run(capsys, *given)["appended"] == size - opened(path).manifest["size"]
    found = run(capsys, "verify-ledger", "--data", new)
    assert found["well"]
    assert found["countersigned_to"] == size


def test_a_store_that_cannot_be_used_is_set_aside_and_the_backup_restored_into_its_place(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sealed(capsys, data)
    (data / "state" / "records.db").write_bytes(b"no database")
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    assert main(["store", "set-aside", "--data", str(data)]) == 1
    assert (data / "state" / "records.db").read_bytes() == b"no database"
    aside = Path(run(capsys, "set-aside", "--data", data, "--yes")["aside"])
    assert sorted(path.name for path in aside.glob("*.db")) == ["records.db", "templates.db"]
    assert list((data / "state").glob("records.db*")) == []
    told = run(capsys, "restore", file, "--identity", identity_file(tmp_path), "--data", data)
    assert told["people"] == 3
    assert main(["store", "set-aside", "--data", str(tmp_path / "nowhere"), "--yes"]) == 2


def test_a_wrong_call_is_a_wrong_call(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, identity = sealed(capsys, data), identity_file(tmp_path)
    for given in (
        ["restore", str(path)],
        ["restore", str(path), "--identity", str(identity)],
        ["restore", "--identity", str(identity), "--data", str(tmp_path)],
        ["backup", "--data", str(data), "--offsite", "--onsite"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(["store", *given])
        assert ended.value.code == 2
    for content in ("", "xyz", "00" * 31, "00" * 33):
        key = tmp_path / "device.pub"
        key.write_text(content)
        said = run(capsys, "restore", "--check", path, "--identity", identity, "--device-key", key, code=2)["said"]
        assert "64 hexadecimal digits" in said
    missing = run(capsys, "restore", "--check", path, "--identity", identity, "--device-key", tmp_path / "no", code=2)
    assert os.strerror(2) in missing["said"]


def test_the_other_kind_is_made_even_where_the_first_has_no_room(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "offsite").write_text("a file stands in the place of the spool")
    run(capsys, "backup", "--data", data, code=2)
    assert len(list((data / "copies").iterdir())) == 1
