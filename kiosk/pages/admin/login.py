"""The way into administration: name and password, a one-time code, the first start; refuses to say which is wrong."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.faults import Fault
from kiosk.pages.admin.home import Home
from kiosk.pages.admin.passwords import NAME_MOST, Chosen, NewPassword, secret, short
from kiosk.pages.admin.refusals import Locked, sentence, waiting
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Begin, Desk, Do, Instead, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Asked, AskedKind, Line, Sheet, Tone
from kiosk.rights import contracts
from kiosk.store.account_acts import begin, redeem, set_password
from kiosk.store.approval import LoggedIn
from kiosk.store.logins import LoginRefused, log_in, refusal
from kiosk.store.people import check_name

_CODE: Final = range(16, 25)


@dataclass(frozen=True, slots=True)
class Entrance(Page):
    """Before anybody has said who they are."""

    def sheet(self, at: At) -> Sheet:
        """What this is for, and the two ways in."""
        body = tuple(Line(at.say(f"admin.entrance.{each}")) for each in ("who", "counted", "ends"))
        acts = (
            Act("login", at.say("admin.login.act"), "key", Tone.PRIMARY),
            Act("code", at.say("admin.login.code")),
        )
        return Sheet("admin.entrance", at.say("admin.title"), icon="shield", body=body, acts=acts)

    def tapped(self, key: str) -> Move:
        """Log in; where there is no account yet, begin."""
        return Do(_to_name if key == "login" else _to_code)


def _to_name(desk: Desk) -> Move:
    return Show(Beginning() if desk.store.admins.count() == 0 else Name())


def _to_code(desk: Desk) -> Move:
    return Show(Beginning() if desk.store.admins.count() == 0 else Name(by_code=True))


@dataclass(frozen=True, slots=True)
class Name(Page):
    """Which account."""

    by_code: bool = False

    def sheet(self, at: At) -> Sheet:
        """Its name."""
        return Sheet("admin.name", at.say("admin.login.name"), asked=name_asked(at))

    def entered(self, text: str) -> Move:
        """Then the password, or the code."""
        name = text.strip()
        return Show(OneTimeCode(name) if self.by_code else Password(name))


@dataclass(frozen=True, slots=True)
class Password(Page):
    """The password of an account; the refusal of the last one stands above it."""

    name: str = field(repr=False)
    refused: LoginRefused | None = None

    def sheet(self, at: At) -> Sheet:
        """Dots."""
        line = sentence(at, self.refused) or at.say("admin.login.of", name=short(self.name))
        return Sheet(
            "admin.login", at.say("admin.password.label"), line, asked=secret(at), warn=self.refused is not None
        )

    def entered(self, text: str) -> Move:
        """Ask the store."""

        def work(desk: Desk) -> Move:
            found = log_in(desk.store, self.name, text)
            match found:
                case LoginRefused(locked=True):
                    return Instead(Locked(OneTimeCode(self.name)))
                case LoginRefused():
                    return Instead(Password(self.name, found))
                case LoggedIn():
                    return let_in(desk, found)

        return Do(work)


def let_in(desk: Desk, login: LoggedIn) -> Move:
    """Where somebody begins who has just proved who they are; a technician only under a contract."""
    if not contracts.may_work(login, contracts.running(desk.store), desk.store.now_ms()):
        return Instead(Told("admin.contract.title", "admin.contract.line", icon="warning"))
    name = desk.store.admins.get(login.account).record.name
    visitor = Official(login, name)
    if login.must_change:
        return Begin(visitor, NewPassword(name, changes(login), "admin.password.must"))
    return Begin(visitor, Home())


def changes(login: LoggedIn) -> Chosen:
    """What sets another password of this login, and lets it in with it."""

    def chosen(desk: Desk, password: str) -> Move:
        return let_in(desk, set_password(desk.store, login, password, site=desk.config.device.site))

    return chosen


@dataclass(frozen=True, slots=True)
class OneTimeCode(Page):
    """The code that an administrator has made for this account; it counts together with the new password."""

    name: str = field(repr=False)
    refused: LoginRefused | None = None

    def sheet(self, at: At) -> Sheet:
        """Four groups of four, as it was shown."""
        line = at.say("admin.code.wrong", wait=waiting(at, self.refused.wait_s)) if self.refused else ""
        line = line or at.say("admin.code.of", name=short(self.name))
        return Sheet("admin.code", at.say("admin.code.title"), line, asked=_code(at), warn=self.refused is not None)

    def entered(self, text: str) -> Move:
        """A password of their own, and then both are looked at."""

        def chosen(desk: Desk, password: str) -> Move:
            try:
                login = redeem(desk.store, self.name, text, password, site=desk.config.device.site)
            except Fault as fault:
                if (found := refusal(fault)) is None:
                    raise
                return Back(OneTimeCode(self.name, found), by=2)
            return let_in(desk, login)

        return Show(NewPassword(self.name, chosen, "admin.password.own"))


@dataclass(frozen=True, slots=True)
class Beginning(Page):
    """The first start: nobody has an account yet."""

    def sheet(self, at: At) -> Sheet:
        """What is needed for the first one."""
        body = tuple(Line(at.say(f"admin.first.{each}")) for each in ("code", "name", "second"))
        acts = (Act("go", at.say("admin.first.act"), "key", Tone.PRIMARY),)
        return Sheet("admin.first", at.say("admin.first.title"), at.say("admin.first.line"), "shield", body, acts)

    def tapped(self, _key: str) -> Move:
        """The code first."""
        return Show(FirstCode())


@dataclass(frozen=True, slots=True)
class FirstCode(Page):
    """The code that the installer has printed."""

    refused: LoginRefused | None = None

    def sheet(self, at: At) -> Sheet:
        """Four groups of four."""
        line = at.say("admin.code.wrong", wait=waiting(at, self.refused.wait_s)) if self.refused else ""
        line = line or at.say("admin.first.typed")
        return Sheet("admin.first_code", at.say("admin.code.title"), line, asked=_code(at), warn=bool(self.refused))

    def entered(self, text: str) -> Move:
        """Then a name."""
        return Show(FirstName(text))


@dataclass(frozen=True, slots=True)
class FirstName(Page):
    """How the first administrator logs in."""

    code: str = field(repr=False)
    wrong: bool = False

    def sheet(self, at: At) -> Sheet:
        """A name, as it will be typed."""
        line = at.say("admin.login.unfit" if self.wrong else "admin.first.names")
        return Sheet("admin.first_name", at.say("admin.login.name"), line, asked=name_asked(at), warn=self.wrong)

    def entered(self, text: str) -> Move:
        """Then a password, twice."""
        name = text.strip()
        try:
            check_name(name)
        except Fault:
            return Instead(FirstName(self.code, wrong=True))

        def chosen(desk: Desk, password: str) -> Move:
            try:
                login = begin(desk.store, self.code, name, password, site=desk.config.device.site)
            except Fault as fault:
                if (found := refusal(fault)) is None:
                    raise
                return Back(FirstCode(found), by=3)
            return let_in(desk, login)

        return Show(NewPassword(name, chosen))


def name_asked(at: At) -> Asked:
    """The name of an account."""
    return Asked(at.say("admin.login.label"), AskedKind.TEXT, 1, NAME_MOST)


def _code(at: At) -> Asked:
    return Asked(at.say("admin.code.title"), AskedKind.CODE, _CODE.start, _CODE.stop - 1)
