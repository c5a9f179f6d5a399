"""`kiosk accounts` at a shell: codes instead of passwords that are told, and no password where others could read it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, WRONG
from process_kit import ending
from shell_kit import ran
from store_kit import key_of

from kiosk.store import Store, password_cost
from kiosk.store.logins import log_in


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new store, and an English shell on a device where a password is cheap to stretch."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr("kiosk.store.password_cost.took", lambda _cost: 0.6)
    Store.create(tmp_path / "state", provider=key_of(tmp_path / "state")).close()
    return tmp_path


class Shell:
    """Runs `kiosk accounts`, with lines on its standard input."""

    def __init__(self, data: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.patch, self.capsys = data, patch, capsys

    def __call__(self, *words: str, typed: tuple[str, ...] = (), code: int = 0) -> tuple[str, str]:
        return ran(self.patch, self.capsys, ("accounts", *words, "--data", self.data), typed, code)

    def asked(self, *words: str, typed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*words, "--json", typed=typed)[0])

    def states(self) -> dict[str, str]:
        return {row["name"]: row["state"] for row in self.asked("list")["accounts"]}


@pytest.fixture
def shell(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(data, monkeypatch, capsys)


def begun(shell: Shell) -> None:
    """Ratna and Budi, both administrators."""
    first = shell.asked("first-code")["code"]
    shell("add", "--name", RATNA, typed=(first, GOOD))
    code = shell.asked("add", "--name", BUDI, "--by", RATNA, typed=(GOOD,))["code"]
    shell("password", "--name", BUDI, "--code", typed=(code, ALSO_GOOD))


def test_an_account_begins_with_a_code_and_a_second_one_with_another(shell: Shell) -> None:
    assert shell("list")[0] == "There is no account. Begin with: kiosk accounts first-code\n"
    begun(shell)
    assert shell.states() == {RATNA: "active", BUDI: "active"}
    assert "first-code" not in shell("list")[0]
    assert "There are accounts already" in shell("first-code", code=2)[1]


def test_the_first_code_measures_what_a_password_may_cost_here(shell: Shell, data: Path) -> None:
    shell("first-code")
    store = Store.open(data / "state", key_of(data / "state"))
    assert password_cost.kept(store.database) == password_cost.LEAST
    store.close()


def test_why_a_password_is_refused_is_said_in_sentences(shell: Shell) -> None:
    code = shell.asked("first-code")["code"]
    said = shell("add", "--name", RATNA, typed=(code, "kopi"), code=2)[1]
    assert "It is shorter than 12 characters.\nA capital letter is missing.\nA digit is missing.\n" in said
    assert "kopi" not in said
    assert shell("add", "--name", RATNA, typed=(code, GOOD))[0] == f"{RATNA} may log in now.\n"


def test_a_wrong_password_ends_with_two_and_the_seconds_to_wait(shell: Shell) -> None:
    begun(shell)
    said = shell("password", "--name", BUDI, typed=(WRONG, "nasi Uduk 8 malam"), code=2)[1]
    assert said.splitlines()[-2:] == [
        "kiosk: Name and password do not fit (1 s)",
        "Try again after the time shown in brackets.",
    ]


def test_everybody_changes_their_own_password_and_an_administrator_makes_a_code(shell: Shell, data: Path) -> None:
    begun(shell)
    shell("password", "--name", BUDI, typed=(ALSO_GOOD, "nasi Uduk 8 malam"))
    code = shell.asked("password", "--name", BUDI, "--reset", RATNA, typed=(GOOD,))["code"]
    assert shell.states()[BUDI] == "waits for its code"
    shell("password", "--name", BUDI, "--code", typed=(code, "mie Goreng 3 siang"))
    store = Store.open(data / "state", key_of(data / "state"))
    assert not hasattr(log_in(store, BUDI, "mie Goreng 3 siang"), "wait_s")
    store.close()


def test_a_locked_account_is_shown_and_opened_by_another_or_from_the_console(shell: Shell, data: Path) -> None:
    begun(shell)

    def locked() -> None:
        store = Store.open(data / "state", key_of(data / "state"))
        account = store.admins.by_name(BUDI)
        with store.database.write():
            store.admins.fail(account, 10)
        store.close()

    locked()
    assert shell.states()[BUDI] == "locked"
    shell("unlock", "--name", BUDI, "--by", RATNA, typed=(GOOD,))
    assert shell.states()[BUDI] == "must change password"
    locked()
    code = shell.asked("first-code", "--name", BUDI)["code"]
    assert shell.states()[BUDI] == "locked"
    shell("password", "--name", BUDI, "--code", typed=(code, "nasi Uduk 8 malam"))
    assert shell.states()[BUDI] == "active"


def test_an_account_is_removed_and_the_last_administrator_is_not(shell: Shell) -> None:
    begun(shell)
    assert "last account of its role" not in shell("remove", "--name", BUDI, "--by", RATNA, typed=(GOOD,))[1]
    assert list(shell.states()) == [RATNA]
    assert (
        "This is the last account of its role"
        in shell("remove", "--name", RATNA, "--by", RATNA, typed=(GOOD,), code=2)[1]
    )
    assert "There is no such account" in shell("unlock", "--name", BUDI, "--by", RATNA, typed=(GOOD,), code=2)[1]
    assert "There is no such account" in shell("first-code", "--name", BUDI, code=2)[1]


def test_the_first_account_can_be_nothing_but_an_administrator(shell: Shell) -> None:
    shell("add", "--name", RATNA, "--role", "auditor", code=2)


@pytest.mark.parametrize("verb", ["first-code", "add", "password", "unlock", "remove", "list"])
def test_no_verb_takes_a_password_on_the_command_line(shell: Shell, verb: str) -> None:
    for option in ("--password", "--pass", "--new-password"):
        said = shell(verb, "--name", RATNA, "--by", RATNA, option, GOOD, code=2)
        assert "unrecognized arguments" in said[1]


def test_a_password_that_is_typed_is_not_seen(shell: Shell, data: Path) -> None:
    code = shell.asked("first-code")["code"]
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kiosk", "accounts", "add", "--data", str(data), "--name", RATNA]
    with ending(
        subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    ) as process:
        os.close(theirs)
        seen = b""
        for prompt, line in (
            (b"One-time code: ", code),
            (b"New password of Ratna Kusuma: ", GOOD),
            (b"again: ", "other"),
            (b"New password of Ratna Kusuma: ", GOOD),
            (b"again: ", GOOD),
        ):
            while not seen.endswith(prompt):
                seen += os.read(ours, 1024)
            os.write(ours, f"{line}\n".encode())
        while True:
            try:
                found = os.read(ours, 1024)
            except OSError:  # EIO: the other end is closed
                break
            seen += found
            if not found:
                break
    os.close(ours)
    assert process.returncode == 0
    assert b"may log in now" in seen
    assert b"They differ" in seen
    assert GOOD.encode() not in seen
    assert code.encode() not in seen
