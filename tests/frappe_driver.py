"""A small courier for tests: commits each state before the act it announces, and dies where it is told to.

python frappe_driver.py FOLDER URL CA CREDENTIAL MODE [before_send|after_answer]
"""

import os
import signal
import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlsplit

from sync.backends.frappe import FrappeBackend
from sync.config import Actions, Frappe
from sync.contract import Punch, Stored
from sync.transport import Transport
from wire.event import parse


def main(  # noqa: PLR0913, PLR0917 - the words of the command
    folder: Path, url: str, ca: Path, credential: Path, mode: str, die_at: str
) -> int:
    line = Transport(frozenset({urlsplit(url).hostname or ""}), ca, None, None, 10.0)
    backend = FrappeBackend(Frappe(url, ca, credential, mode), "door-1", lambda: line, Actions())
    with sqlite3.connect(folder / "driver.db", isolation_level=None) as base:
        base.execute("UPDATE event SET state = 'unknown' WHERE state = 'inflight'")
        for row, clear in base.execute("SELECT row, clear FROM event WHERE state = 'unknown'").fetchall():
            punch = Punch(row, parse(clear)[0])
            remote = backend.reconcile([punch], 0)[punch.event_id]
            state = "pending" if remote is None else "settled"
            base.execute("UPDATE event SET state = ?, remote = ? WHERE row = ?", (state, remote, row))
        for row, clear in base.execute("SELECT row, clear FROM event WHERE state = 'pending' ORDER BY row").fetchall():
            base.execute("UPDATE event SET state = 'inflight' WHERE row = ?", (row,))
            _die(die_at == "before_send")
            result = backend.push([Punch(row, parse(clear)[0])], 0)[0]
            _die(die_at == "after_answer")
            if not isinstance(result, Stored):
                return 1
            base.execute("UPDATE event SET state = 'settled', remote = ? WHERE row = ?", (result.remote, row))
    line.close()
    return 0


def _die(now: bool) -> None:  # noqa: FBT001
    if now:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    place, address, authority, key, how, *when = sys.argv[1:]
    sys.exit(main(Path(place), address, Path(authority), Path(key), how, when[0] if when else ""))
