"""Recipients and periods of privacy.toml, to be looked at; refuses to change what the company has to decide."""

from dataclasses import dataclass

from kiosk.pages.admin import acting
from kiosk.pages.page import At, Desk, Move, Page, Show
from kiosk.pages.sheet import Block, Fact, Line, Sheet
from kiosk.pages.wording import known
from kiosk.rights import company
from kiosk.rights import retention as sweeping
from kiosk.rights.company import Periods, Recipient
from kiosk.rights.retention import Line as Going
from kiosk.rights.retention_document import period_of
from kiosk.rights.schedule import DataClass
from kiosk.rights.settings import MAY


def recipients(desk: Desk) -> Move:
    """Who is told what. Raises Fault PRIVACY_INVALID."""
    acting.by(desk, MAY)
    return Show(Recipients(company.load(desk.config.data / company.FILE).recipients))


@dataclass(frozen=True, slots=True)
class Recipients(Page):
    """Each with country, ground and what they get."""

    of: tuple[Recipient, ...]

    def sheet(self, at: At) -> Sheet:
        """As the register has them."""
        facts: tuple[Block, ...] = tuple(
            Fact(f"{each.name} ({each.country or '-'})", _told(at, each)) for each in self.of
        )
        body = (*facts, Line(at.say("settings.in_privacy")))
        line = "" if self.of else at.say("settings.no_recipients")
        return Sheet("settings.recipients", at.say("settings.group.recipients"), line, "sent", body)


def _told(at: At, recipient: Recipient) -> str:
    """What they get, and on what ground; without one nothing is sent."""
    ground = known(at, "registers.ground", recipient.ground) if recipient.ground else at.say("registers.ground_missing")
    return ", ".join((*recipient.fields, ground))


def retention(desk: Desk) -> Move:
    """How long things are kept, and what would go now; deletes nothing. Raises Fault PRIVACY_INVALID."""
    acting.by(desk, MAY)
    periods = company.load(desk.config.data / company.FILE).periods
    return Show(Retention(periods, sweeping.preview(desk.store, periods)))


@dataclass(frozen=True, slots=True)
class Retention(Page):
    """Each class with its period, and what the next sweep would delete of it."""

    periods: Periods
    lines: tuple[Going, ...]

    def sheet(self, at: At) -> Sheet:
        """Counts alone."""
        facts: tuple[Block, ...] = tuple(
            Fact(
                at.say(f"registers.class.{each}"),
                f"{period_of(at.language, each, self.periods)}; {self._going(at, each)}",
            )
            for each in DataClass
        )
        return Sheet(
            "settings.retention",
            at.say("settings.group.retention"),
            at.say("settings.preview"),
            "paper",
            (*facts, Line(at.say("settings.in_privacy"))),
        )

    def _going(self, at: At, data_class: DataClass) -> str:
        of = [line for line in self.lines if line.data_class is data_class]
        going, held, waiting = (sum(getattr(line, name) for line in of) for name in ("going", "held", "waiting"))
        if not (going or held or waiting):
            return at.say("settings.none_due")
        return at.say("settings.due", going=going, held=held, waiting=waiting)
