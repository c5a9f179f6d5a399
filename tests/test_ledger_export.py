"""The chain leaves the device for an auditor, who needs nothing but the file, and learns of nobody."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from chain_reader import recomputed
from cryptography.exceptions import InvalidSignature
from ledger_kit import COUNTERSIGNED, ENTRIES, HQ, HQ_NAME, STRANGER, copied, furnish, opened, tampering

from kiosk.cli import store as store_command
from kiosk.faults import Fault, FaultCode
from kiosk.store import export
from kiosk.store.acts import LocalKind

KEYS = {HQ_NAME: HQ.public}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("export")
    furnish(data)
    return data


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    return copied(whole, tmp_path / "data")


@pytest.fixture
def exported(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    file = tmp_path / "ledger.jsonl"
    assert store_command.main(["export-ledger", "--data", str(data), "--json", str(file)]) == 0
    assert json.loads(capsys.readouterr().out) == {"entries": ENTRIES + 1}
    return file


def test_the_chain_is_recomputed_from_the_file_alone(exported: Path) -> None:
    assert recomputed(exported, KEYS) == (ENTRIES + 1, COUNTERSIGNED)
    with pytest.raises(InvalidSignature):
        recomputed(exported, {HQ_NAME: STRANGER.public})


def test_pieces_of_any_length_make_the_same_file(
    data: Path, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_CHUNK", 7)
    with closing(opened(data)) as store:
        export.export(store, tmp_path / "again")
    assert recomputed(tmp_path / "again", KEYS) == (ENTRIES + 2, COUNTERSIGNED)
    once, again = exported.read_text().splitlines(), (tmp_path / "again").read_text().splitlines()
    assert again[1 : ENTRIES + 2] == once[1 : ENTRIES + 2]


def test_every_line_that_is_changed_left_out_or_doubled_is_noticed(exported: Path, tmp_path: Path) -> None:
    lines = exported.read_text(encoding="utf-8").splitlines(keepends=True)
    altered = tmp_path / "altered"
    for at in range(1, len(lines) - 3):  # what is left out of the checkpoints is not missed, but for the last
        for change in ([], [lines[at], lines[at]], [lines[at].replace("a", "b", 1)]):
            if change != [lines[at]] and '"seq"' in lines[at]:
                altered.write_text("".join((*lines[:at], *change, *lines[at + 1 :])), encoding="utf-8")
                with pytest.raises(ValueError, match=r"entry|checkpoint"):
                    recomputed(altered, KEYS)


def test_nothing_in_the_file_is_about_a_person(data: Path, exported: Path) -> None:
    for line in exported.read_text(encoding="utf-8").splitlines():
        found = set(json.loads(line))
        assert found in (
            {"format", "device", "public", "size"},
            {"seq", "commitment", "body_digest", "h"},
            {"size", "checkpoint", "countersigned"},
        )
    content = exported.read_bytes()
    with tampering(data) as database:
        told = database.execute("SELECT event_id, tag, sealed FROM bodies").fetchall()
        people = database.execute("SELECT id, code_index FROM people").fetchall()
    assert len(told) == ENTRIES + 1
    for value in (each for row in (*told, *people) for each in row):
        spelled = value.encode() if isinstance(value, str) else value.hex().encode()
        assert spelled not in content


def test_the_export_is_in_the_ledger_and_in_itself(data: Path, exported: Path) -> None:
    with closing(opened(data)) as store:
        seq, act = store.ledger.local_acts("2026-11")[-1]
        head = store.ledger.hash_at(ENTRIES + 1).hex()
    assert (seq, act["kind"], act["detail"]) == (ENTRIES + 1, LocalKind.EXPORTED, {"what": "ledger"})
    assert head in exported.read_text(encoding="utf-8")


def test_no_file_is_replaced_and_none_is_left_half(data: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine", encoding="utf-8")
    with pytest.raises(Fault) as raised:
        store_command.main(["export-ledger", "--data", str(data), str(there)])
    assert raised.value.code is FaultCode.DISK_FAILED
    assert there.read_text(encoding="utf-8") == "mine"

    def full(_: int) -> None:
        raise Fault(FaultCode.DISK_FULL)

    with closing(opened(data)) as store, pytest.raises(Fault):
        export.export(store, tmp_path / "never", step=full)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "there"]


def test_a_store_that_was_put_back_is_not_exported(data: Path, tmp_path: Path) -> None:
    with tampering(data) as database:
        database.execute("UPDATE store SET generation = 0")
    with pytest.raises(Fault) as raised:
        store_command.main(["export-ledger", "--data", str(data), str(tmp_path / "file")])
    assert raised.value.code is FaultCode.STORE_ROLLED_BACK
