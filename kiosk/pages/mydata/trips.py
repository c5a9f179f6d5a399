"""A person's business trips lately, with what was said of each; refuses a place on the way: none is kept."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.mydata.asking import person_of
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Fact, Sheet
from kiosk.rights import own_acts, trips
from kiosk.store.standing import TRAVELS, Standing


@dataclass(frozen=True, slots=True)
class Trips(Page):
    """Leaving and returning, newest first."""

    found: tuple[Standing, ...] = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """When, and where to."""
        facts = tuple(Fact(_when(at, each), _said(at, each)) for each in self.found)
        line = at.say("mydata.trips.line" if facts else "mydata.trips.none")
        return Sheet("mydata.trips", at.say("mydata.trips.title"), line, "trip", facts)


def _open(desk: Desk) -> Move:
    store, now = desk.store, desk.store.now_ms()
    lately = own_acts.lately(store, person_of(desk), max(0, now - trips.BACK_MS))
    found = [each for each in lately if each.action in TRAVELS and now - each.at <= trips.BACK_MS and not each.annulled]
    return Show(Trips(tuple(sorted(found, key=lambda each: each.at, reverse=True))))


OPENED: Final = Do(_open)


def _when(at: At, standing: Standing) -> str:
    return f"{at.say(f'action.{standing.action.value}')}, {at.spell.when(standing.at)}"


def _said(at: At, standing: Standing) -> str:
    if standing.trip is None:
        return at.say("mydata.trips.nothing")
    told = standing.trip
    texts = (told.destination, at.say(f"trip.reason.{told.reason.value}"), told.note, told.reference, told.cost_centre)
    return ", ".join(text for text in texts if text)
