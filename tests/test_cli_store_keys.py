"""`kiosk store create, rotate, provider, device-key`, as a technician types them."""

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from process_kit import ending
from roots_kit import PHRASE, board, needs_tpm, software_tpm
from store_kit import OPENED, Hands, enrolled

from kiosk.__main__ import main
from kiosk.store import Store, roots, rotate
from kiosk.store.roots import FileRootKey, passphrase
from kiosk.store.vault import Cost

OTHER = "eleven small owls at noon"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrase, "calibrated", lambda: Cost(64, 1, 1))
    monkeypatch.setenv("LC_ALL", "C")


def typing(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def said(capsys: pytest.CaptureFixture[str], data: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What a verb answers with --json; for a fault its sentences."""
    capsys.readouterr()
    assert main(["store", *arguments, "--data", str(data), "--json"]) == code
    out, err = capsys.readouterr()
    answer: dict[str, Any] = json.loads(out) if out else {"err": err}
    return answer


def opened(data: Path) -> Store:
    store = Store.open(data / "state", roots.of(data / "state"), clock=Hands())
    OPENED.append(store)
    return store


def test_a_store_is_made_with_its_exchange_key_and_says_how_safe_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = said(capsys, tmp_path, "create")
    assert (made["provider"], made["security_level"]) == ("file", "weak")
    store = opened(tmp_path)
    assert (made["device"], made["device_public"]) == (store.device_id, store.device_public.hex())
    assert len((tmp_path / "exchange.key").read_bytes()) == 32
    assert json.loads((tmp_path / "state" / "root.json").read_text()) == {"provider": "file", "file": "root.key"}
    assert "store already (records.db)" in said(capsys, tmp_path, "create", code=2)["err"]


def test_people_read_in_plain_words_what_a_thief_of_the_card_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["store", "create", "--data", str(tmp_path)]) == 0
    assert "weak: whoever takes this memory card can open the store." in capsys.readouterr().out
    command = board(tmp_path / "board")
    assert main(["store", "provider", "pi-otp", "--command", command, "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "hardware: whoever takes the memory card alone cannot open the store" in out
    assert "still opens for whoever has the old root key" in out
    assert main(["store", "rotate", "--data", str(tmp_path)]) == 0
    assert "The store key is renewed. " in capsys.readouterr().out
    assert main(["store", "device-key", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{opened(tmp_path).device_public.hex()}\n"


def test_what_a_power_cut_left_of_a_creation_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, tmp_path, "create")
    key = (tmp_path / "exchange.key").read_bytes()
    (tmp_path / "exchange.key").unlink()
    assert said(capsys, tmp_path, "create")["written"] == "exchange.key"
    assert (tmp_path / "exchange.key").read_bytes() == key


def test_beside_the_exchange_key_of_another_store_none_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "exchange.key").write_bytes(bytes(32))
    assert "(exchange.key)" in said(capsys, tmp_path, "create", code=2)["err"]
    assert not (tmp_path / "state").exists()


def test_a_root_key_that_is_described_already_is_used_and_none_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store was set aside; its root key, which may be all that opens it, stays what it is."""
    typing(monkeypatch, PHRASE)
    said(capsys, tmp_path, "create", "--key-provider", "passphrase")
    before = (tmp_path / "state" / "root.json").read_bytes()
    assert Store.set_aside(tmp_path / "state") is not None
    (tmp_path / "exchange.key").unlink()
    refused = said(capsys, tmp_path, "create", "--key-provider", "file", code=2)["err"]
    assert "names the provider passphrase" in refused
    typing(monkeypatch, OTHER)
    assert "passphrase is wrong" in said(capsys, tmp_path, "create", code=2)["err"]
    typing(monkeypatch, PHRASE)
    assert said(capsys, tmp_path, "create")["provider"] == "passphrase"
    assert (tmp_path / "state" / "root.json").read_bytes() == before


def test_a_passphrase_is_chosen_asked_for_and_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch, "too short")
    assert "(15 to 1024 characters)" in said(capsys, tmp_path, "create", "--key-provider", "passphrase", code=2)["err"]
    typing(monkeypatch, PHRASE)
    assert said(capsys, tmp_path, "create", "--key-provider", "passphrase")["security_level"] == "passphrase"
    typing(monkeypatch, PHRASE, OTHER)
    changed = said(capsys, tmp_path, "provider", "passphrase")
    assert changed["old_key_destroyed"] is False
    assert changed["store_key_epoch"] == changed["kek_epoch"] == 2
    typing(monkeypatch, PHRASE)
    assert "passphrase is wrong" in said(capsys, tmp_path, "rotate", code=2)["err"]
    typing(monkeypatch)
    assert "no passphrase was typed" in said(capsys, tmp_path, "rotate", code=2)["err"]
    typing(monkeypatch, OTHER)
    assert said(capsys, tmp_path, "rotate")["store_key_epoch"] == 3


def test_on_a_terminal_a_new_passphrase_is_typed_twice_and_never_shown(tmp_path: Path) -> None:
    def typed(*lines: str) -> tuple[int, bytes]:
        """Type each line when it is asked for: what was typed before is thrown away."""
        leader, follower = pty.openpty()
        where = ("--key-provider", "passphrase", "--data", str(tmp_path))
        command = [sys.executable, "-m", "kiosk", "store", "create", *where]
        with ending(
            subprocess.Popen(command, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ) as process:
            assert process.stdout is not None
            os.close(follower)
            out = b""
            for line in lines:
                while not out.endswith(b": ") and (more := process.stdout.read(1)):
                    out += more
                os.write(leader, f"{line}\n".encode())
                out += process.stdout.read(1)
            out += process.stdout.read()
        os.close(leader)
        return process.returncode, out

    code, out = typed(PHRASE, OTHER)
    assert code == 2
    assert b"typed differently" in out
    code, out = typed(PHRASE, PHRASE)
    assert code == 0, out
    assert PHRASE.encode() not in out
    described = json.loads((tmp_path / "state" / "root.json").read_text())
    assert described["memory_kib"] >= 65_536
    assert described["passes"] >= 3


def test_the_kiosk_asks_for_the_passphrase_before_it_draws_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch, PHRASE)
    said(capsys, tmp_path, "create", "--key-provider", "passphrase")
    (tmp_path / "kiosk.toml").touch()
    for given, sentence in ((f"{OTHER}\n", "The passphrase is wrong"), ("", "no passphrase was typed")):
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", "run", "--config", str(tmp_path / "kiosk.toml")],
            check=False,
            input=given,
            capture_output=True,
            text=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        assert done.returncode == 2
        assert sentence in done.stderr


def test_the_device_key_is_written_to_a_file_for_another_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, tmp_path, "create")
    out = tmp_path / "device.key"
    said(capsys, tmp_path, "device-key", "--out", str(out))
    assert out.read_text() == f"{said(capsys, tmp_path, 'device-key')['device_public']}\n"
    assert len(out.read_text()) == 65
    assert out.stat().st_mode & 0o777 == 0o644


