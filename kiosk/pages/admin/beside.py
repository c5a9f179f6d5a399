"""What other areas do for one person, as a row each on their page; refuses a row whose pages are not there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.pages.admin import badge
from kiosk.pages.page import Do, Move, Page, Show
from kiosk.rights.training import ENROLS
from kiosk.store.approval import Role


@dataclass(frozen=True, slots=True)
class Beside:
    """One row.

    Args:
        key: of the row.
        title: key of its words; the same with `_about` behind it says what it is for.
        icon: name of a drawing.
        roles: who has it.
        first: from a random id to the first page, or to the work that makes it. An area that imports the people's
            pages is imported inside of it.
    """

    key: str
    title: str
    icon: str
    roles: frozenset[Role]
    first: Callable[[str], Page | Move]


def _enrol(person_id: str) -> Move:
    from kiosk.pages.enrol.first import opened  # noqa: PLC0415 - it imports the people's pages

    return Do(lambda desk: Show(opened(desk, person_id)))


def _badge(person_id: str) -> Move:
    return Do(lambda desk: Show(badge.of(desk, person_id)))


BESIDE: Final[tuple[Beside, ...]] = (
    Beside("enrol", "enrolling.beside", "look_here", ENROLS, _enrol),
    Beside("badge", "badge.desk.beside", "qr", badge.GIVES, _badge),
)
