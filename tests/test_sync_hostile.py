"""The daemon against an HQ that lies, stalls, breaks off and refuses: nothing is lost, doubled or leaked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sync_day import HOUR_MS, Day, everything_arrived_once, raw, status
from sync_house import HQ_NAME, Behaviour, Call, FakeHq, House, house, reset

from sync.exchange import State
from wire import batch as batches
from wire import checkpoint, receipt
from wire.signing import SigningKey


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


@pytest.fixture
def day(home: House) -> Iterator[Day]:
    with closing(Day(home)) as made:
        yield made


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
    "an empty object": (status("200 OK", kind="application/json"), "receipt_invalid"),
    "no receipt": (_forged(_no_receipt), "receipt_invalid"),
    "a bad signature": (_forged(_bad_signature), "receipt_invalid"),
    "signed by a stranger": (_forged(_stranger), "receipt_invalid"),
    "for another batch": (_forged(_other_batch), "receipt_of_another_batch"),
    "without HQ's counter-signature": (_forged(_no_counter_signature), "receipt_invalid"),
    "a checkpoint that was not sent": (_forged(_other_size), "receipt_of_another_checkpoint"),
    "an unknown field": (_forged(_more_fields), "receipt_invalid"),
    "a captive portal": (status("200 OK", b"<html>Welcome", kind="text/html; charset=utf-8"), "captive_portal"),
    "a page that says it is JSON": (status("200 OK", b"<html>", kind="application/json"), "receipt_invalid"),
    "nothing": (status("204 No Content", b""), "reply_invalid"),
    "a truncated body": (
        raw(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"rec'),
        "interrupted",
    ),
    "a truncated chunk": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"),
        "interrupted",
    ),
    "headers cut off": (raw(b"HTTP/1.1 200 OK\r\nContent-Ty"), "reply_invalid"),
    "garbage": (raw(b"\x00\xff" * 200), "interrupted"),
    "a reset after the request": (lambda _, call: reset(call.line), "interrupted"),
    "a deep body": (status("200 OK", DEEP, kind="application/json"), "receipt_invalid"),
    "not a number": (status("200 OK", b'{"receipt":NaN,"checkpoint":""}', kind="application/json"), "receipt_invalid"),
    "a key twice": (status("200 OK", b'{"receipt":{},"receipt":{}}', kind="application/json"), "receipt_invalid"),
    "a byte order mark": (status("200 OK", b"\xef\xbb\xbf{}", kind="application/json"), "receipt_invalid"),
    "compressed": (status("200 OK", b"\x1f\x8b" + bytes(99), "Content-Encoding: gzip"), "reply_invalid"),
    "an endless body": (status("200 OK", bytes(3 << 20), kind="application/json"), "reply_too_long"),
    "a server error": (status("500 Internal Server Error"), "http_500"),
    "unavailable": (status("503 Service Unavailable", b"", "Retry-After: 7"), "http_503"),
    "too many": (status("429 Too Many Requests", b"", "Retry-After: soon, I think"), "http_429"),
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
    "an unknown key": (status("401 Unauthorized"), "http_401"),
    "a withdrawn certificate": (
        status("403 Forbidden", b'{"type":"urn:ambang:problem:certificate-withdrawn"}'),
        "hq_certificate_withdrawn",
    ),
    "a proxy that wants a password": (status("407 Proxy Authentication Required"), "http_407"),
    "a page that is not there": (status("404 Not Found", b"<html>", kind="text/html"), "http_404"),
    "another history": (status("409 Conflict", b'{"type":"urn:ambang:problem:fork","seq":1}'), "hq_fork"),
    "a refusal in HTML": (status("400 Bad Request", b"<html>", kind="text/html"), "http_400"),
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


@pytest.mark.parametrize("line", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_gets_not_one_byte_to_the_other_host(home: House, day: Day, line: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.3)
        home.door.check_in(1)
        home.hq.script = [status(line, b"", f"Location: http://127.0.0.1:{other.getsockname()[1]}/")]
        day.daemon.step()
        with pytest.raises(TimeoutError):
            other.accept()
    assert (day.exchange.status().state, day.exchange.status().detail) == (State.CONFIG, "redirected")
    assert day.waiting() == 1


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
