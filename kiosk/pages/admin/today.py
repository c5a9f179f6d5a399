"""Who came through this door today, and what waits for a human; refuses a picture, and a look that nobody sees."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.admin import acting, claimed, review
from kiosk.pages.admin.roles import READS, WATCHES
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Row, Sheet
from kiosk.rights import claims, dates
from kiosk.store import LocalKind
from kiosk.store.standing import Standing
from wire.event import Action, CheckIn, Method

SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Record:
    """One act of today, as it counts."""

    id: str
    name: str = field(repr=False)
    at: int
    action: Action
    how: str
    state: str


def first() -> Move:
    """The day so far."""
    return Do(lambda desk: Show(so_far(desk)))


def so_far(desk: Desk) -> "Today":
    """What today's entries say, the newest first; names for those alone who may see who came."""
    login, store = acting.by(desk, READS), desk.store
    waits = len(claims.waiting(store))
    if login.role not in WATCHES:
        return Today((), 0, waits, names=False)
    zone = desk.config.device.zone
    midnight = dates.begins(dates.day(store.now_ms(), zone), zone)
    found = [
        record(person.name, standing)
        for person in store.people.all()
        for standing in store.history.standings(person.id, midnight)
    ]
    found.sort(key=lambda each: each.at, reverse=True)
    shown = tuple(found[:SHOWN])
    store.append_local(LocalKind.VIEWED, {"list": "today", "records": len(shown), "by": login.account})
    return Today(shown, len(found), waits, names=True)


def record(name: str, standing: Standing) -> Record:
    """One act, and what was said about it since."""
    event = standing.event
    how = event.method.value if isinstance(event, CheckIn) else "human"
    state = ""
    if standing.annulled:
        state = "annulled"
    elif standing.disputed is not None:
        state = "disputed"
    elif standing.decided is not None:
        state = "decided"
    elif how == Method.CLAIMED:
        state = "claimed"
    return Record(event.event_id, name, standing.at, standing.action, how, state)


@dataclass(frozen=True, slots=True)
class Today(Page):
    """The day so far.

    Args:
        records: at most SHOWN of today's.
        every: how many there are.
        waiting: claims that nobody has decided.
        names: whether whoever looks may see who came.
    """

    records: tuple[Record, ...]
    every: int
    waiting: int
    names: bool

    def sheet(self, at: At) -> Sheet:
        """What waits first, then the records."""
        count = at.say("admin.today.waiting", count=self.waiting) if self.waiting else at.say("admin.today.none_waits")
        rows = [
            Row("claimed", at.say("admin.today.claimed"), count, icon="person"),
            Row("review", at.say("admin.today.review"), at.say("admin.today.review_about"), icon="not_me"),
        ]
        entries: list[Block] = []
        for each in self.records:
            mark = f", {at.say(f'admin.state.{each.state}')}" if each.state else ""
            text = at.say("admin.today.record", time=at.spell.time(each.at), action=at.say(f"action.{each.action}"))
            entries.append(Fact(f"{text}, {at.say(f'admin.how.{each.how}')}{mark}", each.name))
        if more := self.every - len(self.records):
            entries.append(Line(at.say("admin.today.more", count=more)))
        line = at.say("admin.today.count", count=self.every) if self.names else ""
        acts = (Act("again", at.say("admin.today.again"), "retry"),)
        return Sheet("admin.today", at.say("admin.section.today"), line, "paper", (*rows, *entries), acts)

    def tapped(self, key: str) -> Move:
        """What waits, or the day once more."""
        match key:
            case "claimed":
                return Do(lambda desk: Show(claimed.waiting(desk)))
            case "review":
                return Do(lambda desk: Show(review.waiting(desk, review.DAYS)))
            case _:
                return Do(lambda desk: Instead(so_far(desk)))
