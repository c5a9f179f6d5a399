"""What headquarters has told beside the roster, sealed row by row; refuses to grow without bound."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from kiosk.store.keys import KeyKind
from kiosk.store.vault import Place, keyed_hash, padded, unpadded
from wire import canonical
from wire.errors import FormatError
from wire.message import Announcement, Departure, Parting, Shift, Sibling, Trip, Trust

if TYPE_CHECKING:
    from kiosk.store import Store

Told: TypeAlias = Shift | Announcement | Trip | Sibling | Departure
Item = TypeVar("Item", bound=Told)


class Kind(StrEnum):
    """The closed list of what is kept."""

    SHIFT = "shift"
    ANNOUNCEMENT = "announcement"
    TRIP = "trip"
    SIBLING = "sibling"
    DEPARTURE = "departure"  # held until an administrator agrees


MOST: Final[Mapping[Kind, int]] = {
    Kind.SHIFT: 512, Kind.ANNOUNCEMENT: 64, Kind.TRIP: 4_096, Kind.SIBLING: 512, Kind.DEPARTURE: 4_096,
}  # fmt: skip
"""So many of each are kept; the oldest go first."""
_KINDS: Final[Mapping[type, Kind]] = {
    Shift: Kind.SHIFT,
    Announcement: Kind.ANNOUNCEMENT,
    Trip: Kind.TRIP,
    Sibling: Kind.SIBLING,
    Departure: Kind.DEPARTURE,
}
_NEWER: Final = frozenset({"marketing"})
"""What was told before there was this does not have it."""
_CHOICES: Final = {"trust": Trust, "parting": Parting}


def put(store: "Store", item: Told) -> None:
    """Keep an item, or another word on the one of this name, inside the current transaction."""
    kind, name = _KINDS[type(item)], _name(store, item)
    key = store.keys.obtain(KeyKind.ROSTER)
    sealed = store.foundation.vault.seal(key, padded(canonical.encode(asdict(item))), _place(kind, name))
    store.database.run(
        "INSERT OR REPLACE INTO told (kind, name, sealed, at) VALUES (?, ?, ?, ?)", kind, name, sealed, store.now_ms()
    )
    store.database.run(
        "DELETE FROM told WHERE kind = ?1 AND rowid NOT IN"
        " (SELECT rowid FROM told WHERE kind = ?1 ORDER BY at DESC, rowid DESC LIMIT ?2)",
        kind,
        MOST[kind],
    )


def drop(store: "Store", item: Told) -> None:
    """Forget an item inside the current transaction."""
    store.database.run("DELETE FROM told WHERE kind = ? AND name = ?", _KINDS[type(item)], _name(store, item))


def drop_all(store: "Store", kind: Kind) -> None:
    """Forget every item of a kind inside the current transaction."""
    store.database.run("DELETE FROM told WHERE kind = ?", kind)


def every(store: "Store", kind: type[Item]) -> tuple[Item, ...]:
    """What was told of a kind, oldest first. What does not open goes to quarantine and is left out."""
    word, found = _KINDS[kind], []
    with store.database.read():
        for name, sealed in store.database.rows(
            "SELECT name, sealed FROM told WHERE kind = ? ORDER BY at, rowid", word
        ):
            try:
                key = store.keys.get(KeyKind.ROSTER)
                if key is None:
                    raise FormatError("the key of the roster is gone")
                found.append(_read(kind, unpadded(store.foundation.vault.unseal(key, sealed, _place(word, name)))))
            except ValueError:
                store.quarantine.note("told", f"{word}/{name.hex()}", "does not open")
    store.quarantine.settle()
    return tuple(found)


def one(store: "Store", kind: type[Item], name: str) -> Item | None:
    """The item of this name, if there is one."""
    return next((each for each in every(store, kind) if name_of(each) == name), None)


def name_of(item: Told) -> str:
    """By what an item is told apart from others of its kind."""
    match item:
        case Trip(slip):
            return slip
        case Sibling(device):
            return device
        case Departure(ref, code, parting, device):
            return f"{parting}\0{ref}\0{code}\0{device}"
        case Shift() | Announcement():
            return item.id


def _name(store: "Store", item: Told) -> bytes:
    return keyed_hash(store.keys.need(KeyKind.INDEX), b"ambang/told/v1\0" + name_of(item).encode())


def _place(kind: Kind, name: bytes) -> Place:
    return Place("told", "sealed", f"{kind}/{name.hex()}")


def _read(kind: type[Item], data: bytes) -> Item:
    value: Any = canonical.decode(data)
    names = kind.__dataclass_fields__.keys()
    if type(value) is not dict or not names - _NEWER <= value.keys() <= names:
        raise FormatError("not what was told")
    fields: dict[str, Any] = {
        name: _CHOICES[name](given) if name in _CHOICES else given for name, given in value.items()
    }
    return kind(**fields)
