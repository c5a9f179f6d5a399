"""A login tells a guesser nothing, counts before it looks, and forgets no failure for a restart or another clock."""

import os
import re
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, WRONG, acts, another, first_admin
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kit import HOUR, PIN, Hands, key_of, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, PinAccepted, Store, password_cost
from kiosk.store.account_acts import add, redeem, reset, unlock
from kiosk.store.admins import LOCK_AFTER, Record
from kiosk.store.approval import LoggedIn, Objection, Role, approved, objection
from kiosk.store.attempts import Moment, elapsed_ms
from kiosk.store.logins import WAITS_S, LoginRefused, log_in, logged_in, two_people
from kiosk.store.vault import Cost

NOBODY = "Siti Aminah"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    made = new_store(tmp_path / "state", hands)
    another(made, first_admin(made))
    return made


def fail(store: Store, hands: Hands, times: int, name: str = BUDI, password: str = WRONG) -> list[LoginRefused]:
    """Fail so many times, waiting as told each time."""
    answers = []
    for _ in range(times):
        answer = log_in(store, name, password)
        assert isinstance(answer, LoginRefused)
        hands.move(answer.wait_s * 1000)
        answers.append(answer)
    return answers


def account(store: Store, name: str = BUDI) -> str:
    found = store.admins.by_name(name)
    assert found is not None
    return found.id


def test_name_and_password_together_are_accepted_and_the_name_in_any_case(store: Store) -> None:
    expected = LoggedIn(account(store), Role.ADMIN, must_change=False)
    for name in (BUDI, BUDI.upper(), "  budi santoso "):
        assert log_in(store, name, ALSO_GOOD) == expected
    assert log_in(store, BUDI, GOOD) == LoginRefused(1, locked=False)
    assert acts(store)[-1] == ("login_tried", {"account": account(store), "with": "password"})
    assert ("logged_in", {"account": account(store), "role": "admin"}) in acts(store)


def test_a_wrong_password_an_unknown_name_and_a_voided_password_get_the_same_answers(
    store: Store, hands: Hands
) -> None:
    _, code = add(store, "Waits For Code", Role.DPO, LoggedIn(account(store), Role.ADMIN, must_change=False))
    reset(store, account(store), None)
    assert code
    tries = [(RATNA, WRONG), (NOBODY, WRONG), (BUDI, ALSO_GOOD), ("Waits For Code", ""), ("x" * 5000, "y" * 5000)]
    expected = [LoginRefused(wait, locked=number >= LOCK_AFTER) for number, wait in enumerate(WAITS_S)][1:]
    expected += [LoginRefused(WAITS_S[-1], locked=True)] * 2
    for name, password in tries:
        assert fail(store, hands, len(expected), name, password) == expected, name[:20]
        hands.move(2 * HOUR)


def test_the_right_password_of_a_locked_account_is_refused_like_a_wrong_one(store: Store, hands: Hands) -> None:
    fail(store, hands, LOCK_AFTER)
    assert log_in(store, BUDI, ALSO_GOOD) == LoginRefused(900, locked=True)
    hands.move(30 * 86_400_000)
    assert log_in(store, BUDI, ALSO_GOOD) == LoginRefused(1, locked=False), "a month later it looks like any other"
    assert log_in(reopened(store), NOBODY, WRONG) == LoginRefused(1, locked=False)


@pytest.mark.parametrize("failures", range(LOCK_AFTER + 1))
def test_an_unknown_name_takes_the_same_steps_as_a_wrong_password(store: Store, hands: Hands, failures: int) -> None:
    taken = []
    for name in (BUDI, NOBODY):
        fail(store, hands, failures, name)
        store.admins.by_name(name)  # what other tests of this process left in memory
        seen: list[str] = []
        store.database._connection.set_trace_callback(seen.append)
        log_in(store, name, WRONG)
        store.database._connection.set_trace_callback(None)
        taken.append([re.sub(r"'[^']*'|\b\d+\b|X'\w*'", "?", each) for each in seen])
        hands.move(2 * HOUR)
    known, unknown = taken
    if failures == LOCK_AFTER - 1:
        known = [each for each in known if "state = ?" not in each]  # the lock itself
    assert [each for each in known if "checkpoint" not in each] == [
        each for each in unknown if "checkpoint" not in each
    ]


