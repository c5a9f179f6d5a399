"""`kiosk privacy` at a shell: erase, see what waits, and check a certificate where there is no store."""

import io
import json
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from erasure_kit import CODE, Office, belongings, lying, office
from store_kit import OPENED
from wire_vectors_certificate import sample

from kiosk.__main__ import main
from kiosk.cli.privacy_certificate import _CLASSES, _LIMITS, sentences
from wire.certificate import CLASSES, Limit, Scope


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An English shell; what `main` does on SIGTERM ends with the test."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def at(tmp_path: Path) -> Office:
    made = office(tmp_path / "data")
    made.store.close()
    OPENED.clear()
    return made


@pytest.fixture
def device_key(at: Office, tmp_path: Path) -> Path:
    path = tmp_path / "device.key"
    path.write_text(f"{at.store.device_public.hex()}\n", encoding="ascii")
    return path


def privacy(*arguments: str | Path) -> int:
    try:
        return main(["privacy", *map(str, arguments)])
    except SystemExit as leaving:  # argparse leaves by itself
        return int(leaving.code or 0)


def test_a_person_is_erased_and_the_certificate_checked_on_another_machine(
    at: Office, device_key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", at.data)
    assert privacy("erase", *data, "--person", CODE, "--yes") == 0
    assert "waits until headquarters has signed for 3 attendance records" in capsys.readouterr().out
    assert privacy("status", *data) == 0
    assert f"person     {at.leaver}  waits for headquarters to sign for 3" in capsys.readouterr().out
    assert privacy("erase", *data, "--person", CODE, "--yes", "--hand-over", tmp_path / "handed.json") == 0
    said = capsys.readouterr().out
    assert "attendance records that were handed to a human instead: 3" in said
    (path,) = (at.state / "certificates").iterdir()
    assert said.endswith(f"Certificate: {path}\n")
    assert privacy("status", *data, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"open": []}
    alone = tmp_path / "elsewhere.json"
    shutil.move(path, alone)
    shutil.rmtree(at.data)
    assert privacy("verify-certificate", alone, "--device-key", device_key) == 0
    said = capsys.readouterr().out
    assert said.startswith("This certificate is genuine.\n")
    assert f"everything about the person {at.leaver} was erased" in said
    assert "references of faces: 3" in said
    assert "A copy of the files that was made before still opens with the device's root key." in said
    assert privacy("verify-certificate", alone, "--device-key", device_key, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["genuine"], found["scope"], found["destroyed"]["references"]) == (True, "person", 3)


def test_any_change_of_a_certificate_is_refused_with_a_sentence_and_exit_code_1(
    at: Office, device_key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert privacy("erase", "--data", at.data, "--person", CODE, "--face", "--yes") == 0
    (path,) = (at.state / "certificates").iterdir()
    content, altered = path.read_bytes(), tmp_path / "altered.json"
    capsys.readouterr()
    for place in range(len(content)):
        altered.write_bytes(content[:place] + bytes((content[place] ^ 1,)) + content[place + 1 :])
        assert privacy("verify-certificate", altered, "--device-key", device_key) == 1, place
        said = capsys.readouterr()
        assert said.err.startswith("kiosk: This certificate is not genuine (")
        assert said.out == ""
    assert privacy("verify-certificate", altered, "--device-key", device_key, "--json") == 1
    assert json.loads(capsys.readouterr().out)["genuine"] is False


@pytest.mark.parametrize("key", ["00" * 32, "zz" * 32, "", "00" * 31])
def test_the_key_of_another_device_or_no_key_proves_nothing(
    at: Office, device_key: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert privacy("erase", "--data", at.data, "--person", CODE, "--face", "--yes") == 0
    (path,) = (at.state / "certificates").iterdir()
    device_key.write_text(key, encoding="ascii")
    assert privacy("verify-certificate", path, "--device-key", device_key) == 1
    assert "not genuine" in capsys.readouterr().err
    assert privacy("verify-certificate", path, "--device-key", device_key.with_name("none")) == 2
    assert "none: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "code"), [(CODE, 0), ("E-2", 1), ("", 1), ("yes", 1)])
def test_the_code_is_asked_for_again(
    at: Office, typed: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    assert privacy("erase", "--data", at.data, "--person", CODE, "--face") == code
    assert "cannot be undone" in capsys.readouterr().err
    assert (at.state / "certificates").exists() is (code == 0)


def test_everything_is_erased_from_a_shell(
    at: Office, device_key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = ("erase", "--data", at.data, "--everything", "--yes", "--certificate", tmp_path / "proof.json")
    assert privacy(*everything) == 2
    assert "Something could not be erased yet (6 events wait for headquarters)" in capsys.readouterr().err
    assert privacy(*everything, "--hand-over", tmp_path / "handed.json", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["root_key_destroyed"], found["left"]) == (False, [])
    assert privacy("verify-certificate", tmp_path / "proof.json", "--device-key", device_key) == 0
    assert "everything on the device was erased" in capsys.readouterr().out


def test_rows_and_keys_go_from_a_shell_without_the_root_key(at: Office, capsys: pytest.CaptureFixture[str]) -> None:
    at.again()
    at.delivered()
    found = belongings(at.store, at.leaver)
    at.store.close()
    (at.state / "root.key").unlink()
    by_id = ("erase", "--data", at.data, "--id", at.leaver, "--yes")
    assert privacy(*by_id) == 2
    assert "root.key" in capsys.readouterr().err
    assert privacy(*by_id, "--without-key") == 0
    assert "made at the next start with the root key" in capsys.readouterr().out
    assert lying(at.data, found) == set()
    assert privacy("status", "--data", at.data) == 0
    assert at.leaver in capsys.readouterr().out
    assert privacy("erase", "--data", at.data, "--everything", "--without-key", "--yes") == 0
    assert "There is no certificate" in capsys.readouterr().out
    assert list(at.data.iterdir()) == []


WRONG = {
    "a code without a key": ("--person", CODE, "--without-key"),
    "everything without a certificate": ("--everything",),
    "a certificate for one person": ("--person", CODE, "--certificate", "proof.json"),
    "a hand-over with a face": ("--person", CODE, "--face", "--hand-over", "handed.json"),
    "a hand-over without a key": ("--id", "0" * 16, "--without-key", "--hand-over", "handed.json"),
    "a certificate without a key": ("--everything", "--without-key", "--certificate", "proof.json"),
    "nobody": (),
    "two of them": ("--person", CODE, "--everything"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_call_that_contradicts_itself_is_refused_and_erases_nothing(
    at: Office, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (at.state / "records.db").read_bytes()
    assert privacy("erase", "--data", at.data, "--yes", *WRONG[wrong]) == 2
    assert "usage: kiosk privacy erase" in capsys.readouterr().err
    assert (at.state / "records.db").read_bytes() == before


def test_an_unknown_person_and_nothing_to_erase_are_said(at: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert privacy("erase", "--data", at.data, "--person", "E-9", "--yes") == 2
    assert "kiosk: " in capsys.readouterr().err
    assert privacy("erase", "--data", at.data, "--person", CODE, "--face", "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)["scope"] == "face"
    assert privacy("erase", "--data", at.data, "--person", CODE, "--face", "--yes") == 0
    assert capsys.readouterr().out == "There is no face to erase.\n"


def test_every_class_and_every_limit_has_a_sentence() -> None:
    assert set(_CLASSES) == set(CLASSES[Scope.EVERYTHING])
    assert set(_LIMITS) == set(Limit)


def test_a_certificate_without_the_limit_of_earlier_copies_says_so() -> None:
    assert not any("no earlier copy" in line for line in sentences(sample()))
    assert any("no earlier copy" in line for line in sentences(replace(sample(), limits=())))
