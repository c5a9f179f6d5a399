"""What was changed on the screen is what runs once the visit is over: the same process, everything built anew."""

from dataclasses import dataclass, replace
from pathlib import Path

import running_kiosk
import stage
from PySide6.QtCore import QTimer
from PySide6.QtQuick import QQuickView

from kiosk.config import Config, Recognition
from kiosk.pages.page import At, Desk, Do, Leave, Move, Page
from kiosk.pages.sheet import Sheet
from kiosk.screens import app
from kiosk.screens.assembly import Assembly, assemble, overlaid, run_on
from kiosk.store import overlay

HUNG, LONGEST_MS = 3, 20_000


@dataclass(frozen=True, slots=True)
class Changes(Page):
    """A page on which one touch changes a setting, or nothing, and ends the visit."""

    key: str = ""

    def sheet(self, at: At) -> Sheet:
        return Sheet("changes", at.say("button.in"))

    def tapped(self, _key: str) -> Move:
        def work(desk: Desk) -> Move:
            if self.key:
                overlay.change(desk.store, desk.config, self.key, ("yes",), by="00ff")
            return Leave()

        return Do(work)


def run(config: Config, *pages: Page) -> tuple[int, list[tuple[bool, object]]]:
    """Run a kiosk in which each page is opened and touched in turn, and then the application ends."""
    built: list[Assembly] = []
    seen: list[tuple[bool, object]] = []
    left = list(pages)
    provider = running_kiosk.key(config)

    def build() -> Assembly:
        built.append(assemble(overlaid(config, provider), provider))
        return built[-1]

    def visit() -> None:
        desk = built[-1].desk
        if not left:
            app.application().exit(0)
            return
        desk.begin(left.pop(0), "en")
        desk.closed.connect(lambda: QTimer.singleShot(50, visit))  # later than what the application does by itself
        desk.tap("go")

    def begun(window: QQuickView) -> None:
        root = window.rootObject()
        seen.append((built[-1].config.door.light, None if root is None else root.property("light")))
        QTimer.singleShot(LONGEST_MS, window, lambda: app.application().exit(HUNG))
        QTimer.singleShot(0, visit)

    with stage.watched():
        return run_on(build, begun), seen


def test_a_setting_is_in_force_as_soon_as_the_visit_is_over(tmp_path: Path) -> None:
    config = replace(running_kiosk.furnished(tmp_path), recognition=Recognition(mode="off"))
    assert run(config, Changes("door.light")) == (0, [(False, False), (True, True)])
    assert run(config) == (0, [(True, True)]), "and after a restart"


def test_a_visit_that_changed_nothing_ends_like_any_other(tmp_path: Path) -> None:
    config = replace(running_kiosk.furnished(tmp_path), recognition=Recognition(mode="off"))
    assert run(config, Changes()) == (0, [(False, False)])
