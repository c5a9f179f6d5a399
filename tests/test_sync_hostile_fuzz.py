"""Replies that were spoilt at random: the client never falls over one, and settles nothing by one that is not whole."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from hostile_acts import OK
from hostile_hq import Call, HostileHq
from hostile_world import CODE, Clockwork, nothing_lost_doubled_or_leaked, world

from sync.exchange import State

WORDS: Final = (
    *(
        b"\r\n",
        b"\r\n\r\n",
        b"\0",
        b"\xff",
        b"{",
        b'"',
        b"\\u0000",
        b"\\ud800",
        b"9" * 40,
        b"-0",
        b"1e999",
        b"null",
        b"[]",
    ),
    *(b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n", b"Content-Length: 5\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"Content-Encoding: br\r\n"),
    *(b"Retry-After: Mon, 99 Foo 0000 99:99:99 +9999\r\n", b"Retry-After: " + b"9" * 60 + b"\r\n"),
    *(b"Retry-After: \xb2\r\n", b"HTTP/1.1 ", b"HTTP/9.9 999 \r\n", b" 100 Continue", b"; charset=\xff"),
    *(b"Set-Cookie: a=b\r\n", b"Location: //x\r\n"),
)


def spoilt(reply: bytes, chance: random.Random) -> bytes:
    """A few changes: a byte, a piece left out, a piece twice, a word that should not be there."""
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(reply) + 1)
        if chance.random() < 0.6:  # most of what is fragile stands at the beginning
            at = min(at, chance.randrange(120))
        to = at + chance.randrange(1, 40)
        kind = chance.randrange(4)
        if kind == 0:
            reply = reply[:at] + chance.randbytes(1) + reply[at + 1 :]
        elif kind == 1:
            reply = reply[:at] + reply[to:]
        elif kind == 2:
            reply = reply[:to] + reply[at:]
        else:
            reply = reply[:at] + chance.choice(WORDS) + reply[at:]
    return reply


def unsettled(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as view:
        rows = view.execute("SELECT event_id FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL")
        return {row[0] for row in rows}


def test_no_spoilt_reply_makes_the_client_fall_over_or_settle(
    tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    chance = random.Random(11)  # noqa: S311 - a script that can be repeated, no secret
    stored: list[bytes] = []

    def spoil(hq: HostileHq, call: Call) -> None:
        reply = hq.honest(call)
        whole = OK + b"Content-Length: %d\r\n\r\n" % len(reply) + reply
        stored.append(spoilt(whole, chance))
        call.line.sendall(stored[-1])
        call.line.close()

    with world(tmp_path) as made, closing(Clockwork(made)) as day:
        made.hq.always = spoil
        settled = 0
        for _ in range(rounds(150, 5000)):
            if not unsettled(made.door.path):
                made.door.check_in(3, code=CODE, local_every=10**6)
            before = unsettled(made.door.path)
            day.now += 4 * 3_600_000
            day.daemon.step()
            assert day.exchange.status().state in (State.OK, State.OFFLINE, State.CONFIG)
            gone = before - unsettled(made.door.path)
            assert all(event.encode() in stored[-1] for event in gone), "only what stands in the receipt is settled"
            settled += bool(gone)
        made.hq.always = None
        day.pass_by(60 * 24)
        assert day.waiting() == 0
        nothing_lost_doubled_or_leaked(made)
    assert 0 < settled < rounds(150, 5000) // 2
