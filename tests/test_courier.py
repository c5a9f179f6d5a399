"""The courier over real files: order, hold, pauses, people who are set aside, and what the door is told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from punch_kit import DAY, HOUR, MINUTE, PAIRS, QUERY, SECOND, Life, Remote

from sync.contract import Health, Punch, Rejected, Remark, Result, Why
from sync.exchange import Level, OutboxEntry, State
from sync.punches import Dead


@pytest.fixture
def life(quick_place: Path, tmp_path: Path) -> Iterator[Life]:
    folder = quick_place / tmp_path.name
    folder.mkdir()
    made = Life(folder, Remote())
    yield made
    made.stop()


def reasons(life: Life) -> list[str]:
    return [one.track.state.why.value for one in life.journal.dead() if isinstance(one.track.state, Dead)]


def test_a_check_in_is_sent_once_and_the_kiosk_is_told_up_to_where(life: Life) -> None:
    made = life.check_in("A", "B", "A")
    life.work()
    assert life.stored() == made
    assert life.remote.asked == []
    status = life.exchange.status()
    assert (status.state, status.last_ack_ms, status.detail, status.level) == (State.OK, life.wall, "", Level.GREEN)
    assert [(one.kind, one.body) for one in life.exchange.inbox(0)] == [("delivered", b'{"size": 3}')]
    assert life.exchange.countersigned() == 0


def test_no_employee_code_lies_in_any_file_of_sync(life: Life) -> None:
    life.remote.mood = life.remote.refuse
    life.check_in("EMPLOYEE-4711")
    life.work()
    assert reasons(life) == ["unknown_employee"]
    assert not [file for file in life.folder.iterdir() if file.is_file() and b"EMPLOYEE-4711" in file.read_bytes()]


def test_a_lost_answer_is_held_then_asked_about_and_never_sent_twice(life: Life) -> None:
    life.remote.mood = life.remote.lose_answer
    life.check_in("A")
    life.work()
    life.remote.mood = life.remote.take
    life.pass_by(179 * SECOND)
    life.work()
    assert life.remote.asked == []
    life.pass_by(SECOND)
    life.work()
    assert len(life.remote.asked) == 1
    assert len(life.remote.rows) == len(life.remote.pushes) == 1
    assert life.exchange.unsettled().events == 0


def test_a_clock_that_leaps_forward_does_not_shorten_the_hold(life: Life) -> None:
    life.remote.mood = life.remote.slowly
    life.check_in("A")
    life.work()
    life.remote.mood = life.remote.take
    life.wall += 400 * DAY
    life.work()
    assert life.remote.asked == []
    life.pass_by(3 * MINUTE)
    life.work()
    assert len(life.remote.rows) == 1


def test_a_clock_that_is_set_back_starts_the_hold_anew_and_no_more(life: Life) -> None:
    life.remote.mood = life.remote.lose_request
    life.check_in("A")
    life.work()
    life.remote.mood = life.remote.take
    life.wall -= 400 * DAY
    life.live(5 * MINUTE)
    assert len(life.remote.rows) == 1


@pytest.mark.parametrize("behind", [0, 40 * MINUTE])
def test_a_clock_that_is_put_right_after_a_power_cut_does_not_shorten_the_hold(life: Life, behind: int) -> None:
    life.remote.mood = life.remote.slowly
    life.check_in("A")
    life.work()
    life.remote.mood = life.remote.take
    life.stop()
    life.wall -= behind  # a board without a clock of its own begins where it last wrote the time down
    life.start()
    life.pass_by(SECOND)
    life.work()
    life.wall += behind + 40 * MINUTE
    life.work()
    assert life.remote.asked == []
    life.pass_by(3 * MINUTE)
    life.work()
    assert len(life.remote.rows) == 1


def test_of_one_person_only_the_oldest_is_on_its_way_and_others_pass(life: Life) -> None:
    stuck, *_ = life.check_in("A", "A", "B", "C")
    life.remote.mood = lambda one, now: (life.remote.again if one.event_id == stuck else life.remote.take)(one, now)
    life.live(2 * MINUTE)
    assert [one.event.person for one in life.remote.rows] == ["B", "C"]
    life.remote.mood = life.remote.take
    life.live(20 * MINUTE)
    assert [one.seq for one in life.remote.rows if one.event.person == "A"] == [1, 2]


def _refuses(life: Life, poison: str, why: Why) -> None:
    def act(one: Punch, now: int) -> Result:
        return Rejected(one.event_id, why, "no") if one.event_id == poison else life.remote.take(one, now)

    life.remote.mood = act


def test_a_dead_letter_sets_aside_itself_alone(life: Life) -> None:
    poison, *others = life.check_in("A", "A", "B")
    _refuses(life, poison, Why.FIELD_REJECTED)
    life.work()
    assert sorted(life.stored()) == sorted(others)
    assert life.exchange.parked() == (poison,)
    assert (life.exchange.status().state, life.exchange.status().level) == (State.OK, Level.AMBER)
    assert life.exchange.inbox(0) == ()


@pytest.mark.parametrize(("why", "passed"), [(Why.OVERLAP, ["B"]), (Why.NOT_HELD, ["A", "B"])])
def test_in_a_backend_of_pairs_a_dead_letter_sets_its_person_aside(tmp_path: Path, why: Why, passed: list[str]) -> None:
    life = Life(tmp_path, Remote(PAIRS))
    poison, *_ = life.check_in("A", "A", "B")
    _refuses(life, poison, why)
    life.work()
    assert sorted(one.event.person for one in life.remote.rows) == passed
    life.stop()
    life.remote.able = QUERY  # another backend, which keeps no pairs: the person goes on
    life.start()
    life.work()
    assert sorted(one.event.person for one in life.remote.rows) == ["A", "B"]
    life.stop()


def test_the_same_fault_for_a_day_while_others_pass_is_given_to_a_person(life: Life) -> None:
    bug, *_ = life.check_in("A")
    life.remote.mood = lambda one, now: (life.remote.fault if one.event_id == bug else life.remote.take)(one, now)
    for _ in range(25):
        life.check_in("B")
        life.live(HOUR, 10 * MINUTE)
    assert reasons(life) == ["server_bug"]
    assert len(life.remote.rows) == 25


def test_a_server_with_a_bug_of_its_own_holds_up_nobody_else(life: Life) -> None:
    bug, *_ = life.check_in("A")
    life.check_in("B")
    life.remote.mood = lambda one, now: (life.remote.confused if one.event_id == bug else life.remote.take)(one, now)
    life.live(10 * MINUTE)
    assert [one.event.person for one in life.remote.rows] == ["B"]
    life.remote.mood = life.remote.take
    life.live(30 * MINUTE)
    assert life.exchange.unsettled().events == 0


def test_what_a_person_must_repair_pauses_everything_and_is_probed_each_quarter_of_an_hour(life: Life) -> None:
    life.remote.mood = life.remote.wrong
    life.check_in("A")
    life.work()
    assert life.exchange.status().state is State.CONFIG
    assert (life.exchange.status().detail, life.exchange.status().level) == ("http_403", Level.RED)
    probes: list[int] = []
    life.remote.health = lambda: probes.append(life.wall) or Health((Remark("no_role", "Give it.", blocks=True),))  # type: ignore[func-returns-value]
    life.remote.mood = life.remote.take
    life.live(HOUR, MINUTE)
    assert 3 <= len(probes) <= 5
    assert life.exchange.status().detail == "no_role"
    assert life.remote.rows == []
    life.remote.health = Health
    life.live(20 * MINUTE, MINUTE)
    assert len(life.remote.rows) == 1
    assert life.exchange.status().state is State.OK


def test_a_warning_of_the_preflight_is_shown_and_stops_nothing(life: Life) -> None:
    life.remote.health = lambda: Health((Remark("key_expires_soon", "Renew it.", blocks=False),))
    life.check_in("A")
    life.work()
    assert (life.exchange.status().state, life.exchange.status().detail) == (State.OK, "key_expires_soon")
    assert len(life.remote.rows) == 1


def test_a_backend_that_is_down_is_waited_for_as_long_as_it_takes(life: Life) -> None:
    life.remote.mood = life.remote.down
    life.check_in("A")
    life.live(5 * HOUR, 5 * MINUTE)
    assert (life.exchange.status().state, life.exchange.status().level) == (State.OFFLINE, Level.AMBER)
    life.live(3 * DAY, HOUR)
    assert life.exchange.status().level is Level.RED
    life.remote.mood = life.remote.take
    life.courier.hurry()
    life.work()
    assert len(life.remote.rows) == 1


def test_what_does_not_open_is_set_aside_and_its_place_is_kept(life: Life) -> None:
    good, bad = life.door.entry("A", local=False), life.door.entry("A", local=False)
    assert bad.event_id is not None
    life.hand_over([good, OutboxEntry(bad.row, bad.event_id, good.sealed)], life.door.note())
    life.work()
    assert reasons(life) == ["unreadable"]
    assert life.stored() == [good.event_id]


def test_what_the_kiosk_takes_back_holds_up_nobody(life: Life) -> None:
    life.remote.mood = life.remote.refuse
    life.check_in("A", "B")
    life.work()
    life.told = 2  # handed over to a person, and erased: the next exchange has bare rows only
    life.lose_exchange()
    life.pass_by(2 * MINUTE)
    life.work()
    assert life.journal.dead() == ()
    assert life.exchange.inbox(0)[0].body == b'{"size": 2}'


def test_rows_without_events_settle_by_themselves(life: Life) -> None:
    entries = [life.door.entry("A", local=True) for _ in range(3)]
    life.hand_over(entries, life.door.note())
    life.work()
    assert life.exchange.inbox(0)[0].body == b'{"size": 3}'
    life.work()
    assert len(life.exchange.inbox(0)) == 1


def test_what_is_older_than_our_memory_is_asked_for_before_it_is_sent(life: Life) -> None:
    life.stop()
    made = life.check_in("A", "A", "B")
    (life.folder / "sync.db").unlink()
    life.start()
    life.work()
    assert sorted(life.remote.asked) == sorted(made)
    assert sorted(life.stored()) == sorted(made)


def test_a_whole_push_may_hold_several_events_of_one_person_in_their_order(tmp_path: Path) -> None:
    life = Life(tmp_path, Remote(replace(QUERY, batch_size=4, whole=True, hold_ms=0)))
    made = life.check_in("A", "A", "B", "A", "A", "B")
    life.work()
    assert life.remote.pushes == [tuple(made[:4]), tuple(made[4:])]
    life.stop()


def test_the_queue_is_read_once_however_long_it_is(quick_place: Path, tmp_path: Path) -> None:
    folder = quick_place / tmp_path.name
    folder.mkdir()
    life = Life(folder, Remote(replace(QUERY, batch_size=20)))
    life.stop()
    people = [f"P-{number}" for number in range(50)]
    for _ in range(10):
        life.check_in(*people, *people)
    life.start()
    opened = 0
    true = life.courier._intake.open

    def counted(row: object) -> object:
        nonlocal opened
        opened += 1
        return true(row)  # type: ignore[arg-type]

    life.courier._intake.open = counted  # type: ignore[method-assign,assignment]
    life.work(10_000)
    assert len(life.remote.rows) == 1_000
    assert opened == 2 * 1_000, "once when it comes, once when it goes"
    for person in people:
        seqs = [one.seq for one in life.remote.rows if one.event.person == person]
        assert seqs == sorted(seqs)
    assert life.exchange.unsettled().events == 0
    life.stop()
