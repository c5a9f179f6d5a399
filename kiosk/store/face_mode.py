"""How a person's own face is used, and who is under age; refuses a face to a minor.

The strictest of what the site does and what the person wants holds (policy KK2, E4.1).
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import LocalKind

if TYPE_CHECKING:
    from kiosk.store import Store
    from kiosk.store.database import StoreDatabase


class FaceMode(StrEnum):
    """What somebody wants for their own face."""

    SITE = "site"  # as the site does with everybody
    IDENTIFICATION = "identification"  # found among all (1:N)
    VERIFICATION = "verification"  # compared with their own alone, after code and PIN (1:1)
    OFF = "off"  # kept and not used


FACE_MODES: Final = tuple(mode.value for mode in FaceMode)
USED: Final = "p.face_restricted = 0 AND p.face_mode <> 'off' AND p.minor = 0"
"""SQL, of `people p`: whether this face may be compared at all."""
_STRICTER: Final = ("identification", "roster", "verification", "off")


def strictest(site: str, person: FaceMode) -> str:
    """What holds for one person at one site: "identification", "roster", "verification" or "off".

    Args:
        site: `recognition.mode` of kiosk.toml.
        person: their own mode.
    """
    return site if person is FaceMode.SITE else max(site, person.value, key=_STRICTER.index)


def mode_of(database: "StoreDatabase", person_id: str) -> FaceMode:
    """A person's own mode. Raises Fault PERSON_UNKNOWN."""
    row = database.row("SELECT face_mode FROM people WHERE id = ?", person_id)
    if row is None:
        raise Fault(FaultCode.PERSON_UNKNOWN)
    return FaceMode(row[0])


def beside_pin(database: "StoreDatabase") -> frozenset[str]:
    """Ids of those who are compared after code and PIN alone, wherever this is."""
    return frozenset(row[0] for row in database.rows("SELECT id FROM people WHERE face_mode = 'verification'"))


def set_mode(store: "Store", person_id: str, mode: FaceMode, *, by: str = "") -> None:
    """Write down how a person wants their face used; it counts from the next look.

    Args:
        store: open.
        person_id: random id.
        mode: what they want.
        by: account that acts, or "" for the person.

    Raises:
        Fault: PERSON_UNKNOWN; DISK_FULL, DISK_FAILED.
    """
    with store.database.write():
        if not store.database.run("UPDATE people SET face_mode = ?2 WHERE id = ?1", person_id, mode.value):
            raise Fault(FaultCode.PERSON_UNKNOWN)
        store.append_local(LocalKind.FACE_MODE_SET, {"person": person_id, "mode": mode.value, "by": by})
    store.basis.changes += 1


def mark_minor(store: "Store", person_id: str, *, minor: bool, by: str) -> None:
    """Say that a person is under age, or is not (any more); alone a transaction, inside a `write` block part of it.

    From here on no face of a minor is compared or enrolled; `kiosk.rights.minors` erases what there is.

    Raises:
        Fault: PERSON_UNKNOWN; DISK_FULL, DISK_FAILED.
    """
    with store.database.write():
        if not store.database.run("UPDATE people SET minor = ?2 WHERE id = ?1", person_id, int(minor)):
            raise Fault(FaultCode.PERSON_UNKNOWN)
        store.append_local(LocalKind.MINOR_SET, {"person": person_id, "minor": int(minor), "by": by})
    store.basis.changes += 1
