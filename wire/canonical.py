"""JSON with one spelling (RFC 8785 without fractions); refuses floats, duplicate keys, lone surrogates, depth, size."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

from wire.errors import FormatError

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
Encodable: TypeAlias = "bool | int | str | Sequence[Encodable] | Mapping[str, Encodable] | None"

INTEGER_LIMIT = 2**53 - 1  # RFC 8785 section 3.2.2.3: beyond this IEEE 754 doubles no longer hold every integer
SIZE_LIMIT = 1 << 20
DEPTH_LIMIT = 8
_DIGITS = 17  # "-9007199254740991" has 17 characters


def encode(value: Encodable, *, depth: int = DEPTH_LIMIT) -> bytes:
    """Write `value` in the canonical spelling.

    Args:
        value: objects, arrays (list or tuple), strings, integers of at most 2**53 - 1 either way, booleans, None.
        depth: how many containers may stand inside each other.

    Returns:
        UTF-8 bytes; keys sorted by UTF-16 code units, no white space (RFC 8785 section 3.2).

    Raises:
        FormatError: the value has no canonical spelling.
    """
    text = _ENCODER.encode(_ordered(value, depth))
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise FormatError("a string holds half of a surrogate pair") from None


def decode(data: bytes, *, limit: int = SIZE_LIMIT, depth: int = DEPTH_LIMIT) -> Json:
    """Read strict JSON; the spelling need not be canonical (see `decode_canonical`).

    Args:
        data: UTF-8 without a byte order mark.
        limit: the most bytes that are looked at.
        depth: how many containers may stand inside each other.

    Raises:
        FormatError: too long, too deep, not JSON, a float, NaN, a duplicate key, an integer beyond 2**53 - 1.
    """
    if len(data) > limit:
        raise FormatError("too long")
    try:
        value: Json = _DECODER.decode(data.decode())
    except FormatError:
        raise
    except (ValueError, RecursionError):
        raise FormatError("not strict JSON") from None
    _check_depth(value, depth)
    if b"\\u" in data:
        _check_surrogates(value)
    return value


def decode_canonical(data: bytes, *, limit: int = SIZE_LIMIT, depth: int = DEPTH_LIMIT) -> Json:
    """Read JSON that must be spelled exactly as `encode` spells it: for bytes that are signed or committed to.

    Raises:
        FormatError: as `decode`, or another spelling of the same value.
    """
    value = decode(data, limit=limit, depth=depth)
    if encode(value, depth=depth) != data:
        raise FormatError("not the canonical spelling")
    return value


def fields(value: object, shape: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """Read a closed object: exactly the keys of `shape`, each with exactly its type (True is no int).

    Args:
        value: what `decode` returned, or a part of it.
        shape: key to type, or to a tuple of allowed types.

    Returns:
        The same object, its values of the promised types.

    Raises:
        FormatError: no object, an unknown key, a missing key, another type.
    """
    if type(value) is not dict:
        raise FormatError("not an object")
    if value.keys() != shape.keys():
        missing = sorted(shape.keys() - value.keys())
        raise FormatError(f"missing field: {', '.join(missing)}" if missing else "unknown field")
    for name, kinds in shape.items():
        kind = type(value[name])
        if kind is not kinds and not (isinstance(kinds, tuple) and kind in kinds):
            raise FormatError(f"wrong type: {name}")
    return value


def _ordered(value: object, depth: int) -> object:
    """Check a value and sort its keys; the sort is by UTF-16 code units, big-endian bytes compare the same."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        if not -INTEGER_LIMIT <= value <= INTEGER_LIMIT:
            raise FormatError("an integer is beyond 2**53 - 1")
        return value
    if depth == 0:
        raise FormatError("nested too deep")
    if isinstance(value, (list, tuple)):
        return [_ordered(item, depth - 1) for item in value]
    if isinstance(value, Mapping):
        try:
            plain = "".join(value).isascii()
        except TypeError:
            raise FormatError("a key is not a string") from None
        order = sorted(value) if plain else sorted(value, key=_utf16)
        # most values are strings: passing them by here halves the time
        return {key: item if type(item := value[key]) is str else _ordered(item, depth - 1) for key in order}
    raise FormatError(f"no JSON spelling: {type(value).__name__}")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _check_depth(value: Json, depth: int) -> None:
    """Refuse more than `depth` containers inside each other."""
    if not isinstance(value, (list, dict)):
        return
    if depth == 0:
        raise FormatError("nested too deep")
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (list, dict)):
            _check_depth(item, depth - 1)


def _check_surrogates(value: Json) -> None:
    r"""Refuse what only an escape like \ud800 can bring in: half of a surrogate pair."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise FormatError("a string holds half of a surrogate pair") from None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise FormatError("duplicate key")
    return result


def _integer(text: str) -> int:
    if len(text) > _DIGITS or text == "-0":
        raise FormatError("an integer is beyond 2**53 - 1 or a negative zero")
    number = int(text)
    if not -INTEGER_LIMIT <= number <= INTEGER_LIMIT:
        raise FormatError("an integer is beyond 2**53 - 1")
    return number


def _refuse(_text: str) -> NoReturn:
    raise FormatError("a number is not an integer")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse, strict=True
)
