"""The privacy notice in force: read on the screen, or taken along by its code; refuses a draft."""

from dataclasses import dataclass, field

from kiosk import words
from kiosk.faults import Fault, FaultCode
from kiosk.pages.mydata import texts
from kiosk.pages.mydata.asking import company_of, person_of
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Code, Fact, Line, Sheet, Tone
from kiosk.rights import answers, informing, notice_documents
from kiosk.rights.answers import SELF, About
from kiosk.rights.editions import Edition
from kiosk.rights.notice_source import Source
from kiosk.rights.own_view import OwnView


@dataclass(frozen=True, slots=True)
class Notice(Page):
    """Version, days, and whether this person has been given it."""

    mine: OwnView = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Facts; the text behind a button."""
        edition, informed = self.mine.notice or self.mine.newest, self.mine.informed_at
        shown = at.say("mydata.notice.not_yet") if informed is None else at.spell.when(informed)
        body: list[Block] = [Fact(at.say("mydata.notice.shown"), shown)]
        if edition is None:
            return self._drawn(at, (Line(at.say("mydata.notice.nothing")), *body), ())
        body = [
            Fact(at.say("mydata.notice.version"), edition.label),
            Fact(at.say("mydata.notice.effective"), at.spell.day(edition.effective_at)),
            *body,
            Fact(at.say("mydata.notice.contact"), edition.contact),
        ]
        acts = (Act("read", at.say("mydata.act.read"), "paper", Tone.PRIMARY), Act("code", at.say("mydata.act.code")))
        return self._drawn(at, tuple(body), acts)

    def tapped(self, key: str) -> Move:
        """Read it, or take it along."""
        return Do(self._read) if key == "read" else Do(_coded)

    def _read(self, desk: Desk) -> Move:
        """Open the text; the first time of a version is written down as the day on which they were informed."""
        edition, person = self.mine.notice or self.mine.newest, person_of(desk)
        if edition is None:
            raise Fault(FaultCode.PAPER_UNKNOWN)
        said = answers.of(desk.store, person)
        if not any(each.about is About.NOTICE and each.version == edition.label for each in said):
            informing.told(desk.store, person, version=edition.label, language=desk.language, witness=SELF)
        return Show(Text(edition))

    def _drawn(self, at: At, body: tuple[Block, ...], acts: tuple[Act, ...]) -> Sheet:
        return Sheet("mydata.notice", at.say("mydata.notice.title"), "", "shield", body, acts)


@dataclass(frozen=True, slots=True)
class Text(Page):
    """The whole text of a version, in the language of whoever reads it."""

    edition: Edition = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Paragraph by paragraph."""
        text = self.edition.text(at.language)
        return Sheet("mydata.notice.text", text.title, self.edition.label, "paper", texts.lines(text.blocks))


@dataclass(frozen=True, slots=True)
class Codes(Page):
    """The address of the notice, or its short text, for a telephone; one for each language."""

    codes: tuple[tuple[str, str], ...]

    def sheet(self, at: At) -> Sheet:
        """The QR code."""
        code = Code(dict(self.codes)[at.language], at.say("mydata.notice.scan"))
        return Sheet("mydata.notice.code", at.say("mydata.notice.title"), icon="shield", body=(code,))


def _coded(desk: Desk) -> Move:
    source = Source(company_of(desk), desk.config, desk.store.device_id)
    return Show(Codes(tuple((each, notice_documents.code(source, each)) for each in words.LANGUAGES)))


def in_short(at: At, mine: OwnView) -> str:
    """When it was shown."""
    edition = mine.notice or mine.newest
    if edition is None:
        return at.say("mydata.notice.row_none")
    if mine.informed_at is None:
        return at.say("mydata.notice.row_new")
    return at.say("mydata.notice.row", day=at.spell.day(mine.informed_at))
