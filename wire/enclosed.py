"""A message as it lies between sync and kiosk: sealed, since a roster names people; refuses one that was changed."""

import zlib
from typing import Final

from wire import sealed
from wire.errors import FormatError
from wire.sealed import Context

CLEAR_LIMIT: Final = 1 << 20
ENCLOSED_LIMIT: Final = 1 << 20
KEY_ID: Final = b"EXCH"


def closed(key: bytes, device: str, clear: bytes) -> bytes:
    """Seal a message of at most 1 MiB under the key of the exchange; it is made shorter first.

    Args:
        key: of the exchange, 32 bytes.
        device: whose exchange it is.
        clear: canonical JSON.

    Raises:
        FormatError: it is still too long for the exchange.
    """
    closed_one = sealed.seal(key, zlib.compress(clear), _context(device), kid=KEY_ID)
    if len(closed_one) > ENCLOSED_LIMIT:
        raise FormatError("message: length")
    return closed_one


def is_open(body: bytes) -> bool:
    """Whether it was never sealed."""
    return not body.startswith(sealed.MAGIC)


def opened(key: bytes, device: str, body: bytes) -> bytes:
    """What `closed` has sealed; what was never sealed comes back as it is: whoever reads it checks who signed it.

    Raises:
        FormatError: it was changed, is of another device, or is longer than 1 MiB.
    """
    if is_open(body):
        return body
    shorter = sealed.unseal(key, body, _context(device))
    reader = zlib.decompressobj()
    try:
        clear = reader.decompress(shorter, CLEAR_LIMIT)
    except zlib.error as wrong:
        raise FormatError("message: not what was sealed") from wrong
    if not reader.eof or reader.unused_data:
        raise FormatError("message: length")
    return clear


def _context(device: str) -> Context:
    return Context(store=device, table="inbox", column="body", row="")
