"""JSON from a server that is not ours; refuses duplicate keys, NaN, depth and size, and allows what `wire` does not."""

import json
import math
from typing import Any, Final, NoReturn

LIMIT: Final = 1 << 20
DEPTH: Final = 8


def read(body: bytes) -> Any:  # noqa: ANN401 - a tree of JSON values, checked by whoever takes something out of it
    """Read UTF-8 of at most 1 MiB and 8 containers inside each other; fractions are allowed, infinite ones are not.

    Raises:
        ValueError: anything else.
    """
    if len(body) > LIMIT:
        raise ValueError("too long")
    try:
        value = _DECODER.decode(body.decode())
    except RecursionError:
        raise ValueError("nested too deep") from None
    _shallow(value, DEPTH)
    return value


def _shallow(value: object, depth: int) -> None:
    if not isinstance(value, (list, dict)):
        return
    if depth == 0:
        raise ValueError("nested too deep")
    for item in value.values() if isinstance(value, dict) else value:
        _shallow(item, depth - 1)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _fraction(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number that is none")
    return number


def _refuse(_text: str) -> NoReturn:
    raise ValueError("a number that is none")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_fraction, parse_constant=_refuse)
