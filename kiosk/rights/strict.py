"""Frozen dataclasses as the JSON of a paper, and back; refuses an unknown field, a missing one and a wrong type."""

import dataclasses
import types
from enum import StrEnum
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from wire.errors import FormatError

Read = TypeVar("Read")


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """A dataclass of text, integers, flags, words, tuples and further dataclasses as JSON; no floats.

    Raises:
        TypeError: anything else in it.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(type(value).__name__)


def read(kind: type[Read], value: object) -> Read:
    """What `plain` made of this class.

    Raises:
        FormatError: it is something else.
    """
    return cast("Read", _read(kind, value, kind.__name__))


def _read(kind: Any, value: object, name: str) -> object:  # noqa: ANN401 - a type
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise FormatError(f"{name}: not a list")
        return tuple(_read(get_args(kind)[0], each, name) for each in value)
    if isinstance(kind, types.UnionType):
        inner = next(each for each in get_args(kind) if each is not types.NoneType)
        return None if value is None else _read(inner, value, name)
    if dataclasses.is_dataclass(kind):
        return _fields(kind, value, name)
    if issubclass(kind, StrEnum) and isinstance(value, str):
        try:
            return kind(value)
        except ValueError as wrong:
            raise FormatError(f"{name}: {wrong}") from wrong
    if type(value) is not kind:
        raise FormatError(f"{name}: wrong type")
    return value


def _fields(kind: Any, value: object, name: str) -> object:  # noqa: ANN401 - a dataclass
    hints = get_type_hints(kind)
    if not isinstance(value, dict) or value.keys() != {each.name for each in dataclasses.fields(kind)}:
        raise FormatError(f"{name}: other fields")
    return kind(**{field: _read(hints[field], each, f"{name}.{field}") for field, each in value.items()})
