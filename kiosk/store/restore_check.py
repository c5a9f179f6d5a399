"""The drill: opens a backup completely and says what is in it; refuses to leave anything of it behind."""

import functools
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import clock
from kiosk.faults import Fault
from kiosk.store import Clock, Store
from kiosk.store.backup_box import read_identity
from kiosk.store.backup_manifest import Manifest
from kiosk.store.bodies import open_all
from kiosk.store.files import refused
from kiosk.store.keys import KeyKind, Slot
from kiosk.store.restore_open import adopted, believed
from kiosk.store.restore_unpack import Step, unpack
from kiosk.store.roots import SecurityLevel
from wire.errors import FormatError
from wire.sealed import KEY_SIZE

_CLOCK: Final[Clock] = functools.partial(clock.read, "UTC")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a backup holds, everything opened.

    Attributes:
        manifest: what it says of itself; its signature, its hashes and its ledger are good.
        entries: in the ledger.
        bodies: entries that were opened; the others belong to somebody who was erased, or are older than retention.
        people: profiles that were opened.
        consents: consents in force that were opened.
        references: references of faces that were opened.
        keys: wrapped keys that were opened.
        closed: what does not open, as "table row"; empty if all is well.
    """

    manifest: Manifest
    entries: int
    bodies: int
    people: int
    consents: int
    references: int
    keys: int
    closed: tuple[str, ...]


def check(
    sealed: Path, identity: Path, *, device_public: bytes | None = None, step: Step = lambda _done, _total: None
) -> Checked:
    """Open everything in a backup, in a directory for temporary files that is gone afterwards.

    Args:
        sealed: the backup.
        identity: the organisation's age identity file, mode 0600.
        device_public: whose backup it must be, 32 bytes; None believes the backup itself.
        step: told how many bytes are laid down, and of how many.

    Raises:
        Fault: BACKUP_IDENTITY; BACKUP_REFUSED with what is wrong; DISK_FULL, DISK_FAILED.
    """
    opened = read_identity(identity)
    root = secrets.token_bytes(KEY_SIZE)
    try:
        with tempfile.TemporaryDirectory(prefix="ambang-") as directory:
            unpacked = unpack(sealed, opened, Path(directory), device_public=device_public, step=step)
            with adopted(Path(directory), unpacked, root, SecurityLevel.WEAK, clock=_CLOCK) as store, believed():
                return _opened(store, unpacked.manifest)
    except OSError as error:
        raise refused(Path(tempfile.gettempdir()), error) from error


def _opened(store: Store, manifest: Manifest) -> Checked:
    keys, closed = 0, []
    for slot, wrapped, version, binding in _keys(store):
        try:
            store.keys.opened(slot, wrapped, version, binding)
            keys += 1
        except FormatError:
            closed.append(f"keys {slot[0].value}")
    bodies = open_all(store)
    if bodies.missing or bodies.stranded:
        closed.append(f"bodies {bodies.missing + bodies.stranded}")
    people = store.people.all()
    consents = [person for person in people if _consented(store, person.id, closed)]
    references = store.templates.references()
    closed += [f"{each.place} {each.row}" for each in store.quarantine.all() if each.found_at >= manifest.created_at]
    return Checked(
        manifest,
        manifest.size,
        bodies.opened,
        len(people),
        len(consents),
        len(references),
        keys,
        tuple(closed),
    )


def _keys(store: Store) -> Iterator[tuple[Slot, bytes, int, bytes]]:
    """Every wrapped key but the store key's own, and what its wrap is bound to."""
    rows = store.database.rows(
        "SELECT k.kind, k.person, k.period, k.epoch, k.wrapped, k.row_version, coalesce(b.digest, x'') FROM keys k"
        " LEFT JOIN bases b ON k.kind = 'biometric' AND b.person = k.person AND b.state = 'active'"
        " WHERE k.kind <> 'store'"
    )
    for kind, person, period, epoch, wrapped, version, binding in rows:
        yield (KeyKind(kind), person, period, epoch), wrapped, version, binding


def _consented(store: Store, person: str, closed: list[str]) -> bool:
    try:
        return store.basis.consent_of(person) is not None
    except (Fault, FormatError):
        closed.append(f"bases of {person}")
        return False
