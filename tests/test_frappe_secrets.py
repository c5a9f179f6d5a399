"""Where the API key and the people in it may go: into one header, to one host, and into no log and no error."""

import logging
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frappe_desk import Reply, html, said
from frappe_kit import TRIPS, Place, check_in, place
from frappe_stand_in import SECRET, Handler
from sync_house import Authority

from sync.backends.frappe import FrappeBackend
from sync.backends.frappe_line import Line
from sync.config import Actions, Frappe
from sync.contract import BackendDown, BackendMisconfigured, Punch, Result, Unknown
from sync.transport import Transport
from wire.event import Action

POST = "Employee Checkin"
ADD = "add_log_based"
WRONG = (said({"exc_type": "AuthenticationError"}, 401), said({"exc_type": "PermissionError"}, 403), html(404))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as found:
        yield found


def now() -> int:
    return int(time.time() * 1000)


def answering(reply: Reply) -> Callable[[Handler, Callable[[], Reply]], Reply]:
    return lambda _handler, _act: reply


def reset_after(handler: Handler, act: Callable[[], Reply]) -> None:
    act()
    handler.cut()


def half(_handler: Handler, act: Callable[[], Reply]) -> Reply:
    whole = act()
    return Reply(200, whole.body[: len(whole.body) // 2])


def endless(handler: Handler, _act: Callable[[], Reply]) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n")
    for _ in range(64):
        handler.wfile.write(b" " * 65_536)


def someone(site: Place) -> tuple[str, Punch]:
    code = f"E-{time.monotonic_ns()}"
    return site.employ(code), check_in(code, now() - 3_600_000)


def one(site: Place, event: Punch, fault: Callable[[Handler, Callable[[], Reply]], Reply | None]) -> Result:
    site.server.faults.append(("POST", POST, fault))
    return site.backend().push([event], now())[0]


def test_get_is_never_used_for_what_writes_and_lists_always_name_a_page(site: Place) -> None:
    _, event = someone(site)
    for mode in ("keyed", "query"):
        backend = site.backend(mode, TRIPS)
        backend.preflight(now())
        backend.push([event, check_in(event.event.person, now(), Action.TRIP_LEAVE)], now())
        backend.reconcile([event], now())
        backend.pull_roster("", now())
        backend.pull_policy(now())
    gets = [path for verb, path, *_ in site.server.requests if verb == "GET"]
    assert not [path for path in gets if ADD in path]
    lists = [path for path in gets if path.startswith("/api/resource/")]
    assert len(lists) >= 10
    assert [path for path in lists if "limit_page_length=" not in path or "limit_start=" not in path] == []


def test_the_key_stays_in_its_header(site: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # as the program does
    _, event = someone(site)
    errors: list[str] = []
    for reply in WRONG:
        with pytest.raises(BackendMisconfigured) as caught:
            one(site, event, answering(reply))
        errors += [repr(caught.value), str(caught.value), caught.value.sentence]
        error: BaseException | None = caught.value
        while error is not None:
            errors.append(repr(error))
            error = error.__cause__ or error.__context__
    for fault in (reset_after, half):
        errors.append(repr(one(site, someone(site)[1], fault)))
    kept = [repr(vars(site.backend())), repr(vars(Line(site.settings, site.connect)))]
    for text in [*errors, *kept, caplog.text]:
        assert SECRET not in text
        assert event.event.person not in text
    assert {SECRET in header or "admin" in header for *_, header in site.server.requests} == {True}
    assert not [path for _, path, body, _ in site.server.requests if SECRET in path or SECRET.encode() in body]


def test_the_key_goes_to_no_other_host(site: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    _, event = someone(site)
    with place(tmp_path_factory.mktemp("other")) as other:
        away = Reply(307, b"", headers=(("Location", f"{other.settings.url}/api/resource/Employee"),))
        for verb in ("GET", "POST"):
            site.server.faults.append((verb, "Employee", answering(away)))
            with pytest.raises(BackendMisconfigured):
                site.backend().push([event], now())
        assert other.server.requests == []
        line = site.connect()
        elsewhere = Frappe("https://localhost:1", site.settings.ca, site.settings.credential, "keyed")
        with pytest.raises(BackendMisconfigured) as caught:
            FrappeBackend(elsewhere, "door-1", lambda: line, Actions()).push([event], now())
        assert caught.value.detail == "host_not_registered"


def test_a_server_with_another_authority_gets_nothing(site: Place, tmp_path: Path) -> None:
    line = Transport(frozenset({"127.0.0.1"}), Authority(tmp_path / "other").pem, None, None, 5.0)
    backend = FrappeBackend(site.settings, "door-1", lambda: line, Actions())
    before = len(site.server.requests)
    assert [remark.code for remark in backend.preflight(now()).remarks] == ["tls_untrusted"]
    assert len(site.server.requests) == before
    line.close()


def test_nothing_listens_and_nothing_was_sent(site: Place) -> None:
    nowhere = Frappe("https://127.0.0.1:1", site.settings.ca, site.settings.credential, "keyed")
    line = site.connect()
    with pytest.raises(BackendDown) as caught:
        FrappeBackend(nowhere, "door-1", lambda: line, Actions()).push([check_in("E-17", now())], now())
    assert caught.value.detail == "unreachable"


def test_answers_without_end_cost_no_memory(site: Place) -> None:
    _, event = someone(site)
    tracemalloc.start()
    for _ in range(5):
        assert isinstance(one(site, event, endless), Unknown)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 << 20
