"""`kiosk` at a shell: every wrong call gets a sentence and an exit code, never a traceback."""

import argparse
import importlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kiosk import config
from kiosk.__main__ import NOUNS, main
from kiosk.cli import accounts, privacy, store
from kiosk.store import FileRootKey, Store, roots

PIN = "482913"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A kiosk.toml beside an empty store."""
    Store.create(tmp_path / "state", provider=FileRootKey(tmp_path / "state" / "root.key")).close()
    (tmp_path / "kiosk.toml").touch()
    return tmp_path / "kiosk.toml"


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An English shell; what `main` does on SIGTERM ends with the test."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def kiosk(*arguments: str | Path, typed: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kiosk", *map(str, arguments)]
    bare = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    bare.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        command, input=typed, capture_output=True, text=True, timeout=60, check=False, env=bare | environment
    )


def test_help_names_every_noun(capsys: pytest.CaptureFixture[str]) -> None:
    for asked in ([], ["--help"], ["help"]):
        assert main(asked) == 0
        said = capsys.readouterr().out
        assert all(f"  {noun} " in said for noun in NOUNS)


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_helps_and_refuses_an_unknown_option(noun: str, capsys: pytest.CaptureFixture[str]) -> None:
    for option, code in (("--help", 0), ("--nonsense", 2)):
        try:
            result = main([noun, option])
        except SystemExit as leaving:  # argparse leaves by itself
            result = int(leaving.code or 0)
        assert result == code
    assert capsys.readouterr().out.startswith(f"usage: kiosk {noun}")


@pytest.mark.parametrize("noun", [accounts, privacy, store])
def test_every_file_of_verbs_adds_those_that_its_noun_lists(noun: ModuleType) -> None:
    found = {}
    for family in noun.FAMILIES:
        acts = argparse.ArgumentParser().add_subparsers()
        importlib.import_module(f"kiosk.cli.{family}").add(acts)
        found[family] = tuple(acts.choices)
    assert found == noun.FAMILIES


def test_a_verb_loads_its_own_file_alone_and_help_shows_every_verb(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = list[str]()
    real = importlib.import_module

    def noted(name: str) -> ModuleType:
        loaded.append(name)
        return real(name)

    monkeypatch.setattr(importlib, "import_module", noted)
    for words in (["privacy", "rights", "--help"], ["privacy", "--help"]):
        with pytest.raises(SystemExit):
            main(words)
    files = [name.removeprefix("kiosk.cli.") for name in loaded if "privacy_" in name]
    assert files == ["privacy_rights", *privacy.FAMILIES]
    said = capsys.readouterr().out
    assert all(verb in said for verbs in privacy.FAMILIES.values() for verb in verbs)


@pytest.mark.parametrize("noun", [("run",), ("people", "list")])
def test_settings_that_are_missing_or_misspelt_are_said(
    noun: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "typo.toml").write_text('[device]\nsitee = "Door"\n', encoding="utf-8")
    for name, reason in (("typo.toml", "unknown key device.sitee"), ("none.toml", "none.toml")):
        assert main([*noun, "--config", str(tmp_path / name)]) == 2
        said = capsys.readouterr().err
        assert said.startswith("kiosk: The settings cannot be read (")
        assert reason in said


def test_the_settings_that_the_technician_s_page_shows_are_the_defaults(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs/technician.md").read_text(encoding="utf-8")
    shown = page.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "shown.toml").write_text(shown, encoding="utf-8")
    (tmp_path / "empty.toml").touch()
    assert "[device]" in shown
    assert config.load(tmp_path / "shown.toml") == config.load(tmp_path / "empty.toml")


def test_people_are_added_and_listed(place: Path) -> None:
    added = kiosk("people", "add", "--config", place, "--code", "A-1", "--name", "An Example", typed=f"{PIN}\n")
    assert (added.returncode, added.stdout) == (0, "A-1 is added.\n")
    without = kiosk("people", "add", "--config", place, "--code", "A-2", "--name", "Another", "--without-pin")
    assert without.returncode == 0
    listed = kiosk("people", "list", "--config", place)
    assert [line.split() for line in listed.stdout.splitlines()] == [
        ["A-1", "An", "Example", "PIN"],
        ["A-2", "Another"],
    ]
    assert PIN not in listed.stdout + added.stdout + added.stderr
    found = json.loads(kiosk("people", "list", "--config", place, "--json").stdout)["people"]
    assert [(row["code"], row["marks"]) for row in found] == [("A-1", ["PIN"]), ("A-2", [])]
    ids = kiosk("people", "list", "--config", place, "--ids").stdout.splitlines()
    assert [line.split()[0] for line in ids] == [row["id"] for row in found]


def test_whoever_looks_at_the_list_of_people_stands_in_the_ledger(place: Path) -> None:
    kiosk("people", "list", "--config", place)
    loaded = config.load(place)
    store = Store.open(loaded.state, roots.of(loaded.state))
    (month,) = {row[0] for row in store.database.rows("SELECT period FROM keys WHERE kind = 'device'")}
    seen = [act["detail"] for _, act in store.ledger.local_acts(month) if act["kind"] == "viewed"]
    store.close()
    assert seen == [{"list": "people", "people": 0}]


@pytest.mark.parametrize(
    ("code", "name", "pin", "title"),
    [
        ("A-1", "Somebody", PIN, "This employee code is in use"),
        ("", "Somebody", PIN, "This person cannot be entered like that"),
        ("A-2", "x" * 65, PIN, "This person cannot be entered like that"),
        ("A-2", "Somebody", "123456", "This PIN cannot be used"),
        ("A-2", "Somebody", "", "This PIN cannot be used"),
    ],
)
def test_a_person_who_cannot_be_added_is_refused_in_a_sentence(
    place: Path, code: str, name: str, pin: str, title: str
) -> None:
    store = Store.open(place.parent / "state", FileRootKey(place.parent / "state" / "root.key"))
    store.people.add("A-1", "An Example")
    store.close()
    refused = kiosk("people", "add", "--config", place, "--code", code, "--name", name, typed=f"{pin}\n")
    assert refused.returncode == 2
    assert f"kiosk: {title}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert pin == "" or pin not in refused.stdout + refused.stderr


@pytest.mark.parametrize("key", ["Ctrl-C", "Ctrl-D"])
def test_leaving_the_pin_prompt_stops_and_adds_nobody(place: Path, key: str) -> None:
    command = [
        sys.executable,
        "-m",
        "kiosk",
        "people",
        "add",
        "--config",
        str(place),
        "--code",
        "A-9",
        "--name",
        "Nobody",
    ]
    ours, theirs = pty.openpty()
    asking = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    said = b""
    while b"PIN: " not in said:
        said += os.read(ours, 4096)
    if key == "Ctrl-C":
        asking.send_signal(signal.SIGINT)
    else:
        os.write(ours, b"\x04")
    assert asking.wait(30) == 130
    os.close(ours)
    assert kiosk("people", "list", "--config", place).stdout == "Nobody yet.\n"


def test_a_door_without_a_display_is_said(place: Path) -> None:
    refused = kiosk("run", "--config", place)
    assert refused.returncode == 2
    assert refused.stderr.startswith("kiosk: There is no screen here\n")


def test_a_file_where_a_folder_belongs_is_said_by_its_name(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert main(["demo", "--headless", "--keep", str(place)]) == 2
    assert capsys.readouterr().err == f"kiosk: {place}: File exists\n"
    assert main(["demo", "--headless", "--keep", str(place.parent)]) == 2
    assert "An existing store is never overwritten" in capsys.readouterr().err
