"""What the home page of an account offers, by its role; refuses a section that its commands would refuse."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.pages.admin import accounts, device, people, settings, sync, today
from kiosk.pages.enrol import first as enrol
from kiosk.pages.page import Move, Page
from kiosk.pages.privacy.first import first
from kiosk.store.approval import Role

PEOPLE: Final = frozenset({Role.ENROLLER, Role.ADMIN, Role.DPO})
TODAY: Final = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.DPO, Role.AUDITOR})
ENROL: Final = frozenset({Role.ENROLLER, Role.ADMIN})
SYNC: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
PRIVACY: Final = frozenset({Role.DPO, Role.AUDITOR})
DEVICE: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
SETTINGS: Final = frozenset({Role.ADMIN})
ACCOUNTS: Final = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Section:
    """One row of the home page.

    Args:
        key: of the row.
        title: key of its words; the same with `_about` behind it says what is to be found there.
        icon: name of a drawing.
        roles: whose home page has it.
        first: its first page, or the work that makes it.
    """

    key: str
    title: str
    icon: str
    roles: frozenset[Role]
    first: Callable[[], Page | Move]


SECTIONS: Final[tuple[Section, ...]] = (
    Section("people", "admin.section.people", "person", PEOPLE, people.first),
    Section("enrol", "admin.section.enrol", "look_here", ENROL, enrol.first),
    Section("today", "admin.section.today", "paper", TODAY, today.first),
    Section("sync", "admin.section.sync", "sent", SYNC, sync.first),
    Section("device", "admin.section.device", "eye", DEVICE, device.first),
    Section("settings", "admin.section.settings", "change", SETTINGS, settings.first),
    Section("privacy", "admin.section.privacy", "shield", PRIVACY, first),
    Section("accounts", "admin.section.accounts", "key", ACCOUNTS, accounts.first),
)


def of(role: Role) -> tuple[Section, ...]:
    """The sections of a role, in the order of the home page."""
    return tuple(section for section in SECTIONS if role in section.roles)
