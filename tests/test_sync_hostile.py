"""More ways of an HQ to lie, beside the table in hostile_cases.py: nothing but its own whole word settles."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sync_day import HOUR_MS, Day, everything_arrived_once, status
from sync_house import HQ_NAME, Behaviour, Call, FakeHq, House, house

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


def _stranger(reply: dict[str, object], _hq: FakeHq, call: Call) -> None:
    batch = batches.decode(call.body)
    acked = tuple(one.event.event_id for one in batch.events)
    reply["receipt"] = receipt.sign(receipt.Receipt(batch.batch, acked, 1, 1), SigningKey.generate())


def _no_counter_signature(reply: dict[str, object], _hq: FakeHq, call: Call) -> None:
    reply["checkpoint"] = batches.decode(call.body).checkpoint


def _other_size(reply: dict[str, object], hq: FakeHq, _call: Call) -> None:
    larger = checkpoint.Checkpoint("door-1", 999, bytes(32))
    reply["checkpoint"] = checkpoint.cosign(checkpoint.sign(larger, hq.door.key), HQ_NAME, hq.key)


def _no_receipt(reply: dict[str, object], _hq: FakeHq, _call: Call) -> None:
    del reply["receipt"]


def _more_fields(reply: dict[str, object], _hq: FakeHq, _call: Call) -> None:
    reply["order"] = "unlock the door"


NOT_A_RECEIPT: dict[str, tuple[Behaviour, str]] = {
    "an empty object": (status("200 OK", kind="application/json"), "receipt_invalid"),
    "no receipt": (_forged(_no_receipt), "receipt_invalid"),
    "signed by a stranger": (_forged(_stranger), "receipt_invalid"),
    "without HQ's counter-signature": (_forged(_no_counter_signature), "receipt_invalid"),
    "a checkpoint that was not sent": (_forged(_other_size), "receipt_of_another_checkpoint"),
    "an unknown field": (_forged(_more_fields), "receipt_invalid"),
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
