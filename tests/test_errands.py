"""What sync does beside the delivery, against a real HQ: reports, certificates of erasure, backups, renewal."""

import hashlib
import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from door_kit import NAME, Kiosk, asked, at_home, memory, shown, spooled, told
from hq_site import Site, found, now_ms, running
from running_kiosk import furnished
from store_kit import here
from sync_house import Door
from wire_samples import DEVICE, KEY
from wire_vectors_certificate import sample

from kiosk.store import FileRootKey, Store, outbox, telling
from kiosk.store.keys import KeyKind
from kiosk.store.telling import Telling
from sync import surroundings
from sync.exchange import Exchange
from wire import certificate, checkpoint, spine
from wire.certificate import CLASSES, Certificate, Limit, Place, Scope, Searched
from wire.signing import SigningKey


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("errands"))
    with running(site):
        yield site


@pytest.fixture(scope="module")
def device(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Kiosk:
    return at_home(site, tmp_path_factory.mktemp("device") / "kiosk")


def rung(site: Site, device: Kiosk) -> list[str]:
    return [alarm["kind"] for alarm in shown(site, device)["alarms"]]


def signing(device: Kiosk) -> SigningKey:
    root = FileRootKey(device.config.state / "root.key")
    with closing(Store.open(device.config.state, root)) as store:
        return SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))


# reports


def test_a_report_carries_what_the_kiosk_says_and_nothing_else_of_it(site: Site, device: Kiosk) -> None:
    with (
        closing(Store.open(device.config.state, FileRootKey(device.config.state / "root.key"))) as store,
        closing(Exchange.open(device.config.exchange)) as exchange,
    ):
        Telling(device.config.certificates).round(here(store), exchange)
    assert device.sync("errands")[:2] == (0, "all done\n")
    said = shown(site, device)["report"]
    assert said["welfare"]["security_level"] == "weak"
    assert said["welfare"]["entries"] >= 1
    assert (said["waiting"], said["oldest"], said["dead"], said["network_changed"]) == (0, None, {}, False)
    assert said["certificate_until"] > now_ms()
    assert device.requests() == []


def test_a_request_of_the_kiosk_that_is_no_report_is_dropped(device: Kiosk) -> None:
    device.request("report", b'{"name":"Sari"}')
    device.request("certificate", b"{}")
    device.request("roster_refused", b"a colleague's")
    assert device.sync("errands")[0] == 0
    left = device.requests()
    assert [row.kind for row in left] == ["roster_refused"]
    with closing(Exchange.open(device.config.exchange)) as exchange:
        exchange.answered([row.id for row in left])


def test_another_network_is_reported_and_rings_once(site: Site, device: Kiosk) -> None:
    assert device.sync("errands")[0] == 0
    with closing(memory(device)) as marks:
        marks.keep(network="00" * 32, reported="before")
    for _ in range(2):
        assert device.sync("errands")[0] == 0
    assert rung(site, device).count("network-changed") == 1
    assert shown(site, device)["report"]["network_changed"] is True


def test_two_machines_with_one_identity_within_a_day_are_a_clone(site: Site, tmp_path: Path) -> None:
    device = at_home(site, tmp_path / "kiosk")
    assert device.sync("errands")[0] == 0
    assert "clone" not in rung(site, device)
    with closing(memory(device)) as marks:
        marks.keep(installation="ab" * 8, reported="before")
    assert device.sync("errands")[0] == 0
    assert "clone" in rung(site, device)
    assert len(shown(site, device)["installations"]) == 2


def test_where_a_device_is_plugged_in_is_told_by_a_keyed_hash_alone(tmp_path: Path) -> None:
    routes, interfaces = tmp_path / "route", tmp_path / "net"
    head = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
    routes.write_text(
        head + "eth0 00000000 0102A8C0 3 0 0 0 00000000 0 0 0\neth0 0002A8C0 00000000 1 0 0 0 00FFFFFF 0 0 0\n"
    )
    (interfaces / "eth0").mkdir(parents=True)
    (interfaces / "eth0" / "type").write_text("1\n")
    here_now = surroundings.digest(b"s" * 16, routes, interfaces)
    assert surroundings.digest(b"s" * 16, routes, interfaces) == here_now
    assert surroundings.digest(b"t" * 16, routes, interfaces) != here_now
    (interfaces / "eth0" / "wireless").mkdir()
    assert surroundings.digest(b"s" * 16, routes, interfaces) != here_now
    routes.write_text(head + "eth0 00000000 0101A8C0 3 0 0 0 00000000 0 0 0\n")
    elsewhere = surroundings.digest(b"s" * 16, routes, interfaces)
    assert elsewhere != here_now
    assert surroundings.digest(b"s" * 16, tmp_path / "none", tmp_path / "none") != elsewhere


