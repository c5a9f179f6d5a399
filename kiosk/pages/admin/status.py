"""How people stand at this door, in one word each; refuses to say why a face is not used."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.config import Config
from kiosk.rights import consents
from kiosk.store import Person, Store
from kiosk.vision.gallery import Gallery
from kiosk.vision.known import in_use, must_enrol_again


class Status(StrEnum):
    """One word; nobody is told apart by why they have no face here."""

    FACE = "face"
    AGAIN = "again"  # enrolled with another pack
    PIN = "pin"
    NOTHING = "nothing"  # neither yet
    ALIKE = "alike"  # a face beside the PIN: somebody looks alike
    RENEWAL = "renewal"  # the consent has to be answered anew
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    UNINFORMED = "uninformed"


TO_DO: Final = (Status.RENEWAL, Status.AGAIN, Status.NOTHING, Status.UNINFORMED, Status.RESTRICTED, Status.SUSPENDED)
"""What is marked in a list, the first that holds."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Of everybody at once: random ids of those of whom it is true."""

    again: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()
    renewal: frozenset[str] = frozenset()


def overview(store: Store, config: Config) -> Overview:
    """Look at all references once; look-alikes only among those of the pack in use. Raises what the store raises."""
    pack, renewal = in_use(config), consents.to_renew(store)
    if pack is None:
        return Overview(renewal=renewal)
    again = must_enrol_again(store.templates.spaces(), pack.embedding_space)
    return Overview(again, lookalikes(store, pack.embedding_space, pack.dimension), renewal)


def lookalikes(store: Store, space: str, dimension: int) -> frozenset[str]:
    """Whose face alone names nobody, as at the door: somebody else's is too near."""
    kept = [each for each in store.templates.references() if each.model == space and len(each.vector) == dimension]
    return Gallery.build(kept, space, dimension).lookalikes


def of(person: Person, seen: Overview) -> tuple[Status, ...]:
    """Everything that is true of one person."""
    face = person.face_used and person.id not in seen.again
    holds = (
        (Status.FACE, face),
        (Status.AGAIN, person.face_used and not face),
        (Status.PIN, person.has_pin and not person.face_used),
        (Status.NOTHING, not person.has_pin and not person.face_used),
        (Status.ALIKE, face and person.id in seen.alike),
        (Status.RENEWAL, person.face_used and person.id in seen.renewal),
        (Status.RESTRICTED, person.restricted),
        (Status.SUSPENDED, person.state == "suspended"),
        (Status.UNINFORMED, person.source == "roster" and not person.informed and not person.has_face),
    )
    return tuple(status for status, true in holds if true)


def mark(statuses: Collection[Status]) -> Status | None:
    """What somebody has to do something about, if anything."""
    return next((each for each in TO_DO if each in statuses), None)
