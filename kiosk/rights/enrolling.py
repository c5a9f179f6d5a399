"""What comes before and after the camera when a face is enrolled: who may, of whom, on what; refuses all else.

The command and the screen ask the same questions in the same order: the release, whoever enrols, the person.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.rights import acting, training
from kiosk.rights.release import Changed, Covered, released
from kiosk.store import Person, Reference
from kiosk.store.approval import LoggedIn
from kiosk.store.basis import Ground
from wire.event import Notice, NoticeKind, uuid7

if TYPE_CHECKING:
    from kiosk.store import Store


class Barred(StrEnum):
    """Why no face of a person is enrolled."""

    MINOR = "minor"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof of a ground in force, for whoever gave it: the same two stand in the store.

    Attributes:
        number: of the record, 16 hexadecimal digits.
        digest: SHA-256 of the record to which the key of the face is bound, 64 hexadecimal digits.
    """

    number: str
    digest: str = field(repr=False)

    @property
    def code(self) -> str:
        """Both as one line, for a QR code."""
        return f"AMBANG-CONSENT {self.number} {self.digest}"


def need_release(store: "Store", config: Config) -> None:
    """Refuse where no signed assessment covers the settings of now. Raises Fault FACE_NOT_RELEASED."""
    release = released(store, config)
    if not isinstance(release, Covered):
        raise Fault(FaultCode.FACE_NOT_RELEASED, ", ".join(release.keys) if isinstance(release, Changed) else "")


def may_enrol(store: "Store", login: LoggedIn) -> None:
    """Refuse whoever is no administrator or enroller, or is not trained today (policy E27). Raises DESK_REFUSED."""
    acting.need(store, login, training.ENROLS)
    training.need(store, login.account)


def barred(person: Person) -> Barred | None:
    """Why no face of this person is enrolled; None where one may be."""
    if person.minor:
        return Barred.MINOR
    return Barred.RESTRICTED if person.restricted else None


def keep(store: "Store", config: Config, person: Person, ground: Ground, references: Iterable[Reference]) -> None:
    """Keep ground, key and references in one commit, and tell headquarters that somebody is enrolled.

    Raises:
        Fault: as `store.basis.enrol`.
    """
    now = store.clock()
    event_id = uuid7(now.wall_ms, os.urandom(10))
    notice = Notice(event_id, NoticeKind.ENROLLED, person.code, now.wall_ms, now.clock, config.device.site)
    store.basis.enrol(person.id, ground, list(references), notice=notice)


def receipt(store: "Store", person_id: str) -> Receipt | None:
    """The receipt for the ground in force; None without one."""
    row = store.database.row("SELECT id, digest FROM bases WHERE person = ? AND state = 'active'", person_id)
    return None if row is None else Receipt(row[0], row[1].hex())
