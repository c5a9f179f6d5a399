"""Accounts at the screen, and what each role finds on its home page."""

from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, RATNA, WRONG, acts, another, first_admin
from pages_kit import Guest, configured
from store_kit import CHEAP, Hands, new_store

from kiosk import words
from kiosk.faults import FaultCode
from kiosk.pages.admin import sections
from kiosk.pages.admin.accounts import Accounts
from kiosk.pages.admin.home import Home
from kiosk.pages.admin.sections import SECTIONS
from kiosk.pages.page import Official
from kiosk.rights import approvals
from kiosk.rights.approvals import ForRole
from kiosk.store.account_acts import redeem, remove
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.logins import LoginRefused, log_in

# What screens.md and the commands give to each role; a section that nobody has drawn yet is not on any home page.
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


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_administrator_gets_to_the_accounts_by_any_way(guest: Guest, role: Role) -> None:
    ratna = first_admin(guest.store)
    login = another(guest.store, ratna, "Evi", ALSO_GOOD, role)
    move = next(section.first() for section in SECTIONS if section.key == "accounts")
    guest.begin(Home(), Official(login, "Evi"))
    assert guest.visit is not None
    _do(guest, move)
    assert guest.fault in {FaultCode.DESK_REFUSED, None}
    assert not isinstance(guest.page, Accounts)


def _do(guest: Guest, move: object) -> None:
    from kiosk.pages import visit as vi  # noqa: PLC0415

    assert guest.visit is not None
    guest.visit, effects = vi._moved(guest.visit, move, guest.now)  # type: ignore[arg-type]
    guest._carry_out(effects)


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
    budi = another(guest.store, ratna)
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
