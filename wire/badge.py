"""The QR badge: a signed, expiring number that names nobody; refuses an unknown issuer and a passed date."""

from collections.abc import Mapping
from dataclasses import dataclass

from wire import checks
from wire.errors import BadSignature, Expired, FormatError, UnknownFormat
from wire.signing import KEY_ID_SIZE, SigningKey, key_id, verify

PREFIX = "AB1"
LENGTH = 115  # characters: the prefix and 84 bytes; a QR code of at most 120 characters is read from a hand
ID_SIZE = 8
_BODY_SIZE = ID_SIZE + KEY_ID_SIZE + 8
_DOMAIN = b"\0ambang-badge-v1\0"
SECONDS_LIMIT = checks.MOMENT_LIMIT // 1000


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge: 8 random bytes, the 4-byte id of the issuer's key, and when it ends (s since 1970, exclusive)."""

    badge_id: bytes
    key_id: bytes
    expires_at: int

    def __post_init__(self) -> None:
        checks.exact(self.badge_id, "badge id", ID_SIZE)
        checks.exact(self.key_id, "key id", KEY_ID_SIZE)
        checks.integer(self.expires_at, "expires_at", 0, SECONDS_LIMIT)


def issue(badge: Badge, key: SigningKey) -> str:
    """Return the 115 characters for the QR code. Raises FormatError if `badge.key_id` is not that of `key`."""
    if badge.key_id != key_id(key.public):
        raise FormatError("badge: another key")
    body = badge.badge_id + badge.key_id + badge.expires_at.to_bytes(8, "big")
    return PREFIX + checks.to_base64url(body + key.sign(_DOMAIN + body))


def read(token: str, keys: Mapping[bytes, bytes], now_s: int) -> Badge:
    """Read a badge and check it.

    Args:
        token: the text of the QR code.
        keys: 4-byte key id to 32-byte public key, of the issuers that are accepted here.
        now_s: s since 1970.

    Raises:
        UnknownFormat: no badge, or of another version.
        BadSignature: unknown issuer, or the signature does not fit.
        Expired: `now_s` is `expires_at` or later.
        FormatError: another length or spelling.
    """
    if not token.startswith(PREFIX):
        raise UnknownFormat("badge: prefix")
    if len(token) != LENGTH:
        raise FormatError("badge: length")
    data = checks.base64url(token.removeprefix(PREFIX))
    body, signature = data[:_BODY_SIZE], data[_BODY_SIZE:]
    badge = Badge(body[:ID_SIZE], body[ID_SIZE : ID_SIZE + KEY_ID_SIZE], int.from_bytes(body[-8:], "big"))
    public = keys.get(badge.key_id)
    if public is None:
        raise BadSignature("badge: unknown issuer")
    verify(public, signature, _DOMAIN + body)
    if now_s >= badge.expires_at:
        raise Expired("badge: its date has passed")
    return badge
