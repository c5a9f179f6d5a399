"""The first page of My data: what is kept, a row for each, and the ways to change it; refuses anybody else's."""

from dataclasses import dataclass, field

from kiosk.pages.mydata import (
    correct,
    entries,
    face,
    looked,
    news,
    notice,
    own,
    own_pin,
    recipients,
    requests,
    rights,
    trips,
)
from kiosk.pages.mydata.asking import person_of
from kiosk.pages.page import At, Begin, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Act, Row, Sheet, Tone
from kiosk.rights import own_view
from kiosk.rights.own_view import OwnView
from kiosk.store import LocalKind


@dataclass(frozen=True, slots=True)
class Home(Page):
    """What there is of one person, in short."""

    mine: OwnView = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Who, what, and how it stands."""
        mine = self.mine
        line = at.say("mydata.home.line", name=mine.person.name, code=mine.person.code)
        rows = (
            Row("face", at.say("mydata.face.title"), face.in_a_row(at, mine), face.mark(at, mine), "look_here"),
            Row("entries", at.say("mydata.entries.title"), _sent(at, mine), "", "paper"),
            Row("requests", at.say("mydata.requests.title"), _due(at, mine), _count(mine.open), "phone"),
            Row("looked", at.say("mydata.looked.title"), at.say("mydata.looked.row"), "", "person"),
            Row("recipients", at.say("mydata.recipients.title"), at.say("mydata.recipients.row"), "", "sent"),
            Row("notice", at.say("mydata.notice.title"), notice.in_short(at, mine), "", "shield"),
            Row("trips", at.say("mydata.trips.title"), at.say("mydata.trips.row"), "", "trip"),
            Row(
                "own", at.say("mydata.own.title"), at.say("mydata.own.row", day=at.spell.day(mine.since)), "", "person"
            ),
            Row("news", at.say("mydata.news.title"), at.say("mydata.news.row"), "", "straight"),
            Row("pin", at.say("mydata.pin.title"), at.say("mydata.pin.row"), "", "key"),
        )
        acts = (
            Act("correct", at.say("mydata.act.correct"), "change", Tone.PRIMARY),
            Act("rights", at.say("mydata.act.rights"), "shield"),
            *((face.withdrawing(at),) if mine.may_take_back else ()),
        )
        return Sheet("mydata.home", at.say("mydata.title"), line, "person", rows, acts, back=False)

    def tapped(self, key: str) -> Move:  # noqa: C901, PLR0911, PLR0912 - one arm a row
        """Open one."""
        match key:
            case "face":
                return Show(face.Face(self.mine, HOME))
            case "withdraw":
                return Show(face.question(HOME))
            case "entries":
                return entries.opened(HOME)
            case "requests":
                return requests.opened(HOME)
            case "looked":
                return looked.OPENED
            case "recipients":
                return recipients.OPENED
            case "notice":
                return Show(notice.Notice(self.mine))
            case "trips":
                return trips.OPENED
            case "own":
                return own.opened(self.mine, HOME)
            case "news":
                return news.OPENED
            case "pin":
                return Show(own_pin.Old(HOME))
            case "correct":
                return Show(correct.Correct(self.mine, HOME))
            case "rights":
                return Show(rights.Rights(self.mine, HOME))
            case _:
                raise KeyError(key)


def first(desk: Desk, person: str) -> Page:
    """The first page of somebody who is known now; that it was opened is for them to see."""
    mine = own_view.view(desk.store, person)
    desk.store.append_local(LocalKind.OWN_DATA_SHOWN, {"person": person})
    return Home(mine)


def _again(desk: Desk) -> Move:
    return Begin(desk.visitor, Home(own_view.view(desk.store, person_of(desk))))


HOME = Do(_again)
"""Back to the first page as it is now; what was before is gone from the way back."""


def _sent(at: At, mine: OwnView) -> str:
    if mine.held:
        return at.say("mydata.entries.held", count=mine.held)
    return at.say("mydata.entries.waiting", count=mine.waiting) if mine.waiting else at.say("mydata.entries.all_sent")


def _due(at: At, mine: OwnView) -> str:
    if mine.due_at is None:
        return at.say("mydata.requests.none")
    return at.say("mydata.requests.next", when=at.spell.when(mine.due_at))


def _count(number: int) -> str:
    return str(number) if number else ""
