"""Somebody who came without a roster: code, name, language, PIN; refuses a code that somebody has."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from kiosk import config
from kiosk.faults import Fault, FaultCode
from kiosk.pages.admin import acting
from kiosk.pages.admin.pins import NewPin
from kiosk.pages.admin.roles import ADDS
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Asked, AskedKind, Row, Sheet
from kiosk.store.people import check_name

_MOST: Final = 64
_DEEP: Final = 4
"""Pages upon the list: code, name, language, and what was told in the place of the PIN."""

Listed = Callable[[Desk], Page]


@dataclass(frozen=True, slots=True)
class Adding:
    """What is known of them so far."""

    listed: Listed = field(repr=False)
    code: str = field(default="", repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NewCode(Page):
    """The employee code."""

    listed: Listed = field(repr=False)
    wrong: str = ""
    initial: str = field(default="", repr=False)

    def sheet(self, at: At) -> Sheet:
        """As payroll knows it."""
        line = at.say(self.wrong or "admin.add.code")
        asked = Asked(at.say("pad.code"), AskedKind.CODE, most=_MOST)
        return Sheet("admin.add_code", at.say("admin.add.title"), line, asked=asked, warn=bool(self.wrong))

    def entered(self, text: str) -> Move:
        """Look whether somebody has it."""
        code = text.strip()

        def work(desk: Desk) -> Move:
            acting.by(desk, ADDS)
            if desk.store.people.by_code(code) is not None:
                return Instead(replace(self, wrong="admin.add.taken", initial=code))
            return Show(NewName(Adding(self.listed, code)))

        return Do(work)


@dataclass(frozen=True, slots=True)
class NewName(Page):
    """The full name."""

    of: Adding
    wrong: bool = False

    def sheet(self, at: At) -> Sheet:
        """The door shows the first name and an initial."""
        line = at.say("admin.login.unfit" if self.wrong else "admin.add.name")
        asked = Asked(at.say("admin.add.label"), most=_MOST)
        return Sheet("admin.add_name", at.say("admin.add.title"), line, asked=asked, warn=self.wrong)

    def entered(self, text: str) -> Move:
        """Then the language."""
        name = text.strip()
        try:
            check_name(name)
        except Fault:
            return Instead(NewName(self.of, wrong=True))
        return Show(NewLanguage(replace(self.of, name=name)))


@dataclass(frozen=True, slots=True)
class NewLanguage(Page):
    """In which the door speaks to them."""

    of: Adding

    def sheet(self, at: At) -> Sheet:
        """The three."""
        rows = tuple(Row(each, at.say(f"language.{each}")) for each in config.LANGUAGES)
        line = at.say("admin.add.language", name=self.of.name)
        return Sheet("admin.add_language", at.say("admin.add.title"), line, body=rows)

    def tapped(self, key: str) -> Move:
        """Then the PIN, now or later."""

        def added(desk: Desk, pin: str | None, deep: int) -> Move:
            acting.by(desk, ADDS)
            try:
                desk.store.people.add(self.of.code, self.of.name, language=key, pin=pin)
            except Fault as fault:
                if fault.code is not FaultCode.PERSON_EXISTS:
                    raise
                return Back(NewCode(self.of.listed, "admin.add.taken"), by=deep - 1)
            line = "admin.add.without" if pin is None else "admin.add.with"
            values = (("name", self.of.name),)
            return Instead(Told("admin.add.done", line, values, then=Back(self.of.listed(desk), by=deep)))

        return Show(
            NewPin(
                self.of.name,
                lambda desk, pin: added(desk, pin, _DEEP + 1),
                Do(lambda desk: added(desk, None, _DEEP)),
            )
        )
