"""A second account says yes with name and password, beside whoever is logged in; refuses one person twice."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.faults import Fault, FaultCode
from kiosk.pages.admin import acting
from kiosk.pages.admin.passwords import NAME_MOST, secret, short
from kiosk.pages.admin.refusals import Locked, sentence
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page
from kiosk.pages.sheet import Act, Asked, Block, Fact, Line, Sheet, Tone
from kiosk.rights import contracts
from kiosk.store.approval import Approved, LoggedIn, Objection, Role
from kiosk.store.logins import LoginRefused, refusal, second_person

Then = Callable[[Desk, Approved], Move]


@dataclass(frozen=True, slots=True)
class SecondPerson(Page):
    """What two people are to agree to, before the second one types.

    The whole chain lies on one page of the stack: what `then` shows with Instead takes its place.

    Args:
        title: key of what is going to be done.
        roles: of which both have to be.
        then: does it, once two have agreed.
        body: what the second person has to know before.
    """

    title: str
    roles: frozenset[Role]
    then: Then = field(repr=False)
    body: tuple[Block, ...] = field(default=(), repr=False)

    def sheet(self, at: At) -> Sheet:
        """What, and who may."""
        roles = ", ".join(at.say(f"measures.role.{role.value}") for role in sorted(self.roles))
        body = (*self.body, Fact(at.say("admin.second.who"), roles), Line(at.say("admin.second.why")))
        acts = (Act("second", at.say("admin.second.act"), "person", Tone.PRIMARY),)
        return Sheet("admin.second", at.say(self.title), at.say("admin.second.line"), "shield", body, acts)

    def tapped(self, _key: str) -> Move:
        """The second person is here."""
        return Instead(self.named())

    def named(self, refused: LoginRefused | Objection | None = None) -> Page:
        """The page on which the second person types a name; what was refused before stands above it."""
        return _SecondName(self, refused)


@dataclass(frozen=True, slots=True)
class _SecondName(Page):
    """Which account."""

    of: SecondPerson
    refused: LoginRefused | Objection | None = None

    def sheet(self, at: At) -> Sheet:
        line = sentence(at, self.refused) or at.say("admin.second.name")
        asked = Asked(at.say("admin.login.label"), most=NAME_MOST)
        return Sheet("admin.second_name", at.say(self.of.title), line, asked=asked, warn=self.refused is not None)

    def entered(self, text: str) -> Move:
        return Instead(_SecondPassword(self.of, text.strip()))


@dataclass(frozen=True, slots=True)
class _SecondPassword(Page):
    """Its password."""

    of: SecondPerson
    name: str = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        line = at.say("admin.second.of", name=short(self.name))
        return Sheet("admin.second_password", at.say(self.of.title), line, asked=secret(at))

    def entered(self, text: str) -> Move:
        def work(desk: Desk) -> Move:
            first = acting.by(desk, self.of.roles)
            try:
                agreed = second_person(desk.store, first, self.name, text, self.of.roles)
            except Fault as fault:
                return self._refused(fault)
            second = LoggedIn(agreed.second, desk.store.admins.get(agreed.second).role, must_change=False)
            contracts.need(desk.store, second)
            return self.of.then(desk, agreed)

        return Do(work)

    def _refused(self, fault: Fault) -> Move:
        if fault.code is FaultCode.APPROVAL_MISSING:
            return Instead(self.of.named(Objection(fault.detail)))
        if (found := refusal(fault)) is None:
            raise fault
        return Instead(Locked()) if found.locked else Instead(self.of.named(found))
