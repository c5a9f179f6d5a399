"""To talk to a human: whom, by which way, or be called back; refuses to put a machine between."""

from dataclasses import dataclass, field

from kiosk.pages.mydata import entries
from kiosk.pages.mydata.asking import Written, company_of, person_of
from kiosk.pages.mydata.receipt import after
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Fact, Sheet, Tone
from kiosk.rights import own_requests
from kiosk.rights.requests import Right


@dataclass(frozen=True, slots=True)
class Human(Page):
    """Who can be asked."""

    door: str
    officer: str
    authority: str
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Three contacts, as far as they are filled in."""
        known = {"officer": self.officer, "door": self.door, "authority": self.authority}
        body = tuple(
            Fact(at.say(f"mydata.human.{who}"), contact or at.say("mydata.human.unknown"))
            for who, contact in known.items()
        )
        acts = (
            Act("call", at.say("mydata.act.call"), "phone", Tone.PRIMARY),
            Act("entry", at.say("mydata.act.entry"), "paper"),
        )
        return Sheet("mydata.human", at.say("mydata.right.human"), at.say("mydata.human.line"), "phone", body, acts)

    def tapped(self, key: str) -> Move:
        """Be called back, or have an entry looked at."""
        return Show(_about(self.home)) if key == "call" else entries.opened(self.home)


def opened(home: Do) -> Do:
    """Load who answers here."""

    def work(desk: Desk) -> Move:
        company = company_of(desk)
        return Show(Human(desk.config.device.contact, company.officer.contact, company.authority.contact, home))

    return Do(work)


def _about(home: Do) -> Written:
    def typed(text: str) -> Move:
        def work(desk: Desk) -> Move:
            clocks = company_of(desk).clocks
            filed = own_requests.ask(desk.store, person_of(desk), Right.HUMAN_REVIEW, clocks, text=text)
            return Instead(after(desk, home, filed.id, Right.HUMAN_REVIEW, filed.due_at, "mydata.human.comes"))

        return Do(work)

    return Written("mydata.right.human", "mydata.human.about", typed)
