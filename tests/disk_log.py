"""Builds the shim (tests/shim), starts programs under it, and reads its log; refuses a log with an unknown change."""

import ctypes
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_SOURCES = ("record.c", "data.c", "names.c")
_HEAD = struct.Struct("<B3xIIIQQ")
# Kinds of changes, as in shim.h.
GROW, SHRINK, SYNC = 1, 2, 4
# SQLite maps the index of a write-ahead log; it is made anew after a crash, so its content does not matter.
_HARMLESS = ("-shm",)


@dataclass(frozen=True, slots=True)
class Change:
    """One record of the log: see shim/record.c for the letters; paths are absolute and real."""

    op: str
    inode: int
    number: int
    path: str
    other: str
    data: bytes


def build(directory: Path) -> Path:
    """Compile the shim into `directory`."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    assert compiler is not None, "the bars of the store need a C compiler: ./install.sh --test installs one"
    library = directory / "shim.so"
    warnings = ["-Wall", "-Wextra", "-Werror"]
    sources = [HERE / "shim" / name for name in _SOURCES]
    subprocess.run(
        [compiler, "-std=gnu11", "-O1", *warnings, "-U_FORTIFY_SOURCE", "-shared", "-fPIC", "-o", library, *sources],
        check=True,
    )
    return library


def plain_environment() -> dict[str, str]:
    """What a program of a bar is started with: nothing measures its coverage, which would take twice the time."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return {**kept, "PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"}


def run(library: Path, script: str, arguments: Sequence[str | Path], *, under: Path, log: Path) -> str:
    """Run one of the scripts beside this file under the shim, to its end; returns what it printed."""
    environment = {
        **plain_environment(),
        "OPENBLAS_NUM_THREADS": "1",  # small matrices, and other tests beside this one
        "LD_PRELOAD": str(library),
        "AMBANG_SHIM_UNDER": str(under),
        "AMBANG_SHIM_LOG": str(log),
    }
    done = subprocess.run(
        [sys.executable, HERE / script, *arguments], check=False, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read(log: Path) -> Iterator[Change]:
    """Every change in the log, in order."""
    raw, at = log.read_bytes(), 0
    while at < len(raw):
        op, path_size, other_size, data_size, inode, number = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        parts = []
        for size in (path_size, other_size, data_size):
            parts.append(raw[at : at + size])
            at += size
        change = Change(chr(op), inode, number, parts[0].decode(), parts[1].decode(), parts[2])
        if change.op == "?":
            assert change.path.endswith(_HARMLESS), f"{change.data!r} on {change.path} cannot be replayed"
        else:
            yield change


class Shim:
    """The shim from inside a program that runs under it."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)

    def mark(self, text: str) -> None:
        """Write a mark into the log, in its order."""
        self._library.shim_mark(ctypes.c_char_p(text.encode()))

    def pause(self, *, on: bool) -> None:
        """Write nothing down for a while."""
        self._library.shim_pause(ctypes.c_int(on))

    def fail(self, n: int, error: int = 0, *, on: bool = False, kinds: int = GROW | SHRINK | SYNC) -> None:
        """Let the n-th change of these kinds from now fail (with `on`: every later one, too); 0: none."""
        self._library.shim_fail(ctypes.c_long(n), ctypes.c_int(error), ctypes.c_int(on), ctypes.c_int(kinds))

    def has_failed(self) -> bool:
        """Whether a change was made to fail since `fail`."""
        return bool(self._library.shim_has_failed())
