"""Reads JSON of servers that are not ours, fractions allowed; refuses NaN, duplicate keys, depth and huge numbers."""

import json
import math
from typing import Final, NoReturn, TypeAlias

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
DEPTH: Final = 8
_DIGITS: Final = 40


class NotStrict(ValueError):  # noqa: N818 - reads as the condition it names
    """The bytes are not JSON that we read; says nothing of what stands in them."""


def read(data: bytes, *, depth: int = DEPTH) -> Value:
    """Read one JSON value, at most `depth` containers inside each other. Raises NotStrict."""
    try:
        value: Value = _DECODER.decode(data.decode())
    except NotStrict:
        raise
    except (ValueError, RecursionError):
        raise NotStrict("not strict JSON") from None
    _check_depth(value, depth)
    return value


def record(value: object) -> dict[str, Value]:
    """The value if it is an object. Raises NotStrict."""
    if type(value) is not dict:
        raise NotStrict("not an object")
    return value


def records(value: object) -> list[dict[str, Value]]:
    """The value if it is a list of objects. Raises NotStrict."""
    if type(value) is not list:
        raise NotStrict("not a list")
    return [record(one) for one in value]


def text(row: dict[str, Value], name: str) -> str:
    """A field that is text; "" where it is absent or null. Raises NotStrict for anything else."""
    value = row.get(name)
    if value is None:
        return ""
    if type(value) is not str:
        raise NotStrict("not a text")
    return value


def _check_depth(value: Value, depth: int) -> None:
    if not isinstance(value, (list, dict)):
        return
    if depth == 0:
        raise NotStrict("nested too deep")
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (list, dict)):
            _check_depth(item, depth - 1)


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotStrict("duplicate key")
    return result


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise NotStrict("a number is too long")
    return int(text)


def _fraction(text: str) -> float:
    value = float(text) if len(text) <= _DIGITS else math.inf
    if not math.isfinite(value):
        raise NotStrict("a number is too large")
    return value


def _refuse(_text: str) -> NoReturn:
    raise NotStrict("NaN or infinity")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_refuse, strict=True
)
