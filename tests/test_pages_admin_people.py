"""People at the screen: the list, one person, PIN, restriction, erasure, and a roster that waits."""

from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, RATNA, acts, another, first_admin
from pages_kit import Guest, configured
from roster_kit import Door, people, whole
from store_kit import CHEAP, DIM, MODEL, PIN, Hands, enrolled, new_store

from kiosk.faults import FaultCode
from kiosk.pages.admin import status
from kiosk.pages.admin.badge import Badge
from kiosk.pages.admin.home import Home
from kiosk.pages.admin.people import SHOWN, People
from kiosk.pages.admin.person import OnePerson
from kiosk.pages.admin.status import Overview, Status
from kiosk.pages.page import Official
from kiosk.pages.sheet import Code
from kiosk.rights import holds, request_acts, restriction
from kiosk.rights.company import Clocks
from kiosk.rights.request_acts import Arrival
from kiosk.rights.requests import ErasureGround, How, Right
from kiosk.rights.restriction import Restricted
from kiosk.store import PinAccepted, Store, badges, roster_held
from kiosk.store.approval import LoggedIn, Role

EASY, NEW = "123456", "905172"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def guest(tmp_path: Path, hands: Hands) -> Guest:
    store = new_store(tmp_path / "data" / "state", clock=hands)
    store.admins.cost = store.accounts.cost = CHEAP
    return Guest(store, configured(store))


def at_home(guest: Guest, role: Role = Role.ADMIN) -> Guest:
    """Somebody of a role; an administrator is there in any case."""
    login: LoggedIn = first_admin(guest.store)
    if role is not Role.ADMIN:
        login = another(guest.store, login, BUDI, ALSO_GOOD, role)
    return guest.begin(Home(), Official(login, RATNA if role is Role.ADMIN else BUDI))


def opens(store: Store, code: str, pin: str) -> bool:
    now = store.clock()
    return isinstance(store.accounts.check_pin(code, pin, now.wall_ms, now.clock.boottime_ms), PinAccepted)


def viewed(store: Store) -> list[dict[str, str | int]]:
    return [detail for kind, detail in acts(store) if kind == "viewed"]


def test_the_list_shows_how_people_come_in_and_who_looked_is_written_down(guest: Guest) -> None:
    guest.store.people.add("K-7", "Siti Aminah", pin=PIN)
    guest.store.people.add("K-8", "Agus Salim")
    at_home(guest).tap("people")
    rows = guest.texts
    assert rows.index("Agus Salim") < rows.index("Siti Aminah"), "by name"
    assert "no PIN yet" in rows
    assert "K-7, PIN" in rows
    (seen,) = viewed(guest.store)
    assert (seen["list"], seen["people"]) == ("people", 2)
    assert "Agus" not in repr(seen)
    assert "Agus" not in repr(guest.page)


@pytest.mark.parametrize(("typed", "found"), [("sit", 1), ("SÍTI", 1), ("k-8", 1), ("a", 2), ("zzz", 0), ("%", 0)])
def test_a_search_finds_parts_of_names_and_codes(guest: Guest, typed: str, found: int) -> None:
    guest.store.people.add("K-7", "Siti Aminah")
    guest.store.people.add("K-8", "Agus Salim")
    at_home(guest).tap("people", "search").type(typed)
    assert isinstance(guest.page, People)
    assert len(guest.page.shown) == found
    assert viewed(guest.store)[-1]["people"] == found
    assert len(guest.tap("all").page.shown) == 2  # type: ignore[attr-defined]


def test_a_long_list_is_cut_and_says_so(guest: Guest) -> None:
    for number in range(SHOWN + 3):
        guest.store.people.add(f"K-{number}", f"Budi {number:03d}")
    at_home(guest).tap("people")
    assert isinstance(guest.page, People)
    assert len(guest.page.shown) == SHOWN
    assert "And 3 more" in guest.texts


def test_an_empty_door_says_that_nobody_is_here_yet(guest: Guest) -> None:
    assert "Nobody yet" in at_home(guest, Role.ENROLLER).tap("people").texts


def test_every_state_of_a_person_is_one_neutral_word(guest: Guest) -> None:
    store = guest.store
    one = enrolled(store)
    twin = enrolled(store, "E-2", "Kembar", seeds=(1, 2, 3))
    enrolled(store, "E-3", "Lain", seeds=(7, 8, 9))
    assert status.lookalikes(store, MODEL, DIM) == {one, twin}
    seen = Overview(alike=frozenset({one}))
    assert status.of(store.people.get(one), seen) == (Status.FACE, Status.ALIKE)
    assert status.of(store.people.get(one), Overview(again=frozenset({one}))) == (Status.AGAIN,)
    with store.database.write():
        store.basis.limit(one, store.now_ms() + 1)
    found = status.of(store.people.get(one), status.overview(store, guest.config))
    assert Status.RENEWAL in found
    assert status.mark(found) in {Status.RENEWAL, Status.AGAIN}
    without = store.people.get(store.people.add("E-4", "Tanpa"))
    assert status.of(without, Overview()) == (Status.NOTHING,)


