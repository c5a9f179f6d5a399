"""The cases of a hostile server and their required outcomes, and `play`, which fails where an outcome is another."""

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, assert_never

import hostile_acts as acts
from hostile_acts import JSON, OK, forged, moved, packed, poison, says, slow
from hostile_hq import Act, Reply
from hostile_world import CODE, TOTAL_S, Clockwork, World, nothing_lost_doubled_or_leaked, world

from sync.exchange import State


@dataclass(frozen=True, slots=True)
class Acked:
    """Settled at once; `detail` is what the door shows beside it."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """Nothing is settled; the same bytes go again, not before `least_s` and not after `most_s`."""

    details: tuple[str, ...]
    least_s: float = 0.0
    most_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Banner:
    """Stop, show it, keep everything, and ask again after a quarter of an hour; `bodies` is what HQ may have heard."""

    detail: str
    bodies: int = 1


@dataclass(frozen=True, slots=True)
class Partly:
    """Settled but for `left` events, which go again."""

    left: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """The others go; the one that is refused waits for a person."""


Outcome: TypeAlias = Acked | Again | Banner | Partly | Quarantined
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class Case:
    """What the server does (a reply; or an entrance, by what it does; or the name of a fault of its TLS)."""

    act: Reply | Act | str
    outcome: Outcome


def _at_the_door(entrance: object) -> Act:
    return Act("entrance", entrance=entrance)  # type: ignore[arg-type]


UNSURE: Final = Again(("interrupted", "reply_invalid"))
LATE: Final = Again(("deadline",))
NO_RECEIPT: Final = Again(("receipt_invalid",))
PORTAL: Final = says("200 OK", b"<html>Welcome to our guest network</html>", kind="text/html; charset=utf-8")
UNSIGNED: Final = says("200 OK", b'{"status":"ok","stored":true}', kind="application/json")
DEEP: Final = says("200 OK", b"[" * 200_000, kind="application/json")
DEEP_WITHIN_THE_LIMIT: Final = says("200 OK", b"[" * 60_000, kind="application/json")
CHUNKED: Final = f"HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n".encode()

CASES: Final[dict[str, Case]] = {
    "ok": Case(acts.honest, Acked()),
    "skewed date": Case(acts.skewed, Acked("clock_skew")),
    REFUSED: Case(REFUSED, Again(("unreachable",))),
    "reset on accept": Case(_at_the_door(acts.reset_on_accept), Again(("unreachable",))),
    "drop before commit": Case(acts.cut, UNSURE),
    "drop in the request": Case(_at_the_door(acts.drop_in_the_request), UNSURE),
    "drop after commit": Case(acts.drop_after_commit, UNSURE),
    "drop in headers": Case(acts.drop_in_headers, UNSURE),
    "truncated body": Case(acts.truncated_body, UNSURE),
    "truncated chunk": Case(acts.truncated_chunk, UNSURE),
    "truncated TLS": Case(acts.truncated_tls, Again(("interrupted", "receipt_invalid"))),
    "slow headers": Case(slow(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), LATE),
    "slow body": Case(slow(OK + b"Content-Length: 900000\r\n\r\n", b"x"), LATE),
    "slow chunks": Case(slow(CHUNKED, b"1\r\nx\r\n"), LATE),
    "hang": Case(acts.hang, LATE),
    "infinite body": Case(acts.infinite(OK + b"\r\n", bytes(65536)), Again(("reply_too_long",))),
    "infinite chunks": Case(acts.infinite(CHUNKED, b"ffff\r\n" + bytes(65535) + b"\r\n"), Again(("reply_too_long",))),
    "gzip bomb": Case(packed("gzip"), Again(("reply_invalid",))),
    "deflate bomb": Case(packed("deflate"), Again(("reply_invalid",))),
    "huge headers": Case(acts.huge_headers, UNSURE),
    "20,000 x 100-continue": Case(acts.continues, UNSURE),
    "garbage": Case(acts.garbage, UNSURE),
    "empty": Case(says("200 OK", b"", kind="application/json"), NO_RECEIPT),
    "204": Case(says("204 No Content", b""), Again(("reply_invalid",))),
    "early hint": Case(acts.early_hint, Again(("http_103",))),
    "two answers": Case(acts.two_answers, Acked()),
    "500": Case(says("500 Internal Server Error"), Again(("http_500",))),
    "500 after commit": Case(acts.fail_after_commit, Again(("http_500",))),
    **{
        f"{status} with Retry-After {kind}": Case(
            says(f"{status} Later", b"{}", f"Retry-After: {value}"), Again((f"http_{status}",), least, most)
        )
        for status in (503, 429)
        for kind, value, least, most in (
            ("seconds", "7", 7, 7),
            ("huge", "99999999999999999999", 3600, 3600),
            ("huge date", "Fri, 31 Dec 9999 23:59:59 GMT", 3600, 3600),
            ("zero", "0", 1, 1),
            ("garbage", "soon, I think", 0, 2),
        )
    },
    "503 with Retry-After date": Case(acts.in_twenty_seconds("503 Later"), Again(("http_503",), 18, 20)),
    "429 with Retry-After date": Case(acts.in_twenty_seconds("429 Later"), Again(("http_429",), 18, 20)),
    "401": Case(says("401 Unauthorized"), Banner("http_401")),
    "403": Case(says("403 Forbidden"), Banner("http_403")),
    "413 for one event": Case(poison("413 Content Too Large"), Quarantined()),
    "400 for one event": Case(poison("400 Bad Request"), Quarantined()),
    "301": Case(moved("301 Moved Permanently", "https://127.0.0.1:{stranger}"), Banner("redirected")),
    "302": Case(moved("302 Found", "https://127.0.0.1:{stranger}"), Banner("redirected")),
    "307": Case(moved("307 Temporary Redirect", "https://127.0.0.1:{stranger}"), Banner("redirected")),
    "308": Case(moved("308 Permanent Redirect", "//127.0.0.1:{stranger}"), Banner("redirected")),
    "downgrade to http": Case(moved("307 Temporary Redirect", "http://127.0.0.1:{stranger}"), Banner("redirected")),
    "redirect loop": Case(moved("307 Temporary Redirect", "https://127.0.0.1:{own}"), Banner("redirected")),
    "captive portal 200": Case(PORTAL, Again(("captive_portal",))),
    "HTML as JSON": Case(says("200 OK", b"<html>Welcome</html>", kind="application/json"), NO_RECEIPT),
    "unsigned 200": Case(UNSIGNED, NO_RECEIPT),
    "receipt without its signature": Case(forged(acts.unsigned), NO_RECEIPT),
    "bad signature": Case(forged(acts.bad_signature), NO_RECEIPT),
    "other batch": Case(forged(acts.other_batch), Again(("receipt_of_another_batch",))),
    "unknown ids": Case(forged(acts.unknown_ids), Partly(5)),
    "partial ack": Case(acts.partial_ack, Partly(1)),
    "JSON depth 200,000": Case(DEEP, NO_RECEIPT),
    "JSON depth 60,000": Case(DEEP_WITHIN_THE_LIMIT, NO_RECEIPT),
    "NaN": Case(forged(acts.not_a_number), NO_RECEIPT),
    "duplicate keys": Case(forged(acts.twice), NO_RECEIPT),
    "BOM": Case(forged(acts.marked), NO_RECEIPT),
    "wrong content type": Case(acts.other_type, Again(("reply_invalid",))),
    "TLS expired": Case("expired", Banner("tls_expired", 0)),
    "TLS not yet valid": Case("not yet valid", Banner("tls_not_yet_valid", 0)),
    "TLS wrong CA": Case("wrong CA", Banner("tls_untrusted", 0)),
    "TLS wrong host": Case("wrong host", Banner("tls_wrong_host", 0)),
    "TLS self-signed": Case("self-signed", Banner("tls_untrusted", 0)),
    "TLS 1.0": Case("1.0", Banner("tls_refused", 0)),
    "plain http": Case(_at_the_door(acts.plain_http), Banner("tls_refused", 0)),
}


def play(name: str, place: Path, seed: int = 1) -> None:
    """Play one case to its end, and check its outcome and what no case may do: lose, double, leak."""
    case = CASES[name]
    with world(place, seed) as made, closing(Clockwork(made)) as day:
        if seed > 1:  # on a line that has carried something already
            made.door.check_in(made.hq.random.randrange(1, 4), code=CODE)
            day.pass_by(0.1)
            assert day.waiting() == 0
        step = made.hq.random.choice((1, 2, 6))
        made.hq.poison = made.door.seq + 3
        made.door.check_in(6, code=CODE, local_every=made.door.seq + 5, step=step)
        heard = len(made.hq.bodies)
        match case.outcome:
            case Quarantined():
                assert not isinstance(case.act, (str, Act))
                _quarantined(made, day, case.act)
                return
            case Acked() | Again() | Banner() | Partly():
                _hostile_step(made, day, case)
            case _ as never:
                assert_never(never)
        _judged(made, day, case.outcome, len(made.hq.bodies) - heard)
        _honest_again(made, day, heard)
        if isinstance(case.outcome, (Again, Banner)) and made.hq.served.get("hostile"):
            again = made.hq.bodies[heard : heard + 2]
            assert len(set(again)) == 1, "the same bytes go again"


def _hostile_step(made: World, day: Clockwork, case: Case) -> None:
    begun = time.monotonic()
    match case.act:
        case str() if case.act == REFUSED:
            made.hq.hang_up()
            day.transport.close()
            day.daemon.step()
            made.hq.listen()
        case str():
            _through_the_door(made, day, acts.over(made.faulty_tls(case.act)))
        case Act():
            _through_the_door(made, day, case.act)
        case _:
            made.hq.script = [Act("hostile", reply=case.act)]
            day.daemon.step()
    assert time.monotonic() - begun < TOTAL_S + 2, "it was not cut"
    assert made.hq.script == [], "the server did what the case says"


def _through_the_door(made: World, day: Clockwork, act: Act) -> None:
    day.transport.close()  # as after some seconds without anything to send
    made.hq.script = [act]
    day.daemon.step()


def _judged(made: World, day: Clockwork, outcome: Outcome, heard: int) -> None:
    status = day.exchange.status()
    match outcome:
        case Acked():
            assert (status.state, status.detail, day.waiting()) == (State.OK, outcome.detail, 0)
        case Again():
            assert status.state is State.OFFLINE
            assert status.detail in outcome.details
            _nothing_settled(made, day)
            wait = (day.journal.plan().next_attempt_at - day.now) / 1000
            assert outcome.least_s <= wait <= outcome.most_s
        case Banner():
            assert (status.state, status.detail, heard) == (State.CONFIG, outcome.detail, outcome.bodies)
            _nothing_settled(made, day)
            asked = made.hq.connections
            day.pass_by(14)
            assert made.hq.connections == asked, "it stops"
        case Partly():
            assert (status.state, day.waiting()) == (State.OK, outcome.left)
        case Quarantined():
            raise AssertionError
        case _ as never:
            assert_never(never)


def _nothing_settled(made: World, day: Clockwork) -> None:
    waiting = day.exchange.unsettled()
    assert (waiting.events, waiting.parked) == (5, 0)
    assert day.exchange.countersigned() < made.door.seq
    assert day.journal.letters() == ()


def _honest_again(made: World, day: Clockwork, heard: int) -> None:
    made.door.check_in(2, code=CODE)
    day.pass_by(130)
    assert day.waiting() == 0, "everything was delivered in the end"
    assert (day.exchange.status().state, day.exchange.status().detail) == (State.OK, "")
    assert day.exchange.countersigned() == made.door.seq
    assert day.journal.letters() == ()
    assert len(made.hq.bodies) > heard
    nothing_lost_doubled_or_leaked(made)


def _quarantined(made: World, day: Clockwork, act: Reply) -> None:
    made.hq.always = act
    day.pass_by(30)
    letters = day.journal.letters()
    assert [letter.reason for letter in letters] == ["field_rejected"]
    bad = frozenset(letter.event_id for letter in letters)
    assert day.exchange.unsettled().events == day.exchange.unsettled().parked == 1, "it is kept, and set aside"
    assert day.exchange.parked() == tuple(bad)
    assert made.hq.ledger.ask(f"SELECT count(*) FROM events WHERE seq = {made.hq.poison}") == [(0,)]  # noqa: S608
    nothing_lost_doubled_or_leaked(made, but=bad)
