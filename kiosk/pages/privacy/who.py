"""Who sits at the privacy desk, and for which company; refuses whoever a command would refuse, at each act anew."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from kiosk.faults import Fault, FaultCode
from kiosk.pages.admin import acting
from kiosk.pages.admin.passwords import secret
from kiosk.pages.admin.refusals import Locked, sentence
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page
from kiosk.pages.sheet import Sheet
from kiosk.rights import company
from kiosk.rights.acting import DESK, OFFICER, READERS
from kiosk.rights.company import Company
from kiosk.store import Person, Store
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.logins import LoginRefused, log_in


def seated(desk: Desk, roles: Collection[Role]) -> LoggedIn:
    """Who acts: an account that is still there, in the role in which it has logged in.

    Raises:
        Fault: DESK_REFUSED, ACCOUNT_UNKNOWN, ACCOUNT_LOCKED.
    """
    login = acting.by(desk, roles)
    account = desk.store.admins.get(login.account)
    if account.role is not login.role:
        raise Fault(FaultCode.DESK_REFUSED, "another role since")
    if desk.store.admins.locked(account):
        raise Fault(FaultCode.ACCOUNT_LOCKED)
    return login


def officer(desk: Desk) -> LoggedIn:
    """The data-protection officer. Raises as `seated`."""
    return seated(desk, OFFICER)


def staff(desk: Desk) -> LoggedIn:
    """The officer or an administrator. Raises as `seated`."""
    return seated(desk, DESK)


def reads(desk: Desk) -> bool:
    """Let in whoever may read here; whether they may act, too. Raises as `seated`."""
    return seated(desk, READERS).role is Role.DPO


def of_company(desk: Desk) -> Company:
    """privacy.toml of now. Raises Fault PRIVACY_INVALID."""
    return company.load(desk.config.data / company.FILE)


def person_of(store: Store, code: str) -> Person:
    """Who has this employee code. Raises Fault PERSON_UNKNOWN."""
    found = store.people.by_code(code.strip())
    if found is None:
        raise Fault(FaultCode.PERSON_UNKNOWN)
    return found


def names(store: Store) -> dict[str, str]:
    """The name of each account, by its id."""
    return {each.id: each.record.name for each in store.admins.all()}


@dataclass(frozen=True, slots=True)
class Known:
    """Whom something is about: "" for somebody unknown or erased, and for a name that is not to be shown."""

    code: str = ""
    name: str = field(default="", repr=False)

    def said(self, at: At) -> str:
        """In one line; "" where there is nothing to say."""
        if not self.code:
            return ""
        return at.say("dpo.known", name=self.name, code=self.code) if self.name else self.code


def known(store: Store, person: str, *, named: bool, erased: bool = False) -> Known:
    """Whom a paper is about.

    Args:
        store: open.
        person: random id, or "".
        named: whether the name may be shown.
        erased: whether nothing is left of them.
    """
    if not person or erased:
        return Known()
    found = store.people.get(person)
    return Known(found.code, found.name if named else "")


@dataclass(frozen=True, slots=True)
class Confirmed(Page):
    """The officer's password once more, before what ends something for good or lets it begin.

    Args:
        title: key of what is about to be done.
        then: what it is, once the password fits.
        refused: how the try before ended.
    """

    title: str
    then: Callable[[Desk, LoggedIn], Move] = field(repr=False)
    refused: LoginRefused | None = None

    def sheet(self, at: At) -> Sheet:
        """Dots."""
        line = sentence(at, self.refused) or at.say("dpo.password_line")
        warn = self.refused is not None
        return Sheet("dpo.confirmed", at.say(self.title), line, asked=secret(at), warn=warn)

    def entered(self, text: str) -> Move:
        """Ask the store; every try counts as one at a shell."""

        def work(desk: Desk) -> Move:
            login = officer(desk)
            found = log_in(desk.store, acting.official(desk).name, text)
            if isinstance(found, LoginRefused):
                return Instead(Locked()) if found.locked else Instead(replace(self, refused=found))
            if found.account != login.account:
                raise Fault(FaultCode.DESK_REFUSED, "another account")
            return self.then(desk, login)

        return Do(work)
