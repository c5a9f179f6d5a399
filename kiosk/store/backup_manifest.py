"""What a backup says of itself, signed by the device; refuses a list of members that is not exactly ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from kiosk.store.database import RECORDS_FILE, TEMPLATES_FILE
from wire import canonical, checkpoint, checks
from wire.canonical import INTEGER_LIMIT, Json
from wire.errors import FormatError, UnknownFormat
from wire.sealed import KEY_SIZE
from wire.signing import SIGNATURE_SIZE, SigningKey, verify
from wire.spine import HASH_SIZE

MANIFEST: Final = "manifest.json"
STORE_KEY: Final = "store.key"
MANIFEST_LIMIT: Final = 16_384
# The size field of a tar header (ustar) has eleven octal digits.
MEMBER_LIMIT: Final = 8**11 - 1
_FORMAT: Final = "ambang.backup.v1"
_DOMAIN: Final = b"\0ambang-backup-v1\0"
_STORE_ID_SIZE: Final = 16


class Kind(StrEnum):
    """OFFSITE leaves the house and never holds anything of a face; ONSITE may, where that is configured."""

    OFFSITE = "offsite"
    ONSITE = "onsite"


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a backup: its name, its size in bytes and the 32-byte SHA-256 of its content."""

    name: str
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup and how far the store had come.

    Attributes:
        kind: off-site or on-site.
        store: id of the store, 32 hexadecimal digits.
        device: id of the device.
        device_public: 32-byte Ed25519 key of the device, which has signed this.
        generation: of the store.
        store_key_epoch: which store key the backup carries.
        size: entries in the ledger.
        head: 32-byte hash of the last of them.
        note: the checkpoint of exactly these entries, signed by the device.
        created_at: ms UTC.
        members: the files that follow, in their order.
    """

    kind: Kind
    store: str
    device: str
    device_public: bytes
    generation: int
    store_key_epoch: int
    size: int
    head: bytes
    note: str
    created_at: int
    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        checks.hex_bytes(self.store, _STORE_ID_SIZE)
        checks.moment(self.created_at)
        for value, what in (
            (self.generation, "generation"),
            (self.store_key_epoch, "store key epoch"),
            (self.size, "size"),
        ):
            checks.integer(value, what, 0, INTEGER_LIMIT)
        own = checkpoint.ORIGIN + checks.device(self.device)
        found, _ = checkpoint.read(self.note, {own: self.device_public})
        if found != checkpoint.Checkpoint(self.device, self.size, self.head):
            raise FormatError("manifest: the checkpoint is of another ledger")
        if tuple(member.name for member in self.members) not in _LISTS[self.kind]:
            raise FormatError("manifest: another list of members")
        for member in self.members:
            checks.integer(member.size, "member", 1, KEY_SIZE if member.name == STORE_KEY else MEMBER_LIMIT)
            checks.exact(member.sha256, "member", HASH_SIZE)

    @property
    def templates(self) -> bool:
        """Whether references, and the keys that open them, are in it."""
        return any(member.name == TEMPLATES_FILE for member in self.members)


_RECORDS: Final = (STORE_KEY, RECORDS_FILE)
_LISTS: Final[Mapping[Kind, tuple[tuple[str, ...], ...]]] = {
    Kind.OFFSITE: (_RECORDS,),
    Kind.ONSITE: (_RECORDS, (*_RECORDS, TEMPLATES_FILE)),
}
_SHAPE: Final[Mapping[str, type]] = {
    "format": str,
    "kind": str,
    "store": str,
    "device": str,
    "device_public": str,
    "generation": int,
    "store_key_epoch": int,
    "size": int,
    "head": str,
    "checkpoint": str,
    "created_at": int,
    "members": list,
}


def encode(manifest: Manifest, key: SigningKey) -> bytes:
    """The file `manifest.json`: canonical JSON of the manifest and its signature by the device."""
    spelled = _spell(manifest)
    signature = key.sign(_DOMAIN + canonical.encode(spelled))
    return canonical.encode({"manifest": spelled, "sig": signature.hex()})


def decode(data: bytes, device_public: bytes | None = None) -> Manifest:
    """Read a `manifest.json` and check its signature.

    Args:
        data: the file.
        device_public: whose backup it must be; None believes the key that the manifest itself names.

    Raises:
        UnknownFormat: another version.
        BadSignature: not signed by the device that it names, or its checkpoint is not.
        FormatError: another device than `device_public`, or anything else.
    """
    whole = canonical.fields(canonical.decode_canonical(data, limit=MANIFEST_LIMIT), {"manifest": dict, "sig": str})
    if whole["manifest"].get("format") != _FORMAT:
        raise UnknownFormat("manifest: another format")
    value = canonical.fields(whole["manifest"], _SHAPE)
    public = checks.hex_bytes(value["device_public"], KEY_SIZE)
    if device_public is not None and public != device_public:
        raise FormatError("manifest: of another device")
    verify(public, checks.hex_bytes(whole["sig"], SIGNATURE_SIZE), _DOMAIN + canonical.encode(value))
    return _read(value, public)


def _read(value: Mapping[str, Any], public: bytes) -> Manifest:
    if value["kind"] not in tuple(Kind):
        raise UnknownFormat("manifest: another kind")
    return Manifest(
        kind=Kind(value["kind"]),
        store=value["store"],
        device=value["device"],
        device_public=public,
        generation=value["generation"],
        store_key_epoch=value["store_key_epoch"],
        size=value["size"],
        head=checks.hex_bytes(value["head"], HASH_SIZE),
        note=value["checkpoint"],
        created_at=value["created_at"],
        members=tuple(_member(member) for member in value["members"]),
    )


def _member(value: object) -> Member:
    found = canonical.fields(value, {"name": str, "size": int, "sha256": str})
    return Member(found["name"], found["size"], checks.hex_bytes(found["sha256"], HASH_SIZE))


def _spell(manifest: Manifest) -> dict[str, Json]:
    return {
        "format": _FORMAT,
        "kind": manifest.kind.value,
        "store": manifest.store,
        "device": manifest.device,
        "device_public": manifest.device_public.hex(),
        "generation": manifest.generation,
        "store_key_epoch": manifest.store_key_epoch,
        "size": manifest.size,
        "head": manifest.head.hex(),
        "checkpoint": manifest.note,
        "created_at": manifest.created_at,
        "members": [
            {"name": member.name, "size": member.size, "sha256": member.sha256.hex()} for member in manifest.members
        ],
    }
