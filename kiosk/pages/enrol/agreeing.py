"""The person themselves: their language, the notice, and a yes or a no to the face; refuses a yes without its ticks.

Both answers are equal: the same size, the same tone, and the same end.
"""

from dataclasses import dataclass, replace
from typing import Final

from kiosk import words
from kiosk.faults import Fault, FaultCode
from kiosk.pages.enrol import standing
from kiosk.pages.enrol.capturing import capture
from kiosk.pages.enrol.case import Case, Need
from kiosk.pages.enrol.finishing import OwnPin, renewed
from kiosk.pages.notice_page import blocks
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show, Speak
from kiosk.pages.sheet import Act, Block, Line, Row, Sheet, Tone
from kiosk.rights import consents, notice_documents
from kiosk.rights.editions import Edition
from kiosk.store import Consent

TICKS: Final = ("read", "free")


@dataclass(frozen=True, slots=True)
class Welcome(Page):
    """The screen is the person's now."""

    case: Case

    def sheet(self, at: At) -> Sheet:
        """Their name, and the languages."""
        rows = tuple(Row(each, words.say(each, "language.name"), icon="person") for each in words.LANGUAGES)
        title = at.say("enrolling.welcome.title", name=self.case.themselves.name)
        line = at.say("enrolling.welcome.line", official=self.case.by.name)
        return Sheet("enrol.welcome", title, line, body=rows, back=False)

    def tapped(self, key: str) -> Move:
        """In this language from now on."""
        return Speak(key, Do(self._read))

    def _read(self, desk: Desk) -> Move:
        edition = standing.newest(desk.store)
        if edition is None:
            return Show(OwnPin(self.case))
        return Show(ShownNotice(self.case, edition))


@dataclass(frozen=True, slots=True)
class ShownNotice(Page):
    """The notice in short, paragraph by paragraph, and what somebody agrees to who gives their face."""

    case: Case
    edition: Edition

    def sheet(self, at: At) -> Sheet:
        """In the language that is spoken now."""
        body: list[Block] = [Line(each) for each in notice_documents.in_short(self.edition, at.language)]
        if self.case.without is None:
            body.append(Line(at.say("notice.item.consent"), strong=True))
            body += [Line(each) for each in notice_documents.asked(self.edition, at.language)]
        acts = (
            Act("next", at.say("enrolling.notice.next"), "yes", Tone.PRIMARY),
            Act("whole", at.say("enrolling.notice.whole"), "paper"),
        )
        line = at.say("enrolling.notice.line", version=self.edition.label)
        return Sheet("enrol.notice", at.say("notice.title"), line, "paper", tuple(body), acts)

    def tapped(self, key: str) -> Move:
        """All of it, or on."""
        if key == "whole":
            return Show(WholeNotice(self.edition))
        if self.case.without is not None:
            return Show(OwnPin(self.case, self.edition.label))
        return Show(Agreement(self.case, self.edition))


@dataclass(frozen=True, slots=True)
class WholeNotice(Page):
    """Every paragraph of it."""

    edition: Edition

    def sheet(self, at: At) -> Sheet:
        """In the language that is spoken now."""
        text = self.edition.text(at.language)
        body = tuple(each for block in text.blocks for each in blocks(block))
        return Sheet("enrol.whole", text.title, icon="paper", body=body)

    def tapped(self, _key: str) -> Move:
        """Nothing here can be touched."""
        return Back()


@dataclass(frozen=True, slots=True)
class Agreement(Page):
    """Two statements to tick, and two answers.

    Args:
        ticked: those of TICKS that are.
        early: they said yes before both were.
    """

    case: Case
    edition: Edition
    ticked: frozenset[str] = frozenset()
    early: bool = False

    def sheet(self, at: At) -> Sheet:
        """Whose face, and the question."""
        rows = tuple(
            Row(each, at.say(f"enrolling.agree.{each}"), icon="yes" if each in self.ticked else "", chosen=True)
            if each in self.ticked
            else Row(each, at.say(f"enrolling.agree.{each}"))
            for each in TICKS
        )
        acts = (Act("yes", at.say("enrolling.agree.yes"), "yes"), Act("no", at.say("tap.no_face"), "pin"))
        line = at.say("enrolling.agree.early" if self.early else "enrolling.agree.line")
        title = at.say("enrolling.agree.title", name=self.case.name)
        return Sheet("enrol.agree", title, line, body=rows, acts=acts, warn=self.early)

    def tapped(self, key: str) -> Move:
        """A tick, or an answer."""
        if key in TICKS:
            return Instead(replace(self, ticked=self.ticked ^ {key}, early=False))
        if key == "no":
            return Show(Declined(self.case, self.edition.label) if self.case.has_face else self._pin())
        if self.ticked < frozenset(TICKS):
            return Instead(replace(self, early=True))
        return Do(self._agreed)

    def _pin(self) -> Page:
        return OwnPin(self.case, self.edition.label)

    def _agreed(self, desk: Desk) -> Move:
        newest = standing.newest(desk.store)
        if newest is None or newest.label != self.edition.label:
            raise Fault(FaultCode.CONSENT_MISSING, "another notice was published meanwhile")
        agreed = Consent(self.edition.label, desk.language, desk.store.now_ms(), self.case.by.name)
        if self.case.need is Need.RENEWAL:
            return renewed(desk, self.case, agreed)
        return Show(capture(self.case, agreed))


@dataclass(frozen=True, slots=True)
class Declined(Page):
    """Somebody has a face here and wants none from now on, or only no new one."""

    case: Case
    version: str

    def sheet(self, at: At) -> Sheet:
        """Both ways lead to the PIN."""
        acts = (
            Act("erase", at.say("enrolling.declined.erase"), "erase"),
            Act("leave", at.say("enrolling.declined.leave"), "hold_still"),
        )
        body = (Line(at.say("enrolling.declined.erase_about")), Line(at.say("enrolling.declined.leave_about")))
        return Sheet("enrol.declined", at.say("enrolling.declined.title"), body=body, acts=acts)

    def tapped(self, key: str) -> Move:
        """Erase it with a certificate, or let it be."""
        return Do(self._erased) if key == "erase" else Show(OwnPin(self.case, self.version))

    def _erased(self, desk: Desk) -> Move:
        by = self.case.by
        consents.withdraw(desk.store, self.case.person, witness=by.name, by=by.login.account)
        return Instead(OwnPin(replace(self.case, has_face=False, need=Need.FIRST), self.version))
