"""What an event means for hr.attendance; pure; refuses what Odoo has no place for, and never invents a check-out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

from sync.config import Actions
from sync.contract import Punch, Rejected, Stored, Why
from wire.checks import moment_to_text
from wire.event import Action, Amendment, CheckIn, ClockState, Correction, Dispute, Method, Notice, TripDetails

_TRIPS: Final = (Action.TRIP_LEAVE, Action.TRIP_RETURN)


class Side(StrEnum):
    """Which end of a row an event is."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of hr.attendance; times as Odoo spells them (`stamp`), `check_out` "" while it is open."""

    id: int
    check_in: str
    check_out: str


@dataclass(frozen=True, slots=True)
class Have:
    """The event is stored already."""

    row: int


@dataclass(frozen=True, slots=True)
class Create:
    """A new row is to be made."""


@dataclass(frozen=True, slots=True)
class Close:
    """This open row is to get its check-out."""

    row: Row


@dataclass(frozen=True, slots=True)
class Refuse:
    """A person must look."""

    why: Why
    detail: str


Move: TypeAlias = Have | Create | Close | Refuse
LATE: Final = Refuse(Why.OVERLAP, "later_row_open")
"""A lone check-in before an open row: Odoo takes it only together with its check-out."""


def stamp(now_ms: int) -> str:
    """Milliseconds since 1970 as Odoo spells them: UTC without a zone, whole seconds, the rest cut off."""
    return moment_to_text(now_ms)[:19].replace("T", " ")


def side(punch: Punch, actions: Actions) -> Side | Stored | Rejected:
    """Which end of a row the event is, or what becomes of it without asking Odoo."""
    event = punch.event
    match event:
        case Notice():
            return Stored(punch.event_id, remote="")
        case Correction():
            return Rejected(punch.event_id, Why.NOT_HELD, "correction")
        case Dispute():
            return Rejected(punch.event_id, Why.NOT_HELD, "dispute")
        case Amendment():  # a row that was forgotten lies between others: a person sees what it must not overlap
            return Rejected(punch.event_id, Why.NOT_HELD, f"amended_{event.decision}")
        case TripDetails():
            return Rejected(punch.event_id, Why.NOT_HELD, "trip_details")
        case CheckIn():
            return _check_in(punch, event, actions)
        case _:
            assert_never(event)


def _check_in(punch: Punch, event: CheckIn, actions: Actions) -> Side | Rejected:
    if event.action in _TRIPS:
        return Rejected(punch.event_id, Why.NOT_HELD, "trip")
    if event.method is Method.CLAIMED and not punch.reviewed:
        return Rejected(punch.event_id, Why.REVIEW, "claimed")
    if event.clock.state is ClockState.UNSYNCED and not punch.reviewed:
        return Rejected(punch.event_id, Why.CLOCK_DOUBTFUL, "clock_never_set")
    mapped = {
        Action.IN: "in",
        Action.OUT: "out",
        Action.BREAK_START: actions.break_start,
        Action.BREAK_END: actions.break_end,
        Action.OVERTIME_START: actions.overtime_start,
        Action.OVERTIME_END: actions.overtime_end,
    }[event.action]
    return Side(mapped) if mapped else Rejected(punch.event_id, Why.NOT_HELD, "action_not_mapped")


def move(end: Side, at: str, rows: Sequence[Row]) -> Move:
    """What to do about one end at a time.

    Args:
        end: in or out.
        at: when (`stamp`).
        rows: the person's open row, those that begin or end at this very second, and those that the time lies in.
    """
    match end:
        case Side.IN:
            return _arrive(at, rows)
        case Side.OUT:
            return _leave(at, rows)
        case _:
            assert_never(end)


def _arrive(at: str, rows: Sequence[Row]) -> Move:
    for row in rows:
        if row.check_in == at:
            return Have(row.id)
    for row in rows:
        if not row.check_out:
            return LATE if row.check_in > at else Refuse(Why.MISSING_CHECKOUT, "still_checked_in")
    return _covered(at, rows) or Create()


def _leave(at: str, rows: Sequence[Row]) -> Move:
    for row in rows:
        if row.check_out == at:
            return Have(row.id)
    for row in rows:
        if not row.check_out and row.check_in <= at:
            return Close(row)
    return _covered(at, rows) or Refuse(Why.MISSING_CHECKOUT, "not_checked_in")


def _covered(at: str, rows: Sequence[Row]) -> Refuse | None:
    return Refuse(Why.OVERLAP, "row_covers_it") if any(row.check_in < at < row.check_out for row in rows) else None
