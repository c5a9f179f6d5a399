"""A new device comes to its headquarters with an invitation: the real programs, from one end to the other."""

import json
import signal
import sqlite3
import stat
import tomllib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import cv2
import httpx
import pytest
import zxingcpp
from door_kit import Kiosk, asked, at_home, invited, told, wait_for
from hq_site import PROBLEM, Site, found, running
from sync_real import Programs

from hq import ca, invitations, office
from hq.refusals import Kind
from sync import provisioning, tls_key
from sync.exchange import Exchange
from wire import checks, invitation
from wire.invitation import Invitation
from wire.signing import SigningKey


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("door"))
    with running(site):
        yield site


def alarms(site: Site, device: str) -> list[str]:
    with closing(sqlite3.connect(site.root / "hq.db")) as view:
        return [row[0] for row in view.execute("SELECT kind FROM alarms WHERE device = ?", [device])]


def body(folder: Path, invited: Invitation, key: SigningKey, **other: str) -> dict[str, str]:
    """What a device would send, perhaps with something changed."""
    request = tls_key.make_request(folder / f"{invited.device}.key", invited.device)
    fingerprint = tls_key.fingerprint(folder / f"{invited.device}.key")
    proof = invitation.prove(invited.device, invited.token, fingerprint, key)
    sent = {"device": invited.device, "token": checks.to_base64url(invited.token), "csr": request.decode()}
    return {**sent, "public": key.public.hex(), "proof": proof.hex()} | other


def post(site: Site, sent: dict[str, str]) -> httpx.Response:
    with site.client() as client:
        return client.post("/v1/devices:enrol", json=sent)


def is_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)
    assert answer.json()["type"] == f"urn:ambang:problem:{Kind.INVITATION_REFUSED}"


def test_a_new_device_is_enrolled_by_two_commands_and_delivers(site: Site, tmp_path: Path) -> None:
    device = Kiosk(tmp_path / "kiosk")
    status, printed, _ = device.enrol()
    assert (status, printed.strip()) == (0, str(device.folder / "sync" / "tls.csr"))
    line = invitation.write(invited(site, device.device, "--name", "Front"))
    assert device.vouch(line)[0] == 0
    status, printed, _ = device.enrol()
    assert status == 0
    assert f'[headquarters]\nname = "{site.name}"\npublic = "{site.public.hex()}"' in printed
    assert (device.settings.hq.url, device.settings.hq.name, device.settings.hq.public) == (
        site.url,
        site.name,
        site.public,
    )
    assert device.toml.read_text().count("[recipient]  # who receives") == 1, "what an administrator wrote stays"
    assert device.requests() == [], "the token lies nowhere any more"
    assert stat.S_IMODE(device.settings.hq.certificate.stat().st_mode) == 0o400
    assert device.sync("errands")[:2] == (0, "all done\n")
    assert device.sync("once")[0] == 0
    shown = asked(site, "device", "show", "--id", device.device, "--json")
    assert (shown["state"], shown["name"], shown["public"]) == ("trusted", "Front", device.public.hex())
    assert shown["report"]["device"] == device.device
    assert shown["alarms"] == []
    lines = told(site, "device", "show", "--id", device.device)[1].splitlines()
    assert {"  network changed: no", "  detail: -"} <= {*lines}
    assert not [line for line in lines if str(shown["report"]["at"]) in line], "a moment is shown as people read it"


def test_sync_waits_for_the_kiosks_word_and_goes_on_by_itself(site: Site, tmp_path: Path) -> None:
    device = Kiosk(tmp_path / "kiosk")
    made = invited(site, device.device)
    programs = Programs()
    try:
        parts = ("--url", made.url, "--token", checks.to_base64url(made.token), "--pin", checks.to_base64url(made.pin))
        log = tmp_path / "log"
        waiting = programs.start("sync", "enrol-device", "--config", str(device.toml), *parts, log=log)
        wait_for(lambda: "kiosk device enrol --invitation" in log.read_text())
        assert device.vouch(invitation.write(made))[0] == 0
        assert waiting.wait(30) == 0
    finally:
        programs.close()
    assert device.settings.hq.name == site.name


def test_a_token_that_begins_with_a_dash_is_no_option(tmp_path: Path) -> None:
    device = Kiosk(tmp_path / "kiosk")
    token, pin = (checks.to_base64url(b"\xfb" * size) for size in (16, 32))
    assert (token[0], pin[0]) == ("-", "-")
    waited = device.enrol("--url", "https://127.0.0.1:1", "--token", token, "--pin", pin, "--wait", "0")
    assert (waited[0], "has not vouched" in waited[2]) == (1, True)


def test_an_invitation_is_good_once_and_its_lost_answer_is_given_again(site: Site, tmp_path: Path) -> None:
    made, key = invited(site, "once-1"), SigningKey.generate()
    sent = body(tmp_path, made, key)
    first = post(site, sent)
    assert first.status_code == 200
    assert post(site, sent).json() == first.json(), "the very same request: its answer was lost"
    (tmp_path / "once-1.key").unlink()
    is_refused(post(site, body(tmp_path, made, key)))  # another TLS key
    assert alarms(site, "once-1") == ["invitation-refused"]


