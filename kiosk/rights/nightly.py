"""Sweeps what is past its period, daily, on a thread and a connection of its own; refuses to go by a doubtful clock.

It goes by itself only where the company has written a privacy.toml: nobody's data is deleted by a guess.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import company, retention
from kiosk.store import Store, marks
from kiosk.store.sweep import HOURS
from wire.event import ClockState

DAY: Final = "retention/day"
REST_S: Final = 0.02
"""Between two steps the door may write."""
LEAVE_BEHIND_S: Final = 5.0
_log = logging.getLogger("ambang.rights")


def due(local: datetime, last: int, state: ClockState) -> bool:
    """Whether the kiosk sweeps by itself now: once a night, or in the day if it was off at night.

    Args:
        local: the time at the door.
        last: the proleptic Gregorian ordinal of the day of the last sweep; 0 before the first.
        state: what is known of the wall clock; only one that a server has set is believed.
    """
    today = local.toordinal()
    return state is ClockState.SYNCED and last != today and (local.hour in HOURS or abs(today - last) > 1)


def last_day(store: Store) -> int:
    """When the last sweep by itself was finished, as `due` wants it."""
    return marks.mark(store.database, DAY)


class Nightly:
    """At most one sweep at a time.

    Args:
        file: privacy.toml.
        reopen: opens the same store once more; raises Fault.
        loudly: does work on a thread whose mistakes nobody would see (kiosk/bugs.py).
    """

    def __init__(self, file: Path, reopen: Callable[[], Store], loudly: Callable[..., object]) -> None:
        self._file = file
        self._reopen = reopen
        self._loudly = loudly
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self, store: Store, local: datetime) -> None:
        """Begin if it is time; returns at once."""
        if self._thread is not None and self._thread.is_alive():
            return
        if self._file.is_file() and due(local, last_day(store), store.clock().clock.state):
            arguments = (self._run, local.toordinal())
            self._thread = threading.Thread(target=self._loudly, args=arguments, name="ambang-retention", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Break off after the step that goes on; what is left goes the next day."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(LEAVE_BEHIND_S)

    def _run(self, day: int) -> None:
        try:
            store = self._reopen()
        except Fault as fault:
            _log.warning("nothing swept: %s", fault.code)
            return
        try:
            self._sweep(store, day)
        except Fault as fault:
            _log.warning("sweep broken off: %s %s", fault.code, fault.detail)
        finally:
            store.close()

    def _sweep(self, store: Store, day: int) -> None:
        periods = company.load(self._file).periods
        gone = 0
        if shorter := retention.shortened(store, periods):
            raise Fault(
                FaultCode.DESK_REFUSED, f"shorter than at the last sweep, for the officer: {', '.join(shorter)}"
            )
        if any(line.going for line in retention.preview(store, periods)):
            run = retention.steps(store, periods)
            while not self._stopping.is_set():
                try:
                    next(run)
                except StopIteration as ended:
                    gone = sum(ended.value.report.gone.values())
                    break
                time.sleep(REST_S)
            else:
                return
        with store.database.write():
            marks.set_mark(store.database, DAY, day)
        _log.info("past their period: %d gone", gone)
