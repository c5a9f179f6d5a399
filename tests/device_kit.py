"""A device with an administrator, an officer and a technician under contract, made once and copied for each test."""

from dataclasses import dataclass
from pathlib import Path

from admin_kit import ALSO_GOOD, RATNA, another, first_admin
from assess_kit import DEWI, PRIVACY
from pages_kit import Guest, configured
from store_kit import Hands, new_store
from store_once import copied, opened, shut

from kiosk.pages.admin.home import Home
from kiosk.pages.page import Official
from kiosk.rights import contracts
from kiosk.rights.dates import DAY_MS
from kiosk.store.approval import LoggedIn, Role

JOKO = "Joko Prasetyo"


@dataclass(frozen=True)
class Staff:
    """Who runs the device."""

    admin: LoggedIn
    officer: LoggedIn
    technician: LoggedIn


@dataclass
class Office:
    """One copy of it, with a visitor before its screen."""

    guest: Guest
    staff: Staff
    hands: Hands

    def admin(self) -> Guest:
        return self.guest.begin(Home(), Official(self.staff.admin, RATNA))

    def technician(self) -> Guest:
        return self.guest.begin(Home(), Official(self.staff.technician, JOKO))


def _made(place: Path) -> Staff:
    store = new_store(place / "state")
    admin = first_admin(store)
    officer = another(store, admin, DEWI, ALSO_GOOD, Role.DPO)
    technician = another(store, admin, JOKO, ALSO_GOOD, Role.TECHNICIAN)
    until = store.now_ms() + 365 * DAY_MS
    contracts.file(store, contracts.contract(technician.account, "PT Kabel", "7/2026", until), admin)
    (place / "privacy.toml").write_text(PRIVACY)
    shut(store)
    return Staff(admin, officer, technician)


def office(place: Path) -> Office:
    """Its own copy."""
    staff, hands = copied(_made, place), Hands()
    store = opened(place / "state", hands)
    return Office(Guest(store, configured(store)), staff, hands)
