"""Makes a store out of a backup, under another root key; refuses to let it open before newer erasures are done again.

The store is built beside its place. A crash leaves either no store or a whole one, and a second try begins anew.
"""

import errno
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import Clock, Store, erasure, roots
from kiosk.store.acts import LocalKind
from kiosk.store.backup_box import read_identity
from kiosk.store.backup_manifest import Manifest
from kiosk.store.erasure_proof import CERTIFICATES
from kiosk.store.keys import KeyKind
from kiosk.store.restore_continuation import Continued, go_on
from kiosk.store.restore_erasures import certified, known_here
from kiosk.store.restore_open import adopted, believed
from kiosk.store.restore_unpack import Step, unpack
from kiosk.store.roots import RootKey
from kiosk.store.unfinished import building, put_in_place

_log = logging.getLogger("ambang.store")
_NOBODY: Final[Mapping[str, bytes]] = {}


@dataclass(frozen=True, slots=True)
class Newer:
    """What happened after a backup, as far as somebody can tell; each may be missing.

    Attributes:
        erasures: certificates of erasure, or directories of them. Those beside the store's place are always read.
        export: what `kiosk-hq export --device` has written.
        headquarters: signer name to 32-byte public key: who must have signed the export.
    """

    erasures: Sequence[Path] = ()
    export: Path | None = None
    headquarters: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes:
        manifest: of the backup.
        entries: in the ledger now.
        appended: entries that headquarters had and the backup had not; None if headquarters was not asked.
        erased: how many erasures were done again.
        people: who are in the store now.
        references: of faces.
        passed_over: names of certificates that say they are another device's.
    """

    manifest: Manifest
    entries: int
    appended: int | None
    erased: int
    people: int
    references: int
    passed_over: tuple[str, ...] = ()


def restore(  # noqa: PLR0913 - by keyword
    sealed: Path,
    identity: Path,
    state: Path,
    provider: RootKey,
    *,
    clock: Clock,
    newer: Newer = Newer(),
    places: Sequence[Path] = (),
    exchange_key: Path | None = None,
    device_public: bytes | None = None,
    step: Step = lambda _done, _total: None,
    entries: Step = lambda _done, _total: None,
) -> Restored:
    """Put the store of a backup into `state`, where there is none.

    Args:
        sealed: the backup.
        identity: the organisation's age identity file, mode 0600.
        state: directory of the store; made if it is missing.
        provider: of the root key; it makes one if it has none.
        clock: reads all clocks.
        newer: erasures and entries that the backup does not know.
        places: further files for the rollback anchor.
        exchange_key: gets the key that the store shares with sync, unless it is there.
        device_public: whose backup it must be; None believes the backup itself.
        step: told how many bytes are laid down, and of how many.
        entries: told how many entries of the ledger are checked, and of how many.

    Raises:
        Fault: STORE_EXISTS (also for another store's exchange key); BACKUP_IDENTITY; BACKUP_REFUSED;
            CERTIFICATE_INVALID; EXPORT_REFUSED; LEDGER_BROKEN: headquarters knows another ledger; what the provider
            raises; DISK_FULL, DISK_FAILED. There is no store then.
    """
    opened = read_identity(identity)
    try:
        with building(state) as beside:
            unpacked = unpack(sealed, opened, beside, device_public=device_public, step=step)
            root = provider.obtain()
            if not (state / roots.DESCRIPTION).exists():
                roots.keep(state, provider)
            level = provider.security_level
            with adopted(beside, unpacked, root, level, clock=clock, places=places, step=entries) as store:
                restored = _caught_up(store, unpacked.manifest, newer, state / CERTIFICATES, entries)
                if exchange_key is not None:
                    _share(store, exchange_key)
            put_in_place(beside, state)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise Fault(FaultCode.DISK_FULL if full else FaultCode.DISK_FAILED, state.name) from error
    _log.info("restored: %d entries, %d erasures done again", restored.entries, restored.erased)
    return restored


def _caught_up(store: Store, manifest: Manifest, newer: Newer, beside: Path, entries: Step) -> Restored:
    """Bring the store up to what is known, write that down, and anchor it."""
    places = [*newer.erasures, *([beside] if beside.is_dir() else [])]
    others: list[str] = []
    with believed():
        subjects = certified(store, places, passed_over=lambda path: others.append(path.name))
        continued = _continued(store, newer, entries)
        if continued is not None:
            subjects += known_here(store, continued.told)
        erased = erasure.replay(store, dict.fromkeys(subjects))
        appended = None if continued is None else continued.appended
        store.append_local(
            LocalKind.RESTORED,
            {
                "kind": manifest.kind.value,
                "generation": manifest.generation,
                "entries": manifest.size,
                "appended": appended or 0,
                "erased": erased,
            },
        )
        store.ledger.checkpoint()
    store.anchor.write()
    ((people, references),) = store.database.rows("SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM faces)")
    return Restored(manifest, store.ledger.size(), appended, erased, people, references, tuple(others))


def _share(store: Store, path: Path) -> None:
    if not path.exists():
        store.write_exchange_key(path)
    elif path.read_bytes() != store.keys.need(KeyKind.EXCHANGE):
        raise Fault(FaultCode.STORE_EXISTS, f"{path.name} is of another store")


def _continued(store: Store, newer: Newer, step: Step) -> Continued | None:
    if newer.export is None:
        return None
    if not newer.headquarters:
        raise Fault(FaultCode.CONFIG_INVALID, "[headquarters] names nobody who could have signed the export")
    return go_on(store, newer.export, newer.headquarters, step=step)
