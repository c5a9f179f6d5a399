"""What a person has asked for, by when it is answered, and what the answer was; refuses to show who decided."""

from dataclasses import dataclass, field
from typing import Final, assert_never

from kiosk.faults import Fault, FaultCode
from kiosk.pages.common import Question
from kiosk.pages.mydata.asking import Written, capital, company_of, person_of
from kiosk.pages.mydata.receipt import spaced
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Code, Fact, Line, Row, Sheet
from kiosk.rights import rectification, remedies, request_acts
from kiosk.rights.company import Company
from kiosk.rights.correction import Ruling
from kiosk.rights.requests import Answered, Filed, Refused, Request, State, Withdrawn, in_order

_ICONS: Final = {
    State.OPEN: "overtime",
    State.IDENTIFIED: "overtime",
    State.ANSWERED: "done",
    State.REFUSED: "cancel",
    State.WITHDRAWN: "back",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the matter of correction that hangs on it: its id, or "", and what a human has decided."""

    filed: Filed
    matter: str = ""
    ruling: Ruling | None = None


@dataclass(frozen=True, slots=True)
class Requests(Page):
    """All of them: what waits first."""

    asked: tuple[Asked, ...] = field(repr=False)
    company: Company = field(repr=False)
    device: str
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """A row each."""
        rows = tuple(
            Row(
                str(number),
                right(at, each),
                _when(at, each),
                at.say(f"mydata.state.{each.filed.state}"),
                _ICONS[each.filed.state],
            )
            for number, each in enumerate(self.asked)
        )
        line = at.say("mydata.requests.line" if rows else "mydata.requests.none")
        return Sheet("mydata.requests", at.say("mydata.requests.title"), line, "phone", rows)

    def tapped(self, key: str) -> Move:
        """One of them."""
        return Show(One(self.asked[int(key)], self.company, self.device, self.home))


@dataclass(frozen=True, slots=True)
class One(Page):
    """A request and its answer."""

    asked: Asked = field(repr=False)
    company: Company = field(repr=False)
    device: str
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Number, days, own words, the answer, and where to complain."""
        filed, request = self.asked.filed, self.asked.filed.request
        body: list[Block] = [
            Fact(at.say("mydata.requests.number"), spaced(filed.id)),
            Fact(at.say("mydata.requests.since"), at.spell.when(filed.created_at)),
        ]
        if filed.closed_at is None:
            body.append(Fact(at.say("mydata.requests.due"), at.spell.when(filed.due_at)))
        if request is not None and request.extension is not None:
            put_off = request.extension
            body.append(Fact(at.say("mydata.requests.put_off", days=put_off.days), put_off.reason))
        if request is not None and request.text:
            body.append(Fact(at.say("mydata.requests.words"), request.text[:_SHOWN]))
        if request is not None:
            body += _answer(at, request, self.asked.ruling)
        if filed.state is State.REFUSED:
            body += [Line(remedies.authority(self.company, at.language)), Line(remedies.court(at.language))]
        number = at.say("mydata.filed.number", number=filed.id)
        body.append(
            Code("\n".join((right(at, self.asked), number, at.say("mydata.filed.device", device=self.device))), number)
        )
        return Sheet(
            "mydata.request",
            right(at, self.asked),
            at.say(f"mydata.state.{filed.state}"),
            "paper",
            tuple(body),
            self._acts(at),
        )

    def tapped(self, key: str) -> Move:
        """Take it back, or add one's own view to what was decided."""
        if key == "view":
            return Show(Written("mydata.requests.view", "mydata.why.label", self._said))
        return Show(Question("mydata.requests.drop", "mydata.requests.drop_line", "mydata.act.drop", Do(self._drop)))

    def _acts(self, at: At) -> tuple[Act, ...]:
        filed = self.asked.filed
        if self.asked.ruling is not None:
            return (Act("view", at.say("mydata.act.view"), "change"),)
        waits = filed.closed_at is None and not filed.elsewhere and not self.asked.matter
        return (Act("drop", at.say("mydata.act.drop"), "back"),) if waits else ()

    def _drop(self, desk: Desk) -> Move:
        _mine(desk, self.asked.filed)
        request_acts.withdraw(desk.store, self.asked.filed.id)
        return self.home

    def _said(self, text: str) -> Move:
        def work(desk: Desk) -> Move:
            _mine(desk, self.asked.filed)
            rectification.state_own_view(desk.store, self.asked.matter, text)
            return self.home

        return Do(work)


_SHOWN: Final = 300
"""Characters of a person's own words that are shown here; the whole of them is in the copy."""


def opened(home: Do) -> Do:
    """Load the register of this person."""

    def work(desk: Desk) -> Move:
        store, person = desk.store, person_of(desk)
        matters = {
            each.matter.request: (each.id, each.matter.ruling)
            for each in rectification.every(store, person=person)
            if each.matter is not None and each.matter.request
        }
        found = in_order(request_acts.every(store, person=person), store.now_ms())
        asked = tuple(Asked(each, *matters.get(each.id, ("", None))) for each in found if each.request is not None)
        return Show(Requests(asked, company_of(desk), store.device_id, home))

    return Do(work)


def right(at: At, asked: Asked) -> str:
    """What was asked for, in words."""
    request = asked.filed.request
    text = "" if request is None else at.say(f"requests.rights.{request.right}")
    return capital(text)


def _mine(desk: Desk, filed: Filed) -> None:
    """Nobody acts on a request of somebody else. Raises Fault DESK_REFUSED."""
    if filed.person != person_of(desk):
        raise Fault(FaultCode.DESK_REFUSED)


def _when(at: At, asked: Asked) -> str:
    filed = asked.filed
    if filed.closed_at is not None:
        return at.say("mydata.requests.closed", day=at.spell.day(filed.closed_at))
    return at.say("mydata.requests.by", when=at.spell.when(filed.due_at))


def _answer(at: At, request: Request, ruling: Ruling | None) -> list[Block]:
    if ruling is not None:
        said: list[Block] = [Line(at.say(f"correction.outcome.{ruling.outcome}"), strong=True)]
        return [*said, Fact(at.say("mydata.requests.reason"), ruling.reason[:_SHOWN])] if ruling.reason else said
    match request.outcome:
        case Refused(ground, reason):
            text = at.say(f"requests.refusals.{ground}")
            return [Line(text, strong=True), Fact(at.say("mydata.requests.reason"), reason[:_SHOWN])]
        case Answered(note, certificate):
            found: list[Block] = [Fact(at.say("mydata.requests.answer"), note[:_SHOWN])] if note else []
            proof = [Fact(at.say("mydata.requests.certificate"), spaced(certificate))] if certificate else []
            return [*found, *proof]
        case Withdrawn() | None:
            return []
        case _:
            assert_never(request.outcome)
