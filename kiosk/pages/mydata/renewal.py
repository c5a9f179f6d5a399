"""The answer to a newer notice: read it, tick it, in one's own language; refuses an answer to words of yesterday."""

from dataclasses import dataclass, field, replace

from kiosk.faults import Fault, FaultCode
from kiosk.pages.common import Told
from kiosk.pages.mydata import texts
from kiosk.pages.mydata.asking import person_of
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Row, Sheet, Tone
from kiosk.rights import consents, notices
from kiosk.rights.answers import SELF
from kiosk.rights.editions import Edition
from kiosk.rights.notice_changes import changes
from kiosk.rights.notice_documents import agreed
from kiosk.store import Consent


@dataclass(frozen=True, slots=True)
class Renewal(Page):
    """The newer notice.

    Args:
        newest: what is asked about.
        before: what was agreed to, None if it is not among the versions any more.
        home: where it leads.
        ticked: whether they have said that they have read it.
    """

    newest: Edition
    before: Edition | None
    home: Do = field(repr=False)
    ticked: bool = False

    def sheet(self, at: At) -> Sheet:
        """What is different, what is agreed to, the tick, and only then the button."""
        body: tuple[Block, ...] = (
            *self._different(at),
            Line(at.say("mydata.renew.agreed"), strong=True),
            *(Line(piece) for said in agreed(self.newest, at.language) for piece in texts.cut(said)),
            Line(at.say("enrol.consent", version=self.newest.label)),
            Row(
                "tick",
                at.say("mydata.renew.tick"),
                at.say("mydata.renew.tick_how"),
                icon="yes" if self.ticked else "",
                chosen=self.ticked,
            ),
        )
        yes = Act("yes", at.say("enrol.agree"), "yes", Tone.PRIMARY)
        acts = (*((yes,) if self.ticked else ()), Act("later", at.say("mydata.renew.later"), tone=Tone.QUIET))
        line = at.say("mydata.renew.line", version=self.newest.label)
        return Sheet("mydata.renew", at.say("mydata.renew.title"), line, "paper", body, acts)

    def tapped(self, key: str) -> Move:
        """Tick, agree, or leave it for another day; nothing follows from that but the day that was told."""
        match key:
            case "tick":
                return Instead(replace(self, ticked=not self.ticked))
            case "yes" if self.ticked:
                return Do(self._agree)
            case _:
                return Back()

    def _agree(self, desk: Desk) -> Move:
        store, person = desk.store, person_of(desk)
        consent = Consent(self.newest.label, desk.language, store.now_ms(), SELF)
        consents.renew(store, person, consent)
        return Instead(
            Told("mydata.renew.done", "mydata.renew.thanks", (("version", consent.text_version),), then=self.home)
        )

    def _different(self, at: At) -> tuple[Block, ...]:
        if self.before is None:
            return texts.lines(self.newest.text(at.language).blocks)
        found = changes(self.before.text(at.language), self.newest.text(at.language))
        lines: list[Block] = [Line(at.say("mydata.renew.different" if found else "mydata.renew.same"), strong=True)]
        for each in found:
            for key, said in (("before", each.before), ("now", each.now)):
                label = f"{each.section}. {at.say(f'mydata.renew.{key}')}"
                lines += [Fact(label, piece) for text in said for piece in texts.cut(text)]
        return tuple(lines)


def renewing(at: At) -> Act:
    """The button that leads here."""
    return Act("renew", at.say("mydata.act.renew"), "paper", Tone.PRIMARY)


def opened(home: Do) -> Do:
    """Load the newest notice, and the one that was agreed to."""

    def work(desk: Desk) -> Move:
        newest, given = notices.newest(desk.store), desk.store.basis.consent_of(person_of(desk))
        if newest is None or given is None:
            raise Fault(FaultCode.CONSENT_MISSING)
        return Show(Renewal(newest, _named(desk, given.text_version), home))

    return Do(work)


def _named(desk: Desk, version: str) -> Edition | None:
    try:
        return notices.named(desk.store, version)
    except Fault:
        return None
