"""The sealed record: a secret bound to the place where it is kept; refuses to open anywhere else or after a change."""

import os
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV, ChaCha20Poly1305

from wire.errors import FormatError, Tampered, UnknownFormat

MAGIC = b"AB"
VERSION = 1
HEADER_SIZE = 8
NONCE_SIZE = 12
TAG_SIZE = 16
KEY_SIZE = 32
KID_SIZE = 4
OVERHEAD = HEADER_SIZE + NONCE_SIZE + TAG_SIZE  # a sealed record is 36 bytes longer than what it holds


class Algorithm(IntEnum):
    """The authenticated ciphers, all with 32-byte keys, 12-byte nonces and 16-byte tags."""

    AES_256_GCM = 1  # NIST SP 800-38D
    CHACHA20_POLY1305 = 2  # RFC 8439
    AES_256_GCM_SIV = 3  # RFC 8452


@dataclass(frozen=True, slots=True)
class Context:
    """Where a sealed record lives. It opens nowhere else.

    Args:
        store: id of the store or device.
        table: table name.
        column: column name.
        row: row id, as text.
        person: random id of the person, or "".
        schema: version of the plaintext's layout, 0 to 2**64 - 1.
        version: version of the row, 0 to 2**64 - 1.
        model: SHA-256 of the model, for references; else b"".
    """

    store: str
    table: str
    column: str
    row: str
    person: str = ""
    schema: int = 1
    version: int = 1
    model: bytes = b""

    def encoded(self) -> bytes:
        """Return the eight parts in order, each after its length as 4 bytes; integers as 8 bytes; all big-endian."""
        try:
            parts = [part.encode() for part in (self.store, self.table, self.column, self.row, self.person)]
            parts += [self.schema.to_bytes(8, "big"), self.version.to_bytes(8, "big"), self.model]
        except (UnicodeEncodeError, OverflowError):
            raise FormatError("context: a part has no encoding") from None
        return b"".join([len(part).to_bytes(4, "big") + part for part in parts])


@dataclass(frozen=True, slots=True)
class Header:
    """The first 8 bytes of a sealed record: version, algorithm and the 4-byte id of the key."""

    version: int
    algorithm: Algorithm
    kid: bytes


def seal(
    key: bytes, plaintext: bytes, context: Context, *, kid: bytes, algorithm: Algorithm = Algorithm.AES_256_GCM
) -> bytes:
    """Seal `plaintext` for `context` under a 32-byte key whose 4-byte id is `kid`, with a random nonce.

    Returns:
        `len(plaintext) + 36` bytes.

    Raises:
        FormatError: the key is not 32 bytes, the kid not 4, or the context has no encoding.
    """
    if len(kid) != KID_SIZE:
        raise FormatError("kid: not 4 bytes")
    return _seal(key, MAGIC + bytes((VERSION, algorithm)) + kid, os.urandom(NONCE_SIZE), plaintext, context)


def unseal(key: bytes, blob: bytes, context: Context) -> bytes:
    """Open a sealed record.

    Raises:
        UnknownFormat: another magic, version or algorithm.
        Tampered: an altered byte, another key or another context.
        FormatError: too short; or the key is not 32 bytes.
    """
    algorithm = header(blob).algorithm
    cipher = _cipher(algorithm, key)
    nonce, body = blob[HEADER_SIZE : HEADER_SIZE + NONCE_SIZE], blob[HEADER_SIZE + NONCE_SIZE :]
    try:
        return cipher.decrypt(nonce, body, blob[:HEADER_SIZE] + context.encoded())
    except InvalidTag:
        raise Tampered("a sealed record does not open here") from None


def header(blob: bytes) -> Header:
    """Read the header of a sealed record without opening it; nothing in it is proved.

    Raises:
        FormatError: shorter than an empty sealed record.
        UnknownFormat: another magic, version or algorithm.
    """
    if len(blob) < OVERHEAD:
        raise FormatError("sealed record: too short")
    if blob[:2] != MAGIC or blob[2] != VERSION or blob[3] not in _CIPHERS:
        raise UnknownFormat("sealed record: magic, version or algorithm")
    return Header(blob[2], Algorithm(blob[3]), bytes(blob[4:HEADER_SIZE]))


def _seal(key: bytes, head: bytes, nonce: bytes, plaintext: bytes, context: Context) -> bytes:
    """Seal with a given header and nonce: apart from `seal`, only for known-answer vectors."""
    return head + nonce + _cipher(Algorithm(head[3]), key).encrypt(nonce, plaintext, head + context.encoded())


def _cipher(algorithm: Algorithm, key: bytes) -> AESGCM | ChaCha20Poly1305 | AESGCMSIV:
    if len(key) != KEY_SIZE:
        raise FormatError("key: not 32 bytes")
    return _CIPHERS[algorithm](key)


_CIPHERS: dict[Algorithm, type[AESGCM | ChaCha20Poly1305 | AESGCMSIV]] = {
    Algorithm.AES_256_GCM: AESGCM,
    Algorithm.CHACHA20_POLY1305: ChaCha20Poly1305,
    Algorithm.AES_256_GCM_SIV: AESGCMSIV,
}