def test_keys_that_did_not_open_make_a_rotation_end_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, tmp_path, "create")
    store = opened(tmp_path)
    enrolled(store)
    with store.database.write():
        store.database.run(
            "UPDATE keys SET wrapped = CAST(substr(wrapped, 1, 40) || x'00000000' || substr(wrapped, 45) AS BLOB)"
            " WHERE kind = 'biometric'"
        )
    store.close()
    assert said(capsys, tmp_path, "rotate", code=1)["damaged"] == 1
    assert main(["store", "rotate", "--data", str(tmp_path)]) == 1
    assert "1 wrapped keys did not open and stay behind" in capsys.readouterr().out


def test_a_timer_rotates_only_a_key_that_is_old(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, tmp_path, "create")
    assert said(capsys, tmp_path, "rotate", "--older-than", "90") == {"age_days": 0}
    assert said(capsys, tmp_path, "rotate", "--older-than", "0")["store_key_epoch"] == 2
    store = opened(tmp_path)
    with store.database.write():
        store.database.run("UPDATE keys SET created_at = created_at - 91 * 86400000 WHERE kind = 'store'")
    store.close()
    assert said(capsys, tmp_path, "rotate", "--older-than", "90")["store_key_epoch"] == 3
    store = opened(tmp_path)
    with store.database.write():
        rotate.begin(store)
    store.close()
    assert said(capsys, tmp_path, "rotate", "--older-than", "90")["store_key_epoch"] == 4  # what was open is finished


def test_a_credential_has_to_be_handed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    refused = said(capsys, tmp_path, "create", "--key-provider", "credential", code=2)["err"]
    assert "ambang-root: no $CREDENTIALS_DIRECTORY" in refused
    (tmp_path / "ambang-root").write_bytes(b"k" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert said(capsys, tmp_path, "create", "--key-provider", "credential")["security_level"] == "weak"
    assert not list((tmp_path / "state").glob("*.key"))
    opened(tmp_path)


@needs_tpm
def test_a_store_moves_into_a_tpm_and_its_copies_die_at_the_next_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, tmp_path, "create")
    with software_tpm() as device:
        first = said(capsys, tmp_path, "provider", "tpm2", "--device", device)
        assert (first["security_level"], first["old_key_destroyed"]) == ("weak", False)  # a TPM in software
        assert said(capsys, tmp_path, "provider", "tpm2", "--device", device)["old_key_destroyed"] is True
        assert main(["store", "provider", "file", "--data", str(tmp_path)]) == 0
        assert "does not open any more" in capsys.readouterr().out
    assert FileRootKey.described(tmp_path / "state", roots.of(tmp_path / "state").describe()).read()
    opened(tmp_path)
