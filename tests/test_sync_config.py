"""sync.toml: closed, complete, https to the registered recipient, or refused with the name of the key."""

from pathlib import Path

import pytest
from sync_house import Authority, Door, write_config

from sync.__main__ import main
from sync.config import Actions, Csv, Frappe, Odoo, SettingsError, backend_word, credential_text, read, secret


@pytest.fixture
def config(tmp_path: Path) -> Path:
    door = Door(tmp_path / "door")
    return write_config(
        door,
        "https://127.0.0.1:8443",
        "ambang-hq/main",
        bytes(32),
        *(Path(n) for n in ("ca.pem", "tls.pem", "tls.key")),
    )


def test_paths_start_at_the_folder_of_the_file(config: Path) -> None:
    settings = read(config)
    assert settings.device == "door-1"
    assert settings.exchange == config.parent / "exchange.db"
    assert settings.hq.ca == config.parent / "ca.pem"
    assert len(settings.device_public) == len(settings.hq.public) == 32
    assert secret(settings.exchange_key) == bytes(range(32))


CHANGES = {
    "an unknown key": ('device = "door-1"', 'device = "door-1"\ncolour = "red"'),
    "a missing key": ('device = "door-1"', ""),
    "an unknown table": ("[hq]", "[odoo]\n[hq]"),
    "no recipient": ("[recipient]", "[recipients]"),
    "a table that is none": ("[recipient]", "[recipient.host]"),
    "a number": ('device = "door-1"', "device = 1"),
    "no legal ground": ('ground = "a ground"', 'ground = " "'),
    "plain http": ("https://", "http://"),
    "a password in the address": ("https://127", "https://me:secret@127"),
    "an address that ends too early": ("https://", "https://["),
    "a port that is none": (":8443", ":99999"),
    "a device that is none": ('"door-1"', '"door 1"'),
    "a query": (":8443", ":8443/?a=b"),
    "a host that is not registered": ('host = "127.0.0.1"', 'host = "hq.example"'),
    "a short key": ("00" * 32, "00" * 31),
    "a key that is none": ("00" * 32, "zz" * 32),
    "no TOML": ("[hq]", "[hq"),
    "far too much": ("[hq]", "#" * 70_000 + "\n[hq]"),
}


