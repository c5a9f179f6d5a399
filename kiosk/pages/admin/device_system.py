"""Storage, temperature, clock and versions of this device; refuses to call good what nobody has measured."""

import platform
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from kiosk import clock as clocks
from kiosk.pages.admin import acting
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Block, Fact, Line, Meter, Sheet
from kiosk.pages.wording import known, number
from kiosk.rights import hardware, machine
from kiosk.rights.hardware import FULL, HOT, Disk
from kiosk.rights.machine import Machine
from kiosk.store import schema
from kiosk.store.approval import Role
from kiosk.store.stats import Anchored, Stats, stats
from wire.event import Clock, ClockState

MAY: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
_MB: Final = 1_000_000
_GB: Final = 1_000_000_000
_COUNTED: Final = ("entries", "undelivered", "quarantined", "keys")
_MINUTES_FROM_S, _HOURS_FROM_S = 120, 7200


def storage() -> Move:
    """How full the device is, and how it does."""
    return Do(_storage)


def _storage(desk: Desk) -> Move:
    acting.by(desk, MAY)
    return Show(Storage(stats(desk.store), hardware.disk(desk.config.state), hardware.temperature()))


@dataclass(frozen=True, slots=True)
class Storage(Page):
    """Disk, temperature, what the store holds in numbers, and its anchors."""

    found: Stats
    disk: Disk | None
    warmest: float | None

    def sheet(self, at: At) -> Sheet:
        """No name, no code: counts."""
        found = self.found
        body: tuple[Block, ...] = (
            *self._disk(at),
            *self._heat(at),
            Fact(at.say("device.storage.people"), at.say("device.storage.people_of", **self._people())),
            *(Fact(at.say(f"device.storage.{name}"), str(found.counts[name])) for name in _COUNTED),
            Fact(at.say("device.storage.files"), self._files(at)),
            *(
                Fact(at.say("device.storage.anchor", number=n), _anchor(at, each))
                for n, each in enumerate(found.anchors, 1)
            ),
            Fact(at.say("device.storage.swept"), _day(at, found.swept)),
        )
        return Sheet("device.storage", at.say("device.storage.title"), body=body)

    def _people(self) -> dict[str, int]:
        return {name: self.found.counts[name] for name in ("people", "faces")}

    def _files(self, at: At) -> str:
        """The two databases; the rest is small."""
        found = {name: size for name, size in self.found.files.items() if name.endswith(".db")}
        return ", ".join(f"{name} {number(at, size / _MB)} MB" for name, size in found.items())

    def _disk(self, at: At) -> tuple[Block, ...]:
        if self.disk is None:
            return (Fact(at.say("device.storage.disk"), at.say("device.unknown")),)
        free, total = (number(at, each / _GB) for each in (self.disk.free, self.disk.total))
        text = at.say("device.storage.free", free=free, total=total)
        return (Meter(at.say("device.storage.disk"), self.disk.used, text, good=self.disk.used <= FULL),)

    def _heat(self, at: At) -> tuple[Block, ...]:
        if self.warmest is None:
            return (Fact(at.say("device.storage.heat"), at.say("device.storage.no_sensor")),)
        text = at.say("device.storage.degrees", value=number(at, self.warmest, 0))
        return (Meter(at.say("device.storage.heat"), self.warmest / 100, text, good=self.warmest < HOT),)


def _day(at: At, swept: str | None) -> str:
    if swept is None:
        return at.say("sending.never")
    noon = datetime.combine(date.fromisoformat(swept), time(12), at.wall.tzinfo)
    return at.spell.day(int(noon.timestamp() * 1000))


def _anchor(at: At, anchored: Anchored) -> str:
    if anchored.behind is None:
        return at.say("device.storage.anchor_lost")
    if anchored.behind < 0:
        return at.say("device.storage.anchor_newer")
    return at.say("device.storage.anchor_behind" if anchored.behind else "device.storage.anchor_good")


def clock() -> Move:
    """What the clock says of itself."""
    return Do(_clock)


def _clock(desk: Desk) -> Move:
    acting.by(desk, MAY)
    reading, look = desk.store.clock(), clocks.look_now()
    return Show(ClockPage(reading.wall_ms, reading.clock, look.set_at_ms, look.boottime_ms))


@dataclass(frozen=True, slots=True)
class ClockPage(Page):
    """State and uncertainty, as every record states them.

    Attributes:
        now_ms: the wall clock.
        said: what a record of now would say.
        set_at_ms: when a time server has set it; None since the start.
        up_ms: since the start of the system.
    """

    now_ms: int
    said: Clock
    set_at_ms: int | None
    up_ms: int

    def sheet(self, at: At) -> Sheet:
        """What a record of now would say."""
        set_at = at.say("device.clock.never") if self.set_at_ms is None else at.spell.when(self.set_at_ms)
        body = (
            Fact(at.say("device.clock.now"), f"{at.spell.day(self.now_ms)}, {at.spell.time(self.now_ms)}"),
            Fact(at.say("device.clock.zone"), self.said.zone),
            Fact(at.say("device.clock.state"), at.say(f"device.clock.{self.said.state.value}")),
            Fact(at.say("device.clock.wrong"), _span(at, self.said.uncertainty_s)),
            Fact(at.say("device.clock.set"), set_at),
            Fact(at.say("device.clock.up"), _span(at, self.up_ms // 1000)),
        )
        good = self.said.state is ClockState.SYNCED
        line = "" if good else at.say("device.clock.doubt")
        return Sheet("device.clock", at.say("device.clock.title"), line, "yes" if good else "", body, warn=not good)


def _span(at: At, seconds: int) -> str:
    if seconds < _MINUTES_FROM_S:
        return at.say("admin.seconds", count=seconds)
    if seconds < _HOURS_FROM_S:
        return at.say("admin.minutes", count=-(-seconds // 60))
    return at.say("device.clock.hours", n=-(-seconds // 3600))


def versions() -> Move:
    """What runs here."""
    return Do(_versions)


def _versions(desk: Desk) -> Move:
    acting.by(desk, MAY)
    store = desk.store
    return Show(Versions(machine.seen(), desk.config.recognition.pack, store.security_level.value, store.device_id))


@dataclass(frozen=True, slots=True)
class Versions(Page):
    """Program, Python, model pack, schema, key and when the system was updated."""

    of: Machine
    pack: str
    level: str
    device: str

    def sheet(self, at: At) -> Sheet:
        """Each with its age, as far as it is known."""
        updated = at.spell.day(self.of.system_updated) if self.of.system_updated else at.say("device.unknown")
        body = (
            Fact(at.say("device.versions.program"), self.of.program),
            Fact(at.say("device.versions.system"), updated),
            Fact("Python", platform.python_version()),
            Fact(at.say("device.versions.pack"), self.pack),
            Fact(at.say("device.versions.schema"), str(schema.VERSION)),
            Fact(at.say("device.versions.key"), known(at, "device.level", self.level)),
            Fact(at.say("device.versions.device"), self.device),
            *((Line(at.say("device.versions.weak"), warn=True, icon="warning"),) if self.level == "weak" else ()),
        )
        return Sheet("device.versions", at.say("device.versions.title"), body=body)
