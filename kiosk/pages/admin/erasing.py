"""Erase a face or a person, after their code was typed again; refuses while a request waits for the officer."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.faults import Fault, FaultCode
from kiosk.pages.admin import acting
from kiosk.pages.admin.roles import DECIDES
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Asked, AskedKind, Block, Fact, Line, Row, Sheet, Tone
from kiosk.rights import company, erasure_request, holds, request_acts
from kiosk.rights.requests import Right
from kiosk.store.approval import Role
from kiosk.store.erasure import Erasure, erase_face, erase_person
from kiosk.store.intents import IntentKind
from wire.certificate import Scope

_KIND = {Scope.FACE: IntentKind.ERASE_FACE, Scope.PERSON: IntentKind.ERASE_PERSON}
_ASKS = {
    Scope.FACE: frozenset({Right.ERASURE, Right.WITHDRAWAL, Right.OBJECTION}),
    Scope.PERSON: frozenset({Right.ERASURE}),
}
_CODE_MOST = 64
Make = Callable[[Desk], Page]


def choice(desk: Desk, person_id: str, person: Make, listed: Make) -> "Choice":
    """What can be erased of somebody; then comes their page as it is, or the list without them.

    Raises:
        Fault: PERSON_UNKNOWN, DESK_REFUSED.
    """
    acting.by(desk, DECIDES)
    found = desk.store.people.get(person_id)
    return Choice(found.id, found.name, found.code, found.has_face, person, listed)


def _request(desk: Desk, person_id: str, scope: Scope) -> str:
    """The open request that asks for this, or ""; one whose owner nobody has made sure of counts, too."""
    for each in reversed(request_acts.every(desk.store, person=person_id)):
        if each.closed_at is None and each.request is not None and each.request.right in _ASKS[scope]:
            return each.id
    return ""


@dataclass(frozen=True, slots=True)
class Choice(Page):
    """Only the face, or everything."""

    person: str
    name: str = field(repr=False)
    code: str = field(repr=False)
    has_face: bool
    back: Make = field(repr=False)
    listed: Make = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """What each of them means."""
        rows = tuple(
            Row(each.value, at.say(f"admin.erase.{each.value}"), at.say(f"admin.erase.{each.value}_about"))
            for each in (Scope.FACE, Scope.PERSON)
            if each is Scope.PERSON or self.has_face
        )
        return Sheet("admin.erase", at.say("admin.erase.title"), self.name, "cancel", rows)

    def tapped(self, key: str) -> Move:
        """Ask on whose word."""
        scope = Scope(key)
        return Do(lambda desk: Show(Grounds(self, scope, _request(desk, self.person, scope), _officer(desk))))


def _officer(desk: Desk) -> bool:
    return acting.official(desk).login.role is Role.DPO


@dataclass(frozen=True, slots=True)
class Grounds(Page):
    """On what ground, and what follows.

    Args:
        of: whom.
        scope: what.
        request: the open request that asks for it, or "".
        officer: whether the officer is here, who alone answers one.
    """

    of: Choice
    scope: Scope
    request: str
    officer: bool

    def sheet(self, at: At) -> Sheet:
        """The ground, and the last word before the code is typed."""
        barred = bool(self.request) and not self.officer
        ground = "admin.erase.asked" if self.request else f"admin.erase.{self.scope.value}_ground"
        body: tuple[Block, ...] = (
            Fact(at.say("admin.erase.ground"), at.say(ground)),
            *(Line(at.say(f"admin.erase.{self.scope.value}_{each}")) for each in ("goes", "stays")),
            Line(at.say("admin.erase.barred" if barred else "admin.erase.final"), warn=True, icon="warning"),
        )
        acts = () if barred else (Act("go", at.say("admin.erase.go"), "", Tone.DANGER),)
        return Sheet(
            "admin.erase_ground", at.say(f"admin.erase.{self.scope.value}_title"), self.of.name, "", body, acts
        )

    def tapped(self, _key: str) -> Move:
        """Type the code."""
        return Show(again(self))


def again(of: Grounds) -> Page:
    """The page on which the code is typed once more."""
    return _Again(of)


@dataclass(frozen=True, slots=True)
class _Again(Page):
    """The employee code once more: nobody is erased by a slip of a finger."""

    of: Grounds
    wrong: bool = False

    def sheet(self, at: At) -> Sheet:
        line = at.say("admin.erase.differs" if self.wrong else "admin.erase.type")
        asked = Asked(at.say("pad.code"), AskedKind.TEXT, most=_CODE_MOST)
        return Sheet("admin.erase_again", at.say("admin.erase.title"), line, asked=asked, warn=self.wrong)

    def entered(self, text: str) -> Move:
        if text.strip() != self.of.of.code:
            return Instead(_Again(self.of, wrong=True))
        return Do(self._erase)

    def _erase(self, desk: Desk) -> Move:
        ground = self.of
        login, store, person = acting.by(desk, DECIDES), desk.store, ground.of.person
        request = _request(desk, person, ground.scope)
        if request and login.role is not Role.DPO:
            raise Fault(FaultCode.DESK_REFUSED, "the officer answers the request")
        if request:
            loaded = company.load(desk.config.data / company.FILE)
            erasure_request.begin(store, person, _KIND[ground.scope], request, loaded, login)
        elif ground.scope is Scope.PERSON:
            holds.let_go(store, person)
        done = erase_face(store, person) if ground.scope is Scope.FACE else erase_person(store, person)
        face = ground.scope is Scope.FACE
        then = Back(ground.of.back(desk), by=3) if face else Back(ground.of.listed(desk), by=4)
        return Instead(_told(done, then))


def _told(done: Erasure | None, then: Move) -> Told:
    """How far it has come."""
    if done is None:
        return Told("admin.erase.nothing", icon="person", then=then)
    if done.certificate is not None:
        return Told("admin.erase.done", "admin.erase.certificate", (("id", done.id),), then=then)
    return Told("admin.erase.begun", "admin.erase.waits", (("count", done.waiting),), then=then)
