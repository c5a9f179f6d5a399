"""A PIN that the person types themselves, twice; refuses one that is easy to guess, and never shows one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Asked, AskedKind, Line, Sheet, Tone
from kiosk.store.accounts import PIN_LENGTH, fit

Chosen = Callable[[Desk, str], Move]


@dataclass(frozen=True, slots=True)
class NewPin(Page):
    """Before the person types: hand them the screen.

    Args:
        name: whose.
        chosen: what is done with a PIN that was typed twice.
        later: what is done without one; None where there is no such choice.
    """

    name: str = field(repr=False)
    chosen: Chosen = field(repr=False)
    later: Move | None = None

    def sheet(self, at: At) -> Sheet:
        """What a PIN has to be."""
        values = {"least": PIN_LENGTH.start, "most": PIN_LENGTH.stop - 1}
        body = tuple(Line(at.say(f"admin.pin.{each}", **values)) for each in ("length", "plain", "own"))
        acts = [Act("type", at.say("admin.pin.type"), "pin", Tone.PRIMARY)]
        if self.later is not None:
            acts.append(Act("later", at.say("admin.pin.later")))
        line = at.say("admin.pin.hand", name=self.name)
        return Sheet("admin.pin", at.say("admin.pin.title"), line, "pin", body, tuple(acts))

    def tapped(self, key: str) -> Move:
        """The person is here; or without a PIN."""
        return self.later if key == "later" and self.later is not None else Show(_Once(self))


@dataclass(frozen=True, slots=True)
class _Once(Page):
    """The first time."""

    of: NewPin
    wrong: str = ""

    def sheet(self, at: At) -> Sheet:
        line = at.say(self.wrong or "admin.pin.once")
        return Sheet("admin.pin_once", at.say("admin.pin.title"), line, asked=_pin(at), warn=bool(self.wrong))

    def entered(self, text: str) -> Move:
        return Instead(_Twice(self.of, text) if fit(text) else _Once(self.of, "admin.pin.unfit"))


@dataclass(frozen=True, slots=True)
class _Twice(Page):
    """The second time."""

    of: NewPin
    first: str = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        return Sheet("admin.pin_twice", at.say("admin.pin.title"), at.say("admin.pin.again"), asked=_pin(at))

    def entered(self, text: str) -> Move:
        if text != self.first:
            return Instead(_Once(self.of, "admin.pin.differed"))
        return Do(lambda desk: self.of.chosen(desk, text))


def _pin(at: At) -> Asked:
    return Asked(at.say("pad.pin"), AskedKind.PIN, PIN_LENGTH.start, PIN_LENGTH.stop - 1)
