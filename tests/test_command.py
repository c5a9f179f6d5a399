"""The `kiosk` command as people type it: sentences and exit codes, and nothing left running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

KIOSK = [sys.executable, "-m", "kiosk"]


def typed(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    names = {"LANG": "C.UTF-8", "LC_ALL": "", **environment}
    return subprocess.run(
        [*KIOSK, *words], capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **names}
    )


def test_without_a_noun_the_usage_is_shown() -> None:
    assert typed().returncode == 0
    assert "usage: kiosk NOUN" in typed("--help").stdout


def test_the_version_is_told() -> None:
    assert typed("--version").stdout.startswith("ambang 0.")


def test_an_unknown_noun_is_refused_with_the_usage() -> None:
    ended = typed("dance")
    assert ended.returncode == 2
    assert "there is no 'dance'" in ended.stderr
    assert "usage" in ended.stderr


@pytest.mark.parametrize(
    ("language", "title"),
    [("nl_NL.UTF-8", "De instellingen"), ("id_ID.UTF-8", "Pengaturan"), ("sv_SE.UTF-8", "The settings")],
)
def test_a_fault_is_told_in_the_language_of_the_shell(tmp_path: Path, language: str, title: str) -> None:
    ended = typed("people", "list", "--config", str(tmp_path / "kiosk.toml"), LANG=language)
    assert ended.returncode == 2
    assert title in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_demo_without_a_display_says_so() -> None:
    environment = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
    ended = typed("demo", **environment)
    assert ended.returncode == 2
    assert "--headless" in ended.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "out.json"),
        ("--seconds", "9"),
        ("--rehearse", "dead-hq"),
        ("--headless", "--seconds", "nan"),
        ("--headless", "--seconds", "-1"),
        ("--headless", "--json", "/nowhere/out.json"),
    ],
)
def test_a_demo_with_options_that_cannot_work_says_so_at_once(words: tuple[str, ...]) -> None:
    ended = typed("demo", *words)
    assert ended.returncode == 2
    assert ended.stderr
    assert "Traceback" not in ended.stderr


def started_by(data: Path) -> list[str]:
    """Return the command lines of processes that name a directory."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(data) in line and " -m kiosk " not in line:
                found.append(line)
    return found


@pytest.mark.parametrize(
    ("number", "into_the_run"),
    [
        (signal.SIGTERM, False),
        pytest.param(signal.SIGTERM, True, marks=pytest.mark.long),
        pytest.param(signal.SIGINT, False, marks=pytest.mark.long),
        (signal.SIGINT, True),
        # As after a crash: nobody is left to clean up.
        pytest.param(signal.SIGKILL, False, marks=pytest.mark.long),
    ],
)
def test_a_demo_that_is_told_to_stop_leaves_nothing_running(
    tmp_path: Path,
    number: signal.Signals,
    into_the_run: bool,  # noqa: FBT001 - a case
) -> None:
    data = tmp_path / "data"
    said = tmp_path / "said"
    with said.open("wb") as stream:
        process = subprocess.Popen([*KIOSK, "demo", "--headless", "--keep", str(data)], stdout=stream, stderr=stream)
        until = time.monotonic() + 90
        awaited = "visits" if into_the_run else "HQ's page"
        while awaited not in said.read_text(encoding="utf-8") and time.monotonic() < until:
            time.sleep(0.05)
        assert started_by(data)
        if into_the_run:
            time.sleep(2)
        process.send_signal(number)
        try:
            code = process.wait(30)
        finally:
            process.kill()  # one that hangs is no other test's
            process.wait()
    assert code != 0
    until = time.monotonic() + 10
    while number is signal.SIGKILL and started_by(data) and time.monotonic() < until:
        time.sleep(0.05)
    assert started_by(data) == []
    assert "Traceback" not in said.read_text(encoding="utf-8")
