"""A human looks at what a machine or a claim has recorded; refuses to let anything but a human undo a record.

GDPR Article 22(3). Until somebody decides, the record counts for pay as it was made: no refusal by a machine, no claim
and no dispute takes hours away.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from kiosk.faults import Fault, FaultCode
from kiosk.rights import amending, own_acts, rectification
from kiosk.rights.amending import Change
from kiosk.rights.correction import OPEN, Doubted, Matter, Missing, Outcome, Ruling, encode
from kiosk.rights.dates import DAY_MS
from kiosk.rights.rectification import Desk, Filed, amend, answers_for, close, need
from kiosk.store import papers
from kiosk.store.approval import Role
from kiosk.store.papers import PaperKind
from kiosk.store.standing import Standing
from wire.event import Action, CheckIn, Method

if TYPE_CHECKING:
    from kiosk.store import Store

REVIEWERS: Final = rectification.DECIDERS | {Role.SUPERVISOR}
"""Who decides about what was claimed or disputed."""
DAYS: Final = 92
"""So far back is looked unless somebody wants everything."""
_PART: Final = 3
_WHO: Final = "SELECT person FROM keys WHERE kind = 'record' AND period = ? ORDER BY person"


class Why(StrEnum):
    """Why a record waits for a human."""

    CLAIMED = "claimed"  # nobody was known: the person said who they are
    DISPUTED = "disputed"  # "not me"
    ASKED = "asked"  # the person has asked for a human


@dataclass(frozen=True, slots=True)
class Pending:
    """One record that a human has to look at; `matter`: id of the paper in which the person asked, or ""."""

    person: str
    standing: Standing
    why: Why
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """It stands as recorded."""


@dataclass(frozen=True, slots=True)
class Annul:
    """It does not count."""


@dataclass(frozen=True, slots=True)
class Reassign:
    """It was somebody else's: annulled for one, added for the other (random id)."""

    other: str


@dataclass(frozen=True, slots=True)
class Otherwise:
    """It happened, and it was another action."""

    action: Action


Verdict: TypeAlias = Confirm | Annul | Reassign | Otherwise


def waits(standing: Standing) -> Why | None:
    """Why a human has to look at an act; None if nobody has to, or somebody has."""
    if standing.disputed is not None:
        return Why.DISPUTED
    claimed = isinstance(standing.event, CheckIn) and standing.event.method is Method.CLAIMED
    return Why.CLAIMED if claimed and standing.decided is None else None


def pending(store: "Store", *, days: int | None = DAYS) -> tuple[Pending, ...]:
    """Every record that waits, oldest first.

    Args:
        store: open.
        days: how far back; None for everything that the device still has.

    Raises:
        Fault: as for any reading of the store.
    """
    since = 0 if days is None else max(0, store.now_ms() - days * DAY_MS)
    asked = _asked(store)
    found: list[Pending] = []
    for person in store.people.all():
        for standing in own_acts.lately(store, person.id, since):
            matter, why = asked.pop((person.id, standing.event.event_id), ""), waits(standing)
            if why is not None or matter:
                found.append(Pending(person.id, standing, why or Why.ASKED, matter))
    for (holder, event), matter in asked.items():
        found.append(Pending(holder, own_acts.one(store, holder, event), Why.ASKED, matter))
    return tuple(sorted(found, key=lambda each: each.standing.at))


def since(store: "Store", days: int) -> tuple[Pending, ...]:
    """What waits of the last days, oldest first: no more entries are opened than that takes, as a screen needs it.

    Args:
        store: open.
        days: how far back what was claimed or disputed is looked for; what a person has asked for is always there.
    """
    asked, found = _asked(store), list[Pending]()
    for person in store.people.all():
        for standing in store.history.standings(person.id, store.now_ms() - days * DAY_MS):
            matter, why = asked.pop((person.id, standing.event.event_id), ""), waits(standing)
            if why is not None or matter:
                found.append(Pending(person.id, standing, why or Why.ASKED, matter))
    for (whose, event), matter in asked.items():
        found.append(Pending(whose, own_acts.one(store, whose, event), Why.ASKED, matter))
    return tuple(sorted(found, key=lambda each: each.standing.at))


def holder(store: "Store", event_id: str) -> str:
    """Whose entry this is, by random id. Raises Fault REQUEST_REFUSED: nobody's who is still known."""
    row = store.database.row("SELECT period FROM bodies WHERE event_id = ? AND audience = 1", event_id)
    if row is not None:
        for (person,) in store.database.rows(_WHO, row[0]):
            if any(each.event.event_id == event_id for each in own_acts.in_month(store, person, row[0])):
                return str(person)
    raise Fault(FaultCode.REQUEST_REFUSED, "nobody here has such an entry")


