"""Opens a device after a power cut and goes on with what was open, under the shim: `bar_reopen.py DEVICE MS_UTC`."""

import sys
from pathlib import Path

from bar_desk import Desk


def main() -> None:
    desk = Desk(Path(sys.argv[1]), seed=419)
    desk.clock.wall_ms = int(sys.argv[2])
    desk.open()
    desk.leave()


if __name__ == "__main__":
    main()
