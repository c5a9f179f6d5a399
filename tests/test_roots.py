"""Where the root key comes from: each provider with what it really is, and root.json, which is believed in nothing."""

import hmac
import json
import os
from pathlib import Path

import pytest
from roots_kit import CHEAP, PHRASE, board, program, typed

from kiosk.faults import Fault, FaultCode
from kiosk.store import SecurityLevel, roots
from kiosk.store.roots import (
    CredentialRootKey,
    Either,
    FileRootKey,
    PassphraseRootKey,
    PiOtpRootKey,
    RootKey,
    Tpm2RootKey,
    command,
    description,
    passphrase,
)
from kiosk.store.vault import stretch

SALT = "00112233445566778899aabbccddeeff"
GOOD: dict[str, dict[str, str | int]] = {
    "file": {"provider": "file", "file": "root.key"},
    "credential": {"provider": "credential", "name": "ambang-root", "sealed": ""},
    "passphrase": {
        "provider": "passphrase",
        "salt": SALT,
        "check": SALT,
        "memory_kib": 64,
        "passes": 1,
        "lanes": 1,
    },
    "tpm2": {"provider": "tpm2", "blob": "root-0a1b2c3d.tpm2", "nv": "0x01800001", "device": "device:/dev/tpmrm0"},
    "pi-otp": {"provider": "pi-otp", "command": "/usr/bin/rpi-fw-crypto", "key_id": 1, "salt": SALT},
}
LEVELS = {
    "file": SecurityLevel.WEAK,
    "credential": SecurityLevel.WEAK,
    "passphrase": SecurityLevel.PASSPHRASE,
    "tpm2": SecurityLevel.HARDWARE,
    "pi-otp": SecurityLevel.HARDWARE,
}


def written(state: Path, value: object) -> Path:
    (state / "root.json").write_text(value if isinstance(value, str) else json.dumps(value))
    return state


def fault_of(provider: RootKey) -> tuple[FaultCode, str]:
    with pytest.raises(Fault) as raised:
        provider.read()
    return raised.value.code, raised.value.detail


@pytest.mark.parametrize("kind", GOOD)
def test_what_a_provider_describes_leads_back_to_it(kind: str, tmp_path: Path) -> None:
    provider = roots.of(written(tmp_path, GOOD[kind]))
    assert dict(provider.describe()) == GOOD[kind]
    assert provider.security_level is LEVELS[kind]
    roots.keep(tmp_path, provider)
    assert json.loads((tmp_path / "root.json").read_text()) == GOOD[kind]


def test_without_a_description_the_key_is_in_a_file(tmp_path: Path) -> None:
    provider = roots.of(tmp_path)
    assert isinstance(provider, FileRootKey)
    assert provider.path == tmp_path / "root.key"


BAD: dict[str, object] = {
    "no object": "[]",
    "no JSON": "{",
    "no text": "\udcff",
    "nothing": "",
    "a key twice": '{"provider":"file","file":"root.key","file":"other.key"}',
    "no provider": {"file": "root.key"},
    "an unknown provider": {"provider": "cloud"},
    "a number for a provider": {"provider": 1},
    "an unknown key": {**GOOD["file"], "comment": "mine"},
    "a key too few": {"provider": "tpm2", "blob": "root-0a1b2c3d.tpm2"},
    "a value of another type": {**GOOD["pi-otp"], "key_id": "1"},
    "true for one": {**GOOD["pi-otp"], "key_id": True},
    "an object within": {**GOOD["file"], "file": {}},
    "a key file elsewhere": {"provider": "file", "file": "../root.key"},
    "a hidden key file": {"provider": "file", "file": ".key"},
    "a credential elsewhere": {**GOOD["credential"], "name": "../x"},
    "a short salt": {**GOOD["passphrase"], "salt": "00"},
    "a salt of letters": {**GOOD["passphrase"], "salt": "x" * 32},
    "a short check": {**GOOD["passphrase"], "check": "00"},
    "no memory": {**GOOD["passphrase"], "memory_kib": 0},
    "all the memory": {**GOOD["passphrase"], "memory_kib": 1 << 40},
    "a year of passes": {**GOOD["passphrase"], "passes": 1 << 30},
    "no lanes": {**GOOD["passphrase"], "lanes": 0},
    "a blob elsewhere": {**GOOD["tpm2"], "blob": "/etc/passwd"},
    "an index that is not the owner's": {**GOOD["tpm2"], "nv": "0x01c00002"},
    "a device that is no device": {**GOOD["tpm2"], "device": "/dev/tpmrm0; reboot"},
    "a relative program": {**GOOD["pi-otp"], "command": "rpi-fw-crypto"},
    "a key that cannot be": {**GOOD["pi-otp"], "key_id": -1},
    "a next without a name": {**GOOD["file"], "next": GOOD["tpm2"]},
    "a name without a next": {**GOOD["file"], "opens": "00112233"},
    "a name that is none": {**GOOD["file"], "next": GOOD["tpm2"], "opens": "0011"},
    "a number for a name": {**GOOD["file"], "next": GOOD["tpm2"], "opens": 11223344},
    "a next within a next": {**GOOD["file"], "next": {**GOOD["file"], "next": GOOD["tpm2"]}, "opens": "00112233"},
    "a bad next": {**GOOD["file"], "next": {"provider": "file"}, "opens": "00112233"},
    "too much": {**GOOD["credential"], "sealed": "x" * 20_000},
}


