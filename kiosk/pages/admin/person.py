"""One person: how they stand, and what may be done for them; refuses what no command gives to the role that looks."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk import config
from kiosk.pages.admin import acting, beside, erasing, restricting
from kiosk.pages.admin.pins import NewPin
from kiosk.pages.admin.roles import ADDS, DECIDES, SEES
from kiosk.pages.admin.status import Status, of, overview
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Official, Page, Show
from kiosk.pages.sheet import Block, Fact, Row, Sheet
from kiosk.rights import restriction
from kiosk.rights.restriction import Restriction
from kiosk.store import Consent, LocalKind
from kiosk.store.approval import Role

_LIFT = "lift."
Make = Callable[[Desk], Page]


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of one person.

    Attributes:
        id: random id.
        statuses: how they stand; restriction for those alone who decide about it.
        agreed: version of what they consented to, and when (ms UTC); "" and 0 without a consent in force.
        source: "admin" or "roster".
        restrictions: id of the paper and what it says, of those in force; only for those who decide.
    """

    id: str
    name: str = field(repr=False)
    code: str = field(repr=False)
    language: str
    statuses: tuple[Status, ...]
    has_pin: bool
    has_face: bool
    agreed: tuple[str, int]
    source: str
    restrictions: tuple[tuple[str, Restriction], ...] = field(default=(), repr=False)


def opened(desk: Desk, person_id: str, listed: Make) -> "OnePerson":
    """Look at one person, and write down that somebody did; `listed` makes the list they are in.

    Raises:
        Fault: PERSON_UNKNOWN, DESK_REFUSED.
    """
    login = acting.by(desk, SEES)
    view = viewed(desk, person_id, login.role)
    desk.store.append_local(LocalKind.VIEWED, {"list": "person", "person": person_id, "by": login.account})
    return OnePerson(view, listed)


def viewed(desk: Desk, person_id: str, role: Role) -> View:
    """What a role sees of one person now."""
    store = desk.store
    person, decides = store.people.get(person_id), role in DECIDES
    consent = store.basis.ground_of(person_id)
    statuses = of(person, overview(store, desk.config))
    found = restriction.every(store, person_id) if decides else ()
    return View(
        id=person.id,
        name=person.name,
        code=person.code,
        language=person.language,
        statuses=tuple(each for each in statuses if decides or each is not Status.RESTRICTED),
        has_pin=person.has_pin,
        has_face=person.has_face,
        agreed=(consent.text_version, consent.given_at) if isinstance(consent, Consent) else ("", 0),
        source=person.source,
        restrictions=tuple((paper.id, one) for paper, one in found if not one.lifted_at),
    )


@dataclass(frozen=True, slots=True)
class OnePerson(Page):
    """The person's page."""

    of: View
    listed: Make = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """What may be done, and below it how they stand."""
        role = at.visitor.login.role if isinstance(at.visitor, Official) else None
        line = ", ".join((self.of.code, *(at.say(f"admin.status.{each.value}") for each in self.of.statuses)))
        return Sheet("admin.person", self.of.name, line, "person", (*self._rows(at, role), *self._facts(at)))

    def _rows(self, at: At, role: Role | None) -> tuple[Row, ...]:
        rows = [
            Row(each.key, at.say(each.title), at.say(f"{each.title}_about"), icon=each.icon)
            for each in beside.BESIDE
            if role in each.roles
        ]
        if role in ADDS:
            kind = "reset" if self.of.has_pin else "set"
            rows.append(Row("pin", at.say(f"admin.pin.{kind}"), at.say("admin.pin.about"), icon="pin"))
        for paper, one in self.of.restrictions:
            since = at.say("admin.restrict.since", day=at.spell.day(one.received_at))
            rows.append(
                Row(f"{_LIFT}{paper}", at.say(f"admin.restrict.{one.purpose.value}_on"), since, icon="hold_still")
            )
        if role in DECIDES:
            rows.append(
                Row("restrict", at.say("admin.restrict.act"), at.say("admin.restrict.about"), icon="hold_still")
            )
            rows.append(Row("erase", at.say("admin.erase.act"), at.say("admin.erase.about"), icon="cancel"))
        return tuple(rows)

    def _facts(self, at: At) -> tuple[Block, ...]:
        version, given = self.of.agreed
        agreed = at.say("admin.person.agreed", version=version, day=at.spell.day(given)) if version else ""
        spoken = self.of.language
        known = spoken in config.LANGUAGES
        facts = (
            ("consent", agreed),
            ("language", at.say(f"language.{spoken}") if known else spoken),
            ("source", at.say(f"admin.person.{self.of.source}")),
        )
        return tuple(Fact(at.say(f"admin.person.{name}"), value) for name, value in facts if value)

    def tapped(self, key: str) -> Move:
        """One of the rows."""
        match key:
            case "pin":
                return Show(NewPin(self.of.name, self._with_pin))
            case "restrict":
                return Show(restricting.Purposes(self.of.id, self._again()))
            case "erase":
                return Do(lambda desk: Show(erasing.choice(desk, self.of.id, self._again(), self.listed)))
            case _ if key.startswith(_LIFT):
                paper = key.removeprefix(_LIFT)
                one = dict(self.of.restrictions)[paper]
                return Show(restricting.InForce(paper, one, self._again()))
            case _:
                first = next(each for each in beside.BESIDE if each.key == key).first(self.of.id)
                return Show(first) if isinstance(first, Page) else first

    def _again(self) -> Make:
        return lambda desk: OnePerson(viewed(desk, self.of.id, acting.by(desk, SEES).role), self.listed)

    def _with_pin(self, desk: Desk, pin: str) -> Move:
        login = acting.by(desk, ADDS)
        desk.store.people.set_pin(self.of.id, pin, by=login.account)
        return Instead(Told("admin.pin.done", "admin.pin.done_line", then=Back(self._again()(desk), by=2)))
