"""The daemon: what it sends, what it remembers through crashes, and how it finds the event that HQ will not have."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sync_day import HOUR_MS, Day, everything_arrived_once, raw, status
from sync_house import HQ_NAME, Behaviour, Call, FakeHq, House, house, reset

from sync.delivery import BatchState
from sync.exchange import State, Unsettled
from wire import batch as batches
from wire import canonical, checkpoint, receipt
from wire.errors import BadSignature
from wire.signing import SigningKey


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


@pytest.fixture
def day(home: House) -> Iterator[Day]:
    with closing(Day(home)) as made:
        yield made


def test_a_check_in_is_delivered_and_the_door_is_told(home: House, day: Day) -> None:
    home.door.check_in(3)
    assert day.daemon.step()
    assert everything_arrived_once(day)
    assert (day.exchange.status().state, day.exchange.status().last_ack_ms) == (State.OK, day.now)
    assert [message.kind for message in day.exchange.inbox(0)] == ["receipt"]
    _, signers = checkpoint.read(
        day.exchange.inbox(0)[0].body.decode(),
        {"ambang/door-1": home.door.key.public, HQ_NAME: home.hq.key.public},
    )
    assert signers == {"ambang/door-1", HQ_NAME}


def test_a_batch_stored_on_this_device_does_not_show_an_employee_code(home: House, day: Day) -> None:
    home.hq.always = raw(b"")
    home.door.check_in(3, code="EMPLOYEE-4711")
    day.daemon.step()
    stored = day.journal.outgoing()
    assert stored is not None
    assert b"EMPLOYEE-4711" in stored.encoded
    assert not [file for file in home.door.folder.iterdir() if b"EMPLOYEE-4711" in file.read_bytes()]


def test_entries_that_are_not_meant_for_hq_are_settled_by_the_size(home: House, day: Day) -> None:
    home.door.check_in(4, local_every=1)
    assert day.daemon.step()
    assert home.hq.stored == {}
    assert day.exchange.countersigned() == 4
    assert not day.daemon.step()


def test_batches_grow_while_the_line_is_good(home: House, day: Day) -> None:
    home.door.check_in(1500)
    while day.daemon.step():
        pass
    assert everything_arrived_once(day)
    sizes = [len(batches.decode(body).rows) for body in home.hq.bodies]
    assert sizes == [64, 128, 256, 448, 448, 156]
    assert len(home.hq.bodies[0]) < 80_000
    assert home.hq.connections == 1


def _refuses(poison: set[str], status: str = "422 Unprocessable Content") -> Behaviour:
    def act(hq: FakeHq, call: Call) -> None:
        if any(one.event.event_id in poison for one in batches.decode(call.body).events):
            call.answer(status, b"{}", kind="application/problem+json")
        else:
            call.answer("200 OK", hq.honest(call))

    return act


@pytest.mark.parametrize("status", ["400 Bad Request", "409 Conflict", "413 Content Too Large", "422 Unprocessable"])
def test_a_poisoned_event_parks_itself_and_never_the_device(home: House, day: Day, status: str) -> None:
    home.door.check_in(200)
    poison = {home.door.ids[0], home.door.ids[77]}
    home.hq.always = _refuses(poison, status)
    day.pass_by(60)
    assert set(home.hq.stored) == set(home.door.ids) - poison
    assert day.exchange.unsettled().events == day.exchange.unsettled().parked == 2
    assert {letter.event_id for letter in day.journal.letters()} == poison
    assert {letter.reason for letter in day.journal.letters()} == {"field_rejected"}
    assert len(home.hq.bodies) < 60


def test_an_event_that_makes_the_server_fail_is_found_and_tried_again_later(home: House, day: Day) -> None:
    home.door.check_in(40)
    poison = {home.door.ids[5]}
    home.hq.always = _refuses(poison, "500 Internal Server Error")
    day.pass_by(600)
    assert set(home.hq.stored) == set(home.door.ids) - poison
    assert [letter.reason for letter in day.journal.letters()] == ["server_bug"]
    home.hq.always = None
    day.pass_by(2 * 3600)
    assert everything_arrived_once(day)


def test_an_event_that_breaks_the_line_is_found_and_offered_again(home: House, day: Day) -> None:
    home.door.check_in(40)
    poison = home.door.ids[5]

    def hang_up(hq: FakeHq, call: Call) -> None:
        if any(one.event.event_id == poison for one in batches.decode(call.body).events):
            reset(call.line)
        else:
            call.answer("200 OK", hq.honest(call))

    home.hq.always = hang_up
    day.pass_by(3600)
    assert set(home.hq.stored) == set(home.door.ids) - {poison}
    assert [letter.reason for letter in day.journal.letters()] == ["not_acknowledged"]
    home.hq.always = None
    day.pass_by(2 * 3600)
    assert everything_arrived_once(day)
    assert day.journal.letters() == ()


def test_a_line_that_breaks_under_everything_for_a_day_sets_nothing_aside(home: House, day: Day) -> None:
    home.door.check_in(40)
    home.hq.always = lambda _, call: reset(call.line)
    day.pass_by(24 * 3600)
    assert day.exchange.unsettled() == Unsettled(32, 1, 0)
    assert day.exchange.status().state is State.OFFLINE
    home.hq.always = None
    day.pass_by(3600)
    assert everything_arrived_once(day)


def test_a_line_too_slow_for_a_large_batch_gets_smaller_ones(home: House, day: Day) -> None:
    home.door.check_in(400)
    day.daemon._plan = replace(day.daemon._plan, rows=400)

    def patient(hq: FakeHq, call: Call) -> None:
        if len(call.body) > 100_000:
            call.answer("408 Request Timeout", b"{}", kind="application/problem+json")
        else:
            call.answer("200 OK", hq.honest(call))

    home.hq.always = patient
    day.pass_by(3600)
    assert set(home.hq.stored) == set(home.door.ids)


def test_a_checkpoint_that_was_repaired_is_sent_without_a_restart(home: House, day: Day) -> None:
    honest, home.door.key = home.door.key, SigningKey.generate()
    home.door.check_in(3)
    home.door.key = honest

    def strict(hq: FakeHq, call: Call) -> None:
        try:
            call.answer("200 OK", hq.honest(call))
        except BadSignature:
            document = b'{"type":"urn:ambang:problem:bad-signature","status":422}'
            call.answer("422 Unprocessable Content", document, kind="application/problem+json")

    home.hq.always = strict
    day.pass_by(60)
    assert (day.exchange.status().state, day.exchange.status().detail) == (State.CONFIG, "hq_bad_signature")
    assert day.exchange.unsettled().parked == 0
    with closing(sqlite3.connect(home.door.path, isolation_level=None)) as repair:
        repair.execute("UPDATE notes SET note = ?", (home.door.note(),))
    day.pass_by(1000)
    assert everything_arrived_once(day)


def test_a_server_that_refuses_everything_does_not_empty_the_queue(home: House, day: Day) -> None:
    home.door.check_in(100)
    home.hq.always = _refuses(set(home.door.ids))
    day.pass_by(600)
    assert day.exchange.unsettled().parked <= 6
    assert day.exchange.status().state is State.CONFIG


def test_a_batch_that_is_too_large_is_sent_in_smaller_ones(home: House, day: Day) -> None:
    def small(hq: FakeHq, call: Call) -> None:
        if len(call.body) > 9_000:
            call.answer("413 Content Too Large", b"<html>", kind="text/html")
        else:
            call.answer("200 OK", hq.honest(call))

    home.hq.always = small
    home.door.check_in(60, step=5)
    day.pass_by(60)
    assert everything_arrived_once(day)


def test_a_long_wait_asked_for_is_clamped_and_outlives_a_restart(home: House) -> None:
    home.door.check_in(1)
    home.hq.script = [status("503 Busy", b"", "Retry-After: 99999999")]
    with closing(Day(home)) as day:
        day.daemon.step()
        assert day.journal.plan().next_attempt_at == day.now + HOUR_MS
    with closing(Day(home)) as day:
        day.now += HOUR_MS - 1000
        day.daemon.step()
        assert len(home.hq.bodies) == 1
        day.now += 2000
        assert day.daemon.step()
        assert everything_arrived_once(day)


def test_a_clock_that_was_set_back_does_not_stop_the_delivery(home: House, day: Day) -> None:
    home.door.check_in(1)
    home.hq.script = [status("503 Busy")]
    day.daemon.step()
    day.now -= 365 * 86_400_000
    assert day.daemon.step()
    assert everything_arrived_once(day)


def test_what_was_in_flight_at_a_crash_goes_again_byte_for_byte(home: House) -> None:
    home.door.check_in(3)

    def crash(hq: FakeHq, call: Call) -> None:
        hq.honest(call)
        raise OSError

    home.hq.script = [crash]
    with closing(Day(home)) as day:
        pending = day.daemon._pack(day.now)
        assert pending is not None
        day.journal.send(pending, day.now)  # and here the power goes
        batch = pending.encoded
    with closing(Day(home)) as day:
        found = day.journal.outgoing()
        assert found is not None
        assert found.state is BatchState.UNKNOWN
        home.door.check_in(2)
        home.hq.script = []
        day.daemon.step()
        assert home.hq.bodies == [batch]
        day.daemon.step()
        assert everything_arrived_once(day)


def test_a_crash_between_the_two_databases_settles_once(home: House) -> None:
    home.door.check_in(3)
    with closing(Day(home)) as day:

        def power_cut(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        day.journal.finish = power_cut  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            day.daemon.step()
        assert day.waiting() == 0
    with closing(Day(home)) as day:
        day.daemon.step()
        assert home.hq.bodies[0] == home.hq.bodies[1]
        assert day.journal.outgoing() is None
        assert everything_arrived_once(day)


def test_an_event_that_does_not_open_is_set_aside_and_the_others_go(home: House, day: Day) -> None:
    home.door.check_in(2)
    home.door.exchange_key, key = bytes(32), home.door.exchange_key
    home.door.check_in(1)
    home.door.exchange_key = key
    home.door.check_in(1)
    day.pass_by(10)
    assert len(home.hq.stored) == 3
    assert [letter.reason for letter in day.journal.letters()] == ["unreadable"]
    assert day.exchange.countersigned() == 4


def test_rows_of_another_device_are_not_sent(home: House, day: Day) -> None:
    home.door.device = "door-2"
    home.door.check_in(2, local_every=1)
    day.pass_by(10)
    assert home.hq.bodies == []
    assert (day.exchange.status().state, day.exchange.status().detail) == (State.CONFIG, "exchange_damaged")


def test_a_skewed_clock_is_said_and_not_touched(home: House, day: Day) -> None:
    home.door.check_in(1)
    day.now += 400_000_000_000
    assert day.daemon.step()
    assert everything_arrived_once(day)
    assert day.exchange.status().detail == "clock_skew"


def test_an_hq_that_was_restored_from_an_old_copy_is_noticed(home: House, day: Day) -> None:
    home.door.check_in(1)

    def generation(number: int) -> Behaviour:
        def act(hq: FakeHq, call: Call) -> None:
            reply = json.loads(hq.honest(call))
            said = receipt.read(reply["receipt"], hq.key.public)
            signed = receipt.sign(receipt.Receipt(said.batch, said.acked, number, said.time), hq.key)
            call.answer("200 OK", canonical.encode({"receipt": signed, "checkpoint": reply["checkpoint"]}))

        return act

    home.hq.script = [generation(9), generation(8)]
    day.daemon.step()
    home.door.check_in(1)
    day.daemon.step()
    assert day.exchange.status().detail == "hq_went_back"