def test_an_unknown_name_takes_the_time_of_a_wrong_password(store: Store, hands: Hands) -> None:
    store.admins.cost = Cost(32_768, 2, 1)
    redeem(store, BUDI, reset(store, account(store), None), "nasi Uduk 8 malam")
    took: dict[str, list[float]] = {BUDI: [], NOBODY: []}
    for _ in range(4):
        for name, times in took.items():
            began = time.process_time()
            fail(store, hands, 1, name)
            times.append(time.process_time() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.6 < known / unknown < 1.6


def test_real_argon2_at_the_real_cost(store: Store) -> None:
    store.admins.cost = None
    redeem(store, BUDI, reset(store, account(store), None), "nasi Uduk 8 malam")
    kept = store.admins.by_name(BUDI)
    assert kept is not None
    assert kept.record.passwords[0].cost == password_cost.LEAST
    assert isinstance(log_in(store, BUDI, "nasi Uduk 8 malam"), LoggedIn)
    assert isinstance(log_in(store, BUDI, "nasi Uduk 8 malaM"), LoginRefused)


def test_an_attempt_is_on_disk_before_the_password_is_looked_at(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = Store.open(store.database.directory, key_of(store.database.directory), clock=Hands())

    def power_cut(*_: object) -> bytes:
        assert not store.database._connection.in_transaction
        assert beside.admins.failures(beside.admins.by_name(BUDI)) == 1
        assert acts(beside)[-1][0] == LocalKind.LOGIN_TRIED
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk.store.logins.stretch", power_cut)
    with pytest.raises(KeyboardInterrupt):
        log_in(store, BUDI, ALSO_GOOD)
    assert beside.admins.failures(beside.admins.by_name(BUDI)) == 1
    beside.close()


def test_a_kill_between_the_count_and_the_check_gives_no_attempt_back(store: Store, hands: Hands) -> None:
    fail(store, hands, LOCK_AFTER - 2)
    state, name = store.database.directory, account(store)
    store.close()
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from store_kit import Hands, key_of\nfrom kiosk.store import Store, logins\n"
        "logins.stretch = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "state, hands = Path(sys.argv[1]), Hands()\n"
        "hands.move(int(sys.argv[3]))\n"
        "logins.log_in(Store.open(state, key_of(state), clock=hands), sys.argv[2], sys.argv[4])\n"
    )
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}"}
    for hours in (1, 2):  # twice, each time with the right password
        command = [sys.executable, "-c", code, str(state), BUDI, str(hours * HOUR), ALSO_GOOD]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == -signal.SIGKILL, done.stderr
    hands.move(3 * HOUR)
    again = Store.open(state, key_of(state), clock=hands)
    found = again.admins.get(name)
    assert again.admins.failures(found) == LOCK_AFTER
    assert again.admins.locked(found)
    assert log_in(again, BUDI, ALSO_GOOD) == LoginRefused(900, locked=True)
    assert [kind for kind, _ in acts(again)].count("locked_out") == 1, "noted by the next attempt"
    again.close()


def test_ten_failures_lock_and_the_anchor_knows_it(store: Store, hands: Hands) -> None:
    assert (LOCK_AFTER, WAITS_S[LOCK_AFTER:]) == (10, (900,))
    before = store.anchor.state()
    assert [each.locked for each in fail(store, hands, LOCK_AFTER)] == [False] * (LOCK_AFTER - 1) + [True]
    after = store.anchor.state()
    assert (after.lockouts, after.generation > before.generation) == (before.lockouts + 1, True)
    assert acts(store)[-1] == ("locked_out", {"account": account(store)})
    fail(store, hands, 3)
    assert store.anchor.state().lockouts == before.lockouts + 1


def test_days_between_the_failures_do_not_keep_an_account_from_being_locked(store: Store, hands: Hands) -> None:
    for _ in range(LOCK_AFTER):
        assert log_in(store, BUDI, WRONG) == LoginRefused(1, locked=False)
        hands.move(86_400_001)
    assert isinstance(log_in(store, BUDI, ALSO_GOOD), LoginRefused)
    assert store.admins.get(account(store)).locked


@pytest.mark.parametrize("attempts", [1, LOCK_AFTER])
def test_an_older_copy_of_the_store_gives_no_attempt_back(store: Store, hands: Hands, attempts: int) -> None:
    state = store.database.directory
    old = {name: (state / name).read_bytes() for name in ("records.db", "templates.db")}
    fail(store, hands, attempts)
    store.database.close()
    for name, content in old.items():
        (state / name).write_bytes(content)
    with pytest.raises(Fault) as raised:
        Store.open(state, key_of(state), clock=hands)
    assert raised.value.code is FaultCode.STORE_ROLLED_BACK
    # Nor do attempts on the refused copy itself bring it up to the anchor.
    refused = Store.open(state, key_of(state), clock=hands, anchored=False)
    refused.admins.cost = store.admins.cost
    fail(refused, hands, attempts + 2)
    refused.database.close()
    with pytest.raises(Fault):
        Store.open(state, key_of(state), clock=hands)