def test_a_person_types_their_own_pin_twice_and_nobody_sees_it(guest: Guest) -> None:
    person = guest.store.people.add("K-7", "Siti Aminah", pin=PIN)
    at_home(guest, Role.ENROLLER).tap("people", person, "pin", "type").type(EASY)
    assert guest.sheet.warn
    guest.type(NEW).type(PIN)
    assert guest.sheet.warn, "the two differ"
    guest.type(NEW)
    assert NEW not in repr(guest.page)
    guest.type(NEW)
    assert isinstance(guest.tap("done").page, OnePerson)
    assert opens(guest.store, "K-7", NEW)
    assert not opens(guest.store, "K-7", PIN)


def test_somebody_who_came_without_a_roster_is_added_with_a_pin_or_without(guest: Guest) -> None:
    at_home(guest, Role.ENROLLER).tap("people", "add").type("K-9").type("Dewi Anggraini").tap("nl", "type")
    guest.type(NEW).type(NEW)
    assert isinstance(guest.tap("done").page, People)
    assert "Dewi Anggraini" in guest.texts
    found = guest.store.people.by_code("K-9")
    assert found is not None
    assert (found.language, found.has_pin) == ("nl", True)
    guest.tap("add").type("K-9")
    assert guest.sheet.warn, "somebody has this code"
    guest.type("K-10").type("Wayan").tap("id", "later", "done")
    assert "no PIN yet" in guest.texts
    assert guest.back().sheet.name == "admin.home"


def test_an_enroller_neither_restricts_nor_erases_and_does_not_see_who_is_restricted(guest: Guest) -> None:
    person = enrolled(guest.store)
    restriction.begin(guest.store, person, Restricted.FACE, "please")
    at_home(guest, Role.ENROLLER).tap("people")
    assert "restricted" not in guest.texts
    guest.tap(person)
    assert guest.keys == ["enrol", "pin"]
    assert "restricted" not in guest.texts.casefold()


def test_an_officer_sees_people_and_sets_no_pin(guest: Guest) -> None:
    person = guest.store.people.add("K-7", "Siti Aminah")
    at_home(guest, Role.DPO).tap("people")
    assert "add" not in guest.keys
    assert guest.tap(person).keys == ["restrict", "erase"]


def test_an_administrator_restricts_in_the_persons_words_and_the_officer_lifts_it(guest: Guest, hands: Hands) -> None:
    person = enrolled(guest.store)
    at_home(guest).tap("people", person, "restrict", "face").type("Saya mau pakai PIN saja").tap("done")
    assert isinstance(guest.page, OnePerson)
    assert "restricted" in guest.texts
    ((paper, one),) = restriction.in_force(guest.store, person, Restricted.FACE)
    assert one.why == "Saya mau pakai PIN saja"
    assert "Saya" not in repr(guest.page)
    guest.tap(f"lift.{paper.id}")
    assert guest.keys == [], "an administrator cannot lift it"
    admin = guest.store.admins.by_name(RATNA)
    assert admin is not None
    officer = another(guest.store, LoggedIn(admin.id, Role.ADMIN, must_change=False), "Dewi", ALSO_GOOD, Role.DPO)
    guest.begin(Home(), Official(officer, "Dewi")).tap("people", person, f"lift.{paper.id}", "tell")
    assert guest.keys == [], "the day that the person was told of has not come"
    hands.wall_ms += 3 * 86_400_000
    assert guest.tap("lift").tap("done").keys == ["restrict", "erase"]
    assert not restriction.in_force(guest.store, person, Restricted.FACE)


def test_what_the_person_wants_lifted_themselves_is_lifted_at_once(guest: Guest) -> None:
    person = enrolled(guest.store)
    paper = restriction.begin(guest.store, person, Restricted.ATTENDANCE, "please")
    at_home(guest, Role.DPO).tap("people", person, f"lift.{paper}", "agreed", "done")
    assert not restriction.in_force(guest.store, person, Restricted.ATTENDANCE)


def test_a_face_is_erased_only_after_the_code_was_typed_again(guest: Guest) -> None:
    person = enrolled(guest.store)
    at_home(guest).tap("people", person, "erase", "face", "go").type("E-9999")
    assert guest.sheet.warn
    assert guest.store.people.get(person).has_face
    guest.type("E-0417").tap("done")
    assert isinstance(guest.page, OnePerson)
    assert not guest.store.people.get(person).has_face
    assert "face" not in guest.tap("erase").keys