@pytest.mark.parametrize("what", BAD)
def test_a_description_that_is_none_is_refused(what: str, tmp_path: Path) -> None:
    if what == "no text":
        (tmp_path / "root.json").write_bytes(b'{"provider":"\xff"}')
    else:
        written(tmp_path, BAD[what])
    with pytest.raises(Fault) as raised:
        roots.of(tmp_path)
    assert raised.value.code is FaultCode.CONFIG_INVALID
    assert str(tmp_path) not in raised.value.detail


def test_a_description_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root.json").mkdir()
    with pytest.raises(Fault) as raised:
        roots.of(tmp_path)
    assert raised.value.code is FaultCode.CONFIG_INVALID


def test_in_the_middle_of_a_change_the_store_tells_which_of_the_two_it_is_under(tmp_path: Path) -> None:
    one, other = FileRootKey(tmp_path / "one.key"), FileRootKey(tmp_path / "other.key")
    first, second = one.obtain(), other.obtain()
    both = {**one.describe(), "next": other.describe(), "opens": "0a0b0c0d"}
    provider = roots.of(written(tmp_path, both))
    assert isinstance(provider, Either)
    assert roots.chosen(provider, bytes.fromhex("0a0b0c0d")).read() == second
    assert roots.chosen(provider, bytes.fromhex("0a0b0c0e")).read() == first
    assert roots.chosen(one, b"any.") is one
    assert provider.read() == provider.obtain() == first
    assert provider.describe() == one.describe()
    assert provider.security_level is SecurityLevel.WEAK
    assert provider.forget() is False
    assert not one.path.exists()


def test_a_second_key_file_never_takes_the_place_of_the_first(tmp_path: Path) -> None:
    first = FileRootKey.fresh(tmp_path)
    assert first.path.name == "root.key"
    first.obtain()
    second = FileRootKey.fresh(tmp_path)
    assert second.path.name != "root.key"
    assert second.obtain() != first.read()
    assert first.forget() is False
    assert second.read()


# -- credential --------------------------------------------------------------------------------------------------------


@pytest.fixture
def handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    return tmp_path


def test_a_credential_is_32_bytes_that_systemd_hands_over(handed_over: Path) -> None:
    provider = CredentialRootKey()
    assert fault_of(provider) == (FaultCode.KEY_MISSING, "ambang-root")
    (handed_over / "ambang-root").write_bytes(b"k" * 32)
    assert provider.obtain() == provider.read() == b"k" * 32
    assert provider.forget() is False
    (handed_over / "ambang-root").write_bytes(b"k" * 33)
    assert fault_of(provider) == (FaultCode.KEY_UNREADABLE, "ambang-root: not 32 bytes")
    (handed_over / "other").mkdir()
    assert fault_of(CredentialRootKey("other")) == (FaultCode.KEY_UNREADABLE, "other: Is a directory")


