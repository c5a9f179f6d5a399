"""Where a trip goes and what for, said by whoever was recorded a moment ago; refuses a trip of anybody else."""

import functools
from dataclasses import dataclass, field, replace
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.pages.page import At, Back, Begin, Desk, Do, Employee, Instead, Leave, Move, Page, Show
from kiosk.pages.sheet import Act, Asked, Code, Row, Sheet, Tone
from kiosk.rights import trips
from kiosk.rights.trips import Said
from wire import checks, slip
from wire.acts import (
    COST_CENTRE_CHARACTERS,
    DESTINATION_CHARACTERS,
    NOTE_CHARACTERS,
    REFERENCE_CHARACTERS,
)
from wire.errors import FormatError
from wire.event import TripReason

_MOST: Final = {
    "destination": DESTINATION_CHARACTERS,
    "note": NOTE_CHARACTERS,
    "reference": REFERENCE_CHARACTERS,
    "cost_centre": COST_CENTRE_CHARACTERS,
}


@dataclass(frozen=True, slots=True)
class Trip:
    """What was said so far of the leaving or returning `event`; `leaving` tells which of the two it is."""

    event: str
    leaving: bool
    destination: str = field(default="", repr=False)
    reason: TripReason | None = None
    note: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)
    cost_centre: str = field(default="", repr=False)

    def text(self, name: str) -> str:
        """One of the four texts."""
        return {
            "destination": self.destination,
            "note": self.note,
            "reference": self.reference,
            "cost_centre": self.cost_centre,
        }[name]

    def told(self, name: str, text: str) -> "Trip":
        """The same with another text."""
        match name:
            case "destination":
                return replace(self, destination=text)
            case "note":
                return replace(self, note=text)
            case "reference":
                return replace(self, reference=text)
            case _:
                return replace(self, cost_centre=text)


def begin(event: str, *, leaving: bool) -> Page:
    """The first page: where to."""
    return Asking(Trip(event, leaving), "destination", first=True)


@dataclass(frozen=True, slots=True)
class Asking(Page):
    """One text to type; the first time it leads on to the reason, later back to the overview."""

    trip: Trip
    name: str
    first: bool = False
    wrong: bool = False
    initial: str = field(default="", repr=False)

    def sheet(self, at: At) -> Sheet:
        """The keyboard."""
        least = 1 if self.name == "destination" else 0
        asked = Asked(at.say(f"travel.{self.name}"), least=least, most=_MOST[self.name])
        question = "travel.destination_leave" if self.trip.leaving else "travel.destination_return"
        line = "travel.wrong" if self.wrong else question if self.name == "destination" else "travel.title"
        return Sheet(f"trip.{self.name}", at.say("travel.title"), at.say(line), asked=asked, warn=self.wrong)

    def entered(self, text: str) -> Move:
        """Keep it, if it can be kept."""
        text = text.strip()
        try:
            checks.text(text, self.name, most=_MOST[self.name], most_bytes=2 * _MOST[self.name])
        except FormatError:
            return Instead(replace(self, wrong=True, initial=text))
        trip = self.trip.told(self.name, text)
        return Show(Reasons(trip, first=True)) if self.first else Back(Overview(trip))


@dataclass(frozen=True, slots=True)
class Reasons(Page):
    """What for, out of a closed list."""

    trip: Trip
    first: bool = False

    def sheet(self, at: At) -> Sheet:
        """The list."""
        rows = tuple(
            Row(each.value, at.say(f"trip.reason.{each}"), chosen=each is self.trip.reason) for each in TripReason
        )
        return Sheet("trip.reasons", at.say("travel.title"), at.say("travel.why"), "trip", rows)

    def tapped(self, key: str) -> Move:
        """One of them."""
        overview = Overview(replace(self.trip, reason=TripReason(key)))
        return Show(overview) if self.first else Back(overview)


@dataclass(frozen=True, slots=True)
class Overview(Page):
    """All that was said; each line can be touched, and nothing is written down before the slip is asked for."""

    trip: Trip

    def sheet(self, at: At) -> Sheet:
        """Line by line."""
        trip = self.trip
        reason = "" if trip.reason is None else at.say(f"trip.reason.{trip.reason}")
        values = {name: trip.text(name) for name in _MOST}
        said = {"destination": values.pop("destination"), "reason": reason, **values}
        rows = tuple(
            Row(name, at.say(f"travel.{name}"), value or at.say("travel.empty"), chosen=bool(value))
            for name, value in said.items()
        )
        acts = (Act("slip", at.say("travel.make"), "done", Tone.PRIMARY),)
        return Sheet("trip.overview", at.say("travel.title"), at.say("travel.overview"), "trip", rows, acts)

    def tapped(self, key: str) -> Move:
        """Change a line, or make the slip."""
        match key:
            case "slip":
                return Do(functools.partial(_made, self.trip))
            case "reason":
                return Show(Reasons(self.trip))
            case _:
                return Show(Asking(self.trip, key, initial=self.trip.text(key)))


@dataclass(frozen=True, slots=True)
class Made(Page):
    """The signed slip as a code; it names nobody."""

    token: str = field(repr=False)
    slip: str
    until: int

    def sheet(self, at: At) -> Sheet:
        """The code and what it is good for."""
        number = " ".join(self.slip[start : start + 4] for start in range(0, len(self.slip), 4))
        body = (Code(self.token, f"{at.say('travel.caption', day=at.spell.day(self.until))}\n{number}"),)
        done = Act("done", at.say("tap.done"), "done", Tone.PRIMARY)
        return Sheet("trip.slip", at.say("travel.slip"), icon="trip", body=body, acts=(done,), back=False)

    def tapped(self, _key: str) -> Move:
        """Done."""
        return Leave()


def _made(trip: Trip, desk: Desk) -> Move:
    """Write the details down and sign the slip. Raises Fault as `trips.describe` and `trips.slip_of`."""
    visitor, store = desk.visitor, desk.store
    if not isinstance(visitor, Employee) or trip.reason is None:
        raise Fault(FaultCode.TRIP_REFUSED, "nobody who was recorded here")
    said = Said(trip.destination, trip.reason, trip.note, trip.reference, trip.cost_centre)
    with store.database.write():
        trips.describe(store, visitor.person, trips.one(store, visitor.person, trip.event), said, by="")
        token = trips.slip_of(store, trips.one(store, visitor.person, trip.event))
    made = trips.verify(store, token).slip
    return Begin(visitor, Made(token, made.slip_id.hex(), (made.issued_at + slip.VALID_S) * 1000))
