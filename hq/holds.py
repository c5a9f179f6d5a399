"""Whose check-ins a door holds back until a restriction is lifted; refuses to let what is missing look like absence.

A held check-in stays on its device (GDPR Article 18). What comes of it is one notice, and another one when it is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select

from hq.attendance import Wanted, moment, read
from hq.database import counters, devices, events, reading, roster, upsert
from hq.office import Office
from hq.roster import name_of
from wire.event import Delivered, Notice, NoticeKind

_NAME: Final = "held/"
_BEGINS: Final = frozenset({NoticeKind.ATTENDANCE_RESTRICTED})
_ENDS: Final = frozenset({NoticeKind.ATTENDANCE_RELEASED, NoticeKind.ERASED})


@dataclass(frozen=True, slots=True)
class Held:
    """One person whose check-ins one door holds; `name` is None where the roster has none."""

    at: datetime
    code: str = field(repr=False)
    name: str | None = field(repr=False)
    door: str
    device: str


def note(work: Connection, office: Office, told: Iterable[Delivered]) -> None:
    """Remember who is held and who no longer is; in the transaction that stores the notices.

    The later entry of a ledger counts, whatever order they arrive in: its number stands for "held", below zero for
    "not any more".
    """
    for one in told:
        event = one.event
        if not isinstance(event, Notice) or event.kind not in _BEGINS | _ENDS:
            continue
        name = _name(office, event.person)
        ours = (counters.c.device == one.device, counters.c.name == name)
        known = work.execute(select(counters.c.value).where(*ours)).scalar_one_or_none() or 0
        if event.kind is NoticeKind.ERASED:
            work.execute(delete(counters).where(*ours))
        elif one.seq > abs(known):
            value = one.seq if event.kind in _BEGINS else -one.seq
            row = upsert(work, counters).values(device=one.device, name=name, value=value)
            work.execute(row.on_conflict_do_update(index_elements=["device", "name"], set_={"value": value}))


def forget(work: Connection, office: Office, code: str) -> None:
    """Nothing of this person is left here."""
    work.execute(delete(counters).where(counters.c.name == _name(office, code)))


def held(office: Office, wanted: Wanted) -> tuple[Held, ...]:
    """Whose check-ins are held now, of those that are asked for, since when; by code."""
    with reading(office.engine) as view:
        labels = {row.id: row.label for row in view.execute(select(devices.c.id, devices.c.label))}
        names = {row.person: row.sealed for row in view.execute(select(roster.c.person, roster.c.sealed))}
        places = view.execute(
            select(counters.c.device, counters.c.value).where(counters.c.name.startswith(_NAME), counters.c.value > 0)
        ).all()
        rows = [
            view.execute(select(events).where(events.c.device == row.device, events.c.seq == row.value)).one_or_none()
            for row in places
        ]
    found = []
    for row in rows:
        event = None if row is None else read(office, row)
        at = None if event is None else moment(event)
        if row is None or event is None or at is None or wanted.device not in {"", row.device}:
            continue
        name = name_of(office.seals, event.person, names)
        folded = wanted.person.casefold()
        if folded in event.person.casefold() or folded in (name or "").casefold():
            found.append(Held(at, event.person, name, labels[row.device], row.device))
    return tuple(sorted(found, key=lambda each: each.code))


def _name(office: Office, code: str) -> str:
    return _NAME + office.seals.index("held", code).hex()
