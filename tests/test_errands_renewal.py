"""A device's certificate is renewed through crashes, withdrawn without a loss, and errands wait for nobody."""

import json
import signal
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from door_kit import Kiosk, asked, at_home, memory, shown, spooled, told, wait_for
from hq_site import Site, found, now_ms, running
from store_kit import here
from sync_house import Call, Door, FakeHq, house, server_context
from sync_real import Programs

from hq import ca
from kiosk.store import FileRootKey, Store, outbox
from sync import errand_renewal, tls_key
from sync.delivery import PROBE_MS
from sync.errand import Desk
from sync.errand_renewal import Renewal
from sync.errands import due, pause_ms, run_all
from sync.exchange import Exchange
from sync.line import Line
from sync.replies import Kind, Refusal
from wire import report


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("errands"))
    with running(site):
        yield site


@pytest.fixture(scope="module")
def device(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Kiosk:
    return at_home(site, tmp_path_factory.mktemp("device") / "kiosk")


# certificates of the device


def aged(site: Site, device: Kiosk, days: int) -> None:
    """Put a certificate in place that is so many days old."""
    settings = device.settings
    authority = ca.Authority((site.root / "ca.pem").read_bytes(), (site.root / "ca.key").read_bytes())
    request = tls_key.make_request(settings.hq.key, device.device)
    issued = ca.issue_device(authority, request, device.device, datetime.now(UTC) - timedelta(days=days))
    with closing(sqlite3.connect(site.root / "hq.db")) as work, work:
        work.execute(
            "INSERT INTO certificates VALUES (?, ?, ?, NULL)", [issued.serial, device.device, issued.not_after]
        )
    pair = tls_key.pair(issued.certificate, settings.hq.key, authority.certificate, device.device)
    tls_key.replace(settings.hq.certificate, pair, 0o400)


@contextmanager
def desk(device: Kiosk) -> Iterator[Desk]:
    settings = device.settings
    with (
        closing(Exchange.open(device.config.exchange)) as exchange,
        closing(memory(device)) as marks,
        closing(Line(settings.hq, settings.recipient.host)) as line,
    ):
        yield Desk(settings, exchange, marks, line.transport)


@pytest.mark.parametrize(("days", "renewed"), [(59, False), (61, True)])
def test_a_certificate_is_renewed_at_two_thirds_with_a_new_key(
    site: Site, tmp_path: Path, days: int, *, renewed: bool
) -> None:
    device = at_home(site, tmp_path / "kiosk")
    aged(site, device, days)
    hq = device.settings.hq
    before, old_key = hq.certificate.read_bytes(), hq.key.read_bytes()
    assert device.sync("errands")[:2] == (0, "all done\n")
    assert (hq.certificate.read_bytes() != before) is renewed
    if not renewed:
        return
    assert not hq.key.exists()
    assert old_key not in hq.certificate.read_bytes()
    assert stat.S_IMODE(hq.certificate.stat().st_mode) == 0o400
    assert tls_key.life(hq.certificate).ends > now_ms() + 89 * 86_400_000
    again = hq.certificate.read_bytes()
    assert device.sync("errands")[:2] == (0, "all done\n"), "with the new pair"
    assert hq.certificate.read_bytes() == again
    hq.key.write_bytes(old_key)
    hq.certificate.unlink()
    hq.certificate.write_bytes(before)
    assert device.sync("errands")[:2] == (0, "all done\n"), "the old one is good until its end"


@pytest.mark.parametrize("dies_in", ["pair", "replace", "unlink"])
def test_a_renewal_that_dies_leaves_a_pair_that_works_and_is_done_again(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    device = at_home(site, tmp_path / "kiosk")
    aged(site, device, 70)

    class Died(BaseException):
        pass

    def die(*_arguments: object, **_named: object) -> None:
        raise Died

    with desk(device) as place:
        with monkeypatch.context() as patched:
            if dies_in == "unlink":
                patched.setattr(Path, "unlink", lambda path, **_: die() if path.name.endswith(".next") else None)
            elif dies_in == "replace":
                honest = tls_key.replace
                patched.setattr(
                    tls_key, "replace", lambda path, *rest: die() if path.suffix == ".pem" else honest(path, *rest)
                )
            else:
                patched.setattr(tls_key, dies_in, die)
            with pytest.raises(Died):
                Renewal().run(place, now_ms())
        Renewal().run(place, now_ms())
        assert tls_key.life(device.settings.hq.certificate).due > now_ms()
    assert device.sync("errands")[:2] == (0, "all done\n")
    aged_again = device.settings.hq.key.with_name(device.settings.hq.key.name + errand_renewal.NEXT)
    fresh = errand_renewal._next_key(device.settings.hq.certificate, device.settings.hq.key)
    assert not fresh.exists(), "no key is used twice"
    assert aged_again == fresh


def test_a_withdrawn_device_stops_sending_and_loses_nothing(site: Site, tmp_path: Path) -> None:
    device = at_home(site, tmp_path / "kiosk")
    spooled(device, 1, b"sealed")
    with (
        closing(Store.open(device.config.state, FileRootKey(device.config.state / "root.key"))) as store,
        closing(Exchange.open(device.config.exchange)) as exchange,
    ):
        outbox.forward(here(store), exchange)
    assert told(site, "device", "revoke", "--id", device.device)[0] == 0
    status, printed, _ = device.sync("once")
    assert (status, printed) == (1, "waiting 0, config hq_certificate_withdrawn\n")
    assert json.loads(device.sync("status")[1])["detail"] == "hq_certificate_withdrawn"
    status, printed, _ = device.sync("preflight")
    assert (status, "stops: hq_certificate_withdrawn" in printed, "a new invitation" in printed) == (1, True, True)
    status, printed, _ = device.sync("errands")
    assert status == 1
    assert set(printed.split("\n")) == {
        *(f"{name}: hq_certificate_withdrawn" for name in ("messages", "report", "backups")),
        "",
    }
    assert asked(site, "device", "show", "--id", device.device, "--json")["state"] == "withdrawn"
    made = asked(site, "device", "invite", "--id", device.device, "--url", site.url, "--json")["invitation"]
    assert device.enrol()[0] == 0
    assert device.vouch(made)[0] == 0
    assert device.enrol()[0] == 0
    assert device.sync("preflight")[:2] == (0, "events can be sent\n")
    assert device.sync("once")[0] == 0
    assert device.sync("errands")[:2] == (0, "all done\n")
    assert len(asked(site, "backup", "list", "--device", device.device, "--json")["backups"]) == 1


# the round


def test_a_pause_grows_while_nobody_answers_and_is_long_where_a_person_must_look() -> None:
    down = [pause_ms(Refusal(Kind.DOWN, "x"), failures, 0.999) for failures in range(1, 12)]
    assert down == sorted(down)
    assert down[0] > 5_000
    assert down[-1] < 900_000
    assert pause_ms(Refusal(Kind.DOWN, "x", 7_200_000), 1, 0.5) == 3_600_000
    assert pause_ms(Refusal(Kind.CONFIG, "x"), 1, 0.5) == PROBE_MS
    assert due(1_000, 1_000)
    assert not due(1_001, 1_000)
    assert due(10**13, 1_000), "a clock that was set back"


def test_errands_that_hang_hold_up_neither_the_delivery_nor_the_end(tmp_path: Path) -> None:
    with house(tmp_path) as made:
        hung = threading.Event()

        def hang(hq: FakeHq, _call: Call) -> None:
            hung.set()
            hq.pause(60)

        made.hq.beside = hang
        programs = Programs()
        try:
            daemon = programs.start("sync", "run", "--config", str(made.config), log=tmp_path / "log")
            assert hung.wait(60)
            made.door.check_in(1)
            begun = time.monotonic()
            wait_for(lambda: made.door.unsettled() == 0, 20)
            assert time.monotonic() - begun < 10
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(20) == 0
        finally:
            programs.close()


def test_a_spoiled_memory_is_set_aside_and_the_installation_is_another(device: Kiosk, site: Site) -> None:
    assert device.sync("errands")[0] == 0
    path = device.folder / "sync" / "errands.db"
    path.write_bytes(b"spoiled" * 100)
    assert device.sync("errands")[0] == 0
    assert path.with_name("errands.db.damaged").exists()
    assert len(shown(site, device)["installations"]) >= 2


def test_no_body_goes_to_a_server_that_is_not_believed(device: Kiosk, site: Site, tmp_path: Path) -> None:
    authority = ca.found("another", datetime.now(UTC))
    issued, key = ca.issue_server(authority, ["127.0.0.1"], datetime.now(UTC))
    files = (tmp_path / "server.pem", tmp_path / "server.key")
    for path, content in zip(files, (issued.certificate, key), strict=True):
        path.write_bytes(content)
    hq = FakeHq(Door(tmp_path / "door"), server_context(files, None))
    try:
        settings = replace(device.settings, target=replace(device.settings.hq, url=hq.url))
        failed = run_all(settings, now_ms())
    finally:
        hq.close()
    assert set(failed.values()) == {"tls_untrusted"}
    assert hq.bodies == []
    assert site.url != hq.url


def test_the_report_holds_words_and_numbers_alone(site: Site, device: Kiosk) -> None:
    assert device.sync("errands")[0] == 0
    said = shown(site, device)["report"]
    del said["received_at"]
    assert report.decode(json.dumps(said).encode()).device == device.device
