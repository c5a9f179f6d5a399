"""The trip slip: a signed QR code that sibling kiosks read offline; refuses an unknown issuer and a far date."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wire import checks
from wire.badge import SECONDS_LIMIT
from wire.errors import BadSignature, Expired, FormatError, UnknownFormat
from wire.signing import KEY_ID_SIZE, SIGNATURE_SIZE, SigningKey, key_id, verify

PREFIX = "AS1"
ID_SIZE = 8
DESTINATION_BYTES = 24
VALID_S = 90 * 86_400  # the longest trip, from leaving to the last sibling kiosk that reads the slip
EARLY_S = 3_600  # sibling clocks may differ by this much
_FIXED_SIZE = ID_SIZE + KEY_ID_SIZE + 1 + 8
LENGTH_LIMIT = 149  # characters: the prefix and 109 bytes
_DOMAIN = b"\0ambang-slip-v1\0"
_ID_DOMAIN = b"\0ambang-slip-id-v1\0"


class Direction(StrEnum):
    """Whether the person leaves for a trip or returns from it."""

    LEAVE = "leave"
    RETURN = "return"


_CODES = {Direction.LEAVE: 1, Direction.RETURN: 2}
_DIRECTIONS = {number: direction for direction, number in _CODES.items()}


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip.

    Args:
        slip_id: 8 bytes: of a trip in the ledger `id_of`.
        key_id: 4-byte id of the issuer's key.
        direction: leave or return.
        issued_at: s since 1970.
        destination: at most 24 bytes in UTF-8; may be empty.
    """

    slip_id: bytes
    key_id: bytes
    direction: Direction
    issued_at: int
    destination: str

    def __post_init__(self) -> None:
        checks.exact(self.slip_id, "slip id", ID_SIZE)
        checks.exact(self.key_id, "key id", KEY_ID_SIZE)
        if not isinstance(self.direction, Direction):
            raise FormatError("slip: direction")
        checks.integer(self.issued_at, "issued_at", 0, SECONDS_LIMIT)
        checks.text(self.destination, "destination", most=DESTINATION_BYTES, most_bytes=DESTINATION_BYTES)


def id_of(event_id: str) -> bytes:
    """The id of the slip of an act of leaving or returning: its event's id (UUIDv7), hashed. Raises FormatError."""
    return hashlib.sha256(_ID_DOMAIN + checks.uuid7_text(event_id).encode()).digest()[:ID_SIZE]


def issue(slip: Slip, key: SigningKey) -> str:
    """Return the 117 to 149 characters for the QR code. Raises FormatError if `slip.key_id` is not that of `key`."""
    if slip.key_id != key_id(key.public):
        raise FormatError("slip: another key")
    fixed = slip.slip_id + slip.key_id + bytes((_CODES[slip.direction],)) + slip.issued_at.to_bytes(8, "big")
    body = fixed + slip.destination.encode()
    return PREFIX + checks.to_base64url(body + key.sign(_DOMAIN + body))


def read(token: str, keys: Mapping[bytes, bytes], now_s: int) -> Slip:
    """Read a slip and check it.

    Args:
        token: the text of the QR code.
        keys: 4-byte key id to 32-byte public key, of the issuers that are accepted here.
        now_s: s since 1970.

    Raises:
        UnknownFormat: no slip, or of another version.
        BadSignature: unknown issuer, or the signature does not fit.
        Expired: issued 90 days ago or more, or more than an hour from now.
        FormatError: another length or spelling.
    """
    if not token.startswith(PREFIX):
        raise UnknownFormat("slip: prefix")
    if len(token) > LENGTH_LIMIT:
        raise FormatError("slip: length")
    data = checks.base64url(token.removeprefix(PREFIX))
    body, signature = data[:-SIGNATURE_SIZE], data[-SIGNATURE_SIZE:]
    if len(body) < _FIXED_SIZE:
        raise FormatError("slip: length")
    public = keys.get(body[ID_SIZE : ID_SIZE + KEY_ID_SIZE])
    if public is None:
        raise BadSignature("slip: unknown issuer")
    verify(public, signature, _DOMAIN + body)
    slip = _parse(body)
    if not slip.issued_at - EARLY_S <= now_s < slip.issued_at + VALID_S:
        raise Expired("slip: its time is not now")
    return slip


def _parse(body: bytes) -> Slip:
    direction = _DIRECTIONS.get(body[12])
    if direction is None:
        raise FormatError("slip: direction")
    try:
        destination = body[_FIXED_SIZE:].decode()
    except UnicodeDecodeError:
        raise FormatError("slip: destination") from None
    issued_at = int.from_bytes(body[13:_FIXED_SIZE], "big")
    return Slip(body[:ID_SIZE], body[ID_SIZE : ID_SIZE + KEY_ID_SIZE], direction, issued_at, destination)
