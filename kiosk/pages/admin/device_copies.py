"""Backups and how they are tried, updating and decommissioning; refuses to do at the screen what needs the shell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.pages.admin import acting
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Block, Fact, Line, Sheet
from kiosk.store import backup
from kiosk.store.approval import Role
from kiosk.store.backup_manifest import Kind

MAY: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
BACKUP: Final = "kiosk store backup --config kiosk.toml"
DRILL: Final = "kiosk store restore FILE --identity KEY --check"
PROGRAM: Final = "kiosk --version"
DECOMMISSION: Final = "kiosk privacy erase --everything"


def copies() -> Move:
    """When there was a backup."""
    return Do(_copies)


def _copies(desk: Desk) -> Move:
    acting.by(desk, MAY)
    storage = desk.config.storage
    made = backup.last_backup(desk.store)
    wanted = tuple(kind for kind in Kind if kind is Kind.OFFSITE or storage.onsite) if storage.recipient else ()
    return Show(Copies(wanted, made, tuple(backup.overdue(desk.store, desk.config))))


@dataclass(frozen=True, slots=True)
class Copies(Page):
    """The last backup of each kind, whether one is late, and how a restore is tried.

    Attributes:
        wanted: the kinds that kiosk.toml asks for; none without a recipient's key.
        made: when the last of each was made, ms UTC.
        overdue: those that are late.
    """

    wanted: tuple[Kind, ...]
    made: Mapping[Kind, int]
    overdue: tuple[Kind, ...]

    def sheet(self, at: At) -> Sheet:
        """The drill needs the organisation's own key, which is never on this device."""
        line = (
            ""
            if self.wanted and not self.overdue
            else at.say("device.copies.late" if self.wanted else "device.copies.off")
        )
        facts: tuple[Block, ...] = tuple(
            Fact(
                at.say(f"device.copies.{kind.value}"),
                at.spell.when(self.made[kind]) if kind in self.made else at.say("sending.never"),
            )
            for kind in self.wanted
        )
        body = (
            *facts,
            Fact(at.say("device.copies.now"), BACKUP),
            Line(at.say("device.copies.drill")),
            Fact(at.say("device.command"), DRILL),
        )
        return Sheet("device.copies", at.say("device.copies.title"), line, "paper", body, warn=bool(line))


def update() -> Move:
    """How the program is updated, and how a device ends."""
    return Do(_update)


def _update(desk: Desk) -> Move:
    acting.by(desk, MAY)
    return Show(Upkeep())


@dataclass(frozen=True, slots=True)
class Upkeep(Page):
    """Both are done at the shell, by somebody who may."""

    def sheet(self, at: At) -> Sheet:
        """The commands."""
        body = (
            Line(at.say("device.update.how")),
            Fact(at.say("device.command"), PROGRAM),
            Line(at.say("device.update.decommission")),
            Fact(at.say("device.command"), DECOMMISSION),
        )
        return Sheet("device.update", at.say("device.update.title"), "", "retry", body)
