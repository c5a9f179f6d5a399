"""A visitor of the pages without a window: taps, types, and the real store does what they lead to."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from kiosk import words
from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.pages import visit as vi
from kiosk.pages.common import Failed
from kiosk.pages.page import At, Desk, Nobody, Noticed, Page, Use, Visitor
from kiosk.pages.sheet import Row, Sheet
from kiosk.pages.visit import Visit
from kiosk.screens.spelling import Spelled
from kiosk.store import Store

ZONE = ZoneInfo("Asia/Jakarta")


@dataclass
class Guest:
    """Somebody before the pages; every page is drawn in all three languages, and what it draws must be whole."""

    store: Store
    config: Config
    language: str = "en"
    now: float = 1000.0
    visit: Visit | None = None
    uses: list[Use] = field(default_factory=list)
    watching: vi.Watch | None = None

    def begin(self, page: Page, visitor: Visitor = Nobody()) -> "Guest":  # noqa: B008 - frozen
        self.visit, effects = vi.begin(page, self.now, visitor)
        self._carry_out(effects)
        return self

    @property
    def page(self) -> Page:
        assert self.visit is not None, "the visit is over"
        return self.visit.page

    @property
    def over(self) -> bool:
        return self.visit is None

    @property
    def sheet(self) -> Sheet:
        return self.sheet_in(self.language)

    def sheet_in(self, language: str) -> Sheet:
        assert self.visit is not None, "the visit is over"
        wall = datetime.fromtimestamp(self.store.now_ms() / 1000, ZONE)
        return self.page.sheet(At(language, Spelled(language, wall), self.visit.visitor, self.now, wall))

    @property
    def fault(self) -> FaultCode | None:
        return self.page.fault if isinstance(self.page, Failed) else None

    @property
    def texts(self) -> str:
        """Everything that is read on the page, one a line."""
        return "\n".join(_texts(self.sheet))

    @property
    def keys(self) -> list[str]:
        """What can be touched."""
        sheet = self.sheet
        rows = [block.key for block in sheet.body if isinstance(block, Row)]
        return [*rows, *(act.key for act in sheet.acts)]

    def tap(self, *keys: str) -> "Guest":
        """Touch what is there; what is not there cannot be touched."""
        for key in keys:
            assert key in self.keys, f"no {key} on {self.sheet.name}: {self.keys}"
            self._on(vi.Tapped(key))
        return self

    def type(self, text: str) -> "Guest":
        """Type on the keyboard that is shown, and hand it in."""
        asked = self.sheet.asked
        assert asked is not None, f"nothing is asked on {self.sheet.name}"
        assert self.visit is not None
        while self.visit.typed:
            self._on(vi.Erased())
        for character in text:
            assert vi.takes(asked, character, self.visit.typed), f"{character!r} is no key of {asked.kind}"
            self._on(vi.Typed(character))
        self._on(vi.Entered())
        return self

    def back(self) -> "Guest":
        self._on(vi.BackTapped())
        return self

    def leave(self) -> "Guest":
        self._on(vi.LeaveTapped())
        return self

    def see(self, *seen: Noticed) -> "Guest":
        """Let the camera answer."""
        for each in seen:
            assert self.watching is not None, "the camera rests"
            self._on(vi.Saw(self.watching.attempt, each))
        return self

    def wait(self, seconds: float) -> "Guest":
        """Let time pass, a tick four times a second."""
        for _ in range(round(seconds * 4)):
            self.now += 0.25
            if self.visit is not None:
                self._on(vi.Tick())
        return self

    def _on(self, event: vi.Event) -> None:
        assert self.visit is not None, "the visit is over"
        self.visit, effects = vi.step(self.visit, event, self.now)
        self._carry_out(effects)

    def _carry_out(self, effects: tuple[vi.Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case vi.Work(attempt, work, visitor):
                    try:
                        move = work(Desk(self.store, self.config, visitor, self.language))
                    except Fault as fault:
                        self._on(vi.DidNot(attempt, fault.code))
                    else:
                        self._on(vi.Did(attempt, move))
                case vi.Watch():
                    self.watching = effect
                    self.uses.append(effect.use)
                case vi.Unwatch():
                    self.watching = None
                case vi.Speaks(language):
                    self.language = language
        if self.visit is not None:
            for language in words.LANGUAGES:
                drawn = self.sheet_in(language)
                assert drawn.title, drawn.name
                assert len(drawn.acts) <= 4, drawn.name
                keys = [block.key for block in drawn.body if isinstance(block, Row)] + [act.key for act in drawn.acts]
                assert len(keys) == len(set(keys)), drawn.name


def _texts(sheet: Sheet) -> Iterator[str]:
    yield from (sheet.title, sheet.line)
    if sheet.asked is not None:
        yield sheet.asked.label
    for block in sheet.body:
        for name in ("text", "label", "value", "detail", "mark", "line", "caption"):
            if found := getattr(block, name, ""):
                yield found
    yield from (act.text for act in sheet.acts)


def configured(store: Store, config: Config | None = None) -> Config:
    """The configuration of the directory in which a store lies."""
    data = store.database.directory.parent
    return replace(config, data=data) if config is not None else Config(data=data)
