"""A day of one device under the shim, with a mark before and after each act: `bar_day.py DEVICE [BROKEN STORE]`.

The marks are JSON: {"begin": name}, and {"done": name, "at": ms UTC, and everything that can be seen afterwards}.
"""

import json
import sys
from pathlib import Path

from bar_acts import DAY, WITHOUT_ERASING, do
from bar_broken import BROKEN
from bar_desk import Desk, everything
from disk_log import Shim


def main() -> None:
    device, broken = Path(sys.argv[1]), sys.argv[2:]
    for name in broken:
        BROKEN[name]()
    shim, desk = Shim(), Desk(device)
    desk.prepare()
    # A write-ahead log keeps what was deleted, and the store says so: an erasure cannot be had there.
    for act in WITHOUT_ERASING if broken else DAY:
        shim.mark(json.dumps({"begin": act.__name__}))
        do(desk, act)
        shim.mark(json.dumps({"done": act.__name__, "at": desk.clock.wall_ms, **everything(desk)}))
    desk.leave()


if __name__ == "__main__":
    main()