def test_success_forgets_the_failures_before_it(store: Store, hands: Hands) -> None:
    for _ in range(3):
        fail(store, hands, LOCK_AFTER - 1)
        assert isinstance(log_in(store, BUDI, ALSO_GOOD), LoggedIn)
    assert store.admins.failures(store.admins.by_name(BUDI)) == 0


def test_too_early_is_neither_looked_at_nor_counted(store: Store, hands: Hands) -> None:
    fail(store, hands, 5)
    hands.move(-1000)
    assert log_in(store, BUDI, ALSO_GOOD) == LoginRefused(1, locked=False)
    assert store.admins.failures(store.admins.by_name(BUDI)) == 5
    hands.move(1000)
    assert isinstance(log_in(store, BUDI, ALSO_GOOD), LoggedIn)


def test_guessing_many_names_slows_everybody_down_and_the_pins_not(store: Store, hands: Hands) -> None:
    person = store.people.add("E-1", "Sri", pin=PIN)
    answers = [log_in(store, f"guess {number}", WRONG) for number in range(20)]
    assert answers[-1] == LoginRefused(2, locked=False)
    assert log_in(store, BUDI, ALSO_GOOD) == LoginRefused(2, locked=False)
    assert store.accounts.check_pin("E-1", PIN, hands.wall_ms, hands.boottime_ms) == PinAccepted(person)
    hands.move(2000)
    assert isinstance(log_in(store, BUDI, ALSO_GOOD), LoggedIn)


MS = st.integers(0, 1_000_000)  # all of them together less than the day after which delays begin anew
BOOTS = count(1)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("passes"), MS),
        st.tuples(st.just("is off"), MS),
        st.tuples(st.just("is set"), st.integers(-(10**12), 10**12)),
        st.tuples(st.just("tries"), st.integers(0, 1)),
        st.tuples(st.just("waits and tries"), st.just(0)),
    ),
    min_size=5,
    max_size=40,
)


def begin_anew(store: Store) -> None:
    with store.database.write():
        store.database.run("DELETE FROM attempts")
        store.admins.forgive(store.admins.get(account(store)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=EVENTS)
def test_no_restart_and_no_clock_shortens_a_delay_or_forgets_a_failure(
    store: Store, hands: Hands, script: list[tuple[str, int]]
) -> None:
    """`really` is the time that passes in the world; the device sees what its clocks make of it."""
    begin_anew(store)
    mine, really, counted_at, failures = store.admins.get(account(store)), 0, 0, 0

    def tries(password: str) -> bool:
        """Try, and check what was made of it; whether it was looked at."""
        nonlocal counted_at, failures
        answer = log_in(store, BUDI, password)
        counted = store.admins.failures(mine)
        looked_at = isinstance(answer, LoggedIn) or counted != failures
        if looked_at and failures:
            assert really - counted_at >= 1000 * WAITS_S[min(failures, len(WAITS_S) - 1)]
        if looked_at:
            assert isinstance(answer, LoggedIn) is (password == ALSO_GOOD and failures < LOCK_AFTER)
            failures = 0 if isinstance(answer, LoggedIn) else failures + 1
            counted_at = really
        assert counted == failures
        return looked_at

    for event, number in script:
        match event:
            case "passes":
                hands.move(number)
                really += number
            case "is off":
                hands.boot_id, hands.boottime_ms = f"00000000-0000-4000-8000-{next(BOOTS):012}", number % 20_000
                really += number + number % 20_000
            case "is set":
                hands.wall_ms = 1_794_790_800_000 + number
            case "tries":
                tries(ALSO_GOOD if number else WRONG)
            case _:
                if not tries(WRONG):
                    wait = 1000 * WAITS_S[-1]
                    hands.move(wait)
                    really += wait
                    assert tries(WRONG), "after the longest wait a try counts"


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.booleans())
def test_never_more_time_counts_than_has_passed(then: int, running: int, off: int, restarted: bool) -> None:  # noqa: FBT001
    now = Moment("b", running, 0) if restarted else Moment("a", then + running, 0)
    assert elapsed_ms(Moment("a", then, 10**15), now) <= (off if restarted else 0) + running


