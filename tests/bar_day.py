"""A day of one device under the shim, with a mark before and after each act: `bar_day.py DATA [BROKEN STORE]`.

The marks are JSON: {"begin": name}, and {"done": name, "at": ms UTC, "seen": what can be seen of the store, and
"letters": of the exchange}.
"""

import json
import sys
from pathlib import Path

from bar_acts import DAY, WITHOUT_ERASING, do
from bar_broken import BROKEN
from bar_desk import Desk, letters, whole
from disk_log import Shim


def main() -> None:
    data, broken = Path(sys.argv[1]), sys.argv[2:]
    for name in broken:
        BROKEN[name]()
    shim, desk = Shim(), Desk(data)
    # A write-ahead log keeps what was deleted, and the store says so: an erasure cannot be had there.
    for act in WITHOUT_ERASING if broken else DAY:
        shim.mark(json.dumps({"begin": act.__name__}))
        do(desk, act)
        mark = {"done": act.__name__, "at": desk.clock.wall_ms, "seen": whole(desk.store)}
        shim.mark(json.dumps(mark | {"letters": letters(desk.exchange) if desk.meets else None}))
    desk.leave()


if __name__ == "__main__":
    main()
