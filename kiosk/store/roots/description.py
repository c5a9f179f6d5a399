"""Reads and writes root.json: which provider, and how far a change of it has come; refuses what it does not know."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store.files import reason, replace_file
from wire import canonical
from wire.errors import FormatError

FILE: Final = "root.json"
# What a provider needs to find its key again; no secret in it.
Fields: TypeAlias = Mapping[str, str | int]
Shape: TypeAlias = Mapping[str, type]
DEFAULT: Final[Fields] = {"provider": "file", "file": "root.key"}
_LARGEST: Final = 16_384
_NAME: Final = re.compile(r"[0-9a-f]{8}")
_CHANGE: Final = ("next", "opens", "old")


@dataclass(frozen=True, slots=True)
class Description:
    """What root.json says.

    Attributes:
        current: the provider in use.
        next: the provider that a change has prepared; it is in use already if the store says so.
        opens: 8 hexadecimal digits: what `root_named` says of the store once `next` is in use.
        old: the provider whose secret is still to be destroyed.
    """

    current: Fields
    next: Fields | None = None
    opens: str = ""
    old: Fields | None = None


def read(state: Path) -> Description:
    """What stands in `state`; without a file the `file` provider with `root.key`. Raises Fault CONFIG_INVALID."""
    try:
        with (state / FILE).open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return Description(DEFAULT)
    except OSError as error:
        raise Fault(FaultCode.CONFIG_INVALID, f"{FILE}: {reason(error)}") from error
    try:
        return _read(content)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Fault(FaultCode.CONFIG_INVALID, f"{FILE}: no description of a root key") from error


def write(state: Path, description: Description) -> None:
    """Put a description in place, durable on return. Raises Fault DISK_FULL or DISK_FAILED; the old one then stays."""
    value: dict[str, Any] = dict(description.current)
    if description.next is not None:
        value |= {"next": dict(description.next), "opens": description.opens}
    if description.old is not None:
        value |= {"old": dict(description.old)}
    replace_file(state / FILE, canonical.encode(value) + b"\n")


def checked(fields: Fields, shape: Shape) -> dict[str, Any]:
    """The fields of one provider, exactly those of `shape`. Raises Fault CONFIG_INVALID."""
    try:
        return canonical.fields(dict(fields), {"provider": str, **shape})
    except FormatError as error:
        raise Fault(FaultCode.CONFIG_INVALID, f"{FILE}: {error}") from error


def invalid(what: str) -> Fault:
    """The fault of a value that no provider could use."""
    return Fault(FaultCode.CONFIG_INVALID, f"{FILE}: {what}")


def _read(content: bytes) -> Description:
    if len(content) > _LARGEST:
        raise ValueError("too long")
    value = json.loads(content.decode(), object_pairs_hook=_pairs)
    next_, opens, old = (value.pop(key, None) for key in _CHANGE)
    if (next_ is None) is not (opens is None) or (opens is not None and not _NAME.fullmatch(opens)):
        raise ValueError("half a change")
    return Description(
        _fields(value),
        None if next_ is None else _fields(next_),
        "" if opens is None else opens,
        None if old is None else _fields(old),
    )


def _fields(value: object) -> Fields:
    if not isinstance(value, dict) or not isinstance(value.get("provider"), str):
        raise TypeError
    if any(type(each) not in (str, int) for each in value.values()):
        raise TypeError
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands there twice")
    return value
