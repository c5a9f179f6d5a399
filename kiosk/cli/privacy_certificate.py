"""`kiosk privacy verify-certificate`: what a certificate proves, without a store; refuses to soften a limit."""

import argparse
import hashlib
import re
import sys
from pathlib import Path
from typing import Final

from kiosk import words
from kiosk.cli import paper
from kiosk.cli.opening import answer
from kiosk.faults import FaultCode
from kiosk.rights import disposal
from wire import certificate, checkpoint, checks
from wire.certificate import CLASSES, FILE_LIMIT, Certificate, Level, Limit, Scope
from wire.errors import BadSignature, FormatError
from wire.event import ClockState

_KEY: Final = re.compile(r"\s*([0-9a-fA-F]{64})\s*")
_KEY_LIMIT: Final = 200
_WHAT: Final = {
    Scope.FACE: "the face of the person {0} was erased",
    Scope.PERSON: "everything about the person {0} was erased",
    Scope.EVERYTHING: "everything on the device was erased",
}
_CLOCK: Final = {
    ClockState.SYNCED: "its clock was set by a time server",
    ClockState.UNSYNCED: "no time server had set its clock: the times may be wrong",
    ClockState.STEPPED: "its clock had been moved: the times may be wrong",
}
_CLASSES: Final = {
    "biometric_keys": "biometric keys",
    "references": "references of faces",
    "quarantined_copies": "damaged references that had been set aside",
    "record_keys": "keys of attendance records, one a month",
    "profile_keys": "keys of name and employee code",
    "profiles": "names and employee codes",
    "pins": "PINs and passwords",
    "consent_records": "consent records",
    "attendance_delivered": "attendance records that headquarters had signed for",
    "attendance_handed_over": "attendance records that were handed to a human instead",
    "other_keys": "other keys",
    "device_records": "records about the device itself",
    "store_keys": "store keys",
    "files": "files",
    "root_keys": "root keys, so that no copy of them is left",
}
_LEVELS: Final = {
    Level.WEAK: "in a file beside the store",
    Level.PASSPHRASE: "as a passphrase",
    Level.HARDWARE: "in hardware",
}
_LIMITS: Final = {
    Limit.EARLIER_COPIES: "A copy of the files that was made before still opens with the device's root key.",
    Limit.BACKUPS: "Sealed backups that were made before keep it until they are deleted; a restore erases it again.",
    Limit.FLASH: "A memory card may keep old blocks that no file shows.",
    Limit.MEMORY: "A program that ran meanwhile may keep copies in its memory until it ends.",
    Limit.HEADQUARTERS: "What headquarters has received stays there.",
    Limit.REWRITTEN: "The erasure was interrupted: both files were written anew, and of what had been deleted before,"
    " only the first bytes were searched for.",
    Limit.UNREADABLE: "Some files of other users of the device could not be searched.",
    Limit.NOTICE_WAITS: "One sealed notice with the employee code stays until headquarters has signed for it.",
    Limit.CODE_UNKNOWN: "Headquarters was told this random id: the employee code was gone already.",
    Limit.RECORDS_WAIT: "Not done yet: profile and attendance wait until headquarters has signed for the attendance.",
    Limit.FILES_REMAIN: "When this was signed, the files, the device's own key and its root key were still there.",
}


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    verb = acts.add_parser("verify-certificate", help="check a certificate of erasure; works on any machine")
    verb.add_argument("file", type=Path, metavar="FILE", help="the certificate")
    verb.add_argument(
        "--device-key", type=Path, required=True, metavar="FILE", help="the device's public key: 64 hexadecimal digits"
    )
    verb.add_argument("--json", action="store_true", help="answer as one JSON object on standard output")
    verb.set_defaults(do=_verify)
    paper_of_it = acts.add_parser("certificate", help="put a certificate of erasure on paper; works on any machine")
    what = paper_of_it.add_subparsers(required=True, metavar="WHAT")
    printed = paper.document_options(what.add_parser("print", help="check it, and write what it says as a document"))
    printed.add_argument("file", type=Path, metavar="FILE", help="the certificate")
    printed.add_argument(
        "--device-key", type=Path, required=True, metavar="FILE", help="the device's public key: 64 hexadecimal digits"
    )
    printed.add_argument("--json", action="store_true", help="answer as one JSON object on standard output")
    printed.set_defaults(do=_print)


