"""Somebody enrolled looks alike, or is the same person: a human decides; refuses to name anybody before a login."""

from dataclasses import dataclass, replace

from kiosk.pages.common import Told
from kiosk.pages.enrol.case import Case, Face
from kiosk.pages.enrol.finishing import OwnPin
from kiosk.pages.enrol.password import Password
from kiosk.pages.page import At, Begin, Instead, Leave, Move, Page, Show
from kiosk.pages.sheet import Act, Fact, Line, Sheet


@dataclass(frozen=True, slots=True)
class Alike(Page):
    """It goes on with the official; whoever stands here is told of nobody."""

    case: Case
    face: Face

    def sheet(self, at: At) -> Sheet:
        """Whom to call, and the other way."""
        body = (
            Line(at.say("enrolling.alike.line")),
            Line(at.say("enrolling.alike.call", official=self.case.by.name)),
        )
        acts = (Act("official", at.say("enrolling.alike.act"), "key"), Act("no", at.say("tap.no_face"), "pin"))
        return Sheet("enrol.alike", at.say("enrolling.alike.title"), icon="person", body=body, acts=acts)

    def tapped(self, key: str) -> Move:
        """The official is here; or without a face."""
        if key == "no":
            return Instead(OwnPin(self.case, self.face.agreed.text_version))
        return Show(Password(self.case.by, lambda _: Instead(Decision(self.case, self.face))))


@dataclass(frozen=True, slots=True)
class Decision(Page):
    """Two people, or one who is here already under another code."""

    case: Case
    face: Face

    def sheet(self, at: At) -> Sheet:
        """The id of the other one, and nothing else of them."""
        body = (
            Line(at.say("enrolling.decision.line", name=self.case.name)),
            Fact(at.say("enrolling.decision.other"), self.face.found.resemblance.person),
            Line(at.say("enrolling.decision.find")),
            Line(at.say("enrolling.decision.two_about")),
        )
        acts = (
            Act("two", at.say("enrolling.decision.two"), "yes"),
            Act("one", at.say("enrolling.decision.one"), "person"),
        )
        return Sheet("enrol.decision", at.say("enrolling.decision.title"), icon="shield", body=body, acts=acts)

    def tapped(self, key: str) -> Move:
        """The screen is the person's again."""
        version = self.face.agreed.text_version
        page: Page = (
            OwnPin(self.case, version, replace(self.face, alike=True))
            if key == "two"
            else Told("enrolling.same.title", "enrolling.same.line", icon="person", then=Leave())
        )
        return Begin(self.case.themselves, page)
