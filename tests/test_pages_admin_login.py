"""The way into administration: first start, password, one-time code, lock, contract, and two persons."""

from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, WRONG, acts, another, first_admin
from pages_kit import Guest, configured
from store_kit import CHEAP, HOUR, Hands, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.pages import visit as vi
from kiosk.pages.admin.home import Home
from kiosk.pages.admin.login import Entrance
from kiosk.pages.admin.second import SecondPerson
from kiosk.pages.areas import AREAS
from kiosk.pages.common import Told
from kiosk.pages.page import Desk, Instead, Move, Official
from kiosk.rights import contracts
from kiosk.store.account_acts import add, first_start_code, reset
from kiosk.store.approval import Approved, LoggedIn, Role
from kiosk.store.logins import second_person

THIRD = "susu Jahe 5 malam!"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def guest(tmp_path: Path, hands: Hands) -> Guest:
    store = new_store(tmp_path / "state", clock=hands)
    store.admins.cost = CHEAP
    return Guest(store, configured(store))


def let(hands: Hands, seconds: float) -> None:
    hands.wall_ms += round(seconds * 1000)
    hands.boottime_ms += round(seconds * 1000)


def entered(guest: Guest, name: str, password: str) -> Guest:
    return guest.begin(AREAS["admin"]()).tap("login").type(name).type(password)


def official(login: LoggedIn, name: str) -> Official:
    return Official(login, name)


def visitor(guest: Guest) -> Official:
    assert guest.visit is not None
    assert isinstance(guest.visit.visitor, Official)
    return guest.visit.visitor


def test_the_first_start_asks_for_the_printed_code_then_a_name_and_a_password_twice(guest: Guest) -> None:
    code = first_start_code(guest.store)
    guest.begin(Entrance()).tap("login")
    assert guest.sheet.name == "admin.first"
    guest.tap("go").type(code.lower()).type(RATNA)
    assert "12" in guest.texts, "the rules stand there before anything is typed"
    guest.tap("type").type(GOOD).type(GOOD)
    assert isinstance(guest.page, Home)
    assert visitor(guest).name == RATNA
    assert visitor(guest).login.role is Role.ADMIN
    assert "cancel" not in guest.keys


def test_a_wrong_first_code_is_told_with_its_wait_and_can_be_typed_again(guest: Guest, hands: Hands) -> None:
    code = first_start_code(guest.store)
    guest.begin(Entrance()).tap("code", "go").type("0" * 16).type(RATNA).tap("type").type(GOOD).type(GOOD)
    assert guest.sheet.name == "admin.first_code"
    assert guest.sheet.warn
    let(hands, 5)
    guest.type(code).type(RATNA).tap("type").type(GOOD).type(GOOD)
    assert isinstance(guest.page, Home)


def test_a_name_that_cannot_be_one_is_refused_before_the_password(guest: Guest) -> None:
    first_start_code(guest.store)
    guest.begin(Entrance()).tap("login", "go").type("0" * 16).type("   ")
    assert guest.sheet.name == "admin.first_name"
    assert guest.sheet.warn


def test_every_reason_against_a_password_is_said_before_it_is_typed_again(guest: Guest) -> None:
    code = first_start_code(guest.store)
    guest.begin(Entrance()).tap("login", "go").type(code).type(RATNA).tap("type").type("pendek")
    assert guest.sheet.warn
    for reason in ("shorter than 12", "capital letter is missing", "digit is missing", "sign is missing"):
        assert reason in guest.texts
    guest.tap("type").type("Ratna Kusuma Ratna 1")
    assert "Without your name" in guest.texts
    guest.tap("type").type(GOOD).type(ALSO_GOOD)
    assert guest.sheet.name == "admin.password.once"
    assert guest.sheet.warn
    guest.type(GOOD).type(GOOD)
    assert isinstance(guest.page, Home)


def test_name_and_password_open_the_home_page_and_a_wrong_one_says_how_long_to_wait(guest: Guest, hands: Hands) -> None:
    first_admin(guest.store)
    entered(guest, RATNA, WRONG)
    assert guest.sheet.name == "admin.login"
    assert guest.sheet.warn
    assert "wait 1 s" in guest.texts
    let(hands, 1.1)
    guest.type(GOOD)
    assert isinstance(guest.page, Home)
    assert guest.back().over, "there is no way back to the password"


def test_an_unknown_name_gets_the_very_words_of_a_wrong_password(guest: Guest, hands: Hands) -> None:
    first_admin(guest.store)
    wrong = entered(guest, RATNA, WRONG).texts.replace(RATNA, "")
    let(hands, 60)
    assert entered(guest, "Nobody", WRONG).texts.replace("Nobody", "") == wrong


def test_ten_wrong_passwords_lock_the_account_and_a_one_time_code_opens_it(guest: Guest, hands: Hands) -> None:
    budi = another(guest.store, first_admin(guest.store))
    for _ in range(10):
        entered(guest, RATNA, WRONG)
        let(hands, 1000)
    assert guest.sheet.name == "admin.locked"
    entered(guest, RATNA, GOOD)
    assert guest.sheet.name == "admin.locked", "the right password of a locked account opens nothing"
    ratna = guest.store.admins.by_name(RATNA)
    assert ratna is not None
    code = reset(guest.store, ratna.id, budi)
    let(hands, 1000)
    guest.tap("code").type(code).tap("type").type(THIRD).type(THIRD)
    assert isinstance(guest.page, Home)
    assert not guest.store.admins.locked(guest.store.admins.get(ratna.id))


