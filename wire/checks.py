"""The small values that formats are made of; refuses every spelling but one, and text that could mislead a reader."""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from wire.errors import FormatError

TEXT_CHARACTERS = 64
TEXT_BYTES = 128  # in UTF-8: a clear event stays below the size limit of the exchange, whatever the script
POSITION = (  # spelled out, because the OpenAPI document says it too: a place on earth, and no other number
    r"(-?(?:90(?:\.0{1,7})?|[1-8]?[0-9](?:\.[0-9]{1,7})?)), ?"
    r"(-?(?:180(?:\.0{1,7})?|(?:1[0-7][0-9]|[1-9]?[0-9])(?:\.[0-9]{1,7})?))"
)
MOMENT_LIMIT = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z, in ms

_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_POSITION = re.compile(POSITION)
_MOMENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})Z")
# Controls (C0, DEL, C1), separators of lines, what has no width or turns the reading direction, the byte order mark,
# surrogates, noncharacters, tags. Listed, not asked of unicodedata: a format must not change with a table's version.
_MISLEADING = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff\U000e0000-\U000e007f]"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

_Choice = TypeVar("_Choice", bound=StrEnum)


def text(value: str, what: str, *, least: int = 0, most: int = TEXT_CHARACTERS, most_bytes: int = TEXT_BYTES) -> str:
    """Return `value` if it is `least` to `most` characters and `most_bytes` in UTF-8, without controls or outer spaces.

    Raises:
        FormatError: too short, too long, a control or direction mark, a space first or last.
    """
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise FormatError(f"{what}: length")
    if _MISLEADING.search(value) or value != value.strip(" "):
        raise FormatError(f"{what}: a control character, or a space at an end")
    if len(value.encode()) > most_bytes:
        raise FormatError(f"{what}: length")
    return value


def code(value: str) -> str:
    """Return an employee code: 1 to 64 characters, at most 128 bytes. Raises FormatError."""
    return text(value, "employee code", least=1)


def site(value: str) -> str:
    """Return the name of a site: 0 to 64 characters, at most 128 bytes. Raises FormatError."""
    return text(value, "site")


def device(value: str) -> str:
    """Return a device id: an ASCII letter or digit, then up to 63 of these or `.`, `_`, `-`. Raises FormatError."""
    return _matched(_DEVICE, value, "device id")


def degrees(value: str) -> tuple[float, float]:
    """Read a surveyed place, "-6.2088, 106.8456": degrees north (-90 to 90) and east (-180 to 180), 7 decimals at most.

    Raises:
        FormatError: another spelling, or no place on earth.
    """
    match = _POSITION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise FormatError("position: not like -6.2088, 106.8456, or no place on earth")
    return float(match[1]), float(match[2])


def position(value: str) -> str:
    """Return a surveyed place as `degrees` reads it, or "" for none. Raises FormatError."""
    if value != "":
        degrees(value)
    return value


def zone(value: str) -> str:
    """Return a time zone name in the form of the IANA data base, 1 to 64 characters. Raises FormatError."""
    if isinstance(value, str) and len(value) > TEXT_CHARACTERS:
        raise FormatError("time zone: length")
    return _matched(_ZONE, value, "time zone")


def uuid(value: str) -> str:
    """Return a UUID of any version in lower case with hyphens. Raises FormatError."""
    return _matched(_UUID, value, "UUID")


def uuid7_text(value: str) -> str:
    """Return a UUID of version 7 (RFC 9562) in lower case with hyphens. Raises FormatError."""
    return _matched(_UUID7, value, "UUIDv7")


def hex_bytes(value: str, size: int) -> bytes:
    """Return the `size` bytes spelled in lower-case hexadecimal. Raises FormatError."""
    if len(value) != 2 * size:
        raise FormatError("hexadecimal: length")
    return bytes.fromhex(_matched(_HEX, value, "hexadecimal"))


def integer(value: int, what: str, low: int, high: int) -> int:
    """Return `value` if it is an int (True is none) from `low` to `high`. Raises FormatError."""
    if type(value) is not int or not low <= value <= high:
        raise FormatError(f"{what}: out of range")
    return value


def choice(kind: type[_Choice], value: object) -> _Choice:
    """Return the member of a closed list that is spelled `value`. Raises FormatError."""
    try:
        return kind(value)  # type: ignore[arg-type]  # whatever else it is, it is in no list
    except ValueError:
        raise FormatError(f"{kind.__name__}: not in the list") from None


def exact(value: bytes, what: str, size: int) -> bytes:
    """Return `value` if it is bytes of exactly `size`. Raises FormatError."""
    if type(value) is not bytes or len(value) != size:
        raise FormatError(f"{what}: not {size} bytes")
    return value


def moment(value: int, what: str = "time") -> int:
    """Return milliseconds since 1970-01-01T00:00Z, 0 to the end of the year 9999. Raises FormatError."""
    return integer(value, what, 0, MOMENT_LIMIT)


def moment_to_text(value: int) -> str:
    """Spell ms since 1970 as `YYYY-MM-DDThh:mm:ss.mmmZ` (RFC 3339, UTC). Raises FormatError."""
    when = _EPOCH + moment(value) * _MS
    return f"{when:%Y-%m-%dT%H:%M:%S}.{value % 1000:03d}Z"


def moment_from_text(value: str) -> int:
    """Read the one spelling that `moment_to_text` writes. Raises FormatError."""
    match = _MOMENT.fullmatch(value)
    if match is None:
        raise FormatError("time: not YYYY-MM-DDThh:mm:ss.mmmZ")
    *parts, ms = map(int, match.groups())
    try:
        when = datetime(*parts[:6], tzinfo=UTC)  # type: ignore[misc,arg-type]  # six parts, by the pattern
    except ValueError:
        raise FormatError("time: no such day or hour") from None
    return moment((when - _EPOCH) // _MS + ms)


def base64url(value: str) -> bytes:
    """Read base64url (RFC 4648 section 5) without padding; only the one spelling. Raises FormatError."""
    try:
        data = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise FormatError("not base64url") from None
    if to_base64url(data) != value:
        raise FormatError("not the one spelling of base64url")
    return data


def to_base64url(data: bytes) -> str:
    """Spell bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64_padded(value: str, size: int) -> bytes:
    """Read `size` bytes from base64 (RFC 4648 section 4) with padding; only the one spelling. Raises FormatError."""
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise FormatError("not base64") from None
    if len(data) != size or base64.b64encode(data).decode() != value:
        raise FormatError("not the one spelling of base64, or another size")
    return data


def _matched(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise FormatError(f"{what}: form")
    return value
