"""Pages posed for pictures and for the checks of their structure, with made-up people; refuses anybody who exists."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kiosk.faults import FaultCode
from kiosk.pages.common import Failed
from kiosk.pages.page import Employee, Nobody, Official, Page, Visitor
from kiosk.store.approval import LoggedIn, Role

SITI: Final = Employee("5171", "Siti R.")
ANI: Final = Official(LoggedIn("00ff", Role.ADMIN, must_change=False), "Ani Wijaya")
OFFICER: Final = Official(LoggedIn("00dd", Role.DPO, must_change=False), "Dewi Lestari")


@dataclass(frozen=True, slots=True)
class Posed:
    """One picture: a page, who is there, and what was typed where something is asked."""

    name: str
    page: Page
    visitor: Visitor = field(default_factory=Nobody)
    typed: str = field(default="", repr=False)


def _common() -> tuple[Posed, ...]:
    return (Posed("failed", Failed(FaultCode.REQUEST_REFUSED), SITI),)


def _mydata() -> tuple[Posed, ...]:
    from kiosk.pages.mydata.poses import poses  # noqa: PLC0415 - it poses with the people of this file

    return poses()


AREAS: Final[tuple[Callable[[], tuple[Posed, ...]], ...]] = (_common, _mydata)


def posed() -> tuple[Posed, ...]:
    """Every page, and each of its faces that looks different; names are unique."""
    return tuple(each for area in AREAS for each in area())
