"""Another value for one setting: typed, chosen, or moved in small steps; refuses what does not fit with a sentence."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.pages.admin import acting
from kiosk.pages.admin.settings_effect import Changing, weighed
from kiosk.pages.admin.settings_words import label, option, spoken
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Asked, AskedKind, Fact, Meter, Row, Sheet, Tone
from kiosk.rights.settings import MAY, Safe
from kiosk.store import overlay
from kiosk.store.overlay import NO, TEXT_MOST, YES, Changeable, Kind, Value, changeable
from kiosk.vision.known import default_directory, find

STEP: Final = 100
"""A hundredth of a score."""


def begin(desk: Desk, key: str, back: Callable[[Desk], Page]) -> Move:
    """The page that changes a setting; `back` makes the page to which one comes back afterwards."""
    acting.by(desk, MAY)
    config = overlay.running(desk.store, desk.config)
    changing = Changing(changeable(key), overlay.value_of(config, key), safe_of(config), back)
    match changing.of.kind:
        case Kind.TEXT | Kind.NUMBER:
            return Show(Typed(changing))
        case Kind.CHOICE | Kind.FLAG:
            return Show(Chosen(changing))
        case Kind.SEVERAL:
            return Show(Several(changing, changing.before))
        case Kind.SCORE:
            return Show(Stepped(changing, int(changing.before[0])))


def safe_of(config: Config) -> Safe | None:
    """The safe range of the pack that is configured; None where it states none."""
    try:
        stated = find(config.models or default_directory(), config.recognition.pack).thresholds
    except Fault:
        return None
    return None if stated is None else Safe.of(stated.near, stated.accept)


@dataclass(frozen=True, slots=True)
class Typed(Page):
    """A text, or a number."""

    of: Changing
    wrong: bool = False
    initial: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.initial:
            object.__setattr__(self, "initial", self.of.before[0])

    def sheet(self, at: At) -> Sheet:
        """What is asked, and what may stand there."""
        key = self.of.of.key
        digits = self.of.of.kind is Kind.NUMBER
        kind, most = (AskedKind.DIGITS, 3) if digits else (AskedKind.TEXT, TEXT_MOST)
        asked = Asked(label(at, key), kind, 0 if key == "device.contact" else 1, most)
        hint = at.say(f"settings.hint.{self.of.of.name}")
        return Sheet("settings.typed", label(at, key), hint, asked=asked, warn=self.wrong)

    def entered(self, text: str) -> Move:
        """Weigh it; what does not fit is typed again."""

        def work(desk: Desk) -> Move:
            try:
                return weighed(desk, self.of, (text.strip(),))
            except Fault as fault:
                if fault.code is not FaultCode.SETTING_REFUSED:
                    raise
                return Instead(replace(self, wrong=True, initial=text))

        return Do(work)


@dataclass(frozen=True, slots=True)
class Chosen(Page):
    """One of a few, or yes and no."""

    of: Changing

    def sheet(self, at: At) -> Sheet:
        """The one that holds is marked."""
        key = self.of.of.key
        rows = tuple(
            Row(
                each,
                option(at, key, each),
                "",
                at.say("settings.now") if (each,) == self.of.before else "",
                chosen=(each,) == self.of.before,
            )
            for each in _options(self.of.of)
        )
        return Sheet("settings.chosen", label(at, key), at.say(f"settings.hint.{self.of.of.name}"), "", rows)

    def tapped(self, key: str) -> Move:
        """Weigh it."""
        return Do(lambda desk: weighed(desk, self.of, (key,)))


def _options(of: Changeable) -> tuple[str, ...]:
    return (YES, NO) if of.kind is Kind.FLAG else of.options


@dataclass(frozen=True, slots=True)
class Several(Page):
    """As many as are wanted, at least one."""

    of: Changing
    value: Value

    def sheet(self, at: At) -> Sheet:
        """A tap takes one in or out."""
        key = self.of.of.key
        rows = tuple(
            Row(
                each,
                option(at, key, each),
                "",
                at.say(f"settings.{YES if each in self.value else NO}"),
                each,
                chosen=each in self.value,
            )
            for each in self.of.of.options
        )
        changed = bool(self.value) and self.value != self.of.before
        acts = (Act("take", at.say("settings.take"), "yes", Tone.PRIMARY),) if changed else ()
        return Sheet("settings.several", label(at, key), at.say(f"settings.hint.{self.of.of.name}"), "", rows, acts)

    def tapped(self, key: str) -> Move:
        """In or out; or weigh it."""
        if key == "take":
            return Do(lambda desk: weighed(desk, self.of, self.value))
        value = tuple(each for each in self.of.of.options if (each in self.value) != (each == key))
        return Instead(replace(self, value=value))


@dataclass(frozen=True, slots=True)
class Stepped(Page):
    """A score in steps of a hundredth, within what the pack states as safe."""

    of: Changing
    value: int

    def sheet(self, at: At) -> Sheet:
        """Where it stands between the two ends, and the pack's own."""
        key, safe = self.of.of.key, self.of.safe
        hint = at.say(f"settings.hint.{self.of.of.name}")
        if safe is None:
            return Sheet("settings.stepped", label(at, key), at.say("settings.no_pack"), "warning", warn=True)
        shown = spoken(at, key, (str(self.value),))
        share = (self.value - safe.least) / (safe.most - safe.least)
        least, default, most = (spoken(at, key, (str(each),)) for each in (safe.least, safe.default, safe.most))
        body = (
            Meter(label(at, key), share, shown, self.value >= safe.default),
            Fact(at.say("settings.range"), at.say("settings.range_of", least=least, most=most, default=default)),
        )
        acts = (
            Act("lower", at.say("settings.lower"), "down"),
            Act("higher", at.say("settings.higher"), "up"),
            *((Act("take", at.say("settings.take"), "yes", Tone.PRIMARY),) if self._changed else ()),
        )
        return Sheet("settings.stepped", label(at, key), hint, "", body, acts)

    @property
    def _changed(self) -> bool:
        return (str(self.value),) != self.of.before

    def tapped(self, key: str) -> Move:
        """A step, never out of the safe range; or weigh it."""
        if key == "take":
            return Do(lambda desk: weighed(desk, self.of, (str(self.value),)))
        safe = self.of.safe
        if safe is None:
            raise KeyError(key)
        value = self.value + (STEP if key == "higher" else -STEP)
        return Instead(replace(self, value=min(max(value, safe.least), safe.most)))
