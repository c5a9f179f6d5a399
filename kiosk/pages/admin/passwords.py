"""How a new password is chosen: its rules first, then twice the same; refuses an unfit one with every reason."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Asked, AskedKind, Line, Sheet, Tone
from kiosk.store.password_policy import LENGTH, REMEMBERED, Unfit, unfit

Chosen = Callable[[Desk, str], Move]
NAME_MOST: Final = 64
"""Characters of the name of an account."""
_LINE: Final = 32
_RULES: Final = ("length", "letters", "sign", "guess", "name", "before")


@dataclass(frozen=True, slots=True)
class NewPassword(Page):
    """The rules, before anything is typed.

    Args:
        name: of the account.
        chosen: what is done with a password that was typed twice; a Fault PASSWORD_UNFIT of it is told here.
        because: key of a sentence that says why there is to be another one, or "".
        wrong: reasons against the one before.
    """

    name: str = field(repr=False)
    chosen: Chosen = field(repr=False)
    because: str = ""
    wrong: tuple[Unfit, ...] = ()

    def sheet(self, at: At) -> Sheet:
        """What a password has to be, or what was wrong with the last one."""
        reasons = tuple(Line(at.say(f"password.{each.value}"), warn=True, icon="warning") for each in self.wrong)
        values = {"least": LENGTH.start, "most": LENGTH.stop - 1, "old": REMEMBERED}
        rules = tuple(Line(at.say(f"admin.rule.{rule}", **values)) for rule in _RULES)
        line = "admin.password.unfit" if self.wrong else self.because
        return Sheet(
            "admin.password",
            at.say("admin.password.new"),
            at.say(line) if line else "",
            "key",
            reasons or rules,
            (Act("type", at.say("admin.password.type"), "", Tone.PRIMARY),),
            warn=bool(self.wrong),
        )

    def tapped(self, _key: str) -> Move:
        """Type it."""
        return Show(_Once(self))


@dataclass(frozen=True, slots=True)
class _Once(Page):
    """The first time; judged before it is typed again."""

    of: NewPassword
    differed: bool = False

    def sheet(self, at: At) -> Sheet:
        line = at.say("admin.password.differed") if self.differed else ""
        return Sheet("admin.password.once", at.say("admin.password.new"), line, asked=secret(at), warn=self.differed)

    def entered(self, text: str) -> Move:
        def judge(desk: Desk) -> Move:
            found = unfit(text, (self.of.name, desk.config.device.site))
            return _refused(self.of, found) if found else Instead(_Twice(self.of, text))

        return Do(judge)


@dataclass(frozen=True, slots=True)
class _Twice(Page):
    """The second time: what nobody could read while typing has to be the same."""

    of: NewPassword
    first: str = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        return Sheet("admin.password.twice", at.say("admin.password.again"), asked=secret(at))

    def entered(self, text: str) -> Move:
        if text != self.first:
            return Instead(_Once(self.of, differed=True))

        def choose(desk: Desk) -> Move:
            try:
                return self.of.chosen(desk, text)
            except Fault as fault:
                if fault.code is not FaultCode.PASSWORD_UNFIT:
                    raise
                return _refused(self.of, [Unfit(reason) for reason in fault.detail.split(", ")])

        return Do(choose)


def _refused(of: NewPassword, reasons: Iterable[Unfit]) -> Move:
    return Back(NewPassword(of.name, of.chosen, of.because, tuple(reasons)))


def short(name: str) -> str:
    """A name for one line above the keyboard."""
    return name if len(name) <= _LINE else f"{name[: _LINE - 1]}\N{HORIZONTAL ELLIPSIS}"


def secret(at: At) -> Asked:
    """A password, as dots."""
    return Asked(at.say("admin.password.label"), AskedKind.SECRET, 1, LENGTH.stop - 1)
