"""Who runs this device: the list, and what an administrator may do to one account; refuses to show a password."""

from dataclasses import dataclass
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.pages.admin import account_add, acting
from kiosk.pages.admin.account_add import Handed
from kiosk.pages.admin.second import SecondPerson
from kiosk.pages.common import Question, Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Row, Sheet, Tone
from kiosk.rights import account_states
from kiosk.rights.account_states import AccountState, Known
from kiosk.store.account_acts import remove, reset, unlock
from kiosk.store.approval import Approved, Role

MANAGES: Final = frozenset({Role.ADMIN})
TWO: Final = frozenset({Role.ADMIN, Role.DPO})
"""For whom nobody makes a code alone: with it an administrator would be the officer, or two persons at once."""


def first() -> Move:
    """The list, once the store has told it."""
    return Do(lambda desk: Show(listed(desk)))


def listed(desk: Desk) -> "Accounts":
    """Every account as it stands now."""
    acting.by(desk, MANAGES)
    return Accounts(account_states.every(desk.store))


@dataclass(frozen=True, slots=True)
class Accounts(Page):
    """Every account, by name."""

    known: tuple[Known, ...]

    def sheet(self, at: At) -> Sheet:
        """Name, role, and one word where something has to be done."""
        rows = tuple(
            Row(
                each.account,
                each.name,
                at.say(f"measures.role.{each.role.value}"),
                "" if each.state is AccountState.ACTIVE else at.say(f"admin.account.{each.state.value}"),
                "key",
            )
            for each in self.known
        )
        acts = (Act("add", at.say("admin.account.add"), "person", Tone.PRIMARY),)
        return Sheet("admin.accounts", at.say("admin.section.accounts"), body=rows, acts=acts)

    def tapped(self, key: str) -> Move:
        """One of them, or another one."""
        if key == "add":
            return Show(account_add.NewName(listed))
        return Show(One(next(each for each in self.known if each.account == key)))


@dataclass(frozen=True, slots=True)
class One(Page):
    """One account, and what may be done to it."""

    of: Known

    def sheet(self, at: At) -> Sheet:
        """Role, state, age of its password; of one's own account only that."""
        own = isinstance(at.visitor, Official) and at.visitor.login.account == self.of.account
        since = at.spell.day(self.of.since) if self.of.since else at.say("admin.account.never")
        body: tuple[Block, ...] = (
            Fact(at.say("admin.account.role"), at.say(f"measures.role.{self.of.role.value}")),
            Fact(at.say("admin.account.state"), at.say(f"admin.account.{self.of.state.value}")),
            Fact(at.say("admin.account.since"), since),
        )
        if own:
            return Sheet("admin.account", self.of.name, at.say("admin.account.own"), "key", body)
        locked = (Act("unlock", at.say("admin.account.unlock"), "key"),) * (self.of.state is AccountState.LOCKED)
        acts = (
            *locked,
            Act("reset", at.say("admin.account.reset")),
            Act("remove", at.say("admin.account.remove"), "", Tone.DANGER),
        )
        return Sheet("admin.account", self.of.name, "", "key", body, acts)

    def tapped(self, key: str) -> Move:
        """Ask before each."""
        work = {"unlock": self._unlock, "reset": self._reset, "remove": self._remove}[key]
        tone = Tone.DANGER if key == "remove" else Tone.PRIMARY
        words = f"admin.account.{key}"
        asked = Question(f"{words}_title", f"{words}_line", words, Do(work), (("name", self.of.name),), "key", tone)
        return Show(asked)

    def _unlock(self, desk: Desk) -> Move:
        unlock(desk.store, self.of.account, acting.by(desk, MANAGES))
        return Instead(Told("admin.account.unlocked", "admin.account.unlocked_line", then=_back(desk, 2)))

    def _reset(self, desk: Desk) -> Move:
        login = acting.by(desk, MANAGES)
        if desk.store.admins.get(self.of.account).role in TWO:
            return Instead(SecondPerson("admin.account.reset_title", TWO, self._reset_by_two))
        return self._handed(desk, reset(desk.store, self.of.account, login))

    def _reset_by_two(self, desk: Desk, agreed: Approved) -> Move:
        login = acting.by(desk, MANAGES)
        if agreed.first != login.account or self.of.account in {agreed.first, agreed.second}:
            raise Fault(FaultCode.APPROVAL_MISSING, "a third account has to agree")
        return self._handed(desk, reset(desk.store, self.of.account, login, second=agreed.second))

    def _handed(self, desk: Desk, code: str) -> Move:
        return Instead(Handed(self.of.name, code, _back(desk, 2)))

    def _remove(self, desk: Desk) -> Move:
        remove(desk.store, self.of.account, acting.by(desk, MANAGES))
        return Instead(Told("admin.account.removed", then=_back(desk, 2)))


def _back(desk: Desk, by: int) -> Move:
    return Back(listed(desk), by=by)