def test_a_one_time_code_sets_a_password_and_none_that_was_used_before(guest: Guest, hands: Hands) -> None:
    ratna = first_admin(guest.store)
    budi = another(guest.store, ratna)
    code = reset(guest.store, ratna.account, budi)
    guest.begin(Entrance()).tap("code").type(RATNA).type("0" * 16).tap("type").type(THIRD).type(THIRD)
    assert guest.sheet.name == "admin.code"
    assert guest.sheet.warn
    let(hands, 5)
    guest.type(code).tap("type").type(GOOD).type(GOOD)
    assert "last 12 passwords" in guest.texts
    let(hands, 5)
    guest.tap("type").type(THIRD).type(THIRD)
    assert isinstance(guest.page, Home)


def test_a_password_that_must_be_changed_opens_nothing_but_its_change(guest: Guest, hands: Hands) -> None:
    first_admin(guest.store)
    let(hands, 91 * 24 * 3600)
    entered(guest, RATNA, GOOD)
    assert guest.sheet.name == "admin.password"
    assert visitor(guest).login.must_change
    guest.tap("type").type(THIRD).type(THIRD)
    assert isinstance(guest.page, Home)
    assert not visitor(guest).login.must_change


def test_a_technician_without_a_contract_cannot_log_in_at_the_screen(guest: Guest) -> None:
    ratna = first_admin(guest.store)
    joko = another(guest.store, ratna, "Joko", ALSO_GOOD, Role.TECHNICIAN)
    entered(guest, "Joko", ALSO_GOOD)
    assert "contract" in guest.texts
    assert guest.tap("done").over
    until = guest.store.now_ms() + 24 * HOUR
    contracts.file(guest.store, contracts.contract(joko.account, "PT Kabel", "7/2026", until), ratna)
    assert isinstance(entered(guest, "Joko", ALSO_GOOD).page, Home)


def test_a_session_that_nobody_touches_ends_after_120_seconds(guest: Guest) -> None:
    first_admin(guest.store)
    entered(guest, RATNA, GOOD).wait(119)
    assert not guest.over
    assert guest.wait(1.5).over
    entered(guest, RATNA, GOOD).tap("own").wait(119)
    guest._on(vi.Typed("a"))
    guest.wait(119)
    assert not guest.over, "typing is a touch"
    assert guest.wait(2).over


def test_the_own_password_is_changed_only_with_the_one_of_now(guest: Guest, hands: Hands) -> None:
    first_admin(guest.store)
    entered(guest, RATNA, GOOD).tap("own").type(WRONG)
    assert guest.sheet.warn
    let(hands, 60)
    guest.type(GOOD).tap("type").type(THIRD).type(THIRD)
    assert isinstance(guest.page, Told)
    assert isinstance(guest.tap("done").page, Home)
    assert guest.tap("out").over
    assert isinstance(entered(guest, RATNA, THIRD).page, Home)


AGREED: list[Approved] = []


def agreed(_desk: Desk, approved: Approved) -> Move:
    AGREED.append(approved)
    return Instead(Told("admin.out"))


TWO = SecondPerson("admin.title", frozenset({Role.ADMIN, Role.DPO}), agreed)


def test_a_second_person_agrees_with_their_own_password(guest: Guest) -> None:
    AGREED.clear()
    ratna = first_admin(guest.store)
    budi = another(guest.store, ratna)
    guest.begin(TWO, official(ratna, RATNA)).tap("second").type(BUDI).type(ALSO_GOOD)
    assert isinstance(guest.page, Told)
    assert [(each.first, each.second) for each in AGREED] == [(ratna.account, budi.account)]
    assert visitor(guest).login == ratna, "the session stays that of the first"


def test_nobody_is_their_own_second_person(guest: Guest) -> None:
    AGREED.clear()
    ratna = first_admin(guest.store)
    guest.begin(TWO, official(ratna, RATNA)).tap("second").type(RATNA.upper()).type(GOOD)
    assert guest.sheet.name == "admin.second_name"
    assert "takes another person" in guest.texts
    assert not AGREED


def test_a_second_person_of_another_role_or_with_a_wrong_password_approves_of_nothing(
    guest: Guest, hands: Hands
) -> None:
    AGREED.clear()
    ratna = first_admin(guest.store)
    another(guest.store, ratna, "Evi", ALSO_GOOD, Role.ENROLLER)
    guest.begin(TWO, official(ratna, RATNA)).tap("second").type("Evi").type(ALSO_GOOD)
    assert "may not agree" in guest.texts
    guest.type("Evi").type(WRONG)
    assert "Please wait" in guest.texts
    for _ in range(9):
        let(hands, 1000)
        guest.type("Evi").type(WRONG)
    assert guest.sheet.name == "admin.locked"
    assert not AGREED
    assert ("locked_out") in [kind for kind, _ in acts(guest.store)]


def test_a_first_person_of_another_role_is_refused_before_a_password_is_looked_at(guest: Guest) -> None:
    AGREED.clear()
    ratna = first_admin(guest.store)
    evi = another(guest.store, ratna, "Evi", ALSO_GOOD, Role.ENROLLER)
    before = [kind for kind, _ in acts(guest.store)].count("login_tried")
    guest.begin(TWO, official(evi, "Evi")).tap("second").type(RATNA).type(GOOD)
    assert guest.fault is FaultCode.DESK_REFUSED
    with pytest.raises(Fault, match="other_role"):
        second_person(guest.store, evi, RATNA, GOOD, {Role.ADMIN})
    assert [kind for kind, _ in acts(guest.store)].count("login_tried") == before
    assert not AGREED


def test_a_code_that_only_waits_shows_no_session(guest: Guest) -> None:
    ratna = first_admin(guest.store)
    _, code = add(guest.store, "Wulan", Role.DPO, ratna)
    guest.begin(Entrance()).tap("code").type("Wulan").type(code).tap("type").type(THIRD).type(THIRD)
    assert visitor(guest).login.role is Role.DPO