def test_outside_of_a_service_there_is_no_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert fault_of(CredentialRootKey()) == (FaultCode.KEY_MISSING, "ambang-root: no $CREDENTIALS_DIRECTORY")


@pytest.mark.parametrize("content", [b"", b"no base64 at all, but longer than that", b"AAAA"])
def test_an_encrypted_file_that_is_none_makes_nothing_safe(tmp_path: Path, content: bytes) -> None:
    sealed = tmp_path / "ambang-root.cred"
    assert CredentialRootKey(sealed=str(sealed)).security_level is SecurityLevel.WEAK
    sealed.write_bytes(content)
    assert CredentialRootKey(sealed=str(sealed)).security_level is SecurityLevel.WEAK


# -- passphrase --------------------------------------------------------------------------------------------------------


def test_the_same_phrase_gives_the_same_key_and_another_phrase_is_wrong(tmp_path: Path) -> None:
    provider = PassphraseRootKey.fresh(typed(PHRASE), CHEAP)
    key = provider.obtain()
    assert provider.read() == provider.obtain() == key  # it was typed once
    roots.keep(tmp_path, provider)
    assert PHRASE not in (tmp_path / "root.json").read_text()
    assert key.hex() not in (tmp_path / "root.json").read_text()
    assert roots.of(tmp_path, ask=typed(PHRASE)).read() == key
    assert fault_of(roots.of(tmp_path, ask=typed(PHRASE.upper())))[0] is FaultCode.PASSPHRASE_WRONG
    assert fault_of(roots.of(tmp_path, ask=typed("")))[0] is FaultCode.KEY_MISSING
    assert fault_of(roots.of(tmp_path))[0] is FaultCode.KEY_MISSING
    assert provider.forget() is False


def test_a_phrase_is_the_same_however_its_letters_are_composed(tmp_path: Path) -> None:
    provider = PassphraseRootKey.fresh(typed("le caf\N{LATIN SMALL LETTER E WITH ACUTE} d'en face"), CHEAP)
    key = provider.obtain()
    roots.keep(tmp_path, provider)
    assert roots.of(tmp_path, ask=typed("le cafe\N{COMBINING ACUTE ACCENT} d'en face")).read() == key


@pytest.mark.parametrize("phrase", ["fourteen chars", "x" * 1025])
def test_a_phrase_that_is_too_short_or_endless_is_not_taken(phrase: str) -> None:
    with pytest.raises(Fault) as raised:
        PassphraseRootKey.fresh(typed(phrase), CHEAP).obtain()
    assert raised.value.code is FaultCode.PASSWORD_UNFIT


def test_two_stores_with_one_phrase_have_two_keys() -> None:
    first, second = (PassphraseRootKey.fresh(typed(PHRASE), CHEAP).obtain() for _ in range(2))
    assert first != second


def test_the_key_is_what_argon2_says() -> None:
    provider = PassphraseRootKey(bytes.fromhex(SALT), CHEAP, b"", typed(PHRASE))
    assert provider.obtain() == stretch(PHRASE, bytes.fromhex(SALT), b"", CHEAP)
    assert provider.describe()["check"] == passphrase.check_of(provider.read()).hex()


