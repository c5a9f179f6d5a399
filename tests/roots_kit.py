"""Root keys for tests: a TPM in software, a board's firmware in a script, credentials as systemd hands them over."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import rpi_fw_crypto

from kiosk.store.vault import Cost

PHRASE = "seven grey herons at dawn"
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
TPM_PROGRAMS = ("swtpm", "systemd-creds", "tpm2_nvread")


def _without_tpm() -> str:
    """Why no software TPM can be used here, or ""."""
    if not all(map(shutil.which, TPM_PROGRAMS)):
        return f"needs {', '.join(TPM_PROGRAMS)}; ./install.sh --test adds them"
    said = subprocess.run(["systemd-creds", "--version"], check=True, capture_output=True, text=True).stdout
    # From 256 on, who is not root is served by the system's own service, which knows no other TPM.
    return "needs root, with systemd 256 or newer" if os.geteuid() and int(re.findall("[0-9]+", said)[0]) >= 256 else ""


_WHY = _without_tpm()
needs_tpm = pytest.mark.skipif(bool(_WHY), reason=_WHY)


def typed(*phrases: str) -> Callable[[], str]:
    """Somebody who types these one after the other, and nothing more."""
    return iter(phrases).__next__


@contextmanager
def software_tpm() -> Iterator[str]:
    """A fresh TPM 2.0; yields its TCTI string. Its sockets lie under a short path, as such paths must."""
    with tempfile.TemporaryDirectory(prefix="tpm", dir="/tmp") as folder:
        place = Path(folder) / "S"
        command = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}", "--server", f"type=unixio,path={place}"]
        command += ["--ctrl", f"type=unixio,path={place}.ctrl", "--flags", "not-need-init,startup-clear"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _answers(Path(f"{place}.ctrl"), process)
            yield f"swtpm:path={place}"
        finally:
            process.kill()
            process.wait()


def _answers(control: Path, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 20
    while True:
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(control))
            except OSError:
                assert process.poll() is None, "swtpm has ended"
                assert time.monotonic() < until, "swtpm does not answer"
                time.sleep(0.02)
            else:
                return


def tpm2(device: str, program: str, *arguments: str) -> str:
    """Run one of tpm2-tools against a software TPM."""
    done = subprocess.run([program, "-T", device, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def board(folder: Path, key: bytes = b"\x17" * 32) -> str:
    """A board of its own: the path of its rpi-fw-crypto, whose device key is number 1."""
    folder.mkdir()
    (folder / "otp-1").write_bytes(key)
    program = folder / "rpi-fw-crypto"
    program.write_text(f"#!{sys.executable}\n{Path(rpi_fw_crypto.__file__).read_text()}")
    program.chmod(0o755)
    return str(program)


def program(folder: Path, text: str) -> str:
    """An executable with a few lines of shell in it."""
    path = folder / "rpi-fw-crypto"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)
