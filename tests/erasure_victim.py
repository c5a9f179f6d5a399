"""A process that erases and kills itself before its n-th step; asked for on its stdin, one line an erasure.

A step is what changes a disk: a commit, a VACUUM, a file that is synced, renamed, linked or deleted, a new directory;
and the search in between. With "closely", each statement is one, too. The line is JSON: directory of the store,
act, person, n, closely. The answer is the signal that ended it, or 0 when the erasure came to its end before the n-th
step.
"""

import functools
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from store_kit import Hands, key_of

from kiosk.store import Store, erasure_proof
from kiosk.store.database import StoreDatabase
from kiosk.store.erasure import erase_face, erase_person
from kiosk.store.erasure_everything import erase_everything
from kiosk.store.erasure_keyless import erase_without_key


def act(state: Path, name: str, person: str) -> None:
    if name == "without key":
        erase_without_key(state, person, Hands())
        return
    store = Store.open(state, key_of(state), clock=Hands())
    outside = state.parent.parent
    if name == "face":
        erase_face(store, person)
    elif name == "everything":
        erase_everything(store, outside / "proof.json", handed=outside / "handed.json")
    else:
        erase_person(store, person, hand_over=outside / "handed.json" if name == "hand over" else None)


def changes(_database: StoreDatabase, statement: str) -> bool:
    return statement.startswith(("COMMIT", "VACUUM"))


def killed_before(at: int, *, closely: bool) -> None:
    """Patch every step with a countdown."""
    left = at

    def stepping(call: Callable[..., Any], counts: Callable[..., bool] = lambda *_, **__: True) -> Callable[..., Any]:
        @functools.wraps(call)
        def stepped(*given: object, **named: object) -> object:
            nonlocal left
            left -= counts(*given, **named)
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **named)

        return stepped

    for name in ("fsync", "replace", "rename", "unlink", "link", "mkdir", "rmdir"):
        setattr(os, name, stepping(getattr(os, name)))
    if closely:
        StoreDatabase.run = stepping(StoreDatabase.run)  # type: ignore[method-assign]
    StoreDatabase._insist = stepping(StoreDatabase._insist, changes)  # type: ignore[method-assign]
    erasure_proof.leave_nothing = stepping(erasure_proof.leave_nothing)


def main() -> None:
    for line in sys.stdin:
        state, name, person, at, closely = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.alarm(200)  # one that hangs does not keep the test
            killed_before(at, closely=closely)
            act(Path(state), name, person)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)}\n".encode())


if __name__ == "__main__":
    main()
