"""Gathers the erasures that a backup does not know; refuses to pass over a certificate of this device."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.files import reason
from kiosk.store.keys import KeyKind
from kiosk.store.vault import blind_index
from wire import canonical, certificate, checkpoint
from wire.certificate import FILE_LIMIT, Certificate, Limit, Scope
from wire.errors import BrokenChain, FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

# "face", "person" or "leaving", and random id: see erasure.replay.
Subject = tuple[str, str]
_SUFFIX: Final = ".json"


def certified(
    store: "Store", places: Sequence[Path], *, passed_over: Callable[[Path], object] = lambda _: None
) -> list[Subject]:
    """What certificates say was erased and the store still may hold; those of other devices are passed over.

    A face is erased again only if its erasure is not in this ledger: the person may have been enrolled since.

    Args:
        store: restored, before headquarters' entries are appended.
        places: certificates, or directories of them (*.json).
        passed_over: told of each that says it is another device's.

    Raises:
        Fault: CERTIFICATE_INVALID: a file is no certificate, or one of this device that it did not sign so;
            BACKUP_REFUSED: the device was decommissioned, everything on it was erased.
    """
    found = []
    for path in _files(places):
        one = _read(path, store.device_id, store.device_public)
        if one is None:
            passed_over(path)
            continue
        if one.scope is Scope.EVERYTHING:
            raise Fault(FaultCode.BACKUP_REFUSED, "everything on this device was erased since")
        if Limit.RECORDS_WAIT in one.limits:
            found.append(("leaving", one.subject))
        elif one.scope is Scope.PERSON or not _in_ledger(store, one):
            found.append((one.scope.value, one.subject))
    return found


def known_here(store: "Store", told: Iterable[tuple[str, str]]) -> list[Subject]:
    """The subjects of what headquarters was told: (scope, employee code or random id); who is not here is left out."""
    index = store.keys.need(KeyKind.INDEX)
    found = []
    for scope, code in told:
        row = store.database.row("SELECT id FROM people WHERE code_index = ? OR id = ?", blind_index(index, code), code)
        if row is not None:
            found.append((scope, str(row[0])))
    return found


def _files(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        try:
            if not place.is_dir():
                yield place
                continue
            yield from sorted(path for path in place.iterdir() if path.suffix == _SUFFIX)
        except OSError as error:
            raise Fault(FaultCode.CERTIFICATE_INVALID, f"{place.name}: {reason(error)}") from error


def _read(path: Path, device: str, public: bytes) -> Certificate | None:
    """A certificate of this device, or None if it is another's."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
        value = canonical.decode(data, limit=FILE_LIMIT + 1)
        if isinstance(value, dict) and value.get("format") == certificate.FORMAT and value.get("device") != device:
            return None
        return certificate.read(data, public)
    except OSError as error:
        raise Fault(FaultCode.CERTIFICATE_INVALID, f"{path.name}: {reason(error)}") from error
    except FormatError as error:
        raise Fault(FaultCode.CERTIFICATE_INVALID, f"{path.name}: {error}") from error


def _in_ledger(store: "Store", one: Certificate) -> bool:
    """Whether the ledger holds the entry of this erasure: then the backup was made after it."""
    stated = checkpoint.unverified(one.checkpoint)
    try:
        return store.ledger.hash_at(stated.size) == stated.head
    except BrokenChain:
        return False
