"""Data kept after somebody has left: read for security and fraud alone, each reading written down; refuses all else.

Policy KK14. Whoever has left stays on the device only as long as headquarters has not signed for their attendance, or a
legal hold keeps them; in that time no ordinary command shows them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import strict
from kiosk.rights.dates import DAY_MS
from kiosk.rights.holds import held
from kiosk.store import papers
from kiosk.store.papers import PaperKind
from wire import checks
from wire.errors import FormatError
from wire.event import Event

if TYPE_CHECKING:
    from kiosk.store import Person, Store

READ: Final = "read"
LEFT: Final = "left"
_LONGEST_MONTH_MS: Final = 31 * DAY_MS
_SLACK_MS: Final = 2 * DAY_MS
"""A time that no server had set may stand under the month before or after."""
_TEXT_MOST: Final = 2_000
_MONTHS: Final = "SELECT period FROM keys WHERE kind = 'record' AND person = ? ORDER BY period"


class HeldPurpose(StrEnum):
    """For what a held class may be read: the closed list of KK14."""

    SECURITY = "security"
    FRAUD = "fraud"


class Why(StrEnum):
    """Why somebody who has left is still here."""

    HOLD = "hold"  # a legal hold
    HEADQUARTERS = "headquarters"  # headquarters has not signed for all of their attendance
    UNDER_WAY = "under_way"  # the erasure goes on in a moment


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who has left and is still here: a random id, why, and how many entries; no name."""

    person: str
    why: Why
    entries: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the held class.

    Attributes:
        purpose: for what.
        why: the occasion, 1 to 2,000 characters.
        by: account that read.
        entries: how many entries were shown.
    """

    purpose: HeldPurpose
    why: str = field(repr=False)
    by: str
    entries: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reading shows: the person and their entries, and the paper that records the reading."""

    paper: str
    person: "Person" = field(repr=False)
    events: tuple[Event, ...] = field(repr=False)


def of_purpose(text: str) -> HeldPurpose:
    """The purpose of a reading. Raises Fault DESK_REFUSED for any that is not on the list."""
    try:
        return HeldPurpose(text)
    except ValueError as wrong:
        raise Fault(FaultCode.DESK_REFUSED, "only for security or fraud") from wrong


def everybody(store: "Store") -> tuple[Left, ...]:
    """Who has left and is still here."""
    holds, found = held(store), list[Left]()
    with store.database.read():
        for (person,) in store.database.rows("SELECT id FROM people WHERE state = ? ORDER BY created_at, id", LEFT):
            waits = store.database.row("SELECT 1 FROM undelivered WHERE person = ? LIMIT 1", person) is not None
            why = Why.HOLD if holds.covers(person) else Why.HEADQUARTERS if waits else Why.UNDER_WAY
            found.append(Left(str(person), why, _entries(store, str(person))))
    return tuple(found)


def show(store: "Store", person_id: str, purpose: HeldPurpose, why: str, by: str) -> Shown:
    """Read what is held of somebody who has left. The reading is filed first.

    Raises:
        Fault: PERSON_UNKNOWN: nobody of that id is here; DESK_REFUSED: no reason, or somebody who has not left: what is
            theirs is read by the ordinary way, and with their knowledge; DISK_FULL, DISK_FAILED.
    """
    why = why.strip()
    if not 1 <= len(why) <= _TEXT_MOST:
        raise Fault(FaultCode.DESK_REFUSED, f"a reason of 1 to {_TEXT_MOST} characters")
    row = store.database.row("SELECT state FROM people WHERE id = ?", person_id)
    person = None if row is None else store.people.get(person_id)
    if row is None or person is None:
        raise Fault(FaultCode.PERSON_UNKNOWN)
    if row[0] != LEFT:
        raise Fault(FaultCode.DESK_REFUSED, "this person has not left")
    events = _events(store, person_id)
    content = strict.plain(Reading(purpose, why, by, len(events)))
    paper = papers.put(store, PaperKind.READING, content, state=READ, person=person_id, by=by)
    return Shown(paper, person, events)


def _entries(store: "Store", person: str) -> int:
    """How many entries a person has, without opening one."""
    total = 0
    for (month,) in store.database.rows(_MONTHS, person):
        try:
            total += store.ledger.count(person, month)
        except FormatError:  # a damaged key: the nightly sweep sets it aside
            continue
    return total


def _events(store: "Store", person: str) -> tuple[Event, ...]:
    months = [str(row[0]) for row in store.database.rows(_MONTHS, person)]
    if not months:
        return ()
    first, last = (checks.moment_from_text(f"{month}-01T00:00:00.000Z") for month in (months[0], months[-1]))
    return tuple(store.history.events(person, first - _SLACK_MS, last + _SLACK_MS + _LONGEST_MONTH_MS))