def test_a_password_of_90_days_opens_only_the_way_to_another_one(store: Store, hands: Hands) -> None:
    hands.move(90 * 86_400_000)
    assert log_in(store, BUDI, ALSO_GOOD) == LoggedIn(account(store), Role.ADMIN, must_change=True)
    with pytest.raises(Fault) as raised:
        two_people(store, (RATNA, GOOD), (BUDI, ALSO_GOOD), [Role.ADMIN])
    assert (raised.value.code, raised.value.detail) == (FaultCode.APPROVAL_MISSING, "must_change_password")


def test_a_refusal_is_a_fault_that_says_how_long(store: Store, hands: Hands) -> None:
    fail(store, hands, LOCK_AFTER - 1)
    for code in (FaultCode.ACCOUNT_LOCKED, FaultCode.ACCOUNT_LOCKED):
        with pytest.raises(Fault) as raised:
            logged_in(store, BUDI, WRONG)
        assert (raised.value.code, raised.value.detail) == (code, "900 s")
    with pytest.raises(Fault) as raised:
        logged_in(store, RATNA, WRONG)
    assert (raised.value.code, raised.value.detail) == (FaultCode.LOGIN_REFUSED, "1 s")


LOGINS = st.builds(LoggedIn, st.sampled_from(["a", "b", "c"]), st.sampled_from(list(Role)), st.booleans())


@given(LOGINS, LOGINS, st.sets(st.sampled_from(list(Role))))
def test_two_persons_approve_only_if_they_are_two_and_each_may(
    first: LoggedIn, second: LoggedIn, roles: set[Role]
) -> None:
    found = approved(first, second, roles)
    allowed = first.account != second.account and all(
        each.role in roles and not each.must_change for each in (first, second)
    )
    assert isinstance(found, Objection) is not allowed
    if first.account == second.account:
        assert found is Objection.SAME_ACCOUNT
    assert (objection(first, roles) is None) is (first.role in roles and not first.must_change)


def test_two_persons_log_in_for_one_act(store: Store) -> None:
    both = two_people(store, (RATNA, GOOD), (BUDI, ALSO_GOOD), [Role.ADMIN])
    assert {both.first, both.second} == {account(store, RATNA), account(store)}
    for second, code in (((RATNA, GOOD), FaultCode.APPROVAL_MISSING), ((BUDI, WRONG), FaultCode.LOGIN_REFUSED)):
        with pytest.raises(Fault) as raised:
            two_people(store, (RATNA, GOOD), second, [Role.ADMIN])
        assert raised.value.code is code
    another(
        store, LoggedIn(account(store), Role.ADMIN, must_change=False), "Auditor", "nasi Uduk 8 malam", Role.AUDITOR
    )
    with pytest.raises(Fault, match="other_role"):
        two_people(store, (RATNA, GOOD), ("Auditor", "nasi Uduk 8 malam"), [Role.ADMIN, Role.DPO])


def test_another_administrator_ends_a_lock_and_the_password_has_to_be_changed(store: Store, hands: Hands) -> None:
    ratna, mine = LoggedIn(account(store, RATNA), Role.ADMIN, must_change=False), account(store)
    fail(store, hands, LOCK_AFTER)
    for by in (LoggedIn(mine, Role.ADMIN, False), replace(ratna, must_change=True), replace(ratna, role=Role.DPO)):  # noqa: FBT003
        with pytest.raises(Fault) as raised:
            unlock(store, mine, by)
        assert raised.value.code is FaultCode.APPROVAL_MISSING
    assert isinstance(log_in(store, BUDI, ALSO_GOOD), LoginRefused)
    unlock(store, mine, ratna)
    assert acts(store)[-1] == ("account_unlocked", {"account": mine, "by": ratna.account})
    assert log_in(store, BUDI, ALSO_GOOD) == LoggedIn(mine, Role.ADMIN, must_change=True)


def test_a_lock_does_not_hold_up_the_code_that_ends_it(store: Store, hands: Hands) -> None:
    fail(store, hands, LOCK_AFTER + 1)
    hands.move(-900_000)
    code = reset(store, account(store), None)
    assert redeem(store, BUDI, code, "nasi Uduk 8 malam").account == account(store)
    assert isinstance(log_in(store, BUDI, "nasi Uduk 8 malam"), LoggedIn)


def test_a_record_shows_no_name_and_no_secret(store: Store) -> None:
    found = store.admins.by_name(BUDI)
    assert found is not None
    assert BUDI not in repr(found)
    assert not re.search(r"\bb['\"]", repr(found)), "bytes"
    assert Record(BUDI) == Record.decode(Record(BUDI).encode())
