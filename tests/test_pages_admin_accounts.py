"""Accounts at the screen, and what each role finds on its home page."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, WRONG, acts, another, first_admin
from pages_kit import Guest, configured
from store_kit import CHEAP, Hands, new_store

from kiosk import words
from kiosk.faults import FaultCode
from kiosk.pages.admin import sections
from kiosk.pages.admin.accounts import Accounts, One
from kiosk.pages.admin.home import Home
from kiosk.pages.admin.sections import SECTIONS, Section
from kiosk.pages.page import At, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Sheet
from kiosk.rights import account_states, approvals
from kiosk.rights.approvals import ForRole
from kiosk.store.account_acts import redeem, remove
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.logins import LoginRefused, log_in

# What screens.md and the commands give to each role; a section that nobody has drawn yet is not on any home page.
OURS = {"people", "today", "accounts"}
MAY = {
    Role.TECHNICIAN: {"device", "sync"},
    Role.ENROLLER: {"people", "enrol"},
    Role.SUPERVISOR: {"today"},
    Role.ADMIN: {"people", "today", "enrol", "sync", "device", "settings", "accounts"},
    Role.DPO: {"people", "today", "privacy"},
    Role.AUDITOR: {"today", "privacy"},
}


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def guest(tmp_path: Path, hands: Hands) -> Guest:
    store = new_store(tmp_path / "state", clock=hands)
    store.admins.cost = CHEAP
    return Guest(store, configured(store))


def at_home(guest: Guest, login: LoggedIn, name: str = RATNA) -> Guest:
    return guest.begin(Home(), Official(login, name))


@pytest.mark.parametrize("role", Role)
def test_a_home_page_has_what_the_role_may_do_and_nothing_else(guest: Guest, role: Role) -> None:
    there = {section.key for section in SECTIONS}
    at_home(guest, LoggedIn("00", role, must_change=False))
    assert set(guest.keys) - {"own", "out"} == MAY[role] & there


@pytest.mark.parametrize("role", Role)
def test_each_role_has_words_for_what_it_is_and_may_do(role: Role) -> None:
    for language in words.LANGUAGES:
        for key in (f"pages.role.{role}", f"measures.role.{role}", f"access.actor.{role}", f"admin.may.{role}"):
            assert words.say(language, key)


@dataclass(frozen=True, slots=True)
class Way(Page):
    """A way that no home page shows."""

    section: Section

    def sheet(self, at: At) -> Sheet:
        return Sheet("way", at.say("admin.title"), acts=(Act("go", at.say("admin.out")),))

    def tapped(self, _key: str) -> Move:
        first = self.section.first()
        return Show(first) if isinstance(first, Page) else first


@pytest.mark.parametrize("section", [each for each in SECTIONS if each.key in OURS], ids=lambda each: each.key)
def test_a_section_refuses_every_other_role_by_whatever_way_it_gets_there(guest: Guest, section: Section) -> None:
    ratna = first_admin(guest.store)
    for role in set(Role) - section.roles:
        login = another(guest.store, ratna, f"Evi {role}", ALSO_GOOD, role)
        guest.begin(Way(section), Official(login, "Evi")).tap("go")
        assert guest.fault is FaultCode.DESK_REFUSED, role
    for role in section.roles - {Role.ADMIN}:
        login = LoggedIn(another(guest.store, ratna, f"Ok {role}", ALSO_GOOD, role).account, role, must_change=False)
        assert guest.begin(Way(section), Official(login, "Ok")).tap("go").fault is None, role
    changing = LoggedIn(ratna.account, Role.ADMIN, must_change=True)
    assert guest.begin(Way(section), Official(changing, RATNA)).tap("go").fault is FaultCode.DESK_REFUSED
    assert guest.begin(Way(section)).tap("go").fault is FaultCode.DESK_REFUSED, "nobody has logged in"


@pytest.mark.parametrize("act", ["reset", "remove"])
def test_a_page_that_another_left_open_does_nothing_for_whoever_may_not(guest: Guest, act: str) -> None:
    ratna = first_admin(guest.store)
    evi = another(guest.store, ratna, "Evi", ALSO_GOOD, Role.ENROLLER)
    (known,) = [each for each in account_states.every(guest.store) if each.account == ratna.account]
    guest.begin(One(known), Official(evi, "Evi")).tap(act, "yes")
    assert guest.fault is FaultCode.DESK_REFUSED
    assert isinstance(log_in(guest.store, RATNA, GOOD), LoggedIn)


def test_an_account_is_added_with_a_role_and_its_code_is_shown_once(guest: Guest) -> None:
    ratna = first_admin(guest.store)
    at_home(guest, ratna).tap("accounts", "add").type("Evi Kurnia").tap("enroller", "yes")
    assert guest.sheet.name == "admin.handed"
    code = "".join("".join(line.split()) for line in guest.texts.splitlines()[2:4])
    assert code not in repr(guest.page)
    guest.tap("done")
    assert isinstance(guest.page, Accounts)
    assert "Evi Kurnia" in guest.texts
    assert "waits for code" in guest.texts
    assert code not in guest.texts
    assert redeem(guest.store, "Evi Kurnia", code, ALSO_GOOD).role is Role.ENROLLER
    assert guest.back().sheet.name == "admin.home"


def test_where_there_is_an_officer_an_account_needs_their_approval(guest: Guest) -> None:
    ratna = first_admin(guest.store)
    officer = another(guest.store, ratna, "Dewi", ALSO_GOOD, Role.DPO)
    at_home(guest, ratna).tap("accounts", "add").type("Evi").tap("enroller", "yes")
    assert "Not approved yet" in guest.texts
    assert isinstance(guest.tap("done").page, Accounts)
    assert guest.store.admins.by_name("Evi") is None
    approvals.approve(guest.store, ForRole("Evi", Role.ENROLLER, "enrols the night shift"), officer)
    guest.tap("add").type("Evi").tap("enroller", "yes")
    assert guest.sheet.name == "admin.handed"


def test_a_locked_account_is_unlocked_and_has_to_change_its_password(guest: Guest, hands: Hands) -> None:
    ratna = first_admin(guest.store)
    another(guest.store, ratna)
    for _ in range(10):
        log_in(guest.store, BUDI, WRONG)
        hands.wall_ms += 1_000_000
        hands.boottime_ms += 1_000_000
    assert isinstance(log_in(guest.store, BUDI, ALSO_GOOD), LoginRefused)
    at_home(guest, ratna).tap("accounts")
    budi = guest.store.admins.by_name(BUDI)
    assert budi is not None
    guest.tap(budi.id, "unlock", "yes", "done")
    assert isinstance(guest.page, Accounts)
    assert "must change" in guest.texts
    found = log_in(guest.store, BUDI, ALSO_GOOD)
    assert isinstance(found, LoggedIn)
    assert found.must_change


def test_a_password_is_reset_by_a_code_and_an_account_is_removed_after_a_yes(guest: Guest) -> None:
    ratna = first_admin(guest.store)
    budi = another(guest.store, ratna, role=Role.ENROLLER)
    at_home(guest, ratna).tap("accounts", budi.account, "reset", "yes", "done")
    assert "waits for code" in guest.texts
    guest.tap(budi.account, "remove")
    assert guest.store.admins.by_name(BUDI) is not None, "a question changes nothing"
    guest.tap("yes", "done")
    assert BUDI not in guest.texts
    assert [kind for kind, _ in acts(guest.store)][-1] == "account_removed"


def test_the_own_account_is_not_changed_in_the_list_and_the_last_officer_stays(guest: Guest) -> None:
    ratna = first_admin(guest.store)
    officer = another(guest.store, ratna, "Dewi", ALSO_GOOD, Role.DPO)
    at_home(guest, ratna).tap("accounts", ratna.account)
    assert guest.keys == []
    guest.back().tap(officer.account, "remove", "yes")
    assert guest.fault is FaultCode.ACCOUNT_LAST


def test_an_account_that_was_removed_meanwhile_does_nothing_more(guest: Guest) -> None:
    ratna = first_admin(guest.store)
    budi = another(guest.store, ratna)
    at_home(guest, budi, BUDI)
    remove(guest.store, budi.account, ratna)
    guest.tap("accounts")
    assert guest.fault is FaultCode.ACCOUNT_UNKNOWN


def test_the_sections_are_in_a_fixed_order_and_each_has_words() -> None:
    assert len({section.key for section in SECTIONS}) == len(SECTIONS)
    assert set().union(*(MAY.values())) >= {section.key for section in SECTIONS}
    assert sections.of(Role.ADMIN) == tuple(section for section in SECTIONS if Role.ADMIN in section.roles)