def test_a_person_is_erased_and_is_gone_from_the_list(guest: Guest) -> None:
    person = enrolled(guest.store)
    at_home(guest).tap("people", person, "erase", "person", "go").type("E-0417")
    assert "ertificate" in guest.texts
    assert isinstance(guest.tap("done").page, People)
    assert person not in guest.keys
    assert guest.store.people.by_code("E-0417") is None


def test_nobody_under_a_legal_hold_is_erased(guest: Guest) -> None:
    person = enrolled(guest.store)
    at_home(guest)
    holds.place(guest.store, person, "a dispute", guest.store.now_ms() + 1000, "00")
    guest.tap("people", person, "erase", "person", "go").type("E-0417")
    assert guest.fault is FaultCode.LEGAL_HOLD
    assert guest.store.people.get(person).has_face


def test_a_request_to_be_erased_is_answered_by_the_officer_and_by_nobody_else(guest: Guest) -> None:
    person = enrolled(guest.store)
    arrival = Arrival(Right.ERASURE, How.SHELL, "please", ground=ErasureGround.NO_LONGER_NEEDED)
    filed = request_acts.file(guest.store, person, arrival, Clocks())
    request_acts.identify_by_pin(guest.store, filed.id, PIN)
    at_home(guest).tap("people", person, "erase", "face")
    assert guest.keys == []
    assert "officer answers it" in guest.texts
    admin = guest.store.admins.by_name(RATNA)
    assert admin is not None
    officer = another(guest.store, LoggedIn(admin.id, Role.ADMIN, must_change=False), "Dewi", ALSO_GOOD, Role.DPO)
    guest.begin(Home(), Official(officer, "Dewi")).tap("people", person, "erase", "person", "go").type("E-0417")
    assert "ertificate" in guest.texts
    assert request_acts.get(guest.store, filed.id).closed_at is not None


@pytest.fixture
def held(tmp_path: Path, hands: Hands) -> Guest:
    store = new_store(tmp_path / "data" / "state", clock=hands)
    store.admins.cost = CHEAP
    door = Door(tmp_path / "data", store)
    door.live(whole(1, *people(1, 2, 3, 4, 5)))
    door.live(whole(2, *people(1)))
    assert roster_held.held(store)
    return Guest(store, configured(store))


def test_a_roster_that_removes_many_is_accepted_by_two_persons(held: Guest) -> None:
    at_home(held).tap("people", "held")
    assert "4 of 5" in held.texts
    admin = held.store.admins.by_name(RATNA)
    assert admin is not None
    another(held.store, LoggedIn(admin.id, Role.ADMIN, must_change=False))
    held.tap("accept", "second").type(BUDI).type(ALSO_GOOD)
    assert "4" in held.texts
    assert isinstance(held.tap("done").page, People)
    assert held.page.everybody == 1  # type: ignore[attr-defined]
    assert "held" not in held.keys


def test_a_roster_that_is_refused_removes_nobody(held: Guest) -> None:
    at_home(held).tap("people", "held", "refuse", "yes", "done")
    assert held.page.everybody == 5  # type: ignore[attr-defined]
    assert "held" not in held.keys
    assert not roster_held.held(held.store)


@pytest.mark.parametrize("role", [Role.ENROLLER, Role.DPO])
def test_a_held_roster_is_no_matter_of_other_roles(held: Guest, role: Role) -> None:
    assert "held" not in at_home(held, role).tap("people").keys


def test_a_badge_is_shown_once_replaced_after_a_question_and_ended(guest: Guest) -> None:
    person = guest.store.people.add("K-7", "Siti Aminah", pin=PIN)
    at_home(guest).tap("people", person, "badge")
    assert badges.current(guest.store, person) is None
    first = guest.tap("new").sheet.body[0]
    assert isinstance(first, Code)
    assert badges.holder(guest.store, first.text) == badges.Holder(person)
    second = guest.tap("done", "new", "yes").sheet.body[0]
    assert isinstance(second, Code)
    assert isinstance(badges.holder(guest.store, first.text), badges.Refused)
    assert badges.holder(guest.store, second.text) == badges.Holder(person)
    guest.tap("done", "end", "yes")
    assert isinstance(badges.holder(guest.store, second.text), badges.Refused)
    assert guest.keys == ["new"]
    assert guest.back().sheet.name == "admin.person"


def test_only_an_administrator_gives_out_badges(guest: Guest) -> None:
    person = guest.store.people.add("K-7", "Siti Aminah", pin=PIN)
    at_home(guest, Role.ENROLLER).tap("people", person)
    assert "badge" not in guest.keys
    guest.begin(Badge(person, None), guest.visit.visitor if guest.visit else Official(first_admin(guest.store), RATNA))
    assert guest.tap("new").fault is FaultCode.DESK_REFUSED
    assert badges.current(guest.store, person) is None
