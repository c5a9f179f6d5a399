"""A whole kiosk in this process: real store, real threads, real window, and a finger."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import stage
from PySide6.QtQuick import QQuickView

from kiosk import words
from kiosk.config import Config, Device
from kiosk.faults import Fault, FaultCode
from kiosk.rights.release import demonstrate
from kiosk.screens import app
from kiosk.screens.assembly import Assembly, assemble
from kiosk.screens.pose import settle
from kiosk.store import FileRootKey, RootKey, Store
from kiosk.vision.camera import Camera
from wire.event import CheckIn

CODE, NAME, PIN = "1001", "Ayu Lestari", "271904"
LANGUAGE = "id"
SOON_S = 10.0


def unplugged() -> Camera:
    raise Fault(FaultCode.CAMERA_LOST, "unplugged")


@dataclass(frozen=True, slots=True)
class Running:
    """A kiosk that runs, and what a person can do with it."""

    kiosk: Assembly
    window: QQuickView

    @property
    def page(self) -> str:
        return self.kiosk.door.shown.page

    def wait_for(self, *pages: str) -> None:
        self.until(lambda: self.page in pages, f"{self.page} is shown, not {' or '.join(pages)}")

    def until(self, holds: Callable[[], bool], otherwise: str = "it did not happen", within_s: float = SOON_S) -> None:
        end = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end, otherwise
            settle(20)

    def until_shown(self, text: str) -> None:
        self.until(lambda: text in self.texts(), text)

    def touch(self, name: str) -> None:
        self.until(lambda: any(item.objectName() == name for item in stage.items(self.window.contentItem())), name)
        stage.touch(self.window, name)

    def type_pin(self, code: str = CODE, pin: str = PIN) -> None:
        self.wait_for("pin")
        for key in (*code, "enter", *pin, "enter"):
            self.touch(f"key.{key}")

    def check_in_by_pin(self) -> None:
        self.touch("action.in")
        self.type_pin()
        self.wait_for("recorded")
        self.touch("tap.done")
        self.wait_for("idle")

    def texts(self) -> list[str]:
        return stage.texts(self.window)


def says(scene: Running, code: FaultCode, language: str = LANGUAGE) -> None:
    """The exact screen: OutOfService with this fault's title, what to do, and whom to call."""
    scene.wait_for("out")
    title, hint = words.say(language, f"fault.{code}.title"), words.hint(language, code.value)
    call = words.say(language, "out.call", contact="Sari, 4102")
    scene.until(lambda: {title, hint, call} <= set(scene.texts()), f"the screen shows {scene.texts()}")


def furnished(data: Path, *, models: Path | None = None) -> Config:
    """Make a store with one person who has a PIN, and give the configuration."""
    config = Config(data=data, models=models, device=Device(site="Kantor", contact="Sari, 4102"))
    store = Store.create(config.state, provider=key(config))
    store.people.add(CODE, NAME, language="en", pin=PIN)
    demonstrate(store)  # as in the demonstration: faces may be processed without a signed assessment
    store.close()
    return config


def key(config: Config) -> FileRootKey:
    return FileRootKey(config.state / "root.key")


@contextmanager
def running(
    config: Config,
    camera: Callable[[], Camera] | None = None,
    provider: RootKey | None = None,
    expected: Callable[[], frozenset[str] | None] | None = None,
) -> Iterator[Running]:
    """Run the kiosk for the length of a block; warnings of Qt and bugs in slots fail the test."""
    app.application()
    with stage.watched():
        kiosk = assemble(config, provider or key(config), camera, expected)
        window = app.build(kiosk.door, kiosk.desk, kiosk.source)
        window.show()
        kiosk.start()
        kiosk.door.start()
        try:
            yield Running(kiosk, window)
        finally:
            kiosk.door.stop()
            kiosk.stop()
            app.dismantle(window)


def recorded(config: Config) -> list[CheckIn]:
    """What the ledger holds, after it was verified and every reference was found to have its basis record."""
    store = Store.open(config.state, key(config))
    try:
        store.ledger.verify()
        assert store.database.rows("SELECT template FROM faces WHERE basis NOT IN (SELECT id FROM bases)") == []
        now = store.now_ms()
        found = [
            event
            for person in store.people.all()
            for event in store.history.events(person.id, now - 86_400_000, now + 1)
            if isinstance(event, CheckIn)
        ]
    finally:
        store.close()
    assert len({event.event_id for event in found}) == len(found)
    return found
