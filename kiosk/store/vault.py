"""Seals what the store keeps and binds it to its place; refuses to open a record that was moved, altered or forged."""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wire.sealed import KEY_SIZE, KID_SIZE, Algorithm, Context, seal, unseal

TAG_SIZE: Final = 16
_KID: Final = b"ambang/kid/v1\0"
_PAD: Final = 64
_LENGTH: Final = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed record lives inside the store; see wire.sealed.Context for what each part means."""

    table: str
    column: str
    row: str
    person: str = ""
    version: int = 1
    model: bytes = b""
    schema: int = 1


class Vault:
    """Seals and opens records of one store."""

    def __init__(self, store_id: str) -> None:
        self.store_id = store_id

    def seal(
        self, key: bytes, plaintext: bytes, place: Place, *, algorithm: Algorithm = Algorithm.AES_256_GCM
    ) -> bytes:
        """Seal for one place; the record is 36 bytes longer. The key id depends on the row: records stay unlinkable."""
        return seal(key, plaintext, self._context(place), kid=kid(key, place.row), algorithm=algorithm)

    def unseal(self, key: bytes, blob: bytes, place: Place) -> bytes:
        """Open a record.

        Raises:
            wire.errors.Tampered: altered, moved, or sealed under another key.
            wire.errors.UnknownFormat: not a sealed record of this version.
            wire.errors.FormatError: too short.
        """
        return unseal(key, blob, self._context(place))

    def _context(self, place: Place) -> Context:
        return Context(
            store=self.store_id,
            table=place.table,
            column=place.column,
            row=place.row,
            person=place.person,
            schema=place.schema,
            version=place.version,
            model=place.model,
        )


def kid(key: bytes, row: str) -> bytes:
    """The 4-byte id by which a key recognises its own record of one row, and nobody else does."""
    return keyed_hash(key, _KID + row.encode())[:KID_SIZE]


def keyed_hash(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256: 32 bytes."""
    return hmac.digest(key, message, "sha256")


def tag(record_key: bytes, number: int) -> bytes:
    """The 16-byte index of a person's `number`-th entry of a month (0, 1, 2, ...); without the key it links nothing."""
    return keyed_hash(record_key, b"ambang/entry/v1\0" + number.to_bytes(8, "big"))[:TAG_SIZE]


def blind_index(index_key: bytes, code: str) -> bytes:
    """The 32 bytes by which an employee code is found, in capital or small letters, without being written down."""
    return keyed_hash(index_key, b"ambang/code/v1\0" + unicodedata.normalize("NFC", code.upper()).encode())


def ref_index(index_key: bytes, ref: str) -> bytes:
    """The 32 bytes by which the backend's own id of a person is found; capital and small letters differ."""
    return keyed_hash(index_key, b"ambang/ref/v1\0" + ref.encode())


def digest(message: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(message).digest()


def derive(secret: bytes, *, salt: bytes, info: str) -> bytes:
    """HKDF-SHA256 (RFC 5869): 32 bytes."""
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=salt, info=info.encode()).derive(secret)


def keystream(key: bytes, size: int) -> bytes:
    """The first `size` bytes of ChaCha20 (RFC 8439) with counter 0 and nonce 0: deterministic, for one use of a key."""
    return Cipher(ChaCha20(key, b"\0" * 16), mode=None).encryptor().update(b"\0" * size)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: Argon2id (RFC 9106) memory in KiB, passes, lanes."""

    memory_kib: int
    passes: int
    lanes: int


def stretch(secret: str, salt: bytes, pepper: bytes, cost: Cost) -> bytes:
    """Argon2id of a typed secret: 32 bytes."""
    kdf = Argon2id(
        salt=salt,
        length=KEY_SIZE,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
        secret=pepper,
    )
    return kdf.derive(secret.encode())


def equal(one: bytes, other: bytes) -> bool:
    """Compare without telling by the time it takes how much was right."""
    return hmac.compare_digest(one, other)


def padded(plaintext: bytes, *, least: int = _PAD) -> bytes:
    """Length, content and zeros, to a multiple of 64 bytes and to no less than `least`: hides how long a name is."""
    framed = len(plaintext).to_bytes(_LENGTH, "big") + plaintext
    size = max(least, -(-len(framed) // _PAD) * _PAD)
    return framed.ljust(size, b"\0")


def unpadded(framed: bytes) -> bytes:
    """What `padded` was given. Raises ValueError if the frame is not one."""
    size = int.from_bytes(framed[:_LENGTH], "big")
    if len(framed) < _LENGTH + size or framed[_LENGTH + size :].strip(b"\0"):
        raise ValueError("not a padded record")
    return framed[_LENGTH : _LENGTH + size]
