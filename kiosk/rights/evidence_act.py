"""Two people hand evidence out: minimum, proved, sealed for its receiver, on a registered medium; refuses one alone."""

import hashlib
import io
import lzma
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import evidence, evidence_documents, evidence_proof, exports, media
from kiosk.rights.documents import pdf
from kiosk.rights.evidence import Wanted
from kiosk.rights.exports import Export
from kiosk.store import backup_box
from kiosk.store.approval import LoggedIn, Objection, Role, approved
from kiosk.store.files import replace_file

if TYPE_CHECKING:
    from kiosk.store import Store

ROLES: Final = frozenset({Role.DPO, Role.ADMIN})
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # the least that a zip can say: when a file was made is said within

# What zipfile lets through of a damaged, encrypted or strangely packed file, from itself and from what unpacks.
_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(KeyError, OSError, RuntimeError, ValueError),
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where evidence goes.

    Attributes:
        medium: id in the register.
        place: where that medium is plugged in.
        receiver: public key (age1...) of who gets it.
        days: after how many days it must be destroyed.
        zone: in which times are printed.
        language: in which its pages are.
    """

    medium: str
    place: Path
    receiver: str
    days: int
    zone: str
    language: str


def two(first: LoggedIn, second: LoggedIn) -> None:
    """Refuse anything but an officer and an administrator, two different accounts. Raises Fault APPROVAL_MISSING."""
    found = approved(first, second, ROLES)
    if isinstance(found, Objection):
        raise Fault(FaultCode.APPROVAL_MISSING, found.value)
    if {first.role, second.role} != ROLES:
        raise Fault(FaultCode.APPROVAL_MISSING, Objection.OTHER_ROLE.value)


def hand_out(store: "Store", demand: Wanted, target: Target, first: LoggedIn, second: LoggedIn) -> exports.Listed:
    """Make the file, on the medium, and the papers that say so.

    That it is made stands in the register before it is there; a cut in between leaves a line that says "writing".

    Args:
        store: open.
        demand: what was asked for.
        target: where it goes.
        first: who does it.
        second: the other: of the two, one is the officer and one an administrator.

    Returns:
        Its line in the register.

    Raises:
        Fault: APPROVAL_MISSING; OUTPUT_REFUSED: the medium; BACKUP_RECIPIENT: the key; DESK_REFUSED: nothing that was
            asked for is there, or too much; STORE_TAMPERED; DISK_FULL, DISK_FAILED.
    """
    two(first, second)
    media.need(store, target.medium, target.place)
    backup_box.check_recipient(target.receiver)
    pieces = evidence.extract(store, demand)
    if not pieces:
        raise Fault(FaultCode.DESK_REFUSED, "nothing of what was asked for is here")
    people = evidence.concerned(pieces)
    draft = Export(
        demand, target.medium, target.receiver, first.account, second.account, "", "", "", len(pieces), people
    )
    export_id = exports.begin(store, draft.spelled(), target.days, first.account)
    proof = evidence_proof.write(store, export_id, demand, pieces)
    pages = evidence_documents.extract(
        store.device_id, export_id, store.now_ms(), demand, pieces, _names(store, people), target.zone, target.language
    )
    sealed = _sealed(_packed({"evidence.json": proof, "evidence.pdf": pdf(pages)}), target.receiver)
    name = f"evidence-{export_id}.zip.age"
    replace_file(target.place / name, sealed, 0o600)  # a stick's file system has no links
    done = replace(
        draft,
        file=name,
        sealed_sha256=hashlib.sha256(sealed).hexdigest(),
        content_sha256=hashlib.sha256(proof).hexdigest(),
    )
    exports.finish(store, export_id, done, first.account)
    return exports.one(store, export_id)


def unpacked(data: bytes) -> bytes:
    """The evidence in an opened package, or the file itself. Raises Fault BACKUP_REFUSED: it is damaged."""
    if not data.startswith(b"PK"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, package.open("evidence.json") as file:
            found = file.read(evidence_proof.LIMIT + 1)
    except _DAMAGED as wrong:
        raise Fault(FaultCode.BACKUP_REFUSED, "no package of evidence") from wrong
    if len(found) > evidence_proof.LIMIT:
        raise Fault(FaultCode.BACKUP_REFUSED, "too long")
    return found


def _names(store: "Store", people: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Code and name of each of the people concerned."""
    known = [store.people.get(person) for person in people]
    return {person.id: (person.code, person.name) for person in known}


def _packed(files: dict[str, bytes]) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return package.getvalue()


def _sealed(content: bytes, receiver: str) -> bytes:
    sealed = io.BytesIO()
    backup_box.seal(io.BytesIO(content), sealed, receiver)
    return sealed.getvalue()
