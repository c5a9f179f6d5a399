"""Another account: name, role, and a code shown once; refuses one of which the officer has not approved."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.pages.admin import acting
from kiosk.pages.admin.passwords import NAME_MOST
from kiosk.pages.common import Question, Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Asked, Line, Row, Sheet, Tone
from kiosk.rights import approvals
from kiosk.store.approval import Role
from kiosk.store.people import check_name

_ROLES: Final = (Role.ADMIN, Role.ENROLLER, Role.SUPERVISOR, Role.TECHNICIAN, Role.DPO, Role.AUDITOR)
_DEEP: Final = 3
"""Pages upon the list: name, role, and the code in the place of the question."""

Listed = Callable[[Desk], Page]


@dataclass(frozen=True, slots=True)
class NewName(Page):
    """How the new one logs in; `listed` makes the list to come back to."""

    listed: Listed = field(repr=False)
    wrong: bool = False

    def sheet(self, at: At) -> Sheet:
        """A name."""
        line = at.say("admin.login.unfit" if self.wrong else "admin.account.whose")
        asked = Asked(at.say("admin.login.label"), most=NAME_MOST)
        return Sheet("admin.account_name", at.say("admin.account.add"), line, asked=asked, warn=self.wrong)

    def entered(self, text: str) -> Move:
        """Then the role."""
        name = text.strip()
        try:
            check_name(name)
        except Fault:
            return Instead(NewName(self.listed, wrong=True))
        return Show(NewRole(name, self.listed))


@dataclass(frozen=True, slots=True)
class NewRole(Page):
    """What the account is for: each role says what it may do."""

    name: str = field(repr=False)
    listed: Listed = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """The roles."""
        rows = tuple(
            Row(role.value, at.say(f"measures.role.{role.value}"), at.say(f"admin.may.{role.value}")) for role in _ROLES
        )
        line = at.say("admin.account.role_of", name=self.name)
        return Sheet("admin.account_role", at.say("admin.account.add"), line, "key", rows)

    def tapped(self, key: str) -> Move:
        """Ask once more."""
        role = Role(key)

        def work(desk: Desk) -> Move:
            login = acting.by(desk, {Role.ADMIN})
            try:
                _, code = approvals.grant(desk.store, self.name, role, login)
            except Fault as fault:
                if fault.code is not FaultCode.DESK_REFUSED:
                    raise
                return Instead(
                    Told("admin.account.unapproved", "admin.account.unapproved_line", icon="warning", then=Back(by=3))
                )
            return Instead(Handed(self.name, code, Back(self.listed(desk), by=_DEEP)))

        line = "admin.account.add_line"
        asked = Question("admin.account.add_title", line, "admin.account.add", Do(work), (("name", self.name),), "key")
        return Show(asked)


@dataclass(frozen=True, slots=True)
class Handed(Page):
    """A one-time code, shown this once."""

    name: str = field(repr=False)
    code: str = field(repr=False)
    then: Move = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """The code in groups, and what to do with it."""
        groups = self.code.split("-")
        half = len(groups) // 2
        body = (
            Line("   ".join(groups[:half]), strong=True),
            Line("   ".join(groups[half:]), strong=True),
            Line(at.say("admin.account.code_once")),
            Line(at.say("admin.account.code_how")),
        )
        done = (Act("done", at.say("tap.done"), "done", Tone.PRIMARY),)
        line = at.say("admin.code.of", name=self.name)
        return Sheet("admin.handed", at.say("admin.code.title"), line, "key", body, done, back=False, leave=False)

    def tapped(self, _key: str) -> Move:
        """It was written down."""
        return self.then
