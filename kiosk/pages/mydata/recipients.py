"""Who receives a person's data, on what ground, and what went out; refuses to call a mere delivery confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk.pages.mydata.asking import company_of, person_of
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Fact, Line, Sheet
from kiosk.rights import recipients, saying
from kiosk.rights.recipients import Standing
from kiosk.store import papers
from kiosk.store.papers import PaperKind


@dataclass(frozen=True, slots=True)
class Out:
    """A file that was handed out: when (ms UTC), to whom ("": to the person), and what."""

    at: int
    whom: str = field(repr=False)
    what: str


@dataclass(frozen=True, slots=True)
class Recipients(Page):
    """The register, and what left."""

    standings: tuple[Standing, ...]
    waiting: int
    out: tuple[Out, ...]

    def sheet(self, at: At) -> Sheet:
        """A fact each."""
        sent = (
            at.say("mydata.entries.waiting", count=self.waiting) if self.waiting else at.say("mydata.entries.all_sent")
        )
        known = tuple(Fact(each.recipient.name, _how(at, each)) for each in self.standings)
        handed = tuple(_handed(at, each) for each in self.out)
        none = () if known else (Line(at.say("mydata.recipients.none")),)
        body = (Line(sent, icon="sent"), *known, *none, *handed, Line(at.say("mydata.recipients.never"), icon="shield"))
        line = at.say("mydata.recipients.line")
        return Sheet("mydata.recipients", at.say("mydata.recipients.title"), line, "sent", body)


def _open(desk: Desk) -> Move:
    store, person = desk.store, person_of(desk)
    waits = store.database.row("SELECT count(*) FROM undelivered WHERE person = ?", person) or (0,)
    out = tuple(
        Out(each.created_at, _whom(each.content), str(each.content.get("what") or each.content.get("of") or ""))
        for each in papers.find(store, PaperKind.EXPORT, person=person)
        if each.content is not None
    )
    return Show(Recipients(recipients.register(company_of(desk)), int(waits[0]), out))


OPENED: Final = Do(_open)


def _whom(content: Mapping[str, Any]) -> str:
    return str(content.get("recipient") or content.get("requester") or "")


def _how(at: At, standing: Standing) -> str:
    found = standing.recipient
    if not standing.admitted:
        return at.say("mydata.recipients.nothing")
    why = saying.listed(at.language, "registers.short", found.purposes)
    ground = saying.known(at.language, "registers.ground", standing.ground)
    return at.say("mydata.recipients.how", why=why, country=found.country, ground=ground)


def _handed(at: At, out: Out) -> Fact:
    what = saying.known(at.language, "access.export", out.what)
    label = at.say("mydata.recipients.handed", day=at.spell.day(out.at))
    return Fact(label, f"{what}, {out.whom or at.say('mydata.recipients.you')}")
