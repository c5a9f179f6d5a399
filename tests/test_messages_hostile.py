"""Hostile answers about messages: nothing of them reaches the kiosk, and its disk cannot be filled."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from hq_site import now_ms
from sync_house import Call, FakeHq, House, house

from sync import errand_messages
from sync.__main__ import main as kiosk_sync
from sync.config import read as read_settings
from sync.errand_messages import Known, read
from sync.errands import run_all
from sync.exchange import Exchange
from wire import canonical, message
from wire.errors import FormatError
from wire.message import (
    Content,
    Entry,
    Message,
    Roster,
    Standing,
)
from wire.signing import SigningKey

HQ = SigningKey.generate()


def signed(number: int, content: Content, device: str = "door-1", key: SigningKey = HQ) -> dict[str, Any]:
    return dict(message.to_json(message.sign(Message(device, number, 1, content), key)))


def roster(version: int, count: int = 1) -> Roster:
    people = tuple(Entry(str(each), str(each), "A", Standing.ACTIVE) for each in range(count))
    return Roster(version, full=True, part=1, parts=1, people=people)


def million() -> dict[str, Any]:
    one = signed(6, roster(5))
    one["body"]["people"] *= 2_001
    return one


def twice() -> dict[str, Any]:
    one = signed(6, roster(5, 2))
    one["body"]["people"][1] = one["body"]["people"][0]
    return one


HOSTILE: dict[str, Callable[[], list[Any]]] = {
    "an older version": lambda: [signed(6, roster(4))],
    "older in the same answer": lambda: [signed(6, roster(9)), signed(7, roster(8))],
    "another device": lambda: [signed(6, roster(5), "door-2")],
    "a number from before": lambda: [signed(5, roster(5))],
    "a number twice": lambda: [signed(6, roster(5)), signed(6, roster(5))],
    "too many people": lambda: [million()],
    "an id twice": lambda: [twice()],
    "a bad signature": lambda: [signed(6, roster(5)) | {"sig": "00" * 64}],
    "no signature": lambda: [signed(6, roster(5)) | {"sig": ""}],
    "another key": lambda: [signed(6, roster(5), key=SigningKey.generate())],
    "a changed word": lambda: [signed(6, roster(5)) | {"issued_at": 2}],
    "an unknown order": lambda: [signed(6, roster(5)) | {"kind": "unlock"}],
    "an unknown field": lambda: [signed(6, roster(5)) | {"vector": [1]}],
    "a good one before a bad one": lambda: [signed(6, roster(5)), signed(7, roster(6)) | {"sig": "00" * 64}],
    "more than asked for": lambda: [signed(6 + each, roster(5)) for each in range(errand_messages.AT_ONCE + 1)],
    "no message": lambda: ["x"],
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_an_answer_with_one_message_that_is_not_right_is_refused_whole(hostile: Callable[[], list[Any]]) -> None:
    known = Known(5, 5)
    good, after = read({"messages": [signed(6, roster(5))]}, "door-1", HQ.public, known)
    assert (len(good), after) == (1, Known(6, 5))
    with pytest.raises(FormatError):
        read({"messages": hostile()}, "door-1", HQ.public, known)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as made:
        yield made


def say(value: object) -> Callable[[FakeHq, Call], None]:
    body = json.dumps(value).encode() if not isinstance(value, bytes) else value

    def behave(_hq: FakeHq, call: Call) -> None:
        wanted = call.head.startswith(b"GET /v1/messages")
        call.answer("200 OK", body if wanted else b'{"stored":true}')

    return behave


ANSWERS: dict[str, object] = {
    "hostile": {"messages": [signed(1, roster(1)) | {"sig": "00" * 64}]},
    "of another device": {"messages": [signed(1, roster(1), "door-2")]},
    "html": b"<html>",
    "another object": {"people": []},
    "deep": b"[" * 200_000,
    "nan": b'{"messages":[NaN]}',
    "too long": b'{"messages":["' + b"x" * (1 << 20) + b'"]}',
}


@pytest.mark.parametrize("value", ANSWERS.values(), ids=ANSWERS)
def test_a_hostile_answer_changes_nothing_and_is_told(home: House, value: object) -> None:
    home.hq.beside = say(value)
    settings = read_settings(home.config)
    with closing(Exchange.open(home.door.path)) as exchange:
        before = exchange.inbox(0)
        failed = run_all(settings, now_ms())
        assert failed["messages"] in {"messages_refused", "reply_invalid", "reply_too_long"}
        assert exchange.inbox(0) == before
    assert kiosk_sync(["errands", "--config", str(home.config)]) == 1


def test_even_headquarters_cannot_fill_the_disk_of_a_kiosk(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errand_messages, "DAY_BYTES", 2_000)
    settings = read_settings(home.config)

    def endless(_hq: FakeHq, call: Call) -> None:
        if not call.head.startswith(b"GET /v1/messages"):
            call.answer("200 OK", b'{"stored":true}')
            return
        after = int(call.head.split(b"after=")[1].split(b"&")[0])
        told = message.sign(Message("door-1", after + 1, 1, roster(1)), home.hq.key)
        call.answer("200 OK", canonical.encode({"messages": [message.to_json(told)]}))

    home.hq.beside = endless
    assert run_all(settings, now_ms())["messages"] == "messages_too_many"
    with closing(Exchange.open(home.door.path)) as exchange:
        assert 1 < len(exchange.inbox(0)) < 10
