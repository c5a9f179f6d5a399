"""A PIN is costly to guess, and the answer tells a guesser nothing."""

import logging
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from store_kit import MORNING, PIN, Hands, key_of, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import PinAccepted, PinRefused, Store
from kiosk.store.accounts import PERSON_WAITS_S, PIN_COST, fit
from kiosk.store.attempts import DEVICE_WAITS_S
from kiosk.store.vault import stretch

WRONG = "731946"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    made = new_store(tmp_path / "state", hands)
    made.people.add("E-1", "Budi", pin=PIN)
    made.people.add("E-2", "Sri", pin="605938")
    made.people.add("E-3", "No Pin")
    return made


def attempt(store: Store, hands: Hands, code: str = "E-1", pin: str = WRONG) -> PinAccepted | PinRefused:
    return store.accounts.check_pin(code, pin, hands.wall_ms, hands.boottime_ms)


def fail(store: Store, hands: Hands, times: int, code: str = "E-1") -> PinRefused:
    """Fail so many times, waiting as told each time."""
    answer: PinAccepted | PinRefused = PinRefused(0)
    for _ in range(times):
        assert isinstance(answer, PinRefused)
        hands.move(answer.wait_s * 1000)
        answer = attempt(store, hands, code)
    assert isinstance(answer, PinRefused)
    return answer


def test_code_and_pin_together_are_accepted(store: Store, hands: Hands) -> None:
    accepted = attempt(store, hands, "E-1", PIN)
    assert accepted == PinAccepted(store.people.all()[0].id)
    assert attempt(store, hands, "E-1", "605938") == PinRefused(0)
    assert attempt(store, hands, "E-2", PIN) == PinRefused(0)


@pytest.mark.parametrize("code", ["E-1", "E-3", "E-404", "", "x" * 500])
def test_wrong_pin_missing_pin_and_unknown_code_get_the_same_answers(store: Store, hands: Hands, code: str) -> None:
    answers = [fail(store, hands, 1, code).wait_s]
    for _ in range(len(PERSON_WAITS_S)):
        hands.move(answers[-1] * 1000)
        answers.append(fail(store, hands, 1, code).wait_s)
    assert answers == [*PERSON_WAITS_S[1:], PERSON_WAITS_S[-1], PERSON_WAITS_S[-1]]


