"""A process that takes a roster in and kills itself before its n-th commit; asked for on its stdin, one line each.

The line is JSON: data directory, n. The answer is the signal that ended it, or 0 when it came to its end before.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from roster_kit import SIGNED, Door
from store_kit import Hands, key_of

from kiosk.store import Store, roster_apply
from kiosk.store.database import StoreDatabase

if TYPE_CHECKING:
    from collections.abc import Callable


def live(data: Path, at: int) -> None:
    for name, value in (("AT_ONCE", 20), ("PAUSE_S", 0.0)):
        setattr(roster_apply, name, value)
    left = at
    insist: Callable[[StoreDatabase, str], object] = StoreDatabase._insist

    def stepping(self: StoreDatabase, statement: str) -> object:
        nonlocal left
        left -= statement == "COMMIT"
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return insist(self, statement)

    store = Store.open(data / "state", key_of(data / "state"), clock=Hands())
    StoreDatabase._insist = stepping  # type: ignore[method-assign, assignment]
    Door(data, store, SIGNED).live()


def main() -> None:
    for line in sys.stdin:
        data, at = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.alarm(200)  # one that hangs does not keep the test
            live(Path(data), at)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)}\n".encode())


if __name__ == "__main__":
    main()
