"""The end of an enrolment, the same with and without a face; refuses to leave the official's pages open."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kiosk.pages.enrol.case import Case
from kiosk.pages.enrol.password import Password
from kiosk.pages.page import At, Back, Begin, Desk, Do, Leave, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Code, Line, Row, Sheet, Tone
from kiosk.rights import acting
from kiosk.rights.enrolling import Receipt
from kiosk.store import badges
from kiosk.store.approval import Role
from kiosk.store.badges import Issued

BADGES: Final = frozenset({Role.ADMIN})
"""Who gives out badges, as `kiosk people badge` has it."""


class Way(StrEnum):
    """How they come in from now on."""

    FACE = "face"
    BOTH = "both"  # the face, and the PIN beside it
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Done(Page):
    """How they record their time from now on.

    Args:
        case: whose.
        way: how.
        receipt: of their consent; None without a face.
        badge: whether a badge may be made: this door reads them, an administrator has begun, and none was made yet.
    """

    case: Case
    way: Way
    receipt: Receipt | None = None
    badge: bool = False

    def sheet(self, at: At) -> Sheet:
        """What to do next time."""
        body: list[Block] = [
            Line(at.say(f"enrolling.done.{self.way.value}")),
            Line(at.say("enrolling.done.same")),
        ]
        if self.receipt is not None:
            body.append(Row("receipt", at.say("enrolling.done.receipt"), self.receipt.number, icon="paper"))
        if self.badge:
            body.append(Row("badge", at.say("enrolling.done.badge"), at.say("enrolling.done.badge_about"), icon="key"))
        acts = (
            Act("done", at.say("tap.done"), "done", Tone.PRIMARY),
            Act("next", at.say("enrolling.done.next"), "person"),
        )
        title = at.say("enrolling.done.title", name=self.case.themselves.name)
        return Sheet("enrol.done", title, icon="done", body=tuple(body), acts=acts, back=False, leave=False)

    def tapped(self, key: str) -> Move:
        """Out; the receipt; a badge; or the next person, by the official's password."""
        match key:
            case "receipt" if self.receipt is not None:
                return Show(ShownReceipt(self.receipt))
            case "badge":
                return Do(self._badge)
            case "next":
                return Show(Password(self.case.by, lambda official: Begin(official, self.case.start)))
            case _:
                return Leave()

    def _badge(self, desk: Desk) -> Move:
        login = self.case.by.login
        desk.store.admins.get(login.account)
        acting.need(desk.store, login, BADGES)
        made = badges.issue(desk.store, self.case.person, by=login.account)
        return Show(ShownBadge(made, replace(self, badge=False)))


@dataclass(frozen=True, slots=True)
class ShownReceipt(Page):
    """Number and hash as a QR code, to be photographed."""

    receipt: Receipt

    def sheet(self, at: At) -> Sheet:
        """The code alone."""
        body = (Code(self.receipt.code, at.say("enrolling.done.scan", number=self.receipt.number)),)
        return Sheet("enrol.receipt", at.say("enrolling.done.receipt"), icon="paper", body=body)

    def tapped(self, _key: str) -> Move:
        """Nothing here can be touched."""
        return Back()


@dataclass(frozen=True, slots=True)
class ShownBadge(Page):
    """The code of a badge, which is kept nowhere: this once."""

    made: Issued
    before: Done

    def sheet(self, at: At) -> Sheet:
        """The code alone."""
        scan = at.say("enrolling.done.badge_scan", day=at.spell.day(self.made.ends_at - 1))
        acts = (Act("done", at.say("tap.done"), "done", Tone.PRIMARY),)
        title = at.say("enrolling.done.badge_title")
        return Sheet("enrol.badge", title, icon="key", body=(Code(self.made.token, scan),), acts=acts, back=False)

    def tapped(self, _key: str) -> Move:
        """Back to the end, where no second one is made."""
        return Back(self.before)
