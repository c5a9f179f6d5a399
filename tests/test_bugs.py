import os
import subprocess
import sys

import pytest

PROGRAM = """
import logging, threading, time
from kiosk import bugs
logging.basicConfig()
{work}
time.sleep(20)
"""


@pytest.mark.parametrize(
    "work",
    [
        "bugs.watch_threads(); threading.Thread(target=lambda: 1 / 0, name='eye').start()",
        "threading.Thread(target=bugs.loudly, args=(lambda: 1 / 0,), name='eye').start()",
    ],
)
def test_a_bug_on_any_thread_ends_the_program_with_its_traceback(work: str) -> None:
    program = [sys.executable, "-c", PROGRAM.format(work=work)]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=15, check=False)
    assert ended.returncode == os.EX_SOFTWARE
    assert "a bug in eye ends the program" in ended.stderr
    assert "ZeroDivisionError" in ended.stderr


def test_work_without_a_bug_goes_on() -> None:
    work = "bugs.watch_threads(); bugs.loudly(print, 'done'); raise SystemExit(0)"
    program = [sys.executable, "-c", PROGRAM.format(work=work)]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=15, check=False)
    assert (ended.returncode, ended.stdout) == (0, "done\n")
