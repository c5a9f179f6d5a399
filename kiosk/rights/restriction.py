"""Restriction of one purpose for one person: in force at once, lifted only after they were told; refuses a short cut.

GDPR Article 18, UU PDP 27/2022 Article 11, policy E16. A restricted face is not compared, and the PIN goes on. With
restricted attendance each check-in is recorded and held on this device (kiosk/store/held.py) until the lifting.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import strict
from kiosk.store import Store, held, papers
from kiosk.store.acts import LocalKind
from kiosk.store.papers import Paper, PaperKind
from wire.errors import FormatError
from wire.event import Notice, NoticeKind, uuid7

RIGHT: Final = "restriction"
ANSWERED: Final = "answered"
IN_FORCE: Final = "in_force"
LIFTED: Final = "lifted"
LONGEST_WHY: Final = 2000


class Restricted(StrEnum):
    """What can be restricted."""

    FACE = "face"
    ATTENDANCE = "attendance"


_COLUMN: Final = {Restricted.FACE: "face_restricted", Restricted.ATTENDANCE: "attendance_restricted"}
_BEGUN: Final = {Restricted.FACE: NoticeKind.RESTRICTED, Restricted.ATTENDANCE: NoticeKind.ATTENDANCE_RESTRICTED}
_ENDED: Final = {Restricted.FACE: NoticeKind.RESTRICTION_LIFTED, Restricted.ATTENDANCE: NoticeKind.ATTENDANCE_RELEASED}


@dataclass(frozen=True, slots=True)
class Restriction:
    """One restriction.

    Attributes:
        purpose: what is restricted.
        why: the person's words, 1 to 2,000 characters.
        received_at: ms UTC.
        because_of: id of the objection that it belongs to, or "".
        told_at: when the person was told that it will be lifted, ms UTC; 0 before.
        lift_at: from when it may be lifted, ms UTC; 0 before.
        lifted_at: when it was, ms UTC; 0 while it is in force.
    """

    purpose: Restricted
    why: str = field(repr=False)
    received_at: int
    because_of: str = ""
    told_at: int = 0
    lift_at: int = 0
    lifted_at: int = 0

    def encode(self) -> dict[str, Any]:
        """The content of its paper."""
        return {"kind": RIGHT, **strict.plain(self)}

    @classmethod
    def decode(cls, content: Mapping[str, Any]) -> "Restriction":
        """What `encode` made. Raises wire.errors.FormatError."""
        fields = dict(content)
        if fields.pop("kind", "") != RIGHT:
            raise FormatError("not a restriction")
        return strict.read(cls, fields)


def hindrance(one: Restriction, now_ms: int) -> str | None:
    """Why a restriction cannot be lifted now; None if it can."""
    if one.lifted_at:
        return "it is lifted already"
    if not one.told_at:
        return "the person must be told before: kiosk privacy restrict tell"
    if now_ms < one.lift_at:
        return "the day that the person was told of has not come"
    return None


def begin(  # noqa: PLR0913 - what a request is made of, by keyword
    store: Store, person_id: str, purpose: Restricted, why: str, *, by: str = "", because_of: str = "", site: str = ""
) -> str:
    """Restrict a purpose for a person from this moment on, and tell headquarters; returns the id of its paper.

    That paper is open as long as the restriction is in force. In the register of requests stands one that is answered.

    Args:
        store: open.
        person_id: random id.
        purpose: what is restricted.
        why: what the person says, 1 to 2,000 characters.
        by: account that acts, or "" for the person.
        because_of: id of an objection.
        site: name of the site, for the notice.

    Raises:
        Fault: PERSON_UNKNOWN; REQUEST_REFUSED: it is restricted for that reason already, or no reason is given.
    """
    if not 1 <= len(why.strip()) <= LONGEST_WHY:
        raise Fault(FaultCode.REQUEST_REFUSED, f"say why, in 1 to {LONGEST_WHY} characters")
    code = store.people.get(person_id).code
    with store.database.write():
        before = in_force(store, person_id, purpose)
        if any(one.because_of == because_of for _, one in before):
            raise Fault(FaultCode.REQUEST_REFUSED, "it is restricted already")
        content = Restriction(purpose, why.strip(), store.now_ms(), because_of).encode()
        paper = papers.put(store, PaperKind.BASIS, content, state=IN_FORCE, person=person_id, by=by)
        if not because_of:
            _register(store, person_id, content, by)
        if not before:
            _tell_headquarters(store, person_id, code, _BEGUN[purpose], site)
            _set(store, person_id, purpose, on=True, by=by)
    store.basis.changes += 1
    return paper


def tell(store: Store, paper_id: str, lift_at: int | None, *, by: str) -> Restriction:
    """Write down that the person is told, and from which moment on it may be lifted.

    Args:
        store: open.
        paper_id: of the restriction.
        lift_at: ms UTC; None: at once, for the person wants it lifted themselves.
        by: account that acts.

    Raises:
        Fault: PAPER_UNKNOWN; REQUEST_REFUSED: it is lifted already, or the moment is past.
    """
    paper, one = read(store, paper_id)
    now = store.now_ms()
    if one.lifted_at or (lift_at is not None and lift_at < now):
        raise Fault(FaultCode.REQUEST_REFUSED, "it is lifted already" if one.lifted_at else "that day is past")
    told = replace(one, told_at=now, lift_at=now if lift_at is None else lift_at)
    papers.revise(store, paper, told.encode(), state=IN_FORCE, by=by)
    return told


def lift(store: Store, paper_id: str, *, by: str, site: str = "") -> int:
    """End a restriction; what was held becomes entries and goes its way. Returns how many those are.

    Where another restriction of the same purpose is in force, that one goes on.

    Raises:
        Fault: PAPER_UNKNOWN; REQUEST_REFUSED: see `hindrance`; STORE_TAMPERED: what is held does not open.
    """
    paper, one = read(store, paper_id)
    if (why := hindrance(one, store.now_ms())) is not None:
        raise Fault(FaultCode.REQUEST_REFUSED, why)
    return end(store, paper, one, by=by, site=site)


def end(store: Store, paper: Paper, one: Restriction, *, by: str, site: str = "") -> int:
    """End a restriction without more ado: for an act that has told the person already. Raises as `lift`."""
    code, released = store.people.get(paper.person).code, 0
    with store.database.write():
        done = replace(one, lifted_at=store.now_ms())
        papers.revise(store, paper, done.encode(), state=LIFTED, closed=True, by=by)
        if not in_force(store, paper.person, one.purpose):
            _set(store, paper.person, one.purpose, on=False, by=by)
            released = held.release(store, paper.person) if one.purpose is Restricted.ATTENDANCE else 0
            _tell_headquarters(store, paper.person, code, _ENDED[one.purpose], site)
    store.basis.changes += 1
    return released


def read(store: Store, paper_id: str) -> tuple[Paper, Restriction]:
    """A restriction by the id of its paper. Raises Fault PAPER_UNKNOWN, also for one of somebody erased."""
    paper = papers.get(store, paper_id)
    if paper.kind is not PaperKind.BASIS or paper.content is None or paper.content.get("kind") != RIGHT:
        raise Fault(FaultCode.PAPER_UNKNOWN, paper_id)
    return paper, Restriction.decode(paper.content)


def every(store: Store, person_id: str | None = None) -> tuple[tuple[Paper, Restriction], ...]:
    """Every restriction that can be read, oldest first."""
    found = papers.find(store, PaperKind.BASIS, person=person_id)
    return tuple(
        (paper, Restriction.decode(paper.content))
        for paper in found
        if paper.content is not None and paper.content.get("kind") == RIGHT
    )


def in_force(store: Store, person_id: str, purpose: Restricted) -> tuple[tuple[Paper, Restriction], ...]:
    """What restricts this purpose for this person now."""
    return tuple((paper, one) for paper, one in every(store, person_id) if one.purpose is purpose and not one.lifted_at)


def _register(store: Store, person_id: str, one: Mapping[str, Any], by: str) -> None:
    """Put the request into the register: it is answered by the very act."""
    said = {"right": RIGHT, "purpose": one["purpose"], "text": one["why"], "received_at": one["received_at"]}
    paper = papers.put(store, PaperKind.REQUEST, said, state=ANSWERED, person=person_id, by=by)
    papers.revise(store, papers.get(store, paper), said, state=ANSWERED, closed=True, by=by)


def _set(store: Store, person_id: str, purpose: Restricted, *, on: bool, by: str) -> None:
    sql = f"UPDATE people SET {_COLUMN[purpose]} = ?2 WHERE id = ?1"  # noqa: S608 - our own names
    store.database.run(sql, person_id, int(on))
    store.append_local(
        LocalKind.RESTRICTION_SET, {"person": person_id, "purpose": purpose.value, "on": int(on), "by": by}
    )


def _tell_headquarters(store: Store, person_id: str, code: str, kind: NoticeKind, site: str) -> None:
    now = store.clock()
    event_id = uuid7(now.wall_ms, os.urandom(10))
    store.ledger.append(Notice(event_id, kind, code, now.wall_ms, now.clock, site), person_id)
