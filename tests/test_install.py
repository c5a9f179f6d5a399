"""install.sh run for real on a checkout without dependencies, and asked what it would do where it must not do it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_checkout

ROOT = Path(__file__).parents[1]
OLD_PYTHON = '#!/bin/sh\n[ "$1" = --version ] || exit 1\necho "Python 3.9.2"\n'
GOOD_PYTHON = "#!/bin/sh\nexit 0\n"
NO_LIBRARIES = "#!/bin/sh\nexit 0\n"
NO_SUDO = "#!/bin/sh\nexit 1\n"


def run(
    checkout: Path, *options: str, programs: Path | None = None, as_user: list[str] | None = None
) -> subprocess.CompletedProcess[str]:
    """./install.sh with the options; `programs` holds programs that stand before the system's own."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    if programs:
        environment["PATH"] = f"{programs}:{environment['PATH']}"
    command = [*(as_user or []), str(checkout / "install.sh"), *options]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd="/")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    return tiny_checkout.make(folder)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that every user may read; pytest's own is closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _programs(folder: Path, **programs: str) -> Path:
    folder.mkdir()
    for name, text in programs.items():
        program = folder / name.replace("_", ".")
        program.write_text(text)
        program.chmod(0o755)
    return folder


def test_the_demonstration_starts_and_the_second_time_at_once(checkout: Path) -> None:
    first = run(checkout, "--demo", "--seconds", "60")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1] == "kiosk was asked: demo --seconds 60"
    for step in ("Virtual environment", "Python packages", "Ambang itself", "Recognition model"):
        assert f"{step} ... " in first.stdout

    started = time.monotonic()
    second = run(checkout, "--demo")
    assert second.stdout == "kiosk was asked: demo\n"
    assert time.monotonic() - started < 10

    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("# another version\n")
    third = run(checkout, "--demo")
    assert "Python packages ... " in third.stdout
    assert "Virtual environment" not in third.stdout

    moved = checkout.rename(checkout.with_name("moved"))
    fourth = run(moved, "--demo")
    assert "Virtual environment ... " in fourth.stdout
    assert fourth.stdout.endswith("kiosk was asked: demo\n")


def test_without_a_model_the_demonstration_goes_on_with_the_pin(checkout: Path) -> None:
    (checkout / "offline").touch()
    done = run(checkout, "--demo")
    assert done.returncode == 0, done.stderr
    assert "The kiosk starts without it; check in with a PIN." in done.stdout
    assert done.stdout.endswith("kiosk was asked: demo\n")


def test_an_altered_package_stops_with_what_pip_said(checkout: Path) -> None:
    wheel = checkout / "stranger-1-py3-none-any.whl"
    wheel.write_bytes(b"not what was locked")
    (checkout / "hq.lock").write_text(f"stranger @ file://{wheel} --hash=sha256:{'0' * 64}\n")
    done = run(checkout, "--demo")
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert 'install.sh: "Python packages" failed' in done.stderr
    assert not (checkout / ".venv/ambang-installed").exists()


def test_a_dry_run_says_what_it_would_do_and_does_nothing(checkout: Path) -> None:
    before = sorted(path.name for path in checkout.iterdir())
    demo = run(checkout, "--demo", "--dry-run", "--seconds", "60")
    assert demo.returncode == 0
    assert "--require-hashes" in demo.stdout
    assert demo.stdout.endswith("would do: start the demonstration (kiosk demo --seconds 60)\n")
    assert sorted(path.name for path in checkout.iterdir()) == before


def test_the_test_mode_runs_every_check_in_its_order() -> None:
    done = run(ROOT, "--test", "--dry-run")
    checks = [line.split(" (")[0] for line in done.stdout.splitlines() if line.startswith("would check: ")]
    assert [check.removeprefix("would check: ") for check in checks] == [
        "ruff check",
        "ruff format",
        "mypy",
        "shellcheck",
        "qmllint",
        "tests",
        "coverage, everything: 90",
        "coverage, where a mistake costs most: 100",
    ]


