"""A process that takes a roster in and kills itself before its n-th commit: `roster_victim.py DATA N`."""

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


def main(data: Path, at: int) -> None:
    roster_apply.AT_ONCE = 20
    roster_apply.PAUSE_S = 0.0
    left = at
    insist: Callable[..., object] = StoreDatabase._insist

    def stepping(self: StoreDatabase, statement: str) -> object:
        nonlocal left
        left -= statement == "COMMIT"
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return insist(self, statement)

    store = Store.open(data / "state", key_of(data / "state"), clock=Hands())
    StoreDatabase._insist = stepping  # type: ignore[method-assign, assignment]
    Door(data, store, SIGNED).live()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
