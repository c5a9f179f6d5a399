"""How the tests run `kiosk`: in this process, with lines on its standard input."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from kiosk.__main__ import main


def ran(
    patch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: Sequence[str | Path],
    typed: Sequence[str] = (),
    code: int = 0,
) -> tuple[str, str]:
    """Run a command that must end with this code; what it wrote to standard output and to standard error."""
    patch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
    try:
        ended = main([*map(str, words)])
    except SystemExit as leaving:  # argparse leaves by itself
        ended = int(leaving.code or 0)
    said = capsys.readouterr()
    assert ended == code, said
    return said.out, said.err