def test_a_guess_is_made_to_take_about_a_second() -> None:
    assert [passphrase.passes(seconds) for seconds in (0.01, 0.1, 0.25, 1.0, 60.0)] == [64, 10, 4, 3, 3]
    cost = passphrase.calibrated()
    assert 65_536 <= cost.memory_kib <= 262_144
    assert 3 <= cost.passes <= 64
    described = {**GOOD["passphrase"], "memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes}
    assert dict(PassphraseRootKey.described(described, None).describe()) == described


# -- pi-otp ------------------------------------------------------------------------------------------------------------


def test_the_board_computes_the_key_and_another_board_another_one(tmp_path: Path) -> None:
    provider = PiOtpRootKey(SALT, board(tmp_path / "board"))
    message = b"ambang/root/pi-otp/v1\0" + bytes.fromhex(SALT)
    assert provider.obtain() == provider.read() == hmac.digest(b"\x17" * 32, message, "sha256")
    assert PiOtpRootKey(SALT, board(tmp_path / "other", b"\x18" * 32)).read() != provider.read()
    assert PiOtpRootKey.fresh(board(tmp_path / "third")).read() != provider.read()
    assert provider.forget() is False


FAILING = {
    "a board without a key": ('echo "Last crypto error: 6 (Key not set)" >&2; exit 255', "Last crypto error: 6"),
    "silence": ("exit 3", "rpi-fw-crypto ended with 3"),
    "half a key": ("printf 0123456789", "rpi-fw-crypto answered 10 bytes"),
    "a key in digits": ("printf %064d 0", "rpi-fw-crypto answered 64 bytes"),
}


@pytest.mark.parametrize("how", FAILING)
def test_a_board_that_answers_badly_is_a_fault_that_says_what_it_said(how: str, tmp_path: Path) -> None:
    code, detail = fault_of(PiOtpRootKey(SALT, program(tmp_path, FAILING[how][0])))
    assert code is FaultCode.PROVIDER_FAILED
    assert FAILING[how][1] in detail


def test_a_key_that_the_board_does_not_have_is_a_fault(tmp_path: Path) -> None:
    code, detail = fault_of(PiOtpRootKey(SALT, board(tmp_path / "board"), key_id=2))
    assert (code, detail) == (
        FaultCode.PROVIDER_FAILED,
        "rpi-fw-crypto ended with 255: Last crypto error: 3 (Key not found)",
    )


def test_a_program_that_is_not_there_or_does_not_start_is_a_fault(tmp_path: Path) -> None:
    absent = str(tmp_path / "rpi-fw-crypto")
    assert fault_of(PiOtpRootKey(SALT, absent)) == (FaultCode.PROVIDER_FAILED, "rpi-fw-crypto is not installed")
    Path(absent).write_text("")
    assert fault_of(PiOtpRootKey(SALT, absent)) == (FaultCode.PROVIDER_FAILED, "rpi-fw-crypto cannot be started")


def test_a_program_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        command.run([program(tmp_path, "exec sleep 60")], patience_s=0.3)
    assert raised.value.detail == "rpi-fw-crypto gave no answer in 0.3 s"


def test_a_program_sees_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMBANG_SECRET", "no")
    seen = command.run([program(tmp_path, "env")]).decode()
    assert "AMBANG_SECRET" in os.environ
    assert "AMBANG_SECRET" not in seen


# -- tpm2, without a TPM -----------------------------------------------------------------------------------------------


def test_a_tpm_without_its_sealed_file_is_a_missing_key(tmp_path: Path) -> None:
    provider = Tpm2RootKey(tmp_path, "root-0a1b2c3d.tpm2", "0x01800001")
    assert fault_of(provider) == (FaultCode.KEY_MISSING, "root-0a1b2c3d.tpm2")
    (tmp_path / "root-0a1b2c3d.tpm2").mkdir()
    assert fault_of(provider) == (FaultCode.KEY_UNREADABLE, "root-0a1b2c3d.tpm2: Is a directory")


def test_new_tpm_keys_have_places_of_their_own(tmp_path: Path) -> None:
    made = [Tpm2RootKey.fresh(tmp_path).describe() for _ in range(50)]
    assert len({each["blob"] for each in made}) == len({each["nv"] for each in made}) == 50
    for each in made:
        assert dict(roots.described(tmp_path, each).describe()) == dict(each)


def test_a_tpm_in_software_is_no_hardware(tmp_path: Path) -> None:
    assert Tpm2RootKey.fresh(tmp_path, "swtpm:path=/run/S").security_level is SecurityLevel.WEAK
    assert Tpm2RootKey.fresh(tmp_path).security_level is SecurityLevel.HARDWARE


def test_a_description_is_put_in_place_whole(tmp_path: Path) -> None:
    whole = description.Description(GOOD["file"], GOOD["tpm2"], "00112233", GOOD["pi-otp"])
    description.write(tmp_path, whole)
    assert description.read(tmp_path) == whole
