"""Face and consent: to what, since when, and the way out in one question; refuses a picture and a score."""

from dataclasses import dataclass, field
from typing import assert_never

from kiosk.pages.common import Question
from kiosk.pages.mydata import renewal
from kiosk.pages.mydata.asking import company_of, person_of
from kiosk.pages.mydata.receipt import Withdrawn
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Sheet, Tone
from kiosk.rights import own_requests
from kiosk.rights.answers import SELF
from kiosk.rights.consent import AskAgain, Current, Lapsed, Standing
from kiosk.rights.consents import Chapter, InForce, Renewed, TakenBack
from kiosk.rights.own_view import OwnView


@dataclass(frozen=True, slots=True)
class Face(Page):
    """What was agreed to, and what is kept of the face."""

    mine: OwnView = field(repr=False)
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Facts, the newest first."""
        mine = self.mine
        body: list[Block] = []
        if mine.face_restricted:
            body.append(Line(at.say("mydata.face.restricted"), icon="hold_still"))
        if mine.face is not None:
            kept = mine.face
            value = at.say(
                "mydata.face.kept",
                count=kept.references,
                day=at.spell.day(kept.taken_at),
                grade=at.say(f"mydata.grade.{kept.grade}"),
            )
            body.append(Fact(at.say("mydata.face.template"), value))
            body.append(Line(at.say("mydata.face.no_picture"), icon="shield"))
            if kept.old:
                body.append(Line(at.say("mydata.face.old"), icon="retry"))
        if mine.by_law:
            body.append(Line(at.say("mydata.face.by_law"), icon="paper"))
        body += [_fact(at, each) for each in reversed(mine.consents)]
        body.append(Line(at.say("mydata.face.pin"), icon="pin"))
        acts = (
            *((renewal.renewing(at),) if mine.asked_again else ()),
            *((withdrawing(at),) if mine.may_take_back else ()),
        )
        return Sheet("mydata.face", at.say("mydata.face.title"), in_short(at, mine), "look_here", tuple(body), acts)

    def tapped(self, key: str) -> Move:
        """Take it back, or answer the newer notice."""
        return Show(question(self.home)) if key == "withdraw" else renewal.opened(self.home)


def withdrawing(at: At) -> Act:
    """The button that leads to the question."""
    return Act("withdraw", at.say("mydata.act.withdraw"), "cancel", Tone.DANGER)


def question(home: Do) -> Question:
    """The one question before a consent is taken back."""

    def work(desk: Desk) -> Move:
        done = own_requests.take_back(desk.store, person_of(desk), company_of(desk).clocks)
        return Instead(Withdrawn(done, desk.store.device_id, home))

    return Question(
        "mydata.withdraw.title",
        "mydata.withdraw.line",
        "mydata.act.withdraw",
        Do(work),
        icon="cancel",
        tone=Tone.DANGER,
    )


def in_short(at: At, mine: OwnView) -> str:
    """Version and day, or that the PIN is used, in words that weigh neither against the other."""
    if mine.consent is not None:
        given = mine.consent.given
        return at.say("mydata.face.agreed", version=given.text_version, day=at.spell.day(given.given_at))
    return at.say("mydata.face.law" if mine.by_law else "mydata.face.none")


def in_a_row(at: At, mine: OwnView) -> str:
    """The same in fewer words."""
    if mine.consent is not None:
        return at.say("mydata.face.row", day=at.spell.day(mine.consent.given.given_at))
    return at.say("mydata.face.row_law" if mine.by_law else "mydata.face.row_none")


def mark(at: At, mine: OwnView) -> str:
    """One word for the row."""
    if mine.face_restricted:
        return at.say("mydata.mark.restricted")
    if mine.asked_again:
        return at.say("mydata.mark.answer")
    return at.say("mydata.mark.on") if mine.consent is not None or mine.by_law else ""


def _fact(at: At, chapter: Chapter) -> Fact:
    given = chapter.given
    who = at.say("mydata.face.self" if given.witness == SELF else "mydata.face.witness")
    label = at.say("mydata.face.consent", version=given.text_version)
    value = at.say("mydata.face.given", when=at.spell.when(given.given_at), who=who, state=_state(at, chapter))
    return Fact(label, value)


def _state(at: At, chapter: Chapter) -> str:
    match chapter.end:
        case InForce(standing):
            return _standing(at, standing)
        case Renewed(when):
            return at.say("mydata.face.renewed", day=at.spell.day(when))
        case TakenBack(when):
            return at.say("mydata.face.taken_back", day=at.spell.day(when))
        case _:
            assert_never(chapter.end)


def _standing(at: At, standing: Standing) -> str:
    match standing:
        case Current():
            return at.say("mydata.face.current")
        case AskAgain(until):
            return at.say("mydata.face.ask_again", day=at.spell.day(until))
        case Lapsed():
            return at.say("mydata.face.lapsed")
        case _:
            assert_never(standing)
