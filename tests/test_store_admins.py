"""Accounts begin with a code, are never told a password, and leave no name behind."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, WRONG, acts, another, first_admin
from hypothesis import given
from hypothesis import strategies as st
from store_kit import CHEAP, HOUR, PIN, Hands, contents, key_of, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store
from kiosk.store.account_acts import add, begin, first_start_code, redeem, remove, reset, set_password, unlock
from kiosk.store.admins import MOST_ACCOUNTS
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.attempts import Moment
from kiosk.store.codes import LIVES_MS, Code, alive, fresh, hashed
from kiosk.store.logins import LoginRefused, log_in
from kiosk.store.password_policy import REMEMBERED

DAY = 86_400_000


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    made = new_store(tmp_path / "state", hands)
    made.admins.cost = CHEAP
    return made


def refused(act: Callable[[], object]) -> tuple[FaultCode, str]:
    with pytest.raises(Fault) as raised:
        act()
    return raised.value.code, raised.value.detail


def account(store: Store, name: str) -> str:
    found = store.admins.by_name(name)
    assert found is not None
    return found.id


def test_a_new_store_has_no_account_and_no_default_opens_it(store: Store) -> None:
    assert store.admins.all() == []
    for name, password in (("admin", "admin"), ("", ""), ("root", "toor")):
        assert isinstance(log_in(store, name, password), LoginRefused)
    assert refused(lambda: begin(store, "", RATNA, GOOD))[0] is FaultCode.LOGIN_REFUSED


def test_the_first_code_makes_one_administrator_and_is_used_up(store: Store, hands: Hands) -> None:
    code = first_start_code(store)
    made = begin(store, f" {code.lower().replace('-', ' ')} ", RATNA, GOOD, site="Lobby")
    assert made == LoggedIn(account(store, RATNA), Role.ADMIN, must_change=False)
    assert log_in(store, RATNA, GOOD) == made
    assert refused(lambda: begin(store, code, BUDI, ALSO_GOOD))[0] is FaultCode.LOGIN_REFUSED
    hands.move(HOUR)
    assert refused(lambda: first_start_code(store))[0] is FaultCode.ACCOUNTS_BEGUN
    kinds = [kind for kind, _ in acts(store)]
    assert kinds.index("code_issued") < kinds.index("account_added")


def test_a_second_first_code_makes_the_first_one_void(store: Store, hands: Hands) -> None:
    old, new = first_start_code(store), first_start_code(store)
    assert refused(lambda: begin(store, old, RATNA, GOOD))[0] is FaultCode.LOGIN_REFUSED
    hands.move(2000)
    assert begin(store, new, RATNA, GOOD).role is Role.ADMIN


def test_wrong_first_codes_are_slowed_down(store: Store) -> None:
    code = first_start_code(store)
    for _ in range(2):
        found = refused(lambda: begin(store, fresh(), RATNA, GOOD))
    assert found == (FaultCode.LOGIN_REFUSED, "1 s")
    assert refused(lambda: begin(store, code, RATNA, GOOD)) == (FaultCode.LOGIN_REFUSED, "1 s")


def test_a_refused_password_or_name_does_not_use_up_the_code(store: Store) -> None:
    code = first_start_code(store)
    for _ in range(3):
        found = refused(lambda: begin(store, code, RATNA, "kopi tubruk", site="Lobby"))
        assert found == (FaultCode.PASSWORD_UNFIT, "too_short, no_capital, no_digit")
    assert begin(store, code, RATNA, GOOD).role is Role.ADMIN


def test_the_name_and_the_site_are_no_password_wherever_one_is_set(store: Store) -> None:
    code = first_start_code(store)
    for bad in ("Lobby-1985-Lobby", "Kusuma-1985-Ratna"):
        assert refused(lambda bad=bad: begin(store, code, RATNA, bad, site="Lobby"))[1] == "built_on_a_name"  # type: ignore[misc]
    login = begin(store, code, RATNA, GOOD, site="Lobby")
    again = reset(store, login.account, None)
    for bad in ("Lobby-1985-Lobby", "Kusuma-1985-Ratna"):
        assert refused(lambda bad=bad: redeem(store, RATNA, again, bad, site="Lobby"))[1] == "built_on_a_name"  # type: ignore[misc]
        assert refused(lambda bad=bad: set_password(store, login, bad, site="Lobby"))[1] == "built_on_a_name"  # type: ignore[misc]


def test_damaging_an_account_makes_no_room_for_a_stranger(store: Store) -> None:
    first_admin(store)
    with store.database.write():
        store.database.run("UPDATE accounts SET secret = zeroblob(100)")
    again = reopened(store)
    assert again.admins.all() == []
    assert refused(lambda: first_start_code(again))[0] is FaultCode.ACCOUNTS_BEGUN
    again.quarantine.settle()
    assert [found.place for found in again.quarantine.all()] == ["accounts"]


@pytest.mark.parametrize("role", [Role.DPO, Role.TECHNICIAN, Role.AUDITOR])
def test_a_role_that_was_written_over_opens_nothing(store: Store, role: Role) -> None:
    another(store, first_admin(store), role=role)
    assert isinstance(log_in(store, BUDI, ALSO_GOOD), LoggedIn)
    with store.database.write():
        store.database.run("UPDATE accounts SET role = 'admin' WHERE role = ?", role.value)
    assert isinstance(log_in(store, BUDI, ALSO_GOOD), LoginRefused)


def test_only_an_administrator_adds_resets_and_removes(store: Store) -> None:
    ratna = first_admin(store)
    budi = another(store, ratna, role=Role.DPO)
    for by in (budi, LoggedIn(ratna.account, Role.ADMIN, must_change=True)):
        for act in (_adding(store, by), _resetting(store, by), _removing(store, by)):
            assert refused(act)[0] is FaultCode.APPROVAL_MISSING
    assert len(store.admins.all()) == 2


def _adding(store: Store, by: LoggedIn) -> Callable[[], object]:
    return lambda: add(store, "Third", Role.ADMIN, by)


def _resetting(store: Store, by: LoggedIn) -> Callable[[], object]:
    return lambda: reset(store, account(store, RATNA), by)


def _removing(store: Store, by: LoggedIn) -> Callable[[], object]:
    return lambda: remove(store, account(store, RATNA), by)


def test_two_accounts_never_have_one_name(store: Store) -> None:
    ratna = first_admin(store)
    for name in (RATNA, RATNA.upper(), "ratna KUSUMA"):
        assert refused(lambda name=name: add(store, name, Role.DPO, ratna))[0] is FaultCode.ACCOUNT_EXISTS  # type: ignore[misc]
    for name in ("", " x", "x" * 65, "tab\t"):
        assert refused(lambda name=name: add(store, name, Role.DPO, ratna))[0] is FaultCode.PERSON_INVALID  # type: ignore[misc]
    for number in range(MOST_ACCOUNTS - 1):
        add(store, f"Account {number}", Role.AUDITOR, ratna)
    assert refused(lambda: add(store, "One more", Role.AUDITOR, ratna))[0] is FaultCode.ACCOUNT_EXISTS


def test_a_reset_tells_nobody_a_password_and_voids_the_old_one(store: Store, hands: Hands) -> None:
    ratna = first_admin(store)
    budi = another(store, ratna)
    code = reset(store, budi.account, ratna)
    assert acts(store)[-1] == ("code_issued", {"account": budi.account, "by": ratna.account})
    assert isinstance(log_in(store, BUDI, ALSO_GOOD), LoginRefused)
    hands.move(HOUR)
    assert redeem(store, BUDI, code, "nasi Uduk 8 malam") == budi
    assert isinstance(log_in(store, BUDI, "nasi Uduk 8 malam"), LoggedIn)
    assert refused(lambda: redeem(store, BUDI, code, "mie Goreng 3 siang"))[0] is FaultCode.LOGIN_REFUSED


@pytest.mark.parametrize("name", [BUDI, "Nobody", RATNA])
def test_a_code_of_somebody_else_of_nobody_or_of_no_one_yet_is_refused_alike(store: Store, name: str) -> None:
    ratna = first_admin(store)
    another(store, ratna)
    add(store, "Third", Role.DPO, ratna)
    answers = [refused(lambda: redeem(store, name, fresh(), "nasi Uduk 8 malam")) for _ in range(3)]
    assert answers == [(FaultCode.LOGIN_REFUSED, "1 s")] * 3, "the second and the third came too early"


def test_a_code_opens_for_a_day_whatever_the_wall_clock_says(store: Store, hands: Hands) -> None:
    ratna = first_admin(store)
    budi = another(store, ratna)
    code = reset(store, budi.account, None)
    hands.wall_ms += 400 * DAY
    hands.boottime_ms += LIVES_MS - 1
    assert redeem(store, BUDI, code, "nasi Uduk 8 malam") == budi
    code = reset(store, budi.account, None)
    hands.boottime_ms += LIVES_MS
    hands.wall_ms -= 10 * DAY
    assert refused(lambda: redeem(store, BUDI, code, "mie Goreng 3 siang"))[0] is FaultCode.LOGIN_REFUSED


def test_after_a_restart_the_wall_clock_has_to_be_later_and_less_than_a_day() -> None:
    made = Code(bytes(32), Moment("a", 1000, 10 * DAY))
    assert alive(made, Moment("b", 500, 10 * DAY))
    assert alive(made, Moment("b", 500, 11 * DAY - 1))
    assert not alive(made, Moment("b", 500, 11 * DAY))
    assert not alive(made, Moment("b", 500, 10 * DAY - 1)), "a clock that was set back"
    assert not alive(made, Moment("b", LIVES_MS, 10 * DAY)), "it has been running for a day since"


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(-(10**12), 10**12))
def test_in_one_boot_setting_the_clock_lengthens_no_life(then: int, passed: int, wall: int) -> None:
    assert alive(Code(bytes(32), Moment("a", then, 0)), Moment("a", then + passed, wall)) is (passed < LIVES_MS)


def test_a_code_is_80_bits_and_may_be_read_wrongly_where_letters_look_alike() -> None:
    codes = {fresh() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 19 and not set(code) & set("ILOU") for code in codes)
    assert hashed(b"k", "10AB-CDEF-GHJK-MNPQ") == hashed(b"k", "l o a b c d e f g h j k m n p q")
    assert hashed(b"k", "10AB-CDEF-GHJK-MNPQ") != hashed(b"q", "10AB-CDEF-GHJK-MNPQ")
    assert hashed(b"k", "\udcff") != hashed(b"k", "")


def test_one_code_used_by_two_at_once_is_used_once(store: Store) -> None:
    budi = another(store, first_admin(store))
    code = reset(store, budi.account, None)
    state, ready, ended = store.database.directory, threading.Barrier(2), []

    def use(password: str) -> None:
        mine = Store.open(state, key_of(state), clock=Hands())
        mine.admins.cost = CHEAP
        ready.wait()
        try:
            ended.append(redeem(mine, BUDI, code, password).account)
        except Fault as fault:
            ended.append(fault.code)
        mine.database.close()

    threads = [threading.Thread(target=use, args=(each,)) for each in ("nasi Uduk 8 malam", "mie Goreng 3 siang")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended.count(budi.account) == 1
    assert set(ended) <= {budi.account, FaultCode.LOGIN_REFUSED, FaultCode.STORE_BUSY}


def test_none_of_the_last_twelve_passwords_comes_back(store: Store, hands: Hands) -> None:
    assert REMEMBERED == 12
    login = first_admin(store)
    passwords = [f"kopi Tubruk {number:02} pagi" for number in range(REMEMBERED)]
    for password in passwords:
        set_password(store, login, password)
        for old in (GOOD, *passwords[: passwords.index(password) + 1])[-REMEMBERED:]:
            found = refused(lambda old=old: set_password(store, login, old))  # type: ignore[misc]
            assert found == (FaultCode.PASSWORD_UNFIT, "used_before")
    assert set_password(store, login, GOOD) == login, "the thirteenth is forgotten"
    assert isinstance(log_in(store, RATNA, GOOD), LoggedIn)
    hands.move(2000)
    assert isinstance(log_in(store, RATNA, passwords[-1]), LoginRefused)


def test_a_password_is_the_same_however_its_accents_are_typed(store: Store) -> None:
    one, other = "Caf\u00e9 tubruk 4 pagi", "Cafe\u0301 tubruk 4 pagi"
    login = first_admin(store, RATNA, other)
    assert log_in(store, RATNA, one) == log_in(store, RATNA, other) == login
    assert refused(lambda: set_password(store, login, one))[1] == "used_before"


def test_setting_a_password_ends_the_duty_to_change_it(store: Store, hands: Hands) -> None:
    first_admin(store)
    hands.move(90 * DAY)
    login = log_in(store, RATNA, GOOD)
    assert isinstance(login, LoggedIn)
    assert login.must_change
    assert not set_password(store, login, ALSO_GOOD).must_change
    found = log_in(store, RATNA, ALSO_GOOD)
    assert isinstance(found, LoggedIn)
    assert not found.must_change


def test_after_a_lock_was_ended_the_new_password_is_an_ordinary_one(store: Store) -> None:
    ratna = first_admin(store)
    budi = another(store, ratna)
    unlock(store, budi.account, ratna)
    login = log_in(store, BUDI, ALSO_GOOD)
    assert isinstance(login, LoggedIn)
    assert login.must_change
    set_password(store, login, "nasi Uduk 8 malam")
    assert log_in(store, BUDI, "nasi Uduk 8 malam") == budi


def test_what_was_changed_meanwhile_is_not_written_over(store: Store) -> None:
    first_admin(store)
    opened = store.admins.by_name(RATNA)
    assert opened is not None
    with store.database.write():
        store.admins.put(opened, opened.record)
    with pytest.raises(Fault) as raised, store.database.write():
        store.admins.put(opened, opened.record)
    assert raised.value.code is FaultCode.STORE_BUSY


def test_the_last_administrator_stays(store: Store) -> None:
    ratna = first_admin(store)
    another(store, ratna, "Auditor", role=Role.AUDITOR)
    assert refused(lambda: remove(store, ratna.account, ratna))[0] is FaultCode.ACCOUNT_LAST
    budi = another(store, ratna)
    remove(store, ratna.account, budi)
    assert refused(lambda: remove(store, budi.account, budi))[0] is FaultCode.ACCOUNT_LAST
    assert refused(lambda: remove(store, ratna.account, budi))[0] is FaultCode.ACCOUNT_UNKNOWN


def test_an_administrator_cannot_be_rid_of_the_officer_whose_approval_everything_needs(store: Store) -> None:
    ratna = first_admin(store)
    officer = another(store, ratna, role=Role.DPO)
    assert refused(lambda: remove(store, officer.account, ratna))[0] is FaultCode.ACCOUNT_LAST
    next_one = another(store, ratna, name="Sri Lestari", role=Role.DPO)
    remove(store, officer.account, ratna)
    assert refused(lambda: remove(store, next_one.account, ratna))[0] is FaultCode.ACCOUNT_LAST


def test_a_removed_account_leaves_no_key_no_record_and_no_count(store: Store, tmp_path: Path) -> None:
    ratna = first_admin(store)
    budi = another(store, ratna)
    log_in(store, BUDI, WRONG)
    old = [
        *store.database.rows("SELECT secret FROM accounts WHERE id = ?", budi.account),
        *store.database.rows("SELECT wrapped FROM keys WHERE person = ?", budi.account),
    ]
    assert len(old) == 2
    remove(store, budi.account, ratna)
    assert isinstance(log_in(store, BUDI, ALSO_GOOD), LoginRefused)
    for table, column in (("accounts", "id"), ("keys", "person"), ("watermarks", "name")):
        rows = store.database.rows(f"SELECT {column} FROM {table}")  # noqa: S608 - three pairs of names
        assert not [row for row in rows if budi.account in row[0]], table
    for content in contents(tmp_path / "state").values():
        assert not [record for (record,) in old if record[8:40] in content or record[-32:] in content]


def test_no_file_holds_a_name_a_password_or_a_code(store: Store, tmp_path: Path) -> None:
    code = first_start_code(store)
    ratna = begin(store, code, RATNA, GOOD)
    another(store, ratna)
    log_in(store, BUDI, WRONG)
    log_in(store, "Siti Aminah", WRONG)
    log_in(store, RATNA, GOOD)
    secret = [RATNA, BUDI, "Siti Aminah", "Kusuma", "kusuma", GOOD, ALSO_GOOD, WRONG, code, code.replace("-", "")]
    for name, content in contents(tmp_path / "state").items():
        for needle in secret:
            for spelling in (needle.encode(), needle.encode("utf-16-le"), needle.encode().hex().encode()):
                assert spelling not in content, f"{needle} in {name}"


def test_accounts_with_short_and_long_names_and_histories_are_equally_long(store: Store) -> None:
    ratna = first_admin(store, "R")
    another(store, ratna, "\u30ab" * 42)
    for number in range(REMEMBERED + 1):
        set_password(store, ratna, f"kopi Tubruk {number:02} pagi")
    assert len(store.database.rows("SELECT DISTINCT length(secret) FROM accounts WHERE role <> 'employee'")) == 1


def test_pins_and_accounts_do_not_meet(store: Store, hands: Hands) -> None:
    store.people.add("E-1", RATNA, pin=PIN)
    ratna = first_admin(store)
    assert [each.id for each in store.admins.all()] == [ratna.account]
    assert isinstance(log_in(store, "E-1", PIN), LoginRefused)
    assert not isinstance(store.accounts.check_pin(RATNA, GOOD, hands.wall_ms, hands.boottime_ms), LoggedIn)
    assert [person.has_pin for person in store.people.all()] == [True]