def test_wrong_pin_and_unknown_code_take_the_same_time(store: Store, hands: Hands) -> None:
    store.accounts.cost = PIN_COST
    store.people.set_pin(store.people.all()[0].id, PIN)
    took: dict[str, list[float]] = {"E-1": [], "E-404": []}
    for _ in range(4):
        for code, times in took.items():
            hands.move(3_600_000)
            began = time.process_time()
            attempt(store, hands, code)
            times.append(time.process_time() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.6 < known / unknown < 1.6
    began = time.process_time()
    stretch(WRONG, b"\0" * 16, b"", PIN_COST)
    assert unknown > 0.6 * (time.process_time() - began)


def test_the_cost_is_what_a_door_can_bear() -> None:
    assert PIN_COST.memory_kib >= 19_456  # the least that OWASP's password storage cheat sheet asks for
    assert PIN_COST.passes >= 2


def test_too_early_is_not_even_looked_at(store: Store, hands: Hands) -> None:
    wait = fail(store, hands, 3).wait_s
    assert wait == 5
    hands.move(4000)
    assert attempt(store, hands, "E-1", PIN) == PinRefused(1)
    assert attempt(store, hands, "E-1", PIN) == PinRefused(1)
    hands.move(1000)
    assert isinstance(attempt(store, hands, "E-1", PIN), PinAccepted)
    assert fail(store, hands, 1) == PinRefused(0)


def test_one_persons_delay_does_not_hold_up_another(store: Store, hands: Hands) -> None:
    fail(store, hands, 6)
    assert attempt(store, hands, "E-1", PIN) == PinRefused(60)
    assert isinstance(attempt(store, hands, "E-2", "605938"), PinAccepted)


def test_trying_many_codes_slows_the_whole_device_down_and_it_recovers(store: Store, hands: Hands) -> None:
    free = DEVICE_WAITS_S.index(2)
    for number in range(free):
        answer = attempt(store, hands, f"guess {number}")
    assert answer == PinRefused(2)
    assert attempt(store, hands, "E-2", "605938") == PinRefused(2)
    hands.move(2000)
    assert isinstance(attempt(store, hands, "E-2", "605938"), PinAccepted)
    hands.move(60_000 * free)
    assert all(attempt(store, hands, f"later {number}") == PinRefused(0) for number in range(free - 1))


def test_a_person_with_a_pin_cannot_wash_away_the_devices_count(store: Store, hands: Hands) -> None:
    for number in range(DEVICE_WAITS_S.index(2)):
        answer = attempt(store, hands, f"guess {number}")
        if answer == PinRefused(0):
            assert isinstance(attempt(store, hands, "E-2", "605938"), PinAccepted)
    assert answer == PinRefused(2)


def test_delays_survive_a_restart_of_the_kiosk_and_of_the_device(store: Store, hands: Hands) -> None:
    fail(store, hands, 5)
    again = reopened(store)
    assert attempt(again, hands, "E-1", PIN) == PinRefused(30)
    hands.move(20_000)
    hands.restart()
    assert attempt(again, hands, "E-1", PIN) == PinRefused(20)  # 10 s since the restart are all that is known
    hands.move(20_000)
    assert isinstance(attempt(again, hands, "E-1", PIN), PinAccepted)


def test_an_older_copy_of_the_store_gives_no_attempt_back(store: Store, hands: Hands) -> None:
    state = store.database.directory
    old = {name: (state / name).read_bytes() for name in ("records.db", "templates.db")}
    fail(store, hands, 1)
    store.database.close()
    for name, content in old.items():
        (state / name).write_bytes(content)
    with pytest.raises(Fault) as raised:
        Store.open(state, key_of(state), clock=hands)
    assert raised.value.code is FaultCode.STORE_ROLLED_BACK


def test_a_right_pin_moves_no_generation(store: Store, hands: Hands) -> None:
    before = store.anchor.state().generation
    assert isinstance(attempt(store, hands, pin=PIN), PinAccepted)
    assert store.anchor.state().generation == before


@pytest.mark.parametrize("step_ms", [-86_400_000 * 400, -3_600_000, 3_600_000, 86_400_000 * 400])
def test_setting_the_clock_shortens_no_delay(store: Store, hands: Hands, step_ms: int) -> None:
    fail(store, hands, 6)
    hands.wall_ms = MORNING + step_ms
    assert attempt(store, hands, "E-1", PIN) == PinRefused(60)


def test_an_attempt_is_on_disk_before_the_pin_is_looked_at(
    store: Store, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def power_cut(*_: object) -> bytes:
        seen.extend(store.database.rows("SELECT failures FROM attempts ORDER BY failures"))
        assert not store.database._connection.in_transaction
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk.store.accounts.stretch", power_cut)
    with pytest.raises(KeyboardInterrupt):
        attempt(store, hands, "E-1", PIN)
    assert seen == [(1,), (60,)]


def test_old_attempts_are_cleared_after_a_day_of_running(store: Store, hands: Hands) -> None:
    for number in range(5):
        attempt(store, hands, f"guess {number}")
    hands.move(86_400_001)
    attempt(store, hands, "E-1")
    assert len(store.database.rows("SELECT * FROM attempts")) == 2


BAD = [
    *("", "12345", "12345a", "1" * 17, "\uff11\uff12\uff18\uff14\uff19\uff13", "-48291", " 482913", "482913\n"),
    *("000000", "111111", "123456", "654321", "987654321", "456789", "890123", "135791", "111222", "112211"),
    *("121212", "123123", "454545", "12341234", "100100", "1231231"),
]


@pytest.mark.parametrize("pin", BAD)
def test_a_trivial_pin_is_refused(store: Store, pin: str) -> None:
    assert not fit(pin)
    for act in (_adding(store, pin), _setting(store, pin)):
        with pytest.raises(Fault) as raised:
            act()
        assert raised.value.code is FaultCode.PIN_UNFIT
    assert store.people.by_code("E-new") is None


def _adding(store: Store, pin: str) -> Callable[[], object]:
    return lambda: store.people.add("E-new", "New", pin=pin)


def _setting(store: Store, pin: str) -> Callable[[], object]:
    return lambda: store.people.set_pin(store.people.all()[0].id, pin)


@pytest.mark.parametrize("pin", [PIN, "605938", "100200", "19283746", "8675309", "0123987654321098"])
def test_an_ordinary_pin_is_taken(pin: str) -> None:
    assert fit(pin)


def test_a_new_pin_replaces_the_old_one(store: Store, hands: Hands) -> None:
    person = store.people.all()[0].id
    store.people.set_pin(person, "850274")
    assert attempt(store, hands, "E-1", PIN) == PinRefused(0)
    assert attempt(store, hands, "E-1", "850274") == PinAccepted(person)
    assert len(store.database.rows("SELECT * FROM accounts WHERE person = ?", person)) == 1


def test_two_people_with_one_pin_have_nothing_in_common_on_disk(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    first, second = (store.accounts.stretched(PIN) for _ in range(2))
    assert first.salt != second.salt
    assert first.hash != second.hash
    assert PIN not in caplog.text
    assert repr(first).count("b'") == 0
