"""Business trips of a period: leaving and returning put together, with their details; refuses to guess a return."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select

from hq.attendance import Line, Wanted, attendance
from hq.database import reading
from hq.office import Office
from hq.refusals import Refused
from hq.tables_door import standing
from wire import canonical, message, slip
from wire.errors import FormatError
from wire.event import Action, TripDetails
from wire.message import Message
from wire.message import Trip as Decided

LONGEST: Final = timedelta(days=90)
"""A return belongs to the last leaving of the same person if it comes within this: so long is a slip good."""
_FIRST, _LAST = date(1970, 1, 5), date(9999, 12, 1)


@dataclass(frozen=True, slots=True)
class Trip:
    """One trip, as it counts now.

    Args:
        left: the act of leaving; None if only a return was recorded.
        returned: the act of returning; None while the person is away, or if it was never recorded.
        decided: what was decided about its slip (`kiosk-hq trip approve|refuse`); None before.
    """

    left: Line | None = field(repr=False)
    returned: Line | None = field(repr=False)
    decided: Decided | None

    @property
    def begins(self) -> Line:
        """The act that the trip is counted under."""
        found = self.left or self.returned
        if found is None:
            raise ValueError("a trip without an act")
        return found

    @property
    def details(self) -> TripDetails | None:
        """What was said last about it, with leaving or with returning."""
        said = [each.trip for each in (self.left, self.returned) if each is not None and each.trip is not None]
        return max(said, key=lambda each: each.occurred_at, default=None)

    @property
    def lasted(self) -> timedelta | None:
        """From leaving to returning; None unless both are known."""
        return None if self.left is None or self.returned is None else self.returned.at - self.left.at

    @property
    def to_review(self) -> bool:
        """Whether one of its acts was claimed, disputed, or logged while the clock was in doubt."""
        acts = [each for each in (self.left, self.returned) if each is not None]
        return any(each.claimed or each.disputed or each.doubtful for each in acts)


def trips(office: Office, wanted: Wanted) -> tuple[Trip, ...]:
    """The trips that began in a period (that ended in it, where only the return is known), oldest first.

    With `wanted.device` those that began or ended at that door.
    """
    around = Wanted(
        wanted.first - LONGEST if wanted.first - _FIRST > LONGEST else _FIRST,
        wanted.last + LONGEST if _LAST - wanted.last > LONGEST else _LAST,
        wanted.person,
    )
    decisions = _decisions(office)
    found = [_with_decision(each, decisions) for each in paired(attendance(office, around).lines)]
    return tuple(
        each
        for each in found
        if wanted.first <= each.begins.at.date() <= wanted.last
        and wanted.device in ("", *(line.device for line in (each.left, each.returned) if line is not None))
    )


def days(first: str | None, last: str | None) -> tuple[date, date]:
    """The period that two words like 2026-08-31 ask for; as long as HQ can tell where a word is missing.

    Raises:
        Refused: no such day, or the last lies before the first.
    """
    try:
        found = (
            _FIRST if first is None else date.fromisoformat(first),
            _LAST if last is None else date.fromisoformat(last),
        )
    except ValueError as error:
        raise Refused("A day is written like 2026-08-31.") from error
    if not _FIRST <= found[0] <= _LAST or not _FIRST <= found[1] <= _LAST:
        raise Refused("A day is written like 2026-08-31.")
    if found[1] < found[0]:
        raise Refused("The last day lies before the first.")
    return found


def paired(lines: Iterable[Line]) -> tuple[Trip, ...]:
    """Put leaving and returning together, person by person; what was annulled does not count. Oldest first."""
    away: dict[str, Line] = {}
    found: list[Trip] = []
    for line in sorted((each for each in lines if each.counts), key=lambda each: each.at):
        left = away.get(line.code)
        if line.action == Action.TRIP_LEAVE:
            if left is not None:
                found.append(Trip(left, None, None))
            away[line.code] = line
        elif line.action == Action.TRIP_RETURN:
            if left is not None and line.at - left.at > LONGEST:
                found.append(Trip(left, None, None))
                left = None
            found.append(Trip(left, line, None))
            away.pop(line.code, None)
    found += [Trip(left, None, None) for left in away.values()]
    return tuple(sorted(found, key=lambda each: (each.begins.at, each.begins.code)))


def slip_of(line: Line) -> str:
    """The id of the slip of an act, 16 hexadecimal digits."""
    return slip.id_of(line.event_id).hex()


def _with_decision(trip: Trip, decisions: Mapping[str, Decided]) -> Trip:
    """A decision about the slip of leaving counts before one about that of returning."""
    acts = [each for each in (trip.left, trip.returned) if each is not None]
    told = [decisions[slip_of(each)] for each in acts if slip_of(each) in decisions]
    return Trip(trip.left, trip.returned, told[0]) if told else trip


def _decisions(office: Office) -> dict[str, Decided]:
    with reading(office.engine) as view:
        rows = view.execute(select(standing).where(standing.c.kind == "trip").order_by(standing.c.issued)).all()
    found = {}
    for row in rows:
        try:
            content = _content(office.seals.open("standing", f"{row.kind}/{row.name}", row.sealed))
        except FormatError:  # altered: as if it was not decided
            continue
        if isinstance(content, Decided):
            found[content.slip] = content
    return found


def _content(plain: bytes) -> message.Content:
    said = canonical.fields(canonical.decode(plain), {"kind": str, "body": dict})
    read: Message = message.from_json({**said, "device": "x", "number": 0, "issued_at": 0, "sig": ""})
    return read.content


def lasted(trip: Trip) -> str:
    """How long it lasted, in hours and minutes like "53:10"; "" unless both ends are known and in order."""
    span = trip.lasted
    if span is None or span < timedelta(0):
        return ""
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def moment(line: Line | None) -> str:
    """When an act was, by the clock of its door, with its offset; "" where there is none."""
    return "" if line is None else datetime.isoformat(line.at, sep=" ", timespec="seconds")
