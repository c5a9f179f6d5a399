"""What somebody finds wrong: an entry, a gap, their name; refuses to decide: a human does (docs/corrections.md)."""

from dataclasses import dataclass, field

from kiosk.pages.mydata import entries, wrong
from kiosk.pages.page import At, Do, Move, Page
from kiosk.pages.sheet import Row, Sheet
from kiosk.rights.own_view import OwnView


@dataclass(frozen=True, slots=True)
class Correct(Page):
    """What is not as it was."""

    mine: OwnView = field(repr=False)
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Three things may be wrong."""
        rows = (
            Row("entry", at.say("mydata.correct.entry"), at.say("mydata.correct.entry_how"), icon="change"),
            Row("missing", at.say("mydata.correct.missing"), at.say("mydata.correct.missing_how"), icon="overtime"),
            Row("name", at.say("mydata.correct.name"), self.mine.person.name, icon="person"),
        )
        return Sheet("mydata.correct", at.say("mydata.act.correct"), at.say("mydata.correct.line"), "change", rows)

    def tapped(self, key: str) -> Move:
        """Which."""
        match key:
            case "entry":
                return entries.opened(self.home)
            case "missing":
                return wrong.missing(self.home)
            case _:
                return wrong.name(self.mine.person.name, self.home)
