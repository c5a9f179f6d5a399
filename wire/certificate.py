"""The certificate of an erasure: what was destroyed, how that was checked, and what nobody claims; names no person."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wire import canonical, checkpoint, checks
from wire.canonical import INTEGER_LIMIT, Json
from wire.errors import FormatError, UnknownFormat
from wire.event import ClockState
from wire.signing import SIGNATURE_SIZE, SigningKey, verify

FORMAT: Final = "ambang.erasure.v1"
FILE_LIMIT: Final = 1 << 14
ID_SIZE: Final = 8
_DOMAIN: Final = b"\0ambang-erasure-v1\0"


class Scope(StrEnum):
    """What was erased: one person's face, everything of one person, or everything of everybody."""

    FACE = "face"
    PERSON = "person"
    EVERYTHING = "everything"


class Level(StrEnum):
    """How the root key of the device was kept."""

    WEAK = "weak"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a level
    HARDWARE = "hardware"


class Place(StrEnum):
    """Where was searched: every file beneath these directories of the device, and every other one beside them."""

    STATE = "state"
    EXCHANGE = "exchange"
    OFFSITE = "offsite"
    OTHER = "other"


class Limit(StrEnum):
    """What the certificate does not claim: the closed list; what is not in a certificate holds."""

    EARLIER_COPIES = "earlier_copies"  # a copy of the files made before, with the root key of the device, still opens
    BACKUPS = "backups"  # sealed backups made before keep it until they are deleted; a restore erases it again
    FLASH = "flash"  # a memory card may keep old blocks that no file shows
    MEMORY = "memory"  # a program that ran meanwhile may keep copies in its memory until it ends
    HEADQUARTERS = "headquarters"  # what headquarters has received stays there
    REWRITTEN = "rewritten"  # interrupted: the files were written anew, and searched for the first bytes of each record
    UNREADABLE = "unreadable"  # some files of other users could not be searched
    NOTICE_WAITS = "notice_waits"  # one sealed notice with the employee code waits for headquarters to sign for it
    CODE_UNKNOWN = "code_unknown"  # headquarters was told the random id: the employee code was gone already
    FILES_REMAIN = "files_remain"  # when this was signed, the files, the device's key and its root key were still there
    RECORDS_WAIT = "records_wait"  # face and PIN are gone; the rest waits until headquarters has signed for attendance


# Which classes a certificate counts, by its scope; every one of them stands in it, with 0 if there was none.
_FACE: Final = ("biometric_keys", "references", "quarantined_copies")
_PERSON: Final = (
    *_FACE,
    *("record_keys", "profile_keys", "profiles", "pins", "consent_records"),
    *("attendance_delivered", "attendance_handed_over"),
)
CLASSES: Final[Mapping[Scope, tuple[str, ...]]] = {
    Scope.FACE: _FACE,
    Scope.PERSON: _PERSON,
    Scope.EVERYTHING: (*_PERSON, "other_keys", "device_records", "store_keys", "files", "root_keys"),
}


@dataclass(frozen=True, slots=True)
class Searched:
    """How much of one place was searched."""

    files: int
    bytes: int

    def __post_init__(self) -> None:
        checks.integer(self.files, "files", 0, INTEGER_LIMIT)
        checks.integer(self.bytes, "bytes", 0, INTEGER_LIMIT)


@dataclass(frozen=True, slots=True)
class Certificate:
    """One erasure.

    Args:
        id: 16 hexadecimal digits; two certificates of one id are about one erasure, and the later one says more.
        device: device id.
        scope: what was erased.
        subject: the random id of the person, 16 hexadecimal digits; "" for everything.
        seq: the entry of the ledger that records it.
        checkpoint: note that the device has signed; its size is `seq` or more.
        began: when it was asked for, ms since 1970 in UTC.
        finished: when this was signed, ms since 1970 in UTC.
        clock: whether the clock could be believed.
        destroyed: how many of each of `CLASSES[scope]`.
        searched: how much of each place was searched; nothing was found there.
        pieces: how many pieces of what was destroyed were searched for.
        root_key: how the root key was kept.
        limits: what is not claimed, in the order of `Limit`.
    """

    id: str
    device: str
    scope: Scope
    subject: str
    seq: int
    checkpoint: str
    began: int
    finished: int
    clock: ClockState
    destroyed: Mapping[str, int]
    searched: Mapping[Place, Searched]
    pieces: int
    root_key: Level
    limits: tuple[Limit, ...]

    def __post_init__(self) -> None:
        checks.hex_bytes(self.id, ID_SIZE)
        checks.device(self.device)
        checks.hex_bytes(self.subject, 0 if self.scope is Scope.EVERYTHING else ID_SIZE)
        checks.integer(self.seq, "seq", 1, INTEGER_LIMIT)
        stated = checkpoint.unverified(self.checkpoint)
        if stated.device != self.device or stated.size < self.seq:
            raise FormatError("certificate: the checkpoint does not cover the entry")
        checks.moment(self.began, "began")
        checks.moment(self.finished, "finished")
        if self.destroyed.keys() != set(CLASSES[self.scope]):
            raise FormatError("certificate: classes")
        for count in (*self.destroyed.values(), self.pieces):
            checks.integer(count, "count", 0, INTEGER_LIMIT)
        if self.searched.keys() != set(Place):
            raise FormatError("certificate: places")
        if self.limits != tuple(limit for limit in Limit if limit in self.limits):
            raise FormatError("certificate: limits")


