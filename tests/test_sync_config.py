"""sync.toml: closed, complete, https to the registered recipient, or refused with the name of the key."""

from pathlib import Path

import pytest
from sync_house import Door, write_config

from sync.__main__ import main
from sync.config import SettingsError, read, secret


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
