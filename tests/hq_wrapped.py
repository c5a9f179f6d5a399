"""HQ with one thing broken or made cheap on purpose: `python hq_wrapped.py WHAT serve ...` (see hq_site.py)."""

import os
import signal
import sqlite3
import sys
from typing import NoReturn

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from hq import bodies, intake, passwords, serving
from hq.__main__ import main


def die(*_arguments: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("not reached")


def read_only(*_arguments: object) -> NoReturn:
    raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("disk I/O error"))


def crowded(*_arguments: object) -> NoReturn:
    raise NoConnectionLeft("QueuePool limit reached")


def our_mistake(*_arguments: object) -> NoReturn:
    raise ZeroDivisionError("a mistake of our own")


breakage = sys.argv[1]
if breakage == "die-after-commit":
    intake._reply = die  # type: ignore[assignment]
elif breakage == "die-before-commit":
    intake._insert_events = die  # type: ignore[assignment]
elif breakage == "disk-fails":
    intake._insert_events = read_only  # type: ignore[assignment]
elif breakage == "crowded":
    intake._insert_events = crowded  # type: ignore[assignment]
elif breakage == "our-mistake":
    intake._reply = our_mistake  # type: ignore[assignment]
elif breakage == "cheap-passwords":
    passwords._COST |= {"n": 2**4, "p": 1}
elif breakage == "impatient":
    serving.SILENCE_SECONDS = 0.5
    bodies.SECONDS = 0.5
sys.exit(main(sys.argv[2:]))