def test_the_pipeline_runs_exactly_the_test_mode() -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["./install.sh --test"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert os.access(ROOT / "install.sh", os.X_OK)


def test_an_old_python_is_refused_by_its_number(checkout: Path, tmp_path: Path) -> None:
    names = ("python3", "python3_13", "python3_12", "python3_11")
    done = run(checkout, "--demo", programs=_programs(tmp_path / "bin", **dict.fromkeys(names, OLD_PYTHON)))
    assert done.returncode == 1
    assert done.stderr == "install.sh: Ambang needs Python 3.11 or newer; here, python3 is Python 3.9.2.\n"


def test_missing_libraries_are_named_with_the_packages_that_hold_them(checkout: Path, tmp_path: Path) -> None:
    done = run(checkout, "--demo", "--dry-run", programs=_programs(tmp_path / "bin", ldconfig=NO_LIBRARIES))
    line = done.stdout.splitlines()[0]
    assert line.startswith("would do: System libraries (apt-get install -y --no-install-recommends ")
    assert {"libegl1", "libgl1", "libxkbcommon0", "libdbus-1-3", "libwayland-client0"} <= set(line.split())


@pytest.mark.parametrize(
    ("mode", "gcc", "headers", "asked"),
    [
        ("test", False, False, ["gcc", "libc6-dev"]),
        ("test", False, True, ["gcc"]),
        ("test", True, False, ["libc6-dev"]),
        ("test", True, True, []),
        ("demo", False, False, []),
    ],
)
def test_the_tests_alone_ask_for_a_compiler_where_there_is_none(
    tmp_path: Path, *, mode: str, gcc: bool, headers: bool, asked: list[str]
) -> None:
    include = tmp_path / "include"
    include.mkdir()
    if headers:
        (include / "stdio.h").touch()
    hidden = "" if gcc else 'command() { [[ $2 != gcc ]] && builtin command "$@"; }; '
    script = f"source {ROOT}/install.sh && HEADERS={include} && {hidden}missing_packages {mode} {sys.executable}"
    known = {**os.environ, "PATH": f"{_programs(tmp_path / 'bin', gcc=GOOD_PYTHON)}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True, env=known)
    assert [package for package in done.stdout.splitlines() if package in {"gcc", "libc6-dev"}] == asked


@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv is not installed")
def test_without_rights_one_sentence_names_the_command(open_place: Path) -> None:
    checkout = tiny_checkout.make(open_place)
    programs = _programs(open_place / "bin", python3=GOOD_PYTHON, ldconfig=NO_LIBRARIES, sudo=NO_SUDO)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    done = run(checkout, "--demo", programs=programs, as_user=nobody)
    assert done.returncode == 1
    assert "these system packages are missing: libegl1 " in done.stderr
    assert "Add them with: sudo apt-get install -y --no-install-recommends libegl1 " in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("release", "package"),
    [
        ('ID=debian\nVERSION_ID="12"', "libglib2.0-0"),
        ('ID=debian\nVERSION_ID="13"', "libglib2.0-0t64"),
        ('ID=ubuntu\nVERSION_ID="22.04"', "libglib2.0-0"),
        ('ID=ubuntu\nVERSION_ID="24.04"', "libglib2.0-0t64"),
        ('ID=raspbian\nVERSION_ID="12"', "libglib2.0-0"),
    ],
)
def test_the_renamed_package_is_asked_for_by_its_name_here(tmp_path: Path, release: str, package: str) -> None:
    (tmp_path / "os-release").write_text(f"{release}\n")
    script = f"source {ROOT}/install.sh && renamed_package {tmp_path}/os-release libglib2.0-0"
    done = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == f"{package}\n"


@pytest.mark.parametrize(("mode", "asked"), [("test", {"swtpm", "tpm2-tools", "systemd"}), ("demo", set[str]())])
def test_the_tests_alone_ask_for_a_tpm_in_software(tmp_path: Path, mode: str, asked: set[str]) -> None:
    absent = "swtpm|tpm2_nvread|systemd-creds"
    hidden = f'command() {{ [[ ! $2 =~ ^({absent})$ ]] && builtin command "$@"; }}; '
    script = f"source {ROOT}/install.sh && {hidden}missing_packages {mode} {sys.executable}"
    known = {**os.environ, "PATH": f"{_programs(tmp_path / 'bin', ldconfig=NO_LIBRARIES)}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True, env=known)
    packages = set(done.stdout.split())
    assert packages & {"swtpm", "tpm2-tools", "systemd"} == asked
    assert any(package.startswith("libtss2-tcti-swtpm0") for package in packages) == (mode == "test")


@pytest.mark.parametrize(
    ("mode", "there", "asked"),
    [
        ("test", False, {"postgresql", "chromium", "chromium-driver"}),
        ("test", True, set[str]()),
        ("demo", False, set[str]()),
    ],
)
def test_the_tests_alone_ask_for_a_browser_and_a_postgresql(
    tmp_path: Path, *, mode: str, there: bool, asked: set[str]
) -> None:
    if there:
        (tmp_path / "15/bin").mkdir(parents=True)
        (tmp_path / "15/bin/initdb").touch()
    present = "0" if there else "1"
    browser = f'command() {{ [[ $2 =~ ^chrom ]] && return {present}; builtin command "$@"; }}; '
    script = f"source {ROOT}/install.sh && POSTGRESQL={tmp_path} && {browser}missing_packages {mode} {sys.executable}"
    done = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True)
    assert set(done.stdout.split()) & {"postgresql", "chromium", "chromium-driver"} == asked


def test_a_device_is_refused_with_a_sentence() -> None:
    done = run(ROOT)
    assert done.returncode == 1
    assert done.stderr.startswith("install.sh: installing a device is not there yet.")


def test_help_names_every_option_and_an_unknown_one_is_refused() -> None:
    told = run(ROOT, "--help")
    assert told.returncode == 0
    assert all(option in told.stdout for option in ("--demo", "--test", "--dry-run", "--help"))
    refused = run(ROOT, "--tset")
    assert refused.returncode == 1
    assert "unknown option: --tset" in refused.stderr
