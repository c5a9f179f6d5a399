"""The official's page of the person to be enrolled, and the hand-over; refuses a step of theirs to the official."""

from dataclasses import dataclass, replace
from typing import Final

from kiosk.pages.admin import acting
from kiosk.pages.admin.roles import DECIDES
from kiosk.pages.common import Told
from kiosk.pages.enrol.agreeing import Welcome
from kiosk.pages.enrol.case import Case, Need, Without
from kiosk.pages.enrol.standing import needs, without
from kiosk.pages.page import At, Back, Begin, Desk, Instead, Move, Page
from kiosk.pages.sheet import Act, Block, Fact, Line, Row, Sheet, Tone
from kiosk.rights import training

_SECRET: Final = frozenset({Without.MINOR, Without.RESTRICTED})


def begun(desk: Desk, person_id: str, start: Page) -> Page:
    """The person's page for whoever may enrol them; for whoever is not trained, what is missing.

    Args:
        desk: of the official.
        person_id: random id.
        start: where they go on with the next person.

    Raises:
        Fault: DESK_REFUSED, PERSON_UNKNOWN, PERSON_DAMAGED.
    """
    login = acting.by(desk, training.ENROLS)
    if training.trained_until(training.kept(desk.store), login.account) <= desk.store.now_ms():
        return Told("enrolling.untrained.title", "enrolling.untrained.line", icon="warning", then=Back())
    person = desk.store.people.get(person_id)
    why = without(desk.store, desk.config, person)
    if why in _SECRET and login.role not in DECIDES:
        why = Without.SECRET
    return Chosen(
        Case(
            person.id,
            person.name,
            person.code,
            needs(desk)(person),
            person.has_pin,
            person.has_face,
            acting.official(desk),
            start,
            why,
        )
    )


@dataclass(frozen=True, slots=True)
class Chosen(Page):
    """Who it is, and what is going to happen."""

    case: Case

    def sheet(self, at: At) -> Sheet:
        """Before the screen is handed over."""
        case = self.case
        body: list[Block] = [Fact(at.say("pad.code"), case.code)]
        if case.without is None:
            body.append(Fact(at.say("enrolling.chosen.need"), at.say(f"enrolling.need.{case.need.value}")))
            if case.need is not Need.RENEWAL:
                key = "enrolling.chosen.glasses"
                body.append(Row("glasses", at.say(key), at.say(f"{key}_about"), chosen=case.glasses))
        else:
            body.append(Line(at.say(f"enrolling.without.{case.without.value}"), icon="pin"))
        body.append(Line(at.say("enrolling.chosen.hand")))
        acts = (Act("hand", at.say("enrolling.chosen.act"), "person", Tone.PRIMARY),)
        return Sheet("enrol.chosen", case.name, icon="person", body=tuple(body), acts=acts)

    def tapped(self, key: str) -> Move:
        """Glasses; or the person is here, and the official's session is over."""
        if key == "glasses":
            return Instead(replace(self, case=replace(self.case, glasses=not self.case.glasses)))
        return Begin(self.case.themselves, Welcome(self.case))