def decide(store: "Store", event_id: str, verdict: Verdict, reason: str, desk: Desk) -> tuple[Filed, ...]:
    """Decide about one record: one transaction for the papers and what the ledger says.

    Args:
        store: open.
        event_id: of the record.
        verdict: what.
        reason: for the person; it may not name another one.
        desk: who decides.

    Returns:
        The matter, and of a record that was somebody else's the other person's, too: two papers that know nothing of
        each other.

    Raises:
        Fault: DESK_REFUSED: no administrator, officer or supervisor; REQUEST_REFUSED: no such entry, no reason,
            a reason that names the other person, nothing that would change.
    """
    answers_for(desk.login, REVIEWERS)
    reason = reason.strip()
    need(bool(reason), "give the reason: the person is told it")
    need(len(reason) <= rectification.WORDS_MOST, f"at most {rectification.WORDS_MOST} characters")
    person = holder(store, event_id)
    standing = own_acts.one(store, person, event_id)
    need(not standing.annulled, "it does not count any more: ask for what is missing")
    with store.database.write():
        matter_id = _asked(store).get((person, standing.event.event_id)) or _opened(store, person, standing, desk)
        paper, matter = rectification.opened(store, matter_id)
        events = amend(store, person, _changes(standing, verdict), desk.site)
        now, by = store.now_ms(), desk.login.account
        match verdict:
            case Confirm():
                ruling = Ruling(Outcome.CONFIRMED, standing.action, standing.at, reason, by, now, events)
            case Annul() | Reassign():
                ruling = Ruling(Outcome.ANNULLED, None, None, reason, by, now, events)
            case Otherwise(action):
                ruling = Ruling(Outcome.ADJUSTED, action, standing.at, reason, by, now, events)
            case _:
                assert_never(verdict)
        done: tuple[Filed, ...] = (close(store, paper, matter, ruling, desk),)
        if isinstance(verdict, Reassign):
            done += (_given(store, verdict.other, person, standing, reason, desk),)
    return done


def _changes(standing: Standing, verdict: Verdict) -> tuple[Change, ...]:
    match verdict:
        case Confirm():
            return (amending.confirmed(standing),)
        case Annul() | Reassign():
            return (amending.annulled(standing),)
        case Otherwise(action):
            return amending.corrected(standing, action, None)
        case _:
            assert_never(verdict)


def _given(  # noqa: PLR0913, PLR0917 - what it is made of
    store: "Store", other: str, person: str, standing: Standing, reason: str, desk: Desk
) -> Filed:
    """Add the act for the other person, on a paper that says nothing of the first."""
    need(other != person, "it is this person's already")
    theirs = store.people.get(other)
    need(not _names(reason, theirs.code, theirs.name), "the reason names the other person")
    now, by = store.now_ms(), desk.login.account
    matter = Matter(Missing(standing.action, standing.at), "", now)
    filed = papers.put(store, PaperKind.CORRECTION, encode(matter), state=OPEN, person=other, by=by)
    events = amend(store, other, (amending.added(standing.action, standing.at),), desk.site)
    ruling = Ruling(Outcome.ACCEPTED, standing.action, standing.at, "", by, now, events)
    paper, matter = rectification.opened(store, filed)
    return close(store, paper, matter, ruling, desk)


def _names(reason: str, code: str, name: str) -> bool:
    """Whether a reason holds somebody's code, or a part of their name as a word of its own."""
    words = set(re.findall(r"\w+", reason.casefold()))
    parts = {part for part in re.findall(r"\w+", name.casefold()) if len(part) >= _PART}
    return code.casefold() in reason.casefold() or bool(words & parts)


def _opened(store: "Store", person: str, standing: Standing, desk: Desk) -> str:
    """The desk looks by itself: nobody has asked, and no clock of a request runs."""
    matter = Matter(Doubted(standing.event.event_id), "", store.now_ms())
    by = desk.login.account
    return papers.put(store, PaperKind.CORRECTION, encode(matter), state=OPEN, person=person, by=by)


def _asked(store: "Store") -> dict[tuple[str, str], str]:
    """Person and entry of every open matter that asks for a human; not those whose entry is kept no more."""
    found = {}
    for each in rectification.every(store):
        if each.state == OPEN and each.matter is not None and isinstance(each.matter.subject, Doubted):
            with suppress(Fault):
                root = own_acts.one(store, each.person, each.matter.subject.event).event.event_id
                found[each.person, root] = each.id
    return found