def test_a_token_that_is_wrong_late_of_another_device_or_without_proof_is_refused(site: Site, tmp_path: Path) -> None:
    made, key = invited(site, "late-1"), SigningKey.generate()
    right = body(tmp_path, made, key)
    is_refused(post(site, body(tmp_path, Invitation(made.url, "late-1", b"x" * 16, made.pin), key)))
    is_refused(post(site, right | {"proof": "00" * 64}))
    is_refused(post(site, right | {"public": SigningKey.generate().public.hex()}))
    is_refused(post(site, body(tmp_path, Invitation(made.url, "nobody", made.token, made.pin), key)))
    other = invited(site, "other-1")
    is_refused(post(site, body(tmp_path, Invitation(made.url, "other-1", made.token, other.pin), key)))
    with closing(office.open_office(site.root)) as opened:
        late = json.dumps(right).encode()
        with pytest.raises(Exception, match="invitation-refused"):
            invitations.enrol(opened, late, int(datetime.now(UTC).timestamp() * 1000) + 25 * 3_600_000)
    assert post(site, right).status_code == 200


def test_after_ten_wrong_tokens_the_right_one_is_refused_too(site: Site, tmp_path: Path) -> None:
    made, key = invited(site, "guess-1"), SigningKey.generate()
    wrong = body(tmp_path, Invitation(made.url, "guess-1", b"x" * 16, made.pin), key)
    for _ in range(invitations.WRONG_MOST):
        is_refused(post(site, wrong))
    is_refused(post(site, body(tmp_path, made, key)))
    again = invited(site, "guess-1")
    assert post(site, body(tmp_path, again, key)).status_code == 200


def test_a_known_device_cannot_come_back_with_another_ledger_key(site: Site, tmp_path: Path) -> None:
    key = SigningKey.generate()
    assert post(site, body(tmp_path, invited(site, "known-1"), key)).status_code == 200
    again = invited(site, "known-1")
    is_refused(post(site, body(tmp_path, again, SigningKey.generate())))
    assert post(site, body(tmp_path, again, key)).status_code == 200


@pytest.mark.parametrize(
    "change", [{"vector": "0.1"}, {"device": "a b"}, {"csr": "x"}, {"token": "x"}, {"proof": "zz"}]
)
def test_an_enrolment_that_is_not_agreed_is_not_understood(site: Site, tmp_path: Path, change: dict[str, str]) -> None:
    made = Invitation(site.url, "form-1", b"x" * 16, b"y" * 32)
    answer = post(site, body(tmp_path, made, SigningKey.generate()) | change)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:ambang:problem:not-understood")


def test_only_the_hash_of_a_token_is_kept(site: Site) -> None:
    made = invited(site, "hash-1")
    raw = (site.root / "hq.db").read_bytes()
    assert made.token not in raw
    assert checks.to_base64url(made.token).encode() not in raw


def test_nothing_is_sent_to_an_authority_that_does_not_fit_the_pin(site: Site, tmp_path: Path) -> None:
    device = Kiosk(tmp_path / "kiosk")
    honest = invited(site, device.device)
    trap = invitation.write(Invitation(honest.url, honest.device, honest.token, b"\1" * 32))
    assert device.enrol()[0] == 0
    assert device.vouch(trap)[0] == 0
    before = site.log.read_text()
    status, _, said = device.enrol()
    assert (status, "does not fit the pin" in said) == (1, True)
    assert site.log.read_text() == before, "nobody came to the door"
    assert not (device.folder / "sync" / "tls.pem").exists()
    assert not (device.folder / "sync" / "ca.pem").exists()


def test_an_invitation_to_a_host_that_is_not_registered_is_refused(tmp_path: Path) -> None:
    device = Kiosk(tmp_path / "kiosk")
    elsewhere = Invitation("https://localhost:1", device.device, b"x" * 16, b"y" * 32)
    assert device.enrol()[0] == 0
    assert device.vouch(invitation.write(elsewhere))[0] == 0
    status, _, said = device.enrol()
    assert (status, "not the registered recipient" in said) == (1, True)


def test_the_kiosk_vouches_for_no_other_device_and_no_key_that_sync_did_not_show(tmp_path: Path) -> None:
    device = Kiosk(tmp_path / "kiosk")
    line = invitation.write(Invitation("https://127.0.0.1:1", device.device, b"x" * 16, b"y" * 32))
    assert "has not shown its key" in device.vouch(line)[2]
    assert device.enrol()[0] == 0
    other = invitation.write(Invitation("https://127.0.0.1:1", "another", b"x" * 16, b"y" * 32))
    assert "for another device" in device.vouch(other)[2]
    refused = device.vouch("AI1,x")
    assert (refused[0], "no invitation" in refused[2], "kiosk.toml" in refused[2]) == (2, True, False)
    assert device.requests() == []


