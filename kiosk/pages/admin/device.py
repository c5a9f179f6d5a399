"""How this device does: camera, speed, storage, clock, copies, log; refuses to show a face that is kept, or a name."""

from dataclasses import dataclass
from typing import Final

from kiosk.pages.admin import acting, device_copies, device_log, device_seeing, device_speed, device_system
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Row, Sheet
from kiosk.rights import hardware
from kiosk.rights.hardware import FULL, HOT
from kiosk.store import backup
from kiosk.store.approval import Role
from wire.event import ClockState

MAY: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})


def first() -> Move:
    """What there is to look at, and what needs somebody."""
    return Do(lambda desk: Show(overview(desk)))


def overview(desk: Desk) -> "Overview":
    """Look at what may need somebody, without opening a record."""
    acting.by(desk, MAY)
    disk, warmest = hardware.disk(desk.config.state), hardware.temperature()
    warned = {
        "storage": (disk is not None and disk.used > FULL) or (warmest is not None and warmest >= HOT),
        "clock": desk.store.clock().clock.state is not ClockState.SYNCED,
        "copies": bool(backup.overdue(desk.store, desk.config)) or not desk.config.storage.recipient,
    }
    return Overview(tuple(key for key, warn in warned.items() if warn))


@dataclass(frozen=True, slots=True)
class Overview(Page):
    """One row for each thing to look at; what needs somebody says so."""

    warned: tuple[str, ...]

    def sheet(self, at: At) -> Sheet:
        """The rows."""
        icons = {"camera": "look_here", "liveness": "shield", "copies": "paper", "update": "retry"}
        rows = tuple(
            Row(
                key,
                at.say(f"device.{key}.title"),
                at.say(f"device.{key}.about"),
                at.say("device.look") if key in self.warned else "",
                "warning" if key in self.warned else icons.get(key, ""),
            )
            for key in PAGES
        )
        return Sheet("device", at.say("admin.section.device"), body=rows)

    def tapped(self, key: str) -> Move:
        """Look at it."""
        return PAGES[key]()


PAGES: Final = {
    "camera": device_seeing.camera,
    "liveness": device_seeing.liveness,
    "bench": device_speed.bench_first,
    "budget": device_speed.budget_first,
    "storage": device_system.storage,
    "clock": device_system.clock,
    "versions": device_system.versions,
    "copies": device_copies.copies,
    "log": device_log.log,
    "update": device_copies.update,
}
