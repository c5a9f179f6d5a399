"""What the machine under this program says of itself: disk, temperature, board; refuses to guess what is absent."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ZONES: Final = Path("/sys/class/thermal")
BOARDS: Final = (Path("/proc/device-tree/model"), Path("/sys/devices/virtual/dmi/id/product_name"))
PROCESSOR: Final = Path("/proc/cpuinfo")
FULL: Final = 0.80
"""From this share on sync shows its red banner, too (sync/banner.py)."""
HOT: Final = 80.0
"""A Raspberry Pi slows itself down from 80 degrees on (raspberrypi.com, frequency management)."""
_THOUSAND: Final = 1000.0
_MOST: Final = 4096
_COLDEST, _HOTTEST = -60.0, 200.0


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system that holds the data: bytes."""

    total: int
    free: int

    @property
    def used(self) -> float:
        """0 to 1."""
        return 1 - self.free / self.total if self.total else 0.0


def disk(path: Path) -> Disk | None:
    """How full it is; None if nobody can tell."""
    try:
        found = os.statvfs(path)
    except OSError:
        return None
    return Disk(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)


def temperature(zones: Path = ZONES) -> float | None:
    """The warmest sensor in degrees Celsius; None where there is none that makes sense."""
    try:
        places = sorted(zones.glob("thermal_zone*/temp"))
    except OSError:
        return None
    found = [degrees for place in places if (degrees := _degrees(place)) is not None]
    return max(found, default=None)


def machine(boards: Sequence[Path] = BOARDS, processor: Path = PROCESSOR) -> str:
    """The board's own name, else the processor's; "" if neither says anything."""
    for place in boards:
        if name := _line(place):
            return name
    lines = _read(processor).splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")[:80]


def cores() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0))


def _degrees(place: Path) -> float | None:
    text = _line(place)
    if not text.removeprefix("-").isdecimal():
        return None
    degrees = int(text) / _THOUSAND
    return degrees if _COLDEST < degrees < _HOTTEST else None


def _line(place: Path) -> str:
    text = _read(place).replace("\0", " ").strip()
    line = text.splitlines()[0] if text else ""
    return "".join(each for each in line if each.isprintable())[:80].strip()


def _read(place: Path) -> str:
    try:
        with place.open("rb") as file:
            return file.read(_MOST).decode(errors="replace")
    except OSError:
        return ""