@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES)
def test_anything_else_is_refused(config: Path, before: str, after: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text()
    assert before in text
    config.write_text(text.replace(before, after))
    with pytest.raises(SettingsError):
        read(config)
    assert main(["status", "--config", str(config)]) == 2
    assert "secret" not in capsys.readouterr().err


def test_a_missing_file_or_a_key_of_another_size_is_refused(config: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        read(tmp_path / "none.toml")
    with pytest.raises(SettingsError):
        secret(tmp_path / "none.key")
    (config.parent / "exchange.key").write_bytes(b"short")
    with pytest.raises(SettingsError, match=r"exchange\.key"):
        secret(config.parent / "exchange.key")
    assert main(["status", "--config", str(config)]) == 2


def test_the_device_enrols_itself_before_there_is_a_certificate(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["enrol-device", "--config", str(config)]) == 0
    assert capsys.readouterr().out == f"{config.parent / 'tls.csr'}\n"
    assert (config.parent / "tls.csr").read_bytes().startswith(b"-----BEGIN CERTIFICATE REQUEST-----")
    (config.parent / "tls.key").unlink()
    (config.parent / "tls.key").write_text("no key")
    assert main(["enrol-device", "--config", str(config)]) == 2


def test_without_an_exchange_there_is_a_plain_answer(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "exchange.db").unlink()
    assert main(["once", "--config", str(config)]) == 1
    assert capsys.readouterr().err == "exchange.db\n"


def test_without_a_certificate_everything_stays_and_a_person_is_asked(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Door(config.parent).check_in(1)
    assert main(["once", "--config", str(config)]) == 1
    assert capsys.readouterr().out == "waiting 1, config certificate_unusable\n"


REGISTER = "[recipient]\n" + "".join(
    f'{name} = "x"\n' for name in ("name", "category", "purpose", "country", "ground", "evidence", "date")
)
FRAPPE = '[frappe]\nurl = "https://127.0.0.1:1/"\nca = "ca.pem"\ncredential = "key"\nmode = "keyed"\n'
ODOO = '[odoo]\nurl = "https://127.0.0.1:1"\nca = "ca.pem"\ncredential = "key"\ndatabase = "db"\n'
CSV = '[csv]\nfolder = "drop"\n'
HOST = 'host = "127.0.0.1"\n'


def elsewhere(tmp_path: Path, table: str, rest: str = "") -> Path:
    door = Door(tmp_path / "door")
    config = door.folder / "sync.toml"
    config.write_text(
        f'device = "door-1"\ndevice_public = "{"01" * 32}"\nexchange = "exchange.db"\nexchange_key = "exchange.key"\n'
        f'journal = "sync.db"\n{table}{REGISTER}{"" if "[csv]" in table else HOST}{rest}'
    )
    return config


def test_sync_delivers_to_one_of_four_backends(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "door"
    assert backend_word(read(config).target) == "hq"
    frappe = read(elsewhere(tmp_path, FRAPPE)).target
    assert frappe == Frappe("https://127.0.0.1:1", folder / "ca.pem", folder / "key", "keyed")
    odoo = read(elsewhere(tmp_path, ODOO.replace("[odoo]", '[odoo]\nkey_expires = "2027-01-31"')))
    assert odoo.target == Odoo("https://127.0.0.1:1", folder / "ca.pem", "db", folder / "key", "2027-01-31")
    assert odoo.actions == Actions()
    csv = read(elsewhere(tmp_path, CSV, 'host = ""\n'))
    assert (csv.target, csv.recipient.host) == (Csv(folder / "drop"), "")
    with pytest.raises(SettingsError, match="hq"):
        csv.hq  # noqa: B018


def test_the_sentence_says_what_is_missing_and_what_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"keys of csv: missing: folder; unknown: directory$"):
        read(elsewhere(tmp_path, CSV.replace("folder", "directory")))
    with pytest.raises(SettingsError, match="has 0; `kiosk-sync enrol-device` with an invitation"):
        read(elsewhere(tmp_path, ""))


def test_what_a_backend_makes_of_the_other_actions_can_be_said(tmp_path: Path) -> None:
    assert read(elsewhere(tmp_path, FRAPPE)).actions == Actions(trip="request")
    said = read(elsewhere(tmp_path, FRAPPE, '[actions]\nbreak_start = "out"\nbreak_end = "in"\ntrip = ""\n')).actions
    assert said == Actions(break_start="out", break_end="in", trip="")


@pytest.mark.parametrize(
    ("table", "rest"),
    [
        ("", HOST),
        (FRAPPE + CSV, ""),
        (FRAPPE.replace("keyed", "guess"), ""),
        (FRAPPE.replace("https", "http"), ""),
        (FRAPPE.replace("127.0.0.1", "other.example"), ""),
        (FRAPPE.replace("[frappe]", '[frappe]\nsite_zone = "no zone"'), ""),
        (ODOO.replace("[odoo]", '[odoo]\nkey_expires = "soon"'), ""),
        (ODOO.replace("database", "databases"), ""),
        (ODOO, '[actions]\nbreak_start = "sideways"\n'),
        (ODOO, '[actions]\nlunch = "in"\n'),
        (ODOO, "[actions]\nbreak_start = 1\n"),
        (CSV, '[actions]\nbreak_start = "in"\n'),
        (CSV.replace("drop", " "), ""),
        ("csv = 1\n", ""),
    ],
)
def test_a_backend_that_is_half_described_is_refused(tmp_path: Path, table: str, rest: str) -> None:
    with pytest.raises(SettingsError):
        read(elsewhere(tmp_path, table, rest))


@pytest.mark.parametrize("table", [FRAPPE, ODOO], ids=["frappe", "odoo"])
def test_a_backend_that_cannot_be_reached_takes_nothing_and_loses_nothing(
    tmp_path: Path, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = elsewhere(tmp_path, table)
    door = Door(tmp_path / "door")
    door.check_in(2, local_every=100)
    authority = Authority(tmp_path / "authority")
    (config.parent / "ca.pem").write_bytes(authority.pem.read_bytes())
    key = config.parent / "key"
    key.write_text("key:secret\n")
    key.chmod(0o600)
    assert main(["preflight", "--config", str(config), "--json"]) == 1
    assert main(["once", "--config", str(config)]) == 1
    assert "waiting 2, offline" in capsys.readouterr().out
    assert door.unsettled() == 2


def test_a_credential_is_one_line_that_nobody_else_may_read(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("key:secret\n")
    file.chmod(0o640)
    with pytest.raises(SettingsError, match="0400 or 0600"):
        credential_text(file)
    for mode in (0o400, 0o600):
        file.chmod(mode)
        assert credential_text(file) == "key:secret"
    for bad in ("", "two\nlines", "a b", "k\xe9y", "x" * 600):
        file.chmod(0o600)
        file.write_text(bad)
        with pytest.raises(SettingsError, match="one line"):
            credential_text(file)
    with pytest.raises(SettingsError):
        credential_text(tmp_path / "none")
