"""Does here what a person asked for at a sibling device; refuses to erase many in a day unless somebody agrees."""

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from kiosk.store import told
from kiosk.store.acts import LocalKind
from kiosk.store.erasure import begin_erasure
from kiosk.store.erasure_rows import has_face
from kiosk.store.intents import IntentKind
from kiosk.store.keys import KeyKind
from kiosk.store.roster import ENROLLED, count_removed, lately
from kiosk.store.roster_guard import Loss, many_in_a_day
from kiosk.store.told import Kind
from kiosk.store.vault import blind_index, ref_index
from wire.message import Departure, Parting

if TYPE_CHECKING:
    from kiosk.store import Store


class Parted(StrEnum):
    """What became of a departure."""

    NOTHING = "nothing"  # nobody of that name is here, or it is done or on its way
    BEGUN = "begun"  # neither matched nor, if erased, admitted from this commit on
    HELD = "held"


def take(store: "Store", departure: Departure, by: str = "") -> Parted:
    """Begin what a departure asks for, inside the current transaction; `kiosk.store.resume` ends it.

    Args:
        store: open; after the commit the caller has the gallery look again (`store.basis.changes`).
        departure: what headquarters has signed.
        by: account of the administrator who agreed to one that was held.
    """
    person_id = _found(store, departure)
    if person_id is None:
        return Parted.NOTHING
    match departure.parting:
        case Parting.CONSENT_WITHDRAWN:
            begun = _withdraw(store, person_id)
        case Parting.ERASED:
            if not by and _too_many(store, person_id):
                told.put(store, departure)
                return Parted.HELD
            begun = _erase(store, person_id, by)
        case _:
            assert_never(departure.parting)
    if not begun:
        return Parted.NOTHING
    store.append_local(LocalKind.DEPARTURE_TAKEN, {"person": person_id, "parting": departure.parting.value, "by": by})
    store.database.advance()
    return Parted.BEGUN


def accept(store: "Store", by: str) -> int:
    """Do what was held, as an administrator, inside the current transaction; returns how many erasures begin."""
    held = told.every(store, Departure)
    told.drop_all(store, Kind.DEPARTURE)
    return sum(take(store, each, by) is Parted.BEGUN for each in held)


def refuse(store: "Store") -> int:
    """Forget what was held, inside the current transaction; returns how many there were."""
    held = len(told.every(store, Departure))
    told.drop_all(store, Kind.DEPARTURE)
    return held


def _found(store: "Store", departure: Departure) -> str | None:
    """The person of this reference; by the code only where one of the two sides knows no reference."""
    index = store.keys.need(KeyKind.INDEX)
    if departure.ref:
        row = store.database.row("SELECT id FROM people WHERE external_index = ?", ref_index(index, departure.ref))
        if row is not None:
            return str(row[0])
    row = store.database.row(
        "SELECT id FROM people WHERE code_index = ? AND (external_index IS NULL OR ? = '')",
        blind_index(index, departure.code),
        departure.ref,
    )
    return None if row is None else str(row[0])


def _withdraw(store: "Store", person_id: str) -> bool:
    if not has_face(store.database, person_id) or store.intents.find(IntentKind.ERASE_FACE, person_id) is not None:
        return False
    begin_erasure(store, IntentKind.ERASE_FACE, person_id)  # whose face is being erased is not matched
    return True


def _erase(store: "Store", person_id: str, by: str) -> bool:
    if store.intents.find(IntentKind.ERASE_PERSON, person_id) is not None:
        return False
    store.database.run("UPDATE people SET state = 'left' WHERE id = ?", person_id)
    begin_erasure(store, IntentKind.ERASE_PERSON, person_id)
    if not by:
        count_removed(store, 1)
    return True


def _too_many(store: "Store", person_id: str) -> bool:
    """Also among those alone who are enrolled: names that a roster has only brought make no fifth larger."""
    for of in ("1", ENROLLED):
        row = store.database.row(
            f"SELECT count(*), max(id = ?) FROM people WHERE state <> 'left' AND {of}",  # noqa: S608 - our own text
            person_id,
        )
        known, here = (0, 0) if row is None else row
        if here and many_in_a_day(Loss(int(known), 1, lately(store))):
            return True
    return False
