"""The daemon against an HQ that lies, stalls, breaks off and refuses: nothing is lost, doubled or leaked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sync_house import HQ_NAME, Behaviour, Call, FakeHq, House, house, reset

from sync.backends.hq import HqBackend
from sync.config import read
from sync.daemon import Daemon
from sync.delivery import BatchState
from sync.exchange import Exchange, State
from sync.journal import Journal
from sync.transport import Transport
from wire import batch as batches
from wire import canonical, checkpoint, receipt
from wire.signing import SigningKey

HOUR_MS = 3_600_000


class Day:
    """A daemon whose clock is ours."""

    def __init__(self, home: House, total_s: float = 5.0) -> None:
        self.home = home
        self.now = 1_750_000_000_000
        self.exchange = Exchange.open(home.door.path)
        self.journal = Journal.open(home.door.folder / "sync.db", home.door.device, home.door.exchange_key)
        settings = read(home.config)
        self.transport = Transport(
            frozenset({"127.0.0.1"}), settings.hq.ca, settings.hq.certificate, settings.hq.key, total_s
        )
        self.daemon = Daemon(
            home.door.device,
            home.door.exchange_key,
            exchange=self.exchange,
            journal=self.journal,
            backend=HqBackend(settings.hq, settings.device_public, lambda: self.transport),
            clock=lambda: self.now,
            chance=lambda: 0.5,
        )

    def pass_by(self, seconds: int) -> None:
        """Let time go by, with every step that becomes due."""
        end = self.now + seconds * 1000
        while self.now <= end:
            while self.daemon.step():
                pass
            self.now += max(1000, min(seconds * 20, 600_000))

    def waiting(self) -> int:
        return self.exchange.unsettled().events

    def close(self) -> None:
        self.transport.close()
        self.journal.close()
        self.exchange.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


@pytest.fixture
def day(home: House) -> Iterator[Day]:
    with closing(Day(home)) as made:
        yield made


def everything_arrived_once(day: Day) -> bool:
    return (
        day.waiting() == 0
        and set(day.home.hq.stored) == set(day.home.door.ids)
        and day.home.hq.doubled == 0
        and day.exchange.countersigned() == day.home.door.seq
    )


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
    home.hq.always = _raw(b"")
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


def _raw(data: bytes) -> Behaviour:
    def act(_: FakeHq, call: Call) -> None:
        call.line.sendall(data)
        socket.socket.shutdown(call.line, socket.SHUT_RDWR)

    return act


def _status(status: str, body: bytes = b"{}", *headers: str, kind: str = "application/problem+json") -> Behaviour:
    return lambda _, call: call.answer(status, body, *headers, kind=kind)


def _forged(change: Callable[[dict[str, object], FakeHq, Call], None]) -> Behaviour:
    def act(hq: FakeHq, call: Call) -> None:
        reply = json.loads(hq.honest(call))
        hq.stored.clear()  # this HQ says yes and keeps nothing
        change(reply, hq, call)
        call.answer("200 OK", json.dumps(reply).encode())

    return act


def _bad_signature(reply: dict[str, object], _hq: FakeHq, _call: Call) -> None:
    reply["receipt"]["sig"] = "00" * 64  # type: ignore[index]


def _stranger(reply: dict[str, object], _hq: FakeHq, call: Call) -> None:
    batch = batches.decode(call.body)
    acked = tuple(one.event.event_id for one in batch.events)
    reply["receipt"] = receipt.sign(receipt.Receipt(batch.batch, acked, 1, 1), SigningKey.generate())


def _other_batch(reply: dict[str, object], hq: FakeHq, call: Call) -> None:
    batch = batches.decode(call.body)
    acked = tuple(one.event.event_id for one in batch.events)
    other = "00000000-0000-4000-8000-00000000000f"
    reply["receipt"] = receipt.sign(receipt.Receipt(other, acked, 1, 1), hq.key)


def _no_counter_signature(reply: dict[str, object], _hq: FakeHq, call: Call) -> None:
    reply["checkpoint"] = batches.decode(call.body).checkpoint


def _other_size(reply: dict[str, object], hq: FakeHq, _call: Call) -> None:
    larger = checkpoint.Checkpoint("door-1", 999, bytes(32))
    reply["checkpoint"] = checkpoint.cosign(checkpoint.sign(larger, hq.door.key), HQ_NAME, hq.key)


def _no_receipt(reply: dict[str, object], _hq: FakeHq, _call: Call) -> None:
    del reply["receipt"]


def _more_fields(reply: dict[str, object], _hq: FakeHq, _call: Call) -> None:
    reply["order"] = "unlock the door"


DEEP = b"[" * 200_000
NOT_A_RECEIPT: dict[str, tuple[Behaviour, str]] = {
    "an empty object": (_status("200 OK", kind="application/json"), "receipt_invalid"),
    "no receipt": (_forged(_no_receipt), "receipt_invalid"),
    "a bad signature": (_forged(_bad_signature), "receipt_invalid"),
    "signed by a stranger": (_forged(_stranger), "receipt_invalid"),
    "for another batch": (_forged(_other_batch), "receipt_of_another_batch"),
    "without HQ's counter-signature": (_forged(_no_counter_signature), "receipt_invalid"),
    "a checkpoint that was not sent": (_forged(_other_size), "receipt_of_another_checkpoint"),
    "an unknown field": (_forged(_more_fields), "receipt_invalid"),
    "a captive portal": (_status("200 OK", b"<html>Welcome", kind="text/html; charset=utf-8"), "captive_portal"),
    "a page that says it is JSON": (_status("200 OK", b"<html>", kind="application/json"), "receipt_invalid"),
    "nothing": (_status("204 No Content", b""), "reply_invalid"),
    "a truncated body": (
        _raw(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"rec'),
        "interrupted",
    ),
    "a truncated chunk": (
        _raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"),
        "interrupted",
    ),
    "headers cut off": (_raw(b"HTTP/1.1 200 OK\r\nContent-Ty"), "reply_invalid"),
    "garbage": (_raw(b"\x00\xff" * 200), "interrupted"),
    "a reset after the request": (lambda _, call: reset(call.line), "interrupted"),
    "a deep body": (_status("200 OK", DEEP, kind="application/json"), "receipt_invalid"),
    "not a number": (_status("200 OK", b'{"receipt":NaN,"checkpoint":""}', kind="application/json"), "receipt_invalid"),
    "a key twice": (_status("200 OK", b'{"receipt":{},"receipt":{}}', kind="application/json"), "receipt_invalid"),
    "a byte order mark": (_status("200 OK", b"\xef\xbb\xbf{}", kind="application/json"), "receipt_invalid"),
    "compressed": (_status("200 OK", b"\x1f\x8b" + bytes(99), "Content-Encoding: gzip"), "reply_invalid"),
    "an endless body": (_status("200 OK", bytes(3 << 20), kind="application/json"), "reply_too_long"),
    "a server error": (_status("500 Internal Server Error"), "http_500"),
    "unavailable": (_status("503 Service Unavailable", b"", "Retry-After: 7"), "http_503"),
    "too many": (_status("429 Too Many Requests", b"", "Retry-After: soon, I think"), "http_429"),
}


@pytest.mark.parametrize(("act", "detail"), NOT_A_RECEIPT.values(), ids=NOT_A_RECEIPT)
def test_only_a_receipt_settles_and_the_same_bytes_go_again(home: House, day: Day, act: Behaviour, detail: str) -> None:
    home.door.check_in(3)
    home.hq.script = [act]
    day.daemon.step()
    assert day.waiting() == 3
    assert day.exchange.inbox(0) == ()
    assert day.exchange.countersigned() == 0
    assert (day.exchange.status().state, day.exchange.status().detail) == (State.OFFLINE, detail)
    day.now += 10_000
    home.hq.stored.clear()
    assert day.daemon.step()
    assert len(home.hq.bodies) == 2
    assert home.hq.bodies[0] == home.hq.bodies[1]
    assert everything_arrived_once(day)
    assert day.exchange.status().state is State.OK


def _drop_after_commit(hq: FakeHq, call: Call) -> None:
    hq.honest(call)
    reset(call.line)


def _fail_after_commit(hq: FakeHq, call: Call) -> None:
    hq.honest(call)
    call.answer("500 Internal Server Error", b"{}")


@pytest.mark.parametrize("act", [_drop_after_commit, _fail_after_commit])
def test_a_reply_lost_after_the_commit_is_asked_for_again_and_stored_once(
    home: House, day: Day, act: Behaviour
) -> None:
    home.door.check_in(3)
    home.hq.script = [act, act]
    day.pass_by(60)
    assert everything_arrived_once(day)
    assert len(set(home.hq.bodies)) == 1


def test_ids_that_were_never_sent_settle_nothing(home: House, day: Day) -> None:
    home.door.check_in(2)
    stranger = "018f0000-0000-7000-8000-000000000009"
    home.hq.script = [lambda hq, call: call.answer("200 OK", hq.honest(call, drop=2, extra=(stranger,)))]
    day.daemon.step()
    assert day.waiting() == 2
    day.pass_by(300)
    assert everything_arrived_once(day)


def test_a_partial_receipt_settles_its_part_and_the_rest_goes_again(home: House, day: Day) -> None:
    home.door.check_in(4)
    home.hq.script = [lambda hq, call: call.answer("200 OK", hq.honest(call, drop=1))]
    day.daemon.step()
    assert day.waiting() == 1
    day.pass_by(300)
    assert everything_arrived_once(day)


def test_an_event_that_is_never_acknowledged_does_not_hold_up_the_others(home: House, day: Day) -> None:
    home.door.check_in(3)
    silent = home.door.ids[0]

    def mute(hq: FakeHq, call: Call) -> None:
        batch = batches.decode(call.body)
        drop = int(any(one.event.event_id == silent for one in batch.events))
        call.answer("200 OK", hq.honest(call, drop=drop))

    home.hq.always = mute
    for _ in range(8):
        day.pass_by(2)
        assert day.exchange.unsettled().events == day.exchange.unsettled().parked == 1
        home.door.check_in(1, local_every=1000)
    day.pass_by(600)
    assert day.exchange.unsettled().parked == 1
    assert [letter.reason for letter in day.journal.letters()] == ["not_acknowledged"]
    home.hq.always = None
    day.pass_by(2 * 3600)
    assert everything_arrived_once(day)
    assert day.journal.letters() == ()


CONFIG: dict[str, tuple[Behaviour, str]] = {
    "an unknown key": (_status("401 Unauthorized"), "http_401"),
    "a withdrawn certificate": (
        _status("403 Forbidden", b'{"type":"urn:ambang:problem:certificate-withdrawn"}'),
        "hq_certificate_withdrawn",
    ),
    "a proxy that wants a password": (_status("407 Proxy Authentication Required"), "http_407"),
    "a page that is not there": (_status("404 Not Found", b"<html>", kind="text/html"), "http_404"),
    "another history": (_status("409 Conflict", b'{"type":"urn:ambang:problem:fork","seq":1}'), "hq_fork"),
    "a refusal in HTML": (_status("400 Bad Request", b"<html>", kind="text/html"), "http_400"),
}


@pytest.mark.parametrize(("act", "detail"), CONFIG.values(), ids=CONFIG)
def test_what_a_person_must_repair_pauses_and_is_probed_every_quarter_of_an_hour(
    home: House, day: Day, act: Behaviour, detail: str
) -> None:
    home.door.check_in(3)
    home.hq.always = act
    day.pass_by(HOUR_MS // 1000)
    assert 4 <= len(home.hq.bodies) <= 5
    assert (day.exchange.status().state, day.exchange.status().detail) == (State.CONFIG, detail)
    assert day.waiting() == 3
    assert day.exchange.unsettled().parked == 0
    home.hq.always = None
    day.pass_by(1000)
    assert everything_arrived_once(day)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_gets_not_one_byte_to_the_other_host(home: House, day: Day, status: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.3)
        home.door.check_in(1)
        home.hq.script = [_status(status, b"", f"Location: http://127.0.0.1:{other.getsockname()[1]}/")]
        day.daemon.step()
        with pytest.raises(TimeoutError):
            other.accept()
    assert (day.exchange.status().state, day.exchange.status().detail) == (State.CONFIG, "redirected")
    assert day.waiting() == 1


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
    home.hq.script = [_status("503 Busy", b"", "Retry-After: 99999999")]
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
    home.hq.script = [_status("503 Busy")]
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


@pytest.mark.parametrize("piece", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_server_that_trickles_is_cut_at_the_deadline(home: House, piece: bytes) -> None:
    def trickle(hq: FakeHq, call: Call) -> None:
        call.line.sendall(piece)
        while not hq.pause(0.1):
            call.line.sendall(b"X: y\r\n" if b"200" in piece else piece)

    home.door.check_in(1)
    home.hq.script = [trickle]
    with closing(Day(home, total_s=1.0)) as day:
        done = threading.Timer(20, day.transport.stop)
        done.start()
        day.daemon.step()
        assert done.is_alive()
        done.cancel()
        assert (day.exchange.status().state, day.exchange.status().detail) == (State.OFFLINE, "deadline")
        day.now += 10_000
        day.daemon.step()
        assert everything_arrived_once(day)
