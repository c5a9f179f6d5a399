"""Who has to answer a newer notice, and by when; refuses a list of who never gave a face.

Nobody is told apart who has declined: only consents that carry a face, or may again, are counted.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.faults import Fault
from kiosk.rights import consents
from kiosk.rights.consent import AskAgain, Current, Lapsed
from kiosk.rights.consents import InForce

if TYPE_CHECKING:
    from kiosk.store import Store


@dataclass(frozen=True, slots=True)
class Renewal:
    """One consent that waits for an answer: random id, the notice it was given to, and until when it carries a face."""

    person: str
    version: str
    until: int
    lapsed: bool


@dataclass(frozen=True, slots=True)
class Consents:
    """How the consents on the device stand: how many are to the newest notice, and those that wait, soonest first."""

    current: int
    waiting: tuple[Renewal, ...]


def look(store: "Store") -> Consents:
    """Look at every consent in force; only reads. Raises Fault as any reading of the store."""
    current, waiting = 0, list[Renewal]()
    for person in store.basis.people():
        try:
            story = consents.story(store, person)
        except (ValueError, Fault):  # damaged: set aside by the nightly sweep, and the PIN goes on
            continue
        newest = story[-1] if story else None
        if newest is None or not isinstance(newest.end, InForce):
            continue  # a law that is cited, or what nobody can read
        version = newest.given.text_version
        match newest.end.standing:
            case Current():
                current += 1
            case AskAgain(until):
                waiting.append(Renewal(person, version, until, lapsed=False))
            case Lapsed(since):
                waiting.append(Renewal(person, version, since, lapsed=True))
    return Consents(current, tuple(sorted(waiting, key=lambda each: each.until)))
