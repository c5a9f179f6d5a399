"""The signed head of a ledger, as a C2SP note; refuses a note without the device's own good signature."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wire import checks
from wire.canonical import INTEGER_LIMIT
from wire.errors import BadSignature, BrokenChain, FormatError
from wire.signing import KEY_ID_SIZE, SIGNATURE_SIZE, SigningKey, verify
from wire.spine import HASH_SIZE, SpineRow, genesis
from wire.spine import verify as verify_rows

ORIGIN = "ambang/"
NOTE_LIMIT = 4096  # characters
SIGNATURES_LIMIT = 8
_ED25519 = b"\x01"  # C2SP signed-note: the signature type that is hashed into a key id
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_SIGNATURE = re.compile(r"\u2014 ([^ ]+) ([^ ]+)")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a device says of its ledger: `size` entries (0 to 2**53 - 1), and the 32-byte hash of the last (`head`)."""

    device: str
    size: int
    head: bytes

    def __post_init__(self) -> None:
        checks.device(self.device)
        checks.integer(self.size, "size", 0, INTEGER_LIMIT)
        checks.exact(self.head, "head", HASH_SIZE)
        if self.size == 0 and self.head != genesis(self.device):
            raise FormatError("an empty ledger has the head of its device")


@dataclass(frozen=True, slots=True)
class _Line:
    """One signature line: who says to have signed, the 4-byte key id and the 64-byte signature."""

    name: str
    key_id: bytes
    signature: bytes


def sign(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Return the note: three lines of text, an empty line, and the signature of `ambang/<device>`."""
    text = _text(checkpoint)
    return f"{text}\n{_signed(text, ORIGIN + checkpoint.device, key)}"


def cosign(note: str, signer_name: str, key: SigningKey) -> str:
    """Add a signature over the same text; the caller has read and verified the note.

    Raises:
        FormatError: no note, a bad name, or this name has signed already.
    """
    text, _, lines = _split(note)
    if _NAME.fullmatch(signer_name) is None or any(line.name == signer_name for line in lines):
        raise FormatError("note: signer")
    if len(lines) == SIGNATURES_LIMIT:
        raise FormatError("note: too many signatures")
    return note + _signed(text, signer_name, key)


def read(note: str, keys: Mapping[str, bytes]) -> tuple[Checkpoint, frozenset[str]]:
    """Read a note and check each signature that one of `keys` (signer name to 32-byte public key) should have made.

    Signatures of names and keys that were not asked for are passed over, as C2SP says.

    Returns:
        The checkpoint and the names whose signatures are good; `ambang/<device>` is always one of them.

    Raises:
        BadSignature: a signature does not fit, or the device's own is not there.
        FormatError: no note.
    """
    text, checkpoint, lines = _split(note)
    good = set()
    for line in lines:
        public = keys.get(line.name)
        if public is not None and line.key_id == note_key_id(line.name, public):
            verify(public, line.signature, text.encode())
            good.add(line.name)
    if ORIGIN + checkpoint.device not in good:
        raise BadSignature("note: not signed by its own device")
    return checkpoint, frozenset(good)


def audit(rows: Iterable[SpineRow], device: str, checkpoints: Iterable[Checkpoint]) -> bytes:
    """Walk a whole ledger from its genesis and hold it against checkpoints whose signatures were read before.

    Args:
        rows: every entry of the device, from seq 1.
        device: whose ledger it should be.
        checkpoints: in any order; HQ's copies count as much as the device's own.

    Returns:
        The hash of the last entry.

    Raises:
        BrokenChain: the first seq that is missing, does not follow, or differs from what was signed.
    """
    stated: dict[int, bytes] = {}
    for checkpoint in checkpoints:
        if checkpoint.device != device:
            raise BrokenChain(checkpoint.size, "a checkpoint of another device")
        if stated.setdefault(checkpoint.size, checkpoint.head) != checkpoint.head:
            raise BrokenChain(checkpoint.size, "two checkpoints of one size disagree")
    head, size = genesis(device), 0
    for row in rows:
        head = verify_rows((row,), head, size + 1)
        size = row.seq
        if stated.get(size, head) != head:
            raise BrokenChain(size, "differs from the checkpoint made here")
    if max(stated, default=0) > size:
        raise BrokenChain(size + 1, "missing, though a checkpoint counts it")
    return head


def unverified(note: str) -> Checkpoint:
    """Read what a note says, without any proof of who said it. Raises FormatError."""
    return _split(note)[1]


def note_key_id(name: str, public: bytes) -> bytes:
    """Return the first 4 bytes of SHA-256(name | LF | 0x01 | public key) (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:KEY_ID_SIZE]


def _text(checkpoint: Checkpoint) -> str:
    return f"{ORIGIN}{checkpoint.device}\n{checkpoint.size}\n{b64encode(checkpoint.head).decode()}\n"


def _signed(text: str, name: str, key: SigningKey) -> str:
    token = note_key_id(name, key.public) + key.sign(text.encode())
    return f"\u2014 {name} {b64encode(token).decode()}\n"


def _split(note: str) -> tuple[str, Checkpoint, tuple[_Line, ...]]:
    """Take a note apart: the signed text, what it says, and 1 to 8 signature lines of different names."""
    if not isinstance(note, str) or len(note) > NOTE_LIMIT:
        raise FormatError("note: length")
    text, gap, tail = note.partition("\n\n")
    parts = text.split("\n")
    if not gap or len(parts) != 3 or not tail.endswith("\n"):  # noqa: PLR2004 - origin, size, head
        raise FormatError("note: lines")
    origin, size, head = parts
    if not origin.startswith(ORIGIN) or _SIZE.fullmatch(size) is None:
        raise FormatError("note: origin or size")
    checkpoint = Checkpoint(origin.removeprefix(ORIGIN), int(size), checks.base64_padded(head, HASH_SIZE))
    lines = tuple(_line(line) for line in tail[:-1].split("\n"))
    if len(lines) > SIGNATURES_LIMIT or len({line.name for line in lines}) != len(lines):
        raise FormatError("note: too many signatures, or two of one name")
    return text + "\n", checkpoint, lines


def _line(line: str) -> _Line:
    match = _SIGNATURE.fullmatch(line)
    if match is None or _NAME.fullmatch(match[1]) is None:
        raise FormatError("note: signature line")
    token = checks.base64_padded(match[2], KEY_ID_SIZE + SIGNATURE_SIZE)
    return _Line(match[1], token[:KEY_ID_SIZE], token[KEY_ID_SIZE:])
