"""The last things this device did, by kind and time; refuses names: the ledger's own acts hold ids and counts alone."""

from dataclasses import dataclass
from typing import Final

from kiosk.pages.admin import acting
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Fact, Sheet
from kiosk.pages.wording import known
from kiosk.store import local_log
from kiosk.store.approval import Role
from kiosk.store.local_log import LocalAct

MAY: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
SHOWN: Final = 40


def log() -> Move:
    """The last acts."""
    return Do(_log)


def _log(desk: Desk) -> Move:
    acting.by(desk, MAY)
    return Show(Log(local_log.last(desk.store, SHOWN)))


@dataclass(frozen=True, slots=True)
class Log(Page):
    """Newest first."""

    acts: tuple[LocalAct, ...]

    def sheet(self, at: At) -> Sheet:
        """Kind, time, and the ids that belong to it."""
        facts = tuple(
            Fact(f"{each.seq}, {at.spell.when(each.at)}", " ".join((known(at, "device.act", each.kind), _ids(each))))
            for each in self.acts
        )
        return Sheet("device.log", at.say("device.log.title"), at.say("device.log.line", n=SHOWN), "", facts)


def _ids(act: LocalAct) -> str:
    """The details as they stand in the ledger: short words, ids and counts; long hashes by their beginning."""
    return ", ".join(f"{name} {str(value)[:16]}" for name, value in sorted(act.detail.items()) if value != "")