def test_what_waits_is_counted_by_reason_and_by_the_age_of_the_oldest(tmp_path: Path) -> None:
    door = Door(tmp_path / "door")
    with closing(Exchange.open(door.path)) as exchange:
        assert (exchange.oldest_waiting(), exchange.set_aside()) == (None, {})
        door.check_in(4, local_every=1_000)
        exchange.park(door.ids[:3], "field_rejected")
        exchange.park(door.ids[2:3], "server_bug")
        assert exchange.set_aside() == {"field_rejected": 2, "server_bug": 1}
        assert abs((exchange.oldest_waiting() or 0) - now_ms()) < 60_000
        first, second = exchange.request("report", b"1"), exchange.request("report", b"2")
        exchange.answered([first, 99])
        assert [row.id for row in exchange.requests(0)] == [second]
        exchange.answered([second])
        assert exchange.request("report", b"3") > second, "a number is used once"


# certificates of erasure


def erasure(device: Kiosk, key: SigningKey, *, finished: int = 0, name: str = "") -> bytes:
    one = sample()
    note = checkpoint.sign(checkpoint.Checkpoint(device.device, 5, spine.genesis("x")), key)
    changed = replace(one, device=device.device, checkpoint=note, finished=one.finished + finished, id=name or one.id)
    return certificate.sign(changed, key)


def stored(site: Site, device: Kiosk) -> list[bytes]:
    with closing(sqlite3.connect(site.root / "hq.db")) as view:
        asked_for = "SELECT body FROM erasure_certificates WHERE device = ? ORDER BY id"
        return [row[0] for row in view.execute(asked_for, [device.device])]


def test_a_certificate_of_erasure_reaches_headquarters_and_the_later_one_stays(site: Site, device: Kiosk) -> None:
    key = signing(device)
    first, later = erasure(device, key), erasure(device, key, finished=1)
    for each in (later, first):
        device.request("certificate", each)
    assert device.sync("errands")[:2] == (0, "all done\n")
    assert later in stored(site, device)
    assert first not in stored(site, device)
    assert device.requests() == []


def test_a_certificate_that_another_key_signed_waits_and_does_not_hold_up_the_others(site: Site, device: Kiosk) -> None:
    device.request("certificate", erasure(device, KEY, name="00" * 8))
    good = erasure(device, signing(device), name="11" * 8)
    device.request("certificate", good)
    status, printed, _ = device.sync("errands")
    assert (status, printed) == (1, "certificates: hq_bad_signature\n")
    assert good in stored(site, device)
    left = device.requests()
    assert len(left) == 1
    with closing(Exchange.open(device.config.exchange)) as exchange:
        exchange.answered([left[0].id])


def test_the_longest_certificate_that_a_kiosk_can_sign_fits_into_a_request() -> None:
    most = 2**53 - 1
    longest = Certificate(
        id="ff" * 8,
        device=DEVICE,
        scope=Scope.EVERYTHING,
        subject="",
        seq=most,
        checkpoint=checkpoint.sign(checkpoint.Checkpoint(DEVICE, most, b"\xff" * 32), KEY),
        began=253_402_300_799_999,
        finished=253_402_300_799_999,
        clock=sample().clock,
        destroyed=dict.fromkeys(CLASSES[Scope.EVERYTHING], most),
        searched=dict.fromkeys(Place, Searched(most, most)),
        pieces=most,
        root_key=sample().root_key,
        limits=tuple(Limit),
    )
    assert len(certificate.sign(longest, KEY)) < telling._LONGEST


