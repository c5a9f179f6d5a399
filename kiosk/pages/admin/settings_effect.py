"""What a change would do, before anybody says yes to it; refuses to change anything unseen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from kiosk.pages.admin import acting
from kiosk.pages.admin.second import SecondPerson
from kiosk.pages.admin.settings_words import label, spoken
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Sheet, Tone
from kiosk.rights import settings
from kiosk.rights.assessment_document import setting_label
from kiosk.rights.release import Changed, Covered, Missing, Release
from kiosk.rights.settings import AGREE, MAY, Effect, Safe
from kiosk.store.approval import Approved
from kiosk.store.overlay import Changeable, Value


@dataclass(frozen=True, slots=True)
class Changing:
    """One setting that is being changed.

    Attributes:
        of: which.
        before: what holds now.
        safe: of the pack.
        back: makes the page to come back to, which lies beneath the one that changes.
    """

    of: Changeable
    before: Value
    safe: Safe | None
    back: Callable[[Desk], Page] = field(repr=False, compare=False)


def weighed(desk: Desk, of: Changing, value: Value) -> Move:
    """What another value would do; the one that holds already leads back. Raises Fault SETTING_REFUSED."""
    acting.by(desk, MAY)
    if value == of.before:
        return Back()
    return Show(Weighed(of, value, settings.effect(desk.store, desk.config, of.of.key, value, of.safe)))


@dataclass(frozen=True, slots=True)
class Weighed(Page):
    """Before and after, what it does to the impact assessment, and who has to agree."""

    of: Changing
    value: Value
    effect: Effect

    def sheet(self, at: At) -> Sheet:
        """The effect first where it turns the face off."""
        key, effect = self.of.of.key, self.effect
        body: tuple[Block, ...] = (
            *((Line(at.say("settings.locks"), strong=True, warn=True, icon="warning"),) if effect.locks else ()),
            Fact(at.say("settings.before"), spoken(at, key, self.of.before)),
            Fact(at.say("settings.after"), spoken(at, key, self.value)),
            Fact(at.say("settings.assessment"), _released(at, effect)),
            *(
                (
                    Fact(
                        at.say("settings.weaker"), ", ".join(setting_label(each, at.language) for each in effect.weaker)
                    ),
                )
                if effect.weaker
                else ()
            ),
            *((Line(at.say("settings.two")),) if effect.two else ()),
        )
        tone = Tone.DANGER if effect.locks else Tone.PRIMARY
        return Sheet("settings.weighed", label(at, key), "", "", body, (Act("do", at.say("settings.do"), "yes", tone),))

    def tapped(self, _key: str) -> Move:
        """Change it, with a second person where that is needed."""
        if not self.effect.two:
            return Do(lambda desk: self._changed(desk, None))
        return Instead(SecondPerson("settings.second", AGREE, self._changed))

    def _changed(self, desk: Desk, agreed: Approved | None) -> Move:
        login = acting.by(desk, MAY)
        settings.change(desk.store, desk.config, self.of.of.key, self.value, self.of.safe, login, agreed)
        back = self.of.back
        return Instead(Told("settings.done", "settings.takes", then=Do(lambda again: Back(back(again), by=2))))


def _released(at: At, effect: Effect) -> str:
    """Whether faces may be used afterwards, and if it stays as it is, only that."""
    if effect.before == effect.after:
        return at.say("settings.same", now=_sentence(at, effect.after))
    return _sentence(at, effect.after)


def _sentence(at: At, found: Release) -> str:
    match found:
        case Covered(_, demonstration):
            return at.say("assessment.demonstration" if demonstration else "assessment.covered")
        case Changed(keys):
            return at.say("assessment.changed", names=", ".join(setting_label(each, at.language) for each in keys))
        case Missing():
            return at.say("assessment.missing")
        case _:
            assert_never(found)