def test_a_request_for_another_tls_key_is_not_followed(tmp_path: Path) -> None:
    device = Kiosk(tmp_path / "kiosk")
    assert device.enrol()[0] == 0
    assert (
        device.vouch(invitation.write(Invitation("https://127.0.0.1:1", device.device, b"x" * 16, b"y" * 32)))[0] == 0
    )
    wanted = provisioning.draft(device.toml)
    rows = device.requests()
    fingerprint = tls_key.fingerprint(wanted.key)
    assert provisioning.asked(rows, device.device, fingerprint) is not None
    assert provisioning.asked(rows, device.device, b"\0" * 32) is None
    assert provisioning.asked(rows, device.device, fingerprint, "AI1,another") is None


def test_the_qr_code_is_drawn_and_holds_the_invitation(site: Site, tmp_path: Path) -> None:
    for name in ("code.svg", "code.png"):
        picture = tmp_path / name
        drawn = ("device", "invite", "--id", "qr-1", "--url", site.url, "--qr", str(picture), "--json")
        line = asked(site, *drawn)["invitation"]
        assert stat.S_IMODE(picture.stat().st_mode) == 0o600
    seen = zxingcpp.read_barcodes(cv2.imread(str(tmp_path / "code.png")))
    assert [one.text for one in seen] == [line]
    assert invitation.read(line).device == "qr-1"
    status, printed, _ = told(site, "device", "invite", "--id", "qr-1", "--url", site.url)
    assert status == 0
    assert "\u2588" in printed or "\u2584" in printed
    assert told(site, "device", "invite", "--id", "qr-1", "--url", "http://x")[0] == 2
    assert told(site, "device", "invite", "--id", "qr-1", "--url", site.url, "--hours", "0")[0] == 2


def test_the_pin_is_the_hash_of_the_authority_that_anybody_can_fetch(site: Site) -> None:
    with site.client() as client:
        answer = client.get("/ca.pem")
    assert answer.status_code == 200
    assert ca.pin(answer.content) == tls_key.pin(answer.content) == invited(site, "pin-1").pin


@pytest.mark.parametrize(
    "before",
    [
        "",
        '[hq]\nurl = ""\nname = ""\npublic = ""\nca = "sync/ca.pem"\n',
        '[hq] # headquarters\n# a remark\nname = "old"  # of the office\n\n',
    ],
)
def test_sync_toml_is_completed_and_nothing_else_in_it_changes(tmp_path: Path, before: str) -> None:
    path = tmp_path / "sync.toml"
    rest = 'device = "door"\nexchange = "a/b.db"\njournal = "sync/sync.db"\n'
    path.write_text(f'{rest}{before}[recipient]\nhost = "hq.example"\n')
    wanted = provisioning.draft(path)
    made = provisioning.complete(path, wanted, provisioning.Enrolled("https://hq.example", "ambang-hq/x", b"k" * 32))
    table = tomllib.loads(made)
    assert table["hq"]["public"] == (b"k" * 32).hex()
    assert table["hq"]["ca"] == str(tmp_path / "sync" / "ca.pem")
    assert table["recipient"] == {"host": "hq.example"}
    assert rest in made
    assert ("# a remark" in made) == ("# a remark" in before)


def test_a_sync_toml_that_is_written_in_another_way_is_left_to_the_administrator(site: Site, tmp_path: Path) -> None:
    device = Kiosk(tmp_path / "kiosk")
    text = device.toml.read_text()
    device.toml.write_text(f'hq = {{ name = "old" }}\n{text}')
    assert device.enrol()[0] == 0
    assert device.vouch(invitation.write(invited(site, device.device)))[0] == 0
    status, printed, _ = device.enrol()
    assert status == 0
    assert "put this there" in printed
    device.toml.write_text(text + printed.split("\n\n")[1])
    assert device.sync("errands")[:2] == (0, "all done\n")


def test_a_running_sync_follows_an_invitation_of_the_same_headquarters(site: Site, tmp_path: Path) -> None:
    device = at_home(site, tmp_path / "kiosk")
    assert told(site, "device", "revoke", "--id", device.device)[0] == 0
    status, printed, _ = device.sync("errands")
    assert (status, "hq_certificate_withdrawn" in printed) == (1, True)
    shown = json.loads(device.sync("status")[1])
    assert (shown["state"], shown["detail"]) == ("config", "hq_certificate_withdrawn"), "although nothing waits"
    programs = Programs()
    try:
        daemon = programs.start("sync", "run", "--config", str(device.toml), log=tmp_path / "log")
        assert device.vouch(invitation.write(invited(site, device.device)))[0] == 0
        wait_for(lambda: "enrolled again" in (tmp_path / "log").read_text())
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(20) == 0
    finally:
        programs.close()
    assert device.sync("errands")[:2] == (0, "all done\n")
    shown = json.loads(device.sync("status")[1])
    assert shown["state"] in {"starting", "ok"}
    assert shown["detail"] == ""
    with closing(Exchange.open(device.config.exchange)) as exchange:
        assert exchange.requests(0) == ()