def test_the_kiosk_passes_on_each_certificate_once_and_again_to_a_new_exchange(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    config.certificates.mkdir(mode=0o700)
    (config.certificates / "one.json").write_bytes(b"1\n")
    (config.certificates / "long.json").write_bytes(b"1" * 5_000)
    with closing(Store.open(config.state, FileRootKey(config.state / "root.key"))) as store:
        outbox.begin_anew(config.exchange).close()
        for _ in range(2):  # the second is a kiosk that was started again
            with closing(Exchange.open(config.exchange)) as exchange:
                telling_now = Telling(config.certificates)
                for _ in range(2):
                    telling_now.round(here(store), exchange)
                    telling_now._looked_at = None
                assert sorted(row.kind for row in exchange.requests(0)) == ["certificate", "report"]
        config.exchange.unlink()
        with closing(outbox.begin_anew(config.exchange)) as exchange:
            Telling(config.certificates).round(here(store), exchange)
            assert sorted(row.kind for row in exchange.requests(0)) == ["certificate", "report"]


# backups


def test_backups_are_carried_once_kept_closed_and_come_back_as_they_were(
    site: Site, device: Kiosk, tmp_path: Path
) -> None:
    content = b"age-encryption.org/v1" + bytes(3_000_000)
    path = spooled(device, 1, content)
    (device.config.offsite / "notes.txt").write_text("no backup")
    (device.config.offsite / NAME.format(device=device.device, number=2)).symlink_to(device.folder / "sync" / "tls.pem")
    for _ in range(2):
        assert device.sync("errands")[:2] == (0, "all done\n")
    listed = asked(site, "backup", "list", "--device", device.device, "--json")["backups"]
    digest = hashlib.sha256(content).hexdigest()
    assert [(one["id"], one["sha256"], one["size"]) for one in listed] == [(path.name, digest, len(content))]
    lies = site.root / "backups" / device.device / path.name
    assert (stat.S_IMODE(lies.stat().st_mode), lies.read_bytes()) == (0o600, content)
    carried = [json.loads(row.body) for row in device.inbox("carried")]
    assert [(one["id"], one["sha256"]) for one in carried] == [(path.name, digest)]
    out = tmp_path / "copy.age"
    taken = ("--device", device.device, "--id", path.name, "--out")
    assert told(site, "backup", "get", *taken, str(out))[0] == 0
    assert out.read_bytes() == content
    lies.chmod(0o600)
    lies.write_bytes(content[:-1] + b"x")
    status, _, why = told(site, "backup", "get", *taken, str(tmp_path / "other.age"))
    assert (status, "is not the one that came" in why) == (2, True)
    assert not (tmp_path / "other.age").exists()


def test_the_newest_backup_goes_first_and_headquarters_keeps_the_last_few(site: Site, tmp_path: Path) -> None:
    device = at_home(site, tmp_path / "kiosk")
    assert asked(site, "backup", "limit", "--keep", "3", "--json") == {"mib": 256, "keep": 3}
    for number in range(1, 6):
        spooled(device, number, b"%d" % number)
    assert device.sync("errands")[0] == 0
    kept = asked(site, "backup", "list", "--device", device.device, "--json")["backups"]
    assert len(kept) == 3
    assert {path.name for path in (site.root / "backups" / device.device).iterdir()} == {one["id"] for one in kept}
    names = [row["id"] for row in (json.loads(one.body) for one in device.inbox("carried"))]
    assert [name.rsplit("-", 1)[1][8:10] for name in names] == ["05", "04", "03", "02", "01"]
    assert asked(site, "backup", "limit", "--keep", "14", "--json")["keep"] == 14


def test_a_backup_that_is_too_large_is_refused_and_the_next_one_goes(site: Site, tmp_path: Path) -> None:
    device = at_home(site, tmp_path / "kiosk")
    assert told(site, "backup", "limit", "--mib", "1", "--json")[0] == 0
    try:
        large = spooled(device, 2, bytes((1 << 20) + 1))
        small = spooled(device, 1, b"small")
        status, printed, _ = device.sync("errands")
    finally:
        assert told(site, "backup", "limit", "--mib", "256", "--json")[0] == 0
    assert (status, printed) == (1, "backups: http_413\n")
    kept = asked(site, "backup", "list", "--device", device.device, "--json")["backups"]
    assert [one["id"] for one in kept] == [small.name]
    assert not [path for path in (site.root / "backups" / device.device).iterdir() if path.name.startswith(".")]
    assert large.exists()
