"""Reads what was signed about the ledger; refuses to count a signature that does not fit as anybody's word."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kiosk.store.chain import Promise
from wire import checkpoint
from wire.errors import FormatError


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signatures count.

    Attributes:
        device: id of the device.
        public: its 32-byte key.
        headquarters: signer name to 32-byte key; empty while the device is not provisioned.
    """

    device: str
    public: bytes
    headquarters: Mapping[str, bytes]

    @property
    def keys(self) -> dict[str, bytes]:
        """Every signer name with its key."""
        return {**self.headquarters, checkpoint.ORIGIN + self.device: self.public}


def of_device(size: int, note: bytes, signer: Signer) -> Promise:
    """The promise of a kept checkpoint of `size` entries."""
    try:
        found, _ = checkpoint.read(note.decode(), signer.keys)
    except ValueError:
        return Promise(size, None, "has a checkpoint that is not signed by this device")
    if (found.device, found.size) != (signer.device, size):
        return Promise(size, None, "has the checkpoint of another size or ledger")
    return Promise(size, found.head, "the checkpoint")


def of_headquarters(size: int, note: bytes, signer: Signer) -> Promise:
    """The promise of a kept counter-signature; as long as no key of headquarters is known, of the device in it."""
    try:
        found, names = checkpoint.read(note.decode(), signer.keys)
    except ValueError:
        return Promise(size, None, "has a counter-signature that does not fit")
    if (found.device, found.size) != (signer.device, size):
        return Promise(size, None, "has the counter-signature of another size or ledger")
    if signer.headquarters and not names & signer.headquarters.keys():
        return Promise(size, None, "has a counter-signature that is not by headquarters")
    return Promise(size, found.head, "the counter-signature of headquarters")


def of_note(note: str, signer: Signer) -> Promise:
    """The promise of a note from elsewhere: headquarters, an export, an older print.

    Raises:
        FormatError: it is not a note of this device.
    """
    found, _ = checkpoint.read(note, signer.keys)
    if found.device != signer.device:
        raise FormatError("note: of another device")
    return Promise(found.size, found.head, "the given note")


def of_checkpoints(rows: Iterable[tuple[int, bytes, bytes | None]], signer: Signer) -> list[Promise]:
    """The promises of the table `checkpoints`: (size, note, counter-signed note or None)."""
    found = []
    for size, note, countersigned in rows:
        found.append(of_device(size, note, signer))
        if countersigned is not None:
            found.append(of_headquarters(size, countersigned, signer))
    return found
