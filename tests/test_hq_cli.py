"""The commands of kiosk-hq: what they make, what they print, and what they refuse in one sentence."""

import json
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hq_site import Site, check_in, found, make_door, register, running
from sqlalchemy import select

from hq import ca, office, sqlite
from hq.__main__ import main
from hq.database import reading, roster
from hq.office import keep_server_certificate, open_office
from hq.refusals import Refused
from hq.roster import name_of
from hq.schema import create
from wire.signing import SigningKey


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return found(tmp_path)


def sentence(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused; returns the sentence it says."""
    assert main(list(arguments)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("kiosk-hq: ")
    assert said.err.count("\n") == 1
    return said.err.removeprefix("kiosk-hq: ").strip()


def test_init_makes_a_house_that_only_its_owner_can_read(tmp_path: Path) -> None:
    root = tmp_path / "made" / "hq"
    command = [sys.executable, "-m", "hq", "init", "--data", str(root), "--name", "kantor", "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert list(told) == ["name", "public", "ca", "access_code"]
    assert told["name"] == "ambang-hq/kantor"
    assert told["ca"] == str(root / "ca.pem")
    assert SigningKey.from_bytes((root / "signing.key").read_bytes()).public.hex() == told["public"]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in root.iterdir()}
    assert {name: modes[name] for name in ("seal.key", "signing.key", "ca.key", "server.key")} == {
        "seal.key": 0o400,
        "signing.key": 0o400,
        "ca.key": 0o400,
        "server.key": 0o400,
    }
    assert modes["hq.db"] == 0o600
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert list(root.parent.iterdir()) == [root]
    with running(Site(root, told["name"], bytes.fromhex(told["public"]), told["access_code"])):
        pass


def test_init_in_words_shows_the_code_of_the_first_start_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--data", str(tmp_path / "hq"), "--name", "ambang-hq/kantor", "--host", "hq.example"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "Name: ambang-hq/kantor"
    assert said.count("Code for the first account of HQ's page, shown this once: ") == 1
    server = x509.load_pem_x509_certificate((tmp_path / "hq/server.pem").read_bytes())
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["hq.example"]


@pytest.mark.parametrize("name", ["", "Kantor", "a b", "-a", "a" * 49, "ambang-hq/", "a/b", "naïef"])
def test_init_refuses_a_name_that_is_not_plain(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    said = sentence(capsys, "init", "--data", str(tmp_path / "hq"), f"--name={name}")
    assert said.startswith("The name is 1 to 48 small letters")
    assert list(tmp_path.iterdir()) == []


def test_init_never_moves_in_over_something_else(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    before = (site.root / "seal.key").read_bytes()
    assert "is not empty" in sentence(capsys, "init", "--data", str(site.root), "--name", "kantor")
    assert (site.root / "seal.key").read_bytes() == before


@pytest.mark.parametrize("what", ["missing", "empty", "foreign", "garbage", "older"])
def test_a_database_that_is_not_hq_s_is_refused(site: Site, capsys: pytest.CaptureFixture[str], what: str) -> None:
    database = site.root / "hq.db"
    match what:
        case "missing":
            database.unlink()
        case "empty":
            database.write_bytes(b"")
        case "garbage":
            database.write_bytes(b"not a database " * 1000)
        case "foreign" | "older":
            with sqlite3.connect(database) as edit:
                name = "application_id" if what == "foreign" else "user_version"
                edit.execute(f"PRAGMA {name} = 99")
            edit.close()
    assert "hq.db" in sentence(capsys, "export", "--data", str(site.root), "--json")


def test_a_database_is_never_written_over(site: Site) -> None:
    with pytest.raises(Refused):
        create(site.root / "hq.db")


def test_a_database_that_somebody_holds_is_told_in_a_sentence(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(site.root / "hq.db")) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert "busy or does not answer" in sentence(capsys, "access", "renew", "--data", str(site.root))


@pytest.mark.parametrize("name", ["seal.key", "signing.key", "ca.key"])
@pytest.mark.parametrize("what", ["readable by others", "missing", "short"])
def test_a_key_that_is_not_safe_or_not_whole_is_refused(
    site: Site, capsys: pytest.CaptureFixture[str], name: str, what: str
) -> None:
    key = site.root / name
    match what:
        case "readable by others":
            key.chmod(0o440)
        case "missing":
            key.unlink()
        case "short":
            key.unlink()
            key.write_bytes(b"short")
            key.chmod(0o400)
    door = make_door(site.root.parent, "door")
    arguments = ["device", "add", "--data", str(site.root), "--id", "door", "--public", door.key.public.hex()]
    arguments += ["--csr", str(door.tls_key.with_suffix(".csr")), "--out", str(door.certificate)]
    said = sentence(capsys, *arguments)
    assert name in said


def test_a_database_that_was_sealed_under_another_key_does_not_open(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    door = site.door("door")
    door.append(check_in())
    with running(site):
        assert site.send(door, door.batch()).status_code == 200
    capsys.readouterr()
    (site.root / "seal.key").unlink()
    (site.root / "seal.key").write_bytes(bytes(32))
    (site.root / "seal.key").chmod(0o400)
    assert "does not open with seal.key" in sentence(capsys, "export", "--data", str(site.root), "--json")


def test_the_certificate_of_a_device_is_for_ninety_days_and_for_a_client_only(site: Site) -> None:
    door = site.door("door-1")
    certificate = x509.load_pem_x509_certificate(door.certificate.read_bytes())
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=89, hours=23) < left <= timedelta(days=90)
    assert [part.value for part in certificate.subject] == ["door-1"]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_device_keeps_its_public_key_and_may_get_another_certificate(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    door = site.door("door", "Front")
    register(site, door)
    assert [row["name"] for row in site.export()["devices"]] == ["Front"]
    capsys.readouterr()
    arguments = ["device", "add", "--data", str(site.root), "--id", "door", "--public", "00" * 32]
    arguments += ["--csr", str(door.tls_key.with_suffix(".csr")), "--out", str(door.certificate)]
    assert "another public key" in sentence(capsys, *arguments)


@pytest.mark.parametrize("public", ["", "00", "zz" * 32, "00" * 33])
def test_a_public_key_that_is_none_is_refused(site: Site, capsys: pytest.CaptureFixture[str], public: str) -> None:
    door = make_door(site.root.parent, "door")
    arguments = ["device", "add", "--data", str(site.root), "--id", "door", "--public", public]
    arguments += ["--csr", str(door.tls_key.with_suffix(".csr")), "--out", str(door.certificate)]
    assert "64 hexadecimal digits" in sentence(capsys, *arguments)
    assert not door.certificate.exists()


@pytest.mark.parametrize("device", ["", " ", "a b", "a" * 65, "../a", "a+b", "-a", "é"])
def test_a_device_id_that_cannot_be_a_name_is_refused(
    site: Site, capsys: pytest.CaptureFixture[str], device: str
) -> None:
    arguments = ["--public", "00" * 32, "--csr", "none", "--out", "none"]
    assert "A device id is" in sentence(capsys, "device", "add", "--data", str(site.root), f"--id={device}", *arguments)


def test_a_certificate_that_cannot_be_written_is_said_and_the_command_may_be_repeated(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    door = make_door(site.root.parent, "door")
    arguments = ["device", "add", "--data", str(site.root), "--id", "door", "--public", door.key.public.hex()]
    arguments += ["--csr", str(door.tls_key.with_suffix(".csr"))]
    assert "cannot be written" in sentence(capsys, *arguments, "--out", str(site.root / "nowhere" / "door.pem"))
    assert main([*arguments, "--out", str(door.certificate)]) == 0


def test_an_unknown_device_cannot_be_revoked(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no device" in sentence(capsys, "device", "revoke", "--data", str(site.root), "--id", "nobody")


def _request(kind: str) -> bytes:
    pem = serialization.Encoding.PEM
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    key = ec.generate_private_key(ec.SECP256R1())
    if kind == "weak rsa":
        key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
    if kind == "odd curve":
        key = ec.generate_private_key(ec.SECP256K1())
    names = [x509.NameAttribute(NameOID.COMMON_NAME, "door")] * (2 if kind == "two names" else 1)
    subject = x509.Name([] if kind == "no name" else names)
    raw = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256()).public_bytes
    if kind == "bad signature":
        spoiled = bytearray(raw(serialization.Encoding.DER))
        spoiled[-1] ^= 1
        return x509.load_der_x509_csr(bytes(spoiled)).public_bytes(pem)
    return {"empty": b"", "garbage": b"garbage", "too long": raw(pem) + b" " * 2**15}.get(kind, raw(pem))


@pytest.mark.parametrize(
    "kind",
    ["weak rsa", "odd curve", "two names", "no name", "bad signature", "empty", "garbage", "too long"],
)
def test_a_certificate_request_that_is_no_good_is_refused(site: Site, kind: str) -> None:
    authority = ca.Authority((site.root / "ca.pem").read_bytes(), (site.root / "ca.key").read_bytes())
    assert repr(authority) == "Authority(...)"
    with pytest.raises(Refused):
        ca.issue_device(authority, _request(kind), "door", datetime.now(UTC))
    assert ca.issue_device(authority, _request("good"), "door", datetime.now(UTC)).serial


def test_a_missing_request_file_is_refused(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--public", "00" * 32, "--csr", "nowhere.csr", "--out", "none"]
    said = sentence(capsys, "device", "add", "--data", str(site.root), "--id", "door", *arguments)
    assert said == "nowhere.csr cannot be read."


def test_the_server_certificate_is_renewed_a_month_before_its_end(site: Site) -> None:
    fresh = (site.root / "server.pem").read_bytes()
    with closing(open_office(site.root)) as opened:
        keep_server_certificate(opened)
        assert (site.root / "server.pem").read_bytes() == fresh
        office._renew_server(opened.house, ["127.0.0.1"], datetime.now(UTC) - timedelta(days=368))
    old = (site.root / "server.pem").read_bytes()
    with running(site), site.client() as client:
        assert client.get("/").status_code == 200
    renewed = (site.root / "server.pem").read_bytes()
    assert renewed != old
    assert ca.last_day(renewed) > datetime.now(UTC) + timedelta(days=396)


def test_the_key_of_another_authority_signs_nothing(site: Site, tmp_path: Path) -> None:
    other = ca.found("ambang-hq/other", datetime.now(UTC))
    mixed = ca.Authority((site.root / "ca.pem").read_bytes(), other.key)
    make_door(tmp_path, "door")
    with pytest.raises(Refused, match="not the key of this authority"):
        ca.issue_device(mixed, (tmp_path / "door.csr").read_bytes(), "door", datetime.now(UTC))


def test_a_roster_gives_names_and_a_later_one_changes_them(site: Site, tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    first.write_bytes('﻿Code,Name\r\nE-1," Sari, W. "\r\n\r\nE-2,Budi\r\n'.encode())
    second.write_text("code,name\nE-2,Budi Santoso\n")
    for file in (first, second):
        assert main(["roster", "import", "--data", str(site.root), str(file)]) == 0
    with closing(open_office(site.root)) as opened, reading(opened.engine) as view:
        sealed = {row.person: row.sealed for row in view.execute(select(roster))}
        named = [name_of(opened.seals, code, sealed) for code in ("E-1", "E-2", "E-3")]
    assert named == ["Sari, W.", "Budi Santoso", None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "first line"),
        (b"name,code\nA,B\n", "first line"),
        (b"code,name\nE-1\n", "Line 2"),
        (b"code,name\nE-1,A\nE-2,\n", "Line 3"),
        (b"code,name\nE-1,A\nE-1,B\n", "Line 3 of the roster repeats"),
        (b"code,name\nE-1,A\x00B\n", "Line 2"),
        (b"code,name\nE-1,\xff\xfe\n", "UTF-8"),
        (b'code,name\nE-1,"A\n', "not a CSV file"),
        (b"code,name\n" + b"E" * 65 + b",A\n", "Line 2"),
    ],
)
def test_a_roster_that_is_not_plainly_codes_and_names_is_refused(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: bytes, said: str
) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(text)
    assert said in sentence(capsys, "roster", "import", "--data", str(site.root), str(file))


def test_the_export_is_one_json_document(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.door("door", "Front")
    capsys.readouterr()
    assert main(["export", "--data", str(site.root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["devices", "events", "refused", "duplicates", "spine"]
    assert (told["events"], told["refused"], told["duplicates"], told["spine"]) == ([], 0, 0, {"door": 0})
    assert told["devices"][0] | {"public": "", "added": 0} == {
        "id": "door",
        "name": "Front",
        "public": "",
        "added": 0,
        "last_contact": None,
    }
