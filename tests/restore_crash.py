"""Restores a backup and dies at the n-th thing that it does to the disk; asked for on its stdin, one number a line.

Each line is "n state"; the answer is "whole", or "dead" with what it would have done next, or "failed".
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from store_kit import Hands, key_of

from kiosk.store.database import StoreDatabase
from kiosk.store.restore import Newer, restore


class Life:
    """Ends the process at the n-th call of what it watches, before it is done."""

    def __init__(self, left: int) -> None:
        self.left = left

    def watch(self, holder: Any, name: str) -> None:  # noqa: ANN401 - a module or a class
        real = getattr(holder, name)

        def watched(*given: Any, **named: Any) -> Any:  # noqa: ANN401
            if name != "_insist" or given[1] == "COMMIT":
                self.left -= 1
                if self.left == 0:
                    os.write(1, f"dead {name}\n".encode())
                    os._exit(9)
            return real(*given, **named)

        setattr(holder, name, watched)


def main() -> None:
    sealed, identity, certificates = (Path(given) for given in sys.argv[1:])
    for line in sys.stdin:
        number, state = line.split()
        child = os.fork()
        if child == 0:
            signal.alarm(200)  # one that hangs does not keep the test
            life = Life(int(number))
            for name in ("fsync", "link", "rename", "replace", "unlink", "mkdir", "rmdir", "open"):
                life.watch(os, name)
            life.watch(StoreDatabase, "_insist")
            try:
                place, newer = Path(state), Newer(erasures=[certificates])
                restore(sealed, identity, place, key_of(place), clock=Hands(), newer=newer)
                os.write(1, b"whole\n")
            except BaseException as error:  # noqa: BLE001 - the test must hear of it
                os.write(1, f"failed {error}\n".encode())
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
