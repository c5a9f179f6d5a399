"""Ed25519 signatures (RFC 8032); refuses to show a private key in a log."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wire.errors import BadSignature, FormatError

KEY_SIZE = 32
SIGNATURE_SIZE = 64
KEY_ID_SIZE = 4


class SigningKey:
    """A private Ed25519 key; made by `generate` or `from_bytes`."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public: bytes = key.public_key().public_bytes_raw()  # 32 bytes

    @classmethod
    def generate(cls) -> "SigningKey":
        """Make a new key from the system's random numbers."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, secret: bytes) -> "SigningKey":
        """Take the 32-byte secret of RFC 8032 section 5.1.5. Raises FormatError on another size."""
        if len(secret) != KEY_SIZE:
            raise FormatError("signing key: not 32 bytes")
        return cls(Ed25519PrivateKey.from_private_bytes(secret))

    def private_bytes(self) -> bytes:
        """Return the 32-byte secret, to be sealed."""
        return self._key.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey(key_id={key_id(self.public).hex()})"


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Check a 64-byte signature of `message` by the 32-byte key `public`.

    Raises:
        BadSignature: it does not fit, or a size is wrong.
    """
    if len(public) != KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        raise BadSignature("key or signature: size")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise BadSignature("the signature does not fit") from None


def key_id(public: bytes) -> bytes:
    """Return the first 4 bytes of SHA-256 of a public key: a name to look a key up by, never a proof."""
    return hashlib.sha256(public).digest()[:KEY_ID_SIZE]