def sign(certificate: Certificate, key: SigningKey) -> bytes:
    """Return the file: canonical JSON with `sig` and a line feed, at most 16 KiB.

    `sig` is Ed25519 in hex over a domain and the canonical JSON of everything else.
    """
    said = _spell(certificate)
    return canonical.encode({**said, "sig": key.sign(_DOMAIN + canonical.encode(said)).hex()}) + b"\n"


def read(data: bytes, public: bytes) -> Certificate:
    """Read a certificate and check both signatures by the device's 32-byte key: its own, and that of its checkpoint.

    Raises:
        BadSignature: another device's, or altered.
        UnknownFormat: another kind or version.
        FormatError: anything else.
    """
    certificate, signature = _parts(data)
    verify(public, signature, _DOMAIN + canonical.encode(_spell(certificate)))
    checkpoint.read(certificate.checkpoint, {checkpoint.ORIGIN + certificate.device: public})
    return certificate


def unverified(data: bytes) -> Certificate:
    """Read what a certificate says, without any proof of who said it. Raises FormatError."""
    return _parts(data)[0]


_SHAPE: Final[dict[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("format", "id", "device", "scope", "subject", "checkpoint", "clock", "root_key", "sig"), str),
    **dict.fromkeys(("seq", "began", "finished", "pieces", "found"), int),
    "destroyed": dict,
    "searched": dict,
    "limits": list,
}


def _parts(data: bytes) -> tuple[Certificate, bytes]:
    """What a file says, and its 64-byte signature."""
    if len(data) > FILE_LIMIT or not data.endswith(b"\n"):
        raise FormatError("certificate: length, or no line feed at its end")
    value = canonical.decode_canonical(data[:-1])
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise UnknownFormat("certificate: format")
    found = canonical.fields(value, _SHAPE)
    if found["found"] != 0:
        raise FormatError("certificate: nothing may have been found")
    certificate = Certificate(
        id=found["id"],
        device=found["device"],
        scope=checks.choice(Scope, found["scope"]),
        subject=found["subject"],
        seq=found["seq"],
        checkpoint=found["checkpoint"],
        began=found["began"],
        finished=found["finished"],
        clock=checks.choice(ClockState, found["clock"]),
        destroyed=found["destroyed"],
        searched={
            checks.choice(Place, place): Searched(**canonical.fields(searched, {"files": int, "bytes": int}))
            for place, searched in found["searched"].items()
        },
        pieces=found["pieces"],
        root_key=checks.choice(Level, found["root_key"]),
        limits=tuple(checks.choice(Limit, limit) for limit in found["limits"]),
    )
    return certificate, checks.hex_bytes(found["sig"], SIGNATURE_SIZE)


def _spell(certificate: Certificate) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "id": certificate.id,
        "device": certificate.device,
        "scope": certificate.scope.value,
        "subject": certificate.subject,
        "seq": certificate.seq,
        "checkpoint": certificate.checkpoint,
        "began": certificate.began,
        "finished": certificate.finished,
        "clock": certificate.clock.value,
        "destroyed": dict(certificate.destroyed),
        "searched": {
            place.value: {"files": searched.files, "bytes": searched.bytes}
            for place, searched in certificate.searched.items()
        },
        "pieces": certificate.pieces,
        "found": 0,
        "root_key": certificate.root_key.value,
        "limits": [limit.value for limit in certificate.limits],
    }