def _verify(given: argparse.Namespace) -> int:
    try:
        found = certificate.read(start_of(given.file, FILE_LIMIT), public_key(given.device_key))
    except FormatError as wrong:
        return _refused(given, wrong)
    answer(given, {"genuine": True, **as_json(found)}, "\n".join(["This certificate is genuine.", *sentences(found)]))
    return 0


def _print(given: argparse.Namespace) -> int:
    data = start_of(given.file, FILE_LIMIT)
    try:
        found = certificate.read(data, public_key(given.device_key))
    except FormatError as wrong:
        return _refused(given, wrong)
    paper.hand_out(given, disposal.printed(found, hashlib.sha256(data).hexdigest(), as_json(found), given.language))
    return 0


def _refused(given: argparse.Namespace, wrong: FormatError) -> int:
    reason = str(wrong)
    if isinstance(wrong, BadSignature):
        reason = "it was altered, or another device has signed it"
    if given.json:
        answer(given, {"genuine": False, "reason": reason}, "")
    title, hint = (words.say("en", f"fault.{FaultCode.CERTIFICATE_INVALID}.{part}") for part in ("title", "hint"))
    sys.stderr.write(f"kiosk: {title} ({reason})\n{hint}\n")
    return 1


def public_key(path: Path) -> bytes:
    """A device's public key from a file, 32 bytes. Raises FormatError."""
    text = start_of(path, _KEY_LIMIT).decode("ascii", "replace")
    found = _KEY.fullmatch(text)
    if found is None:
        raise FormatError("the device's key: not 64 hexadecimal digits")
    return bytes.fromhex(found[1])


def start_of(path: Path, limit: int) -> bytes:
    """The first `limit` bytes of a file and one more, if there are so many. Raises OSError."""
    with path.open("rb") as file:
        return file.read(limit + 1)


def as_json(found: Certificate) -> dict[str, object]:
    """A certificate as plain values."""
    return {
        "id": found.id,
        "device": found.device,
        "scope": found.scope.value,
        "subject": found.subject,
        "entry": found.seq,
        "began": checks.moment_to_text(found.began),
        "finished": checks.moment_to_text(found.finished),
        "clock": found.clock.value,
        "destroyed": dict(found.destroyed),
        "searched": {
            place.value: {"files": searched.files, "bytes": searched.bytes}
            for place, searched in found.searched.items()
        },
        "pieces": found.pieces,
        "root_key": found.root_key.value,
        "limits": [limit.value for limit in found.limits],
    }


def sentences(found: Certificate) -> list[str]:
    """A certificate in plain words, one line each."""
    files = sum(searched.files for searched in found.searched.values())
    size = sum(searched.bytes for searched in found.searched.values())
    signed = checkpoint.unverified(found.checkpoint).size
    moments = checks.moment_to_text(found.began), checks.moment_to_text(found.finished)
    lines = [
        f"Device {found.device} has signed that {_WHAT[found.scope].format(found.subject)}.",
        f"Asked for at {moments[0]}, signed at {moments[1]}; {_CLOCK[found.clock]}.",
        f"Entry {found.seq} of its ledger records it, among the {signed} that the device has signed for.",
        "Destroyed:",
        *(f"  {_CLASSES[name]}: {found.destroyed[name]}" for name in CLASSES[found.scope]),
        f"Then {found.pieces} pieces of it were searched for in {files} files ({size} bytes): none was found.",
        f"The device kept its root key {_LEVELS[found.root_key]}.",
    ]
    if Limit.EARLIER_COPIES not in found.limits:
        lines.append("Its root key is destroyed: no earlier copy of the files can be opened with it any more.")
    return [*lines, "What this does not claim:", *(f"  {_LIMITS[limit]}" for limit in found.limits)]
