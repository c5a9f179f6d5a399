"""Lets the n-th change of an act fail, n = 1, 1 + EACH, ..., until the act completes.

Usage: `bar_nth.py WORK ACT ERROR EACH [NEGLIGENT STORE]`, under the shim, which watches WORK/device. ERROR is a name of
errno: EIO fails once, the others from then on. After each failure the caller must have got a fault, or the act must be
durable; the open store, and the one that is opened next, must show the act done or not done. Prints, as JSON, how often
that was tried, how often the act succeeded all the same, and what was wrong.
"""

import errno
import json
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import disk_log
from bar_acts import TASKS, do
from bar_broken import NEGLIGENT
from bar_desk import Desk, everything, same
from bar_recovery import Story, wrong_with
from disk_log import GROW, SHRINK, SYNC, Shim
from power_cut import Disk
from store_kit import HOUR, MORNING

from kiosk.faults import Fault, FaultCode
from kiosk.store.resume import resume
from sync.exchange import ExchangeError

# A sector that cannot be written; a disk that is full; one that the kernel has made read-only.
_WAYS = {"EIO": (False, GROW | SHRINK | SYNC), "ENOSPC": (True, GROW | SYNC), "EROFS": (True, GROW | SHRINK)}
_SAID = {FaultCode.DISK_FULL, FaultCode.DISK_FAILED}
_AT = MORNING + 6 * HOUR


class Trial:
    """One act on a device that is made anew each time, and what it looks like before and after."""

    def __init__(self, work: Path, name: str, error: str) -> None:
        self._base, self._device, self._log = work / "base", work / "device", work / "log"
        self._name, self._act = name, TASKS[name].act
        self._error, (self._on, self._kinds) = getattr(errno, error), _WAYS[error]
        self._shim = Shim()
        desk = self._fresh()
        self._before = None if name == "create" else self._mark(desk)
        do(desk, self._act)
        self._after = self._mark(desk)
        desk.leave()

    def fails(self, n: int) -> tuple[bool, bool, str | None]:
        """Let the n-th change fail; says whether there was one, whether the act succeeded, and what was wrong."""
        desk = self._fresh()
        disk = Disk(self._device)
        self._shim.pause(on=False)
        self._shim.fail(n, self._error, on=self._on, kinds=self._kinds)
        said: Exception | None = None
        try:
            do(desk, self._act)
        except Exception as error:  # noqa: BLE001 - it is looked at
            said = error
        failed = self._shim.has_failed()
        self._shim.fail(0)
        self._shim.pause(on=True)
        wrong, shown = self._wrong_now(desk, said)
        desk.leave()
        if wrong is None and said is None:
            for change in disk_log.read(self._log):
                disk.take(change)
            shutil.rmtree(self._device)
            disk.cut(self._device, None)
        if wrong is None:
            wrong = wrong_with(self._device, *self._stories(shown if said is None else None))
        return failed, said is None, wrong

    def _fresh(self) -> Desk:
        self._shim.pause(on=True)
        os.truncate(self._log, 0)
        shutil.rmtree(self._device, ignore_errors=True)
        shutil.copytree(self._base, self._device)
        desk = Desk(self._device)
        desk.clock.wall_ms = _AT
        desk.prepare()
        if self._name != "create":
            desk.open()
            desk.meet()
        return desk

    def _mark(self, desk: Desk) -> dict[str, Any]:
        return {"done": self._name, "at": _AT, **json.loads(json.dumps(everything(desk)))}

    def _stories(self, done: dict[str, Any] | None) -> tuple[Story, Story]:
        before = [] if self._before is None else [self._before]
        ends = Story([*before, done or self._after])
        return (ends, ends) if done is not None else (Story(before, self._name), ends)

    def _wrong_now(self, desk: Desk, said: Exception | None) -> tuple[str | None, dict[str, Any] | None]:
        """What is wrong with what was said, or with what the store that is still open shows; and that."""
        if isinstance(said, Fault) and said.code not in _SAID:
            return f"another fault: {said}", None
        if said is not None and not isinstance(said, Fault | ExchangeError):
            return f"{type(said).__name__}: {said}", None
        if not desk.opened:
            return None, None
        try:
            resume(desk.store)
            shown = self._mark(desk)
        except Exception as error:  # noqa: BLE001 - any complaint is a finding
            return f"the open store: {type(error).__name__}: {error}", None
        allowed = [self._after] if said is None else [mark for mark in (self._before, self._after) if mark]
        if not any(same(shown["store"], mark["store"]) for mark in allowed):
            return f"the open store shows half of it after {said}", None
        return None, shown


def main() -> None:
    work, name, error = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    each = int(sys.argv[4])
    for broken in sys.argv[5:]:
        NEGLIGENT[broken]()
    trial, n, tried, succeeded, wrong = Trial(work, name, error), 1, 0, 0, list[str]()
    failed = True
    while failed:
        failed, well, found = trial.fails(n)
        succeeded += well and failed
        if found is not None:
            wrong.append(f"{error} at change {n}: {found}")
        if not failed and not well:
            wrong.append("nothing failed, and yet the act did")
        n, tried = n + each, tried + failed
    with suppress(BrokenPipeError):
        print(json.dumps({"tried": tried, "succeeded": succeeded, "wrong": wrong}))  # noqa: T201 - for the test


if __name__ == "__main__":
    main()
