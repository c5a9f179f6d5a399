"""The drill: opens a backup completely and says what is in it; refuses to leave anything of it behind."""

import functools
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import clock
from kiosk.store import Clock, Store, sweep
from kiosk.store.backup_box import read_identity
from kiosk.store.backup_manifest import Manifest
from kiosk.store.bodies import open_all
from kiosk.store.files import refused
from kiosk.store.restore_open import adopted, believed
from kiosk.store.restore_unpack import Step, unpack
from kiosk.store.roots import SecurityLevel
from kiosk.store.sweep import Swept
from wire.sealed import KEY_SIZE

_CLOCK: Final[Clock] = functools.partial(clock.read, "UTC")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a backup holds, everything opened; its signature, its hashes and its ledger are good.

    Attributes:
        manifest: what it says of itself.
        opened: how many sealed records opened, by kind, as in `sweep.Swept`.
        without_key: entries whose key is gone: of somebody who was erased, or older than the retention period.
        damaged: how many sealed records do not open.
        missing: months in which a body is gone though its key is there.
        set_aside: places and rows of damaged records, as "table row".
    """

    manifest: Manifest
    opened: Mapping[str, int]
    without_key: int
    damaged: int
    missing: int
    set_aside: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether everything in it opens."""
        return not (self.damaged or self.missing)


def check(
    sealed: Path,
    identity: Path,
    *,
    device_public: bytes | None = None,
    step: Step = lambda _done, _total: None,
    records: Step = lambda _done, _total: None,
) -> Checked:
    """Open everything in a backup, in a directory for temporary files that is gone afterwards.

    Args:
        sealed: the backup.
        identity: the organisation's age identity file, mode 0600.
        device_public: whose backup it must be, 32 bytes; None believes the backup itself.
        step: told how many bytes are laid down, and of how many.
        records: told how many sealed records are opened, and about how many there are.

    Raises:
        Fault: BACKUP_IDENTITY; BACKUP_REFUSED with what is wrong; DISK_FULL, DISK_FAILED.
    """
    opened = read_identity(identity)
    root = secrets.token_bytes(KEY_SIZE)
    try:
        with tempfile.TemporaryDirectory(prefix="ambang-") as directory:
            unpacked = unpack(sealed, opened, Path(directory), device_public=device_public, step=step)
            with adopted(Path(directory), unpacked, root, SecurityLevel.WEAK, clock=_CLOCK) as store, believed():
                return _checked(store, unpacked.manifest, records)
    except OSError as error:
        raise refused(Path(tempfile.gettempdir()), error) from error


def _checked(store: Store, manifest: Manifest, records: Step) -> Checked:
    before = {(each.place, each.row) for each in store.quarantine.all()}
    swept = _swept(store, records)
    bodies = open_all(store) if not swept.damaged else None  # it stops at the first that does not open
    found = [(each.place, each.row) for each in store.quarantine.all()]
    return Checked(
        manifest=manifest,
        opened=dict(swept.opened),
        without_key=swept.without_key,
        damaged=swept.damaged,
        missing=0 if bodies is None else bodies.missing,
        set_aside=tuple(f"{place} {row}" for place, row in found if (place, row) not in before),
    )


def _swept(store: Store, records: Step) -> Swept:
    """Go through all steps at once: nobody waits for this store."""
    steps, done, total = sweep.steps(store), 0, sweep.total(store)
    while True:
        try:
            done += next(steps)
        except StopIteration as end:
            found: Swept = end.value
            return found
        records(done, max(done, total))
