"""What was recorded on somebody's word, for a human to decide; refuses to take hours away without a reason."""

from dataclasses import dataclass, field

from kiosk.pages.admin import acting
from kiosk.pages.admin.reasons import Reason
from kiosk.pages.admin.roles import READS, REVIEWS
from kiosk.pages.common import Question, Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Row, Sheet, Tone
from kiosk.rights import claims
from kiosk.rights.claims import Accepted, Claim, Otherwise, Refused, Verdict
from kiosk.store import LocalKind
from wire.event import Action


@dataclass(frozen=True, slots=True)
class Shown:
    """One claim, and who it is about as whoever decides sees them: name and code, or the code that nobody has."""

    claim: Claim
    who: str = field(repr=False)
    known: bool


def waiting(desk: Desk) -> "Claimed":
    """Every claim that waits, oldest first; that somebody looked stands in the ledger."""
    login = acting.by(desk, READS)
    found = tuple(_shown(desk, each) for each in claims.waiting(desk.store, desk.language))
    desk.store.append_local(LocalKind.VIEWED, {"list": "claims", "records": len(found), "by": login.account})
    return Claimed(found)


def _shown(desk: Desk, claim: Claim) -> Shown:
    people = desk.store.people
    found = people.get(claim.person) if claim.person else people.by_code(claim.code)
    if found is None:
        return Shown(claim, claim.code, known=False)
    return Shown(claim, f"{found.name}, {found.code}", known=True)


@dataclass(frozen=True, slots=True)
class Claimed(Page):
    """The claims that wait."""

    found: tuple[Shown, ...]

    def sheet(self, at: At) -> Sheet:
        """When, what, who, why."""
        rows = tuple(
            Row(
                each.claim.paper_id,
                f"{at.spell.when(each.claim.at)}  {at.say(f'action.{each.claim.action}')}",
                f"{each.who}: {each.claim.reason}",
                "" if each.known else at.say("admin.claimed.unknown"),
            )
            for each in self.found
        )
        line = "" if self.found else at.say("admin.today.none_waits")
        return Sheet("admin.claims", at.say("admin.today.claimed"), line, "person", rows)

    def tapped(self, key: str) -> Move:
        """One of them."""
        return Show(OneClaim(next(each for each in self.found if each.claim.paper_id == key)))


@dataclass(frozen=True, slots=True)
class OneClaim(Page):
    """One claim; there is no picture of anybody."""

    of: Shown

    def sheet(self, at: At) -> Sheet:
        """Device, time and reason, and the three answers."""
        claim = self.of.claim
        facts = (
            ("what", f"{at.say(f'action.{claim.action}')}, {at.spell.when(claim.at)}"),
            ("why", claim.reason),
            ("device", claim.device),
        )
        body: list[Block] = [Fact(at.say(f"admin.claimed.{name}"), value) for name, value in facts]
        body.append(Line(at.say("admin.claimed.counts" if claim.event_id else "admin.claimed.nobody")))
        if not self.of.known:
            body.append(Line(at.say("admin.claimed.add_first")))
        return Sheet("admin.claim", at.say("admin.claimed.title"), self.of.who, "person", tuple(body), self._acts(at))

    def _acts(self, at: At) -> tuple[Act, ...]:
        if not (isinstance(at.visitor, Official) and at.visitor.login.role in REVIEWS):
            return ()
        refuse = Act("refuse", at.say("admin.claimed.refuse"), "", Tone.DANGER)
        if not self.of.known:
            return (refuse,)
        accept = Act("accept", at.say("admin.claimed.accept"), "yes", Tone.PRIMARY)
        return (accept, Act("other", at.say("admin.claimed.other")), refuse)

    def tapped(self, key: str) -> Move:
        """The three answers."""
        match key:
            case "accept":
                ask = ("admin.claimed.accept_title", "admin.claimed.accept_line", "admin.claimed.accept")
                return Show(Question(*ask, Do(lambda desk: self._decided(desk, Accepted())), icon="yes"))
            case "other":
                return Show(_Which(self))
            case _:
                return Show(Reason("admin.claimed.refuse_title", lambda desk, why: self._decided(desk, Refused(why))))

    def _decided(self, desk: Desk, verdict: Verdict) -> Move:
        claims.decide(desk.store, self.of.claim.paper_id, verdict, acting.by(desk, REVIEWS))
        return Instead(Told("admin.review.done", "admin.review.told", then=Back(waiting(desk), by=2)))

    def otherwise(self, action: Action) -> Move:
        """It counts as another action."""
        return Do(lambda desk: self._decided(desk, Otherwise(action)))


@dataclass(frozen=True, slots=True)
class _Which(Page):
    """As which action it counts."""

    of: OneClaim

    def sheet(self, at: At) -> Sheet:
        rows = tuple(
            Row(each.value, at.say(f"action.{each.value}")) for each in Action if each is not self.of.of.claim.action
        )
        return Sheet("admin.claim_other", at.say("admin.claimed.other_title"), self.of.of.who, "", rows)

    def tapped(self, key: str) -> Move:
        return self.of.otherwise(Action(key))
