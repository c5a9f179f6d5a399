"""How old the software of the device is (policy E26: security updates within six months); refuses to call it new.

What is read are the times of files: of the package list that every update rewrites, and of this program.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from kiosk.rights.dates import DAY_MS

OLD_MS: Final = 183 * DAY_MS
UPDATED: Final = (
    Path("/var/lib/apt/periodic/unattended-upgrades-stamp"),
    Path("/var/lib/apt/periodic/upgrade-stamp"),
    Path("/var/lib/dpkg/status"),
)
"""The first of them that is there tells, as sync/errand_report.py has it for headquarters."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What runs here.

    Attributes:
        system_updated: when packages of the operating system were last changed, ms UTC; 0 if nobody can tell.
        program: version of this program.
        program_since: when it was put here, ms UTC; 0 if nobody can tell.
    """

    system_updated: int
    program: str
    program_since: int

    def old(self, now_ms: int) -> bool:
        """Whether six months went by without an update of the operating system, as far as anybody can tell."""
        return now_ms - self.system_updated >= OLD_MS


def seen(updated: Sequence[Path] = UPDATED, program: Path = Path(__file__)) -> Machine:
    """Look at the files."""
    try:
        named = version("ambang")
    except PackageNotFoundError:
        named = "-"
    told = (_changed(each) for each in updated)
    return Machine(next((at for at in told if at), 0), named, _changed(program))


def _changed(path: Path) -> int:
    try:
        return int(path.stat().st_mtime * 1000)
    except OSError:
        return 0
