"""What HQ may know only with its key file: sealed fields and blind indexes; refuses to show its key."""

import hashlib
import hmac
import struct
from dataclasses import dataclass, field
from functools import cache

from wire.sealed import Algorithm, Context, seal, unseal

KEY_ID = b"HQ01"
PADDED_TO = 128
"""Names and codes are padded to a multiple of this many bytes, so that a length tells nothing of a name."""


@dataclass(frozen=True, slots=True)
class Seals:
    """Seals and opens the personal fields of one HQ.

    Args:
        store: this HQ's signer name; a field moved to another HQ does not open.
        root: 32 bytes from seal.key; each use has its own key derived from it by HMAC-SHA-256.
    """

    store: str
    root: bytes = field(repr=False)

    def seal(self, table: str, row: str, plaintext: bytes) -> bytes:
        """Seal one field for one row of one table; AES-256-GCM-SIV, because HQ seals for years under one key."""
        context = Context(self.store, table, "sealed", row)
        padded = struct.pack(">I", len(plaintext)) + plaintext
        padded += bytes(-len(padded) % PADDED_TO)
        return seal(self._key("seal"), padded, context, kid=KEY_ID, algorithm=Algorithm.AES_256_GCM_SIV)

    def open(self, table: str, row: str, blob: bytes) -> bytes:
        """The plaintext of a sealed field.

        Raises:
            wire.errors.FormatError: altered, moved from another row, or sealed under another key.
        """
        padded = unseal(self._key("seal"), blob, Context(self.store, table, "sealed", row))
        (length,) = struct.unpack_from(">I", padded)
        return padded[4 : 4 + length]

    def index(self, use: str, text: str) -> bytes:
        """Blind index (32 bytes): equal for equal text of one use, and telling nothing of it without the key."""
        return hmac.digest(self._key(f"index/{use}"), text.encode(), hashlib.sha256)

    def _key(self, use: str) -> bytes:
        return _derived(self.root, use)


@cache  # a handful of uses, each asked for with every event
def _derived(root: bytes, use: str) -> bytes:
    return hmac.digest(root, f"ambang-hq/{use}/v1".encode(), hashlib.sha256)
