"""Who a person is here: each field with who said so and since when; refuses a field that nobody vouches for."""

from dataclasses import dataclass, field

from kiosk.pages.mydata import wrong
from kiosk.pages.mydata.asking import person_of
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Act, Fact, Line, Sheet
from kiosk.rights import holdings, saying
from kiosk.rights.holdings import Field
from kiosk.rights.own_view import OwnView


@dataclass(frozen=True, slots=True)
class Own(Page):
    """Every field."""

    mine: OwnView = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """What, from whom, since when."""
        facts = tuple(_fact(at, each) for each in self.fields)
        acts = (Act("name", at.say("mydata.act.name"), "change"),)
        none = Line(at.say("mydata.own.none"), icon="shield")
        line = at.say("mydata.own.line")
        return Sheet("mydata.own", at.say("mydata.own.title"), line, "person", (*facts, none), acts)

    def tapped(self, _key: str) -> Move:
        """The name is wrong."""
        return wrong.name(self.mine.person.name, self.home)


def opened(mine: OwnView, home: Do) -> Do:
    """Load the fields."""

    def work(desk: Desk) -> Move:
        return Show(Own(mine, holdings.fields_of(desk.store, person_of(desk)), home))

    return Do(work)


def _fact(at: At, found: Field) -> Fact:
    label = saying.known(at.language, "access.field", found.name)
    value = found.value or at.say("access.yes")
    if found.name == "standing":
        value = saying.known(at.language, "access.standing", found.value)
    if found.name == "language":
        value = saying.known(at.language, "mydata.language", found.value)
    source = (
        at.say("access.source.roster", version=found.version)
        if found.source == "roster"
        else saying.known(at.language, "access.source", found.source)
    )
    since = "" if found.since is None else f", {at.spell.day(found.since)}"
    return Fact(f"{label} ({source}{since})", value)
