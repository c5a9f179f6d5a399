"""By when somebody must be told of their data, and that they were (policy E12); refuses to be late in silence."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.rights import answers, dates
from kiosk.rights.answers import About, Answer, Said
from kiosk.store import informed
from kiosk.store.informed import Waiting

if TYPE_CHECKING:
    from kiosk.store import Store


@dataclass(frozen=True, slots=True)
class Owed:
    """Somebody to whom the notice is owed.

    Attributes:
        person: random id.
        source: "roster" or "admin".
        due_at: by when, ms UTC.
        late: whether that is over.
    """

    person: str
    source: str
    due_at: int
    late: bool


def owed(waiting: Waiting, now_ms: int) -> Owed:
    """One month after this device was told of them, or their first contact with it, whichever is earlier.

    GDPR Article 14(3)(a) and (b); UU PDP 27/2022 Article 21.
    """
    due = dates.month_later(waiting.told_at)
    if waiting.came_at is not None:
        due = min(due, waiting.came_at)
    return Owed(waiting.person, waiting.source, due, now_ms > due)


def uninformed(store: "Store") -> tuple[Owed, ...]:
    """Everybody to whom the notice is owed, the most urgent first."""
    now = store.now_ms()
    return tuple(sorted((owed(each, now) for each in informed.waiting(store)), key=lambda each: each.due_at))


def told(  # noqa: PLR0913 - what an answer consists of, by keyword
    store: "Store", person: str, *, version: str, language: str, witness: str, by: str = ""
) -> None:
    """Write down that a person was given the notice.

    Raises:
        Fault: PERSON_UNKNOWN, PERSON_DAMAGED; DISK_FULL, DISK_FAILED.
    """
    now = store.now_ms()
    with store.database.write():
        informed.inform(store, person, now)
        answers.give(store, person, Answer(About.NOTICE, Said.INFORMED, version, language, now, witness), by=by)
