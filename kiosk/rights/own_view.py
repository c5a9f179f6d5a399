"""What a person sees first of their own data: who they are here, face, consent, what is open; refuses a score.

Everything is counted and dated, nothing is measured: how good a face's references are is told in a word.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault
from kiosk.rights import accuracy, consents, notices, own_requests, request_acts
from kiosk.rights.consent import Current
from kiosk.rights.consents import Chapter, InForce
from kiosk.rights.editions import Edition
from kiosk.store import held
from kiosk.store.basis import Condition
from kiosk.store.people import Person

if TYPE_CHECKING:
    from kiosk.store import Store

_GOOD: Final = 0.6
_FAIR: Final = 0.3
"""Of `vision.quality.Quality.goodness`, 0 to 1."""
_ROW: Final = "SELECT created_at, informed_at, face_restricted, attendance_restricted FROM people WHERE id = ?"
_WAITING: Final = "SELECT count(*) FROM undelivered WHERE person = ?"


class Grade(StrEnum):
    """How good the references of a face are."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Kept:
    """A face that is enrolled.

    Attributes:
        references: how many.
        taken_at: the newest, ms UTC.
        grade: of the best of them.
        old: whether they are so old that a new enrolment is offered.
    """

    references: int
    taken_at: int
    grade: Grade
    old: bool


@dataclass(frozen=True, slots=True)
class OwnView:
    """One person, for themselves.

    Attributes:
        person: as the kiosk knows them.
        since: since when, ms UTC.
        informed_at: when they were given the notice, ms UTC; None: not yet.
        notice: what is in force.
        newest: what a consent is given to; another one than `notice` while its day has not come.
        consents: oldest first.
        by_law: whether the face rests on a law instead.
        may_take_back: whether there is a consent to take back.
        face: what is enrolled.
        face_restricted: not compared.
        attendance_restricted: recorded and held here.
        waiting: entries that are not sent yet.
        held: entries that are held.
        open: requests that wait for an answer.
        due_at: by when the next is answered, ms UTC.
    """

    person: Person
    since: int
    informed_at: int | None
    notice: Edition | None
    newest: Edition | None
    consents: tuple[Chapter, ...]
    by_law: bool
    may_take_back: bool
    face: Kept | None
    face_restricted: bool
    attendance_restricted: bool
    waiting: int
    held: int
    open: int
    due_at: int | None

    @property
    def consent(self) -> Chapter | None:
        """The consent in force."""
        last = self.consents[-1] if self.consents else None
        return last if last is not None and isinstance(last.end, InForce) else None

    @property
    def asked_again(self) -> bool:
        """Whether a newer notice waits for their answer."""
        end = None if self.consent is None else self.consent.end
        return isinstance(end, InForce) and not isinstance(end.standing, Current)


def view(store: "Store", person: str) -> OwnView:
    """Read it. Raises Fault PERSON_UNKNOWN, PERSON_DAMAGED, and as any reading."""
    found = store.people.get(person)
    row = store.database.row(_ROW, person) or (0, None, 0, 0)
    waits = store.database.row(_WAITING, person) or (0,)
    unanswered = [each for each in request_acts.every(store, person=person) if each.closed_at is None]
    return OwnView(
        person=found,
        since=int(row[0]),
        informed_at=None if row[1] is None else int(row[1]),
        notice=notices.in_force(store),
        newest=notices.newest(store),
        consents=consents.story(store, person),
        by_law=_by_law(store, person),
        may_take_back=own_requests.may_take_back(store, person),
        face=_face(store, person),
        face_restricted=bool(row[2]),
        attendance_restricted=bool(row[3]),
        waiting=int(waits[0]),
        held=held.count(store.database, person),
        open=len(unanswered),
        due_at=min((each.due_at for each in unanswered), default=None),
    )


def grade(quality: float) -> Grade:
    """The word for how good a reference is, 0 to 1."""
    if quality >= _GOOD:
        return Grade.GOOD
    return Grade.FAIR if quality >= _FAIR else Grade.POOR


def _face(store: "Store", person: str) -> Kept | None:
    taken = store.templates.taken(person)
    if not taken:
        return None
    newest = max(at for at, _ in taken)
    old = store.now_ms() - newest > accuracy.AGED_MONTHS * accuracy.MONTH_MS
    return Kept(len(taken), newest, grade(max(quality for _, quality in taken)), old)


def _by_law(store: "Store", person: str) -> bool:
    try:
        return isinstance(store.basis.ground_of(person), Condition)
    except (ValueError, Fault):
        return False
