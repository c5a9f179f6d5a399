"""`python hostile_client.py POINT run ...`: the real kiosk-sync, killed -9 at one point, or broken."""

import os
import signal
import sys
from typing import Any

from sync import transport
from sync.__main__ import main
from sync.exchange import Exchange
from sync.journal import Journal
from sync.transport import Transport

GREEDY = "reads any length"
FORGETFUL = "sends before it remembers"
POINTS: dict[str, tuple[type, str, bool]] = {
    "before journal.send": (Journal, "send", True),
    "after journal.send": (Journal, "send", False),
    "after the reply was read": (Transport, "send", False),
    "before exchange.settle": (Exchange, "settle", True),
    "after exchange.settle": (Exchange, "settle", False),
    "after journal.finish": (Journal, "finish", False),
}


def die_at(point: str) -> None:
    """Let the process be killed before or after the first call of a method."""
    owner, name, before = POINTS[point]
    act: Any = getattr(owner, name)

    def deadly(*given: object, **more: object) -> None:
        if not before:
            act(*given, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, deadly)


if __name__ == "__main__":
    if sys.argv[1] == GREEDY:
        transport.REPLY_LIMIT = 1 << 40  # type: ignore[misc]
    elif sys.argv[1] == FORGETFUL:
        Journal.send = lambda *_: None  # type: ignore[method-assign]
    else:
        die_at(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
