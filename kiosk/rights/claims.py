"""What was recorded on somebody's word alone, with their reason, until a human has decided; refuses to decide itself.

A claim of a known person is an entry (`wire.event.CheckIn`, method claimed) and a paper under that person's key. Of a
code that nobody here has there is the paper alone (docs/decisions/0023): nothing is said of it to headquarters.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from kiosk import words
from kiosk.faults import Fault
from kiosk.rights import amending, company, human_review, own_acts, rectification, strict
from kiosk.rights.correction import OPEN, Matter, Missing, Outcome, Ruling, encode
from kiosk.rights.human_review import Annul, Confirm
from kiosk.rights.rectification import Desk, amend, answers_for, need
from kiosk.store import papers
from kiosk.store.approval import LoggedIn
from kiosk.store.papers import Paper, PaperKind
from wire.event import Action

if TYPE_CHECKING:
    from kiosk.store import Store

WAITING: Final = "waiting"


class Cause(StrEnum):
    """Why somebody could not be recorded otherwise: the short list of the screen."""

    FACE = "face"  # the camera does not know me
    PIN = "pin"  # I do not know my PIN
    BADGE = "badge"  # I do not have my badge with me
    NEW = "new"  # I am new here
    DEVICE = "device"  # something does not work
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Said:
    """What the paper of a claim says.

    Attributes:
        event: id of the entry, or "" where there is none.
        code: as it was typed, where nobody who may use this door has it; else "".
        action: what was claimed.
        at: when, ms UTC.
        cause: why, from the list.
        note: why, in own words; at most 64 characters.
        language: in which it was said.
        site: of the door.
    """

    event: str
    code: str = field(repr=False)
    action: Action
    at: int
    cause: Cause
    note: str = field(repr=False)
    language: str
    site: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim that waits for a human.

    Attributes:
        paper_id: of its paper.
        person: random id, or "" where nobody here had the code.
        event_id: of the entry, or "" where there is none.
        action: as it was claimed.
        at: when, ms UTC.
        reason: the reason from the list, and what was typed.
        device: id of the device.
        code: as it was typed, where `event_id` is ""; else "".
    """

    paper_id: str
    person: str
    event_id: str
    action: Action
    at: int
    reason: str = field(repr=False)
    device: str
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """It counts as it was claimed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It does not count; `why` is for the person."""

    why: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """It counts as another action."""

    action: Action


Verdict: TypeAlias = Accepted | Refused | Otherwise


def waiting(store: "Store", language: str = "") -> tuple[Claim, ...]:
    """Every claim that nobody has decided, oldest first; its reason in a language, or in the one it was said in.

    Raises:
        Fault: as for any reading of the store.
    """
    found = papers.find(store, PaperKind.CLAIM, open_only=True)
    return tuple(_claim(store, paper, language) for paper in found if paper.content is not None and _open(store, paper))


def decide(store: "Store", paper_id: str, verdict: Verdict, by: LoggedIn) -> None:
    """Decide about one claim: one transaction for the papers and the amendment.

    Raises:
        Fault: DESK_REFUSED: no administrator, officer or supervisor; REQUEST_REFUSED: decided already, refused without
            a reason, accepted although nobody has the code; PAPER_UNKNOWN, PAPER_CHANGED, PRIVACY_INVALID.
    """
    answers_for(by, human_review.REVIEWERS)
    paper = papers.get(store, paper_id)
    need(paper.kind is PaperKind.CLAIM and paper.content is not None, "no such claim")
    need(_open(store, paper), "it is decided")
    need(not isinstance(verdict, Refused) or bool(verdict.why.strip()), "give the reason: the person is told it")
    said = strict.read(Said, paper.content)
    desk = Desk(company.load(store.database.directory.parent / company.FILE), by, said.site)
    with store.database.write():
        if said.event:
            _about_an_entry(store, paper, said, verdict, desk)
        elif not isinstance(verdict, Refused):
            _added(store, paper, said, verdict, desk)
        _close(store, paper, verdict, desk)


def _about_an_entry(store: "Store", paper: Paper, said: Said, verdict: Verdict, desk: Desk) -> None:
    language = store.people.get(paper.person).language
    match verdict:
        case Accepted():
            human_review.decide(store, said.event, Confirm(), words.say(language, "claim.accepted"), desk)
        case Refused(why):
            human_review.decide(store, said.event, Annul(), why, desk)
        case Otherwise(action):
            reason = words.say(language, "claim.otherwise", action=words.say(language, f"action.{action}"))
            human_review.decide(store, said.event, human_review.Otherwise(action), reason, desk)
        case _:
            assert_never(verdict)


def _added(store: "Store", paper: Paper, said: Said, verdict: Accepted | Otherwise, desk: Desk) -> None:
    """Somebody has the code by now, and a human vouches for them: their act is added."""
    person = paper.person
    if not person:
        found = store.people.by_code(said.code)
        need(found is not None, "nobody here has this code: add the person first, or refuse")
        person = "" if found is None else found.id
    action = verdict.action if isinstance(verdict, Otherwise) else said.action
    matter = Matter(Missing(action, said.at), "", store.now_ms())
    filed = papers.put(store, PaperKind.CORRECTION, encode(matter), state=OPEN, person=person, by=desk.login.account)
    events = amend(store, person, (amending.added(action, said.at),), desk.site)
    ruling = Ruling(Outcome.ACCEPTED, action, said.at, "", desk.login.account, store.now_ms(), events)
    rectification.close(store, *rectification.opened(store, filed), ruling, desk)


def _close(store: "Store", paper: Paper, verdict: Verdict, desk: Desk) -> None:
    match verdict:
        case Accepted():
            state = "accepted"
        case Refused():
            state = "refused"
        case Otherwise():
            state = "adjusted"
        case _:
            assert_never(verdict)
    papers.revise(store, paper, paper.content or {}, state=state, closed=True, by=desk.login.account)


def _open(store: "Store", paper: Paper) -> bool:
    """Whether nobody has decided, by this paper or by the entry itself (`kiosk privacy review`)."""
    event = strict.read(Said, paper.content).event
    if paper.closed_at is not None or not event:
        return paper.closed_at is None
    with suppress(Fault):  # its month is over: what is left is the paper
        return human_review.waits(own_acts.one(store, paper.person, event)) is not None
    return True


def _claim(store: "Store", paper: Paper, language: str) -> Claim:
    said = strict.read(Said, paper.content)
    cause = words.say(language or said.language, f"claim.cause.{said.cause}")
    reason = f"{cause}: {said.note}" if said.note else cause
    return Claim(paper.id, paper.person, said.event, said.action, said.at, reason, store.device_id, said.code)
